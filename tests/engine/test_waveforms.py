from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitline.circuits.analysis import Ac, Axis, OperatingPoint
from bitline.engine.waveforms import Waveforms
from bitline.errors import BadMeasureError

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


FEMTO, TOP = 1e-15, 1.8


def gate(volts: list[float], times: list[float], farads: float = FEMTO, steps: int = 200) -> Waveforms:
    """Return an ideal source with a capacitor: straight lines between these voltages at these times [ns]."""
    axis = np.linspace(times[0], times[-1], steps * int(times[-1]) + 1) * 1e-9
    level = np.interp(axis, np.array(times) * 1e-9, volts)
    # A trapezoid of this current over any step is the capacitor's charge.
    charge = farads * level
    current = np.zeros_like(axis)
    for k, step in enumerate(np.diff(charge) / np.diff(axis)):
        current[k + 1] = 2 * step - current[k]
    return Waveforms(axis, {"v(in)": level, "i(vin)": -current})


@pytest.mark.parametrize(
    ("volts", "pulses"),
    [
        ([0, TOP, TOP, 0, 0], 1),
        ([TOP, 0, 0, TOP, TOP], 1),
        ([0, TOP, 0, TOP, 0], 2),
        ([0, 0, 0, 0, TOP], 1),
        ([TOP, TOP, TOP, 0, 0], 0),
        ([TOP] * 5, 0),
        ([0, -TOP, 0, -TOP, 0], 0),
    ],
)
def test_a_driver_pays_c_v_squared_for_each_rise_of_a_gate(volts: list[float], pulses: int) -> None:
    """What the gate gives back as it falls goes to ground: an ideal source would have it back."""
    w = gate(volts, [0, 1, 2, 3, 4])
    assert w.driver_energy("vin", "in", 0.0, 4e-9) == pytest.approx(pulses * FEMTO * TOP**2, rel=1e-9, abs=1e-22)
    assert w.driver_energy("vin", "in", 0.0, 2e-9) + w.driver_energy("vin", "in", 2e-9, 4e-9) == pytest.approx(
        pulses * FEMTO * TOP**2, rel=1e-9, abs=1e-22
    )


@given(axes, st.floats(1e-3, 10), numbers)
def test_a_driver_that_never_moves_is_a_constant_supply(axis: np.ndarray, volts: float, amperes: float) -> None:
    w = Waveforms(axis, {"v(in)": np.full(len(axis), volts), "i(vin)": np.full(len(axis), -amperes)})
    energy = w.energy("vin", volts, 0.0, axis[-1])
    assert w.driver_energy("vin", "in", 0.0, axis[-1]) == pytest.approx(energy, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("instant", [-1e-12, 2.1])
def test_nothing_is_read_outside_the_simulation(instant: float) -> None:
    w = waveforms(np.array([0.0, 1.0, 2.0]), np.zeros(3))
    with pytest.raises(BadMeasureError, match=r"v\(a\) at .*: outside 0\.\.2"):
        w.at("v(a)", instant)


def test_a_missing_vector_is_named_beside_those_there_are() -> None:
    w = waveforms(np.array([0.0, 1.0]), np.zeros(2))
    with pytest.raises(BadMeasureError, match=r"no vector 'v\(b\)' came back \(have: i\(vdd\), v\(a\)\)"):
        w["v(b)"]


SWEEP = np.array([0.0, 0.5, 1.0, 1.5])
INVERTER = Waveforms(SWEEP, {"v(out)": np.array([1.5, 1.4, 0.2, 0.0])}, abscissa=Axis("vin", "V"))
POINT = Waveforms(np.zeros(1), {"v(out)": np.array([0.7])}, abscissa=OperatingPoint.axis)


def pole(frequency: float) -> Waveforms:
    f = np.geomspace(1e3, 1e9, 121)
    return Waveforms(f, {"v(out)": 1 / (1 + 1j * f / frequency)}, abscissa=Ac.axis)


def test_a_crossing_is_interpolated_in_either_direction() -> None:
    assert INVERTER.crossing("v(out)", 0.8) == pytest.approx(0.75)
    assert Waveforms(SWEEP, {"v(out)": 2 * SWEEP}).crossing("v(out)", 1.5) == pytest.approx(0.75)
    with pytest.raises(BadMeasureError, match=r"v\(out\) does not cross 2: it stays within 0\.\.1\.5"):
        INVERTER.crossing("v(out)", 2.0)


def test_a_sweep_downwards_reads_as_one_upwards() -> None:
    back = Waveforms(SWEEP[::-1], {"v(out)": INVERTER["v(out)"][::-1]}, abscissa=INVERTER.abscissa)
    assert back.at("v(out)", 0.75) == INVERTER.at("v(out)", 0.75) == pytest.approx(0.8)
    assert back.integral("v(out)", 0.2, 1.3) == INVERTER.integral("v(out)", 0.2, 1.3)
    assert back.crossing("v(out)", 0.8) == pytest.approx(0.75)


def test_the_bandwidth_of_a_pole_is_where_its_gain_has_fallen_by_3_db() -> None:
    waves = pole(1e6)
    assert waves.crossing(waves.magnitude_db("v(out)"), -10 * np.log10(2)) == pytest.approx(1e6, rel=1e-3)
    assert waves.crossing(waves.phase_degrees("v(out)"), -45.0) == pytest.approx(1e6, rel=1e-3)


def test_what_is_complex_is_no_number() -> None:
    waves = pole(1e6)
    for read in (lambda: waves["v(out)"], lambda: waves.at("v(out)", 1e4), lambda: waves.integral("v(out)", 1e4, 1e5)):
        with pytest.raises(BadMeasureError, match=r"v\(out\) is complex: ask for its response, magnitude_db or"):
            read()


def test_a_point_has_no_axis_and_an_axis_no_one_number() -> None:
    assert POINT.value("v(out)") == 0.7
    for read in (lambda: POINT.at("v(out)", 0.0), lambda: POINT.integral("v(out)", 0.0, 0.0)):
        with pytest.raises(BadMeasureError, match=r"v\(out\): an operating point has no axis: ask for its value"):
            read()
    with pytest.raises(BadMeasureError, match=r"v\(out\) has 4 points: only an operating point is one number"):
        INVERTER.value("v(out)")


def test_nothing_at_all_is_minus_infinite_decibels() -> None:
    assert Waveforms(np.ones(1), {"v(a)": np.zeros(1, complex)}).magnitude_db("v(a)")[0] == -np.inf
