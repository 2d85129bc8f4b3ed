"""SarSequencer: the SAR converter's logic where it is made of transistors."""

from __future__ import annotations

from bitline.parameters import Parameters, parameter, validated


def _width(default: float, device: str) -> float:
    width: float = parameter(default, f"width of {device}", unit="m", source="choice", gt=0, le=1e-4)
    return width


@validated
class SarSequencer(Parameters):
    """Bit cells that keep the decisions, and the loop that makes the converter clock itself.

    A bit cell has two precharged nodes; the comparator's output discharges one, which blocks the other. The cells are
    enabled one after the other: when a cell has fired and the comparator is reset, the next one is.
    """

    w_logic: float = _width(0.42e-6, "PMOS and single NMOS of the logic")
    w_cell: float = _width(0.42e-6, "NMOS in series in a bit cell and in the gate that sees a decision")
    w_loop: float = _width(0.84e-6, "the four NMOS in series that start a decision")
    # Long, so that a plate has settled before the next decision: without it codes 8 and 24 err by 0.4 LSB at ss,
    # 1.62 V, -40 degC.
    l_delay_p: float = parameter(
        1e-6, "channel length of the PMOS that delays the next decision", unit="m", source="choice", gt=0, le=1e-5
    )
    l_delay_n: float = parameter(
        0.5e-6, "channel length of the NMOS beside it", unit="m", source="choice", gt=0, le=1e-5
    )
    # At ss, 1.62 V 5 bits take 11 ns, at tt, 1.8 V and 27 degC 6.9 ns.
    t_convert: float = parameter(
        14e-9, "time that a self-timed conversion is given", unit="s", source="choice", gt=0, le=1e-6
    )
    c_net: float = parameter(1e-15, "wire of a net of the logic", unit="F", source="assumed", ge=0, le=1e-12)
    bus_ratio: float = parameter(
        3.0, "wire of a net that runs along all bit cells, over that of another net", source="assumed", ge=0, le=100
    )
    shared_by: int = parameter(
        5, "converters that one clock and shift register serves, where the logic is synchronous", source="choice", ge=1
    )

    @property
    def c_bus(self) -> float:
        """Wire of a net that runs along all bit cells [F]."""
        return self.bus_ratio * self.c_net
