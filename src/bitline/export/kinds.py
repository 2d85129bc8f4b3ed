"""How the operations of each kind of LUT are read: what one is, its operands, its cycle, what it contains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """How the LUTs of one kind are read.

    Attributes
    ----------
    event : str
        What one operation is.
    operands : tuple of str
        Axes of ``nominal`` that operands set; the others are conditions.
    parts : str
        Which of AccelForge's components the energy contains, and which not.
    latency : str
        Variable of ``nominal`` with the time to the result; "" where that is the whole cycle.
    timing : tuple of str
        Parameters that `cycle` is made of.
    cycle : callable
        Length of the simulated cycle [s] from those parameters, as in the bench's schedule.
    """

    event: str
    operands: tuple[str, ...]
    parts: str
    latency: str = ""
    timing: tuple[str, ...] = ()
    cycle: Callable[[Mapping[str, Any]], float] | None = None


_PRECHARGED = ("t_precharge", "t_pulse", "t_settle", "t_restore", "t_edge")


def _precharged(p: Mapping[str, Any]) -> float:
    """benches/transfer.qs_deck and benches/ternary.cycle."""
    return float(p["t_precharge"] + p["t_pulse"] + p["t_settle"] + p["t_restore"] + 3 * p["t_edge"])


def _redistributed(p: Mapping[str, Any]) -> float:
    """benches/transfer.qr_deck."""
    return float(1.5 * p["t_reset"] + p["t_evaluate"] + p["t_restore"] + 10 * p["t_edge"])


def _integrated(p: Mapping[str, Any]) -> float:
    """benches/current_sum.deck."""
    return float(p["t_before"] + p["t_pulse"] + p["t_settle"] + p["t_after"] + p["t_edge"])


def _converted(p: Mapping[str, Any]) -> float:
    """benches/sar.schedule."""
    steps = p["bits"] * (p["t_evaluate"] + p["t_settle"]) - p["t_settle"] / 2
    return float(2 * p["t_sample"] + p["t_hold"] + steps + 3 * p["t_edge"])


_LINE = "contains RowDrivers (word or input lines), ColumnDrivers (precharge) and CimUnit (cells); not the ADC"
KINDS: Mapping[str, Kind] = {
    "acim-column-qs": Kind("one MAC cycle of a column", ("code",), _LINE, "", _PRECHARGED, _precharged),
    "acim-column-qr": Kind(
        "one MAC cycle of a column",
        ("code",),
        "contains RowDrivers (of the capacitors' plates) and ColumnDrivers (reset); not the bits' cells, not the ADC",
        timing=("t_reset", "t_evaluate", "t_restore", "t_edge"),
        cycle=_redistributed,
    ),
    "binary-sram-column": Kind("one MAC cycle of a column", ("code",), _LINE, "", _PRECHARGED, _precharged),
    "ternary-column": Kind("one MAC cycle of a pair of lines", ("mac", "extra"), _LINE, "", _PRECHARGED, _precharged),
    "reram-column": Kind(
        "one MAC cycle of a column",
        ("code",),
        "contains RowDrivers (input lines), CimUnit (read current) and the integrator (estimated); not the virtual "
        "ground's amplifier, not the ADC",
        timing=("t_before", "t_pulse", "t_settle", "t_after", "t_edge"),
        cycle=_integrated,
    ),
    "sar-adc": Kind(
        "one conversion",
        ("v_diff",),
        "is the ADC, its sequencing estimated; not the reference buffer",
        "t_conversion",
        ("bits", "t_sample", "t_hold", "t_evaluate", "t_settle", "t_edge"),
        _converted,
    ),
    "nvsram-trit": Kind(
        "one restore of a trit from ReRAM into its latches",
        ("level",),
        "is none of RowDrivers, ColumnDrivers, CimUnit and ADC: it comes on top of them",
        "latency",
    ),
}
