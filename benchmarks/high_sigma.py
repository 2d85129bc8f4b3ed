"""How many simulations `bitline tail` needs for intervals of +-10 % at 1e-4 to 1e-6, on 6T cells of a 45 nm process.

    OMP_NUM_THREADS=1 python benchmarks/high_sigma.py --models FOLDER

FOLDER holds the cards of the typical corner as `models_TT.spice`. Those of OpenYield are what the table is measured
with (github.com/ShenShan123/OpenYield, Apache-2.0, folder `tran_models`); they are read where they lie. Each run is a
line of benchmarks/high_sigma.csv, of which benchmarks/high_sigma.md is made; lines that are there are kept: remove
them to measure them again. In all it takes about half an hour of one core.

A group of 1, 6, 32 or 64 cells (18, 108, 576 or 1,152 deviates) fails where any of its cells fails, and the estimators
are not told so. That is what checks them: a group's probability follows from that of one cell, 1 - (1 - p)^n.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
from high_sigma_cells import DRAWS, Array, Cells, Group, check_in_place, limit_at, process
from high_sigma_mnis import mnis
from high_sigma_table import PAGE, RUNS, Run, page, runs
from scipy.special import ndtri

from bitline.statistics.intervals import clopper_pearson
from bitline.statistics.rare.estimate import Method
from bitline.statistics.rare.tail import failure_probability

# A 95 % interval of a factor 1.1 either way, by `bitline tail`'s own rule: exp(1.96 cov (1 + 3 cov)).
COV = 0.0425
# Of one cell, as the reference of a group.
FINE = 0.02
# Subset simulation is a check of the order of magnitude, and dear.
COARSE = 0.1
MOST = 200_000
# Groups and what they are to fail at. Of the large ones one target comes first: the others are the dearest lines.
CASES = (
    *((cells, target) for cells in (1, 6) for target in (1e-4, 1e-5, 1e-6)),
    *((cells, target) for target in (1e-5, 1e-4, 1e-6) for cells in (32, 64)),
)
PLAIN_BLOCK = 20_000
MNIS_SEARCH, MNIS_MOST = 5_000, 25_000
SEED = 1

Case = tuple[int, float]
Limits = Mapping[Case, float]
# Method, cells that are simulated, and the case whose limit it is at.
Key = tuple[str, int, Case]


def one_cell(target: float, cells: int) -> float:
    """Return the failure probability of a cell of which a group of `cells` fails at `target`."""
    return float(-np.expm1(np.log1p(-target) / cells))


def estimated(name: str, method: Method, group: Group, case: Case, cov: float, seed: int) -> Run:
    """Return an estimate of `bitline tail`."""
    found = failure_probability(group, group.dimension, method=method, seed=seed, target_cov=cov, max_evaluations=MOST)
    values = (found.probability, found.low, found.high, found.evaluations, len(found.design_points), found.doubt)
    return Run(name, group.cells, *case, group.limit, *values)


def by_mnis(group: Group, case: Case) -> Run:
    """Return the estimate of minimum-norm importance sampling, with the usual interval of a mean."""
    rng = np.random.default_rng(SEED)
    found = mnis(group, group.dimension, rng, search=MNIS_SEARCH, cov=COV, most=MNIS_MOST)
    half = 1.96 * found.cov * found.probability
    values = (found.probability, found.probability - half, found.probability + half, found.evaluations, 1)
    doubt = ""
    if found.cov > COV:
        doubt = f"cov = {found.cov:.3g} where {COV:g} was asked for"
    return Run("mnis", group.cells, *case, group.limit, *values, doubt)


def plain(margins: Callable[[Array], Array], limits: Limits, samples: int) -> Iterator[Run]:
    """Yield a line for each limit, all of the same plain samples of one cell."""
    rng = np.random.default_rng(SEED)
    failures = dict.fromkeys(limits, 0)
    for start in range(0, samples, PLAIN_BLOCK):
        found = margins(rng.standard_normal((min(PLAIN_BLOCK, samples - start), DRAWS)))
        if np.isnan(found).any():
            raise SystemExit(f"{np.isnan(found).sum()} cells have no operating point")
        for case, limit in limits.items():
            failures[case] += int((found < limit).sum())
        print(f"plain: {start + len(found)} samples", flush=True)
    for case, count in failures.items():
        interval = clopper_pearson(count, samples)
        yield Run("plain", 1, *case, limits[case], count / samples, interval.low, interval.high, samples, 0, "")


def measures(margins: Callable[[Array], Array], limits: Limits) -> Iterator[tuple[Key, Callable[[], Run]]]:
    """Yield what is measured besides plain samples, by its key: a case's reference, then the case."""
    for case, limit in limits.items():
        alone, group = Group(margins, 1, limit), Group(margins, case[0], limit)
        # Another seed than the estimate of one cell that it is compared with.
        yield ("reference", 1, case), partial(estimated, "reference", "importance", alone, case, FINE, SEED + 1)
        yield ("importance", case[0], case), partial(estimated, "importance", "importance", group, case, COV, SEED)
        if case[0] == 1:
            yield ("subset", 1, case), partial(estimated, "subset", "subset", alone, case, COARSE, SEED)
            yield ("mnis", 1, case), partial(by_mnis, alone, case)


def keep(run: Run) -> None:
    """Add a line to the file, and make the page of it."""
    fresh = not RUNS.exists()
    with RUNS.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(asdict(run)), lineterminator="\n")
        if fresh:
            writer.writeheader()
        writer.writerow(asdict(run))
    PAGE.write_text(page(runs()), encoding="utf-8")


def measure(cells: Cells, limits: Limits, samples: int) -> None:
    """Measure what is not in the file."""
    done = {(run.method, run.cells, (run.of, run.target)) for run in runs()}
    if samples and ("plain", 1, next(iter(limits))) not in done:
        for run in plain(cells.margins, limits, samples):
            keep(run)
    for key, work in measures(cells.margins, limits):
        if key in done:
            continue
        before, start = cells.simulated, time.process_time()
        run = work()
        keep(run)
        print(run, f"{cells.simulated - before} cells, {time.process_time() - start:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=Path, required=True, help="folder with models_TT.spice")
    parser.add_argument("--plain", type=int, default=300_000, help="plain samples of one cell")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Cells(process(arguments.models, Path(folder))) as cells:
        difference = check_in_place(cells, np.random.default_rng(0))
        print(f"margins of cells altered in place and of decks of their own: {difference:.1e} V apart", flush=True)
        limits = {case: limit_at(cells, -float(ndtri(one_cell(case[1], case[0])))) for case in CASES}
        measure(cells, limits, arguments.plain)


if __name__ == "__main__":
    main()
