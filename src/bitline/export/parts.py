"""What an energy contains in the terms of AccelForge and hwcomponents, whose users add up components."""

from __future__ import annotations

from collections.abc import Sequence

from bitline.lut.operation import Energy

COMPONENTS = {
    "row_drivers": "RowDrivers",
    "column_drivers": "ColumnDrivers",
    "cells": "CimUnit",
    "dac": "DAC",
    "adc": "ADC",
}
"""AccelForge's names of the components that an operation states; others keep their own."""


def parts(energy: Energy) -> str:
    """Return which components the energy contains and which not, to follow "it ..."."""
    names = [COMPONENTS.get(part, part) for part in energy.components]
    beyond = f"; not {', not '.join(energy.beyond)}" if energy.beyond else ""
    if not names:
        return "is none of RowDrivers, ColumnDrivers, CimUnit and ADC: it comes on top of them" + beyond
    details = list(energy.components.values())
    if len(names) == 1:
        return f"is the {names[0]}, {details[0]}{beyond}"
    return f"contains {_listed([f'{name} ({detail})' for name, detail in zip(names, details, strict=True)])}{beyond}"


def _listed(items: Sequence[str]) -> str:
    return f"{', '.join(items[:-1])} and {items[-1]}"
