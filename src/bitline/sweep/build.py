"""Build: from a sweep's outcomes to its LUT, with all that is needed to believe it."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import reduce
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from bitline.benches.base import Bench, Output
from bitline.benches.tables import annotate
from bitline.circuits.base import Circuit
from bitline.lut.heldout import heldout
from bitline.lut.lut import Lut
from bitline.parameters import Parameters, Source, describe, describe_all, field_names, parameter_paths
from bitline.pdk.descriptor import Pdk
from bitline.pdk.slim import slim_pdk
from bitline.statistics.distributions import binomial_pmf
from bitline.statistics.snr import snr_a, to_db
from bitline.sweep.outcome import Outcome
from bitline.sweep.point import CONDITION_AXES, Point
from bitline.sweep.sweep import Sweep

# Uniform random bits: input AND weight is 1 with this probability.
P_ONE = 0.25


def build_lut(sweep: Sweep, outcomes: Sequence[Outcome], pdk: Pdk, ngspice: str) -> Lut:
    """Reduce outcomes to tables.

    Parameters
    ----------
    sweep : Sweep
    outcomes : sequence of Outcome
        One per point of the sweep, in its order.
    pdk : Pdk
    ngspice : str
        Version of ngspice.

    Returns
    -------
    Lut
        Named after the sweep; `attrs` hold its provenance.
    """
    tables: dict[str, xr.Dataset] = {}
    scope: dict[str, Any] = {}
    pairs = list(zip(sweep.points(), outcomes, strict=True))
    for bench in dict.fromkeys(grid.bench for grid in sweep.grids):
        own = [(point, outcome) for point, outcome in pairs if point.bench == bench.name]
        results = results_frame(bench, sweep.axes_of(bench.name), own)
        tables |= bench.reduce(results, sweep.base)
        scope |= bench.scope
    _name_units(tables, sweep)
    statistics = operand_statistics(sweep.base)
    same = not {"active", "inputs"} & sweep.axes.keys()  # else each column sums another number of products
    if statistics and same and {"mismatch", "noise"} <= tables.keys():
        tables |= _snr(tables, statistics["products"])
        scope["operand_statistics"] = statistics["doc"]
    attrs = provenance(sweep, outcomes, pdk, ngspice) | scope
    attrs["heldout"] = heldout(tables)
    return Lut(sweep.name, sweep.circuit, tables, attrs)


def _name_units(tables: dict[str, xr.Dataset], sweep: Sweep) -> None:
    """Give axes that are a bench's inputs or the circuit's parameters the unit these have."""
    units = {info.name: info.unit for grid in sweep.grids for info in describe(grid.bench.inputs)}
    for name, (*outer, last) in parameter_paths(sweep.base).items():
        owner: Any = reduce(getattr, outer, sweep.base)
        units[name] = next(info.unit for info in describe(type(owner)) if info.name == last)
    for table in tables.values():
        for axis in map(str, table.coords):
            if units.get(axis):
                table[axis].attrs["unit"] = units[axis]


def results_frame(bench: Bench, axes: Iterable[str], pairs: Iterable[tuple[Point, Outcome]]) -> pd.DataFrame:
    """Lay points and outcomes out as a frame: axes, sample, status, outputs (NaN where not ok)."""
    names = tuple(axes)
    rows = [
        {
            **{axis: _plain(point.value(axis)) for axis in names},
            "sample": point.conditions.sample,
            "status": outcome.status,
            **{output.name: outcome.values.get(output.name, float("nan")) for output in bench.outputs},
        }
        for point, outcome in pairs
    ]
    return pd.DataFrame(rows)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value


def provenance(sweep: Sweep, outcomes: Sequence[Outcome], pdk: Pdk, ngspice: str) -> dict[str, Any]:
    """Return what determines the LUT, so that anyone can make it again and get the same bytes."""
    corners = dict.fromkeys(point.conditions.corner for point in sweep.points())
    keys = hashlib.sha256("".join(outcome.key for outcome in outcomes).encode())
    failed = Counter(outcome.status for outcome in outcomes)
    return {
        "description": sweep.description,
        "bitline": version("bitline"),
        "ngspice": ngspice,
        "pdk": pdk.name,
        "pdk_library_sha256": {str(c): slim_pdk(pdk, c).library.sha256 for c in corners},
        "pdk_section": {str(c): pdk.section(c) for c in corners},
        "circuit": sweep.circuit,
        "parameters": fixed_parameters(sweep),
        "conditions": fixed_conditions(sweep),
        "inputs": fixed_inputs(sweep),
        "assumed": assumed(sweep.base),
        "parameter_sources": parameter_sources(sweep.base),
        "benches": {grid.bench.name: grid.bench.version for grid in sweep.grids},
        "accuracy": sweep.accuracy,
        "seed": sweep.mismatch.seed,
        "samples": sweep.mismatch.samples,
        "points": len(outcomes),
        "status": dict(sorted(failed.items())),
        "rungs": dict(sorted(Counter(o.rung for o in outcomes if o.ok).items())),
        "decks_sha256": keys.hexdigest(),
    }


def fixed_parameters(sweep: Sweep) -> dict[str, Any]:
    """Return the parameters of a sweep's circuit that no axis changes."""
    values, paths = parameters(sweep.base), parameter_paths(sweep.base)
    for axis in {*sweep.axes, *sweep.mismatch.axes} & paths.keys():
        *outer, last = paths[axis]
        del reduce(dict.__getitem__, outer, values)[last]
    return values


def fixed_conditions(sweep: Sweep) -> dict[str, Any]:
    """Return corner, supply [V] and temperature [degC] where a sweep has them as no axis."""
    first = next(sweep.points()).conditions
    return {name: _plain(getattr(first, name)) for name in CONDITION_AXES if name not in sweep.axes}


def fixed_inputs(sweep: Sweep) -> dict[str, dict[str, Any]]:
    """Return, by bench, the inputs that no axis changes."""
    swept = {*sweep.axes, *sweep.mismatch.axes}
    found: dict[str, dict[str, Any]] = {}
    for grid in sweep.grids:
        inputs = next(grid.points(0)).inputs
        fixed = {name: _plain(getattr(inputs, name)) for name in field_names(inputs) if name not in swept}
        if fixed:
            found.setdefault(grid.bench.name, fixed)
    return found


def parameters(circuit: Parameters) -> dict[str, Any]:
    """Return every parameter of a circuit; those of circuits and devices inside it as a table."""
    values = {name: getattr(circuit, name) for name in field_names(circuit)}
    return {k: parameters(v) if isinstance(v, Parameters) else v for k, v in values.items()}


def assumed(circuit: Parameters) -> list[str]:
    """List the parameters whose default no source gives, each with its doc."""
    infos = describe_all(circuit)
    return [f"{info.name.rpartition('.')[-1]}: {info.doc} (assumed)" for info in infos if info.source == "assumed"]


def parameter_sources(circuit: Parameters) -> dict[str, Source]:
    """Return where the default of each parameter comes from, by dotted names."""
    return {info.name: info.source for info in describe_all(circuit)}


def operand_statistics(circuit: Circuit) -> dict[str, Any] | None:
    """Return how many products a column sums, and how their sum is distributed."""
    products = getattr(circuit, "active", getattr(circuit, "inputs", None))
    if products is None:
        return None
    doc = f"code ~ Binomial({products}, {P_ONE}): {products} products of independent uniform random bits"
    return {"products": products, "doc": doc}


_SNR = (
    Output("snr_a", "dB", "SNR_a of the analog core: var(ideal) / var(nonlinearity + mismatch + thermal)"),
    Output("snr_a_low", "dB", "with sigma at the upper end of its 95 % interval"),
    Output("snr_a_high", "dB", "with sigma at the lower end of its 95 % interval"),
)


def _snr(tables: dict[str, xr.Dataset], products: int) -> dict[str, xr.Dataset]:
    """Compute SNR_a wherever mismatch was sampled over every code; nothing where it was not."""
    mismatch = tables["mismatch"]
    if "code" not in mismatch.dims or list(mismatch["code"].values) != list(range(products + 1)):
        return {}
    code, pmf = np.arange(products + 1), binomial_pmf(products, P_ONE)
    dims = [str(d) for d in mismatch["v_mean"].dims if d != "code"]
    shape = tuple(mismatch.sizes[d] for d in dims)
    # NaN where mismatch was sampled at a condition that the noise bench did not visit
    noise = tables["noise"].reindex({d: mismatch[d].values for d in dims if d in tables["noise"].dims})
    values = {output.name: np.empty(shape) for output in _SNR}
    for place in np.ndindex(*shape):
        cell = mismatch.isel(dict(zip(dims, place, strict=True)))
        at = noise.sel({d: cell[d] for d in dims if d in noise.dims})
        # each of the code's cells adds its share of the discharge noise
        discharge = float(at["v_discharge"]) if "v_discharge" in at else 0.0
        thermal = math.sqrt(float(at["v_thermal"]) ** 2 + float(pmf @ code) * discharge**2)
        for output, spread in zip(_SNR, ("v_sigma", "v_sigma_high", "v_sigma_low"), strict=True):
            ratio = snr_a(code, cell["v_mean"].values, cell[spread].values, thermal, pmf)
            values[output.name][place] = to_db(ratio)
    coords = {d: mismatch[d] for d in dims}
    return {"snr": annotate(xr.Dataset({k: (dims, v) for k, v in values.items()}, coords), _SNR)}
