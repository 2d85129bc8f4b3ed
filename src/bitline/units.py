"""SI prefixes: how a value with a unit is written for a reader."""

from __future__ import annotations

import math

PREFIXES = {-18: "a", -15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T"}
"""Prefix of each power of ten."""
SCALED = frozenset({"V", "A", "s", "J", "W", "F", "C", "S", "m", "Hz", "Ohm", "Ω", "V/√Hz", "A/√Hz"})
"""Units that take a prefix; a percent, a bit or a degree does not."""


def exponent(value: float, unit: str) -> int:
    """Return the power of ten of the prefix for a value: ``1.23e-5, "V"`` -> -6; 0 where `unit` takes none."""
    if unit not in SCALED or value == 0 or not math.isfinite(value):
        return 0
    power = 3 * math.floor(math.log10(abs(value)) / 3)
    # Below atto and above tera the last prefix serves.
    return min(max(power, min(PREFIXES)), max(PREFIXES))


def prefixed(value: float, unit: str, digits: int) -> tuple[str, str]:
    """Return a value with that many digits, and its unit with prefix: ``1.23e-3, "V", 3`` -> ``("1.23", "mV")``."""
    power = exponent(value, unit)
    return f"{value / 10.0**power:.{digits}g}", f"{PREFIXES[power]}{unit}"
