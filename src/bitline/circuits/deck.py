"""Deck: the text that the simulator runs, and all it must know to judge the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from bitline.circuits.analysis import Analysis, Transient
from bitline.errors import InputError

Option = float | int | str | bool


@dataclass(frozen=True)
class Phase:
    """A named interval of a transient [s], shaded in plots."""

    name: str
    start: float
    stop: float


@dataclass(frozen=True)
class Deck:
    """A complete SPICE deck with the vectors and the end point expected of it.

    Parameters
    ----------
    title : str
        First line of the deck.
    body : str
        Circuit, model cards and sources.
    saves : tuple of str
        Vectors that must come back, as ngspice names them: ``"v(bl)"``, ``"i(vdd)"``.
    analysis : Analysis
        What is worked out: transient, noise, AC, DC or one operating point.
    options : mapping
        ngspice options, rendered as one ``.option`` line each.
    tolerance : float
        Factor on the tolerances of a preset: below 1 where what is measured is small beside the supply.
    phases, marks :
        Named intervals and instants of the transient [s].
    units : mapping of str to str
        Units of vectors whose volts stand for something else: ``{"v(kelvin)": "K"}``.
    panels : mapping of str to tuple of str
        Vectors that a figure of the transient shows, by the label of each of its Axes; without any, all by their unit.
    temperature : float
        Circuit temperature [degC].
    deviates : mapping
        Standard-normal mismatch deviates that went into the body, by name, in the order they were taken.
    """

    title: str
    body: str
    saves: tuple[str, ...]
    analysis: Analysis
    options: Mapping[str, Option] = field(default_factory=dict)
    tolerance: float = 1.0
    phases: tuple[Phase, ...] = ()
    marks: Mapping[str, float] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    panels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    temperature: float = 27.0
    deviates: Mapping[str, float] = field(default_factory=dict)

    def with_step(self, max_step: float) -> Deck:
        """Return the same deck with another longest time step [s]; raises `InputError` if it is no transient."""
        # Refused rather than ignored: a step that changes nothing would pass for a converged result.
        if not isinstance(self.analysis, Transient):
            raise InputError(f"{self.title}: max_step = {max_step:g}: only a transient has time steps")
        return self.with_analysis(replace(self.analysis, max_step=max_step))

    def with_analysis(self, analysis: Analysis) -> Deck:
        """Return the same deck with another analysis."""
        return replace(self, analysis=analysis)

    def with_options(self, extra: Mapping[str, Option]) -> Deck:
        """Return the same deck with `extra` laid over its options."""
        # Rendered once: the deck that is run is that whose text is the key.
        if not extra:
            return self
        # What is asked for later wins: a run's accuracy overrules its bench, and the ladder both.
        return replace(self, options={**self.options, **extra})

    @cached_property
    def text(self) -> str:
        """The whole deck as ngspice reads it."""
        # Rendering needs decks, so that it cannot be imported above.
        from bitline.circuits.render import render_deck

        return render_deck(self)
