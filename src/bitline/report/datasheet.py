"""Datasheet: what a LUT says of itself, gathered and in order; `bitline show` and the report print it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bitline.lut.interpolation import refusal
from bitline.lut.lookup import span
from bitline.lut.lut import Lut
from bitline.lut.table import axes
from bitline.report.key_figures import KeyFigure, key_figures
from bitline.report.nominal import nominal, place
from bitline.sweep.sweep import shipped

_PROVENANCE = (
    "circuit",
    "pdk",
    "pdk_section",
    "pdk_library_sha256",
    "ngspice",
    "bitline",
    "accuracy",
    "seed",
    "sampling",
    "samples",
    "points",
    "rungs",
    "decks_sha256",
    "sources",
)
"""What says how a LUT was made, in the order in which it is shown."""
_SCOPE = ("sigma", "yield", "noise", "static_current", "selectors", "transcribed")
"""What a bench says of the validity of its numbers, as text."""


@dataclass(frozen=True)
class AxisRow:
    """One axis of one table: `values` says its range, `interpolated` whether it may be read between its values."""

    table: str
    name: str
    unit: str
    values: str
    count: int
    interpolated: bool


@dataclass(frozen=True)
class VariableRow:
    """One variable of one table."""

    table: str
    name: str
    unit: str
    doc: str


@dataclass(frozen=True)
class FailureRow:
    """A grid point of a table at which simulations gave no result, and how many."""

    table: str
    where: str
    failed: int
    ok: int


@dataclass(frozen=True)
class Datasheet:
    """What a LUT says of itself.

    Parameters
    ----------
    name, kind, description : str
    operation : str
        What one use of the circuit is, in one line; "" where the LUT states none.
    energy : mapping of str to str
        What the operation's energy contains, what it leaves out, and how it was measured.
    nominal : mapping of str to str or float
        The condition at which key figures are taken.
    key_figures : tuple of KeyFigure
    axes : tuple of AxisRow
    variables : tuple of VariableRow
    points : mapping of str to int
        Grid points of each table.
    conditions : mapping
        Conditions and inputs that no axis changes.
    scope : mapping of str to str
        What the numbers are of.
    provenance : mapping
        How the LUT was made.
    repeat : str
        The command that makes it again; "" where the LUT does not tell.
    status : mapping of str to int
        Simulated points by what became of them.
    failures : tuple of FailureRow
        Where points gave no result.
    problems : tuple of str
        Tables that could not be made, with the reason.
    assumed : tuple of str
        What no source gives.
    """

    name: str
    kind: str
    description: str
    operation: str
    energy: Mapping[str, str]
    nominal: Mapping[str, str | float]
    key_figures: tuple[KeyFigure, ...]
    axes: tuple[AxisRow, ...]
    variables: tuple[VariableRow, ...]
    points: Mapping[str, int]
    conditions: Mapping[str, Any]
    scope: Mapping[str, str]
    provenance: Mapping[str, Any]
    repeat: str
    status: Mapping[str, int]
    failures: tuple[FailureRow, ...]
    problems: tuple[str, ...]
    assumed: tuple[str, ...]


def datasheet(lut: Lut) -> Datasheet:
    """Return the datasheet of a LUT.

    Parameters
    ----------
    lut : Lut
        Any LUT; what it does not say of itself stays empty.
    """
    attrs = lut.attrs
    return Datasheet(
        name=lut.name,
        kind=lut.kind,
        description=str(attrs.get("description", "")),
        operation=_operation(lut),
        energy=_energy(lut),
        nominal=nominal(lut),
        key_figures=key_figures(lut),
        axes=tuple(_axes(lut)),
        variables=tuple(_variables(lut)),
        points={name: int(np.prod([*table.sizes.values()])) for name, table in lut.tables.items()},
        conditions=_conditions(lut),
        scope={name: attrs[name] for name in _SCOPE if isinstance(attrs.get(name), str)},
        provenance={name: attrs[name] for name in _PROVENANCE if name in attrs},
        repeat=repeat(lut),
        status=mapping(attrs.get("status")),
        failures=tuple(_failures(lut)),
        problems=tuple(map(str, sequence(attrs.get("problems")))),
        assumed=tuple(_assumed(lut)),
    )


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a table of the provenance, an empty one where a LUT has something else: it may come from anybody."""
    if isinstance(value, Mapping):
        return value
    return {}


def sequence(value: Any) -> Sequence[Any]:
    """Return a list of the provenance, an empty one where a LUT has something else."""
    if isinstance(value, list | tuple):
        return value
    return ()


def repeat(lut: Lut) -> str:
    """Return the command that makes a LUT again, "" where it was not made by a sweep.

    ``SWEEP.toml`` stands for the file of a sweep that does not come with bitline or a plug-in. A LUT does not tell a
    sweep's quick form from the full one.
    """
    attrs = lut.attrs
    if not mapping(attrs.get("benches")):
        return ""
    # A LUT is called like its sweep.
    words = ["bitline", "characterize", next(iter({lut.name} & shipped().keys()), "SWEEP.toml")]
    # Without samples the sweep has no Monte Carlo, and the option would not take a 0.
    options = {name: attrs.get(name) for name in ("pdk", "accuracy", "seed", "samples")}
    for name, value in options.items():
        if value:
            words += [f"--{name}", str(value)]
    return shlex.join(words)


def _operation(lut: Lut) -> str:
    if lut.operation is None:
        return ""
    parts = [lut.operation.event]
    products = lut.operation.products
    if products is not None:
        signed = f", -1 with probability {products.minus:.4g}" if products.signed else ""
        parts.append(f"{products.count} products, +1 with probability {products.plus:.4g}{signed} ({products.source})")
    elif lut.operation.operands is not None and lut.operation.operands.axes:
        parts.append(f"every {', '.join(lut.operation.operands.axes)} equally often ({lut.operation.operands.source})")
    return "; ".join(parts)


def _energy(lut: Lut) -> dict[str, str]:
    if lut.operation is None:
        return {}
    scope = lut.operation.energy.scope()
    return {"energy of" if name == "event" else name: text for name, text in scope.items()}


def _axes(lut: Lut) -> Iterator[AxisRow]:
    for name, table in lut.tables.items():
        for axis, grid in axes(table).items():
            numbers = grid.dtype.kind in "if" and len(grid) > 1
            interpolated = numbers and not refusal(table[axis])
            yield AxisRow(name, axis, str(table[axis].attrs["unit"]), span(grid), len(grid), interpolated)


def _variables(lut: Lut) -> Iterator[VariableRow]:
    for name, table in lut.tables.items():
        for variable, array in table.data_vars.items():
            yield VariableRow(name, str(variable), str(array.attrs["unit"]), str(array.attrs["doc"]))


def _conditions(lut: Lut) -> dict[str, Any]:
    """Return what no axis changes: conditions, then the inputs of each bench by ``bench.input``."""
    fixed = dict(mapping(lut.attrs.get("conditions")))
    for bench, inputs in mapping(lut.attrs.get("inputs")).items():
        fixed |= {f"{bench}.{name}": value for name, value in mapping(inputs).items()}
    return fixed


def _failures(lut: Lut) -> Iterator[FailureRow]:
    for name, table in lut.tables.items():
        if not {"n_ok", "n_failed"} <= set(table):
            continue
        failed = table["n_failed"]
        for index in np.argwhere(failed.values > 0).tolist():
            cell = table.isel(dict(zip(failed.dims, index, strict=True)))
            where = place(table, {str(axis): cell[axis].item() for axis in failed.dims})
            yield FailureRow(name, where, int(cell["n_failed"]), int(cell["n_ok"]))


def _assumed(lut: Lut) -> Iterator[str]:
    yield from map(str, sequence(lut.attrs.get("assumed")))
    operands = lut.operation.operands if lut.operation else None
    if operands is not None and operands.source == "assumed":
        yield "the operands' statistics (assumed)"
