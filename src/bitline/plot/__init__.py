"""Figures from waveforms and LUTs.

A panel is a function that takes an Axes and data and returns the Axes; `figure` composes
panels on a page, `save` writes it. Nothing here touches pyplot or matplotlib's global state.
"""

from __future__ import annotations

from bitline.plot.column import energy, linearity, sigma, snr, transfer
from bitline.plot.figures import figure, save, waveform_figure
from bitline.plot.waveform import transient

__all__ = [
    "energy",
    "figure",
    "linearity",
    "save",
    "sigma",
    "snr",
    "transfer",
    "transient",
    "waveform_figure",
]
