"""StrongArm: the clocked comparator of the SAR converter."""

from __future__ import annotations

from typing import ClassVar, Literal

from bitline.circuits.base import Circuit
from bitline.errors import InputError
from bitline.parameters import parameter, validated


@validated
class StrongArm(Circuit):
    """StrongARM latch (Razavi, "The StrongARM Latch", IEEE Solid-State Circuits Magazine, 2015).

    It consists of an NMOS input pair on a clocked tail, cross-coupled inverters above it, four PMOS that precharge
    both outputs and both drains of the pair, an inverter behind each output, and the inverter that drives the
    clock. The input pair is the widest, so that it decides offset and noise.
    """

    name: ClassVar[str] = "strongarm"
    template: ClassVar[str] = "periphery/strongarm.cir.j2"

    input_pair: Literal["nmos", "nmos_lvt"] = parameter(
        "nmos", "device of the input pair; nmos_lvt for low inputs", source="choice"
    )
    w_input: float = parameter(2e-6, "width of each input transistor", unit="m", source="choice", gt=0, le=1e-4)
    w_tail: float = parameter(1e-6, "width of the clocked tail", unit="m", source="choice", gt=0, le=1e-4)
    w_latch_n: float = parameter(0.84e-6, "width of the cross-coupled NMOS", unit="m", source="choice", gt=0, le=1e-4)
    w_latch_p: float = parameter(0.84e-6, "width of the cross-coupled PMOS", unit="m", source="choice", gt=0, le=1e-4)
    w_precharge: float = parameter(0.42e-6, "width of each precharge PMOS", unit="m", source="choice", gt=0, le=1e-4)
    # The narrowest device that has a model: an output inverter loads the latch, which has to be fast.
    w_output: float = parameter(
        0.42e-6,
        "width of the output inverters' NMOS; their PMOS is twice as wide",
        unit="m",
        source="choice",
        gt=0,
        le=1e-3,
    )
    w_clock: float = parameter(
        0.84e-6, "width of the clock driver's NMOS; its PMOS is twice as wide", unit="m", source="choice", gt=0, le=1e-3
    )
    length: float = parameter(0.15e-6, "channel length of all transistors", unit="m", source="choice", gt=0, le=1e-5)
    # A capacitor on a drain of the pair slows its side, which moves the offset; its switch to ground is static.
    trim_bits: int = parameter(
        0, "bits of each drain's binary trim capacitors; 0 for a comparator without them", source="choice", ge=0, le=5
    )
    trim: int = parameter(
        0,
        "units of trim by which the plus input wins more easily; below 0, the minus input",
        source="choice",
        ge=-31,
        le=31,
    )
    c_trim: float = parameter(
        0.1e-15, "a unit trim capacitor: wires side by side", unit="F", source="assumed", gt=0, le=1e-13
    )
    # 2/3 in a long channel, more in a short one.
    gamma: float = parameter(
        1.0, "thermal noise of the input pair over 4 k T gm, for a short channel", source="assumed", gt=0, le=5
    )

    def check(self) -> None:
        """Refuse a trim that its bits do not hold."""
        most = 2**self.trim_bits - 1
        if abs(self.trim) > most:
            raise InputError(
                f"StrongArm: trim = {self.trim}: must be -{most}..{most} with trim_bits = {self.trim_bits}"
            )
