"""Panels of an error budget draw squares that add up."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from luts.changes import changed
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.plot import error_budget
from bitline.plot.registry import chosen

SOURCES = ["injection", "access", "thermal", "interaction", "total"]
ERRORS = np.array([[0.3, 0.4, 0.1, 0.02, 0.53], [0.6, 0.2, 0.1, -0.01, 0.63]])


@pytest.fixture
def budgeted(lut: Lut) -> Lut:
    """Return a LUT with errors by source at two corners; a calibration takes the injection out."""
    dims = ("corner", "source")
    factors = {"error": ERRORS, "calibrated": ERRORS * [0, 1, 1, 1, 1]}
    variables = {f"{name}{end}": (dims, x) for name, x in factors.items() for end in ("", "_low", "_high")}
    return changed(lut, error_budget=xr.Dataset(variables, {"corner": ["tt", "ff"], "source": SOURCES}))


@pytest.mark.parametrize("name", ["error", "calibrated"])
def test_the_stack_is_the_sum_of_the_squares_of_the_sources(budgeted: Lut, axes: Axes, name: str) -> None:
    error_budget.budget(axes, budgeted, name=name)
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    tops = np.array([bar.get_y() + bar.get_height() for bar in bars]).reshape(3, 2).max(axis=0)
    sources = budgeted.tables["error_budget"][name].values[:, :3]
    np.testing.assert_allclose(tops, (sources**2).sum(axis=1))
    (dashes,) = axes.collections
    heights = [path.vertices[0, 1] for path in dashes.get_paths()]
    np.testing.assert_allclose(heights, ERRORS[:, -1] ** 2)
    assert [text.get_text() for text in axes.get_xticklabels()] == ["tt", "ff"]
    assert axes.get_ylabel() == "Mean square error (LSB²)"


def test_a_lut_with_a_budget_has_both_panels_and_no_other_has(budgeted: Lut, lut: Lut) -> None:
    titles = [panel.title for panel, _ in chosen(budgeted)]
    assert [title for title in titles if "budget" in title] == ["Error budget", "Error budget, offset and gain out"]
    assert not any("budget" in panel.title for panel, _ in chosen(lut))


def test_a_lut_without_a_budget_is_refused(lut: Lut, axes: Axes) -> None:
    with pytest.raises(InputError, match="has no table 'error_budget'"):
        error_budget.budget(axes, lut)
