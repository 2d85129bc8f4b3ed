"""The column DAC against its formulas: levels, linearity, spread and energy of both topologies."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bitline.circuits.column_dac import ColumnDac
from bitline.pdk.descriptor import Pdk
from bitline.statistics.linearity import dnl, inl
from bitline.sweep.runner import Runner
from bitline.sweep.sweep import Sweep

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

CAPACITIVE, STRING = ColumnDac(bits=3), ColumnDac(topology="resistor-string", bits=3)


def curve(circuit: ColumnDac, pdk: Pdk, output: str = "v_line") -> np.ndarray:
    runner = Runner(pdk)
    codes = range(circuit.top + 1)
    return np.array([runner.simulate(circuit, "transfer", code=code).values[output] for code in codes])


def test_levels_of_the_string_are_those_of_its_taps(sky130: Pdk) -> None:
    """Nothing flows into the load, so each tap's level is there within 0.02 LSB once it has settled."""
    lsb = STRING.v_ref / 8
    assert curve(STRING, sky130) == pytest.approx(np.arange(8) * lsb, abs=0.02 * lsb)


def test_the_string_settles_as_its_taps_resistance_says(sky130: Pdk) -> None:
    """Of 1 pF at the middle tap the last quarter of an LSB comes after ln(4 code) R C, R the string's and the gate's.

    R = 2^n R_u / 4 = 10 kOhm there; 12 % are left to the gate's resistance.
    """
    circuit = STRING.replace(c_load=1e-12, t_convert=100e-9, t_restore=100e-9)
    time = Runner(sky130).simulate(circuit, "transfer", code=4).values["t_settle"]
    assert 1 < time / (2 * circuit.r_unit * circuit.c_load * math.log(4 * 4)) < 1.12


def test_the_string_takes_its_current_all_the_time(sky130: Pdk) -> None:
    values = Runner(sky130).simulate(STRING, "transfer", code=0)
    power = STRING.v_ref**2 / (8 * STRING.r_unit)
    assert values.values["energy_reference"] == pytest.approx(power * 8.25e-9 + power * 3.5e-9, rel=0.02)


def test_the_array_loses_what_parasitics_and_load_take(sky130: Pdk) -> None:
    """LSB = V_ref C_u / (2^n C_u + C_par + C_load): 10 fF more load within 1 %, INL and DNL below 0.05 LSB."""
    slopes = []
    for load in (2.875e-15, 12.875e-15):
        v = curve(CAPACITIVE.replace(c_load=load), sky130)
        slopes.append((v[-1] - v[0]) / 7)
        assert np.max(np.abs(inl(v))) < 0.05
        assert np.max(np.abs(dnl(v))) < 0.05
    light, heavy = (CAPACITIVE.v_ref * CAPACITIVE.c_unit / slope for slope in slopes)
    assert heavy - light == pytest.approx(10e-15, rel=0.02)
    drawn = 8 * (CAPACITIVE.c_unit + 0.091e-15) + 2.875e-15
    assert drawn < light < drawn + 2e-15  # and the switch with its dummy


def test_the_array_s_energy_is_the_charge_of_its_plates(sky130: Pdk) -> None:
    """E = V_ref^2 m C_u (C - m C_u) / C and what drivers and plates take to ground.

    That is alike for each unit; one wide driver of a group has less side wall than several narrow ones, up to 10 %.
    """
    energy, v = curve(CAPACITIVE, sky130, "energy_reference"), curve(CAPACITIVE, sky130)
    codes = np.arange(1, 8)
    c_line = CAPACITIVE.v_ref * CAPACITIVE.c_unit * 7 / (v[-1] - v[0])
    network = CAPACITIVE.v_ref**2 * codes * CAPACITIVE.c_unit * (c_line - codes * CAPACITIVE.c_unit) / c_line
    own = (energy[1:] - network) / codes
    assert np.all(own > CAPACITIVE.v_ref**2 * 0.087 * CAPACITIVE.c_unit)
    assert np.ptp(own) < 0.1 * np.mean(own)


def test_spread_of_the_middle_level_is_that_of_the_resistors(sky130: Pdk) -> None:
    """sigma(V_k) = V_ref s sqrt(f (1 - f) / N) at the fraction f of N resistors of spread s; 60 chips, 30 %."""
    sweep = Sweep(STRING, benches=["transfer"], code=[4], samples=60)
    spread = Runner(sky130).characterize(sweep).tables["mismatch"]["v_sigma"].item()
    assert spread == pytest.approx(STRING.v_ref * STRING.r_spread_ratio * math.sqrt(0.25 / 8), rel=0.3)
