"""Whole conversions with mismatch, noise and trim: offset, INL, DNL and ENOB of many chips of the SAR converter.

    python benchmarks/sar_chips.py --chips 100 --jobs 2 --store sar-chips.sqlite -o results/converter

Each chip is calibrated first: its comparator's offset is searched at one common mode, and the trim is set that by the
curve of a comparator without mismatch takes away most of it. Then the chip converts inputs spread over the range, every
decision with noise. Its codes, read by the line of the converter without mismatch, give its ENOB. Beside them stands
`bitline.system.converter` with the same chip's deviates, offsets and noise, which must give the same codes. An
interrupted run goes on from its store.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bitline.benches.accuracy import Accuracy
from bitline.benches.base import Conditions
from bitline.benches.comparator import offset as offset_bench
from bitline.benches.sar import convert
from bitline.benches.sar.tables import measured_transitions
from bitline.circuits.base import Circuit
from bitline.circuits.sar_adc import SarAdc
from bitline.circuits.strongarm import StrongArm
from bitline.engine.selftest import preferred_engine
from bitline.pdk.descriptor import Pdk, load_pdk
from bitline.statistics.constants import BOLTZMANN
from bitline.statistics.intervals import clopper_pearson
from bitline.statistics.linearity import enob
from bitline.sweep.outcome import Outcome
from bitline.sweep.point import Point
from bitline.sweep.runner import Runner
from bitline.sweep.session import Session, session
from bitline.sweep.simulate import Context
from bitline.system.converter import offset_transitions, transition_linearity, transitions

Array = NDArray[np.float64]

SEED = 11
V_COMMON = 1.4
# The bits of trim that the comparator's own table has (sweep strongarm-trim).
CONVERTER = SarAdc(comparator=StrongArm(trim_bits=4))
# Equal parts of the range, an input of each chip in each.
PARTS = 16
# ENOB that is asked of nearly all chips.
WANTED = 4.5


@dataclass(frozen=True)
class Workers:
    """Where points are simulated: sessions of two accuracies on one store.

    Codes need only clear decisions, for which the fast preset is enough at this corner and supply; an offset does not
    come out right with it (docs/adc.md).
    """

    pdk: Pdk
    codes: Session
    offsets: Session

    def convert(self, points: Sequence[tuple[SarAdc, Mapping[str, Any]]]) -> pd.DataFrame:
        """Convert, a row a conversion with its input and what the bench measures."""
        return self._run(self.codes, "convert", points)

    def offset(self, points: Sequence[tuple[StrongArm, Mapping[str, Any]]]) -> Array:
        """Search offsets [V]; NaN where there is none."""
        return self._run(self.offsets, "offset", points)["offset"].to_numpy(dtype=np.float64)

    def _run(self, where: Session, bench: str, points: Sequence[tuple[Circuit, Mapping[str, Any]]]) -> pd.DataFrame:
        runner = Runner(self.pdk)
        made = [replace(runner.point(c, bench, **values), index=k) for k, (c, values) in enumerate(points)]
        return pd.DataFrame([_row(point, outcome) for point, outcome in zip(made, where.run(made), strict=True)])


def _row(point: Point, outcome: Outcome) -> dict[str, Any]:
    names = [output.name for output in convert.OUTPUTS + offset_bench.OUTPUTS]
    row = dict.fromkeys(names, math.nan) | {"status": outcome.status, **outcome.values}
    return row | {"v_diff": getattr(point.inputs, "v_diff", math.nan)}


@contextmanager
def opened(pdk: Pdk, jobs: int, store: Path | None, codes: Accuracy = "fast") -> Iterator[Workers]:
    """Open the workers."""
    engine = preferred_engine()
    with (
        session(Context(pdk, engine, codes, store=store), jobs) as fast,
        session(Context(pdk, engine, "default", store=store), jobs) as careful,
    ):
        yield Workers(pdk, fast, careful)


@dataclass(frozen=True, eq=False)
class Nominal:
    """The converter without mismatch, and how its trim moves the offset.

    Parameters
    ----------
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

    lsb: float
    middle: float
    gain: float
    moves: Array
    trims: NDArray[np.int64]

    def trim(self, offset: float) -> int:
        """Return the trim that by this curve takes away most of an offset [V]."""
        best: int = self.trims[np.abs(offset + self.moves).argmin()].item()
        return best


def nominal(workers: Workers, circuit: SarAdc, trims: Sequence[int]) -> Nominal:
    """Measure the converter without mismatch."""
    count = 2**circuit.bits
    # About an LSB, by hand: a top plate carries a tenth of its units and a comparator's input besides.
    about = circuit.v_ref / (count / 2 * (1 + circuit.c_par_ratio) + 0.9)
    middles = (np.arange(count) - count / 2 + 0.5) * about
    rows = workers.convert([(circuit, {"v_diff": v}) for v in middles])
    edges = measured_transitions(rows, circuit.bits)
    gain = float(np.polyfit(rows["v_diff"], rows["v_diff"] - rows["level_1"], 1)[0])
    at = last_common(circuit, about)
    moved = workers.offset([(circuit.comparator.replace(trim=trim), {"v_common": at}) for trim in trims])
    lsb = (edges[-1] - edges[0]) / (count - 2)
    return Nominal(lsb, edges[count // 2 - 1], gain, moved - moved[list(trims).index(0)], np.array(trims))


def last_common(circuit: SarAdc, lsb: float) -> float:
    """Return the common mode that the last decision sees [V]; it places half of all transitions."""
    return round(V_COMMON - float(commons(circuit, lsb)[-1]), 2)


def commons(circuit: SarAdc, lsb: float) -> Array:
    """Return by how much the common mode has fallen at each decision [V]: half of each step of one side."""
    return np.cumsum([0.0, *circuit.weights]) * lsb / 2


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


def calibrated(workers: Workers, circuit: SarAdc, known: Nominal, numbers: Iterable[int]) -> list[Chip]:
    """Search each chip's offset, set its trim and search again, at both ends of the common mode's way."""
    chips = [(number, _deviates(circuit, number, workers.pdk)) for number in numbers]
    inside = [_comparator(circuit, deviates, workers.pdk) for _, deviates in chips]
    last = last_common(circuit, known.lsb)
    before = workers.offset([(circuit.comparator, {"v_common": last, "deviates": z}) for z in inside])
    trims = [known.trim(offset) for offset in before]
    ends = (last, V_COMMON)
    after = workers.offset(
        [
            (circuit.comparator.replace(trim=trim), {"v_common": end, "deviates": z})
            for trim, z in zip(trims, inside, strict=True)
            for end in ends
        ]
    ).reshape(-1, 2)
    seen = V_COMMON - commons(circuit, known.lsb)
    return [
        Chip(
            number=number,
            trim=trim,
            before=float(offset),
            offsets=np.interp(seen, ends, at_ends),
            edges=_edges(circuit, deviates, known),
        )
        for (number, deviates), trim, offset, at_ends in zip(chips, trims, before, after, strict=True)
    ]


def _deviates(circuit: SarAdc, number: int, pdk: Pdk) -> Mapping[str, float]:
    chip = Conditions(sample=number, seed=SEED)
    return convert.deck(circuit, chip, convert.Convert(), pdk).deviates


def _comparator(circuit: SarAdc, deviates: Mapping[str, float], pdk: Pdk) -> tuple[float, ...]:
    """Return the deviates of a chip's comparator in the order in which a comparator alone takes them."""
    alone = offset_bench.deck(circuit.comparator, Conditions(sample=1), offset_bench.Search(), pdk)
    return tuple(deviates[name] for name in alone.deviates)


def _edges(circuit: SarAdc, deviates: Mapping[str, float], known: Nominal) -> Array:
    """Return the transitions at the top plates by the capacitors alone [V]."""
    units = np.array([*circuit.weights, 1.0])
    rest = circuit.v_ref / (known.gain * known.lsb) - units.sum()  # of a top plate, in units
    names = [*(str(k) for k in range(circuit.bits - 1)), "d"]
    steps = []
    for side in "pn":
        z = np.array([deviates[f"c{side}{name}.c"] for name in names])
        spread = circuit.kappa / math.sqrt(circuit.c_unit * 1e15) * np.sqrt(units)
        capacitors = units + spread * z
        steps.append(circuit.v_ref * capacitors[:-1] / (capacitors.sum() + rest))
    return transitions(*steps)


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


def noise_of(circuit: SarAdc, v: Iterable[float], number: int, values: Mapping[str, float]) -> Array:
    """Return what each conversion's decisions see of noise [V], shape (inputs, bits)."""
    chip, settings = Conditions(sample=number, seed=SEED), convert.Convert(**dict[str, Any](values))
    made = [convert.noise(circuit, chip, replace(settings, v_diff=float(x))) for x in v]
    return np.array([one or [0.0] * circuit.bits for one in made])


def converted(
    workers: Workers, circuit: SarAdc, known: Nominal, chips: Sequence[Chip], count: int, noise: Mapping[str, float]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Convert with every chip; return a row a chip and a row a conversion."""
    points = []
    for chip in chips:
        trimmed = circuit.replace(comparator=circuit.comparator.replace(trim=chip.trim))
        where = {"sample": chip.number, "seed": SEED, **noise}
        points += [
            (trimmed, {**where, "v_diff": float(v)}) for v in inputs(circuit.bits, known.lsb, count, chip.number)
        ]
    rows = workers.convert(points)
    rows.insert(0, "chip", np.repeat([chip.number for chip in chips], count))
    modelled = []
    for chip in chips:
        v = inputs(circuit.bits, known.lsb, count, chip.number)
        modelled.append(modelled_codes(chip, v, noise_of(circuit, v, chip.number, noise), known))
    rows["modelled"] = np.concatenate(modelled)
    table = [summary(chip, rows[rows["chip"] == chip.number], circuit, known, noise) for chip in chips]
    return pd.DataFrame(table), rows


def summary(
    chip: Chip, rows: pd.DataFrame, circuit: SarAdc, known: Nominal, noise: Mapping[str, float]
) -> dict[str, Any]:
    """Return what one chip's conversions are worth."""
    good = rows[(rows["status"] == "ok") & (rows["resolved"] == circuit.bits)]
    v, codes = (good[name].to_numpy(dtype=np.float64) for name in ("v_diff", "code"))
    # The levels are the DAC's; the comparator moves each by its offset at that decision. An input that noise or offset
    # has moved to another code may leave a transition that no conversion has met.
    levels = measured_transitions(good, circuit.bits)
    met = np.isfinite(levels)
    line, steps = transition_linearity(offset_transitions(levels, chip.offsets / known.gain))
    exact = offset_transitions(chip.edges, chip.offsets) / known.gain
    line_model, steps_model = transition_linearity(exact)
    rms = math.hypot(noise.get("v_noise", 0.0), noise.get("v_sampled", 0.0)) / known.gain
    return {
        "chip": chip.number,
        "trim": chip.trim,
        "offset_before_mV": 1e3 * chip.before,
        "offset_last_mV": 1e3 * chip.offsets[-1],
        "offset_first_mV": 1e3 * chip.offsets[0],
        "transitions": int(met.sum()),
        "inl_LSB": largest(line),
        "dnl_LSB": largest(steps),
        "inl_model_LSB": largest(line_model),
        "dnl_model_LSB": largest(steps_model),
        "enob_codes": effective_bits(v, codes, circuit.bits, known),
        "enob_model": modelled_bits(exact, rms, known, circuit.bits),
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


def noises(circuit: SarAdc, known: Nominal, pdk: Pdk) -> dict[str, float]:
    """Return the noise of a decision, by the formula of bench `decide`, and of the sampling, sqrt(2 k T / C) [V]."""
    ends = (V_COMMON, last_common(circuit, known.lsb))
    formula = max(
        Runner(pdk).simulate(circuit.comparator, "decide", v_diff=1e-5, v_common=end).values["v_noise"] for end in ends
    )
    top = circuit.v_ref * circuit.c_unit / (known.gain * known.lsb)
    return {"v_noise": formula, "v_sampled": math.sqrt(2 * BOLTZMANN * Conditions().kelvin / top)}


def report(table: pd.DataFrame, rows: pd.DataFrame, known: Nominal, noise: Mapping[str, float], bits: int) -> str:
    """Return what all chips say together, as the lines of a Markdown page."""
    chips = len(table)
    good = rows[(rows["status"] == "ok") & (rows["resolved"] == bits)]
    own, sampled = (1e3 * noise[name] for name in ("v_noise", "v_sampled"))
    lines = [
        f"{chips} chips, {len(rows)} conversions of {bits} bits, {len(rows) - len(good)} without a clear code.",
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
    seen = f"{table['transitions'].sum()} of {chips * (2**bits - 1)} transitions"
    largest_of = {"inl_LSB": f"INL of {seen}", "dnl_LSB": f"DNL of {seen}"}
    largest_of |= {"inl_model_LSB": "INL by the model", "dnl_model_LSB": "DNL by the model"}
    for name, text in largest_of.items():
        worst = table[name].dropna()
        lines.append(
            f"| largest {text}, a chip: median, 95 %, largest | {worst.median():.3f}, "
            f"{worst.quantile(0.95):.3f}, {worst.max():.3f} LSB |"
        )
    for name, text in (("enob_codes", "codes"), ("enob_model", "model")):
        values = table[name]
        failed = int((values < WANTED).sum())
        least = 1 - clopper_pearson(failed, chips, 0.9).high
        lines.append(
            f"| ENOB by the {text}: 5 % quantile, median; at least {WANTED} | {values.quantile(0.05):.2f}, "
            f"{values.median():.2f}; {chips - failed} of {chips}, more than {100 * least:.0f} % of all chips (95 %) |"
        )
    v, codes = (good[name].to_numpy(dtype=np.float64) for name in ("v_diff", "code"))
    lines.append(f"| ENOB of all conversions together | {effective_bits(v, codes, bits, known):.2f} |")
    other = good["code"] - good["modelled"]
    count, most = int((other != 0).sum()), float(other.abs().max())
    lines.append(f"| codes that differ from the model's | {count} of {len(good)}, by {most:.0f} at most |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chips", type=int, default=100)
    parser.add_argument("--inputs", type=int, default=PARTS, choices=range(1, PARTS + 1), help="conversions of a chip")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    pdk = load_pdk()
    most = 2**CONVERTER.comparator.trim_bits - 1
    with opened(pdk, options.jobs, options.store.absolute()) as workers:
        known = nominal(workers, CONVERTER, range(-most, most + 1))
        noise = noises(CONVERTER, known, pdk)
        chips = calibrated(workers, CONVERTER, known, range(1, options.chips + 1))
        table, rows = converted(workers, CONVERTER, known, chips, options.inputs, noise)
    options.output.mkdir(parents=True, exist_ok=True)
    table.to_csv(options.output / "sar-chips.csv", index=False, float_format="%.4g")
    columns = ["chip", "v_diff", "code", "modelled", *(f"level_{k + 1}" for k in range(CONVERTER.bits))]
    rows[columns].to_csv(options.output / "sar-chips-conversions.csv", index=False, float_format="%.6g")
    text = report(table, rows, known, noise, CONVERTER.bits)
    (options.output / "sar-chips.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
