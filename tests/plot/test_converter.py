"""Panels of converter and comparator draw the numbers of tables that the benches' own functions made."""

from __future__ import annotations

import math

import numpy as np
import pytest
from luts.changes import changed
from luts.reduced_converter import (
    COMMON,
    LSB,
    MARGIN,
    SAMPLES,
    TAU,
    latency,
    make_reduced_comparator_lut,
    make_reduced_converter_lut,
    make_reduced_noise_lut,
)
from matplotlib.axes import Axes

from bitline import content
from bitline.benches.sar import convert
from bitline.circuits.sar_adc import SarAdc
from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.plot import comparator as comparator_panels
from bitline.plot import converter as converter_panels
from bitline.plot import figure


@pytest.fixture
def converter() -> Lut:
    return make_reduced_converter_lut()


@pytest.fixture
def arm() -> Lut:
    return make_reduced_comparator_lut()


@pytest.fixture
def noisy() -> Lut:
    return make_reduced_noise_lut()


def drawn(axes: Axes) -> dict[str, np.ndarray]:
    return {line.get_gid(): np.asarray(line.get_ydata()) for line in axes.lines if line.get_gid()}


def panels(lut: Lut) -> list[str]:
    return [axes.get_title(loc="left")[4:].replace(";", ":").split(":")[0] for axes in figure(lut).axes]


def test_overviews_have_a_panel_per_kind_of_data(converter: Lut, arm: Lut, noisy: Lut) -> None:
    assert panels(converter) == ["Codes", "Linearity", "Mismatch", "Energy", "Time left"]
    assert panels(arm) == ["Offset", "Latency", "Regeneration", "Noise", "Kickback", "Energy"]
    assert panels(noisy) == ["Transient noise"]


def test_a_converter_without_every_transition_has_a_figure_too(converter: Lut) -> None:
    converter.tables["transitions"]["v"].loc[{"transition": 3}] = np.nan
    assert panels(converter)[0] == "Codes"
    assert panels(changed(converter, transitions=None, mismatch=None)) == ["Codes", "Energy", "Time left"]


def test_staircase_steps_at_the_transitions(converter: Lut, axes: Axes) -> None:
    converter_panels.staircase(axes, converter)
    np.testing.assert_array_equal(drawn(axes)["conversions"], np.arange(8.0))
    (steps,) = axes.patches
    values, edges, _ = steps.get_data()
    np.testing.assert_array_equal(values, np.arange(8.0))
    np.testing.assert_allclose(edges[1:-1], np.arange(-3, 4) * LSB, atol=1e-12)
    assert axes.get_xlabel() == "Input difference (V)"


def test_linearity_has_bands_of_three_sigma(converter: Lut, axes: Axes) -> None:
    converter_panels.linearity(axes, converter)
    spread = converter.tables["mismatch"].sel(corner="tt", vdd=1.8)
    for collection, name in zip(axes.collections, ("dnl", "inl"), strict=True):
        most = 3 * np.nanmax(spread[f"{name}_sigma"])
        assert collection.get_paths()[0].get_extents().y1 == pytest.approx(most, rel=1e-6)
    np.testing.assert_allclose(drawn(axes)["inl"], np.zeros(7), atol=1e-12)
    assert len(drawn(axes)["dnl"]) == 6
    assert f"{SAMPLES} converters" in axes.get_title(loc="left").replace("\n", " ")


def test_converters_that_were_not_measured_whole_are_told(converter: Lut, axes: Axes) -> None:
    table = converter.tables["mismatch"]
    table = table.assign(n_ok=table["n_ok"] - 2, n_failed=table["n_failed"] + 2)
    converter_panels.spread(axes, changed(converter, mismatch=table))
    assert axes.get_legend().get_texts()[0].get_text() == f"{SAMPLES - 2} of {SAMPLES} converters, 95 % interval"


def test_logic_that_was_counted_is_called_estimated(converter: Lut, axes: Axes) -> None:
    counted = convert.operation(SarAdc(logic="ideal"))
    estimated = Lut(converter.name, "sar-adc", converter.tables, {}, counted)
    converter_panels.energy(axes, estimated)
    assert "logic (estimated)" in [str(bars.get_label()) for bars in axes.containers]


def test_energy_stacks_to_the_total_without_what_is_no_part_of_it(converter: Lut, axes: Axes) -> None:
    converter_panels.energy(axes, converter)
    assert [str(bars.get_label()) for bars in axes.containers] == ["comparator", "dac", "logic"]
    sums = sum(np.array([bar.get_height() for bar in bars.patches]) for bars in axes.containers)
    np.testing.assert_allclose(sums, converter.tables["nominal"]["energy_total"].sel(corner="tt", vdd=1.8))
    assert axes.get_legend().get_texts()[0].get_text() == "28 nm macro (transcribed), 188 fJ"


def test_time_left_marks_zero(converter: Lut, axes: Axes) -> None:
    converter_panels.time_left(axes, converter, by="corner")
    assert set(drawn(axes)["line ss"]) == {MARGIN["ss"]}
    assert axes.get_ylim()[0] <= MARGIN["ss"] < 0
    assert {text.get_text() for text in axes.texts} == {"tt", "ss"}


def test_offset_stands_beside_the_hand_formulas(arm: Lut, axes: Axes) -> None:
    comparator_panels.offset(axes, arm)
    points = axes.containers[0].lines[0].get_ydata()
    np.testing.assert_array_equal(points, arm.tables["offset"]["offset_sigma"].sel(corner="tt"))
    assert set(drawn(axes)["sigma_pair"]) == {9.7e-3}
    np.testing.assert_allclose(drawn(axes)["sigma_hand"], 7e-3 * np.array(COMMON) + 1e-5)
    assert axes.get_xlabel() == "Input common mode (V)"


def test_latency_is_compared_with_the_latch_alone(arm: Lut, axes: Axes) -> None:
    comparator_panels.latency(axes, arm, by="corner", v_common=1.4)
    np.testing.assert_allclose(drawn(axes)["line tt"], [latency(v, 1.4, "tt") for v in (1e-5, 1e-3, 1e-2)])
    ends = [np.asarray(line.get_ydata())[-1] for line in axes.lines if line.get_gid() == "law"]
    # made with one time constant: the law goes through the last point as well
    np.testing.assert_allclose(ends, [latency(1e-2, 1.4, corner) for corner in TAU])
    assert "tt, τ 25 ps" in [text.get_text() for text in axes.texts]


def test_noise_has_the_interval_of_its_count(noisy: Lut, axes: Axes) -> None:
    comparator_panels.noise(axes, noisy, by="temperature")
    (bars,) = axes.containers[0].lines[2]
    low, high = bars.get_segments()[0][:, 1]
    assert (high - low) / 2 == pytest.approx(0.9e-3 * 1.96 / math.sqrt(2 * 97))
    assert set(drawn(axes)["formula 27.0"]) == {0.85e-3}


def test_what_is_not_there_is_named(converter: Lut, axes: Axes) -> None:
    with pytest.raises(InputError, match="offset"):
        comparator_panels.offset(axes, converter)
    with pytest.raises(InputError, match="dnl"):
        converter_panels.linearity(
            axes, changed(converter, transitions=converter.tables["transitions"].drop_vars("dnl"))
        )


SHIPPED = {"corner": "tt", "vdd": 1.8, "temperature": 27.0}


def shipped(name: str) -> Lut:
    return Lut.load(content.folder("luts") / name)


def test_the_shipped_staircase_goes_through_every_conversion(axes: Axes) -> None:
    lut = shipped("sar-adc")
    converter_panels.staircase(axes, lut, **SHIPPED)
    np.testing.assert_array_equal(drawn(axes)["conversions"], lut.tables["nominal"]["code"].sel(SHIPPED))


def test_shipped_linearity_draws_inl_at_each_transition(axes: Axes) -> None:
    lut = shipped("sar-adc")
    converter_panels.linearity(axes, lut, **SHIPPED)
    np.testing.assert_array_equal(drawn(axes)["inl"], lut.tables["transitions"]["inl"].sel(SHIPPED))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("sar-adc", ("Codes", "Linearity", "Mismatch", "Energy")), ("strongarm", ("Offset", "Latency"))],
)
def test_shipped_tables_have_whole_figures(name: str, expected: tuple[str, ...]) -> None:
    assert set(expected) <= set(panels(shipped(name)))
