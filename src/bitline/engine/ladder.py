"""The convergence ladder: what is tried, in order, when a deck does not converge.

Each rung changes only ngspice options, never the circuit. The rung that worked is recorded with the
point, so that a table shows which of its numbers were hard to get.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bitline.circuits.deck import Deck, Option
from bitline.engine.answer import Answer
from bitline.engine.simulator import Simulator
from bitline.engine.verdict import judge
from bitline.engine.waveforms import Waveforms
from bitline.errors import NoConvergenceError

# Iterations allowed to an operating point (itl1), a step of a DC sweep (itl2) and a time step (itl4).
LADDER: Mapping[str, Mapping[str, Option]] = {
    "plain": {},
    # More iterations cost time but no accuracy, so they come first.
    "patient": {"itl1": 500, "itl2": 200, "itl4": 200},
    # Gear does not ring after an edge, but triples the error of a line (docs/engine.md).
    "gear": {"itl1": 500, "itl2": 200, "itl4": 200, "method": "gear"},
    # Ten times the usual gmin leaks from every node: the last resort.
    "stepping": {
        "itl1": 500,
        "itl2": 500,
        "itl4": 500,
        "method": "gear",
        "gmin": 1e-11,
        "gminsteps": 100,
        "srcsteps": 100,
    },
}


@dataclass(frozen=True)
class Run:
    """A good run: its waveforms, the rung that gave them and the raw answer's times."""

    waveforms: Waveforms
    rung: str
    answer: Answer


def climb(simulator: Simulator, deck: Deck) -> Run:
    """Run a deck, trying the ladder's rungs until one converges.

    Raises
    ------
    NoConvergenceError
        When the last rung fails too.
    SimulationError
        At once for anything that options cannot mend.
    """
    failure: NoConvergenceError | None = None
    for rung, options in LADDER.items():
        answer = simulator.answer(deck.with_options(options))
        try:
            return Run(judge(deck, answer), rung, answer)
        except NoConvergenceError as error:
            # The first failure is that of the deck as its bench meant it; later ones tell of the options.
            failure = failure or error
    assert failure is not None
    raise failure
