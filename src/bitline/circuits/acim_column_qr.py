"""AcimColumnQR: charge redistribution on unit capacitors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from bitline.circuits.base import Circuit
from bitline.parameters import parameter, validated


@validated
class AcimColumnQR(Circuit):
    """Unit capacitors on one accumulate line; each bottom plate goes to V_in if its product is 1.

    ``V = V_CM + sum_c C_u p_c V_in / (N C_u + C_par)``. With `input_bits` above 1 an input is a level x of a DAC, and
    the plates of the weights that are 1 go to ``V_in x / (2^input_bits - 1)`` through a pass gate. An NMOS switch
    resets the line to V_CM; a dummy takes up its charge injection. Inverters on a supply of their own drive the bottom
    plates. Mismatch, parasitics and the smallest size of a unit are those of the process's capacitor
    (``[capacitors]`` of its descriptor): SKY130 has ``mim`` and ``vpp``, and beside them ``28nm`` for comparison.
    """

    name: ClassVar[str] = "acim-column-qr"
    template: ClassVar[str] = "columns/acim_column_qr.cir.j2"
    mismatch_groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "capacitor": ("cu[0-9]*",),
        "driver": tuple(f"{device}[0-9]*" for device in ("pd", "nd", "pen", "nen", "up", "pp", "dn")),
        "reset": ("pra", "nra", "prb", "nrb", "sw", "dummy"),
    }

    inputs: int = parameter(16, "unit capacitors on the line", source="choice", ge=1, le=1024)
    capacitor: str = parameter("mim", "the process's capacitor, of which the units are", source="choice")
    # SKY130's smallest metal-insulator-metal capacitor, 1 x 1 um.
    c_unit: float = parameter(2.645e-15, "capacitance of a unit capacitor", unit="F", source="foundry", gt=0, le=1e-12)
    mismatch_ratio: float = parameter(
        1.0,
        "mismatch of the units over that of the process's capacitor; 5.96: SKY130's older library's mim",
        source="choice",
        ge=0,
        le=100,
    )
    # As 27 um of met4, 0.3 um wide.
    c_par_fixed: float = parameter(
        2.04e-15,
        "parasitic of the line beside its units: the wire to what reads it",
        unit="F",
        source="assumed",
        ge=0,
        le=1e-12,
    )
    v_in: float = parameter(1.2, "drive level of the bottom plates", unit="V", source="choice", gt=0, le=5)
    input_bits: int = parameter(
        1, "bits of an input; above 1 plates are driven from the levels of a DAC", source="choice", ge=1, le=4
    )
    v_cm: float = parameter(0.2, "reset level of the line", unit="V", source="choice", ge=0, le=5)
    # The dummy has half this width: 0.42 um, below which SKY130's logic devices have no models.
    w_switch: float = parameter(0.84e-6, "width of the reset switch", unit="m", source="choice", gt=0, le=1e-4)
    dummy_ratio: float = parameter(
        0.5, "width of the dummy over that of the reset switch; 0 is no dummy", source="choice", ge=0, le=4
    )
    w_reset: float = parameter(
        0.42e-6, "width of all transistors of both reset drivers", unit="m", source="choice", gt=0, le=1e-4
    )
    # The narrowest devices that have models: with them a plate of 2 fF is within 1 mV of its level 0.45 ns after the
    # edge at tt and 0.75 ns at ss, -40 degC and 1.62 V, of the 2 ns of t_evaluate. Wider ones only cost energy; units
    # of more than 5 fF need them.
    w_driver_n: float = parameter(0.42e-6, "width of a plate driver's NMOS", unit="m", source="choice", gt=0, le=1e-4)
    w_driver_p: float = parameter(0.42e-6, "width of a plate driver's PMOS", unit="m", source="choice", gt=0, le=1e-4)
    length: float = parameter(
        0.15e-6, "channel length of the reset switch and the plate drivers", unit="m", source="choice", gt=0, le=1e-5
    )
    t_edge: float = parameter(
        50e-12, "rise and fall time of the control signals", unit="s", source="choice", gt=0, le=1e-8
    )
    t_reset: float = parameter(
        1e-9, "time for which the line is held at V_CM before the evaluation", unit="s", source="choice", gt=0, le=1e-6
    )
    t_evaluate: float = parameter(
        2e-9, "time from the plate drivers' edge to the sampling instant", unit="s", source="choice", gt=0, le=1e-6
    )
    # Energies are integrals over whole cycles, so the line must be back where the cycle began.
    t_restore: float = parameter(
        3e-9, "time of the reset at the end of the cycle", unit="s", source="choice", gt=0, le=1e-6
    )

    def drive_level(self, level: int) -> float:
        """Return the voltage [V] of a driven plate at an input of `level`, 0 to 2^input_bits - 1."""
        return self.v_in * level / float(2**self.input_bits - 1)

    def reset_level(self, vdd: float) -> float:
        """Return the level [V] that the line is reset to; the supply does not matter."""
        return self.v_cm

    @property
    def capacitors(self) -> tuple[str, ...]:
        """The process's capacitors that it is made of."""
        return (self.capacitor,)
