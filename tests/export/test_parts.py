from __future__ import annotations

import pytest

from bitline.export.parts import parts
from bitline.lut.operation import Energy


@pytest.mark.parametrize(
    ("components", "beyond", "sentence"),
    [
        (
            {"row_drivers": "word or input lines", "column_drivers": "precharge", "cells": "cells"},
            ("the ADC",),
            "contains RowDrivers (word or input lines), ColumnDrivers (precharge) and CimUnit (cells); not the ADC",
        ),
        (
            {"row_drivers": "input lines", "the integrator": "estimated"},
            ("the virtual ground's amplifier", "the ADC"),
            "contains RowDrivers (input lines) and the integrator (estimated); "
            "not the virtual ground's amplifier, not the ADC",
        ),
        (
            {"adc": "its sequencing estimated"},
            ("the reference buffer",),
            "is the ADC, its sequencing estimated; not the reference buffer",
        ),
        ({}, (), "is none of RowDrivers, ColumnDrivers, CimUnit and ADC: it comes on top of them"),
    ],
)
def test_components_in_a_sentence(components: dict[str, str], beyond: tuple[str, ...], sentence: str) -> None:
    assert parts(Energy("energy_total", "an event", (), (), "", components, beyond)) == sentence
