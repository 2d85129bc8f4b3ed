"""Panels of a store's LUT, and the I-V loop."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from luts.changes import changed
from luts.store import BINS, make_programming_lut
from matplotlib.axes import Axes

from bitline.circuits.deck import Phase
from bitline.engine.waveforms import Waveforms
from bitline.errors import BadMeasureError, InputError
from bitline.lut.lut import Lut
from bitline.plot import disturb, figure, histogram, iv_loop, simulation_figure, transitions


@pytest.fixture
def lut() -> Lut:
    return make_programming_lut()


def make_loop() -> Waveforms:
    t = np.linspace(0, 400e-9, 4001)
    v = 2.8 * np.interp(t, [0, 100e-9, 200e-9, 300e-9, 400e-9], [0, 1, 0, -1, 0])
    on = (t > 80e-9) & (t < 310e-9)
    signals = {"v(drive)": v, "v(sl)": 0.8 * v, "i(vsl)": -v / np.where(on, 2e4, 1e6)}
    signals |= {"v(thickness)": np.where(on, 4.6, 3.4), "v(kelvin)": 300 + 50 * v**2 * on}
    phases = (Phase("set", 0, 200e-9), Phase("reset", 200e-9, 400e-9))
    return Waveforms(
        t, signals, title="nsnr-cluster I-V loop", phases=phases, units={"v(thickness)": "nm", "v(kelvin)": "K"}
    )


def test_overview_has_a_panel_per_kind_of_data(lut: Lut) -> None:
    titles = [axes.get_title(loc="left")[4:].split(":")[0] for axes in figure(lut).axes]
    assert titles == ["Placement", "Open-loop placement", "Energy", "Time", "Disturb"]


def test_placement_shows_counts_between_thresholds(lut: Lut, axes: Axes) -> None:
    histogram(axes, lut, verify="on")
    drawn = {patch.get_gid(): patch for patch in axes.patches if patch.get_gid()}
    values, edges, _ = drawn["line mrs"].get_data()
    np.testing.assert_array_equal(values, lut.tables["histogram"]["count"].sel(target="mrs", verify="on"))
    np.testing.assert_allclose(np.log(edges), np.append(BINS, BINS[-1] + 0.1) - 0.05, rtol=1e-12)
    lines = sorted(float(line.get_xdata()[0]) for line in axes.lines if line.get_gid() == "threshold")
    assert lines == pytest.approx([math.sqrt(80e3 * 280e3), math.sqrt(280e3 * 1e6)])
    axes.clear()
    histogram(axes, changed(lut, placement=None))
    assert not axes.lines


def test_transitions_are_labelled_with_their_unit(lut: Lut, axes: Axes) -> None:
    transitions(axes, lut, scheme="half")
    texts = {text.get_position(): text.get_text() for text in axes.texts}
    assert texts[0, 0] == "100 fJ"  # start lrs, target lrs
    assert texts[2, 1] == "10.1 pJ"  # start mrs, target hrs: element 5 of scheme half
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Target", "Start")
    assert "69.2 fJ (transcribed)" in axes.get_title(loc="left").replace("\n", " ")


def test_disturb_is_extrapolated_and_says_so(lut: Lut, axes: Axes) -> None:
    disturb(axes, lut)
    heights = [bar.get_height() for bars in axes.containers for bar in bars.patches]
    assert heights == pytest.approx([1e-4, 1e-4, 1e-12] * 2)
    assert "extrapolated" in axes.get_title(loc="left").replace("\n", " ")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["V/2 scheme", "V/3 scheme"]


def test_disturb_of_one_scheme_has_no_legend(lut: Lut, axes: Axes) -> None:
    disturb(axes, lut, scheme="half")
    assert axes.get_legend() is None
    assert len(axes.containers) == 1


def test_a_histogram_without_bins_is_refused(lut: Lut, axes: Axes) -> None:
    with pytest.raises(InputError, match="bins"):
        histogram(axes, changed(lut, histogram=lut.tables["histogram"].isel(ln_r=[0])))


def test_the_loop_draws_the_magnitude_of_the_delivered_current(axes: Axes) -> None:
    waveforms = make_loop()
    iv_loop(axes, waveforms)
    lines = {line.get_gid(): line for line in axes.lines if line.get_gid()}
    inside = waveforms.axis <= 200e-9
    np.testing.assert_array_equal(lines["loop set"].get_xdata(), waveforms["v(drive)"][inside])
    np.testing.assert_array_equal(lines["loop set"].get_ydata(), np.abs(waveforms["i(vsl)"][inside]))
    assert len(axes.texts) == 4  # two arrows on each side
    assert axes.get_yscale() == "log"
    with pytest.raises(BadMeasureError, match="nowhere"):
        iv_loop(axes, waveforms, volts="v(nowhere)")


def test_a_loop_is_drawn_beside_its_states() -> None:
    loop, *strips = simulation_figure(make_loop()).axes
    assert loop.get_xlabel() == "Applied voltage (V)"
    assert [strip.get_ylabel() for strip in strips] == [
        "Voltage (V)",
        "Current (µA)",
        "Filament (nm)",
        "Temperature (K)",
    ]
    assert strips[-1].get_xlabel() == "Time (ns)"


def test_a_loop_without_phases_is_one_line() -> None:
    loop = simulation_figure(replace(make_loop(), phases=())).axes[0]
    assert [line.get_gid() for line in loop.lines if line.get_gid()] == ["loop "]
    assert loop.get_legend() is None


def test_any_other_simulation_is_a_stack(waveforms: Waveforms) -> None:
    assert len(simulation_figure(waveforms).axes) == 2
