"""Groups of devices in SPICE: what they do alone adds up in each chip; the capacitors follow their formula."""

from __future__ import annotations

import math

import pytest

from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.base import Circuit
from bitline.pdk.descriptor import Pdk
from bitline.statistics.constants import BOLTZMANN, ZERO_CELSIUS
from bitline.statistics.distributions import binomial_pmf
from bitline.sweep.runner import Runner
from bitline.sweep.sweep import Sweep

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

QS = AcimColumnQS(rows=3, active=2, t_restore=1e-9)
# Of these capacitors the spread is known and rules the column: SKY130's own vary no more than its reset switch.
QR = AcimColumnQR(inputs=4, capacitor="28nm", c_unit=2e-15)


@pytest.mark.parametrize(("circuit", "sample"), [(QS, 1), (QR, 2)], ids=["qs", "qr"])
def test_in_one_chip_what_the_groups_do_alone_adds_up(circuit: Circuit, sample: int, sky130: Pdk) -> None:
    # Interactions within a chip are of second order in the deviates: a few percent at one sigma each.
    # The reference preset throughout: the preset's own tolerances differ between nominal and sampled decks.
    runner, code = Runner(sky130), {"code": 2, "accuracy": "reference"}
    nominal = runner.simulate(circuit, "transfer", **code).values["v_line"]
    moved = {
        group: runner.simulate(circuit, "transfer", sample=sample, group=group, **code).values["v_line"] - nominal
        for group in ("all", *(group for group in circuit.mismatch_groups if group != "replica"))
    }
    together = sum(move for group, move in moved.items() if group != "all")
    largest = max(abs(move) for group, move in moved.items() if group != "all")
    assert largest > 1e-3
    assert moved["all"] == pytest.approx(together, abs=0.1 * largest)


def test_the_capacitors_and_the_noise_of_a_budget_are_those_of_the_formulas(sky130: Pdk) -> None:
    n, chips = 4, 60
    groups = ["all", *QR.mismatch_groups]
    own = {"code": [0, 2, 4], "group": groups}
    sweep = Sweep(QR, benches=["transfer", "noise"], code=list(range(n + 1)), samples=chips, axes=own)
    lut = Runner(sky130).characterize(sweep.replace(mismatch={"benches": ["transfer"]}))
    table = lut.tables["error_budget"]["error"]
    # V = V_CM + V_in sum(C_on) / (sum(C) + P): a unit that is on moves it by (1 - m/M) / M, one that is off by -m/M^2,
    # in units of V_in and of the spread of C over C; M = N + P/C.
    unit = sky130.capacitors[QR.capacitor]
    units = n + (n * unit.line_parasitic(QR.c_unit) + QR.c_par_fixed) / QR.c_unit
    spread = unit.spread(QR.c_unit)
    variance = [spread**2 * (m * (1 - m / units) ** 2 + (n - m) * (m / units) ** 2) for m in range(n + 1)]
    expected = math.sqrt(float(binomial_pmf(n, 0.25) @ variance))
    # Junctions of switch and dummy add to P: a few percent of LSB and spread alike. 60 chips: 9 % at one sigma.
    assert float(table.sel(source="capacitor")) == pytest.approx(expected, rel=0.25)
    noise = lut.tables["noise"]
    lsb = abs(float(lut.tables["line"]["lsb"]))
    by_hand = math.sqrt(BOLTZMANN * (27 + ZERO_CELSIUS) / float(noise["c_line"])) / lsb
    assert float(table.sel(source="thermal")) == pytest.approx(by_hand, rel=0.02)
    for group in QR.mismatch_groups:
        assert float(table.sel(source=group)) > 0
    assert float(table.sel(source="capacitor")) > 10 * float(table.sel(source="reset"))
