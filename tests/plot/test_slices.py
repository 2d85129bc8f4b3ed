"""Figures of the caller's choice: an axis, lines, a condition; and each panel alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bitline.errors import InputError, OutsideGridError, SetupError, UnknownNameError
from bitline.lut.lut import Lut
from bitline.plot import figures, panel_figures, show, slice_figure


def test_a_slice_is_a_variable_over_the_axis_with_a_line_per_value(lut: Lut) -> None:
    (axes,) = slice_figure(lut, "vdd", by="corner", y=["nominal.v_line"], at={"code": 8}).axes
    assert axes.get_xlabel() == "Supply voltage (V)"
    nominal = lut.tables["nominal"]["v_line"]
    expected = nominal.sel(code=8, temperature=27.0)
    lines = {line.get_gid(): np.asarray(line.get_ydata()) for line in axes.lines if line.get_gid()}
    assert set(lines) == {f"line {corner}" for corner in nominal["corner"].values}
    np.testing.assert_array_equal(lines["line ss"], expected.sel(corner="ss"))


def test_without_a_variable_all_that_vary_are_drawn(lut: Lut) -> None:
    titles = {axes.get_title(loc="left").split(") ", 1)[1].split(" (")[0] for axes in slice_figure(lut, "code").axes}
    assert {"v_line", "v_sigma", "inl"} <= titles


def test_what_a_slice_cannot_show_is_named(lut: Lut) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'vdd'"):
        slice_figure(lut, "vd")
    with pytest.raises(UnknownNameError, match="did you mean 'v_line'"):
        slice_figure(lut, "code", y=["v_lin"])
    with pytest.raises(OutsideGridError, match=r"vdd = 1\.7: not on the grid"):
        slice_figure(lut, "code", y=["v_line"], at={"vdd": 1.7})
    with pytest.raises(InputError, match="no table has"):
        slice_figure(lut, "code", y=["snr_a"])


def test_an_overview_can_be_drawn_at_another_condition(lut: Lut) -> None:
    titles = [axes.get_title(loc="left") for axes in figures(lut, {"corner": "ss"})[0].axes]
    assert titles
    assert all("ss" in title for title in titles)
    with pytest.raises(OutsideGridError, match=r"corner = xx: nothing of LUT .* is drawn there \(corner: "):
        figures(lut, {"corner": "xx"})


def test_a_condition_on_the_axis_that_panels_draw_asks_for_another_axis(lut: Lut) -> None:
    alone = replace(lut, tables={"nominal": lut.tables["nominal"][["v_line"]]}, operation=None)
    with pytest.raises(InputError, match=r"code = 8: every panel .* is drawn over code; .* x \(--x\) = corner or "):
        figures(alone, {"code": 8})


@pytest.mark.parametrize(("by", "at"), [("code", {}), (None, {"code": 2})])
def test_an_axis_has_one_use(by: str | None, at: dict[str, int], lut: Lut) -> None:
    with pytest.raises(InputError, match="must be another axis than x"):
        slice_figure(lut, "code", by=by, at=at)


def test_a_dotted_name_suggests_a_dotted_name(lut: Lut) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown variable 'nominal\.v_lin' of .*'nominal\.v_line'"):
        slice_figure(lut, "code", y=["nominal.v_lin"])


def test_each_panel_is_a_figure_of_its_own(lut: Lut) -> None:
    alone = panel_figures(lut)
    assert list(alone) == ["transfer", "linearity", "mismatch", "energy", "snr"]
    assert all(len(page.axes) == 1 for page in alone.values())


def test_a_window_without_a_display_is_refused(lut: Lut, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matplotlib.pyplot.get_backend", lambda: "agg")
    with pytest.raises(SetupError, match="no display"):
        show(figures(lut)[0])
