"""Sweep: which benches run on which circuit, over which axes and mismatch samples.

    sweep = Sweep.load("acim-qs")                  a shipped sweep, or a path to a TOML file
    sweep = Sweep(AcimColumnQS(rows=64), bench="transfer", vdd=[1.6, 1.8], samples=200)
    for point in sweep.points(): ...               lazily; len(sweep) without making any

An axis is a condition (corner, vdd, temperature), an input of a bench (such as the MAC code)
or, by any other name, a parameter of the circuit. A bench that has no such input does not
sweep that axis. Each bench gives first its nominal grid (sample 0), then its Monte Carlo
points: samples 1 to n, with the axes named in [mismatch.at] held there.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from bitline.benches.accuracy import Accuracy
from bitline.benches.base import Bench
from bitline.circuits.base import Circuit
from bitline.errors import InputError, UnknownNameError, input_error
from bitline.files import path_of, why_not_read
from bitline.lut.names import check_lut_name, check_name
from bitline.parameters import assemble, changed_parameters, field_names, parameter_paths, plain
from bitline.pdk.corner import Corner
from bitline.statistics.sampling import Sampling
from bitline.sweep.axis import AdaptiveAxis, Axis, ListAxis, Names, Scalar, parse_axis
from bitline.sweep.point import CONDITION_AXES, OPERATING_AXES, Grid, Point, column_name
from bitline.sweep.until import Until

_STRICT = ConfigDict(frozen=True, extra="forbid")
_MISMATCH_KEYS = ("samples", "until", "seed", "sampling", "at", "axes", "benches")
_KEYS = ("circuit", "benches", "description", "parameters", "axes", "mismatch", "quick", "accuracy", "solver_error")
_TABLES = ("parameters", "axes", "mismatch", "quick")


class Mismatch(BaseModel):
    """How many mismatch samples, from which seed, chosen how, and where they are taken.

    `at` holds axes of the sweep at one value. `axes` are those of the Monte Carlo alone: an axis that the
    sweep has, too, has other values here, such as fewer corners; for any other the nominal grid stays at the
    default. With `until`, `samples` is how many there are at most.
    """

    model_config = _STRICT

    samples: int = Field(default=0, ge=0, le=10_000_000, strict=True)
    until: Until | None = None
    seed: int = Field(default=1, ge=0, strict=True)
    sampling: Sampling = "random"
    at: dict[str, Scalar] = Field(default_factory=dict)
    axes: dict[str, Axis] = Field(default_factory=dict)
    # Where none is named, the Monte Carlo runs on all benches.
    benches: Names = ()


class Sweep(BaseModel):
    """Benches, axes and samples for one circuit; immutable and checked when it is made.

    Parameters
    ----------
    circuit : str
        Kebab-case name; or, given first and unnamed, a Circuit (then see `_from_python`).
    benches : tuple of str
        Benches to run, in this order.
    parameters : mapping
        Circuit parameters that stay fixed.
    axes : mapping of str to Axis
        What is swept, the last one fastest.
    mismatch : Mismatch
        The Monte Carlo points.
    quick : mapping
        The same keys, laid over the others by `quick()`.
    accuracy : str
        Tolerance preset of the benches.
    solver_error : bool
        Whether the LUT states the solver's error, measured at the corners of the sweep's box against the reference
        preset: some dozens of simulations, each about ten times as long.

    Raises
    ------
    UnknownNameError
        For a key, circuit, bench, parameter or axis that does not exist; names the nearest.
    InputError
        For a wrong value: names the field and what is allowed.
    """

    model_config = _STRICT

    name: str = Field(default="sweep", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
    circuit: str
    benches: Names = Field(min_length=1)
    description: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)
    axes: dict[str, Axis] = Field(default_factory=dict)
    mismatch: Mismatch = Mismatch()
    quick_form: dict[str, Any] = Field(default_factory=dict, alias="quick")
    accuracy: Accuracy = "default"
    solver_error: bool = Field(default=False, strict=True)
    _circuit_type: type[Circuit] | None = PrivateAttr(None)  # None: look `circuit` up in the registry

    def __init__(self, circuit: Circuit | type[Circuit] | None = None, /, **values: Any) -> None:
        circuit_type: Any = circuit
        if isinstance(circuit, Circuit):
            # The class need not be in the registry, so that a circuit defined in a script can be swept.
            circuit_type = type(circuit)
            values = _from_python(circuit, values)
        try:
            super().__init__(**_prepared(values))
        except ValidationError as error:
            raise input_error(f"sweep {values.get('name', '')}".strip(), error) from None
        self._circuit_type = circuit_type
        self._check()

    @classmethod
    def load(cls, source: str | Path) -> Self:
        """Read a sweep: a shipped one by name, or a TOML file by path.

        Raises
        ------
        UnknownNameError
            If `source` is neither, or the file has an unknown key.
        InputError
            If the file cannot be read or holds a wrong value.
        """
        path = _locate(source)
        try:
            # Some editors begin a file with a byte-order mark, which is no TOML.
            table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"sweep file {path} is not TOML: {error}") from None
        except OSError as error:
            raise InputError(f"sweep file {path} cannot be read: {why_not_read(path, error)}") from None
        # The file is not UTF-8, or no file can have this name.
        except ValueError as error:
            raise InputError(f"sweep file {path} cannot be read: {error}") from None
        _known_keys(f"sweep file {path.name}", table, _KEYS)
        sweep = cls(name=path.stem, **table)
        if sweep.quick_form:
            # The quick form is made and dropped, so that a mistake in [quick] shows now and not when somebody uses it.
            sweep.quick()
        return sweep

    def replace(self, **changes: Any) -> Self:
        """Return a copy with `changes`, in the form of the TOML file, laid over it.

        Tables are merged key by key: ``sweep.replace(mismatch={"samples": 50})``.
        """
        now = {name: getattr(self, name) for name in type(self).model_fields if name != "quick_form"}
        now |= {"mismatch": {**self.mismatch.model_dump(), "axes": self.mismatch.axes}, "quick": self.quick_form}
        # Another circuit is looked up in the registry; the present one may be of a class that no registry knows.
        circuit_type = self._circuit_type
        if "circuit" in changes:
            circuit_type = None
        return type(self)(circuit_type, **_merge(now, self._shortened(_prepared(changes))))

    def _shortened(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Return changes with the names of axes as this sweep has them, for both are merged by their names."""

        def short(axes: Any) -> Any:
            if not isinstance(axes, Mapping):
                return axes
            return {self._short(name): axis for name, axis in axes.items()}

        shortened = {**changes, "axes": short(changes["axes"])}
        mismatch = changes.get("mismatch")
        if isinstance(mismatch, Mapping):
            shortened["mismatch"] = {k: short(v) if k in ("at", "axes") else v for k, v in mismatch.items()}
        return shortened

    def quick(self) -> Self:
        """Return the sweep with its [quick] table applied, named ``<name>-quick``.

        Raises
        ------
        InputError
            If it has none.
        """
        if not self.quick_form:
            raise InputError(f"sweep {self.name} has no [quick] table")
        _known_keys(f"[quick] of sweep {self.name}", self.quick_form, set(_KEYS) - {"quick"})
        # The quick sweep has a name of its own, so that its LUT never overwrites the full one.
        # The reference preset at every corner would take longer than the quick sweep itself.
        return self.replace(name=f"{self.name}-quick", **{"solver_error": False, **self.quick_form})

    def points(self) -> Iterator[Point]:
        """Make the points one by one, in their order."""
        first = 0
        for grid in self.grids:
            yield from grid.points(first)
            first += len(grid)

    def point(self, index: int) -> Point:
        """Make the point of that index alone; raises `IndexError` if there is none."""
        first = 0
        for grid in self.grids:
            if 0 <= index - first < len(grid):
                return replace(grid.at(index - first), index=index)
            first += len(grid)
        raise IndexError(f"sweep {self.name} has {first} points: there is no point {index}")

    def __len__(self) -> int:
        return sum(len(grid) for grid in self.grids)

    @property
    def most(self) -> int:
        """How many points there are at most, with every adaptive axis as long as it may become."""
        adaptive = self.adaptive
        return sum(
            len(grid.samples)
            * math.prod(
                adaptive[name].adaptive.most if name in adaptive else len(values) for name, values in grid.axes.items()
            )
            for grid in self.grids
        )

    @property
    def adaptive(self) -> dict[str, AdaptiveAxis]:
        """The axes whose values are not known before something is simulated; `points` has those of the first round."""
        return {name: axis for name, axis in self.axes.items() if isinstance(axis, AdaptiveAxis)}

    def with_values(self, values: Mapping[str, Iterable[Any]]) -> Self:
        """Return the sweep with these values listed on axes that it has."""
        return self.replace(axes={name: ListAxis(values=tuple(each)) for name, each in values.items()})

    def deciding(self, axis: str) -> dict[str, tuple[str, ...]]:
        """Return the outputs that decide where an adaptive axis gets values, by the benches that have them."""
        named = self.adaptive[axis].adaptive.outputs
        outputs = {
            bench.name: tuple(output.name for output in bench.outputs if not named or output.name in named)
            for bench in self._benches
            if self._concerns(bench, axis)
        }
        return {bench: names for bench, names in outputs.items() if names}

    def axes_of(self, bench: str) -> tuple[str, ...]:
        """Return the names of the axes that this bench sweeps, in order; those of its Monte Carlo last.

        Raises
        ------
        UnknownNameError
            If it is none of the sweep's benches.
        """
        if bench not in self.benches:
            raise UnknownNameError("bench", bench, self.benches, f"of sweep {self.name}")
        return tuple(dict.fromkeys(name for grid in self.grids if grid.bench.name == bench for name in grid.axes))

    @property
    def corners(self) -> tuple[Corner, ...]:
        """The process corners of its points."""
        return tuple(dict.fromkeys(corner for grid in self.grids for corner in grid.corners))

    @cached_property
    def base(self) -> Circuit:
        """The circuit with its fixed parameters, and the first value of each that is swept."""
        default = (self._circuit_type or _circuit_class(self.circuit))()
        inputs = {name for bench in self._benches for name in field_names(bench.inputs)}
        own = set(parameter_paths(default)) - inputs - set(CONDITION_AXES)
        # A default may contradict the swept values of other parameters; the values of the first point do not.
        swept = {name: axis.values[0] for name, axis in self.axes.items() if name in own}
        return assemble(default, {**self.parameters, **swept})

    @cached_property
    def grids(self) -> tuple[Grid, ...]:
        """Nominal grid, then Monte Carlo, of each bench in turn."""
        grids = []
        for bench in self._benches:
            axes = self._swept(bench, self.axes)
            grids.append(Grid(bench, self.base, axes, seed=self.mismatch.seed))
            if self.mismatch.samples and bench.name in (self.mismatch.benches or self.benches):
                grids.append(self._monte_carlo(bench, axes))
        return tuple(grids)

    def _monte_carlo(self, bench: Bench, nominal: Mapping[str, tuple[Any, ...]]) -> Grid:
        """Return the Monte Carlo points of a bench whose nominal grid has the axes `nominal`."""
        mismatch = self.mismatch
        # Samples at every condition would multiply the cost, so [mismatch.at] holds those axes at one value.
        shared = {name: values for name, values in nominal.items() if name not in mismatch.at}
        fixed = {name: value for name, value in mismatch.at.items() if self._concerns(bench, name)}
        axes = {**shared, **self._swept(bench, mismatch.axes)}
        samples = range(1, mismatch.samples + 1)
        return Grid(bench, self.base, axes, fixed, samples, mismatch.seed, mismatch.sampling)

    def _swept(self, bench: Bench, axes: Mapping[str, Axis]) -> dict[str, tuple[Any, ...]]:
        """Return the values of those axes that a bench sweeps."""
        return {name: axis.values for name, axis in axes.items() if self._concerns(bench, name)}

    @cached_property
    def _benches(self) -> tuple[Bench, ...]:
        circuit_type = self._circuit_type or _circuit_class(self.circuit)
        return tuple(_bench(name, circuit_type) for name in self.benches)

    def _concerns(self, bench: Bench, axis: str) -> bool:
        """Whether `bench` sweeps `axis`: not if it is an input, but of another bench only."""
        if axis in CONDITION_AXES or axis in field_names(bench.inputs):
            return True
        return not any(axis in field_names(other.inputs) for other in self._benches)

    def _check(self) -> None:
        owner = f"sweep {self.name}"
        if len(set(self.benches)) < len(self.benches):
            raise InputError(f"{owner}: benches = {list(self.benches)}: each may be named once")
        inputs = [name for bench in self._benches for name in field_names(bench.inputs)]
        known = {*CONDITION_AXES, *inputs, *parameter_paths(self.base)}
        for name in (*self.axes, *self.mismatch.at, *self.mismatch.axes):
            if name not in known:
                raise UnknownNameError("axis", name, known, f"of {owner}")
        for name in OPERATING_AXES:
            # A LUT states the condition of what has no axis for it, and its Monte Carlo would pass for one there.
            if name in self.mismatch.at and name not in self.axes:
                raise InputError(
                    f"{owner}: {name} is in [mismatch.at] but not in [axes]: write it into [mismatch.axes]"
                )
        # The LUT is made when all is simulated, and its kind is known now.
        check_lut_name("kind", self.circuit)
        for name in self.mismatch.benches:
            if name not in self.benches:
                raise UnknownNameError("bench", name, self.benches, f"of [mismatch] of {owner}")
        self._check_until(owner)
        self._check_adaptive(owner)
        if self.solver_error and self.accuracy == "reference":
            raise InputError(f"{owner}: solver_error = true: accuracy must be fast, bypass or default, not reference")
        self._check_once(owner)
        self._shorten()
        self._check_columns(owner)
        # All values are checked now: one out of range at the last point should not cost the hours before it.
        for grid in self.grids:
            grid.check()

    def _check_until(self, owner: str) -> None:
        mismatch = self.mismatch
        if mismatch.until is None:
            return
        # Another number of samples would be another hypercube.
        if mismatch.sampling == "latin-hypercube":
            raise InputError(f"{owner}: until: a latin-hypercube has its number of samples: sampling must be another")
        sampled = [bench for bench in self._benches if bench.name in (mismatch.benches or self.benches)]
        mismatch.until.check_output(owner, (output.name for bench in sampled for output in bench.outputs))

    def _check_adaptive(self, owner: str) -> None:
        for name, axis in self.mismatch.axes.items():
            if isinstance(axis, AdaptiveAxis):
                raise InputError(f"{owner}: axis {name} of [mismatch.axes] is adaptive: only one of [axes] may be")
        for name, axis in self.adaptive.items():
            known = {output.name for b in self._benches if self._concerns(b, name) for output in b.outputs}
            for output in axis.adaptive.outputs:
                if output not in known:
                    raise UnknownNameError("output", output, sorted(known), f"of adaptive axis {name} of {owner}")
            if not known:
                raise InputError(f"{owner}: axis {name} is adaptive, but no bench that sweeps it has an output")

    def _shorten(self) -> None:
        """Give each axis the shorter of the names that its parameter has: that of its column in a table."""
        for table in (self.axes, self.mismatch.axes, self.mismatch.at):
            axes = {self._short(name): axis for name, axis in table.items()}
            table.clear()
            table.update(axes)

    def _short(self, name: str) -> str:
        """Return a parameter's own name for its dotted one, unless that means something else here."""
        paths = parameter_paths(self.base)
        others = {*CONDITION_AXES, *(field for bench in self._benches for field in field_names(bench.inputs))}
        short = name.rpartition(".")[2]
        if name in others or short in others or short not in paths or paths[short] != paths.get(name):
            return name
        return short

    def _check_columns(self, owner: str) -> None:
        """Refuse names that no table can have, or that would name two columns of one."""
        for bench in self._benches:
            columns = ["sample", "status", "n_ok", "n_failed", *(output.name for output in bench.outputs)]
            columns += map(column_name, self.axes_of(bench.name))
            for name in columns:
                check_name(f"{owner}: column of bench {bench.name}", name)
                if columns.count(name) > 1:
                    raise InputError(f"{owner}: bench {bench.name} has two columns called {name}: rename one")

    def _check_once(self, owner: str) -> None:
        """Refuse a parameter that two tables set, be it under its short and its dotted name."""
        tables = {
            "[parameters]": self.parameters,
            "[axes]": self.axes,
            "[mismatch.axes]": self.mismatch.axes,
            "[mismatch.at]": self.mismatch.at,
        }
        # `w_pass` and `cell.w_pass` may be the same parameter, and the later table would win unnoticed.
        paths = parameter_paths(self.base)
        # [axes] and [mismatch.axes] may share one: the Monte Carlo then has values of its own.
        for group in (
            ("[parameters]", "[axes]"),
            ("[parameters]", "[mismatch.axes]"),
            ("[mismatch.axes]", "[mismatch.at]"),
        ):
            seen: dict[tuple[str, ...], str] = {}
            for table in group:
                for name in tables[table]:
                    place = f"{table} {name}"
                    first = seen.setdefault(paths.get(name, (name,)), place)
                    if first != place:
                        raise InputError(f"{owner}: {name} is both in {first.split()[0]} and in {table}: leave one out")


def shipped() -> dict[str, Path]:
    """Return the sweeps that come with bitline and with plug-ins, by name."""
    from bitline.content import folders

    paths = [path for folder in folders("characterize") for path in sorted(folder.glob("*.toml"))]
    return {path.stem: path for path in paths}


def _locate(source: str | Path) -> Path:
    if isinstance(source, str) and source in (known := shipped()):
        return known[source]
    path = path_of("sweep", source)
    # This looks like a path. Opening it says what is wrong, which a list of shipped sweeps would not.
    if path.suffix == ".toml" or path.exists() or len(path.parts) > 1:
        return path
    raise UnknownNameError("sweep", str(source), known)


def _circuit_class(name: str) -> type[Circuit]:
    from bitline.circuits.registry import circuit_class

    return circuit_class(name)


def _bench(name: str, circuit: type[Circuit]) -> Bench:
    from bitline.benches.registry import bench

    return bench(name, circuit)


def _from_python(circuit: Circuit, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the TOML form of `Sweep(circuit, bench=..., samples=..., vdd=[...], ...)`.

    `bench` or `benches`, `samples`, `until`, `seed`, `sampling`, `at`, `name`, `description`, `accuracy` and
    `solver_error` mean what they mean in the file; anything else is an axis.
    """
    axes = dict(values)
    own = ("name", "benches", "description", "accuracy", "solver_error")
    form: dict[str, Any] = {key: axes.pop(key) for key in own if key in axes}
    if "bench" in axes:
        if "benches" in values:
            raise InputError("sweep: bench and benches are both given: leave one out")
        form["benches"] = axes.pop("bench")
    form["mismatch"] = {key: axes.pop(key) for key in _MISMATCH_KEYS if key in axes}
    fixed = {name: value for name, value in changed_parameters(circuit).items() if name not in axes}
    return form | {"circuit": circuit.name, "parameters": fixed, "axes": axes}


def _prepared(values: Mapping[str, Any]) -> dict[str, Any]:
    """Parse the axes and refuse unknown keys, where pydantic's own message would help less."""
    for key in _TABLES:
        if not isinstance(values.get(key, {}), Mapping | Mismatch):
            raise InputError(f"sweep: {key} = {values[key]!r}: must be a table")
    prepared = {**values, "axes": _parsed(values.get("axes", {}))}
    mismatch = values.get("mismatch", {})
    if isinstance(mismatch, Mapping):
        _known_keys("[mismatch]", mismatch, _MISMATCH_KEYS)
        # NumPy's integers are as good as Python's.
        prepared["mismatch"] = {key: plain(value) for key, value in mismatch.items()}
        if "axes" in mismatch:
            prepared["mismatch"]["axes"] = _parsed(mismatch["axes"])
    return prepared


def _parsed(axes: Any) -> Any:
    """Return axes from what a file or a caller says; what is no table is left for pydantic to refuse."""
    if not isinstance(axes, Mapping):
        return axes
    return {name: parse_axis(name, form) for name, form in axes.items()}


def _known_keys(owner: str, table: Mapping[str, Any], known: Iterable[str]) -> None:
    for key in table:
        if key not in known:
            raise UnknownNameError("key", key, known, f"of {owner}")


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        if isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            value = _merge(merged[key], value)
        merged[key] = value
    return merged
