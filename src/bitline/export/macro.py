"""A LUT at one condition as a timer sees it: a macro with a start edge, delays, an energy per operation, a leakage."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import product

from bitline.errors import InputError
from bitline.export.column import Condition
from bitline.export.kinds import KINDS
from bitline.export.operation import Operation, complete, operation
from bitline.export.readme import listed
from bitline.lut.lookup import Index, Lookup
from bitline.lut.lut import Lut
from bitline.lut.table import axes

Point = dict[str, float | str]


@dataclass(frozen=True)
class Face:
    """What a kind of circuit shows to the outside, and which variables of table ``nominal`` describe it.

    Attributes
    ----------
    start : str
        The pin whose rising edge starts an operation.
    edge : str
        What that edge is.
    outputs : tuple of str
        Pins, or one bus; an analog line has no logic level, yet a time.
    good : tuple of str and (float or str)
        A variable, and what it (or which parameter it) must be for the operation to count.
    latency, energy : str
        Delay from the edge [s], energy of one operation [J].
    inputs : tuple of str
        Analog inputs.
    bus : int or str
        Width of the output bus, or the parameter that holds it; 0: the outputs are pins.
    setup : str
        The parameter [s] for which the inputs must have settled before the edge; "" if there is none.
    """

    start: str
    edge: str
    outputs: tuple[str, ...]
    good: tuple[str, float | str]
    latency: str = "latency"
    energy: str = "energy_total"
    inputs: tuple[str, ...] = ()
    bus: int | str = 0
    setup: str = ""


_DIFFERENTIAL = ("INP", "INN")
FACES: Mapping[str, Face] = {
    "binary-sram-column": Face("MAC", "begin of the input pulse", ("LINE",), ("flips", 0.0)),
    "ternary-column": Face("MAC", "begin of the input pulse", ("CBL", "CBLB"), ("flips", 0.0)),
    "sar-adc": Face(
        "CONVERT",
        "end of sampling",
        ("D",),
        ("resolved", "bits"),
        latency="t_conversion",
        inputs=_DIFFERENTIAL,
        bus="bits",
        setup="t_sample",
    ),
    "strongarm": Face(
        "CLK", "clock up", ("QP", "QN"), ("decision", 1.0), energy="energy_decision", inputs=_DIFFERENTIAL
    ),
    "nvsram-trit": Face("RESTORE", "begin of INIT", ("T",), ("correct", 1.0), bus=2),
}


@dataclass(frozen=True)
class Macro:
    """One macro at one condition.

    Attributes
    ----------
    slowest, fastest : float
        Delay from the start edge over the operands [s].
    energy, lowest, highest : float
        Energy of one operation [J]: mean (see `operands`), least and largest over the operands.
    operands : str
        Over which operands the mean is taken.
    setup : float or None
        How long the inputs must have settled before the start edge [s].
    leakage : float or None
        Leakage power while idle [W]; None where the LUT has none.
    width : int
        Of the output bus; 0: the outputs are pins.
    """

    face: Face
    condition: Point
    slowest: float
    fastest: float
    energy: float
    lowest: float
    highest: float
    operands: str
    setup: float | None
    leakage: float | None
    width: int


def macro_at(lut: Lut, condition: Condition | None = None) -> Macro:
    """Return the macro at one condition.

    Parameters
    ----------
    lut : Lut
        Of a kind in `FACES`, with table ``nominal``; leakage is from table ``hold`` where there is one.
    condition : mapping, optional
        Values of the axes of ``nominal`` that are no operands; of a comparator all. What may be left out:
        see `bitline.export.operation.operation`.

    Raises
    ------
    InputError
        If the LUT is of another kind, the condition is not in it (`OutsideGridError`), corner, vdd or
        temperature is neither an axis nor stated, a value is missing, or the operation failed there.
    """
    if lut.kind not in FACES or "nominal" not in lut.tables:
        raise InputError(f"LUT {lut.name} ({lut.kind}): a macro needs a latency, which its tables do not have")
    face, grids, index = FACES[lut.kind], axes(lut.tables["nominal"]), Index({"nominal": lut.tables["nominal"]})
    stated = _stated(lut, grids)
    asked = {axis: v for axis, v in (condition or {}).items() if axis in grids or stated.get(axis) != v}
    op = operation(lut, asked) if lut.kind in KINDS else None
    at = complete(op) if op else {**index.defaults, **asked}
    points = _points(op, at) if op else [at]
    found = [index.lookup(point) for point in points]
    for point, values in zip(points, found, strict=True):
        _check(lut, face, point, values)
    delays, energies = ([values[name] for values in found] for name in (face.latency, face.energy))
    return Macro(
        face,
        {**stated, **at},
        slowest=max(delays),
        fastest=min(delays),
        energy=op.mean_energy() if op else energies[0],
        lowest=min(energies),
        highest=max(energies),
        operands=op.statistics if op else "at that input",
        setup=_parameter(lut, face.setup) if face.setup else None,
        leakage=op.leakage() if op and op.characterises_leakage else None,
        width=int(_parameter(lut, face.bus)) if isinstance(face.bus, str) else face.bus,
    )


def _stated(lut: Lut, grids: Collection[str]) -> Point:
    """Return corner, supply and temperature where the LUT has them not as axes but in its provenance."""
    known: Point = {}
    for axis in ("corner", "vdd", "temperature"):
        if axis in grids:
            continue
        if axis not in lut.attrs.get("conditions", {}):
            raise InputError(f"LUT {lut.name}: {axis} is no axis of table nominal, nor stated: a Liberty file names it")
        known[axis] = lut.attrs["conditions"][axis]
    return known


def _points(op: Operation, at: Point) -> list[Point]:
    """Return every combination of operands that the circuit can have, each with the condition."""
    operands = [dict(zip(op.operands, p, strict=True)) for p in product(*(op.grids[a].tolist() for a in op.operands))]
    # m products of one sign and `extra` pairs of +1 and -1 do not fit into fewer rows
    fit = [p for p in operands if not op.macs or abs(p[op.operands[0]]) + 2 * p.get("extra", 0) <= op.macs]
    return [{**at, **operand} for operand in fit]


def _check(lut: Lut, face: Face, at: Point, values: Lookup) -> None:
    name, wanted = face.good
    value = _parameter(lut, wanted) if isinstance(wanted, str) else wanted
    if values[name] != value:
        raise InputError(
            f"LUT {lut.name}: {name} = {values[name]:g} at {listed(at)}: must be {value:g}, so it has no timing"
        )


def _parameter(lut: Lut, name: str) -> float:
    try:
        return float(lut.attrs["parameters"][name])
    except (KeyError, TypeError):
        raise InputError(f"LUT {lut.name}: attrs.parameters.{name} is missing") from None
