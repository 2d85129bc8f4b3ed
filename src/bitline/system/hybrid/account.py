"""HybridAccount: the energy of a hybrid dot product at each boundary, order by order, from measured parts.

    account = HybridAccount.of(column, plates, dac, converters, 4, shift_adds, cell)
    account.parts(8).total
    account.gain(8, reads="shared")

A part is read from a table, or it is one of `ASSUMPTIONS`, with an interval. Clock tree, control, reference buffers
and leakage are counted nowhere. All tables are taken at tt, 1.8 V and 27 degC; `bitline.system.hybrid.conditions` moves
an account to another supply or corner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.lut.place import place_of
from bitline.lut.table import axes
from bitline.system.hybrid.assumptions import (
    ASSUMPTIONS,
    COLUMNS,
    CONVERTER_WIRE,
    DRIVER_SHARES,
    SALIENCY_ORDER,
    TABLE_LINE,
    TREES,
    WIRE,
    WORD_SHARES,
)
from bitline.system.hybrid.boundary import BitOrders
from bitline.system.measured_operation import Condition
from bitline.system.ratios import CONDITION, at_condition, check_same_models
from bitline.system.scaling import Scale
from bitline.system.sensitivity import nominal

Array = NDArray[np.float64]
Reads = Literal["separate", "shared"]
"""Whether an analog operation reads its row again on its own port, or uses what the digital port read."""
DigitalOperands = Literal["uniform", "half-normal", "network"]
"""Distributions of `bitline.system.hybrid.operands`, or the layers of the network whose loss is known."""

COUNT_BITS = 8
"""Bits of a count of 144."""


@dataclass(frozen=True)
class Parts:
    """Energy of one dot product by part [J]; the names are those of a breakdown."""

    tree: float
    drivers: float
    digital_add: float
    digital_read: float
    analog_read: float
    dac: float
    column: float
    conversion: float
    analog_add: float
    saliency: float

    @property
    def total(self) -> float:
        """Return the sum of all parts [J]."""
        return float(sum(getattr(self, one.name) for one in fields(self)))

    def scaled(self, scale: Scale, converter_logic: float) -> Parts:
        """Return the parts of a scaled estimate, where logic has that share of a conversion's energy."""
        factors = dict.fromkeys(("dac", "column"), scale.analog) | {"conversion": scale.converter(converter_logic)}
        return Parts(**{one.name: factors.get(one.name, scale.logic) * getattr(self, one.name) for one in fields(self)})


@dataclass(frozen=True, eq=False)
class HybridAccount:
    """What the operations of a hybrid MAC unit of 144 columns take.

    Attributes
    ----------
    codes, column : array, shape (codes,)
        Ones among the products of a QR column, and the energy of its cycle at them [J].
    plate : float
        What the gates of a unit's pass gate take in a cycle in which its weight is 1 [J].
    dac : float
        Energy of one DAC's word, mean over equally frequent words [J]; see `WORD_SHARES`.
    conversion, analog_add, digital_add : float
        Of a conversion, and of a shift-and-add behind it or behind the tree [J].
    synchronous : float
        Energy of a conversion with synchronous logic over that of a self-timed one.
    converter_logic : float
        Share of its logic in the energy of a conversion.
    line, wordline : float
        Of a row read, per cell: its line of `TABLE_LINE` at full swing, mean over both states, and its word line [J].
    logic : float
        Energy of trees, their drivers and the saliency's evaluator over that of `ASSUMPTIONS`.
    orders : BitOrders
    """

    codes: Array
    column: Array
    plate: float
    dac: float
    conversion: float
    synchronous: float
    converter_logic: float
    analog_add: float
    digital_add: float
    line: float
    wordline: float
    logic: float = 1.0
    orders: BitOrders = field(default_factory=BitOrders)

    @classmethod
    def of(
        cls,
        column: Lut,
        plates: Lut,
        dac: Lut,
        converters: Lut,
        bits: int,
        shift_adds: Mapping[int, Lut],
        cell: Lut,
    ) -> HybridAccount:
        """Return the account of those tables.

        Parameters
        ----------
        column : Lut
            Of a QR column with 144 inputs, by code.
        plates : Lut
            Of a QR column with inputs of several bits: what the pass gates of its plates take.
        dac, cell : Lut
            Of a column DAC, and of a cell that is read on one port.
        converters : Lut
            Of converters by bits, kind of logic, wire of a net and input.
        bits : int
            Resolution of the converter.
        shift_adds : mapping of int to Lut
            Of shift-and-add units of 4 and 5 bits; those of a count and of other codes are extrapolated from both.

        Raises
        ------
        InputError
            If a table is of other models, misses the condition or the bits, or there are no two shift-and-adds.
        """
        check_same_models([column, plates, dac, converters, cell, *shift_adds.values()])
        timed, clocked = (converter_at(converters, bits, logic) for logic in ("self-timed", "synchronous"))
        codes, cycles = column_at(column)
        line, wordline = row_at(cell)
        return cls(
            codes=codes,
            column=cycles,
            plate=plate_at(plates),
            dac=dac_at(dac),
            conversion=float(timed["energy_total"]),
            synchronous=float(clocked["energy_total"] / timed["energy_total"]),
            converter_logic=float(timed["energy_logic"] / timed["energy_total"]),
            analog_add=addition_at(shift_adds, bits),
            digital_add=addition_at(shift_adds, COUNT_BITS),
            line=line,
            wordline=wordline,
        )

    def parts(
        self,
        boundary: int,
        reads: Reads = "separate",
        values: Mapping[str, float] | None = None,
        operands: DigitalOperands = "network",
    ) -> Parts:
        """Return the energy of one dot product at a boundary, by part.

        Parameters
        ----------
        boundary : int
        reads : {"separate", "shared"}
        values : mapping of str to float, optional
            Values of `ASSUMPTIONS`, the others at their nominal ones.
        operands : {"uniform", "half-normal", "network"}
            Of the digital operations. The assumption `operands` is how far they are from uniform ones to these.

        Raises
        ------
        InputError
            If there is no such boundary, or `reads` or `operands` is none of these.
        """
        check_reads(reads)
        if operands not in TREES:
            raise InputError(f"operands = {operands!r}: must be one of {', '.join(TREES)}")
        v = {**nominal(ASSUMPTIONS), **(values or {})}
        counts = self.orders.counts(boundary)
        digital = [len(bits) for bits in self.orders.digital_bits(boundary)]
        analog = [len(bits) > 0 for bits in self.orders.analog_bits(boundary)]
        # A row stays on its lines for as many input bits as `held` says.
        digital_reads = sum(_row_reads(count, v["held"]) for count in digital)
        digital_reads += v["second_read"] * self._second_reads(boundary, reads, v["held"])
        # What the digital port read serves the analog operation too, but for rows that it does not read.
        needed = zip(analog, digital, strict=True)
        analog_reads = sum(is_on and (reads == "separate" or not count) for is_on, count in needed)
        row = COLUMNS * (self.line * v["c_line"] / TABLE_LINE * v["swing"] + self.wordline)
        ones = v["activity"] * COLUMNS
        clocked = 1 + v["synchronous"] * (self.synchronous - 1)
        wire = (1 + v["wire"] * v["c_net"]) / (1 + v["wire"] * WIRE)
        words = COLUMNS * _share(WORD_SHARES, operands, v["operands"])
        column = float(np.interp(ones, self.codes, self.column)) + COLUMNS / 2 * self.plate
        return Parts(
            tree=self._tree(boundary, operands, v["operands"]) * v["tree"] * wire * self.logic,
            drivers=counts.digital * v["drivers"] * _share(DRIVER_SHARES, operands, v["operands"]) * self.logic,
            digital_add=counts.digital * self.digital_add * v["count_add"],
            digital_read=digital_reads * row,
            analog_read=analog_reads * row,
            dac=counts.conversions * words * self.dac / v["dac_shared"],
            column=counts.conversions * column * v["column"],
            conversion=counts.conversions * self.conversion * v["conversion"] * clocked,
            analog_add=counts.conversions * self.analog_add,
            # All digital there is nothing to choose.
            saliency=v["saliency"] * self.logic if boundary else 0.0,
        )

    def gain(
        self,
        boundary: float,
        reads: Reads = "separate",
        values: Mapping[str, float] | None = None,
        operands: DigitalOperands = "network",
    ) -> float:
        """Return the energy of the all-digital dot product over that at a mean boundary.

        A mean between two integers is a mix of both, whose energy is the mean of theirs; errors as of `parts`.
        """
        low = int(np.floor(boundary))
        high = int(np.ceil(boundary))
        whole, below, above = (self.parts(each, reads, values, operands).total for each in (0, low, high))
        return whole / (below + (boundary - low) * (above - below))

    def boundary_of(
        self, target: float, reads: Reads = "separate", values: Mapping[str, float] | None = None
    ) -> float | None:
        """Return the least mean boundary with a gain of `target`, a mix of neighbours; None if none has it."""
        energies = [self.parts(each, reads, values).total for each in range(self.orders.highest + 1)]
        wanted = energies[0] / target
        for low, (below, above) in enumerate(pairwise(energies)):
            if above <= wanted < below:
                return low + (below - wanted) / (below - above)
        return None

    def _second_reads(self, boundary: int, reads: Reads, held: float) -> float:
        """Return the row reads that it adds if no row is held until the saliency has told the boundary.

        The orders that make the saliency come first, in all rows that have one. What is left of such a row then takes
        another read: its other digital operations, and with shared reads its analog operation as well.
        """
        if boundary == 0:
            return 0.0
        added = 0.0
        sooner = self.orders.digital_bits(max(boundary, SALIENCY_ORDER))
        rows = zip(sooner, self.orders.digital_bits(boundary), self.orders.analog_bits(boundary), strict=True)
        for first, digital, analog in rows:
            rest = len(digital) - len(first)
            if first and rest:
                added += _row_reads(len(first), held) + _row_reads(rest, held) - _row_reads(len(digital), held)
            elif first and reads == "shared" and analog:
                added += 1
        return added

    def _tree(self, boundary: int, operands: DigitalOperands, share: float) -> float:
        """Return the energy of the tree [J], order by order: of uniform operands (share 0), or of these (1)."""
        uniform, own = TREES["uniform"], TREES[operands]
        return 1e-12 * sum(
            (1 - share) * uniform[i + j] + share * own[i + j]
            for i, bits in enumerate(self.orders.digital_bits(boundary))
            for j in bits
        )


def column_at(column: Lut, condition: Condition = CONDITION) -> tuple[Array, Array]:
    """Return the ones among the products of a column, and the energy of its cycle at them [J]."""
    cycle = table_at(column, "nominal", condition, inputs=COLUMNS)["energy_total"]
    return cycle["code"].values.astype(float), cycle.values


def plate_at(plates: Lut, condition: Condition = CONDITION) -> float:
    """Return what the gates of a unit's pass gate take in a cycle in which its weight is 1 [J]."""
    gates = table_at(plates, "nominal", condition)["energy_control"].isel(level=0)
    return float(gates[-1] - gates[0]) / float(gates["code"][-1])


def dac_at(dac: Lut, condition: Condition = CONDITION) -> float:
    """Return the energy of a capacitive DAC's word, mean over equally frequent words [J]."""
    return float(table_at(dac, "dac", condition, topology="capacitive")["energy_mean"])


def converter_at(converters: Lut, bits: int, logic: str = "self-timed", condition: Condition = CONDITION) -> xr.Dataset:
    """Return the energies of a conversion, mean over its inputs [J]."""
    at = table_at(converters, "nominal", condition, bits=bits, logic=logic, c_net=CONVERTER_WIRE)
    return at.mean("v_diff")


def addition_at(shift_adds: Mapping[int, Lut], bits: int, condition: Condition = CONDITION) -> float:
    """Return the energy of a shift-and-add of codes so wide [J], by a line through two measured ones."""
    if len(shift_adds) < 2:
        raise InputError(f"shift_adds of {sorted(shift_adds)} bits: must be two, from which others are extrapolated")
    narrow, wide = min(shift_adds), max(shift_adds)
    low, high = (at_condition(shift_adds[width], condition).mean_energy() for width in (narrow, wide))
    return low + (bits - narrow) * (high - low) / (wide - narrow)


def row_at(cell: Lut, condition: Condition = CONDITION) -> tuple[float, float]:
    """Return what a row read takes, per cell: of its line of `TABLE_LINE` at full swing, and of its word line [J]."""
    read = table_at(cell, "read", condition, port="left", c_line=TABLE_LINE, t_pulse=2e-9).mean("stored")
    return float(read["energy_line"]), float(read["energy_wordline"] + read["energy_array"])


def _share(shares: Mapping[str, float], operands: DigitalOperands, far: float) -> float:
    """Return what operands take, so far from uniform ones to these."""
    return shares["uniform"] + far * (shares[operands] - shares["uniform"])


def _row_reads(operations: int, held: float) -> float:
    """Return how often a row is read for so many operations, each read serving `held` of them."""
    if not operations:
        return 0.0
    return max(1.0, operations / held)


def check_reads(reads: str) -> None:
    """Raise `InputError` if it is no way to read rows."""
    if reads not in get_args(Reads):
        raise InputError(f"reads = {reads!r}: must be 'separate' or 'shared'")


def table_at(lut: Lut, table: str, condition: Condition = CONDITION, **point: float | str) -> xr.Dataset:
    """Return a table at a condition and at a point, or refuse it by name."""
    data = lut.tables[table]
    return data.sel(place_of(lut, axes(data), {**condition, **point}))
