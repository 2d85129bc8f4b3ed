"""Coverage of `bitline tail`'s interval, measured on margins with known answers; written to benchmarks/rare.md.

    OMP_NUM_THREADS=1 python benchmarks/rare.py -j 2

Each line is a margin at a number of deviates and a probability, over 50 seeds: how many results were claimed, how
many of their 95 % intervals hold the true value, and the evaluations they took. Lines that are in the file already
are kept: remove them to measure them again.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
from rare_margins import HARD, MARGINS

from bitline.statistics.rare.estimate import TailEstimate
from bitline.statistics.rare.tail import failure_probability

TABLE = Path(__file__).with_name("rare.md")
DEVIATES = (18, 108, 576, 1152)
PROBABILITIES = (1e-3, 1e-5, 1e-8)
SEEDS = 50
SUBSET = ", by subset simulation"
BY_SUBSET = tuple(product((f"linear{SUBSET}", f"six regions{SUBSET}"), (18, 108), (1e-3, 1e-5)))
HEAD = (
    "Coverage of the 95 % interval of `bitline tail`, by `python benchmarks/rare.py`: 50 seeds a line, cov 0.1,",
    "margins with a noise of 1e-4. Eight lines are margins that importance sampling must refuse; the last ones are of",
    "subset simulation, with as many evaluations as it asks for.",
    "",
    "| margin | deviates | probability | claimed | inside 95 % | mean / truth | evaluations, median | most |",
    "|---|---|---|---|---|---|---|---|",
)


@dataclass(frozen=True)
class Coverage:
    """What the seeds of one margin gave."""

    margin: str
    deviates: int
    probability: float
    runs: Sequence[TailEstimate]

    @property
    def claimed(self) -> list[TailEstimate]:
        return [run for run in self.runs if run.converged]

    @property
    def covered(self) -> int:
        return sum(run.low <= self.probability <= run.high for run in self.claimed)

    @property
    def bias(self) -> float:
        """Return the mean of the claimed estimates over the truth."""
        return float(np.mean([run.probability for run in self.claimed]) / self.probability)

    def row(self) -> str:
        n, evaluations = len(self.claimed), [run.evaluations for run in self.runs]
        inside, bias = "-", "-"
        if n:
            inside, bias = f"{self.covered} of {n}", f"{self.bias:.2f}"
        return (
            f"| {self.margin} | {self.deviates} | {self.probability:g} | {n} of {len(self.runs)} | {inside} | {bias}"
            f" | {round(np.median(evaluations))} | {max(evaluations)} |"
        )


def estimate(margin: str, deviates: int, probability: float, seed: int) -> TailEstimate:
    name = margin.removesuffix(SUBSET)
    function = (MARGINS | HARD)[name](deviates, probability)
    if name == margin:
        return failure_probability(function, deviates, seed=seed)
    return failure_probability(function, deviates, seed=seed, method="subset", max_evaluations=1_000_000)


def measure(executor: ProcessPoolExecutor, margin: str, deviates: int, probability: float, seeds: int) -> Coverage:
    runs = executor.map(partial(estimate, margin, deviates, probability), range(seeds), chunksize=2)
    return Coverage(margin, deviates, probability, list(runs))


def cases() -> list[tuple[str, int, float]]:
    """Return margin, deviates and probability of each line, the hard margins at one probability."""
    claimed = list(product(range(len(MARGINS)), range(len(DEVIATES)), range(len(PROBABILITIES))))
    # One probability of each first, so that a campaign that is cut short has seen all margins and sizes.
    claimed.sort(key=lambda case: (sum(case) % len(PROBABILITIES), case[1]))
    lines = [(list(MARGINS)[i], DEVIATES[j], PROBABILITIES[k]) for i, j, k in claimed]
    return [*lines, *product(HARD, DEVIATES[:2], PROBABILITIES[1:2]), *BY_SUBSET]


def measured() -> dict[str, str]:
    """Return the lines that are in the file, by what they were measured on."""
    if not TABLE.exists():
        return {}
    lines = [line for line in TABLE.read_text().splitlines() if line.startswith("| ")][1:]
    return {"|".join(line.split("|")[:4]): line for line in lines}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count())
    jobs = parser.parse_args().jobs
    rows = measured()
    every = [*product(MARGINS | HARD, DEVIATES, PROBABILITIES), *BY_SUBSET]
    order = [f"| {margin} | {d} | {p:g} " for margin, d, p in every]
    with ProcessPoolExecutor(jobs) as executor:
        for margin, deviates, probability in cases():
            key = f"| {margin} | {deviates} | {probability:g} "
            if key in rows:
                continue
            rows[key] = measure(executor, margin, deviates, probability, SEEDS).row()
            print(rows[key], flush=True)
            TABLE.write_text("\n".join([*HEAD, *(rows[key] for key in order if key in rows)]) + "\n")


if __name__ == "__main__":
    main()
