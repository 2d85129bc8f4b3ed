"""How many points an adaptive axis takes against a grid of equal steps, at the same held-out error.

    python benchmarks/adaptive_axes.py               # ten minutes of one processor; writes benchmarks/adaptive_axes.md
    python benchmarks/adaptive_axes.py --only leakage         # the tables with this word again, the others as they are

Each case is a table of ours along one or two axes. What it is compared with, the truth, is PCHIP through a dense grid
of simulated points; the held-out error of a grid is the largest difference between the truth and a look-up (linear, as
`Lut.lookup`) at places between its values, as a share of the output's span. Adaptive grids are simulated by
`Runner.characterize`; of a regular grid the values are read from the truth, so that every number of values can be
tried: the fewest are taken with which the error is as small.

With python-`adaptive` and scikit-learn installed, the points that a Learner1D and a Gaussian process choose are counted
as well, again with values from the truth.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator, make_interp_spline

import bitline as bl
from bitline.circuits.registry import circuit_class
from bitline.errors import ToleranceWarning
from bitline.lut.table import axes as axes_of
from bitline.sweep.adaptive import interval_errors

TABLE = Path(__file__).with_suffix(".md")
Floats = NDArray[np.float64]

# Values of a regular grid that are tried, and places along an axis where look-ups are compared with the truth.
_MOST = {1: 1025, 2: 90}
_PLACES = {1: 4097, 2: 257}


@dataclass(frozen=True)
class Case:
    """A table along the axes of `dense`, whose values the truth goes through.

    `others` are axes whose every value is held to the same tolerance, `placed` values that were chosen by hand, and
    `scale` is that of the adaptive axes.
    """

    name: str
    circuit: str
    bench: str
    output: str
    dense: Mapping[str, Floats]
    others: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tolerances: tuple[float, ...] = (0.05, 0.02, 0.01)
    placed: tuple[float, ...] = ()
    scale: str = "linear"

    @property
    def label(self) -> str:
        """The table and its first axis."""
        return f"{self.name.partition(':')[0]} over `{next(iter(self.dense))}`"

    def simulated(self, store: Path, axes: Mapping[str, Any]) -> tuple[list[Floats], Floats]:
        """Return the values of the axes, and the output with these axes first and all others as curves."""
        circuit = circuit_class(self.circuit)(**self.parameters)
        sweep = bl.Sweep(circuit, bench=self.bench, **{**self.others, **axes})
        lut = bl.Runner(store=store).characterize(sweep)
        table = next(table for table in lut.tables.values() if self.output in table)
        array = table[self.output].transpose(*self.dense, ...)
        grids = [axes_of(table)[name].astype(float) for name in self.dense]
        return grids, array.to_numpy().reshape(*map(len, grids), -1)

    def adaptive(self, tolerance: float) -> dict[str, Any]:
        """Return the adaptive axes."""
        settings = {"tolerance": tolerance, "outputs": [self.output], "most": 257}
        ends = {"scale": self.scale, "adaptive": settings}
        return {name: {"start": float(x[0]), "stop": float(x[-1]), **ends} for name, x in self.dense.items()}


@dataclass(frozen=True)
class Truth:
    """PCHIP along each axis through simulated points, of a span of 1."""

    grids: Sequence[Floats]
    values: Floats

    def at(self, grids: Sequence[Floats]) -> Floats:
        """Return the values on the product of other grids."""
        return along(lambda x, y, at: PchipInterpolator(x, y, axis=0)(at), self.grids, self.values, grids)

    @cached_property
    def places(self) -> list[Floats]:
        """Where look-ups are compared: even places, and as many between dense points where these are closer."""
        count = _PLACES[len(self.grids)]
        return [np.unique(np.concatenate([np.linspace(x[0], x[-1], count), x])) for x in self.grids]

    @cached_property
    def expected(self) -> Floats:
        return self.at(self.places)

    def error(self, grids: Sequence[Floats], values: Floats | None = None) -> float:
        """Return the held-out error of a grid, whose values are the truth's where none are given."""
        if values is None:
            values = self.at(grids)
        looked_up = along(lambda x, y, at: make_interp_spline(x, y, k=1)(at), grids, values, self.places)
        return float(np.abs(looked_up - self.expected).max())

    @property
    def own_error(self) -> float:
        """How far the truth through every second point is from the others: an upper estimate of its own error."""
        halves = [x[::2] for x in self.grids]
        half = Truth(halves, self.values[tuple(slice(None, None, 2) for _ in halves)])
        return float(np.abs(half.at(self.grids) - self.values).max())


def along(
    method: Callable[[Floats, Floats, Floats], Floats], grids: Sequence[Floats], values: Floats, at: Sequence[Floats]
) -> Floats:
    """Interpolate along one axis after another."""
    for axis, (x, new) in enumerate(zip(grids, at, strict=True)):
        values = np.moveaxis(method(x, np.moveaxis(values, axis, 0), new), 0, axis)
    return values


def joined(*parts: tuple[float, float, int]) -> Floats:
    """Return even values from start to stop, of each part in turn."""
    return np.unique(np.concatenate([np.linspace(*part) for part in parts]))


CASES = (
    Case(
        "`logic-pair-and2`: energy over the time between two inputs, 0 to 2 ns, from 00 and from 11",
        "combinational-cell",
        "logic-pair",
        "energy_cell",
        {"t_gap": joined((0.0, 0.2e-9, 201), (0.2e-9, 0.5e-9, 61), (0.5e-9, 2e-9, 31))},
        {"before": [0, 3], "first": [0, 1], "second": [0, 1]},
        {"cell": "and2_1", "t_edge": 100e-12},
        placed=(0.0, 25e-12, 45e-12, 65e-12, 85e-12, 115e-12, 150e-12, 200e-12, 270e-12, 360e-12, 500e-12, 2e-9),
    ),
    Case(
        "`sram-write-supply`: time of a write over supply, 1.1 to 1.98 V, five corners",
        "split-port-6t",
        "write",
        "t_write",
        {"vdd": joined((1.1, 1.4, 97), (1.4, 1.98, 59))},
        {"corner": ["tt", "ss", "ff", "sf", "fs"], "t_pulse": [5e-9]},
    ),
    Case(
        "`strongarm`: latency over the common mode, 0.8 to 1.7 V, 1 mV apart",
        "strongarm",
        "decide",
        "latency",
        {"v_common": joined((0.8, 1.1, 129), (1.1, 1.7, 65))},
        {"v_diff": [1e-3]},
    ),
    Case(
        "`sram-cell`: swing of a read over pulse, 0.3 to 2 ns, and line, 10 to 100 fF, both log",
        "split-port-6t",
        "read",
        "swing",
        {"t_pulse": np.geomspace(0.3e-9, 2e-9, 49), "c_line": np.geomspace(10e-15, 100e-15, 33)},
        {"vdd": [1.8]},
        scale="log",
    ),
    Case(
        "`strongarm`: latency over the input difference, 10 uV to 10 mV",
        "strongarm",
        "decide",
        "latency",
        {"v_diff": np.geomspace(1e-5, 1e-2, 129)},
    ),
    Case(
        "`sram-cell`: leakage over temperature, -40 to 125 degC, two corners and supplies",
        "split-port-6t",
        "leakage",
        "i_leak",
        {"temperature": joined((-40.0, 125.0, 129))},
        {"corner": ["tt", "ff"], "vdd": [1.62, 1.98]},
    ),
)


def main() -> None:
    """Measure all cases and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=TABLE)
    parser.add_argument("--stores", type=Path, help="folder that keeps the simulated points")
    parser.add_argument("--only", default="", help="a word in the line of the tables that are measured again")
    options = parser.parse_args()
    old = options.output.read_text(encoding="utf-8").splitlines() if options.only else []
    warnings.simplefilter("error", ToleranceWarning)
    grids, learners = [], []
    with tempfile.TemporaryDirectory() as folder:
        for number, case in enumerate(CASES):
            if options.only not in case.name:
                grids += [line for line in old if line.startswith(f"| {case.name} |")]
                learners += [line for line in old if line.startswith(f"| {case.label} |")]
                continue
            store = (options.stores or Path(folder)) / f"{number}.sqlite"
            truth, scale = truth_of(case, store)
            measured = list(rows(case, truth, scale, store))
            grids += [line for line, *_ in measured] + placed_row(case, truth)
            learners += learner_rows(case, truth, [(count, error) for _, count, error in measured])
            print(*grids[-len(measured) - 1 :], sep="\n", flush=True)
    options.output.write_text(text(grids, learners), encoding="utf-8")


def truth_of(case: Case, store: Path) -> tuple[Truth, float]:
    """Simulate the dense grid; return it by its span, and the span."""
    grids, values = case.simulated(store, {name: x.tolist() for name, x in case.dense.items()})
    scale = float(np.ptp(values))
    return Truth(grids, values / scale), scale


def rows(case: Case, truth: Truth, scale: float, store: Path) -> Iterator[tuple[str, int, float]]:
    """Yield, by tolerance, a line of the table, the adaptive grid's number of points and its error."""
    for tolerance in case.tolerances:
        grids, values = case.simulated(store, case.adaptive(tolerance))
        count, error = int(np.prod([len(x) for x in grids])), truth.error(grids, values / scale)
        even, ratios = fewest(truth, error, np.linspace), fewest(truth, error, np.geomspace)
        share = f"{count / even:.2f}" if even else f"< {count / max_points(truth):.2f}"
        cells = (case.name, f"{truth.own_error:.1e}", f"{tolerance:g}", size(grids), f"{error:.1e}")
        by_factors = shown(ratios, truth) if all(x[0] > 0 for x in truth.grids) else "none"
        yield row(*cells, shown(even, truth), share, by_factors), count, error


def placed_row(case: Case, truth: Truth) -> list[str]:
    """Return a line for the values that were chosen by hand, if there are any."""
    if not case.placed:
        return []
    grid = np.array(case.placed)
    cells = (case.name, f"{truth.own_error:.1e}", "by hand", size([grid]), f"{truth.error([grid]):.1e}")
    even = fewest(truth, truth.error([grid]), np.linspace)
    return [row(*cells, shown(even, truth), f"{len(grid) / even:.2f}" if even else "", "")]


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def fewest(truth: Truth, error: float, grid: Callable[[float, float, int], Floats]) -> int | None:
    """Return the fewest points of a regular grid that is as good; of two axes, of the best pair of numbers."""
    ends = [(float(x[0]), float(x[-1])) for x in truth.grids]
    if grid is np.geomspace and any(start <= 0 for start, _ in ends):
        return None
    lengths = itertools.product(range(3, _MOST[len(ends)] + 1), repeat=len(ends))
    for numbers in sorted(lengths, key=np.prod):
        if truth.error([grid(*pair, number) for pair, number in zip(ends, numbers, strict=True)]) <= error:
            return int(np.prod(numbers))
    return None


def max_points(truth: Truth) -> int:
    """Return the points of the largest regular grid that is tried."""
    return int(_MOST[len(truth.grids)] ** len(truth.grids))


def size(grids: Sequence[Floats]) -> str:
    return " x ".join(str(len(x)) for x in grids)


def shown(count: int | None, truth: Truth) -> str:
    return f"> {max_points(truth)}" if count is None else str(count)


def learner_rows(case: Case, truth: Truth, wanted: Sequence[tuple[int, float]]) -> list[str]:
    """Return a line for each other way of choosing points along one axis: how many it needs for the same errors."""
    if len(truth.grids) > 1:
        return []
    start = np.linspace(truth.grids[0][0], truth.grids[0][-1], 9)
    ways: dict[str, Sequence[int | None]] = {"intervals halved in rounds (ours)": [count for count, _ in wanted]}
    for name, choose in choosers(truth).items():
        ways[name] = needed(truth, start, choose, [error for _, error in wanted])
    return [row(case.label, name, *("> 200" if n is None else str(n) for n in counts)) for name, counts in ways.items()]


Chooser = Callable[[Floats], Floats]


def needed(truth: Truth, start: Floats, choose: Chooser, errors: Sequence[float]) -> list[int | None]:
    """Return how many points a way of choosing takes until each of the errors is reached."""
    points, counts = start, dict.fromkeys(errors)
    while len(points) <= 200 and None in counts.values():
        error = truth.error([points])
        counts |= {e: len(points) for e, count in counts.items() if count is None and error <= e}
        points = np.unique(np.concatenate([points, choose(points)]))
    return [counts[e] for e in errors]


def choosers(truth: Truth) -> dict[str, Chooser]:
    """Return the other ways of choosing that are installed."""
    ways: dict[str, Chooser] = {}
    try:
        from adaptive.learner import learner1D
    except ImportError:
        print("adaptive is not installed: left out")
    else:
        losses = {
            "its own loss": learner1D.default_loss,
            "its curvature loss": learner1D.curvature_loss_function(),
            "our error as loss": learner1D.uses_nth_neighbors(1)(our_loss),
        }
        for (name, loss), batch in itertools.product(losses.items(), (1, 8)):
            ways[f"Learner1D, {name}, {batch} at a time"] = learner(learner1D.Learner1D, truth, loss, batch)
    try:
        from sklearn.gaussian_process import GaussianProcessRegressor, kernels
    except ImportError:
        print("scikit-learn is not installed: left out")
    else:
        model = GaussianProcessRegressor(kernels.Matern(0.1, (1e-3, 10), nu=2.5), alpha=1e-8, normalize_y=True)
        ways["Gaussian process (Matérn 5/2), largest deviation, 1 at a time"] = process(model, truth)
    return ways


def our_loss(x: Sequence[float | None], y: Sequence[Any]) -> float:
    """Return `interval_errors` of the middle one of three intervals, of which the outer ones may be missing."""
    known = [i for i, value in enumerate(x) if value is not None]
    if len(known) < 3:
        return float("inf")
    errors = interval_errors(np.array([x[i] for i in known]), np.array([y[i] for i in known]))
    return float(errors[1 - known[0]])


def learner(kind: Any, truth: Truth, loss: Any, batch: int) -> Chooser:
    """Return what a Learner1D asks for that knows the points so far."""
    one = kind(None, (truth.grids[0][0], truth.grids[0][-1]), loss_per_interval=loss)

    def choose(points: Floats) -> Floats:
        one.tell_many(points.tolist(), list(map(tuple, truth.at([points]))))
        return np.array(one.ask(batch)[0])

    return choose


def process(model: Any, truth: Truth) -> Chooser:
    """Return the place where a Gaussian process through the points so far is least sure."""
    low, high = truth.grids[0][0], truth.grids[0][-1]
    places = np.linspace(low, high, 1025)

    def choose(points: Floats) -> Floats:
        with warnings.catch_warnings():
            # It says that a hyperparameter is at its bound.
            warnings.simplefilter("ignore")
            model.fit((points[:, None] - low) / (high - low), truth.at([points]))
            deviation = model.predict((places[:, None] - low) / (high - low), return_std=True)[1]
        worst = deviation.reshape(len(places), -1).max(axis=1)
        return places[[int(np.argmax(np.where(np.isin(places, points), 0.0, worst)))]]

    return choose


def text(grids: Sequence[str], learners: Sequence[str]) -> str:
    """Return the page."""
    lines = [
        "# Adaptive axes against equal steps",
        "",
        "Made by `python benchmarks/adaptive_axes.py`: points for the same held-out error, the largest of a linear",
        "look-up as a share of the output's span. Truth: PCHIP through a dense grid; its own error is an upper",
        "estimate. Equal ratios are those of a log axis, which cannot begin at or below 0.",
        "",
        row(
            *("table", "error of the truth", "tolerance", "adaptive values", "held-out error"),
            *("equal steps", "adaptive / equal steps", "equal ratios"),
        ),
        "|---|---|---|---|---|---|---|---|",
        *grids,
        "",
        "## Ways of choosing points",
        "",
        "How many points each takes for the three held-out errors above, from the same nine.",
        "",
        "| table | chosen by | 1st | 2nd | 3rd |",
        "|---|---|---|---|---|",
        *learners,
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
