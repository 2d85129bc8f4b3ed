"""Panels of the comparator and the converter, drawn from the shipped tables."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes

from bitline import content
from bitline.lut.lut import Lut
from bitline.plot import adc, figure

AT = {"corner": "tt", "vdd": 1.8, "temperature": 27.0}


def load(name: str) -> Lut:
    return Lut.load(content.folder("luts") / name)


def heights(axes: Axes) -> list[np.ndarray]:
    return [np.asarray(line.get_ydata(), dtype=float) for line in axes.lines]


def test_the_staircase_goes_through_every_conversion(axes: Axes) -> None:
    lut = load("sar-adc")
    adc.staircase(axes, lut, **AT)
    wanted = lut.tables["nominal"]["code"].sel(AT).values
    assert any(np.array_equal(y, wanted) for y in heights(axes))


def test_linearity_draws_inl_at_each_transition(axes: Axes) -> None:
    lut = load("sar-adc")
    adc.linearity(axes, lut, **AT)
    wanted = lut.tables["transitions"]["inl"].sel(AT).values
    assert any(np.array_equal(y, wanted) for y in heights(axes))


@pytest.mark.parametrize(
    ("name", "panels"),
    [("sar-adc", ("Codes", "Linearity", "Mismatch", "Energy")), ("strongarm", ("Offset", "Latency"))],
)
def test_whole_figures(name: str, panels: tuple[str, ...]) -> None:
    titles = " ".join(axes.get_title(loc="left") for axes in figure(load(name)).axes)
    for panel in panels:
        assert panel in titles
