"""Several simulations in one figure: what is drawn, in which colour, and what is left out."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from bitline.circuits.deck import Phase
from bitline.engine.waveforms import Waveforms
from bitline.errors import BadMeasureError, InputError
from bitline.plot import levels_figure, style, waveform_figure
from bitline.plot.waveform import interesting

T = np.linspace(0, 20e-9, 801)
PHASES = (
    Phase("init", 0, 1e-9),
    Phase("discharge", 1e-9, 2e-9),
    Phase("latch", 2e-9, 4e-9),
    Phase("hold", 4e-9, 20e-9),
)


def run(level: str) -> Waveforms:
    tau = {"lrs": 0.3e-9, "mrs": 1.1e-9, "hrs": 4e-9}[level]
    v = 0.6 * np.exp(-np.clip(T - 1e-9, 0, 1e-9) / tau)
    signals = {"v(q1)": v, "v(qb1)": 0.1 + 0 * T, "v(q2)": v, "v(qb2)": 0.4 + 0 * T}
    signals |= {"v(cs)": 1.8 * (T < 2e-9), "i(vsup)": -1e-6 * np.exp(-(((T - 3e-9) / 0.3e-9) ** 2)), "i(vbl)": 0 * T}
    return Waveforms(T, signals, title=f"nvsram-trit restore of {level}, tt", phases=PHASES)


@pytest.fixture
def runs() -> dict[str, Waveforms]:
    return {level: run(level) for level in ("lrs", "mrs", "hrs")}


def test_latches_supply_and_what_is_the_same_each_have_an_axes(runs: dict[str, Waveforms]) -> None:
    axes = levels_figure(runs).axes
    assert [a.get_ylabel() for a in axes] == ["Latch 1 (V)", "Latch 2 (V)", "Supply current (µA)", "Same in all (V)"]
    drawn = [{line.get_gid() for line in a.lines} for a in axes]
    assert drawn[0] == {f"{level} v({node})" for level in runs for node in ("q1", "qb1")}
    assert drawn[3] == {"v(cs)"}
    assert axes[0].get_title(loc="left") == "nvsram-trit restore of lrs/mrs/hrs, tt"


def test_each_level_has_its_colour_and_the_data_of_its_run(runs: dict[str, Waveforms]) -> None:
    figure = levels_figure(runs)
    lines = {line.get_gid(): line for line in figure.axes[0].lines}
    for level, waveforms in runs.items():
        assert lines[f"{level} v(q1)"].get_color() == style.LEVELS[level]
        np.testing.assert_array_equal(lines[f"{level} v(q1)"].get_ydata(), waveforms["v(q1)"])
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["LRS (+1)", "MRS (0)", "HRS (−1)"]


def test_a_supply_that_delivers_is_drawn_upwards(runs: dict[str, Waveforms]) -> None:
    current = levels_figure(runs).axes[2].lines[0]
    np.testing.assert_array_equal(current.get_ydata(), -runs["lrs"]["i(vsup)"])


def test_a_long_hold_is_cut_and_its_name_stays_in_sight(runs: dict[str, Waveforms]) -> None:
    assert interesting(runs["lrs"]) == pytest.approx(4 / 3 * 4e-9)
    for figure in (levels_figure(runs), waveform_figure(runs["lrs"])):
        assert figure.axes[0].get_xlim() == pytest.approx((0, 4 / 3 * 4e-9))
        assert "hold" in [text.get_text() for text in figure.axes[0].texts]
    assert levels_figure(runs, stop=10e-9).axes[0].get_xlim()[1] == pytest.approx(10e-9)


def test_phases_of_like_length_are_shown_whole(waveforms: Waveforms) -> None:
    assert interesting(waveforms) == waveforms.axis[-1]


def test_groups_can_be_chosen(runs: dict[str, Waveforms]) -> None:
    (axes,) = levels_figure(runs, {"Node": ["v(q1)"]}).axes
    assert len(axes.lines) == 3
    with pytest.raises(InputError, match="one unit"):
        levels_figure(runs, {"Mixed": ["v(q1)", "i(vsup)"]})
    with pytest.raises(BadMeasureError, match="nowhere"):
        levels_figure(runs, {"Node": ["v(nowhere)"]})
    with pytest.raises(
        InputError, match=r"^levels_figure: runs = \{\}: must be a table with Waveforms by name, one at least$"
    ):
        levels_figure({})


def test_runs_that_differ_nowhere_still_give_a_figure() -> None:
    same = {"a": run("lrs"), "b": run("lrs")}
    assert [axes.get_ylabel() for axes in levels_figure(same).axes] == ["Supply current (µA)", "Same in all (V)"]


def test_an_unpaired_node_that_differs_has_an_axes(runs: dict[str, Waveforms]) -> None:
    moved = {level: Waveforms(w.axis, {**w.signals, "v(cl)": w["v(q1)"]}, phases=w.phases) for level, w in runs.items()}
    labels = [axes.get_ylabel() for axes in levels_figure(moved).axes]
    assert labels[:3] == ["Latch 1 (V)", "Latch 2 (V)", "Node cl (V)"]


def test_states_of_a_filament_have_their_own_units() -> None:
    signals = {"v(sl)": 1 + 0 * T, "v(thickness)": 3.3 + 0 * T, "v(kelvin)": 300 + 0 * T}
    with_states = Waveforms(T, signals, units={"v(thickness)": "nm", "v(kelvin)": "K"})
    assert [a.get_ylabel() for a in waveform_figure(with_states).axes] == [
        "Voltage (V)",
        "Filament (nm)",
        "Temperature (K)",
    ]
    assert [a.get_ylabel() for a in waveform_figure(Waveforms(T, signals)).axes] == ["Voltage (V)"]


def test_supplies_keep_their_colours() -> None:
    assert len(set(style.LEVELS.values())) == 3
    assert style.colours("level", ["hrs", "lrs"]) == [style.LEVELS["hrs"], style.LEVELS["lrs"]]
    assert SimpleNamespace(**dict(style.CORNERS)).tt == style.BLACK
