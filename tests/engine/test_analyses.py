"""Every analysis from deck to waveforms, in both engines, against circuits that are solved by hand."""

from __future__ import annotations

import numpy as np
import pytest

from bitline.circuits.analysis import Ac, Analysis, Axis, Dc, Noise, OperatingPoint
from bitline.circuits.deck import Deck
from bitline.engine.answer import Answer
from bitline.engine.batch import BatchSimulator
from bitline.engine.shared import SharedSimulator
from bitline.engine.verdict import judge
from bitline.errors import InputError, NoConvergenceError, SimulatorCrashedError

RC = "vin in 0 dc 1.5 ac 1\nr1 in out 1e3\nr2 out 0 2e3\nc1 out 0 1e-12\n"


@pytest.fixture(params=["shared", "batch"])
def simulator(request: pytest.FixtureRequest) -> SharedSimulator | BatchSimulator:
    engine: SharedSimulator | BatchSimulator = request.getfixturevalue(request.param)
    return engine


@pytest.mark.ngspice
def test_dc_sweeps_a_source_to_its_end(simulator: SharedSimulator | BatchSimulator) -> None:
    deck = Deck("divider", RC, ("v(out)", "i(vin)"), Dc("vin", 0.0, 1.8, 0.1))
    waves = judge(deck, simulator.answer(deck))
    assert waves.abscissa == deck.analysis.axis == Axis("vin", "V")
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
    assert waves.response("v(out)") == pytest.approx(expected, rel=1e-6)
    assert waves.magnitude_db("v(out)") == pytest.approx(20 * np.log10(np.abs(expected)), rel=1e-6)
    assert waves.phase_degrees("v(out)") == pytest.approx(np.degrees(np.angle(expected)), rel=1e-6)


@pytest.mark.ngspice
def test_an_operating_point_is_one_number_a_vector(simulator: SharedSimulator | BatchSimulator) -> None:
    deck = Deck("divider", RC, ("v(out)", "i(vin)"), OperatingPoint())
    waves = judge(deck, simulator.answer(deck))
    assert waves["v(out)"] == pytest.approx([1.0])
    assert waves["i(vin)"] == pytest.approx([-0.5e-3])
    assert waves.value("v(out)") == waves["v(out)"][0]


@pytest.mark.ngspice
def test_a_current_source_is_swept_too(simulator: SharedSimulator | BatchSimulator) -> None:
    deck = Deck("load", "iref 0 out 0\nr1 out 0 1e3\n", ("v(out)",), Dc("iref", 0.0, 1e-3, 1e-4))
    waves = judge(deck, simulator.answer(deck))
    assert waves.abscissa == Axis("iref", "A")
    assert waves["v(out)"] == pytest.approx(waves.axis * 1e3, rel=1e-6, abs=1e-9)


MOSFET = "vdd d 0 1\nvg g 0 1\nm1 d g 0 0 n w=1u l=1u\n.model n nmos level=1 vto=0.4 kp=1e-4\n"


@pytest.mark.ngspice
def test_a_transistor_says_its_own_quantities(simulator: SharedSimulator | BatchSimulator) -> None:
    """Square law: id = kp/2 (vgs - vto)^2, gm = kp (vgs - vto)."""
    deck = Deck("square law", MOSFET, ("v(@m1[id])", "v(@m1[gm])", "v(@m1[vth])"), OperatingPoint())
    waves = judge(deck, simulator.answer(deck))
    assert waves.value("v(@m1[id])") == pytest.approx(18e-6, rel=1e-6)
    assert waves.value("v(@m1[gm])") == pytest.approx(60e-6, rel=1e-6)
    assert [waves.unit(name) for name in deck.saves] == ["A", "S", "V"]


@pytest.mark.ngspice
@pytest.mark.parametrize("analysis", [OperatingPoint(), Dc("v1", 0.0, 1.0, 0.1), Ac(stop=1e9)])
def test_no_operating_point_is_no_convergence(analysis: Analysis, simulator: SharedSimulator | BatchSimulator) -> None:
    deck = Deck("two sources", "v1 out 0 1\nv2 out 0 2\n", ("v(out)",), analysis)
    with pytest.raises(NoConvergenceError, match="did not converge"):
        judge(deck, simulator.answer(deck))


@pytest.mark.parametrize("source", ["", "r1", "vin 0", "v(in)", ".dc"])
def test_only_a_source_is_swept(source: str) -> None:
    with pytest.raises(InputError, match="voltage or current source"):
        Dc(source, 0.0, 1.0, 0.1)


@pytest.mark.parametrize("step", [0.0, -0.1])
def test_a_step_leads_to_the_end(step: float) -> None:
    with pytest.raises(InputError, match="does not lead from 0 to 1"):
        Dc("vin", 0.0, 1.0, step)


def test_a_dc_sweep_that_stops_short_did_not_converge() -> None:
    deck = Deck("divider", RC, ("v(out)",), Dc("vin", 0.0, 1.8, 0.1))
    short = {"v-sweep": np.array([0.0, 0.1]), "v(out)": np.zeros(2)}
    with pytest.raises(NoConvergenceError, match=r"stopped at 0\.1 of 1\.8"):
        judge(deck, Answer({"dc": short}))


def test_noise_ends_on_a_point() -> None:
    assert Noise("v(out)", "vin", stop=1e10, start=1e6, points_per_decade=3).stop == 1e10
    with pytest.raises(InputError, match=r"stop = 2\.5e\+09: is no whole number of steps above start = 1e\+06"):
        Noise("v(out)", "vin", stop=2.5e9, start=1e6)


def test_a_plot_without_its_axis_is_a_crash() -> None:
    deck = Deck("divider", RC, ("v(out)",), Dc("vin", 0.0, 1.8, 0.1))
    with pytest.raises(SimulatorCrashedError, match="no data"):
        judge(deck, Answer({"dc": {"v(out)": np.zeros(19)}}))
