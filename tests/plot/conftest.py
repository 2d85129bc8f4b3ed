"""Waveforms and LUTs with known content, shaped as the shipped ones are."""

from __future__ import annotations

import numpy as np
import pytest
from luts.sampled_column import make_sampled_column_lut
from matplotlib.axes import Axes

from bitline.circuits.deck import Phase
from bitline.engine.waveforms import Waveforms
from bitline.lut.lut import Lut
from bitline.plot import style


def make_waveforms(cells: int = 8) -> Waveforms:
    """A column's cycle: precharge, evaluate for 2 ns, hold and restore."""
    t = np.linspace(0, 10e-9, 1001)

    def edge(start: float, rise: float = 0.1e-9) -> np.ndarray:
        return np.clip((t - start) / rise, 0, 1)

    wl = 1.8 * (edge(3e-9) - edge(5e-9))
    droop = 0.5 * np.clip((t - 3.05e-9) / 2e-9, 0, 1)
    back = 1 - np.clip(np.exp(-(t - 7e-9) / 0.3e-9), 0, 1)
    bl = 1.8 - droop * (1 - back * (t > 7e-9))
    kick = -250e-6 * np.exp(-np.clip(t - 7e-9, 0, None) / 0.3e-9) * (t > 7e-9)
    signals = {"v(bl)": bl, "v(wl)": wl, "v(pre_b)": 1.8 * (edge(2.5e-9) - edge(7e-9))}
    signals |= {f"v(q{k})": 0.02 * (wl > 0.9) * (1 + 0.1 * k) for k in range(cells)}
    signals |= {"i(vpre)": kick, "i(vwl)": -40e-6 * np.exp(-(((t - 3.05e-9) / 0.05e-9) ** 2))}
    return Waveforms(
        axis=t,
        signals=signals,
        title="acim-column-qs code=3 corner=tt vdd=1.8 temperature=27",
        phases=(
            Phase("precharge", 0, 2.5e-9),
            Phase("evaluate", 3e-9, 5e-9),
            Phase("hold", 5e-9, 7e-9),
            Phase("restore", 7e-9, 10e-9),
        ),
        marks={"sample": 6.5e-9},
    )


@pytest.fixture
def lut() -> Lut:
    return make_sampled_column_lut()


@pytest.fixture
def waveforms() -> Waveforms:
    return make_waveforms()


@pytest.fixture
def axes() -> Axes:
    with style.context():
        return style.new_figure(style.COLUMN_WIDTH, 60).subplots()
