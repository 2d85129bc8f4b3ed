"""Loads an exported package in hwcomponents and compares all it says with the LUT."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Sized
from contextlib import contextmanager
from glob import escape
from importlib import import_module
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

from bitline.errors import ExportCheckError, InputError, SetupError
from bitline.lut.interpolation import refusals
from bitline.lut.lut import Lut
from bitline.system.measured_operation import MeasuredOperation, measured_operation

RTOL = 1e-12
_SHARES = (0.25, 0.5, 0.8)  # where between its two middle values each axis is asked, off the grid

Point = dict[str, Any]


def check(lut: Lut, folder: Path) -> str:
    """Compare the component in `folder` with the LUT at every grid point, between points, and outside.

    Raises
    ------
    SetupError
        If hwcomponents is not installed.
    ExportCheckError
        If an energy, a mean or a time differs, or something outside the grid is answered.
    InputError
        If there is no package in the folder.
    """
    try:
        hwcomponents = import_module("hwcomponents")
    except ImportError as error:
        raise SetupError(f"hwcomponents: {error}: pip install hwcomponents==1.0.114 (Python >= 3.12)") from None
    packages = sorted(folder.glob("hwcomponents_*/component.json"))
    if len(packages) != 1:
        raise InputError(f"{folder}: {len(packages)} packages hwcomponents_*: must be one, as written by this export")
    facts = json.loads(packages[0].read_text(encoding="utf-8"))
    op = measured_operation(lut, facts["conditions"], facts["activity"])
    # the file as it was written, not a package of that name that happens to be installed
    with _loaded(hwcomponents, packages[0].with_name("component.py")) as models:
        component = _Component(hwcomponents, models, facts)
        on = _compare_grid(op, component, _grid(op))
        between = _compare_grid(op, component, _off_grid(op))
        _compare_means(op, component)
        _refused(op, component)
    return (
        f"hwcomponents {version('hwcomponents')}: {on} energies on and {between} off the grid equal to {RTOL:g}, "
        "means equal, outside refused"
    )


class _Component:
    """The component as hwcomponents finds and calls it."""

    def __init__(self, hwcomponents: Any, models: list[Any], facts: Point) -> None:
        self._get_model, self._models, self._facts = hwcomponents.get_model, models, facts

    def at(self, **attributes: Any) -> Any:
        """Return the model for these attributes; `ExportCheckError` if hwcomponents has none."""
        asked = {"tech_node": self._facts["tech_node"], **attributes}
        try:
            return self._get_model(self._facts["names"][0], asked, models=self._models)
        except RuntimeError as error:
            # hwcomponents tries every model and wraps what each of them said
            reasons = [line for line in str(error).splitlines() if "ValueError" in line]
            if not reasons:
                raise
            raise ExportCheckError(f"hwcomponents: {reasons[0]} at {asked}") from None


@contextmanager
def _loaded(hwcomponents: Any, file: Path) -> Iterator[list[Any]]:
    """Let hwcomponents load the file, then undo what it leaves in the process."""
    path, modules = list(sys.path), set(sys.modules)
    try:
        yield hwcomponents.get_models(escape(str(file.resolve())), include_installed=False)
    except (ValueError, OSError) as error:
        raise ExportCheckError(f"hwcomponents cannot load {file}: {error}") from error
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - modules:
            if name.startswith("_hwc_model_component_"):
                del sys.modules[name]


def _grid(op: MeasuredOperation) -> Iterator[Point]:
    for values in product(*(grid.tolist() for grid in op.grids.values())):
        yield dict(zip(op.grids, values, strict=True))


def _off_grid(op: MeasuredOperation) -> Iterator[Point]:
    """Make points between the middle values of axes along which energy and latency may be interpolated.

    The other axes have their middle value: a sum at the end of its axis leaves no room for pairs beside it.
    """
    table = op.lut.tables[op.operation.table]
    answered = (op.operation.energy.variable, op.operation.latency)
    refused = {axis for name in answered if name in table for axis in refusals(table[name], table.coords)}
    for share in _SHARES:
        yield {
            axis: _between(grid.tolist(), share)
            if grid.dtype.kind != "U" and len(grid) > 1 and axis not in refused
            else grid.tolist()[_middle(grid)]
            for axis, grid in op.grids.items()
        }


def _between(grid: list[float], share: float) -> float:
    i = _middle(grid)
    return (1 - share) * grid[i] + share * grid[i + 1]


def _middle(grid: Sized) -> int:
    return (len(grid) - 1) // 2


def _compare_grid(op: MeasuredOperation, component: _Component, points: Iterator[Point]) -> int:
    """Compare energies; where the LUT has none, the component must have none either. Return how many."""
    count, models = 0, {}
    for point in points:
        operands = {axis: point[axis] for axis in op.operands}
        attributes = {axis: value for axis, value in point.items() if axis not in operands}
        key = tuple(attributes.values())
        if key not in models:
            models[key] = component.at(**attributes)
        try:
            # a hole in the table must be one there, too
            expected: float | None = op.energy(**point)
        except InputError:
            expected = None
        got = _answer(models[key], operands)
        if (got is None) != (expected is None) or (got is not None and not _equal(got, expected)):
            raise ExportCheckError(f"hwcomponents: energy at {point} is {got}, in the LUT {expected}")
        count += expected is not None
    return count


def _answer(model: Any, operands: Point) -> float | None:
    try:
        return float(model.try_call_arbitrary_action("read", **operands).energy)
    except ValueError:
        return None


def _compare_means(op: MeasuredOperation, component: _Component) -> None:
    at = {axis: op.grids[axis].tolist()[0] for axis in op.condition_axes if axis not in op.conditions}
    model, energy, time = component.at(**at), op.mean_energy(**at), op.latency(**at)
    read = model.read()
    pairs = {"read energy": (read.energy, energy), "read latency": (read.latency, time)}
    if op.macs:
        compute = model.compute()
        pairs["compute energy"] = (compute.energy, energy / op.macs)
        pairs["compute throughput"] = (compute.throughput, op.macs / time if time else math.inf)
    for what, (got, expected) in pairs.items():
        if not _equal(got, expected):
            raise ExportCheckError(f"hwcomponents: mean {what} is {got}, by the LUT {expected}")


def _refused(op: MeasuredOperation, component: _Component) -> None:
    """Make sure that nothing outside the grid, and no other node, is answered."""
    inside = {axis: op.grids[axis].tolist()[0] for axis in op.condition_axes}
    # nothing outside may be answered: not another node, not beyond an axis
    wrong: list[Point] = [{**inside, "tech_node": 65e-9}]
    for axis in inside:
        grid = op.grids[axis].tolist()
        wrong.append({**inside, axis: "none" if isinstance(grid[0], str) else grid[-1] + 1})
    for attributes in wrong:
        try:
            component.at(**attributes)
        except ExportCheckError:
            continue
        raise ExportCheckError(f"hwcomponents: {attributes} is outside the grid and was answered all the same")


def _equal(got: float, expected: float | None) -> bool:
    return expected is not None and (got == expected or math.isclose(got, expected, rel_tol=RTOL))
