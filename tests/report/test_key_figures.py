"""Key figures are cells of the table, found again at the place that they name."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from luts.column import make_column_lut
from luts.restore import make_restore_lut

from bitline.lut.lut import Lut
from bitline.lut.shipped import shipped
from bitline.report import KeyFigure, key_figures
from bitline.system.measured_operation import measured_operation

DESCRIPTOR = {"pdk_descriptor": {"vdd": 1.8}}


def column() -> Lut:
    lut = make_column_lut()
    return replace(lut, attrs={**lut.attrs, **DESCRIPTOR})


def named(lut: Lut, name: str) -> list[KeyFigure]:
    return [figure for figure in key_figures(lut) if figure.name == name]


def coordinates(figure: KeyFigure) -> dict[str, str]:
    """Read where a figure says that it lies."""
    return dict(re.findall(r"(\w+) = ([^ ,;]+)", figure.where))


def test_the_mean_energy_is_that_of_the_operation() -> None:
    lut = column()
    (figure,) = named(lut, "nominal.energy_total")
    condition = {"corner": "tt", "vdd": 1.8, "temperature": 27.0}
    assert figure.value == measured_operation(lut, condition).mean_energy()
    assert (figure.unit, figure.low, figure.high) == ("J", None, None)
    assert "Binomial(16, 0.25)" in figure.where


def test_a_variable_with_an_interval_has_its_smallest_and_largest_value_with_the_interval_there() -> None:
    lut = column()
    least, most = named(lut, "mismatch.v_sigma")
    table = lut.tables["mismatch"]
    for figure, code, word in ((least, 0, "smallest of 17"), (most, 16, "largest of 17")):
        cell = table.sel(code=code).squeeze()
        assert figure.value == cell["v_sigma"].item()
        assert (figure.low, figure.high) == (cell["v_sigma_low"].item(), cell["v_sigma_high"].item())
        assert figure.where.endswith(word)


def test_a_standard_error_makes_an_interval_and_one_of_nothing_makes_none() -> None:
    for error, bounds in ((0.5, (2.0 - 1.96 * 0.5, 2.0 + 1.96 * 0.5)), (0.0, (None, None)), (np.nan, (None, None))):
        table = xr.Dataset({"v": ("k", [2.0]), "v_se": ("k", [error])}, {"k": [1]})
        (figure,) = key_figures(Lut("x", "made-up", {"t": table}, {}))
        assert (figure.low, figure.high) == bounds


def test_a_condition_that_no_axis_has_is_said() -> None:
    table = xr.Dataset({"v": ("k", [2.0])}, {"k": [1]})
    (figure,) = key_figures(Lut("x", "made-up", {"t": table}, {"conditions": {"corner": "ss", "vdd": 1.62}}))
    assert figure.where == "corner = ss, vdd = 1.62 V, k = 1"


def test_a_nominal_condition_that_an_axis_lacks_leaves_the_axis_whole() -> None:
    lut = make_column_lut(vdds=(1.0, 1.2), temperatures=(-40.0, 125.0))
    smallest, largest = named(replace(lut, attrs=DESCRIPTOR), "line.lsb")[:2]
    values = lut.tables["line"]["lsb"].sel(corner="tt").values
    assert (smallest.value, largest.value) == (values.min(), values.max())


def test_what_no_point_measured_and_counts_are_no_figures() -> None:
    table = xr.Dataset({"v": ("k", [np.nan]), "n_ok": ("k", [3])}, {"k": [1]})
    assert key_figures(Lut("x", "made-up", {"t": table}, {})) == ()


def test_a_yield_comes_with_its_interval() -> None:
    lut = make_restore_lut()
    figures = named(lut, "yield.yield")
    assert figures
    assert all(figure.low is not None and figure.low <= figure.value for figure in figures)


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_figure_of_a_shipped_table_is_the_cell_that_it_names(name: str) -> None:
    lut = Lut.load(name)
    figures = key_figures(lut)
    assert 1 <= len(figures) <= 4 * len(lut.tables) + 8
    for figure in figures:
        table_name, _, variable = figure.name.partition(".")
        if "mean over operands" in figure.where or not variable:
            continue
        table = lut.tables[table_name]
        at = {axis: value for axis, value in coordinates(figure).items() if axis in table.dims}
        for axis, value in at.items():
            grid = table[axis].values
            # `where` has six digits of a number, the grid all of them.
            near = grid == value if grid.dtype.kind == "U" else np.isclose(grid, float(value), 1e-5, 0)
            assert near.sum() == 1
            table = table.isel({axis: np.flatnonzero(near)})
        assert figure.value in table[variable].values
