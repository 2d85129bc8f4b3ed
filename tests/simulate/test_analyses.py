"""Every analysis from deck to waveforms, in both engines, against circuits that are solved by hand."""

from __future__ import annotations

import numpy as np
import pytest

from bitline.circuits.analysis import Ac, Dc, OperatingPoint
from bitline.circuits.deck import Deck
from bitline.errors import NoConvergenceError
from bitline.simulate.answer import Answer
from bitline.simulate.batch import BatchSimulator
from bitline.simulate.shared import SharedSimulator
from bitline.simulate.verdict import judge

RC = "vin in 0 dc 1.5 ac 1\nr1 in out 1e3\nr2 out 0 2e3\nc1 out 0 1e-12\n"


@pytest.fixture(params=["shared", "batch"])
def simulator(request: pytest.FixtureRequest) -> SharedSimulator | BatchSimulator:
    engine: SharedSimulator | BatchSimulator = request.getfixturevalue(request.param)
    return engine


@pytest.mark.ngspice
def test_dc_sweeps_a_source_to_its_end(simulator: SharedSimulator | BatchSimulator) -> None:
    deck = Deck("divider", RC, ("v(out)", "i(vin)"), Dc("vin", 0.0, 1.8, 0.1))
    waves = judge(deck, simulator.answer(deck))
    assert waves.abscissa == Dc.axis
    assert waves.axis == pytest.approx(np.linspace(0.0, 1.8, 19), abs=1e-12)
    assert waves["v(out)"] == pytest.approx(waves.axis * 2 / 3, rel=1e-6, abs=1e-9)
    assert waves["i(vin)"] == pytest.approx(-waves.axis / 3e3, rel=1e-6, abs=1e-12)


@pytest.mark.ngspice
def test_dc_sweeps_downwards_too(simulator: SharedSimulator | BatchSimulator) -> None:
    deck = Deck("divider", RC, ("v(out)",), Dc("vin", 1.8, 0.0, -0.2))
    waves = judge(deck, simulator.answer(deck))
    assert waves.axis[0] == pytest.approx(1.8)
    assert waves["v(out)"] == pytest.approx(waves.axis * 2 / 3, rel=1e-6, abs=1e-9)


@pytest.mark.ngspice
def test_ac_is_the_complex_response(simulator: SharedSimulator | BatchSimulator) -> None:
    """A pole at 1/(2 pi (R1 || R2) C)."""
    deck = Deck("pole", RC, ("v(out)",), Ac(stop=1e10, start=1e6, points_per_decade=10))
    waves = judge(deck, simulator.answer(deck))
    assert waves.abscissa == Ac.axis
    expected = (2 / 3) / (1 + 2j * np.pi * waves.axis * (2e3 / 3) * 1e-12)
    assert waves["v(out)"] == pytest.approx(expected, rel=1e-6)


@pytest.mark.ngspice
def test_an_operating_point_is_one_number_a_vector(simulator: SharedSimulator | BatchSimulator) -> None:
    deck = Deck("divider", RC, ("v(out)", "i(vin)"), OperatingPoint())
    waves = judge(deck, simulator.answer(deck))
    assert waves["v(out)"] == pytest.approx([1.0])
    assert waves["i(vin)"] == pytest.approx([-0.5e-3])


def test_a_dc_sweep_that_stops_short_did_not_converge() -> None:
    deck = Deck("divider", RC, ("v(out)",), Dc("vin", 0.0, 1.8, 0.1))
    short = {"v-sweep": np.array([0.0, 0.1]), "v(out)": np.zeros(2)}
    with pytest.raises(NoConvergenceError, match=r"stopped at 0\.1 of 1\.8"):
        judge(deck, Answer({"dc": short}))
