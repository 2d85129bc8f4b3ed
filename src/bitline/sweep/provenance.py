"""Provenance: what determines a LUT, so that anyone can make it again and get the same bytes."""

from __future__ import annotations

import hashlib
from functools import reduce
from importlib.metadata import version
from typing import Any

from bitline.parameters import Parameters, Source, describe_all, field_names, parameter_paths
from bitline.pdk.descriptor import Pdk
from bitline.pdk.slim import slim_pdk
from bitline.sweep.outcomes import Outcomes
from bitline.sweep.point import OPERATING_AXES
from bitline.sweep.sweep import Sweep


def provenance(sweep: Sweep, outcomes: Outcomes, pdk: Pdk, ngspice: str) -> dict[str, Any]:
    """Return the provenance of a LUT, JSON-able.

    Parameters
    ----------
    sweep : Sweep
    outcomes : Outcomes
        One per point of the sweep, in its order.
    pdk : Pdk
    ngspice : str
        Its version.
    """
    corners, mismatch = sweep.corners, sweep.mismatch
    # A key is the hash of all that determines a point, so this one hash says whether two runs simulated the same.
    keys = hashlib.sha256()
    for key in outcomes.result_keys():
        keys.update(key.encode())
    return {
        "description": sweep.description,
        "bitline": version("bitline"),
        "ngspice": ngspice,
        "pdk": pdk.name,
        "pdk_library_sha256": {str(c): slim_pdk(pdk, c).library.sha256 for c in corners},
        # Corner names differ: SKY130's section sf has the fast NMOS, bitline's corner sf the slow one.
        "pdk_section": {str(c): pdk.section(c) for c in corners},
        "pdk_descriptor": pdk.acting,
        **_capacitors(sweep, pdk),
        "circuit": sweep.circuit,
        "parameters": fixed_parameters(sweep),
        "conditions": fixed_conditions(sweep),
        "inputs": fixed_inputs(sweep),
        "assumed": assumed(sweep.base),
        "parameter_sources": parameter_sources(sweep.base),
        "benches": {grid.bench.name: grid.bench.version for grid in sweep.grids},
        "accuracy": sweep.accuracy,
        "seed": mismatch.seed,
        "samples": mismatch.samples,
        # Samples that do not say how they were chosen are random ones.
        **({} if mismatch.sampling == "random" else {"sampling": mismatch.sampling}),
        "points": len(outcomes),
        "status": dict(sorted(outcomes.status_counts().items())),
        # A designer should doubt first the points that needed help to converge.
        "rungs": dict(sorted(outcomes.rung_counts().items())),
        "decks_sha256": keys.hexdigest(),
    }


def _capacitors(sweep: Sweep, pdk: Pdk) -> dict[str, Any]:
    """Return, under ``pdk_capacitors``, those of the process's capacitors that the sweep's circuits are made of."""
    names = {name for grid in sweep.grids for circuit in grid.circuits() for name in circuit.capacitors}
    facts = {name: pdk.capacitors[name].model_dump(mode="json") for name in sorted(names & pdk.capacitors.keys())}
    return {"pdk_capacitors": facts} if facts else {}


def plain_text(value: Any) -> Any:
    """Return text of any kind, such as an enum's member, as str; anything else as it is."""
    if isinstance(value, str):
        return str(value)
    return value


def fixed_parameters(sweep: Sweep) -> dict[str, Any]:
    """Return the parameters of a sweep's circuit that no axis changes."""
    values, paths = parameters(sweep.base), parameter_paths(sweep.base)
    # The table has the values of an axis; a single value here would contradict it.
    for axis in {*sweep.axes, *sweep.mismatch.axes} & paths.keys():
        *outer, last = paths[axis]
        del reduce(dict.__getitem__, outer, values)[last]
    return values


def fixed_conditions(sweep: Sweep) -> dict[str, Any]:
    """Return corner, supply [V] and temperature [degC] where a sweep has them as no axis."""
    first, swept = next(sweep.points()).conditions, {*sweep.axes, *sweep.mismatch.axes}
    return {name: plain_text(getattr(first, name)) for name in OPERATING_AXES if name not in swept}


def fixed_inputs(sweep: Sweep) -> dict[str, dict[str, Any]]:
    """Return, by bench, the inputs that no axis changes."""
    swept = {*sweep.axes, *sweep.mismatch.axes}
    by_bench: dict[str, dict[str, Any]] = {}
    for grid in sweep.grids:
        inputs = next(grid.points(0)).inputs
        fixed = {name: plain_text(getattr(inputs, name)) for name in field_names(inputs) if name not in swept}
        if fixed:
            by_bench.setdefault(grid.bench.name, fixed)
    return by_bench


def parameters(circuit: Parameters) -> dict[str, Any]:
    """Return every parameter of a circuit; those of circuits and devices inside it as a table."""
    values: dict[str, Any] = {}
    for name in field_names(circuit):
        value = getattr(circuit, name)
        if isinstance(value, Parameters):
            value = parameters(value)
        values[name] = value
    return values


def assumed(circuit: Parameters) -> list[str]:
    """List the parameters whose default no source gives, each with its doc."""
    infos = describe_all(circuit)
    return [f"{info.name.rpartition('.')[-1]}: {info.doc} (assumed)" for info in infos if info.source == "assumed"]


def parameter_sources(circuit: Parameters) -> dict[str, Source]:
    """Return where the default of each parameter comes from, by dotted names."""
    return {info.name: info.source for info in describe_all(circuit)}
