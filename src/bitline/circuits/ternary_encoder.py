"""TernaryEncoder: from a stored trit to the two input lines of a ternary column."""

from __future__ import annotations

from typing import ClassVar

from bitline.circuits.base import Circuit
from bitline.parameters import parameter, validated


@validated
class TernaryEncoder(Circuit):
    """Two gates of the PDK that turn a trit of magnitude and sign into one pulse input each for +1 and -1.

    ``plus = magnitude AND NOT sign``, ``minus = magnitude AND sign``. What the paper's encoder does is not known: this
    code of a trit is a choice. Behind each output is the input of a row's driver.
    """

    name: ClassVar[str] = "ternary-encoder"
    template: ClassVar[str] = "periphery/ternary_encoder.cir.j2"

    c_net: float = parameter(1e-15, "wire of each output", unit="F", source="assumed", ge=0, le=1e-12)
    # 2 um of NMOS and 4 um of PMOS, the drivers of the columns' input lines, at 1.75 fF per um of gate.
    c_driver: float = parameter(
        10e-15, "input of the driver behind each output", unit="F", source="assumed", ge=0, le=1e-12
    )
    t_trit: float = parameter(2e-9, "time from one trit to the next", unit="s", source="choice", gt=0, le=1e-6)
    t_edge: float = parameter(50e-12, "rise and fall time of the inputs", unit="s", source="choice", gt=0, le=1e-8)
