"""SAR converters as numbers, against counting, integration, and a converter made by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nearness import near

from bitline.errors import InputError
from bitline.system.converter import (
    codes,
    drawn_steps,
    enob_uniform,
    error_rate,
    metastable,
    offset_transitions,
    time_for,
    transition_linearity,
    transitions,
)


def ideal(bits: int, v_ref: float = 1.0) -> np.ndarray:
    return np.array([v_ref * 2.0 ** (-k - 1) for k in range(bits - 1)])


@pytest.mark.parametrize("bits", [3, 4, 5, 6])
def test_an_ideal_converter_has_even_transitions(bits: int) -> None:
    found = transitions(ideal(bits), ideal(bits))
    lsb = 2 / 2**bits
    assert found == near((np.arange(1, 2**bits) - 2 ** (bits - 1)) * lsb, abs=1e-15)
    line, steps = transition_linearity(found)
    assert np.abs(line).max() < 1e-12
    assert np.abs(steps).max() < 1e-12
    assert enob_uniform(found) == near(bits, abs=1e-9)


def test_a_three_bit_converter_by_hand() -> None:
    """Levels of the search tree written out: 0.1; +0.5 or -0.4; then +-0.25, +-0.2."""
    found = transitions([0.5, 0.25], [0.4, 0.2], 0.1)
    assert found == near([0.1 - 0.4 - 0.2, -0.3, -0.3 + 0.25, 0.1, 0.6 - 0.2, 0.6, 0.6 + 0.25])


def test_a_level_beyond_an_earlier_one_never_decides() -> None:
    """The last step is larger than the first: codes between are missing, and transitions stay in order."""
    found = transitions([0.2, 0.5], [0.2, 0.5])
    assert found == near([-0.7, -0.2, 0.0, 0.0, 0.0, 0.2, 0.7])


@given(
    st.integers(3, 6).flatmap(
        lambda bits: st.lists(st.floats(0.01, 1.0), min_size=2 * (bits - 1), max_size=2 * (bits - 1))
    ),
    st.floats(-0.5, 0.5),
)
def test_transitions_are_where_the_codes_change(steps: list[float], offset: float) -> None:
    half = len(steps) // 2
    plus, minus = steps[:half], steps[half:]
    found = transitions(plus, minus, offset)
    assert np.all(np.diff(found) >= 0)
    v = np.concatenate([found - 1e-9, found + 1e-9, np.linspace(-4, 4, 101)])
    counted = np.searchsorted(found, v, side="left")
    assert np.array_equal(codes(v, plus, minus, offset), counted)


def test_drawn_capacitors_give_the_dnl_of_their_variance() -> None:
    """DNL at mid code: code 2^(b-1)'s transition is fixed at 0, those beside it move with the steps.

    Between transitions 2^(b-1) and the next: plus[0] - minus[1] - ... - minus[b-2]; every unit varies by sigma, so
    for small sigma the variance in LSB is (about) the number of units that take part over (2 in one LSB)^2.
    """
    bits, sigma, n = 5, 0.01, 40_000
    plus = drawn_steps(bits, 1.0, sigma, n, 7)
    minus = drawn_steps(bits, 1.0, sigma, n, 7, side="minus")
    assert plus.shape == (n, bits - 1)
    assert plus.mean(axis=0) == near(ideal(bits), rel=1e-3)
    found = transitions(plus, minus)
    step = (found[:, 2 ** (bits - 1)] - found[:, 2 ** (bits - 1) - 1]) * 2 ** (bits - 1) - 1
    # plus[0]: 8 of 16 units, so 8 sigma^2 (1 - 8/16) in units^2; minus[1..3]: 7 of 16 units; one LSB is one unit
    expected = sigma * math.sqrt(8 * (1 - 8 / 16) + 7 * (1 - 7 / 16))
    assert step.std() == near(expected, rel=0.02)
    assert not np.array_equal(plus, minus)
    assert np.array_equal(plus[:5], drawn_steps(bits, 1.0, sigma, n, 7)[:5])


def test_parasitics_scale_all_steps() -> None:
    bare, loaded = (drawn_steps(4, 0.8, 0.02, 3, 1, parasitic=p) for p in (0.0, 0.25))
    assert np.all(loaded < bare)
    assert drawn_steps(4, 0.8, 0.0, 1, 1, parasitic=0.25)[0] == near(0.8 * np.array([4, 2, 1]) / 8 / 1.25)


def test_noise_of_decisions_gives_the_error_rate_of_the_nearest_transition() -> None:
    bits, noise, n = 5, 0.02, 200_000
    found = transitions(ideal(bits), ideal(bits))
    v = float(found[20]) + 0.015  # code 21, 0.015 above its transition; the next is 0.0475 above
    generator = np.random.Generator(np.random.PCG64(3))
    seen = codes(np.full(n, v), ideal(bits), ideal(bits), 0.0, noise, generator)
    expected = float(error_rate(v, noise, found, 21, 21))
    q = [0.5 * math.erfc(x / noise / math.sqrt(2)) for x in (0.015, 0.0475)]
    assert expected == near(sum(q), rel=1e-9)
    assert np.mean(seen != 21) == near(expected, rel=0.02)


def test_a_certain_input_has_one_code() -> None:
    found = transitions(ideal(3), ideal(3))
    assert error_rate([-0.9, 0.0, 0.1], 0.0, found, [0, 4, 3], [0, 4, 3]).tolist() == [0.0, 0.0, 1.0]
    assert float(error_rate(5.0, 0.1, found, 0, 7)) == 0.0


def test_enob_of_noise_and_of_a_missing_code() -> None:
    found = transitions(ideal(5), ideal(5))
    lsb = 2 / 32
    assert enob_uniform(found, lsb / math.sqrt(12)) == near(4.5, abs=1e-9)
    # by brute force: a converter with spread capacitors, a fine ramp, its own end-point line
    plus, minus = (drawn_steps(5, 1.0, 0.1, 1, 4, side=side)[0] for side in ("plus", "minus"))
    found = transitions(plus, minus)
    lsb = (found[-1] - found[0]) / 30
    ramp = np.linspace(found[0] - lsb, found[-1] + lsb, 400_001)
    error = ramp - (found[0] + lsb * (codes(ramp, plus, minus) - 0.5))
    rms = math.sqrt(np.mean(error**2))
    assert enob_uniform(found) == near(math.log2(32 * lsb / math.sqrt(12) / rms), abs=1e-3)
    assert enob_uniform(found) < 4.9


def test_late_decisions() -> None:
    tau, gain, logic, lsb = 25e-12, 0.2, 0.9, 0.04
    time = time_for(1e-9, tau, gain, logic, lsb)
    assert metastable(time, tau, gain, logic, lsb) == near(1e-9, rel=1e-9)
    # by counting: inputs spread over one LSB around a level whose output has not grown to v_logic
    v = np.linspace(-lsb / 2, lsb / 2, 100_001)
    late = np.mean(gain * np.abs(v) * math.exp(0.2e-9 / tau) < logic)
    assert metastable(0.2e-9, tau, gain, logic, lsb) == near(late, rel=2e-2)
    assert metastable(0.0, tau, gain, logic, lsb) == 1.0


def test_what_is_refused() -> None:
    with pytest.raises(InputError, match="steps of shapes"):
        transitions([0.5, 0.25], [0.5])
    with pytest.raises(InputError, match="needs a generator"):
        codes(0.0, [0.5], [0.5], noise=0.1)
    with pytest.raises(InputError, match="bits = 1"):
        drawn_steps(1, 1.0, 0.0, 1, 1)
    with pytest.raises(InputError, match=r"0\.\.7"):
        error_rate(0.0, 1.0, transitions(ideal(3), ideal(3)), 0, 8)


def test_offsets_by_decision_move_the_transitions_of_that_decision() -> None:
    edges = np.arange(-3.0, 4.0)
    moved = offset_transitions(edges, [0.1, 0.2, 0.3])
    assert moved == near([-2.7, -1.8, -0.7, 0.1, 1.3, 2.2, 3.3])
    # One offset for all is that of `transitions`.
    steps = ([2.0, 1.0], [2.0, 1.0])
    assert offset_transitions(transitions(*steps), np.full(3, 0.4)) == near(transitions(*steps, offset=0.4))


def test_a_level_beyond_one_decided_before_never_decides() -> None:
    moved = offset_transitions(np.arange(-3.0, 4.0), [0.0, 0.0, 1.5])
    assert moved == near([-2.0, -2.0, 0.0, 0.0, 2.0, 2.0, 4.5])
    with pytest.raises(InputError, match="7 transitions and offsets of 2 decisions: must be 3"):
        offset_transitions(np.arange(-3.0, 4.0), [0.0, 0.0])
