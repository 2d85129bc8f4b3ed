"""Tables of the converter's bench: transitions, their linearity and its spread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bitline.benches.base import Output
from bitline.benches.sar import convert as sar
from bitline.benches.tables import SURVIVORS, annotate, axes_of, grid, groups, moments, on_axes, survivors
from bitline.circuits.sar_adc import SarAdc
from bitline.system.converter import enob_uniform, transition_linearity

Array = NDArray[np.float64]

_TRANSITIONS = (
    Output("v", "V", "input difference at which the code changes from below k to k or more"),
    Output("inl", "LSB", "integral nonlinearity, end-point line"),
    Output("dnl", "LSB", "to the next transition, less one LSB of the end-point line"),
)
_LINE = (
    Output("lsb", "V", "end-point LSB"),
    Output("middle", "V", "transition at mid code: the DAC's offset"),
    Output("inl_max", "LSB", "largest magnitude of INL"),
    Output("dnl_max", "LSB", "largest magnitude of DNL"),
    Output("enob", "bit", "effective bits for inputs spread evenly over the range: quantising and INL"),
)
_SPREAD = (
    *SURVIVORS,
    Output("v_mean", "V", "mean of the transition"),
    Output("v_mean_se", "V", "standard error of that mean"),
    Output("v_sigma", "V", "standard deviation of the transition by the DAC's mismatch"),
    Output("v_sigma_low", "V", "lower end of its 95 % confidence interval"),
    Output("v_sigma_high", "V", "upper end of its 95 % confidence interval"),
    Output("inl_sigma", "LSB", "standard deviation of INL over converters"),
    Output("dnl_sigma", "LSB", "standard deviation of DNL over converters"),
)


def sar_tables(results: pd.DataFrame, circuit: SarAdc) -> dict[str, xr.Dataset]:
    """Return table nominal, and where the input was swept transitions and line, with samples mismatch and chips.

    Parameters
    ----------
    results : DataFrame
        One row per conversion, as `Bench.reduce` gets it. A sweep whose `v_diff` visits the middle of every code
        measures every transition; those that it does not are NaN.
    circuit : SarAdc
        Tells the resolution; where `bits` is an axis only table nominal is made.
    """
    axes = axes_of(results, sar.OUTPUTS)
    tables = {"nominal": grid(results, sar.OUTPUTS)}
    if "bits" in axes or "v_diff" not in axes or results["v_diff"].nunique() < 2**circuit.bits:
        return tables
    others = [name for name in axes if name != "v_diff"]
    still = results[results["sample"] == 0]
    rows: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for place, group in groups(still, others):
        transitions = measured_transitions(group, circuit.bits)
        rows += _per_transition(place, transitions)
        lines.append({**place, **_line(transitions)})
    tables["transitions"] = _transition_table(rows, others, _TRANSITIONS)
    tables["line"] = annotate(on_axes(pd.DataFrame(lines), others, _names(_LINE)), _LINE)
    samples = results[results["sample"] > 0]
    if len(samples):
        rows = [row for place, group in groups(samples, others) for row in _spread(place, group, circuit.bits)]
        tables["mismatch"] = _transition_table(rows, others, _SPREAD)
        tables["chips"] = _chips(samples, others, circuit.bits)
    return tables


def _chips(samples: pd.DataFrame, others: list[str], bits: int) -> xr.Dataset:
    """Return what the line of each converter is worth."""
    rows = []
    for place, group in groups(samples, [*others, "sample"]):
        rows.append({**place, **_line(measured_transitions(group, bits))})
    frame = pd.DataFrame(rows)
    return annotate(on_axes(frame, [*others, "sample"], _names(_LINE)), _LINE)


def measured_transitions(group: pd.DataFrame, bits: int) -> Array:
    """Return the transitions of one converter from the levels that its conversions met.

    Of each transition the two conversions are taken that come nearest from either side, and the input where the
    difference between input and level is zero is interpolated between them: so a gain error of the sampling, which
    a level far from its input contains, drops out. Where the comparator's offset has shifted the codes so far that all
    conversions came from one side, the nearest is taken with the gain that the converter has elsewhere: such
    converters are no worse than others, and a spread without them would be too small.

    Parameters
    ----------
    group : DataFrame
        Conversions of one converter at different inputs.
    bits : int
        Its resolution.

    Returns
    -------
    ndarray, shape (2^bits - 1,)
        In volts; NaN where no conversion came by, or only from one side and no gain is known.
    """
    good = group[group["status"] == "ok"]
    v, code = (good[name].to_numpy(dtype=np.float64) for name in ("v_diff", "code"))
    crossed = np.full((2**bits - 1, 2), np.nan)
    nearest: dict[int, tuple[float, float]] = {}
    for j in range(bits):
        step = 2 ** (bits - 1 - j)
        reached = (code // (2 * step) * 2 * step + step).astype(np.int64)
        residue = v - good[f"level_{j + 1}"].to_numpy(dtype=np.float64)
        for k in np.unique(reached).tolist():
            here = reached == k
            crossed[k - 1] = _zero(v[here], residue[here])
            closest = int(np.abs(residue[here]).argmin())
            nearest[k] = float(v[here][closest]), float(residue[here][closest])
    transitions, gains = crossed[:, 0], crossed[:, 1]
    if np.isfinite(gains).any():
        gain = float(np.nanmedian(gains))
        for k, (at, distance) in nearest.items():
            if np.isnan(transitions[k - 1]):
                transitions[k - 1] = at - distance / gain
    return transitions


def _zero(v: Array, residue: Array) -> tuple[float, float]:
    """Return where the residue is zero [V], and its slope; NaN where it has one sign only."""
    above, below = residue >= 0, residue < 0
    if not (above.any() and below.any()):
        return float("nan"), float("nan")
    upper = np.flatnonzero(above)[residue[above].argmin()]
    lower = np.flatnonzero(below)[residue[below].argmax()]
    slope = (residue[upper] - residue[lower]) / (v[upper] - v[lower])
    return float(v[lower] - residue[lower] / slope), float(slope)


def _per_transition(place: dict[str, Any], transitions: Array) -> list[dict[str, Any]]:
    line, steps = transition_linearity(transitions)
    columns = zip(transitions, line, [*steps, np.nan], strict=True)
    return [{**place, "transition": k + 1, "v": v, "inl": i, "dnl": d} for k, (v, i, d) in enumerate(columns)]


def _line(transitions: Array) -> dict[str, float]:
    line, steps = transition_linearity(transitions)
    return {
        "lsb": float((transitions[-1] - transitions[0]) / (len(transitions) - 1)),
        "middle": float(transitions[len(transitions) // 2]),
        "inl_max": float(np.abs(line).max()),
        "dnl_max": float(np.abs(steps).max()),
        "enob": float(enob_uniform(transitions)),
    }


def _spread(place: dict[str, Any], group: pd.DataFrame, bits: int) -> Iterator[dict[str, Any]]:
    converters = [measured_transitions(one, bits) for _, one in group.groupby("sample", sort=True)]
    whole = np.array([one for one in converters if np.isfinite(one).all()]).reshape(-1, 2**bits - 1)
    counts = survivors(len(whole), len(converters) - len(whole))
    line, steps = transition_linearity(whole) if len(whole) else (whole, whole[:, 1:])
    for k in range(2**bits - 1):
        row = {**place, "transition": k + 1, **dict.fromkeys(_names(_SPREAD), float("nan")), **counts}
        if len(whole) > 1:
            row |= moments(whole[:, k], "v") | {"inl_sigma": float(np.std(line[:, k], ddof=1))}
            if k < steps.shape[1]:
                row["dnl_sigma"] = float(np.std(steps[:, k], ddof=1))
        yield row


def _transition_table(rows: list[dict[str, Any]], others: list[str], outputs: tuple[Output, ...]) -> xr.Dataset:
    return annotate(on_axes(pd.DataFrame(rows), [*others, "transition"], _names(outputs)), outputs)


def _names(outputs: tuple[Output, ...]) -> list[str]:
    return [output.name for output in outputs]
