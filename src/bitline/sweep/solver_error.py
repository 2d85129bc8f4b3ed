"""The solver's error, measured where a sweep goes: at the corners of its box, against the reference preset.

An error that was measured at one condition does not hold at another: the steps that the solver takes follow the supply,
while an LSB may be fifty times smaller at a slow corner. So the box's corners are simulated twice, with the sweep's own
tolerances and with those of the reference preset, and what differs is stored in the LUT together with the box.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import xarray as xr

from bitline.benches.base import Output
from bitline.lut.lut import Lut
from bitline.pdk.slim import slim_pdk
from bitline.sweep.outcome import Outcome
from bitline.sweep.point import Point
from bitline.sweep.provenance import plain_text
from bitline.sweep.session import Session
from bitline.sweep.sweep import Sweep

Form = dict[str, Any]


def box_points(sweep: Sweep) -> Iterator[Point]:
    """Make the points without mismatch at the corners of a sweep's box, numbered from 0.

    These are both ends of each axis of numbers, and every value of any other axis, such as the process corner.
    """
    first = 0
    for grid in sweep.grids:
        # The Monte Carlo has the same circuit at fewer conditions.
        if grid.samples != range(1):
            continue
        corners = replace(grid, axes={name: _ends(values) for name, values in grid.axes.items()})
        yield from corners.points(first)
        first += len(corners)


def solver_error(sweep: Sweep, lut: Lut, session: Session) -> Form:
    """Measure the solver's error of a sweep at the corners of its box.

    Parameters
    ----------
    sweep : Sweep
    lut : Lut
        What the sweep gave: LSB and energies that the errors are compared with.
    session : Session
        Runs both presets; what its store has is not simulated again.

    Returns
    -------
    dict
        JSON-able. ``preset`` and ``against``; ``pdk`` and its library's ``library_sha256`` per corner; ``box``, the
        values of every axis; ``points`` and how many gave ``no_result`` under either preset; ``outputs`` by bench and
        name: the largest error ``max`` in ``unit``, where (``at``), and as the largest share of what it is read in,
        ``lsb`` of the LSB at that place for voltages, ``energy`` of the operation's energy there for energies.
    """
    points = list(box_points(sweep))
    exact = replace(session, context=replace(session.context, accuracy="reference"))
    pairs = list(zip(points, session.run(points), exact.run(points), strict=True))
    # What needed help to converge was simulated with other options: no reference.
    whole = [(point, own, true) for point, own, true in pairs if own.ok and true.ok and true.rung == "plain"]
    pdk, corners = session.context.pdk, dict.fromkeys(point.conditions.corner for point in points)
    return {
        "preset": session.context.accuracy,
        "against": exact.context.accuracy,
        "pdk": pdk.name,
        "library_sha256": {str(corner): slim_pdk(pdk, corner).library.sha256 for corner in corners},
        "box": {name: [plain_text(value) for value in _ends(axis.values)] for name, axis in sweep.axes.items()},
        "points": len(points),
        "no_result": len(points) - len(whole),
        "outputs": {
            bench.name: _outputs(sweep, lut, bench.outputs, [pair for pair in whole if pair[0].bench == bench.name])
            for bench in dict.fromkeys(grid.bench for grid in sweep.grids)
        },
    }


def _ends(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the least and the largest number, or all values where they are no numbers."""
    if any(isinstance(value, str | bool) for value in values):
        return values
    return tuple(dict.fromkeys((min(values), max(values))))


def _outputs(
    sweep: Sweep, lut: Lut, outputs: tuple[Output, ...], pairs: list[tuple[Point, Outcome, Outcome]]
) -> dict[str, Form]:
    """Return the largest error of each output of one bench over its points."""
    forms: dict[str, Form] = {}
    for output in outputs:
        errors = [(abs(own.values[output.name] - true.values[output.name]), point) for point, own, true in pairs]
        if not errors:
            continue
        largest, point = max(errors, key=lambda error_and_point: error_and_point[0])
        form: Form = {"unit": output.unit, "max": largest, "at": _place(sweep, point)}
        key, shares = _shares(sweep, lut, output.unit, errors)
        if shares:
            form[key] = max(shares)
        forms[output.name] = form
    return forms


def _place(sweep: Sweep, point: Point) -> Form:
    return {axis: plain_text(point.value(axis)) for axis in sweep.axes_of(point.bench)}


def _shares(sweep: Sweep, lut: Lut, unit: str, errors: list[tuple[float, Point]]) -> tuple[str, list[float]]:
    """Return errors as shares of what they are read in, and its name; none where the LUT has nothing of that unit."""
    if unit == "V" and "line" in lut.tables:
        sizes = [_at(lut.tables["line"]["lsb"], _place(sweep, point)) for _, point in errors]
        return "lsb", [error / size for (error, _), size in zip(errors, sizes, strict=True) if size > 0]
    if unit == "J" and lut.operation is not None:
        # The mean over the table: an operation on operands of 0 may take no energy at all.
        size = float(abs(lut.tables[lut.operation.table][lut.operation.energy.variable]).mean())
        return "energy", [error / size for error, _ in errors]
    return "", []


def _at(values: xr.DataArray, place: Mapping[str, Any]) -> float:
    """Return the magnitude at a place; NaN where the table does not have it."""
    if not set(map(str, values.dims)) <= place.keys():
        return math.nan
    return abs(float(values.sel({dim: place[str(dim)] for dim in values.dims})))
