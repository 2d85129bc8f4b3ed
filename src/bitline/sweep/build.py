"""Build: from a sweep's outcomes to its LUT, with all that is needed to believe it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from bitline.benches.base import Bench, Output
from bitline.benches.error_budget import GROUP, error_budget, has_budget
from bitline.benches.tables import annotate, axes_of, on_axes
from bitline.circuits.base import Circuit
from bitline.lut.heldout import heldout
from bitline.lut.interpolation import marked
from bitline.lut.lut import Lut
from bitline.lut.operation import Operation, Products
from bitline.lut.table import json_able, normalised
from bitline.parameters import describe, parameter_paths
from bitline.pdk.descriptor import Pdk
from bitline.statistics.distributions import binomial_pmf
from bitline.statistics.snr import snr_a, to_db
from bitline.sweep.outcome import STATUSES, Outcome
from bitline.sweep.outcomes import Outcomes
from bitline.sweep.point import Grid, column_name
from bitline.sweep.provenance import plain_text, provenance
from bitline.sweep.run import Interrupted
from bitline.sweep.sweep import Sweep


def build_lut(sweep: Sweep, outcomes: Iterable[Outcome], pdk: Pdk, ngspice: str) -> Lut:
    """Reduce outcomes to tables.

    Parameters
    ----------
    sweep : Sweep
    outcomes : iterable of Outcome
        One per point of the sweep, in its order.
    pdk : Pdk
    ngspice : str
        Version of ngspice.

    Returns
    -------
    Lut
        Named after the sweep; `attrs` hold its provenance, and under ``problems`` what could not be made.
    """
    tables: dict[str, xr.Dataset] = {}
    if not isinstance(outcomes, Outcomes):
        outcomes = Outcomes(outcomes)
    attrs = provenance(sweep, outcomes, pdk, ngspice)
    problems: list[str] = []
    # A bench has a nominal grid and one for the Monte Carlo, and `reduce` needs the points of both.
    frames: dict[str, pd.DataFrame] = {}
    for bench in dict.fromkeys(grid.bench for grid in sweep.grids):
        frames[bench.name] = results_frame(sweep, bench, outcomes)
        tables |= _tables(bench, frames[bench.name], sweep.base, problems)
        with noted(problems, f"the scope of bench {bench.name}"):
            attrs |= json_able("scope", bench.scope)
        # Those of the others are in their operation.
        if bench.supplies is not None and bench.operation is None:
            attrs["supplies"] = {**attrs.get("supplies", {}), bench.name: bench.supplies.as_json()}
    _name_units(tables, sweep)
    operation = _operation(sweep, tables, problems)
    products = None if operation is None else operation.products
    if products is not None and {"mismatch", "noise"} <= tables.keys():
        with noted(problems, "table snr"):
            tables |= _snr(tables, products)
    if products is not None and has_budget(tables, sweep.base):
        with noted(problems, "table error_budget"):
            results = next(frame for frame in frames.values() if GROUP in frame)
            vdd = next(sweep.points()).conditions.vdd
            tables["error_budget"] = error_budget(tables, results, sweep.base, products, vdd)
    attrs["heldout"] = heldout(tables)
    if problems:
        attrs["problems"] = problems
    return Lut(sweep.name, sweep.circuit, marked(tables, operation), attrs, operation)


@contextmanager
def noted(problems: list[str], what: str) -> Iterator[None]:
    """Note an error in a line and go on: what was simulated is worth more than the one thing that failed."""
    try:
        yield
    except Interrupted:
        raise
    except Exception as error:  # noqa: BLE001 - a plug-in's bench may fail in any way
        problems.append(" ".join(f"{what} could not be made: {type(error).__name__}: {error}".split()))


def _tables(bench: Bench, results: pd.DataFrame, base: Circuit, problems: list[str]) -> dict[str, xr.Dataset]:
    """Return the tables of a bench; where it makes none by an error, one of its points as they were measured."""
    tables: dict[str, xr.Dataset] = {}
    before = len(problems)
    with noted(problems, f"the tables of bench {bench.name}"):
        for name, table in bench.reduce(results, base).items():
            with noted(problems, f"table {name} of bench {bench.name}"):
                # A LUT takes only tables of this form, and would be refused for one that is not.
                normalised(name, table)
                tables[name] = table
    if not tables and len(problems) > before:
        with noted(problems, f"a table of the points of bench {bench.name}"):
            name, table = f"points_{bench.name.replace('-', '_')}", points_table(bench, results)
            normalised(name, table)
            tables[name] = table
    return tables


def points_table(bench: Bench, results: pd.DataFrame) -> xr.Dataset:
    """Lay all points out on their axes and their sample, NaN where there is none."""
    dataset = on_axes(results, [*axes_of(results, bench.outputs), "sample"], [output.name for output in bench.outputs])
    return annotate(dataset, bench.outputs)


def _operation(sweep: Sweep, tables: dict[str, xr.Dataset], problems: list[str]) -> Operation | None:
    """Return what one use of a sweep's circuit is, if the tables hold what it speaks of."""
    with noted(problems, "the operation"):
        operation = sweep_operation(sweep)
        # Its table may be the one that could not be made.
        Lut(sweep.name, sweep.circuit, tables, {}, operation)
        return operation
    return None


def sweep_operation(sweep: Sweep) -> Operation | None:
    """Return what one use of a sweep's circuit is: of its first bench that can say, over every circuit it measures."""
    for grid in sweep.grids:
        if grid.bench.operation is not None:
            return common_operation([grid.bench.operation(circuit) for circuit in grid.circuits()])
    return None


def common_operation(operations: Sequence[Operation]) -> Operation | None:
    """Return what operations of several circuits have in common; what differs between them is unknown.

    Returns
    -------
    Operation or None
        None where not even event, energy and table are the same.
    """
    first = operations[0]
    if not _agree((operation.event, operation.energy, operation.table) for operation in operations):
        return None
    # A consumer takes what it reads for true at every point, so what an axis changes is left out.
    unknown: dict[str, Any] = {"operands": None, "cycle": None, "latency": "", "success": None, "pins": None}
    changes = {
        name: value
        for name, value in unknown.items()
        if not _agree(getattr(operation, name) for operation in operations)
    }
    interfaces = [replace(operation.pins, setup=None) for operation in operations if operation.pins]
    if len(interfaces) == len(operations) and "pins" in changes and _agree(interfaces):
        # The pins themselves are the same; only the time to settle depends on the axis.
        changes["pins"] = interfaces[0]
    return replace(first, **changes)


def _agree(values: Iterable[Any]) -> bool:
    first, *others = values
    return all(other == first for other in others)


def _name_units(tables: dict[str, xr.Dataset], sweep: Sweep) -> None:
    """Give axes that are a bench's inputs or the circuit's parameters the unit these have."""
    units = {info.name: info.unit for grid in sweep.grids for info in describe(grid.bench.inputs)}
    for name, (*outer, last) in parameter_paths(sweep.base).items():
        owner: Any = reduce(getattr, outer, sweep.base)
        units[column_name(name)] = next(info.unit for info in describe(type(owner)) if info.name == last)
    for table in tables.values():
        for axis in map(str, table.coords):
            if units.get(axis):
                table[axis].attrs["unit"] = units[axis]


def results_frame(sweep: Sweep, bench: Bench, outcomes: Outcomes) -> pd.DataFrame:
    """Lay the points of a bench and their outcomes out as a frame: axes, sample, status, outputs (NaN where not ok).

    No point is made but one for each value of an axis: millions of them would take minutes, and kilobytes each.
    """
    ends = list(itertools.accumulate(map(len, sweep.grids)))
    if len(outcomes) != ends[-1]:
        raise ValueError(f"{len(outcomes)} outcomes of {ends[-1]} points")
    own = [(grid, end - len(grid), end) for grid, end in zip(sweep.grids, ends, strict=True) if grid.bench == bench]
    columns = {column_name(axis): _joined(_on(grid, axis) for grid, *_ in own) for axis in sweep.axes_of(bench.name)}
    columns["sample"] = _joined(pd.Series(np.repeat(grid.samples, len(grid) // len(grid.samples))) for grid, *_ in own)
    statuses = np.concatenate([outcomes.statuses(*part) for _, *part in own])
    columns["status"] = pd.Series(list(STATUSES)).take(statuses).reset_index(drop=True)
    for output in bench.outputs:
        columns[output.name] = _joined(pd.Series(outcomes.values(output.name, *part)) for _, *part in own)
    # A copy would be another 100 bytes a point.
    return pd.DataFrame(columns, copy=False)


def _on(grid: Grid, axis: str) -> pd.Series[Any]:
    """Return the coordinates of a grid's points on an axis."""
    values, places = grid.column(axis)
    return pd.Series([_cell(value) for value in values]).take(places)


def _joined(parts: Iterable[pd.Series[Any]]) -> pd.Series[Any]:
    return pd.concat(list(parts), ignore_index=True)


def _cell(value: Any) -> Any:
    """Return a coordinate as a table holds it: a number, or text, which a flag is there, as in a sweep's file."""
    if isinstance(value, bool):
        return str(value).lower()
    return plain_text(value)


_SNR = (
    Output("snr_a", "dB", "SNR_a of the analog core: var(ideal) / var(nonlinearity + mismatch + thermal)"),
    Output("snr_a_low", "dB", "with sigma at the upper end of its 95 % interval"),
    Output("snr_a_high", "dB", "with sigma at the lower end of its 95 % interval"),
)


def _snr(tables: dict[str, xr.Dataset], products: Products) -> dict[str, xr.Dataset]:
    """Compute SNR_a wherever mismatch was sampled over every sum of products; nothing where it was not."""
    mismatch, axis = tables["mismatch"], products.axis
    sums = np.arange(products.count + 1)
    # The probabilities are those of every sum from 0 to the count, so each of them must have been measured.
    if products.signed or axis not in mismatch.dims or mismatch[axis].values.tolist() != sums.tolist():
        return {}
    pmf = binomial_pmf(products.count, products.plus)
    dims = [str(dim) for dim in mismatch["v_mean"].dims if dim != axis]
    shape = tuple(mismatch.sizes[dim] for dim in dims)
    # This gives NaN where mismatch was sampled at a condition that the noise bench did not visit.
    noise = tables["noise"].reindex({dim: mismatch[dim].values for dim in dims if dim in tables["noise"].dims})
    values = {output.name: np.empty(shape) for output in _SNR}
    for place in np.ndindex(*shape):
        cell = mismatch.isel(dict(zip(dims, place, strict=True)))
        thermal = _thermal(noise.sel({dim: cell[dim] for dim in dims if dim in noise.dims}), float(pmf @ sums))
        for output, spread in zip(_SNR, ("v_sigma", "v_sigma_high", "v_sigma_low"), strict=True):
            ratio = snr_a(sums, cell["v_mean"].values, cell[spread].values, thermal, pmf)
            values[output.name][place] = to_db(ratio)
    coords = {dim: mismatch[dim] for dim in dims}
    return {"snr": annotate(xr.Dataset({key: (dims, array) for key, array in values.items()}, coords), _SNR)}


def _thermal(noise: xr.Dataset, conducting: float) -> float:
    """Return the temporal noise [V] of a column in which so many cells conduct in the mean."""
    discharge = float(noise["v_discharge"]) if "v_discharge" in noise else 0.0
    # Each cell that conducts adds its own share of the discharge noise.
    return math.sqrt(float(noise["v_thermal"]) ** 2 + conducting * discharge**2)
