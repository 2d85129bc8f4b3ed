"""The tornado draws from the nominal result to both ends of each interval, and names them."""

from __future__ import annotations

import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from bitline.plot import tornado_bars, tornado_figure
from bitline.plot.tornado import Panel, interval, quantity
from bitline.system.sensitivity import Assumption, Bar

WIRE = Assumption("c", "wire", "F", 1e-15, 0.0, 2e-15, "made up", (0.0, 1e-12))
REUSE = Assumption("r", "reuse", "", 100.0, 50.0, 12544.0, "made up", (1.0, 1e9))
BARS = [Bar(REUSE, 1.5, 2.5), Bar(WIRE, 2.1, 1.9)]


def test_bars_reach_from_the_nominal_result_to_either_end(axes: Axes) -> None:
    assert tornado_bars(axes, BARS, 2.0, target=2.9, title="(a)") is axes
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    ends = [(bar.get_gid(), bar.get_x() + bar.get_width()) for bar in bars]
    expected = [("r", 1.5), ("r", 2.5), ("c", 2.1), ("c", 1.9)]
    for (name, end), (known, result) in zip(ends, expected, strict=True):
        assert (name, end) == (known, pytest.approx(result))
    assert all(bar.get_x() == 2.0 for bar in bars)
    lines = {line.get_gid(): line.get_xdata()[0] for line in axes.lines}
    assert lines == {"usual": 2.0, "target": 2.9}
    assert [text.get_text() for text in axes.get_yticklabels()] == ["reuse: 50 to 12,544", "wire: 0 F to 2 fF"]
    assert axes.yaxis_inverted()


def test_a_figure_leaves_out_what_hardly_moves() -> None:
    still = Bar(WIRE, 2.0, 2.001)
    made = tornado_figure([Panel("SRAM", [*BARS, still], 2.0, 2.9), Panel("ReRAM", BARS[:1], 1.9, 1.9)], "Gain")
    assert [len(axes.get_yticks()) for axes in made.axes] == [2, 1]
    assert made.axes[-1].get_xlabel() == "Gain"
    assert "the paper's figure" in [text.get_text() for text in made.legends[0].get_texts()]


def test_values_are_written_for_a_reader() -> None:
    assert [quantity(value, "") for value in (2.0, 81920.0, 11.7e6)] == ["2", "81,920", "11.7 million"]
    assert quantity(20.3125e-12, "J") == "20.3 pJ"
    assert interval(WIRE) == "wire: 0 F to 2 fF"
