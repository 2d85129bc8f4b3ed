"""The runs of `benchmarks/high_sigma.py`, and the tables of them in benchmarks/high_sigma.md and docs/tail.md."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import ndtri

RUNS = Path(__file__).with_name("high_sigma.csv")
PAGE = Path(__file__).with_name("high_sigma.md")
DRAWS = 18

HEAD = """\
`bitline tail` on 6T cells of a predictive 45 nm process (OpenYield's copy of FreePDK45's typical cards and its sizes;
5 % of vth0, u0 and voff of each transistor), by `python benchmarks/high_sigma.py --models FOLDER`. The margin is the
trip voltage less the low node's in a read; a group fails where the least margin of its cells is below the limit. Each
limit was set by first-order reliability at 1e-4, 1e-5 or 1e-6 for the group.

A simulation is one of the whole group. The law of one cell is 1 - (1 - p)^n, with p by importance sampling of one cell
to 2 %, another run than the line's own; "inside" says whether it lies in the line's interval. The last column is the
same law with the exact interval of plain samples of one cell.
"""
METHODS = """\
One cell by several methods. MNIS is minimum-norm importance sampling, written anew in `high_sigma_mnis.py`: 5,000
uniform samples of +-3 sigma, and the failing one that is nearest to the origin is the shift. Its interval is the usual
one of a mean.
"""
THEIRS = """\
Published methods that OpenYield lists. None of these figures is measured here, and none is of this circuit.
"""
_UNREAD = "no figure was found in what could be read"
CLAIMS = (
    (
        "MNIS",
        '"computational savings on the order of 10000x over the standard Monte Carlo approach", 6T cell in 32 nm',
        "abstract of Dolecek, Qazi, Shah, Chandrakasan, ICCAD 2008",
    ),
    (
        "HSCS",
        '"about 3-order speedup over Monte Carlo with the same level of accuracy"',
        "abstract of Wu, Bodapati, He, ISPD 2016",
    ),
    ("AIS", _UNREAD, "Shi, Liu, Yang, He, DAC 2018"),
    ("ACS", _UNREAD, "Shi, Yan, Wang, Xu, Liu, Shi, He, ISPD 2019"),
)


@dataclass(frozen=True)
class Run:
    """One estimate.

    Parameters
    ----------
    method : str
        ``importance`` and ``subset`` of `bitline tail`, ``reference`` (importance of one cell, to 2 %), ``plain``
        or ``mnis``.
    cells : int
        Cells of the group that was simulated.
    of, target : int, float
        The case: the limit is where a group of so many cells fails with about this probability.
    limit : float
        Least margin [V].
    probability : float or None
    low, high : float
        95 % interval.
    evaluations : int
        Groups simulated.
    points : int
        Design points.
    doubt : str
        Why it is not what was asked for; empty if it is.
    """

    method: str
    cells: int
    of: int
    target: float
    limit: float
    probability: float | None
    low: float
    high: float
    evaluations: int
    points: int
    doubt: str


def runs(path: Path = RUNS) -> list[Run]:
    """Return the runs of a file, none if there is no file."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [_run(row) for row in csv.DictReader(file)]


def _run(row: dict[str, str]) -> Run:
    numbers = {name: float(row[name]) for name in ("target", "limit", "low", "high")}
    counts = {name: int(row[name]) for name in ("cells", "of", "evaluations", "points")}
    probability = None
    if row["probability"]:
        probability = float(row["probability"])
    return Run(row["method"], probability=probability, doubt=row["doubt"], **numbers, **counts)


def of_group(probability: float, cells: int) -> float:
    """Return the probability that any of `cells` fails, each with this one: 1 - (1 - p)^n."""
    return float(-np.expm1(cells * np.log1p(-probability)))


def groups(found: Sequence[Run]) -> Iterator[str]:
    """Yield a row per group and target: the estimate, what it took, and the references."""
    heads = (
        "deviates",
        "limit",
        "probability, 95 % interval",
        "half width",
        "simulations",
        "plain samples for each",
        "by the law of one cell",
        "by plain samples of one cell",
    )
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    by_key = {(run.method, run.of, run.target): run for run in found}
    for run in sorted(found, key=lambda run: (run.of, -run.target)):
        if run.method != "importance":
            continue
        cells = (
            f"{DRAWS * run.cells:,}",
            f"{1e3 * run.limit:.1f} mV",
            _estimate(run),
            _half_width(run),
            f"{run.evaluations:,}",
            _saved(run),
            _by_law(by_key.get(("reference", run.of, run.target)), run),
            _plain(by_key.get(("plain", run.of, run.target))),
        )
        yield f"| {' | '.join(cells)} |"


def methods(found: Sequence[Run]) -> Iterator[str]:
    """Yield a row per limit and method on one cell."""
    yield "| limit | method | probability, 95 % interval | simulations |"
    yield "|---|---|---|---|"
    names = {"plain": "plain", "importance": "importance", "subset": "subset", "mnis": "MNIS, written anew"}
    alone = [run for run in found if run.of == 1 and run.method in names]
    for run in sorted(alone, key=lambda run: (-run.target, list(names).index(run.method))):
        yield f"| {1e3 * run.limit:.1f} mV | {names[run.method]} | {_estimate(run)} | {run.evaluations:,} |"


def claims() -> Iterator[str]:
    """Yield a row per published method: what its authors say of it."""
    yield "| method | what its authors claim, of their own circuits | where |"
    yield "|---|---|---|"
    for row in CLAIMS:
        yield f"| {' | '.join(row)} |"


def _estimate(run: Run) -> str:
    if run.probability is None:
        return f"none: {run.doubt}"
    text = f"{run.probability:.3g} ({run.low:.3g} to {run.high:.3g})"
    if run.doubt:
        return f"{text}; {run.doubt}"
    return text


def _half_width(run: Run) -> str:
    """Return the interval as a factor about its middle, less 1: these intervals are logarithmic."""
    if run.probability is None:
        return "-"
    return f"{100 * (np.sqrt(run.high / run.low) - 1):.1f} %"


def _saved(run: Run) -> str:
    """Return how many plain samples would be needed for the same interval, over the simulations."""
    if run.probability is None:
        return "-"
    relative = np.log(run.high / run.low) / (2 * ndtri(0.975))
    return f"{(1 - run.probability) / (run.probability * relative**2) / run.evaluations:,.0f}"


def _by_law(reference: Run | None, run: Run) -> str:
    """Return the reference of one cell as of the group, and whether it is inside of the group's interval."""
    if reference is None or reference.probability is None or run.probability is None:
        return "-"
    value, low, high = (of_group(p, run.of) for p in (reference.probability, reference.low, reference.high))
    verdict = "inside"
    if not run.low <= value <= run.high:
        verdict = "outside"
    return f"{value:.3g} ({low:.3g} to {high:.3g}), {verdict}"


def _plain(run: Run | None) -> str:
    if run is None or run.probability is None:
        return "-"
    low, high = (of_group(p, run.of) for p in (run.low, run.high))
    return f"{low:.2g} to {high:.2g} ({round(run.probability * run.evaluations)} failed)"


def page(found: Sequence[Run]) -> str:
    """Return the whole page."""
    parts = (HEAD, *groups(found), "", METHODS, *methods(found), "", THEIRS, *claims())
    return "\n".join(parts) + "\n"
