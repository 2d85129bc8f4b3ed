"""Simulator: one method, two real implementations that must agree, and a fake for tests."""

from __future__ import annotations

from typing import Protocol

from bitline.circuits.deck import Deck
from bitline.engine.answer import Answer


class Simulator(Protocol):
    """Runs a deck and returns all it read, unjudged; `version` is ngspice's."""

    name: str
    version: str

    def answer(self, deck: Deck) -> Answer:
        """Run one deck."""
        ...


class FakeSimulator:
    """Replays a given answer, or answers through a function of the deck."""

    name = "fake"
    version = "0"

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.decks: list[Deck] = []

    def answer(self, deck: Deck) -> Answer:
        """Return the next answer; the last one repeats."""
        self.decks.append(deck)
        return self._answers[min(len(self.decks), len(self._answers)) - 1]
