"""Schedule: when what happens in a transient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bitline.circuits.deck import Phase


@dataclass(frozen=True)
class Schedule:
    """The instants of one transient, for its template, its phases and its measures.

    Parameters
    ----------
    instants : mapping of str to float
        By name [s]; a template reads ``t.release``, Python ``t["release"]``.
    end : float
        Where the simulation ends [s]; of a circuit that works in cycles, the length of its cycle.
    phases : tuple of Phase
        Shaded in figures.
    marked : tuple of str
        Instants that go with the waveforms, because measures and figures read them there.
    """

    instants: Mapping[str, float]
    end: float
    phases: tuple[Phase, ...] = ()
    marked: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> float:
        return self.instants[name]

    @property
    def marks(self) -> dict[str, float]:
        """The instants that go with the waveforms [s]."""
        return {name: self.instants[name] for name in self.marked}

    def named(self, word: str) -> tuple[Phase, ...]:
        """Return the phases whose names begin with a word, such as the decisions of a converter."""
        return tuple(phase for phase in self.phases if phase.name.split()[0] == word)
