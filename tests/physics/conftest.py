"""The two engines, once per session, and a way to run a deck on one of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bitline.circuits.deck import Deck
from bitline.engine.batch import BatchSimulator
from bitline.engine.ladder import climb
from bitline.engine.shared import SharedSimulator, shared_simulator
from bitline.engine.simulator import Simulator
from bitline.engine.waveforms import Waveforms

Run = Callable[[Deck], Waveforms]


@pytest.fixture(scope="session")
def shared() -> SharedSimulator:
    return shared_simulator()


@pytest.fixture(scope="session")
def batch() -> BatchSimulator:
    return BatchSimulator(timeout=200)


@pytest.fixture(params=["shared", "batch"])
def simulator(request: pytest.FixtureRequest) -> Simulator:
    """Each engine in turn."""
    engine: Simulator = request.getfixturevalue(request.param)
    return engine


@pytest.fixture(scope="session")
def run(shared: SharedSimulator) -> Run:
    """Run a deck on the shared engine and judge it."""
    return lambda deck: climb(shared, deck).waveforms
