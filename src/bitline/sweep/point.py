"""Point: one simulation. Grid: the points of one bench, a product of axes and samples."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from bitline.benches.base import Bench, Conditions
from bitline.circuits.base import Circuit
from bitline.errors import UnknownNameError
from bitline.parameters import assemble, changed_parameters, field_names, parameter_paths

CONDITION_AXES = ("corner", "vdd", "temperature")


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
        owners = (self.conditions, self.inputs)
        for owner in owners:
            if axis in field_names(owner):
                return getattr(owner, axis)
        known = parameter_paths(self.circuit)
        if axis not in known:
            names = [name for owner in owners for name in field_names(owner)]
            raise UnknownNameError("axis", axis, [*names, *known])
        return reduce(getattr, known[axis], self.circuit)

    def __str__(self) -> str:
        changed = changed_parameters(self.circuit)
        inputs = {name: getattr(self.inputs, name) for name in field_names(self.inputs)}
        conditions = {name: getattr(self.conditions, name) for name in (*CONDITION_AXES, "sample")}
        told = changed | inputs | conditions
        return " ".join([self.circuit.name, *(f"{name}={_short(value)}" for name, value in told.items())])


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
    """

    bench: Bench
    base: Circuit
    axes: Mapping[str, tuple[Any, ...]]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    samples: range = range(1)
    seed: int = 1

    def __len__(self) -> int:
        return len(self.samples) * math.prod(len(values) for values in self.axes.values())

    def points(self, first: int = 0) -> Iterator[Point]:
        """Make the points one by one, numbered from `first`."""
        circuits: dict[tuple[Any, ...], Circuit] = {}
        inputs = field_names(self.bench.inputs)
        chosen = itertools.product(self.samples, *self.axes.values())
        for index, (sample, *values) in enumerate(chosen, first):
            where = {**self.fixed, **dict(zip(self.axes, values, strict=True))}
            conditions = {name: where.pop(name) for name in CONDITION_AXES if name in where}
            given = {name: where.pop(name) for name in inputs if name in where}
            key = tuple(where.values())
            if key not in circuits:
                circuits[key] = assemble(self.base, where)
            yield Point(
                index,
                circuits[key],
                self.bench.name,
                Conditions(**conditions, sample=sample, seed=self.seed),
                self.bench.inputs(**given),
            )

    def check(self) -> None:
        """Raise the `InputError` of any value that some point would have, without making all points.

        Each condition and input is tried alone, circuit parameters in every combination.
        """
        inputs = field_names(self.bench.inputs)
        parameters: dict[str, tuple[Any, ...]] = {}
        for name, values in {**self.axes, **{n: (v,) for n, v in self.fixed.items()}}.items():
            if name in CONDITION_AXES or name in inputs:
                owner = Conditions if name in CONDITION_AXES else self.bench.inputs
                for value in values:
                    owner(**{name: value})
            else:
                parameters[name] = values
        for chosen in itertools.product(*parameters.values()):
            assemble(self.base, dict(zip(parameters, chosen, strict=True)))


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
