"""Bench: three pure functions and a table of outputs.

`deck(circuit, conditions, inputs, pdk)` builds what is simulated, `measure(waveforms, setup)` turns one
simulation into numbers, and `reduce(results, circuit)` turns a sweep's rows into LUT tables.
Only the path between the first two needs a simulator.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from jinja2 import TemplateSyntaxError

from bitline.circuits.base import ALL_GROUPS, Circuit
from bitline.circuits.deck import Deck
from bitline.engine.waveforms import Waveforms
from bitline.errors import BitlineError, InputError, SimulatorCrashedError
from bitline.lut.operation import Operation, Supplies
from bitline.parameters import parameter, validated
from bitline.pdk.corner import Corner
from bitline.statistics.constants import ZERO_CELSIUS
from bitline.statistics.sampling import Sampling, check_design

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from bitline.pdk.descriptor import Pdk

_TEMPLATE = ".j2"

C = TypeVar("C", bound=Circuit, covariant=True)
I = TypeVar("I", covariant=True)  # noqa: E741 (inputs)


# How samples are chosen, how many a Latin hypercube has, and which devices vary, where nobody says.
_USUAL = ("random", 0, ALL_GROUPS)


@validated
class Conditions:
    """Where a circuit operates and which mismatch sample it is.

    `sample` 0 is the circuit without mismatch; 1, 2, ... are instances whose standard-normal
    deviates come from ``SeedSequence(seed, spawn_key=(sample,))``, so that one sample is the
    same chip at every supply, temperature, corner and code; or from a design, which `sampling` names.
    Of a `group` of the circuit's devices the sample's deviates are kept, those of all others are 0.
    `deviates` are deviates of the caller's own, in the order in which the devices take them, in place
    of a sample's.
    """

    corner: Corner = parameter(Corner.tt, "process corner, NMOS first", source="choice", strict=False)
    vdd: float = parameter(1.8, "supply voltage", unit="V", source="choice", gt=0, le=5)
    temperature: float = parameter(27.0, "temperature", unit="degC", source="choice", ge=-55, le=175)
    sample: int = parameter(0, "mismatch sample; 0 is without mismatch", source="choice", ge=0)
    seed: int = parameter(1, "seed of the mismatch deviates", source="choice", ge=0)
    deviates: tuple[float, ...] = parameter((), "standard-normal deviates in place of a sample's", source="choice")
    sampling: Sampling = parameter("random", "how the samples are chosen", source="choice")
    samples: int = parameter(0, "samples of a Latin hypercube, which are chosen together", source="choice", ge=0)
    group: str = parameter(ALL_GROUPS, "the circuit's mismatch group that varies alone, or all", source="choice")

    def __post_init__(self) -> None:
        # A sweep makes these by the ten thousand, most of them random samples of all devices.
        chosen = (self.sampling, self.samples, self.group)
        if chosen != _USUAL:
            self._check_chosen()
        if self.sample and self.deviates:
            raise InputError(f"Conditions: sample = {self.sample}: must be 0 where deviates are given")

    def _check_chosen(self) -> None:
        """Refuse a design that cannot be, and anything that says which sample it is where there is none."""
        if not self.sample:
            for name, value in zip(("sampling", "samples", "group"), _USUAL, strict=True):
                if (given := getattr(self, name)) != value:
                    raise InputError(f"Conditions: {name} = {given}: must be {value} without a mismatch sample")
        check_design(self.sampling, self.samples, self.sample)

    def __str__(self) -> str:
        mismatch = ""
        if self.sample:
            mismatch = f", sample {self.sample}{self._design} of seed {self.seed}"
        if self.group != ALL_GROUPS:
            mismatch += f", {self.group} alone"
        if self.deviates:
            mismatch = f", {len(self.deviates)} given deviates"
        return f"{self.corner}, {self.vdd:g} V, {self.temperature:g} degC{mismatch}"

    @property
    def _design(self) -> str:
        # A title is part of a deck: that of a random sample stays what it was before there were others.
        if self.sampling == "random":
            return ""
        of = f" of {self.samples}" if self.samples else ""
        return f"{of} ({self.sampling})"

    @property
    def kelvin(self) -> float:
        """Absolute temperature [K]."""
        return self.temperature + ZERO_CELSIUS


@validated
class NoInputs:
    """Of a bench that varies nothing of its own."""


@dataclass(frozen=True)
class Setup(Generic[C, I]):
    """What one simulation was of: all that `measure` may read beside the waveforms.

    Of a mismatch sample it may use what has gone into the deck's text, which is part of the store's key.

    Parameters
    ----------
    circuit : Circuit
    conditions : Conditions
    inputs : object
        Of the bench's own class.
    pdk : Pdk
    """

    circuit: C
    conditions: Conditions
    inputs: I
    pdk: Pdk


@dataclass(frozen=True)
class Output:
    """One number a bench measures."""

    name: str
    unit: str
    doc: str


@dataclass(frozen=True, eq=False)
class Bench:
    """How a circuit is measured.

    Parameters
    ----------
    name : str
        Name on the command line, unique per circuit.
    version : int
        Raised whenever the same deck would be measured differently; part of the store's key.
    doc : str
        One line.
    circuits : tuple of Circuit types
        What it can measure.
    inputs : type
        A `validated` class with what the bench itself varies, such as the MAC code.
    outputs : tuple of Output
        What `measure` returns, in order.
    deck : callable
        ``(circuit, conditions, inputs, pdk) -> Deck``.
    measure : callable
        ``(waveforms, setup) -> {output name: value}``.
    reduce : callable
        ``(results, circuit) -> {table name: Dataset}``. `results` has a row per point: a column
        per axis, ``sample``, ``status`` and one column per output (NaN where status is not ok).
    scope : mapping
        What the numbers rest on, word for word into the LUT's attributes: what sigma contains, the solver's error.
    operation : callable, optional
        ``(circuit) -> Operation``: what one use of the circuit is, as data into the LUT; None for a bench that
        measures something else, such as noise.
    supplies : Supplies, optional
        Which output counts the energy of which source of the deck, and what is left out; None where no output is an
        energy.
    canonical : callable, optional
        ``(circuit, inputs) -> inputs``: the one among all inputs with the same simulation that stands for them, so
        that it runs once. None where different inputs are different simulations.
    """

    name: str
    version: int
    doc: str
    circuits: tuple[type[Circuit], ...]
    inputs: type
    outputs: tuple[Output, ...]
    deck: Callable[[Any, Conditions, Any, Pdk], Deck]
    measure: Callable[[Waveforms, Setup[Any, Any]], Mapping[str, float]]
    reduce: Callable[[pd.DataFrame, Any], dict[str, xr.Dataset]]
    scope: Mapping[str, Any] = field(default_factory=dict)
    operation: Callable[[Any], Operation] | None = None
    supplies: Supplies | None = None
    canonical: Callable[[Any, Any], Any] | None = None

    @contextmanager
    def guard(self, part: str) -> Iterator[None]:
        """Name the bench in whatever one of its functions raises that is no `BitlineError`.

        Raises
        ------
        SimulatorCrashedError
            With the traceback as its log.
        """
        try:
            yield
        except (BitlineError, MemoryError):
            raise
        except Exception as error:  # a plug-in's bench may fail in any way
            reason = f"bench {self.name}: its {part} failed: {type(error).__name__}: {error}{_template_place(error)}"
            raise SimulatorCrashedError(reason, traceback.format_exc(limit=-5)) from error

    def setup(self, circuit: Circuit, conditions: Conditions, inputs: Any, pdk: Pdk) -> Setup[Any, Any]:
        """Return what a simulation is of, its inputs the canonical ones; raises `InputError` where they do not fit."""
        if self.canonical is not None:
            inputs = self.canonical(circuit, inputs)
        return Setup(circuit, conditions, inputs, pdk)


def _template_place(error: Exception) -> str:
    """Return the template and line in which an error arose, or "": a name that is undefined may stand anywhere."""
    if isinstance(error, TemplateSyntaxError):
        return f" ({error.name}, line {error.lineno})"
    # Jinja puts the templates' own lines into the traceback.
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(_TEMPLATE)]
    return f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
