"""Need: what a LUT must hold to be written in a format; asked of its outline, which takes no numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from bitline.lut.operation import Choices, Operation, Products, parse_operation

if TYPE_CHECKING:
    from bitline.lut.lut import Lut

Operands = Literal["unsigned products", "signed products", "choices", "one input"]
"""What the table of an operation spans: sums of products, choices among values, or a single input."""

ANY_PRODUCTS: tuple[Operands, ...] = ("unsigned products", "signed products")


@dataclass(frozen=True)
class Outline:
    """What a LUT holds, without its numbers.

    Attributes
    ----------
    operation : Operation or None
    tables : mapping of str to collection of str
        The axes, variables and attributes of each table.
    """

    operation: Operation | None
    tables: Mapping[str, Collection[str]]

    @classmethod
    def from_lut(cls, lut: Lut) -> Outline:
        """Return the outline of a LUT."""
        tables = {name: {str(key) for key in (*table.variables, *table.attrs)} for name, table in lut.tables.items()}
        return cls(lut.operation, tables)

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any]) -> Outline:
        """Return the outline of a LUT of which only ``lut.json`` was read (`bitline.lut.manifest`)."""
        form = manifest["operation"]
        operation = None if form is None else parse_operation(manifest["name"], form)
        tables = {
            name: {*(field["name"] for field in (*table["axes"], *table["variables"])), *table.get("attrs", {})}
            for name, table in manifest["tables"].items()
        }
        return cls(operation, tables)

    @property
    def operands(self) -> Operands | None:
        """What the operation's table spans; None where the LUT has no operation."""
        match self.operation:
            case None:
                return None
            case Operation(operands=Products(signed=True)):
                return "signed products"
            case Operation(operands=Products()):
                return "unsigned products"
            case Operation(operands=Choices()):
                return "choices"
        return "one input"


@dataclass(frozen=True)
class Need:
    """One form of LUT that a format expresses: all of what is named.

    Parameters
    ----------
    doc : str
        What such a LUT has: "a column's output".
    operands : tuple of str
        The operands that its operation may have; empty: it need not have an operation.
    tables : mapping of str to tuple of str
        The tables that it is made from, each with the axes, variables and attributes that are read.
    pins : bool
        Whether its operation must have pins, and so a delay.
    timed : bool
        Whether its operation must have a cycle or a latency.
    """

    doc: str
    operands: tuple[Operands, ...] = ()
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pins: bool = False
    timed: bool = False

    def suits(self, outline: Outline) -> bool:
        """Return whether the LUT's operation is of this form, whatever its tables are."""
        if self.operands and outline.operands not in self.operands:
            return False
        operation = outline.operation
        if self.pins and (operation is None or operation.pins is None):
            return False
        return not self.timed or (operation is not None and bool(operation.cycle or operation.latency))

    def missing(self, outline: Outline) -> str:
        """Return in words which tables, or what of a table, the LUT lacks; "" if nothing."""
        # whole tables first: what a table lacks is of interest once it is there
        absent = [name for name in self.tables if name not in outline.tables]
        if absent:
            return f"table {', '.join(absent)}"
        for name, fields in self.tables.items():
            lacking = [field for field in fields if field not in outline.tables[name]]
            if lacking:
                return f"{', '.join(lacking)} in table {name}"
        return ""

    def met(self, outline: Outline) -> bool:
        """Return whether the LUT has all of it."""
        return self.suits(outline) and not self.missing(outline)

    @property
    def sentence(self) -> str:
        """What such a LUT has, with the tables that hold it."""
        if not self.tables:
            return self.doc
        plural = "s" if len(self.tables) > 1 else ""
        return f"{self.doc} (table{plural} {' and '.join(self.tables)})"


ANYTHING = Need("any LUT")
COLUMN = Need("a column's output", ANY_PRODUCTS, {"mismatch": ("v_mean", "v_sigma"), "noise": ("v_thermal",)})
LEVELS = Need("a memory's levels", tables={"placement": ("target", "ln_mean", "ln_sigma", "resistance")})
MEAN_ENERGY = (
    Need("the energy of a column", ANY_PRODUCTS),
    # an architecture's events have a duration; what programs a memory once is none of them
    Need("the energy and the time of a conversion, a restore or the like", ("choices",), timed=True),
    # of which the time is known in cycles, and no cycle's length
    Need("the energy of a dot product", ("choices",), {"energy": ("boundary", "energy_total")}),
)
