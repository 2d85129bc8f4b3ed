from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.engine.answer import Answer
from bitline.engine.ladder import LADDER, climb
from bitline.engine.simulator import FakeSimulator, Simulator
from bitline.errors import BadMeasureError, NoConvergenceError

DECK = Deck("t", "", ("v(out)",), Transient(1.0), options={"reltol": 1e-4, "method": "trap"})
GOOD = Answer({"tran": {"time": np.array([0.0, 1.0]), "v(out)": np.array([0.0, 1.0])}})
STUCK = Answer(log="doAnalyses: TRAN:  Timestep too small")
SPOILT = Answer({"tran": {"time": np.array([0.0, 1.0]), "v(out)": np.array([0.0, np.nan])}})


@pytest.mark.parametrize("failures", range(len(LADDER)))
def test_the_rung_that_worked_is_recorded(failures: int) -> None:
    simulator = FakeSimulator(*[STUCK] * failures, GOOD)
    run = climb(simulator, DECK)
    assert run.rung == list(LADDER)[failures]
    assert run.answer is GOOD
    assert run.waveforms["v(out)"][-1] == 1.0
    assert len(simulator.decks) == failures + 1


def test_the_first_rung_is_the_deck_as_it_is_and_each_other_changes_options_only() -> None:
    simulator = FakeSimulator(STUCK)
    with pytest.raises(NoConvergenceError):
        climb(simulator, DECK)
    tried: list[Mapping[str, object]] = [deck.options for deck in simulator.decks]
    assert tried == [{**DECK.options, **options} for options in LADDER.values()]
    assert tried[0] == DECK.options
    assert all(deck.with_options(DECK.options).body == DECK.body for deck in simulator.decks)
    assert all(options["reltol"] == 1e-4 for options in tried)  # no rung loosens the tolerance


def test_when_every_rung_fails_the_first_failure_is_told() -> None:
    simulator = FakeSimulator(Answer(log="iteration limit reached"), STUCK)
    with pytest.raises(NoConvergenceError, match="iteration limit"):
        climb(simulator, DECK)
    assert len(simulator.decks) == len(LADDER)


def test_what_options_cannot_mend_is_not_tried_again() -> None:
    simulator = FakeSimulator(SPOILT)
    with pytest.raises(BadMeasureError):
        climb(simulator, DECK)
    assert len(simulator.decks) == 1


@pytest.mark.ngspice
def test_a_deck_without_a_solution_fails_on_every_rung(simulator: Simulator) -> None:
    # v(out) must be 0 where it is above 0.5 and 1 where it is not
    body = "b1 out 0 v=(v(out)>0.5)?0:1\nr1 out 0 1\n"
    with pytest.raises(NoConvergenceError, match="did not converge") as caught:
        climb(simulator, Deck("no solution", body, ("v(out)",), Transient(1e-9)))
    assert "Timestep too small" in caught.value.log
