"""Random operands on random chips: a slice with both ports on against what the model of hybrid products says of it.

    python benchmarks/hybrid_slice.py 110 --jobs 2    # simulate what the record lacks of 110 sets, then judge
    python benchmarks/hybrid_slice.py                 # judge the record

Set k has operands of seed k and is mismatch sample k of every transistor and unit capacitor. The count must be exact.
The line is predicted from the table acim-qr-inputs as `bitline.system.hybrid.analog` takes it: a transfer of the sum,
and a static error of one standard deviation at every sum. The prediction was not fitted to the slice. A transient has
no noise, so that none is in the interval.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Conditions
from bitline.benches.slice.both_ports import BENCH
from bitline.benches.slice.operands import BothPorts
from bitline.circuits.analysis import Transient
from bitline.circuits.hybrid_slice import HybridSlice
from bitline.engine.ladder import climb
from bitline.engine.shared import shared_simulator
from bitline.lut.lut import Lut
from bitline.pdk.descriptor import load_pdk
from bitline.statistics.intervals import clopper_pearson
from bitline.system.hybrid.analog import Conversion

Array = NDArray[np.float64]

# The two rows that are read are real cells; the others only load the lines.
CIRCUIT = HybridSlice(active=2)
RECORD = Path(__file__).with_name("hybrid-slice.csv")
KEPT = ("popcount", "popcount_errors", "level_sum", "v_line", "flips", "v_held_bl", "v_held_blb")
SIGMAS = float(norm.ppf(0.975))  # two-sided 95 %
TOP = 15


@dataclass(frozen=True, eq=False)
class Prediction:
    """What the table of the QR column says of the accumulate line.

    Parameters
    ----------
    volts : array, shape (sums,)
        Mean line [V] at each sum 0, 1, ...
    sigma : array, shape (sums,)
        Static standard deviation over chips [V] at each sum, of products at the highest DAC word.
    """

    volts: Array
    sigma: Array

    @classmethod
    def of_table(cls, lut: Lut, columns: int) -> Prediction:
        """Interpolate the table between the sums that it has: codes of products at the highest DAC word."""
        sums = np.arange(TOP * columns + 1) / TOP
        nominal = lut.tables["nominal"].sel(corner="tt", level=TOP)["v_line"]
        mismatch = lut.tables["mismatch"].sel(corner="tt", level=TOP)["v_sigma"]
        return cls(np.interp(sums, nominal["code"], nominal), np.interp(sums, mismatch["code"], mismatch))

    @property
    def lsb(self) -> float:
        """Mean step of the line from one sum to the next [V]."""
        return float(self.volts[-1] - self.volts[0]) / (len(self.volts) - 1)

    def conversion(self) -> Conversion:
        """Return the model's errors: one static sigma for all sums, the root mean square over equally frequent ones."""
        return Conversion(static=math.sqrt(float(np.mean(self.sigma**2))) / self.lsb)

    def errors(self, sums: NDArray[np.int64], volts: Array) -> Array:
        """Return how far lines are from the prediction [LSB of the sum]."""
        return np.asarray((volts - self.volts[sums]) / self.lsb)


def simulated(number: int) -> dict[str, float]:
    """Return what the slice gives for one set of operands on a chip of its own."""
    setup = BENCH.setup(CIRCUIT, Conditions(sample=number), BothPorts(operand_seed=number), load_pdk())
    deck = BENCH.deck(CIRCUIT, setup.conditions, setup.inputs, setup.pdk)
    # Shortly beyond the sample, for no time step ends exactly at it: nothing of the restore is kept here.
    short = with_accuracy(deck.with_analysis(Transient(deck.marks["sample"] + 2 * CIRCUIT.t_edge)), "fast")
    values = BENCH.measure(climb(shared_simulator(), short).waveforms, setup)
    return {"set": float(number), **{name: values[name] for name in KEPT}}


def simulate(numbers: Sequence[int], jobs: int) -> Iterator[dict[str, float]]:
    """Simulate sets of operands, in their order whatever the number of jobs."""
    if jobs == 1:
        yield from map(simulated, numbers)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(simulated, numbers)


def extend(record: Path, sets: int, jobs: int) -> None:
    """Simulate what a record lacks of so many sets, and write each as it comes."""
    known = len(load(record)) if record.exists() else 0
    with record.open("a", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ("set", *KEPT), lineterminator="\n")
        if not known:
            writer.writeheader()
        for row in simulate(range(known + 1, sets + 1), jobs):
            writer.writerow(row)
            stream.flush()


def load(record: Path) -> list[dict[str, float]]:
    """Read what was simulated."""
    with record.open(encoding="utf-8", newline="") as stream:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(stream)]


def report(rows: Sequence[dict[str, float]], lut: Lut) -> str:
    """Say how the sets compare with the prediction."""
    prediction = Prediction.of_table(lut, CIRCUIT.columns)
    sums = np.array([row["level_sum"] for row in rows]).astype(np.int64)
    errors = prediction.errors(sums, np.array([row["v_line"] for row in rows]))
    static = prediction.conversion().static
    inside = {
        "one sigma at every sum, as the model takes it": np.abs(errors) <= SIGMAS * static,
        "the table's sigma at the sum": np.abs(errors) <= SIGMAS * prediction.sigma[sums] / prediction.lsb,
    }
    wrong = int(sum(row["popcount_errors"] for row in rows))
    lines = [
        f"{len(rows)} sets: {len(rows) - wrong} counts exact, {int(sum(row['flips'] for row in rows))} cells flipped",
        "lowest held line {:.2f} V".format(min(min(row["v_held_bl"], row["v_held_blb"]) for row in rows)),
        f"line less prediction: mean {errors.mean():+.3f}, rms {math.sqrt(float(np.mean(errors**2))):.3f}, "
        f"largest {np.abs(errors).max():.3f} LSB of the sum ({1e3 * prediction.lsb:.3f} mV); sigma {static:.3f} LSB",
    ]
    for name, hits in inside.items():
        share = clopper_pearson(int(hits.sum()), len(rows))
        lines.append(f"inside 95 %, {name}: {int(hits.sum())} of {len(rows)} ({share.low:.1%} to {share.high:.1%})")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", type=int, nargs="?", default=0, help="sets to simulate; 0: judge the record")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, default=RECORD, help="record, a CSV file")
    options = parser.parse_args()
    if options.sets:
        extend(options.output, options.sets, options.jobs)
    print(report(load(options.output), Lut.load("acim-qr-inputs")))


if __name__ == "__main__":
    main()
