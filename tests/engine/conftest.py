"""The two engines, once per session, and decks of a few lines that go right or wrong."""

from __future__ import annotations

import pytest

from bitline.engine.batch import BatchSimulator
from bitline.engine.shared import SharedSimulator, shared_simulator
from bitline.engine.simulator import Simulator


@pytest.fixture(scope="session")
def shared() -> SharedSimulator:
    return shared_simulator()


@pytest.fixture(scope="session")
def batch() -> BatchSimulator:
    return BatchSimulator(timeout=100)


@pytest.fixture(params=["shared", "batch"])
def simulator(request: pytest.FixtureRequest) -> Simulator:
    """Each engine in turn."""
    engine: Simulator = request.getfixturevalue(request.param)
    return engine
