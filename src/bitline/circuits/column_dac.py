"""ColumnDac: drives the bottom plates of a column's unit capacitors to one of up to 16 levels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from bitline.circuits.base import Circuit
from bitline.parameters import parameter, validated


@validated
class ColumnDac(Circuit):
    """Digital-to-analog converter of 1 to 4 bits for a capacitive load.

    With ``capacitive``, 2^bits - 1 unit capacitors in binary groups and one that closes the array share the output;
    inverters on the reference drive their bottom plates, and between conversions a switch holds the output at ground:
    ``V = V_ref code C_u / (2^bits C_u + C_par + C_load)``. With ``resistor-string``, 2^bits equal resistors divide the
    reference and a transmission gate per tap connects one of them: ``V = V_ref code / 2^bits``; the string draws
    current all the time. What decodes the code into one line per tap is not part of it.
    """

    name: ClassVar[str] = "column-dac"
    template: ClassVar[str] = "periphery/column_dac.cir.j2"
    mismatch_groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "capacitor": ("cb[0-9]*", "cend"),
        "resistor": ("rs[0-9]*",),
        "switch": ("sw", "dummy", "tn[0-9]*", "tp[0-9]*"),
        "driver": ("pd[0-9]*", "nd[0-9]*", "p[rs][ab]*", "n[rs][ab]*"),
    }

    topology: Literal["capacitive", "resistor-string"] = parameter(
        "capacitive", "binary array of capacitors, or string of resistors with a switch per tap", source="choice"
    )
    bits: int = parameter(4, "resolution in bits", source="choice", ge=1, le=4)
    v_ref: float = parameter(1.2, "reference voltage", unit="V", source="choice", gt=0, le=1.8)
    # A unit of SKY130's smallest mim, 2.645 fF, and the parasitic of its driven plate.
    c_load: float = parameter(
        2.875e-15, "load: the bottom plate of one unit capacitor", unit="F", source="foundry", ge=0, le=1e-11
    )
    capacitor: str = parameter("mim", "the process's capacitor, of which the array is", source="choice")
    c_unit: float = parameter(
        2.645e-15, "capacitance of a unit of the array", unit="F", source="foundry", gt=0, le=1e-12
    )
    # 2.5 squares of SKY130's 2 kOhm polysilicon, 1.41 x 3.5 um: 4.64 % um / sqrt(4.94 um2), the library's
    # sw_mm_sky130_fd_pr__res_xhigh_po.
    r_unit: float = parameter(5e3, "resistance of a unit of the string", unit="Ohm", source="choice", gt=0, le=1e7)
    r_spread_ratio: float = parameter(
        0.0209, "relative spread of a unit resistor, one standard deviation", source="foundry", ge=0, le=0.5
    )
    w_driver_n: float = parameter(
        0.42e-6,
        "width of a driver's NMOS for one unit; groups are wider in proportion",
        unit="m",
        source="choice",
        gt=0,
        le=1e-4,
    )
    w_driver_p: float = parameter(
        0.84e-6,
        "width of a driver's PMOS for one unit; groups are wider in proportion",
        unit="m",
        source="choice",
        gt=0,
        le=1e-4,
    )
    w_switch: float = parameter(
        0.84e-6,
        "width of the reset switch, and of both transistors of a tap's gate",
        unit="m",
        source="choice",
        gt=0,
        le=1e-4,
    )
    length: float = parameter(
        0.15e-6, "channel length of switches and drivers", unit="m", source="choice", gt=0, le=1e-5
    )
    t_edge: float = parameter(
        50e-12, "rise and fall time of the control signals", unit="s", source="choice", gt=0, le=1e-8
    )
    t_reset: float = parameter(
        1e-9, "time for which code 0 is held before the conversion", unit="s", source="choice", gt=0, le=1e-6
    )
    t_convert: float = parameter(
        5e-9,
        "time from the code to the instant at which the output is used",
        unit="s",
        source="choice",
        gt=0,
        le=1e-6,
    )
    # Energies are integrals over whole cycles, so the output must be back where the cycle began.
    t_restore: float = parameter(
        5e-9, "time for the return to code 0 at the end of the cycle", unit="s", source="choice", gt=0, le=1e-6
    )

    @property
    def top(self) -> int:
        """The highest code."""
        return int(2**self.bits - 1)

    @property
    def capacitors(self) -> tuple[str, ...]:
        """The process's capacitors that it is made of: none in a string of resistors."""
        return (self.capacitor,) if self.topology == "capacitive" else ()
