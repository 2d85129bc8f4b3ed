"""The figure of the account draws its curves, says what they assume, and marks where they pass a claim."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes

from bitline.errors import InputError
from bitline.plot import account_figure
from bitline.plot.account import assumptions, crossings, gains
from bitline.system.account import Account, gain
from bitline.system.efficiency import TERNARY_5, ColumnEnergy

HELD = Account(sites=243_750)
SPAN = (1.0, 1e5)


def marks(axes: Axes, gid: str) -> np.ndarray:
    return np.concatenate([line.get_xdata() for line in axes.lines if str(line.get_gid()).startswith(gid + " ")])


def test_curves_are_the_gain_and_pass_the_papers_figure_where_marked(axes: Axes) -> None:
    assert gains(axes, [("held", HELD)], "reuse", "sram", SPAN) is axes
    curve = next(line for line in axes.lines if str(line.get_gid()).startswith("curve"))
    for x, y in zip(*(values[::40] for values in curve.get_data()), strict=True):
        assert y == pytest.approx(gain(HELD.replace(reuse=float(x)), "sram"))
    (met,) = marks(axes, "claim")
    assert gain(HELD.replace(reuse=float(met)), "sram") == pytest.approx(2.9)
    assert curve.get_label() == "held; 243,750 sites: 872"  # docs/efficiency.md
    claim = next(line for line in axes.lines if line.get_gid() == "claim")
    assert claim.get_ydata()[0] == 2.9
    assert [text.get_text() for text in axes.texts] == ["≤ 2.9\n(paper)"]


def test_a_cheap_baseline_crosses_one(axes: Axes) -> None:
    quarter = ColumnEnergy(array=24e-15, adc=47e-15, shift_add=16.8e-15)
    gains(axes, [("a quarter", HELD.replace(sram=quarter))], "reuse", "sram", SPAN)
    (even,) = marks(axes, "even")
    assert even == pytest.approx(824, rel=1e-3)  # docs/efficiency.md
    assert len(marks(axes, "claim")) == 1


def test_a_gain_that_stays_at_a_figure_does_not_cross_it() -> None:
    """Same digits, everything resident: both are 1 exactly over a range of sizes."""
    same = Account(sram_at=TERNARY_5)
    assert gain(same.replace(sites=1e8), "sram") == pytest.approx(1, abs=1e-3)
    assert crossings(same, "sites", "sram", 1.0, (1e3, 1e8)) == ()
    assert len(crossings(same, "sites", "sram", 2.9, (1e3, 1e8))) == 2


def test_what_differs_in_the_x_axis_alone_is_one_curve(axes: Axes) -> None:
    gains(axes, [("a", Account()), ("a", HELD)], "sites", "reram", (1e3, 1e8))
    told = [str(line.get_gid()) for line in axes.lines if str(line.get_gid()).startswith("curve")]
    assert told == ["curve a; reuse 100"]


def test_the_figure_names_every_assumption() -> None:
    chosen = assumptions()[:3]
    made = account_figure(chosen)
    assert len(made.axes) == 4
    for axes, known in zip(made.axes, ("sites", "reuse") * 2, strict=True):
        told = [text.get_text() for text in axes.get_legend().get_texts()]
        assert len(told) == (3 if known == "sites" else 2)
        assert all(known in text for text in told)
        assert told[0].startswith(chosen[0][0])


def test_assumptions_take_the_columns_that_are_put_in() -> None:
    measured = Account(ternary=ColumnEnergy(array=1e-12), dram=1e-12)
    found = assumptions(measured)
    assert all(account.ternary.array == 1e-12 for _, account in found)
    assert {account.sites for _, account in found} == {measured.sites, 243_750}
    cheap = found[-1][1]
    assert cheap.sram.total == pytest.approx(measured.sram.total / 4)


def test_a_wrong_range_is_refused(axes: Axes) -> None:
    with pytest.raises(InputError, match="low = 100, high = 1"):
        gains(axes, [("a", Account())], "reuse", "sram", (100.0, 1.0))
