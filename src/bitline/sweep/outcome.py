"""Outcome: what became of one point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Status = Literal["ok", "timeout", "no_convergence", "bad_measure", "refused", "crashed"]

STATUSES: tuple[Status, ...] = get_args(Status)
#: The same deck would end the same way again: kept in the store. `timeout` and `crashed` may be
#: the machine's doing: never stored, tried again whenever the sweep is run again.
FINAL: frozenset[Status] = frozenset({"ok", "no_convergence", "bad_measure", "refused"})


@dataclass(frozen=True)
class Busy:
    """Another run is at work on this point; it is to be asked for again."""


@dataclass(frozen=True)
class Stored:
    """The store has this point's outcome, which the worker could not read: only its key."""

    key: str


@dataclass(frozen=True)
class Outcome:
    """What became of one point.

    Two outcomes are equal when everything that reaches a LUT is; `log`, `cached` and `seconds`
    tell how this run came by it and are left out of the comparison.

    Parameters
    ----------
    index : int
        The point's place in its sweep.
    key : str
        SHA-256 of all that determines the result, as hex; empty if the worker died before
        it could tell.
    status : str
        One of `STATUSES`.
    values : mapping of str to float
        The bench's outputs; empty unless ok.
    rung : str
        Rung of the convergence ladder that worked, or the last one tried.
    log : str
        The part of the simulator's log that shows why it failed.
    cached : bool
        Whether it came out of the store.
    seconds : float
        Time the analysis took [s].
    """

    index: int
    key: str
    status: Status
    values: Mapping[str, float] = field(default_factory=dict)
    rung: str = ""
    # A second run takes its results from the store and must be equal to the first, so how it got them is not compared.
    log: str = field(default="", compare=False)
    cached: bool = field(default=False, compare=False)
    seconds: float = field(default=0.0, compare=False)

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ValueError(f"status {self.status!r}: must be one of {', '.join(STATUSES)}")

    @property
    def ok(self) -> bool:
        """Whether there are values to use."""
        return self.status == "ok"

    @property
    def reason(self) -> str:
        """Why it failed, in one line; empty if that is not known."""
        # The first line is the error's own message, and what follows it is the simulator's log.
        return next(iter(self.log.splitlines()), "")

    @property
    def final(self) -> bool:
        """Whether running the point again would change nothing."""
        return self.status in FINAL
