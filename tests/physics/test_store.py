"""Stores in SPICE: every transition, causality, energy, what the others feel, and where compliance fails."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq
from setups import simulated

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Conditions
from bitline.benches.store.staircase import Store
from bitline.benches.store.store import deck, measure
from bitline.circuits.deck import Deck
from bitline.circuits.nsnr_cluster import NsnrCluster
from bitline.devices.reram import LEVELS, Filament, ReRam
from bitline.devices.selector import Selector
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

Run = Callable[[Deck], Waveforms]
Simulate = Callable[..., Waveforms]
CLUSTER = NsnrCluster()


@pytest.fixture
def simulate(run: Run, sky130: Pdk) -> Simulate:
    """Simulate one store at default accuracy."""

    def stored(circuit: NsnrCluster = CLUSTER, conditions: Conditions | None = None, **inputs: object) -> Waveforms:
        asked = Store(**inputs)
        made = deck(circuit, conditions or Conditions(), asked, sky130)
        return simulated(run(with_accuracy(made, "default")), circuit, asked, conditions, sky130)

    return stored


def measured(w: Any) -> Any:
    return measure(w, w.setup)


@pytest.mark.parametrize("target", LEVELS)
@pytest.mark.parametrize("verify", ["on", "off"])
def test_every_level_is_placed_from_every_other(simulate: Simulate, target: str, verify: str) -> None:
    for start in LEVELS:
        values = measured(simulate(start=start, target=target, verify=verify, others="off"))
        assert values["in_window"] == 1.0
        assert abs(values["ln_ratio"]) < 0.25
        assert values["verified"] == float(verify == "on")
        assert (values["energy"] == 0.0) == (start == target)
        # the counts without verify are those that come nearest for the nominal device
        assert values["pulses"] - getattr(Store(), f"n_{target}") in ((0, 1) if start != target else range(-99, 0))


@pytest.mark.parametrize("temperature", [-40.0, 125.0])
@pytest.mark.parametrize("kind", ["threshold", "exponential"])
def test_levels_are_placed_hot_and_cold_with_either_selector(simulate: Simulate, temperature: float, kind: str) -> None:
    circuit, conditions = NsnrCluster(selector=Selector(kind=kind)), Conditions(temperature=temperature)
    for target in LEVELS:
        values = measured(simulate(circuit, conditions, start="lrs", target=target, erase="always", others="off"))
        assert (values["in_window"], values["verified"]) == (1.0, 1.0)


def test_stopping_in_measure_is_stopping_in_the_circuit(simulate: Simulate) -> None:
    whole = measured(simulate(start="lrs", target="mrs", n_spare=8))
    used = int(whole["pulses"])
    assert used < Store().n_mrs + 8
    cut = measured(simulate(start="lrs", target="mrs", verify="off", n_mrs=used))
    for name in ("r_final", "time", "energy", "kelvin_peak"):
        assert cut[name] == pytest.approx(whole[name], rel=2e-3), name


def test_static_selectors_are_what_dynamic_ones_become(simulate: Simulate) -> None:
    static = measured(simulate(start="lrs", target="mrs"))
    dynamic = measured(simulate(start="lrs", target="mrs", selectors="dynamic"))
    assert dynamic["pulses"] == static["pulses"]
    for name in ("r_final", "energy", "disturb_lrs", "disturb_erase_mrs"):
        assert dynamic[name] == pytest.approx(static[name], rel=0.01), name


def test_the_selected_branch_does_not_feel_the_others(simulate: Simulate) -> None:
    alone = measured(simulate(start="lrs", target="mrs", others="off"))
    among = measured(simulate(start="lrs", target="mrs"))
    assert alone["r_final"] == pytest.approx(among["r_final"], rel=2e-3)
    assert alone["energy_select"] == pytest.approx(among["energy_select"], rel=2e-3)


def test_without_spread_every_sample_is_the_nominal_device(simulate: Simulate) -> None:
    still = NsnrCluster(reram=ReRam(sigma_lnr=0.0, filament=Filament(sigma_e=0.0)))
    nominal = measured(simulate(still, start="lrs", target="mrs", others="off"))
    for sample in (1, 2):
        assert measured(simulate(still, Conditions(sample=sample), start="lrs", target="mrs", others="off")) == nominal
    drawn = measured(simulate(conditions=Conditions(sample=1), start="lrs", target="mrs", others="off"))
    assert drawn["r_final"] != nominal["r_final"]


def test_supply_energy_is_dissipated_or_stored(simulate: Simulate) -> None:
    """Driver, filament (by its heat) and selector take what the two sources give; the capacitors end empty."""
    waves = simulate(start="lrs", target="mrs", others="off")
    t, model = waves.axis, CLUSTER.reram.filament
    drive, line = -waves["i(vdrive)"], -waves["i(vcl)"]
    supply = np.trapezoid(drive * waves["v(drive)"] + line * waves["v(cl)"], t)
    driver = np.trapezoid(drive * (waves["v(drive)"] - waves["v(sl)"]), t)
    heat = model.c_th * (waves["v(h0)"][-1] + np.trapezoid(waves["v(h0)"], t) / model.tau_th)
    # The selector's share by its own law, I = g_on V.
    selector = np.trapezoid(CLUSTER.selector.g_on * (waves["v(m0)"] - waves["v(cl)"]) ** 2, t)
    assert driver + heat + selector == pytest.approx(supply, rel=0.01)
    assert heat > 0.1 * supply  # so that a missing term would show


def test_rails_give_at_least_what_the_lines_take(simulate: Simulate) -> None:
    waves = simulate(start="lrs", target="mrs", others="off", verify="off")
    taken = np.trapezoid(-waves["i(vdrive)"] * waves["v(drive)"] - waves["i(vcl)"] * waves["v(cl)"], waves.axis)
    energy = measured(waves)["energy"]
    assert taken < energy < 1.2 * taken


@pytest.mark.parametrize(("scheme", "part"), [("half", 1 / 2), ("third", 1 / 3)])
def test_what_the_others_feel_agrees_with_the_rate_of_the_model(simulate: Simulate, scheme: str, part: float) -> None:
    """A half-selected branch in balance: voltage by its series circuit, heat, rate; times the pulse's width."""
    model, given = CLUSTER.reram.filament, Store()
    values = measured(simulate(start="lrs", target="mrs", scheme=scheme))
    series = 1 / CLUSTER.selector.g_on
    for level in LEVELS:
        ohms = CLUSTER.reram.resistance(level)
        scale = 0.1 / ohms / math.sinh(0.1 / model.v_ref)  # I = scale sinh(V/v_ref)

        def loop(v: float, scale: float = scale) -> float:
            return v + series * scale * math.sinh(v / model.v_ref) - part * given.v_store

        volts = brentq(loop, 0.0, part * given.v_store)
        kelvin = 300.15 + model.tau_th / model.c_th * volts * scale * math.sinh(volts / model.v_ref)
        gap = (model.t_ox - model.thickness(ohms)) * 1e9
        field = (model.g_0 - model.g_1 * gap**3) * model.a_0 / model.t_ox * volts
        rate = model.v_k1 * math.exp((field - model.e_grow) / (8.617333262e-5 * kelvin))  # nm/ns
        expected = -rate * given.t_pulse * 1e9 / model.nm_per_e
        # less than a pulse of full height: the filament warms up with tau_th
        assert 0.9 < values[f"disturb_{level}"] / expected < 1.02


def test_the_others_cost_what_their_resistances_take(simulate: Simulate) -> None:
    """At V/2 a selector that is on leaves the filament's own sinh; 15 branches, a third of them at each level."""
    given, model = Store(), CLUSTER.reram.filament
    values = measured(simulate(start="hrs", target="mrs"))
    volts, current = given.v_store / 2, 0.0
    for level in LEVELS:
        scale = 0.1 / CLUSTER.reram.resistance(level) / math.sinh(0.1 / model.v_ref)
        v = brentq(lambda v, s=scale: v + s * math.sinh(v / model.v_ref) / CLUSTER.selector.g_on - volts, 0.0, volts)
        current += 5 * scale * math.sinh(v / model.v_ref)
    capacitance = 15 * given.c_select * volts**2
    expected = values["pulses"] * (volts * current * given.t_pulse + capacitance)
    assert values["energy_unselected"] == pytest.approx(expected, rel=0.02)


def test_a_selector_that_stays_off_spares_the_others(simulate: Simulate) -> None:
    firm = NsnrCluster(selector=Selector(v_on=2.6, v_th=1.6, on_off=1e8))
    values = measured(simulate(firm, start="lrs", target="mrs"))
    leaky = measured(simulate(start="lrs", target="mrs"))
    assert values["in_window"] == 1.0
    assert all(abs(values[f"disturb_{level}"]) < 1e-6 * abs(leaky[f"disturb_{level}"]) for level in LEVELS)
    assert values["energy_unselected"] < 0.2 * leaky["energy_unselected"]


def test_a_heavy_line_behind_the_compliance_runs_away(simulate: Simulate) -> None:
    """What the docs warn of: the charge of a 30 fF line overshoots what the driver would allow."""
    light = measured(simulate(start="lrs", target="mrs", t_pulse=5e-9, c_select=3e-15, others="off", n_spare=12))
    heavy = measured(simulate(start="lrs", target="mrs", t_pulse=5e-9, c_select=30e-15, others="off", n_spare=12))
    assert light["in_window"] == 1.0
    assert heavy["in_window"] == 0.0
    assert heavy["ln_ratio"] < light["ln_ratio"] - 0.5
