"""PrechargedColumn: what the columns have in common whose precharged lines are discharged by a pulse on the rows.

Line, precharge and drivers are worked in one cycle: the precharge is let go, the active rows pulse for `t_pulse`,
the line is sampled once it has settled, and the precharge restores it. `AcimColumnQS`, `TernaryColumn` and
`BinarySramColumn` differ in what a row is; their parameters of the cycle are these.
"""

from __future__ import annotations

from bitline.circuits.base import Circuit
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.parameters import parameter

T_EDGE = parameter(20e-12, "rise and fall time of the control signals", unit="s", source="choice", gt=0, le=1e-8)
T_PRECHARGE = parameter(
    0.3e-9, "time before the pulse, precharge on then off", unit="s", source="choice", gt=0, le=1e-6
)
T_SETTLE = parameter(
    0.4e-9, "time from the pulse's end to the sampling instant", unit="s", source="choice", gt=0, le=1e-6
)
# Energies are integrals over whole cycles, so the line must be back at the supply at the end of one.
T_RESTORE = parameter(3e-9, "time of the precharge at the end of the cycle", unit="s", source="choice", gt=0, le=1e-6)


def t_pulse(default: float, pulse: str) -> float:
    """Declare the width [s] of the pulse on the active rows."""
    doc = f"{pulse} pulse width at the driver's input"
    width: float = parameter(default, doc, unit="s", source="choice", gt=0, le=1e-6)
    return width


def width(default: float, device: str) -> float:
    """Declare the width [m] of a device of precharge or drivers."""
    size: float = parameter(default, f"width of {device}", unit="m", source="choice", gt=0, le=1e-4)
    return size


class PrechargedColumn(Circuit):
    """A column with one or two precharged lines.

    A class of its own has these parameters among its fields, in the order in which a designer reads them.
    """

    # Annotations without values: as fields of this class they would come before a column's own, such as its rows.
    t_pulse: float
    v_wl: float
    c_load: float
    columns: int
    w_precharge: float
    w_driver_n: float
    w_driver_p: float
    length: float
    t_edge: float
    t_precharge: float
    t_settle: float
    t_restore: float
    cell: SplitPort6T
