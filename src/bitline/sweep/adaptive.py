"""Adaptive: where an axis gets its values, decided by how wrong a look-up between them would be.

    [axes]
    vdd = {start = 1.2, stop = 1.98, adaptive = {tolerance = 1e-3, outputs = ["delay"]}}

The first round has equal steps. In each next one every interval in which a look-up may be off by more than the
tolerance is halved, all of them at once, until none is or the axis has its `most` values. Points without mismatch
decide, and samples are taken at the values that remain.

**The error of an interval** of width h is estimated as h^2 d, where d is the larger second divided difference of those
at its two ends, the largest over all other axes. A straight line between the ends of a smooth curve is off by a quarter
of that; one across a kink by no more than that, where the intervals beside it are no wider. Where steps are equal it is
the error of `bitline.lut.heldout`.

What is halved depends on the values of a whole round alone, so the points are the same with any number of workers, in
whatever order they finish and however often a run is broken off.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitline.sweep.axis import AdaptiveAxis
from bitline.sweep.outcome import Outcome
from bitline.sweep.outcomes import Outcomes
from bitline.sweep.point import Grid, Point
from bitline.sweep.sweep import Sweep

Values = Mapping[str, tuple[Any, ...]]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Resolved:
    """A sweep whose every axis has its values, and what was simulated to find them.

    Parameters
    ----------
    sweep : Sweep
        With lists in place of adaptive axes.
    outcomes : Outcomes
        Of its points without mismatch, with their indices in it.
    reached : dict
        By adaptive axis: what was asked, how many values there were at `first` and at last, the largest `error` as a
        share of the span, and whether the tolerance was `reached`. JSON-able.
    """

    sweep: Sweep
    outcomes: Outcomes
    reached: dict[str, dict[str, Any]]


def resolve(sweep: Sweep, run: Callable[..., Iterable[Outcome]], before: Callable[[], object]) -> Resolved:
    """Simulate a sweep's points without mismatch, and add values to its adaptive axes until these are fine enough.

    Parameters
    ----------
    sweep : Sweep
    run : callable
        ``run(points, before=...) -> outcomes``.
    before : callable
        For the first points, as of `Session.run`.
    """
    nominal = sweep.replace(mismatch={"samples": 0})
    values: Values = {name: axis.values for name, axis in sweep.adaptive.items()}
    now, outcomes = nominal.with_values(values), Outcomes()
    while True:
        # The first round has the ends of every axis: what contradicts itself shows there.
        first = None if outcomes else before
        for outcome in run(_missing(now, outcomes), before=first):
            outcomes.append(outcome)
        outcomes.sort()
        errors = {name: _errors(sweep, now, name, outcomes) for name in values}
        finer = {name: halved(axis, values[name], errors[name]) for name, axis in sweep.adaptive.items()}
        if finer == values:
            break
        values, coarse, now = finer, now, nominal.with_values(finer)
        outcomes.renumber(indices_in(now, coarse))
    whole = sweep.with_values(values)
    outcomes.renumber(indices_in(whole, now))
    reached = {name: _reached(axis, values[name], errors[name]) for name, axis in sweep.adaptive.items()}
    return Resolved(whole, outcomes, reached)


def halved(axis: AdaptiveAxis, values: tuple[Any, ...], errors: Floats) -> tuple[Any, ...]:
    """Return the values of the next round: those of this one where the axis is fine enough, or has no room.

    Parameters
    ----------
    axis : AdaptiveAxis
    values : tuple of int or float
        In rising order.
    errors : array, shape (len(values) - 1,)
        Of the intervals, as shares of the span.
    """
    middles = [axis.between(low, high) for low, high in itertools.pairwise(values)]
    # The worst come first where there is no room for all; of equals, the lowest.
    order = np.argsort(-errors, kind="stable").tolist()
    wanted = [middles[i] for i in order if errors[i] > axis.adaptive.tolerance and middles[i] is not None]
    return tuple(sorted([*values, *wanted[: axis.adaptive.most - len(values)]]))


def interval_errors(x: Floats, y: Floats) -> Floats:
    """Return the largest error of a look-up in each interval, estimated from the values around it.

    Parameters
    ----------
    x : array, shape (n,)
        Rising, 3 or more.
    y : array, shape (n, curves)
        NaN where there is no result: what it would predict is left out.

    Returns
    -------
    array, shape (n - 1,)
        In the unit of `y`, the largest over the curves.
    """
    slopes = np.diff(y, axis=0) / np.diff(x)[:, None]
    bends = np.abs(np.diff(slopes, axis=0)) / (x[2:] - x[:-2])[:, None]
    # Intervals at the ends have one inner value beside them.
    padded = np.pad(np.nan_to_num(bends, nan=0.0), ((1, 1), (0, 0)))
    worst = np.maximum(padded[:-1], padded[1:]).max(axis=1)
    return np.asarray(worst * np.diff(x) ** 2)


def indices_in(fine: Sweep, coarse: Sweep) -> NDArray[np.intp]:
    """Return the indices that the points of `coarse`, without mismatch, have in a sweep with more values or samples."""
    starts = {grid.bench.name: start for grid, start in nominal_grids(fine)}
    finer = {grid.bench.name: grid for grid, _ in nominal_grids(fine)}
    own = [(grid, finer[grid.bench.name], starts[grid.bench.name]) for grid, _ in nominal_grids(coarse)]
    return np.concatenate([start + _numbers_in(fine_grid, grid) for grid, fine_grid, start in own])


def nominal_grids(sweep: Sweep) -> Iterator[tuple[Grid, int]]:
    """Yield a sweep's grids without mismatch, each with the index of its first point."""
    start = 0
    for grid in sweep.grids:
        if grid.samples == range(1):
            yield grid, start
        start += len(grid)


def _numbers_in(fine: Grid, coarse: Grid) -> NDArray[np.intp]:
    """Return which points of a grid those of a coarser one are."""
    shape = [len(values) for values in fine.axes.values()]
    if not shape:
        return np.zeros(1, np.intp)
    places = [[fine.axes[name].index(value) for value in values] for name, values in coarse.axes.items()]
    return np.ravel_multi_index(np.ix_(*places), shape).ravel()


def _missing(sweep: Sweep, outcomes: Outcomes) -> Iterator[Point]:
    """Make the points that have no outcome yet."""
    missing = np.ones(len(sweep), np.bool_)
    missing[outcomes.indices()] = False
    return map(sweep.point, np.flatnonzero(missing).tolist())


def _errors(sweep: Sweep, now: Sweep, axis: str, outcomes: Outcomes) -> Floats:
    """Return the errors of an axis' intervals as shares of each output's span, the largest over outputs."""
    deciding, errors = sweep.deciding(axis), []
    for grid, start in nominal_grids(now):
        x = np.array(grid.axes.get(axis, ()), float)
        for output in deciding.get(grid.bench.name, ()):
            values = outcomes.values(output, start, start + len(grid))
            span = np.ptp(values[np.isfinite(values)]) if np.isfinite(values).any() else 0.0
            if span > 0:
                curves = values.reshape([len(each) for each in grid.axes.values()])
                curves = np.moveaxis(curves, list(grid.axes).index(axis), 0).reshape(len(x), -1)
                errors.append(interval_errors(x, curves / span))
    # Of outputs that are the same everywhere nothing is to be resolved.
    return np.max(errors, axis=0) if errors else np.zeros(len(now.axes[axis]) - 1)


def _reached(axis: AdaptiveAxis, values: tuple[Any, ...], errors: Floats) -> dict[str, Any]:
    error = float(errors.max())
    settings = axis.adaptive.model_dump(mode="json")
    counts = {"first": len(axis), "values": len(values)}
    return {**settings, **counts, "error": error, "reached": error <= axis.adaptive.tolerance}
