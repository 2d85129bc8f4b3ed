"""Figures from waveforms and LUTs.

A panel is a function that takes an Axes and data and returns the Axes; `figure` composes
panels on a page, `save` writes it. Nothing here touches pyplot or matplotlib's global state.
"""

from __future__ import annotations

from bitline.plot.account import account_figure
from bitline.plot.column import energy, linearity, sigma, snr, transfer
from bitline.plot.figures import figure, save
from bitline.plot.levels import levels_figure
from bitline.plot.loop import iv_loop, loop_figure
from bitline.plot.panel import along
from bitline.plot.point import point_figure
from bitline.plot.restore import errors, failures, margins, shmoo
from bitline.plot.simulation import simulation_figure, waveform_figure
from bitline.plot.store import disturb, histogram, transitions
from bitline.plot.waveform import traces

__all__ = [
    "account_figure",
    "along",
    "disturb",
    "energy",
    "errors",
    "failures",
    "figure",
    "histogram",
    "iv_loop",
    "levels_figure",
    "linearity",
    "loop_figure",
    "margins",
    "point_figure",
    "save",
    "shmoo",
    "sigma",
    "simulation_figure",
    "snr",
    "traces",
    "transfer",
    "transitions",
    "waveform_figure",
]
