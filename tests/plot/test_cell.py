"""Panels of a memory cell's LUT."""

from __future__ import annotations

import numpy as np
import pytest
from luts.cell import PATHS, make_cell_lut
from luts.changes import changed
from matplotlib.axes import Axes

from bitline.lut.lut import Lut
from bitline.plot import cell, figure


@pytest.fixture
def lut() -> Lut:
    return make_cell_lut()


def test_a_cell_has_a_panel_per_message(lut: Lut) -> None:
    titles = [axes.get_title(loc="left")[4:].split(":")[0] for axes in figure(lut).axes]
    assert titles == [
        "Noise margin",
        "Write margin",
        "Leakage",
        "Retention voltage",
        "Read delay",
        "Write delay",
        "Read disturb",
        "Two ports",
        "Disturb, mean of samples",
    ]


def test_a_table_without_a_bench_lacks_its_panel(lut: Lut) -> None:
    titles = [axes.get_title(loc="left")[4:].split(":")[0] for axes in figure(changed(lut, leakage=None)).axes]
    assert "Leakage" not in titles and "Noise margin" in titles


def test_leakage_has_a_line_for_each_path(axes: Axes, lut: Lut) -> None:
    cell.leakage(axes, lut, "temperature", lines="high", stored=1)
    lines = {str(line.get_gid()).removeprefix("path "): np.asarray(line.get_ydata()) for line in axes.lines}
    at = lut.tables["leakage"].sel(lines="high", stored=1, corner="tt", vdd=1.8)
    for path in PATHS:
        np.testing.assert_array_equal(lines[path], at[path])
    assert axes.get_yscale() == "log"


def test_both_ports_stand_beside_the_sum_of_the_single_accesses(axes: Axes, lut: Lut) -> None:
    cell.two_ports(axes, lut)
    at = lut.tables["two_port"].sel(rows="different", corner="tt", vdd=1.8, temperature=27.0, c_line=1e-13)
    energy = at.sel(t_pulse=2e-9)["energy_total"]
    tops = [patch.get_y() + patch.get_height() for patch in axes.patches if patch.get_height() > 0]
    expected = []
    for a in (0, 1):
        for b in (0, 1):
            digital, analog, both = (float(energy.sel(ports=p, stored_a=a, stored_b=b)) for p in energy["ports"].values)
            expected += [digital, digital + analog, both]
    np.testing.assert_allclose(tops, expected)
    assert "stored" not in axes.get_title(loc="left")
