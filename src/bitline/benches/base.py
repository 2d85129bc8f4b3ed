"""Bench: three pure functions and a table of outputs.

`deck(circuit, conditions, inputs)` builds what is simulated, `measure(waveforms)` turns one
simulation into numbers, and `reduce(results, circuit)` turns a sweep's rows into LUT tables.
Only the path between the first two needs a simulator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bitline.circuits.base import Circuit
from bitline.circuits.deck import Deck
from bitline.errors import InputError
from bitline.lut.operation import Operation
from bitline.parameters import parameter, validated
from bitline.pdk.corner import Corner
from bitline.simulate.waveforms import Waveforms

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from bitline.pdk.descriptor import Pdk


@validated
class Conditions:
    """Where a circuit operates and which mismatch sample it is.

    `sample` 0 is the circuit without mismatch; 1, 2, ... are instances whose standard-normal
    deviates come from ``SeedSequence(seed, spawn_key=(sample,))``, so that one sample is the
    same chip at every supply, temperature, corner and code. `deviates` are deviates of the
    caller's own, in the order in which the devices take them, in place of a sample's.
    """

    corner: Corner = parameter(Corner.tt, "process corner, NMOS first", source="choice", strict=False)
    vdd: float = parameter(1.8, "supply voltage", unit="V", source="choice", gt=0, le=5)
    temperature: float = parameter(27.0, "temperature", unit="degC", source="choice", ge=-55, le=175)
    sample: int = parameter(0, "mismatch sample; 0 is without mismatch", source="choice", ge=0)
    seed: int = parameter(1, "seed of the mismatch deviates", source="choice", ge=0)
    deviates: tuple[float, ...] = parameter((), "standard-normal deviates in place of a sample's", source="choice")

    def __post_init__(self) -> None:
        if self.sample and self.deviates:
            raise InputError(f"Conditions: sample = {self.sample}: must be 0 where deviates are given")

    def __str__(self) -> str:
        drawn = f", sample {self.sample} of seed {self.seed}" if self.sample else ""
        if self.deviates:
            drawn = f", {len(self.deviates)} given deviates"
        return f"{self.corner}, {self.vdd:g} V, {self.temperature:g} degC{drawn}"


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
        ``(waveforms) -> {output name: value}``.
    reduce : callable
        ``(results, circuit) -> {table name: Dataset}``. `results` has a row per point: a column
        per axis, ``sample``, ``status`` and one column per output (NaN where status is not ok).
    scope : mapping
        What the outputs contain and leave out, word for word into the LUT.
    operation : callable, optional
        ``(circuit) -> Operation``: what one use of the circuit is, as data into the LUT; None for a bench that
        measures something else, such as noise.
    """

    name: str
    version: int
    doc: str
    circuits: tuple[type[Circuit], ...]
    inputs: type
    outputs: tuple[Output, ...]
    deck: Callable[[Any, Conditions, Any, Pdk], Deck]
    measure: Callable[[Waveforms], Mapping[str, float]]
    reduce: Callable[[pd.DataFrame, Any], dict[str, xr.Dataset]]
    scope: Mapping[str, Any] = field(default_factory=dict)
    operation: Callable[[Any], Operation] | None = None
