"""Figures by analysis: a DC sweep, an AC response, noise, an operating point."""

from __future__ import annotations

import numpy as np
import pytest

from bitline.circuits.analysis import Ac, Axis, Noise, OperatingPoint
from bitline.circuits.deck import Phase
from bitline.engine.waveforms import Recorder, Waveforms
from bitline.errors import BadMeasureError, InputError
from bitline.plot import levels_figure, point_figure, simulation_figure, waveform_figure

SWEEP = np.linspace(0, 1.8, 19)
FREQUENCY = np.geomspace(1e3, 1e9, 61)


def response(pole: float = 1e6) -> Waveforms:
    gain = -10 / (1 + 1j * FREQUENCY / pole)
    signals = {"v(out)": gain, "i(vin)": gain * 1e-6, "v(vdd)": np.zeros(61, dtype=complex)}
    return Waveforms(FREQUENCY, signals, abscissa=Ac.axis, title="amplifier")


def point(volts: float = 0.6) -> Waveforms:
    signals = {"v(out)": np.array([volts]), "i(vdd)": np.array([-1.8e-5]), "v(@m1[gm])": np.array([6e-5])}
    return Waveforms(np.zeros(1), signals, abscissa=OperatingPoint.axis, title="amplifier")


@pytest.mark.parametrize("step", [1, -1])
def test_a_transfer_curve_is_over_its_source_from_left_to_right(step: int) -> None:
    waves = Waveforms(SWEEP[::step], {"v(out)": 1.8 - SWEEP[::step]}, abscissa=Axis("vin", "V"))
    (axes,) = simulation_figure(waves).axes
    assert axes.get_xlabel() == "Vin (V)"
    assert axes.get_xlim() == (0.0, 1.8)
    (name,) = axes.texts
    assert name.get_text() == "out"
    assert name.xy[1] == pytest.approx(0.05, abs=0.06)  # at the right end the curve is low


def test_a_response_is_magnitude_and_phase_over_logarithmic_frequency() -> None:
    gain, current, phase = simulation_figure(response()).axes
    labels = [axes.get_ylabel() for axes in (gain, current, phase)]
    assert labels == ["Magnitude (dB)", "Current (dB re 1 A)", "Phase (°)"]
    assert phase.get_xlabel() == "Frequency (Hz)"
    assert [axes.get_xscale() for axes in (gain, phase)] == ["log", "log"]
    assert gain.get_yscale() == "linear"
    (line,) = gain.lines
    np.testing.assert_array_equal(line.get_ydata(), response().magnitude_db("v(out)"))
    assert {text.get_text() for text in phase.texts} == {"out", "i(vin)"}  # the supply has no response


def test_parts_of_a_response_can_be_chosen() -> None:
    (axes,) = waveform_figure(response(), {"Gain": ["|v(out)|"]}).axes
    assert axes.get_ylabel() == "Gain (dB)"
    with pytest.raises(BadMeasureError, match=r"no vector 'v\(out\)'"):
        waveform_figure(response(), {"Gain": ["v(out)"]})


def test_a_deck_may_say_what_its_figure_shows() -> None:
    signals = {f"v({node})": SWEEP for node in ("bl", "line", "q")}
    waves = Waveforms(SWEEP, signals, panels={"Lines": ("v(bl)", "v(line)")})
    (axes,) = simulation_figure(waves).axes
    assert axes.get_ylabel() == "Lines (V)"
    assert {line.get_gid() for line in axes.lines} == {"v(bl)", "v(line)"}
    (chosen,) = waveform_figure(waves, {"Cell": ["v(q)"]}).axes
    assert {line.get_gid() for line in chosen.lines} == {"v(q)"}


def test_a_circuit_that_does_not_respond_is_refused() -> None:
    silent = Waveforms(FREQUENCY, {"v(out)": np.zeros(61, dtype=complex)}, abscissa=Ac.axis)
    with pytest.raises(InputError, match="without signals"):
        simulation_figure(silent)


def test_all_noise_is_a_density() -> None:
    signals = {"onoise_spectrum": 1e-9 + 0 * FREQUENCY, "onoise_r1": 1e-12 + 0 * FREQUENCY}
    (axes,) = simulation_figure(Waveforms(FREQUENCY, signals, abscissa=Noise.axis)).axes
    assert axes.get_ylabel() == "Noise density (V/√Hz)"
    assert axes.get_yscale() == "log"


def test_an_operating_point_is_a_table() -> None:
    (axes,) = simulation_figure(point()).axes
    cells = axes.tables[0].get_celld()
    assert [cells[row, 0].get_text().get_text() for row in (1, 2, 3)] == ["V(out)", "I(vdd)", "@m1[gm]"]
    assert [cells[row, 1].get_text().get_text() for row in (1, 2, 3)] == ["600 mV", "-18 µA", "60 µS"]
    with pytest.raises(InputError, match="nothing to plot"):
        point_figure({"": Waveforms(np.zeros(1), {}, abscissa=OperatingPoint.axis)})


def test_several_points_are_columns_and_several_responses_overlaid() -> None:
    cells = levels_figure({"tt": point(0.6), "ss": point(0.7)}).axes[0].tables[0].get_celld()
    assert [cells[0, column].get_text().get_text() for column in (1, 2)] == ["tt", "ss"]
    assert [cells[1, column].get_text().get_text() for column in (1, 2)] == ["600 mV", "700 mV"]
    gain, _, phase = levels_figure({"tt": response(), "ss": response(5e5)}).axes
    assert [line.get_gid() for line in gain.lines] == ["tt |v(out)|", "ss |v(out)|"]
    assert phase.get_xscale() == "log"


def cycle() -> Waveforms:
    """A line that is read twice, and recovers for five times as long."""
    time = np.linspace(0, 6e-9, 601)
    names = ("v(line)", "v(q)", "v(qb)", "v(wl)", "v(pre)", "v(preb)")
    signals = {name: 0.1 * k + time / 6e-9 for k, name in enumerate(names)} | {"i(vdd)": -1e-3 * np.ones(601)}
    phases = (Phase("evaluate", 0, 1e-9), Phase("restore", 1e-9, 6e-9))
    read = (("v(line)", 0.2e-9), ("v(line)", 0.8e-9))
    return Waveforms(time, signals, phases=phases, marks={"sample": 0.8e-9}, readings=read)


def test_what_follows_the_last_reading_is_cut() -> None:
    assert simulation_figure(cycle()).axes[0].get_xlim() == pytest.approx((0, 4 / 3 * 1e-9))


def test_signals_are_grouped_by_role_and_a_supply_delivers_upwards() -> None:
    strips = simulation_figure(cycle()).axes
    labels = ["Lines (V)", "Storage nodes (V)", "Control (V)", "Source current (mA)"]
    assert [axes.get_ylabel() for axes in strips] == labels
    (current,) = strips[3].lines[:1]
    assert (np.asarray(current.get_ydata()) == 1e-3).all()


def test_where_a_number_was_read_is_circled() -> None:
    lines = simulation_figure(cycle()).axes[0].lines
    (circles,) = [line for line in lines if line.get_gid() == "read v(line)"]
    np.testing.assert_allclose(np.asarray(circles.get_xdata()), [0.2e-9, 0.8e-9])
    np.testing.assert_allclose(np.asarray(circles.get_ydata()), [0.2 / 6, 0.8 / 6])


def test_a_recorder_notes_what_a_bench_reads_but_no_windows() -> None:
    recorder = Recorder.of(cycle())
    assert recorder.at("v(line)", 1e-9) == cycle().at("v(line)", 1e-9)
    recorder.integral("i(vdd)", 0.0, 1e-9)
    crossed = recorder.crossing("v(q)", 0.5)
    assert recorder.noted == [("v(line)", 1e-9), ("v(q)", crossed)]
