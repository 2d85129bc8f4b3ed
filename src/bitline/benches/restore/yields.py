"""From restores to yield tables: counts with Clopper-Pearson intervals, what became what, and the formulas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import pandas as pd
import xarray as xr

from bitline.benches.base import Output
from bitline.benches.restore import half_rail, restore
from bitline.benches.restore.half_rail_sizing import Decay, HalfRail, size_half_rail
from bitline.benches.restore.sizing import Restore, size_restore
from bitline.benches.restore.theory import Yields, decided, device_bound, predicted
from bitline.benches.restore.trit import NO_TRIT
from bitline.benches.tables import SURVIVORS, annotate, axes_of, grid, groups, on_axes, survivors
from bitline.circuits.base import Circuit
from bitline.circuits.nvsram_trit import NvSramTrit
from bitline.circuits.nvsram_trit_half_rail import NvSramTritHalfRail
from bitline.devices.reram import LEVELS, TRITS, Level
from bitline.parameters import assemble, field_names, parameter_paths
from bitline.statistics.intervals import clopper_pearson

C = TypeVar("C", bound=Circuit)
I = TypeVar("I")  # noqa: E741 (inputs)

YIELD = (
    *SURVIVORS,
    Output("wrong", "1", "restores that gave another trit than was stored"),
    Output("yield", "1", "share of right restores; what is known with none wrong is yield_low"),
    Output("yield_low", "1", "lower end of its 95 % Clopper-Pearson interval"),
    Output("yield_high", "1", "upper end of it"),
    *(Output(f"to_{level}", "1", f"restored as the trit of {level}: a column of the error matrix") for level in LEVELS),
    Output("to_none", "1", "restored as the code that no level gives"),
    Output("bound", "1", "yield of ideal latches that decide at the geometric means, by formula"),
    Output("predicted", "1", "yield with the latches' measured offset, by formula; ideal where they have no mismatch"),
    Output("latency_max", "s", "longest latency"),
    Output("energy_mean", "J", "mean of energy_total"),
)


Trit = NvSramTrit | NvSramTritHalfRail


def restore_tables(results: pd.DataFrame, circuit: Trit) -> dict[str, xr.Dataset]:
    """Return table nominal, and table yield where mismatch was sampled."""
    outputs = half_rail.OUTPUTS if isinstance(circuit, NvSramTritHalfRail) else restore.OUTPUTS
    axes = axes_of(results, outputs)
    nominal = results[results["sample"] == 0]
    idle = [name for name in axes if name in ("sigma_lnr", "mismatch") and nominal[name].nunique() == 1]
    tables = {"nominal": grid(nominal.drop(columns=idle), outputs)}
    samples = results[results["sample"] > 0]
    if len(samples):
        tables["yield"] = yields(samples, axes, circuit)
    return tables


def yields(samples: pd.DataFrame, axes: list[str], circuit: Trit) -> xr.Dataset:
    """Count the Monte Carlo rows of a restore at each place on the axes."""
    rows = []
    for place, group in groups(samples, axes):
        rows.append({**place, **_count(group), **_formulas(circuit, place)})
    frame = pd.DataFrame(rows)
    return annotate(on_axes(frame, axes, [output.name for output in YIELD]), YIELD)


def _count(group: pd.DataFrame) -> dict[str, float]:
    good = group[group["status"] == "ok"]
    n, wrong = len(good), int((good["correct"] == 0).sum())
    share = low = high = latest = energy = float("nan")
    if n:
        interval = clopper_pearson(wrong, n)
        share, low, high = 1 - wrong / n, 1 - interval.high, 1 - interval.low
        latest, energy = float(good["latency"].max()), float(good["energy_total"].mean())
    return {
        **survivors(n, len(group) - n),
        "wrong": wrong,
        "yield": share,
        "yield_low": low,
        "yield_high": high,
        **{f"to_{level}": int((good["trit"] == TRITS[level]).sum()) for level in LEVELS},
        "to_none": int((good["trit"] == NO_TRIT).sum()),
        "latency_max": latest,
        "energy_mean": energy,
    }


def _formulas(circuit: Trit, place: Mapping[str, Any]) -> dict[str, float]:
    """Return the device-only bound and the prediction with the latches' offset and the others' leakage."""
    if isinstance(circuit, NvSramTritHalfRail):
        return half_rail_yield(*_at(circuit, HalfRail, place))
    return _ramped(*_at(circuit, Restore, place))


def _at(circuit: C, inputs: type[I], place: Mapping[str, Any]) -> tuple[C, I]:
    """Return circuit and inputs at a place on the axes, conditions left out."""
    known, names = parameter_paths(circuit), field_names(inputs)
    own = assemble(circuit, {name: value for name, value in place.items() if name in known and name not in names})
    return own, inputs(**{name: value for name, value in place.items() if name in names})


def _ramped(circuit: NvSramTrit, inputs: Restore) -> dict[str, float]:
    """Return both of latches that compare with two references at one time."""
    sizing = size_restore(circuit, inputs)
    reram, selector = circuit.cluster.reram, circuit.cluster.selector
    levels, sigma = [reram.resistance(level) for level in LEVELS], reram.sigma(inputs.level)
    right = predicted(
        sigma,
        levels,
        circuit.sigma_vos if inputs.mismatch == "all" else 0.0,
        inputs.v_start - circuit.kick * inputs.v_boost,
        sizing.t_discharge * inputs.stretch,
        circuit.c_node,
        series=selector.r_series,
        g_leak=(circuit.cluster.n_per_cluster - 1) * selector.g_off if selector.kind == "threshold" else 0.0,
        v_idle=sizing.v_idle,
        references=sizing.levels,
    )
    return _bound_and(right, inputs.level, sigma, levels)


def half_rail_yield(circuit: NvSramTritHalfRail, inputs: HalfRail) -> dict[str, float]:
    """Return bound and prediction of latches that compare with one reference at two times."""
    sizing, decay = size_half_rail(circuit, inputs), Decay(circuit, inputs)
    reram = circuit.cluster.reram
    levels, sigma = [reram.resistance(level) for level in LEVELS], reram.sigma(inputs.level)
    above = sizing.v_ref - inputs.v_low
    right = decided(
        sigma,
        levels,
        circuit.sigma_vos if inputs.mismatch == "all" else 0.0,
        lambda r: decay.nodes(sizing, r),
        (above + decay.skews[0], above + decay.skews[1]),
        series=decay.series,
        jitters=lambda r: decay.jitters(sizing, r),
    )
    return _bound_and(right, inputs.level, sigma, levels)


def _bound_and(right: Yields, level: Level, sigma: float, levels: list[float]) -> dict[str, float]:
    k = LEVELS.index(level)
    return {"bound": float(device_bound(sigma, levels)[k]), "predicted": float(right[k])}
