"""Whole conversions with mismatch, noise and trim: the short form of `benchmarks/sar_chips.py`, and its arithmetic."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from nearness import near
from sar_chip_codes import Chip, Nominal, by_codes, by_model, effective_bits, inputs, modelled_bits
from sar_chips import calibrated, converted, nominal, opened

from bitline.circuits.sar_adc import SarAdc
from bitline.circuits.strongarm import StrongArm
from bitline.pdk.descriptor import Pdk
from bitline.system.converter import codes, enob_uniform

IDEAL = Nominal(bits=5, lsb=0.04, middle=0.0, gain=1.0, moves=np.array([2e-3, 0.0, -2e-3]), trims=np.array([-1, 0, 1]))
EDGES = (np.arange(1, 32) - 16) * 0.04


def rounded(v: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.searchsorted(edges, v, side="right").astype(float)


def test_an_ideal_converter_has_its_bits_at_any_inputs() -> None:
    v = inputs(5, 0.04, 16, number=3)
    assert effective_bits(v, rounded(v, EDGES), 5, IDEAL) == near(5.0)
    assert modelled_bits(EDGES, 0.0, IDEAL, 5) == near(5.0)


def test_inputs_are_spread_over_range_and_code() -> None:
    for number in (1, 2):
        v = np.sort(inputs(5, 0.04, 16, number)) / 0.04 + 16
        assert (np.floor(v / 2) == np.arange(16)).all()
        assert sorted(np.floor(v % 2 * 8).tolist()) == list(range(16))
    assert (inputs(5, 0.04, 16, 1) != inputs(5, 0.04, 16, 2)).all()
    # Half of them lie in every second part.
    assert (np.floor(inputs(5, 0.04, 8, 1) / 0.08 + 8) == np.arange(0, 16, 2)).all()


@pytest.mark.parametrize(("offset", "noise"), [(0.15, 0.0), (0.0, 0.2), (0.1, 0.1)])
def test_enob_by_codes_by_transitions_and_by_formula_are_one(offset: float, noise: float) -> None:
    """An offset and a noise add their squares to LSB^2 / 12: the codes of 40 000 inputs say so, too."""
    steps = 0.04 * 2.0 ** np.arange(3, -1, -1)
    v = np.concatenate([inputs(5, 0.04, 16, number) for number in range(2500)])
    made = codes(v, steps, steps, offset * 0.04, noise * 0.04, np.random.default_rng(1))
    formula = 5 - math.log2(math.sqrt(1 + 12 * (offset**2 + noise**2)))
    assert modelled_bits(EDGES + offset * 0.04, noise * 0.04, IDEAL, 5) == near(formula, abs=0.01)
    assert effective_bits(v, made.astype(float), 5, IDEAL) == near(formula, abs=0.02)


def test_its_own_line_is_that_of_the_system() -> None:
    """Transitions with the nominal ends: both lines are the same."""
    edges = EDGES + np.where(np.arange(31) % 30 == 0, 0.0, 0.01 * np.sin(np.arange(31)))
    assert modelled_bits(edges, 0.0, IDEAL, 5) == near(float(enob_uniform(edges)), abs=1e-9)


def test_the_trim_that_takes_most_of_an_offset() -> None:
    assert [IDEAL.trim(offset) for offset in (-3e-3, -0.9e-3, 0.9e-3, 1.1e-3, 9e-3)] == [-1, 0, 0, 1, 1]


@pytest.mark.ngspice
@pytest.mark.pdk
def test_chips_convert_as_their_model_does(sky130: Pdk, tmp_path: Path) -> None:
    """3 bits, three chips, noise of a fifth of an LSB: the trim helps, and nearly all codes are the model's."""
    circuit = SarAdc(bits=3, comparator=StrongArm(trim_bits=3))
    noise = {"v_noise": 20e-3, "v_sampled": 5e-3}
    with opened(sky130, 1, tmp_path / "store.sqlite") as workers:
        known = nominal(workers, circuit, (-7, -3, 0, 3, 7))
        chips = calibrated(workers, circuit, known, range(1, 4))
        rows = converted(workers, circuit, known, chips, 4, noise)
    table = pd.DataFrame([by_model(chip, known, 3, noise) for chip in chips])
    assert 1.0 < known.gain < 1.1  # the sampling switches' charge on a quarter of the 5 bits' capacitors
    before, after = (np.sqrt((table[name] ** 2).mean()) for name in ("offset_before_mV", "offset_last_mV"))
    assert after < before / 2
    met = [by_codes(chip, rows[rows["chip"] == chip.number], known, 3) for chip in chips]
    assert [one["conversions"] for one in met] == [4, 4, 4]
    assert (rows["resolved"] == 3).all()
    apart = (rows["code"] - rows["modelled"]).abs()
    # Inputs within a tenth of an LSB of a transition may fall either way.
    assert (apart > 0).sum() <= 2
    assert apart.max() <= 1
    still = [(known.gain * v > chip.edges).sum() for chip, v in _inputs(chips, known)]
    assert (rows["modelled"] != still).any(), "noise and offset changed no code: their absence would not show"


def _inputs(chips: list[Chip], known: Nominal) -> Iterator[tuple[Chip, float]]:
    for chip in chips:
        for v in inputs(3, known.lsb, 4, chip.number):
            yield chip, float(v)
