"""What the benches of the analog columns vary, and what their energies have in common."""

from __future__ import annotations

from bitline.benches.base import Output
from bitline.parameters import parameter, validated


@validated
class MacCode:
    """What the transfer bench varies."""

    code: int = parameter(8, "MAC code: number of products that are 1", source="choice", ge=0, le=1024)


@validated
class QrCode(MacCode):
    """What the transfer bench of the QR column varies."""

    level: int = parameter(
        1, "input of every product that is 1, a level of the column's DAC", source="choice", ge=1, le=15
    )


LINE_OUTPUTS = (
    Output("v_line", "V", "line at the sampling instant"),
    Output("swing", "V", "line before the pulse minus line at the sampling instant"),
)
TRANSFER_DOC = "one MAC cycle per code: line voltage, energy by supply, read disturb"
CONVENTION = (
    "supply integrals over the whole cycle, state restored at its end; gates that ideal sources pulse are counted as "
    "C V^2 from VDD, what would drive them is not"
)
