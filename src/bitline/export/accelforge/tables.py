"""What AccelForge gets: energy, throughput, area and leakage of one node, and the size of its workload."""

from __future__ import annotations

from bitline.lut.operation import Choices
from bitline.system.measured_operation import MeasuredOperation

MATMUL = {"M": 8, "N": 4}
"""Ranks of the workload beside the architecture; K is two columns' products."""

ROWS_BEFORE_ADC = 16  # as in arch.yaml.j2


def family(op: MeasuredOperation) -> str:
    """Return where in an architecture the operation takes place.

    A "column" adds up products, a "converter" takes each output of a column, a "restore" brings each weight to
    where it is used. A "macro" gives a whole dot product: its energies are means over operands already.
    """
    if op.macs:
        return "column"
    if op.operation.operands == Choices(()):
        return "macro"
    if "adc" in op.operation.energy.components:
        return "converter"
    return "restore"


def depth(op: MeasuredOperation) -> int:
    """Return rank K of the workload: the products of two columns."""
    return 2 * (op.macs or rows(op))


def rows(op: MeasuredOperation) -> int:
    """Return the products of an output where the operation itself adds up none: a macro's own, else an assumed 16."""
    if family(op) == "macro":
        return int(op.lut.attrs.get("products", ROWS_BEFORE_ADC))
    return ROWS_BEFORE_ADC


def breakdown(op: MeasuredOperation) -> dict[str, float]:
    """Return the energy [J] of each part that a macro's operation includes; they add up to the whole.

    Empty for other operations, or where the table does not tell the parts apart.
    """
    table = op.lut.tables[op.operation.table]
    names = {name: f"energy_{name}" for name in op.operation.energy.includes}
    if family(op) != "macro" or not all(variable in table for variable in names.values()):
        return {}
    at = op.lut.lookup(**op.conditions)
    return {name: at[variable] for name, variable in names.items()}


def per_instance(op: MeasuredOperation, area: float, leakage: float | None) -> dict[str, float]:
    """Return what one node of the architecture takes: a row of a column, or the whole of another circuit."""
    # a !Compute is counted once per MAC, so a row gets its share of the cycle
    share = op.macs or 1
    energy, cycle = op.mean_energy(), op.cycle or op.latency()
    if leakage is None:
        leakage = op.leakage()
    return {
        "operation": energy,
        "energy": energy / share,
        "throughput": 1 / cycle if cycle else float("inf"),
        "area": area / share,
        "leak_power": leakage / share,
    }
