"""What one operation of a circuit takes: the energy, time and statistics that architecture simulators ask for.

An operation is what the LUT's ``energy_event`` names: a MAC cycle of a column, a conversion, the restore of
a trit. Its energy depends on operands; a simulator that counts actions takes the mean over them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from bitline.errors import InputError, UnknownNameError
from bitline.export.column import Condition
from bitline.export.kinds import KINDS, Kind
from bitline.lut.lookup import Index, span
from bitline.lut.lut import Lut
from bitline.lut.table import axes
from bitline.statistics.distributions import binomial_pmf

UNIFORM_TRITS = 4 / 9
"""Probability that the product of two uniform random trits is not 0: (2/3)^2."""

_BINOMIAL = re.compile(r"Binomial\((\d+), ([0-9.]+)\)")
_OWN_LEAKAGE = "An operation's energy contains what leaks meanwhile."
_SIZES = {"rows", "active", "inputs"}  # as axes of a table they would change how many MACs a code is made of


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation of the circuit of a LUT.

    Attributes
    ----------
    lut : Lut
    kind : Kind
    conditions : dict
        Value of each condition axis that is given or has a natural one: the LUT's only value, or the one at
        which another of its tables was made. An axis without is not in here.
    macs : int
        Products added up in an operation: the largest code; 0 where there is none.
    activity : float or None
        Probability that a product is not 0; None where operands are not products.
    statistics : str
        The operands over which means are taken, in words.
    """

    lut: Lut
    kind: Kind
    conditions: dict[str, float | str]
    macs: int
    activity: float | None
    statistics: str

    @property
    def operands(self) -> tuple[str, ...]:
        """The operand axes that the table has."""
        return tuple(axis for axis in self.kind.operands if axis in self.grids)

    @cached_property
    def grids(self) -> dict[str, Any]:
        """Axes of the table ``nominal``."""
        return axes(self.lut.tables["nominal"])

    @cached_property
    def _indices(self) -> dict[str, Index]:
        return {name: Index({name: table}) for name, table in self.lut.tables.items() if name in ("nominal", "hold")}

    @property
    def cycle(self) -> float | None:
        """Length of the simulated cycle [s]; None where the LUT's parameters do not tell."""
        parameters = self.lut.attrs.get("parameters", {})
        if self.kind.cycle is None or not all(name in parameters for name in self.kind.timing):
            return None
        return None if set(self.kind.timing) & set(self.grids) else self.kind.cycle(parameters)

    @property
    def characterises_leakage(self) -> bool:
        """Whether the LUT has leakage power of the idle circuit."""
        return "hold" in self.lut.tables and "p_leak" in self.lut.tables["hold"]

    def energy(self, **point: float | str) -> float:
        """Return the energy [J] of one operation at operands and conditions; errors as of `Lut.lookup`."""
        return self._indices["nominal"].lookup({**self.conditions, **point})["energy_total"]

    def mean_energy(self, activity: float | None = None, **conditions: float | str) -> float:
        """Return the mean energy [J] of one operation over operands.

        Products: energy over the number of products that are not 0 (|code|, for a ternary column
        |mac| + 2 extra, the mixes that have it averaged), linear between measured numbers, weighted with
        Binomial(macs, activity); for a ternary column as in `bitline.system.ratios.ternary_array`. A converter's
        inputs and a trit's levels: the plain mean over the grid.

        Parameters
        ----------
        activity : float, optional
            Probability that a product is not 0, instead of the operation's own.
        conditions : float or str
            Values of condition axes, instead of the operation's own.

        Raises
        ------
        InputError
            If a condition is missing, not in the LUT (`OutsideGridError`), or has no value there.
        """
        if self.activity is None:
            return self._plain_mean("nominal", "energy_total", conditions)
        p = self.activity if activity is None else activity
        found: dict[float, list[float]] = {}
        for point in product(*(self.grids[axis].tolist() for axis in self.operands)):
            active = abs(point[0]) + 2 * sum(point[1:])
            if active <= self.macs:
                energy = self.energy(**conditions, **dict(zip(self.operands, point, strict=True)))
                found.setdefault(active, []).append(energy)
        known = sorted(found)
        if known[0] > 0 or known[-1] < self.macs:
            raise InputError(f"LUT {self.lut.name}: codes reach {known[0]}..{known[-1]}: must span 0..{self.macs}")
        energies = [float(np.mean(found[active])) for active in known]
        return float(binomial_pmf(self.macs, p) @ np.interp(np.arange(self.macs + 1), known, energies))

    def latency(self, **conditions: float | str) -> float:
        """Return the time [s] until the result is there, mean over operands; 0 where nothing tells."""
        if not self.kind.latency:
            return self.cycle or 0.0
        return self._plain_mean("nominal", self.kind.latency, conditions)

    def leakage(self, **conditions: float | str) -> float:
        """Return the leakage power [W], mean over operands; 0 where the LUT does not have it."""
        return self._plain_mean("hold", "p_leak", conditions) if self.characterises_leakage else 0.0

    def _plain_mean(self, table: str, variable: str, conditions: Mapping[str, float | str]) -> float:
        index = self._indices[table]
        at = {axis: value for axis, value in {**self.conditions, **conditions}.items() if axis in index.grids}
        operands = [axis for axis in self.operands if axis in index.grids]
        points = product(*(self.grids[axis].tolist() for axis in operands))
        return float(np.mean([index.lookup({**at, **dict(zip(operands, p, strict=True))})[variable] for p in points]))


def operation(lut: Lut, condition: Condition | None = None, activity: float | None = None) -> Operation:
    """Return the operation of a LUT's circuit.

    Parameters
    ----------
    lut : Lut
        Of a kind in `KINDS`, with the table ``nominal``.
    condition : mapping, optional
        Values of condition axes.
    activity : float, optional
        Probability that a product is not 0. By default what the LUT states as its operand statistics; for a
        ternary column uniform random trits (assumed).

    Raises
    ------
    InputError
        If the LUT is of another kind, lacks the table or a statement of statistics, or a value is wrong.
    """
    if lut.kind not in KINDS or "nominal" not in lut.tables:
        raise InputError(
            f"LUT {lut.name}: kind = {lut.kind}: must be one of {', '.join(KINDS)}, with a table 'nominal'"
        )
    kind, grids = KINDS[lut.kind], axes(lut.tables["nominal"])
    first = kind.operands[0]
    if first not in grids or "energy_total" not in lut.tables["nominal"]:
        raise InputError(f"LUT {lut.name}: table nominal must have an axis {first!r} and a variable 'energy_total'")
    conditions = _conditions(lut, kind, grids, condition or {})
    if first not in ("code", "mac"):
        if activity is not None:
            raise InputError(f"activity = {activity}: a {lut.kind} has no products; its mean is over {first}")
        return Operation(lut, kind, conditions, 0, None, f"every {first} of the grid equally often (assumed)")
    if swept := _SIZES & set(grids):
        raise InputError(f"LUT {lut.name}: {min(swept)} is an axis: an operation must have one number of products")
    macs = int(grids[first][-1])
    p, statistics = _statistics(lut, macs, activity)
    return Operation(lut, kind, conditions, macs, p, statistics)


def _conditions(lut: Lut, kind: Kind, grids: Mapping[str, Any], asked: Condition) -> dict[str, float | str]:
    allowed = [axis for axis in grids if axis not in kind.operands]
    for axis in asked:
        if axis in kind.operands:
            raise InputError(f"condition names {axis}: energies are means over it")
        if axis not in allowed:
            raise UnknownNameError("axis", axis, allowed)
    found: dict[str, float | str] = {}
    for axis in allowed:
        inside = set(grids[axis].tolist())
        others = [axes(table).get(axis, grids[axis]).tolist() for table in lut.tables.values()]
        single = {values[0] for values in others if len(values) == 1} & inside
        if axis in asked:
            found[axis] = asked[axis]
        elif len(single) == 1:
            found[axis] = single.pop()
    return found


def complete(op: Operation) -> dict[str, float | str]:
    """Return the operation's conditions if every axis has one, and raise `InputError` if not."""
    for axis, grid in op.grids.items():
        if axis not in op.conditions and axis not in op.kind.operands:
            raise InputError(f"LUT {op.lut.name}: condition must name {axis} ({span(grid)})")
    return op.conditions


def _statistics(lut: Lut, macs: int, activity: float | None) -> tuple[float, str]:
    if activity is not None:
        if not 0 <= activity <= 1:
            raise InputError(f"activity = {activity}: must be within 0..1")
        return activity, f"active products ~ Binomial({macs}, {activity!r}), as asked for"
    if lut.kind == "ternary-column":
        return UNIFORM_TRITS, f"active products ~ Binomial({macs}, 4/9): uniform random trits (assumed)"
    stated = str(lut.attrs.get("operand_statistics", ""))
    match = _BINOMIAL.search(stated)
    if match is None or int(match[1]) != macs:
        raise InputError(
            f"LUT {lut.name}: operand_statistics = {stated!r}: must be Binomial({macs}, p), or give activity"
        )
    return float(match[2]), stated


def sizes(area: float, leakage: float | None) -> None:
    """Refuse an area [m2] or a leakage power [W] that is none."""
    for name, value in (("area", area), ("leakage", leakage or 0.0)):
        if not 0 <= value < float("inf"):
            raise InputError(f"{name} = {value}: must be finite and >= 0")


def cautions(op: Operation, area: float, leakage: float | None) -> list[str]:
    """Return in words what of area [m2], leakage [W] (None: the LUT's) and time is not characterised."""
    lines = [f"Area is NOT characterised: {area!r} m2 in all ({'set by option' if area else 'assumed'})."]
    if leakage is None and op.characterises_leakage:
        lines.append(f"Leakage is that of the LUT's table hold, mean over operands. {_OWN_LEAKAGE}")
    else:
        why = "set by option" if leakage else "assumed"
        lines.append(f"Leakage is NOT characterised: {leakage or 0.0!r} W in all ({why}). {_OWN_LEAKAGE}")
    if op.cycle:
        lines.append(f"Throughput is that of the simulated cycle, {op.cycle!r} s.")
    elif op.kind.latency:
        lines.append("Throughput is 1 / latency (assumed: one after another without a pause).")
    else:
        lines.append("Time is NOT characterised: latency 0, throughput infinite.")
    return lines
