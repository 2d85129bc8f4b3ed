"""Figures from waveforms and LUTs.

A panel's drawing is a function that takes an Axes and data and returns the Axes. `figure` composes the
panels that a LUT's tables have data for on a page, `figures` all pages, `save` writes one. Nothing here
but `show` touches pyplot or matplotlib's global state.
"""

from __future__ import annotations

from bitline.plot.account import account_figure
from bitline.plot.butterfly import butterfly
from bitline.plot.column import energy, linearity, sigma, snr, transfer
from bitline.plot.compute_snr import (
    compute_snr_figure,
    snr_axis_figure,
    snr_over_axis,
    snr_over_bits,
    snr_over_products,
    snr_over_range,
)
from bitline.plot.draw import along
from bitline.plot.figures import save
from bitline.plot.levels import levels_figure
from bitline.plot.loop import iv_loop, loop_figure
from bitline.plot.n_curve import n_curve
from bitline.plot.overview import figure, figures, not_drawn, panel_figures, slice_figure
from bitline.plot.point import point_figure
from bitline.plot.restore import margins
from bitline.plot.simulation import simulation_figure, waveform_figure
from bitline.plot.store import disturb, histogram, transitions
from bitline.plot.tornado import tornado_bars, tornado_figure
from bitline.plot.waveform import traces
from bitline.plot.window import show
from bitline.plot.yields import errors, failures, shmoo

__all__ = [
    "account_figure",
    "along",
    "butterfly",
    "compute_snr_figure",
    "disturb",
    "energy",
    "errors",
    "failures",
    "figure",
    "figures",
    "histogram",
    "iv_loop",
    "levels_figure",
    "linearity",
    "loop_figure",
    "margins",
    "n_curve",
    "not_drawn",
    "panel_figures",
    "point_figure",
    "save",
    "shmoo",
    "show",
    "sigma",
    "simulation_figure",
    "slice_figure",
    "snr",
    "snr_axis_figure",
    "snr_over_axis",
    "snr_over_bits",
    "snr_over_products",
    "snr_over_range",
    "tornado_bars",
    "tornado_figure",
    "traces",
    "transfer",
    "transitions",
    "waveform_figure",
]
