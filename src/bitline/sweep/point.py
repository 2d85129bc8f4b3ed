"""Point: one simulation. Grid: the points of one bench, a product of axes and samples."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitline.benches.base import Bench, Conditions
from bitline.benches.registry import benches_of
from bitline.circuits.base import ALL_GROUPS, Circuit
from bitline.circuits.registry import circuits
from bitline.errors import InputError, UnknownNameError
from bitline.parameters import assemble, changed_parameters, field_names, parameter_paths
from bitline.pdk.corner import Corner
from bitline.statistics.sampling import Sampling

# Sample and seed are conditions, too, but no axes: [mismatch] says how many chips there are.
OPERATING_AXES = ("corner", "vdd", "temperature")
# The devices that vary are an axis of the Monte Carlo alone.
CONDITION_AXES = (*OPERATING_AXES, "group")
# Of a grid with no more points than this (and samples), the deck of every point is tried before the first simulation.
_FEW = 32


def column_name(axis: str) -> str:
    """Return the name that an axis has in a table, where names have no dots."""
    return axis.replace(".", "_")


@dataclass(frozen=True)
class Point:
    """One simulation of a sweep.

    Parameters
    ----------
    index : int
        Place in the sweep, from 0.
    circuit : Circuit
        What is measured.
    bench : str
        Name of the bench that measures it.
    conditions : Conditions
        Corner, supply, temperature, mismatch sample and seed.
    inputs : object
        The bench's own inputs, an instance of its `inputs` class.
    """

    index: int
    circuit: Circuit
    bench: str
    conditions: Conditions
    inputs: Any

    def value(self, axis: str) -> Any:
        """Return this point's value on `axis`: a condition, an input or a circuit parameter.

        Raises
        ------
        UnknownNameError
            If the point has nothing of that name.
        """
        # The order is that of `Settings.split`: a condition before an input, an input before a parameter.
        for owner in (self.conditions, self.inputs):
            if axis in field_names(owner):
                return getattr(owner, axis)
        paths = parameter_paths(self.circuit)
        if axis not in paths:
            names = (*field_names(self.conditions), *field_names(self.inputs))
            raise UnknownNameError("axis", axis, [*names, *paths])
        return reduce(getattr, paths[axis], self.circuit)

    def __str__(self) -> str:
        changed = changed_parameters(self.circuit)
        inputs = {name: getattr(self.inputs, name) for name in field_names(self.inputs)}
        conditions = {name: getattr(self.conditions, name) for name in (*OPERATING_AXES, "sample")}
        if self.conditions.group != ALL_GROUPS:
            conditions["group"] = self.conditions.group
        settings = changed | inputs | conditions
        return " ".join([self.circuit.name, *(f"{name}={_short(value)}" for name, value in settings.items())])


@dataclass(frozen=True)
class Settings:
    """Values by name, told apart by what they set.

    Parameters
    ----------
    conditions, inputs, parameters : mapping of str to object
        Conditions, fields of the bench's `inputs` class, and all others: the circuit's parameters.
    """

    conditions: Mapping[str, Any]
    inputs: Mapping[str, Any]
    parameters: Mapping[str, Any]

    @classmethod
    def split(cls, bench: Bench, values: Mapping[str, Any], conditions: tuple[str, ...] = CONDITION_AXES) -> Settings:
        """Tell values apart; `conditions` are the names that set a condition, before any input of that name."""
        inputs = field_names(bench.inputs)
        return cls(
            conditions={name: value for name, value in values.items() if name in conditions},
            inputs={name: value for name, value in values.items() if name in inputs and name not in conditions},
            parameters={name: value for name, value in values.items() if name not in (*conditions, *inputs)},
        )


def make_point(circuit: Circuit, bench: Bench, values: Mapping[str, Any]) -> Point:
    """Return the point that conditions, inputs and circuit parameters, in one mapping, describe.

    Parameters
    ----------
    circuit : Circuit
        What `values` change parameters of.
    bench : Bench
    values : mapping of str to object
        By the names of conditions, of the bench's inputs, or of circuit parameters (dotted inside another circuit).

    Raises
    ------
    UnknownNameError
        For any other name; names the nearest.
    InputError
        For a value that is not allowed.
    """
    # For a single point sample and seed may be set as well, since it may be any chip.
    settings, paths = Settings.split(bench, values, field_names(Conditions)), parameter_paths(circuit)
    for name in settings.parameters:
        if name not in paths:
            names = [*field_names(Conditions), *field_names(bench.inputs), *paths]
            raise UnknownNameError("condition, input or parameter", name, names, f"of {circuit.name}")
    return Point(
        index=0,
        circuit=assemble(circuit, settings.parameters),
        bench=bench.name,
        conditions=Conditions(**settings.conditions),
        inputs=bench.inputs(**settings.inputs),
    )


def first_bench(circuit: type[Circuit]) -> Bench:
    """Return the bench that measures a circuit where none is named; `InputError` if it has none."""
    benches = list(benches_of(circuit).values())
    if not benches:
        have = [f"{name} ({', '.join(names)})" for name, other in circuits().items() if (names := benches_of(other))]
        raise InputError(f"{circuit.name} has no bench that could measure it; there are: {'; '.join(have)}")
    return benches[0]


@dataclass(frozen=True)
class Grid:
    """The points of one bench: the product of `axes`, once per mismatch sample.

    The last axis runs fastest and the sample slowest, so that more samples add points at the end.

    Parameters
    ----------
    bench : Bench
        What measures.
    base : Circuit
        The circuit where no axis says otherwise.
    axes : mapping of str to tuple
        Values by name; a name is a condition, an input of the bench or a circuit parameter.
    fixed : mapping of str to object
        One value each, by the same names.
    samples : range
        Mismatch samples; 0 is without mismatch.
    seed : int
        Seed of the mismatch deviates.
    sampling : str
        How the samples are chosen.
    """

    bench: Bench
    base: Circuit
    axes: Mapping[str, tuple[Any, ...]]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    samples: range = range(1)
    seed: int = 1
    sampling: Sampling = "random"

    def __len__(self) -> int:
        return len(self.samples) * math.prod(len(values) for values in self.axes.values())

    def points(self, first: int = 0) -> Iterator[Point]:
        """Make the points one by one, numbered from `first`."""
        for index, (sample, *values) in enumerate(itertools.product(*self._axes), first):
            yield self._made(index, sample, values)

    def after(self, done: int) -> Grid:
        """Return the grid of the points after the first `done` ones, which must be those of whole samples."""
        return replace(self, samples=self.samples[done * len(self.samples) // len(self) :])

    def at(self, number: int) -> Point:
        """Make the point of that number alone."""
        rest, values = number, []
        for axis in reversed(self._axes):
            rest, place = divmod(rest, len(axis))
            values.append(axis[place])
        sample, *others = reversed(values)
        return self._made(number, sample, others)

    def column(self, axis: str) -> tuple[list[Any], NDArray[np.intp]]:
        """Return the values that the points have on an axis, and which of them each point has.

        The axis may be any condition, input or parameter; one that is no axis of the grid has one value.
        """
        if axis not in self.axes:
            return [self.at(0).value(axis)], np.zeros(len(self), np.intp)
        lengths = [len(values) for values in self._axes]
        place = [*self.axes].index(axis) + 1
        faster, slower = math.prod(lengths[place + 1 :]), math.prod(lengths[:place])
        values = [self.at(faster * number).value(axis) for number in range(lengths[place])]
        return values, np.tile(np.repeat(np.arange(lengths[place]), faster), slower)

    @property
    def _axes(self) -> tuple[Sequence[Any], ...]:
        """Samples and axes, the last one fastest."""
        return (self.samples, *self.axes.values())

    def _made(self, index: int, sample: int, values: Iterable[Any]) -> Point:
        """Make a point from its values on the axes."""
        settings = Settings.split(self.bench, {**self.fixed, **dict(zip(self.axes, values, strict=True))})
        circuits, inputs = self._shared
        of_circuit, of_inputs = tuple(settings.parameters.values()), tuple(settings.inputs.values())
        if of_circuit not in circuits:
            circuits[of_circuit] = assemble(self.base, settings.parameters)
        if of_inputs not in inputs:
            inputs[of_inputs] = self.bench.inputs(**settings.inputs)
        conditions = Conditions(**settings.conditions, **self._chip(sample))
        return Point(index, circuits[of_circuit], self.bench.name, conditions, inputs[of_inputs])

    @cached_property
    def _shared(self) -> tuple[dict[tuple[Any, ...], Circuit], dict[tuple[Any, ...], Any]]:
        """Circuits and inputs by their values. Points share them: to check one costs more than all else here."""
        return {}, {}

    def trials(self) -> Iterator[Point]:
        """Make the points whose decks stand for those of all: of a large grid a few, of a small one every one.

        They are of the first sample, for a deck is built of one as of another. A size without a model depends on one
        circuit parameter, so each value of these is tried; what two settings forbid each other shows at their ends,
        so the ends of every two axes are tried together.
        """
        first = {name: values[0] for name, values in self.axes.items()}
        ends = {name: _ends(values) for name, values in self.axes.items()}
        if math.prod(len(values) for values in self.axes.values()) <= _FEW:
            places = [dict(zip(self.axes, values, strict=True)) for values in itertools.product(*self.axes.values())]
        else:
            parameters = Settings.split(self.bench, self.axes).parameters
            places = [{**first, name: value} for name, values in parameters.items() for value in values]
            for one, other in itertools.combinations_with_replacement(self.axes, 2):
                places += [{**first, one: a, other: b} for a, b in itertools.product(ends[one], ends[other])]
        for values in dict.fromkeys(tuple(place.values()) for place in places):
            yield self._made(0, self.samples[0], values)

    def _chip(self, sample: int) -> dict[str, Any]:
        """Return the conditions that say which chip a sample is."""
        chip: dict[str, Any] = {"sample": sample, "seed": self.seed}
        if sample:
            chip["sampling"] = self.sampling
        # Only a Latin hypercube is another one where there are more samples.
        if sample and self.sampling == "latin-hypercube":
            chip["samples"] = len(self.samples)
        return chip

    @property
    def corners(self) -> tuple[Corner, ...]:
        """The process corners of its points."""
        values = self.axes.get("corner", (self.fixed.get("corner", Conditions().corner),))
        return tuple(Corner(value) for value in values)

    def circuits(self) -> Iterator[Circuit]:
        """Make each circuit that the points measure once; raises the `InputError` of one that cannot be."""
        axes = self._settings.parameters
        for values in itertools.product(*axes.values()):
            yield assemble(self.base, dict(zip(axes, values, strict=True)))

    def check(self) -> None:
        """Raise the `InputError` of any value that some point would have, without making all points.

        Each condition and input is tried alone, circuit parameters in every combination.
        """
        # Each condition and input has limits of its own. Parameters limit each other, as the rows limit the active
        # cells, so every combination of them is tried.
        for name, values in self._settings.conditions.items():
            for value in values:
                conditions = Conditions(**{name: value}, **self._chip(self.samples[0]))
                self.base.mismatch_group(conditions.group)
        for name, values in self._settings.inputs.items():
            for value in values:
                self.bench.inputs(**{name: value})
        for _ in self.circuits():
            pass

    @property
    def _settings(self) -> Settings:
        """All values of each axis, a fixed value as an axis of one."""
        # A value that [mismatch.at] fixes can be wrong as well, and is checked with the axes.
        fixed = {name: (value,) for name, value in self.fixed.items()}
        return Settings.split(self.bench, {**self.axes, **fixed})


def _ends(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the smallest and the largest of numbers; of texts and flags, which have no order, all."""
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return tuple(dict.fromkeys((min(values), max(values))))
    return values


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)
