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
from sar_chip_codes import PARTS, SEED, Chip, Nominal, by_codes, by_model, crossed, inputs, modelled_codes, report

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
from bitline.sweep.outcome import Outcome
from bitline.sweep.point import Point
from bitline.sweep.runner import Runner
from bitline.sweep.session import Session, session
from bitline.sweep.simulate import Context
from bitline.system.converter import transitions

Array = NDArray[np.float64]

V_COMMON = 1.4
# The bits of trim that the comparator's own table has (sweep strongarm-trim).
CONVERTER = SarAdc(comparator=StrongArm(trim_bits=4))


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
    return Nominal(circuit.bits, lsb, edges[count // 2 - 1], gain, moved - moved[list(trims).index(0)], np.array(trims))


def last_common(circuit: SarAdc, lsb: float) -> float:
    """Return the common mode that the last decision sees [V]; it places half of all transitions."""
    return round(V_COMMON - float(commons(circuit, lsb)[-1]), 2)


def commons(circuit: SarAdc, lsb: float) -> Array:
    """Return by how much the common mode has fallen at each decision [V]: half of each step of one side."""
    return np.cumsum([0.0, *circuit.weights]) * lsb / 2


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


def noise_of(circuit: SarAdc, v: Iterable[float], number: int, values: Mapping[str, float]) -> Array:
    """Return what each conversion's decisions see of noise [V], shape (inputs, bits)."""
    chip, settings = Conditions(sample=number, seed=SEED), convert.Convert(**dict[str, Any](values))
    made = [convert.noise(circuit, chip, replace(settings, v_diff=float(x))) for x in v]
    return np.array([one or [0.0] * circuit.bits for one in made])


def converted(
    workers: Workers, circuit: SarAdc, known: Nominal, chips: Sequence[Chip], count: int, noise: Mapping[str, float]
) -> pd.DataFrame:
    """Convert `count` inputs with every chip; return a row a conversion, with the model's code."""
    points, modelled = [], []
    for chip in chips:
        trimmed = circuit.replace(comparator=circuit.comparator.replace(trim=chip.trim))
        where = {"sample": chip.number, "seed": SEED, **noise}
        v = inputs(circuit.bits, known.lsb, count, chip.number)
        points += [(trimmed, {**where, "v_diff": float(x)}) for x in v]
        modelled.append(modelled_codes(chip, v, noise_of(circuit, v, chip.number, noise), known))
    rows = workers.convert(points)
    rows.insert(0, "chip", np.repeat([chip.number for chip in chips], count))
    return rows.assign(modelled=np.concatenate(modelled))


def noises(circuit: SarAdc, known: Nominal, pdk: Pdk) -> dict[str, float]:
    """Return the noise of a decision, by the formula of bench `decide`, and of the sampling, sqrt(2 k T / C) [V]."""
    ends = (V_COMMON, last_common(circuit, known.lsb))
    formula = max(
        Runner(pdk).simulate(circuit.comparator, "decide", v_diff=1e-5, v_common=end).values["v_noise"] for end in ends
    )
    top = circuit.v_ref * circuit.c_unit / (known.gain * known.lsb)
    return {"v_noise": formula, "v_sampled": math.sqrt(2 * BOLTZMANN * Conditions().kelvin / top)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chips", type=int, default=100, help="chips that are calibrated")
    parser.add_argument("--converted", type=int, default=None, help="of these, chips that convert; default: all")
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
        rows = converted(workers, CONVERTER, known, chips[: options.converted], options.inputs, noise)
    table = pd.DataFrame(
        [
            by_model(chip, known, CONVERTER.bits, noise)
            | by_codes(chip, rows[rows["chip"] == chip.number], known, CONVERTER.bits)
            for chip in chips
        ]
    )
    options.output.mkdir(parents=True, exist_ok=True)
    table.to_csv(options.output / "sar-chips.csv", index=False, float_format="%.4g")
    columns = ["chip", "v_diff", "code", "modelled", *(f"level_{k + 1}" for k in range(CONVERTER.bits))]
    rows[columns].to_csv(options.output / "sar-chips-conversions.csv", index=False, float_format="%.6g")
    text = report(table, rows, crossed(chips, known, CONVERTER, noise), known, noise)
    (options.output / "sar-chips.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
