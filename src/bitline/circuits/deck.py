"""Deck: what the simulator is given, and all it must know to judge the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

Option = float | int | str | bool


@dataclass(frozen=True)
class Phase:
    """A named interval of a transient [s], shaded in plots."""

    name: str
    start: float
    stop: float


@dataclass(frozen=True)
class Noise:
    """A noise analysis: the output vector, the input source, and where it starts [Hz]."""

    output: str
    source: str
    start: float = 1.0
    points_per_decade: int = 20


@dataclass(frozen=True)
class Deck:
    """A complete SPICE deck with the vectors and the end point expected of it.

    Parameters
    ----------
    title : str
        First line of the deck.
    body : str
        Circuit, model cards, sources and the analysis line.
    saves : tuple of str
        Vectors that must come back, as ngspice names them: ``"v(bl)"``, ``"i(vdd)"``.
    stop : float
        Where the analysis must end: time [s] or frequency [Hz].
    sweep : str
        Name of the independent variable: ``"time"`` or ``"frequency"``.
    max_step : float
        Longest time step of a transient [s].
    noise : Noise, optional
        What a noise analysis looks at; needed where `sweep` is ``"frequency"``.
    options : mapping
        ngspice options, rendered as one ``.option`` line each.
    phases, marks :
        Named intervals and instants of the transient [s].
    constants : mapping
        Numbers `measure` needs beside the waveforms: supply voltages, counts.
    temperature : float
        Circuit temperature [degC].
    deviates : mapping
        Standard-normal mismatch deviates that went into the body, by name, in the order they were taken.
    """

    title: str
    body: str
    saves: tuple[str, ...]
    stop: float
    sweep: str = "time"
    max_step: float = 1e-10
    noise: Noise | None = None
    options: Mapping[str, Option] = field(default_factory=dict)
    phases: tuple[Phase, ...] = ()
    marks: Mapping[str, float] = field(default_factory=dict)
    constants: Mapping[str, float] = field(default_factory=dict)
    temperature: float = 27.0
    deviates: Mapping[str, float] = field(default_factory=dict)

    def with_step(self, max_step: float) -> Deck:
        """Return the same deck with another longest time step [s]."""
        return replace(self, max_step=max_step)

    def with_options(self, extra: Mapping[str, Option]) -> Deck:
        """Return the same deck with `extra` laid over its options."""
        return replace(self, options={**self.options, **extra})

    @cached_property
    def text(self) -> str:
        """The whole deck as ngspice reads it."""
        from bitline.circuits.render import render_deck

        return render_deck(self)
