"""Panels of the ternary column, drawn from the shipped table."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes

from bitline import content
from bitline.errors import UnknownNameError
from bitline.lut.lut import Lut
from bitline.plot import figure, ternary

AT = {"corner": "tt", "vdd": 1.8, "temperature": 27.0}


@pytest.fixture(scope="module")
def lut() -> Lut:
    return Lut.load(content.folder("luts") / "ternary-column")


def drawn(axes: Axes) -> list[tuple[np.ndarray, np.ndarray]]:
    lines = [line.get_data() for line in axes.lines]
    return [(np.asarray(x, dtype=float), np.asarray(y, dtype=float)) for x, y in lines]


def test_transfer_draws_the_difference(axes: Axes, lut: Lut) -> None:
    ternary.transfer(axes, lut, **AT, extra=0)
    wanted = lut.tables["nominal"]["v_diff"].sel({**AT, "extra": 0}).values
    assert any(len(y) == len(wanted) and np.array_equal(y, wanted) for _, y in drawn(axes))


def test_common_mode_has_a_line_for_each_mix(axes: Axes, lut: Lut) -> None:
    ternary.common(axes, lut, **AT)
    table = lut.tables["nominal"]["common"].sel(AT)
    lines = drawn(axes)
    for extra in table["extra"].values:
        wanted = table.sel(extra=extra).values
        finite = wanted[np.isfinite(wanted)]
        assert any(np.array_equal(y[np.isfinite(y)], finite) for _, y in lines)


def test_margin_marks_zero_and_draws_both_cases(axes: Axes, lut: Lut) -> None:
    ternary.margin(axes, lut)
    wanted = lut.tables["margin"]["margin"].sel(AT).values.ravel()
    assert any(len(y) == len(wanted) and np.allclose(y, wanted) for _, y in drawn(axes))
    assert axes.get_ylim()[0] <= 0


def test_products_write_all_nine(axes: Axes, lut: Lut) -> None:
    ternary.products(axes, lut, **AT)
    values = lut.tables["product"]["v_diff"].sel(AT).values.ravel()
    texts = [text.get_text() for text in axes.texts]
    assert len(texts) == 9
    assert sum(text in {"0.0", "−0.0"} for text in texts) == int((np.abs(values) < 1e-5).sum()) == 5


def test_an_unknown_axis_is_refused(axes: Axes, lut: Lut) -> None:
    with pytest.raises(UnknownNameError):
        ternary.transfer(axes, lut, by="cornr")


def test_the_whole_figure_has_every_panel(lut: Lut) -> None:
    titles = " ".join(axes.get_title(loc="left") for axes in figure(lut).axes)
    for panel in ("Transfer", "Common mode", "Linearity", "Mismatch", "Sensing margin", "Energy", "Products"):
        assert panel in titles
