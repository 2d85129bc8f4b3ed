"""Figure of the system account."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.legend import Legend

from bitline.devices.account import Account, gain
from bitline.errors import InputError
from bitline.plot.account import account_figure, assumptions, gains


def test_curves_are_the_account_s_gain(axes: Axes) -> None:
    gains(axes, [("default", Account())], "reuse", "sram", (1.0, 1e4))
    (line,) = [line for line in axes.lines if str(line.get_gid()).startswith("curve default")]
    x, y = (np.asarray(values, dtype=float) for values in line.get_data())
    for k in (0, len(x) // 2, len(x) - 1):
        assert y[k] == pytest.approx(gain(Account(reuse=float(x[k])), "sram"), rel=1e-12)


def test_marks_stand_where_the_paper_s_figure_is_met(axes: Axes) -> None:
    whole = Account(sites=243_750.0)
    gains(axes, [("whole", whole)], "reuse", "sram", (1.0, 1e5))
    met = [line for line in axes.lines if line.get_marker() == "o" and len(line.get_xdata())]
    (at,) = met[0].get_xdata()
    assert gain(whole.replace(reuse=float(at)), "sram") == pytest.approx(2.9, rel=1e-9)


def test_a_curve_that_lies_on_one_does_not_cross_it(axes: Axes) -> None:
    """Same trits in both and everything resident: the gain is 1 for every larger array."""
    same = dict(assumptions())["5 trits in both: only reload differs"]
    gains(axes, [("same", same)], "sites", "sram", (1e3, 1e8))
    crossings = [x for line in axes.lines if line.get_marker() == "o" for x in line.get_xdata()]
    assert len(crossings) <= 4
    assert max(crossings) < 5e7


def test_the_figure_names_every_assumption() -> None:
    made = account_figure(assumptions(Account(reuse=50.0)))
    legends = made.findobj(Legend)
    told = " ".join(text.get_text() for legend in legends for text in legend.get_texts())
    for name, _ in assumptions():
        assert name in told


def test_a_wrong_range_is_refused() -> None:
    with pytest.raises(InputError):
        account_figure(reuse=(10.0, 1.0))
