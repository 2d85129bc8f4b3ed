"""RowRails: the rails that all trits of a row share, and the transistors that drive them."""

from __future__ import annotations

from bitline.parameters import Parameters, parameter, validated


@validated
class RowRails(Parameters):
    """Rails VDDC and VGND of a row with the drivers at its ends.

    All trits of a row restore at the same time, so that each stands for the others: it is simulated with its share
    of the row, drivers of 1/`trits` of the width and the resistance of the rail up to the trit that lies furthest
    away, times `trits`.
    """

    # The 28 nm macro has 320 columns (transcribed).
    trits: int = parameter(
        160,
        "trits that a driver feeds: half a row of 320, which is driven from both ends",
        source="choice",
        ge=1,
        le=4096,
    )
    # 5.8 um of a trit's width (bitline.system.area) in met3, 0.047 Ohm a square, 0.5 um wide.
    r_rail: float = parameter(0.55, "resistance of a rail per trit", unit="Ohm", source="assumed", gt=0, le=1e3)
    c_rail: float = parameter(0.6e-15, "capacitance of a rail per trit", unit="F", source="assumed", ge=0, le=1e-12)
    w_up: float = parameter(
        10e-6, "width of the PMOS from the supply to VDDC", unit="m", source="choice", gt=0, le=1e-4
    )
    w_down: float = parameter(5e-6, "width of the NMOS from VGND to ground", unit="m", source="choice", gt=0, le=1e-4)
    w_start: float = parameter(
        5e-6, "width of the NMOS from the start level to VDDC", unit="m", source="choice", gt=0, le=1e-4
    )
    w_reference: float = parameter(
        5e-6,
        "width of the NMOS from the reference to VDDC, and of that to VGND",
        unit="m",
        source="choice",
        gt=0,
        le=1e-4,
    )
    length: float = parameter(0.15e-6, "channel length of the rails' drivers", unit="m", source="choice", gt=0, le=1e-5)

    @property
    def share(self) -> float:
        """How much of each driver is one trit's."""
        return 1 / self.trits

    @property
    def r_share(self) -> float:
        """Resistance [Ohm] between one trit's share of a driver and the trit furthest away.

        Where each of N trits takes the current I, the last one sees ``I r (N + (N - 1) + ... + 1)``, close to
        ``I r N^2/2``.
        """
        return self.r_rail * self.trits * (self.trits + 1) / 2
