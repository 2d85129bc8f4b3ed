"""What an export says of figures that a LUT does not have: area, and most often leakage."""

from __future__ import annotations

from bitline.errors import InputError
from bitline.system.measured_operation import MeasuredOperation

_OWN_LEAKAGE = "An operation's energy contains what leaks meanwhile."


def sizes(area: float, leakage: float | None) -> None:
    """Refuse an area [m2] or a leakage power [W] that is none."""
    for name, value in (("area", area), ("leakage", leakage or 0.0)):
        if not 0 <= value < float("inf"):
            raise InputError(f"{name} = {value}: must be finite and >= 0")


def cautions(op: MeasuredOperation, area: float, leakage: float | None) -> list[str]:
    """Return in words what of area [m2], leakage [W] (None: the LUT's) and time is not characterised."""
    lines = [f"Area is NOT characterised: {area!r} m2 in all ({'set by option' if area else 'assumed'})."]
    if leakage is None and op.characterises_leakage:
        lines.append(f"Leakage is that of the LUT's table hold, mean over operands. {_OWN_LEAKAGE}")
    else:
        why = "set by option" if leakage else "assumed"
        lines.append(f"Leakage is NOT characterised: {leakage or 0.0!r} W in all ({why}). {_OWN_LEAKAGE}")
    # a pipeline is as fast as its cycle; without one, operations follow on another
    if op.cycle:
        lines.append(f"Throughput is that of the simulated cycle, {op.cycle!r} s.")
    elif op.operation.latency:
        lines.append("Throughput is 1 / latency (assumed: one after another without a pause).")
    else:
        lines.append("Time is NOT characterised: latency 0, throughput infinite.")
    return lines
