"""Version 1 of ``lut.json``, read as version 2.

Version 1 said what an operation is in prose (``attrs.energy_event``, ``attrs.operand_statistics``) and left the
rest to whoever knew the circuit. What the circuits of that time were is frozen here; no table is written so again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Set
from typing import Any

from bitline.lut.operation import UNIFORM_TRITS

Form = dict[str, Any]
_SCOPE = ("energy_event", "energy_includes", "energy_excludes", "energy_convention")
# Version 1 stated its operands in a sentence only: "... Binomial(16, 0.25) ...".
_BINOMIAL = re.compile(r"Binomial\((\d+), ([0-9.]+)\)")
_LINES = {"row_drivers": "word or input lines", "column_drivers": "precharge", "cells": "cells"}


def upgraded(manifest: Mapping[str, Any]) -> Form:
    """Return a manifest of version 1 in the form of version 2; what is damaged in it is left for the schema."""
    attrs, tables = manifest.get("attrs"), manifest.get("tables")
    # Nothing is guessed here, because the schema names the field that is wrong.
    if not isinstance(attrs, dict) or not isinstance(tables, dict):
        return {**manifest, "schema_version": 2, "operation": None}
    operation = _operation(str(manifest.get("kind")), attrs, tables)
    # What the operation now states is taken out of the attributes, so that nothing is said twice.
    moved = {*_SCOPE, "operand_statistics"} if operation else set()
    kept = {key: value for key, value in attrs.items() if key not in moved}
    return {
        **manifest,
        "schema_version": 2,
        "operation": operation,
        "attrs": kept,
        "tables": _with_levels(attrs, tables),
    }


def _operation(circuit: str, attrs: Form, tables: Form) -> Form | None:
    nominal = tables.get("nominal")
    # Noise tables, and energies of which nobody wrote what they contain, describe no operation.
    if nominal is None or not all(key in attrs for key in _SCOPE):
        return None
    variables = {variable["name"] for variable in nominal["variables"]}
    # Of a laboratory's own circuit nothing is known but its energy.
    known = _KINDS.get(circuit, _Kind("one operation"))
    if known.energy not in variables:
        return None
    latency = known.latency
    if latency not in variables:
        latency = ""
    parameters, axes = attrs.get("parameters", {}), {axis["name"]: axis["values"] for axis in nominal["axes"]}
    return {
        "event": known.event,
        "energy": {
            "variable": known.energy,
            **{key.removeprefix("energy_"): attrs[key] for key in _SCOPE},
            "components": known.components,
            "beyond": known.beyond,
        },
        "operands": _operands(known, attrs, axes),
        "table": "nominal",
        "cycle": _cycle(known, parameters, axes),
        "latency": latency,
        "success": _success(known, parameters, variables),
        "pins": _pins(known, parameters),
    }


def _operands(known: _Kind, attrs: Form, axes: Mapping[str, list[Any]]) -> Form | None:
    if known.choices and set(known.choices) <= axes.keys():
        return {"names": known.choices, "source": "assumed"}
    axis = next((name for name in ("code", "mac") if name in axes), None)
    # Where an axis changes how many products there are, no one count holds for the table.
    if axis is None or {"rows", "active", "inputs"} & axes.keys():
        return None
    form = {"axis": axis, "count": int(max(axes[axis])), "sharing": known.sharing, "source": "assumed"}
    if axis == "mac":
        pairs = "extra" if "extra" in axes else ""
        return {**form, "plus": UNIFORM_TRITS, "minus": UNIFORM_TRITS, "pairs": pairs, "output": "v_diff"}
    stated = _BINOMIAL.search(str(attrs.get("operand_statistics", "")))
    # If the sentence does not fit the axis it is about something else, and no statistics are better than wrong ones.
    if stated is None or int(stated[1]) != form["count"]:
        return None
    return {**form, "plus": float(stated[2]), "minus": 0.0, "pairs": "", "output": "v_line"}


def _cycle(known: _Kind, parameters: Form, axes: Mapping[str, Any]) -> float | None:
    # An axis that stretches a phase gives each point a cycle of its own, which version 1 did not measure.
    if known.cycle is None or set(known.timing) & axes.keys() or not set(known.timing) <= parameters.keys():
        return None
    return known.cycle(parameters)


def _success(known: _Kind, parameters: Form, variables: Set[str]) -> Form | None:
    variable, value = known.success
    # A converter's success is as many decisions as it has bits: the name of a parameter stands for its value.
    wanted: Any = value
    if isinstance(value, str):
        wanted = parameters.get(value)
    if variable not in variables or wanted is None:
        return None
    return {"variable": variable, "value": float(wanted)}


def _pins(known: _Kind, parameters: Form) -> Form | None:
    if known.pins is None:
        return None
    # The bus of a converter is as wide as its parameter `bits` says.
    pins = {"inputs": [], "width": 0, "analog": False, "setup": None, **known.pins}
    for key in ("width", "setup"):
        if isinstance(pins[key], str):
            pins[key] = parameters.get(pins[key])
    if pins["width"] is None:
        return None
    return pins


def _with_levels(attrs: Form, tables: Form) -> Form:
    """Give table ``placement`` the resistances [Ohm] that it is relative to; they stood in the parameters."""
    reram = attrs.get("parameters", {}).get("reram", {})
    if "placement" not in tables or not all(f"r_{level}" in reram for level in ("lrs", "mrs", "hrs")):
        return tables
    placement = dict(tables["placement"])
    aimed = {level: reram[f"r_{level}"] for level in ("lrs", "mrs", "hrs")}
    placement["attrs"] = {**placement.get("attrs", {}), "resistance": aimed}
    return {**tables, "placement": placement}


class _Kind:
    """What a circuit of version 1 was."""

    def __init__(
        self,
        event: str,
        *,
        energy: str = "energy_total",
        components: Mapping[str, str] | None = None,
        beyond: tuple[str, ...] = (),
        choices: tuple[str, ...] = (),
        sharing: bool = False,
        timing: tuple[str, ...] = (),
        cycle: Callable[[Mapping[str, Any]], float] | None = None,
        latency: str = "",
        success: tuple[str, float | str] = ("", 0.0),
        pins: Form | None = None,
    ) -> None:
        self.event, self.energy, self.latency = event, energy, latency
        self.components, self.beyond = dict(components or {}), list(beyond)
        self.choices, self.sharing = list(choices), sharing
        self.timing, self.cycle = timing, cycle
        self.success, self.pins = success, pins


# The cycles as the schedules of that time laid their phases and edges. They stay as they are when a schedule changes:
# an old table was measured by the old one.
def _precharged(p: Mapping[str, Any]) -> float:
    return float(p["t_precharge"] + p["t_pulse"] + p["t_settle"] + p["t_restore"] + 3 * p["t_edge"])


def _redistributed(p: Mapping[str, Any]) -> float:
    return float(1.5 * p["t_reset"] + p["t_evaluate"] + p["t_restore"] + 10 * p["t_edge"])


def _integrated(p: Mapping[str, Any]) -> float:
    return float(p["t_before"] + p["t_pulse"] + p["t_settle"] + p["t_after"] + p["t_edge"])


def _converted(p: Mapping[str, Any]) -> float:
    steps = p["bits"] * (p["t_evaluate"] + p["t_settle"]) - p["t_settle"] / 2
    return float(2 * p["t_sample"] + p["t_hold"] + steps + 3 * p["t_edge"])


_TIMING = ("t_precharge", "t_pulse", "t_settle", "t_restore", "t_edge")
_PULSE = "begin of the input pulse"
_KINDS: Mapping[str, _Kind] = {
    "acim-column-qs": _Kind(
        "one MAC cycle of a column", components=_LINES, beyond=("the ADC",), timing=_TIMING, cycle=_precharged
    ),
    "acim-column-qr": _Kind(
        "one MAC cycle of a column",
        components={"row_drivers": "of the capacitors' plates", "column_drivers": "reset"},
        beyond=("the bits' cells", "the ADC"),
        sharing=True,
        timing=("t_reset", "t_evaluate", "t_restore", "t_edge"),
        cycle=_redistributed,
    ),
    "binary-sram-column": _Kind(
        "one MAC cycle of a column",
        components=_LINES,
        beyond=("the ADC",),
        timing=_TIMING,
        cycle=_precharged,
        success=("flips", 0.0),
        pins={"start": "MAC", "edge": _PULSE, "outputs": ["LINE"], "delay": "latency", "analog": True},
    ),
    "ternary-column": _Kind(
        "one MAC cycle of a pair of lines",
        components=_LINES,
        beyond=("the ADC",),
        timing=_TIMING,
        cycle=_precharged,
        success=("flips", 0.0),
        pins={"start": "MAC", "edge": _PULSE, "outputs": ["CBL", "CBLB"], "delay": "latency", "analog": True},
    ),
    "reram-column": _Kind(
        "one MAC cycle of a column",
        components={"row_drivers": "input lines", "cells": "read current", "the integrator": "estimated"},
        beyond=("the virtual ground's amplifier", "the ADC"),
        timing=("t_before", "t_pulse", "t_settle", "t_after", "t_edge"),
        cycle=_integrated,
    ),
    "sar-adc": _Kind(
        "one conversion",
        components={"adc": "its sequencing estimated"},
        beyond=("the reference buffer",),
        choices=("v_diff",),
        timing=("bits", "t_sample", "t_hold", "t_evaluate", "t_settle", "t_edge"),
        cycle=_converted,
        latency="t_conversion",
        success=("resolved", "bits"),
        pins={
            "start": "CONVERT",
            "edge": "end of sampling",
            "outputs": ["D"],
            "delay": "t_conversion",
            "inputs": ["INP", "INN"],
            "width": "bits",
            "setup": "t_sample",
        },
    ),
    "strongarm": _Kind(
        "one decision",
        energy="energy_decision",
        latency="latency",
        success=("decision", 1.0),
        pins={
            "start": "CLK",
            "edge": "clock up",
            "outputs": ["QP", "QN"],
            "delay": "latency",
            "inputs": ["INP", "INN"],
        },
    ),
    "nsnr-cluster": _Kind(
        "programming of one branch to a level",
        energy="energy",
        choices=("start", "target"),
    ),
    "nvsram-trit": _Kind(
        "one restore of a trit from ReRAM into its latches",
        choices=("level",),
        latency="latency",
        success=("correct", 1.0),
        pins={"start": "RESTORE", "edge": "begin of INIT", "outputs": ["T"], "delay": "latency", "width": 2},
    ),
}
