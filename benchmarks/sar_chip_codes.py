"""What a converter's chips are worth by their codes, and by the converter as numbers: for `sar_chips.py`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bitline.benches.sar.tables import measured_transitions
from bitline.circuits.sar_adc import SarAdc
from bitline.statistics.intervals import clopper_pearson
from bitline.statistics.linearity import enob
from bitline.system.converter import drawn_steps, offset_transitions, transition_linearity, transitions

Array = NDArray[np.float64]

SEED = 11
# Equal parts of the range, an input of each chip in each.
PARTS = 16
# ENOB that is asked of nearly all chips.
WANTED = 4.5


@dataclass(frozen=True, eq=False)
class Nominal:
    """The converter without mismatch, and how its trim moves the offset.

    Parameters
    ----------
    bits : int
    lsb : float
        Of the end-point line [V].
    middle : float
        The input at the range's middle [V].
    gain : float
        Of the sampling.
    moves : ndarray, shape (trims,)
        Offset of each trim less that of none [V].
    trims : ndarray of int
    """

    bits: int
    lsb: float
    middle: float
    gain: float
    moves: Array
    trims: NDArray[np.int64]

    def trim(self, offset: float) -> int:
        """Return the trim that by this curve takes away most of an offset [V]."""
        best: int = self.trims[np.abs(offset + self.moves).argmin()].item()
        return best


@dataclass(frozen=True, eq=False)
class Chip:
    """One calibrated chip.

    Parameters
    ----------
    number : int
        Sample of the mismatch, from 1.
    trim : int
    before : float
        Offset without trim, at the last decision's common mode [V].
    offsets : ndarray, shape (bits,)
        Offset with it at each decision [V].
    edges : ndarray, shape (2^bits - 1,)
        Transitions by the capacitors' own deviates, at the top plates and without offset [V].
    """

    number: int
    trim: int
    before: float
    offsets: Array
    edges: Array


def inputs(bits: int, lsb: float, count: int, number: int) -> Array:
    """Return inputs of one chip [V]: one in each of 16 equal parts of the range, every second part first.

    The places in the parts are a Latin hypercube's, so that over all parts every place within a code is as frequent.
    Fewer than 16 are the first of them: more inputs of a chip keep those that it has.
    """
    stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence(SEED, spawn_key=(number, 1))))
    places = (stream.permutation(PARTS) + stream.random(PARTS)) / PARTS
    spread = (np.arange(PARTS) + places - PARTS / 2) * 2**bits / PARTS * lsb
    return np.concatenate([spread[::2], spread[1::2]])[:count]


def effective_bits(v: Array, codes: Array, bits: int, known: Nominal) -> float:
    """Return the ENOB of codes read by the nominal line: log2(2^bits LSB / (sqrt(12) rms error)).

    The mean square is that of an ideal converter, LSB^2 / 12, and the mean by which the codes' own squares differ from
    those of an ideal converter at the same inputs: few inputs then scatter by what is wrong with the chip alone.
    """
    middle = 2 ** (bits - 1) - 0.5
    x = (v - known.middle) / known.lsb
    ideal = np.clip(np.floor(x) + 2 ** (bits - 1), 0, 2**bits - 1)
    square = 1 / 12 + np.mean((x - (codes - middle)) ** 2 - (x - (ideal - middle)) ** 2)
    return float(enob(2.0**bits, math.sqrt(max(float(square), 1e-12))))


def modelled_codes(chip: Chip, v: Array, noise: Array, known: Nominal) -> NDArray[np.int64]:
    """Return the codes of `bitline.system.converter`, each conversion with its own noise, shape (inputs, bits) [V]."""
    edges = offset_transitions(chip.edges, chip.offsets - noise)
    return np.asarray((known.gain * v[:, None] > edges).sum(axis=1))


def by_model(chip: Chip, known: Nominal, bits: int, noise: Mapping[str, float]) -> dict[str, Any]:
    """Return a chip's calibration, and what its deviates, offsets and noise make of `bitline.system.converter`."""
    exact = offset_transitions(chip.edges, chip.offsets) / known.gain
    line, steps = transition_linearity(exact)
    rms = math.hypot(noise["v_noise"], noise["v_sampled"]) / known.gain
    return {
        "chip": chip.number,
        "trim": chip.trim,
        "offset_before_mV": 1e3 * chip.before,
        "offset_last_mV": 1e3 * chip.offsets[-1],
        "offset_first_mV": 1e3 * chip.offsets[0],
        "inl_model_LSB": largest(line),
        "dnl_model_LSB": largest(steps),
        "enob_model": modelled_bits(exact, rms, known, bits),
    }


def by_codes(chip: Chip, rows: pd.DataFrame, known: Nominal, bits: int) -> dict[str, Any]:
    """Return what a chip's whole conversions say; NaN of a chip without any."""
    good = rows[(rows["status"] == "ok") & (rows["resolved"] == bits)]
    if good.empty:
        return {"conversions": 0}
    v, codes = (good[name].to_numpy(dtype=np.float64) for name in ("v_diff", "code"))
    # The levels are the DAC's; the comparator moves each by its offset at that decision. An input that noise or offset
    # has moved to another code may leave a transition that no conversion has met.
    levels = measured_transitions(good, bits)
    line, steps = transition_linearity(offset_transitions(levels, chip.offsets / known.gain))
    return {
        "transitions": int(np.isfinite(levels).sum()),
        "inl_LSB": largest(line),
        "dnl_LSB": largest(steps),
        "enob_codes": effective_bits(v, codes, bits, known),
        "conversions": len(good),
        "other_code": int((good["code"] != good["modelled"]).sum()),
    }


def largest(values: Array) -> float:
    """Return the largest magnitude of what is known; NaN where nothing is."""
    if not np.isfinite(values).any():
        return math.nan
    return float(np.nanmax(np.abs(values)))


def modelled_bits(edges: Array, noise: float, known: Nominal, bits: int) -> float:
    """Return the ENOB of exact transitions [V] with noise [V], read by the nominal line over the nominal range."""
    half = 2 ** (bits - 1)
    t = (edges - known.middle) / known.lsb
    ends = np.clip(np.concatenate([[-half], t, [half]]), -half, half)
    middle = np.arange(2**bits) - half + 0.5
    square = (((ends[1:] - middle) ** 3 - (ends[:-1] - middle) ** 3) / 3).sum() / 2**bits
    return float(enob(2.0**bits, math.sqrt(square + (noise / known.lsb) ** 2)))


def crossed(chips: Sequence[Chip], known: Nominal, circuit: SarAdc, noise: Mapping[str, float]) -> Array:
    """Return the ENOB of every measured comparator with as many DACs drawn, by the model.

    Offset and capacitors are independent, so that all pairs of both are chips as likely as those that were simulated.
    """
    units = circuit.c_unit * 1e15
    rest = circuit.v_ref / (known.gain * known.lsb) / 2 ** (circuit.bits - 1) - 1
    sigma = circuit.kappa / math.sqrt(units)
    steps = [
        drawn_steps(circuit.bits, circuit.v_ref, sigma, len(chips), SEED, rest, side) for side in ("plus", "minus")
    ]
    edges = transitions(*steps)
    rms = math.hypot(noise["v_noise"], noise["v_sampled"]) / known.gain
    return np.array(
        [
            modelled_bits(offset_transitions(one, chip.offsets) / known.gain, rms, known, circuit.bits)
            for chip in chips
            for one in edges
        ]
    )


def report(table: pd.DataFrame, rows: pd.DataFrame, pairs: Array, known: Nominal, noise: Mapping[str, float]) -> str:
    """Return what all chips say together, as the lines of a Markdown page."""
    good = rows[rows["status"] == "ok"]
    own, sampled = (1e3 * noise[name] for name in ("v_noise", "v_sampled"))
    converted = int((table["conversions"] > 0).sum())
    lines = [
        f"{len(table)} chips calibrated, {converted} of them in {len(rows)} whole conversions, {len(rows) - len(good)} "
        "without a result.",
        "",
        "| | |",
        "|---|---|",
        f"| LSB, gain of the sampling | {1e3 * known.lsb:.2f} mV, {known.gain:.3f} |",
        f"| noise of a decision, of the sampling | {own:.2f} and {sampled:.2f} mV |",
    ]
    offsets = {"before_mV": "before trim", "last_mV": "trimmed, last decision", "first_mV": "trimmed, first decision"}
    for name, text in offsets.items():
        volts = table[f"offset_{name}"]
        rms = math.sqrt(float((volts**2).mean()))
        lines.append(f"| offset {text}: rms, largest | {rms:.2f} mV, {volts.abs().max():.2f} mV |")
    worst = {"inl_LSB": "INL by the levels", "dnl_LSB": "DNL by the levels"}
    worst |= {"inl_model_LSB": "INL by the model", "dnl_model_LSB": "DNL by the model"}
    for name, text in worst.items():
        lsb = table[name].dropna()
        if len(lsb):
            lines.append(
                f"| a chip's largest {text}, {len(lsb)} chips: median, 95 %, largest | {lsb.median():.3f}, "
                f"{lsb.quantile(0.95):.3f}, {lsb.max():.3f} LSB |"
            )
    lines += [_share(text, table[name].dropna()) for name, text in (("enob_codes", "codes"), ("enob_model", "model"))]
    lines.append(
        f"| ENOB by the model, {len(pairs)} pairs of a comparator and a DAC: 5 % quantile; at least {WANTED} | "
        f"{np.quantile(pairs, 0.05):.2f}; {100 * np.mean(pairs >= WANTED):.1f} % |"
    )
    v, codes = (good[name].to_numpy(dtype=np.float64) for name in ("v_diff", "code"))
    lines.append(f"| ENOB of all conversions together | {effective_bits(v, codes, known.bits, known):.2f} |")
    other = (good["code"] - good["modelled"]).abs()
    lines.append(
        f"| codes that differ from the model's | {(other > 0).sum()} of {len(good)}, by {other.max():.0f} at most |"
    )
    return "\n".join(lines) + "\n"


def _share(text: str, values: pd.Series[float]) -> str:
    failed, chips = int((values < WANTED).sum()), len(values)
    least = 1 - clopper_pearson(failed, chips).high
    return (
        f"| ENOB by the {text}, {chips} chips: 5 % quantile, median; at least {WANTED} | {values.quantile(0.05):.2f}, "
        f"{values.median():.2f}; {chips - failed}, that is more than {100 * least:.0f} % of all chips (95 %) |"
    )
