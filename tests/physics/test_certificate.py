"""Two operations of the certificate again in SPICE, a plate and a conversion: the committed records."""

from __future__ import annotations

import pytest
from certificate import CODES, COLUMNS, PLATES, converted, load, plate, simulated, tables
from certificate_draw import Operation


@pytest.mark.ngspice
@pytest.mark.pdk
@pytest.mark.parametrize("number", [5, 9])
def test_an_operation_is_that_of_the_record(number: int) -> None:
    recorded = load(COLUMNS)[number - 1]
    found = simulated(Operation.of_row(recorded))
    tenth = 0.1 * tables().lsb
    assert float(found["v_line"]) == pytest.approx(float(recorded["v_line"]), abs=tenth)
    for part in ("reference", "dac", "column"):
        assert float(found[f"energy_{part}"]) == pytest.approx(float(recorded[f"energy_{part}"]), rel=2e-3)


@pytest.mark.ngspice
@pytest.mark.pdk
def test_a_plate_and_a_conversion_are_those_of_the_records() -> None:
    recorded = load(PLATES)[8]
    assert float(plate(8)["v_plate0"]) == pytest.approx(float(recorded["v_plate0"]), abs=2e-5)
    code = converted(load(COLUMNS)[1], tables())
    assert float(code["code"]) == float(load(CODES)[1]["code"])
    assert float(code["energy_total"]) == pytest.approx(float(load(CODES)[1]["energy_total"]), rel=1e-2)
