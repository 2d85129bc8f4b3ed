from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitline.errors import BadMeasureError
from bitline.simulate.waveforms import Waveforms

numbers = st.floats(-1e3, 1e3)
# strictly ascending time points, as a simulator's are
axes = st.lists(st.floats(1e-3, 1.0), min_size=1, max_size=20).map(lambda steps: np.cumsum([0.0, *steps]))


def waveforms(axis: np.ndarray, values: np.ndarray) -> Waveforms:
    return Waveforms(axis=axis, signals={"v(a)": values, "i(vdd)": values})


@given(axes, numbers, numbers, st.floats(0, 1))
def test_a_straight_line_is_read_exactly_anywhere(axis: np.ndarray, slope: float, offset: float, part: float) -> None:
    instant = part * axis[-1]
    value = waveforms(axis, slope * axis + offset).at("v(a)", instant)
    assert value == pytest.approx(slope * instant + offset, abs=1e-9 * (1 + abs(slope) * axis[-1] + abs(offset)))


@given(axes, numbers, numbers, st.floats(0, 1), st.floats(0, 1))
def test_the_integral_of_a_straight_line_is_a_trapezoid(
    axis: np.ndarray, slope: float, offset: float, one: float, other: float
) -> None:
    start, stop = sorted((one * axis[-1], other * axis[-1]))
    area = waveforms(axis, slope * axis + offset).integral("v(a)", start, stop)
    expected = (slope * (start + stop) / 2 + offset) * (stop - start)
    assert area == pytest.approx(expected, abs=1e-9 * (1 + (abs(slope) * axis[-1] + abs(offset)) * axis[-1]))


@given(axes, st.data())
def test_integrals_add_up_wherever_they_are_split(axis: np.ndarray, data: st.DataObject) -> None:
    values = np.array(data.draw(st.lists(numbers, min_size=len(axis), max_size=len(axis))))
    middle = data.draw(st.floats(0, 1)) * axis[-1]
    w = waveforms(axis, values)
    parts = w.integral("v(a)", 0.0, middle) + w.integral("v(a)", middle, axis[-1])
    assert parts == pytest.approx(w.integral("v(a)", 0.0, axis[-1]), abs=1e-6)
    assert w.integral("v(a)", 0.0, axis[-1]) == pytest.approx(np.trapezoid(values, axis), abs=1e-9)


@given(axes, st.floats(1e-3, 10), st.floats(1e-3, 10))
def test_a_supply_that_delivers_has_positive_energy(axis: np.ndarray, volts: float, amperes: float) -> None:
    # ngspice counts the current into the source's + terminal: a delivering supply's is negative
    energy = waveforms(axis, np.full(len(axis), -amperes)).energy("vdd", volts, 0.0, axis[-1])
    assert energy == pytest.approx(volts * amperes * axis[-1])


@pytest.mark.parametrize("instant", [-1e-12, 2.1])
def test_nothing_is_read_outside_the_simulation(instant: float) -> None:
    w = waveforms(np.array([0.0, 1.0, 2.0]), np.zeros(3))
    with pytest.raises(BadMeasureError, match=r"v\(a\) at .*: outside 0\.\.2"):
        w.at("v(a)", instant)


def test_a_missing_vector_is_named_beside_those_there_are() -> None:
    w = waveforms(np.array([0.0, 1.0]), np.zeros(2))
    with pytest.raises(BadMeasureError, match=r"no vector 'v\(b\)' came back \(have: i\(vdd\), v\(a\)\)"):
        w["v(b)"]
