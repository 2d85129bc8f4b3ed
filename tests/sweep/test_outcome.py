from __future__ import annotations

import pytest

from bitline.errors import (
    BadMeasureError,
    NoConvergenceError,
    RefusedError,
    SimulationTimeoutError,
    SimulatorCrashedError,
)
from bitline.sweep.outcome import FINAL, STATUSES, Outcome


def test_every_simulation_error_has_an_outcome_status() -> None:
    errors = (BadMeasureError, NoConvergenceError, RefusedError, SimulationTimeoutError, SimulatorCrashedError)
    assert {error.status for error in errors} | {"ok"} == set(STATUSES)


def test_what_may_be_the_machines_doing_is_tried_again() -> None:
    assert set(STATUSES) - FINAL == {"timeout", "crashed"}
    assert [Outcome(0, "k", status).final for status in ("ok", "no_convergence", "timeout")] == [True, True, False]


def test_how_a_result_came_about_does_not_distinguish_it() -> None:
    assert Outcome(0, "k", "ok", {"v": 1.0}, cached=True, seconds=2.0, log="x") == Outcome(0, "k", "ok", {"v": 1.0})
    assert Outcome(0, "k", "ok", {"v": 1.0}) != Outcome(0, "k", "ok", {"v": 2.0})


def test_an_unknown_status_is_refused() -> None:
    with pytest.raises(ValueError, match="status 'fine': must be one of ok"):
        Outcome(0, "k", "fine")  # type: ignore[arg-type]
