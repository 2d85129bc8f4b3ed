"""Panels of a column's LUT draw the numbers of its tables, with their units."""

from __future__ import annotations

import numpy as np
import pytest
from luts.changes import changed
from matplotlib.axes import Axes

from bitline.errors import InputError, OutsideGridError, UnknownNameError
from bitline.lut.lut import Lut
from bitline.plot import column
from bitline.plot.registry import chosen


def at_reference(lut: Lut, table: str, name: str) -> np.ndarray:
    return lut.tables[table][name].sel(corner="tt", vdd=1.8, temperature=27.0).values


def test_transfer_draws_one_line_per_corner_and_the_band(lut: Lut, axes: Axes) -> None:
    assert column.transfer(axes, lut, by="corner") is axes
    lines = {line.get_gid(): line.get_ydata() for line in axes.lines}
    assert list(lines) == ["line tt", "line ss", "line ff"]
    np.testing.assert_array_equal(lines["line tt"], at_reference(lut, "nominal", "v_line"))
    (band,) = axes.collections
    edges = band.get_paths()[0].get_extents()
    mean, sigma = (at_reference(lut, "mismatch", name) for name in ("v_mean", "v_sigma"))
    assert edges.y0 == pytest.approx((mean - 3 * sigma).min())
    assert edges.y1 == pytest.approx((mean + 3 * sigma).max())
    assert axes.get_ylabel() == "Line voltage (V)"
    assert axes.get_xlabel() == "MAC code"
    assert axes.get_title(loc="left").endswith("27\u00a0°C")


def test_linearity_draws_inl_and_dnl_in_lsb(lut: Lut, axes: Axes) -> None:
    column.linearity(axes, lut)
    inl = next(line for line in axes.lines if str(line.get_label()).startswith("INL"))
    np.testing.assert_array_equal(inl.get_ydata(), at_reference(lut, "nominal", "inl"))
    assert axes.get_ylabel() == "Error (LSB)"


@pytest.mark.parametrize("sharing", [False, True])
def test_mismatch_law_finds_what_the_samples_were_drawn_from(sharing: bool) -> None:
    codes = np.arange(1.0, 65.0)
    truth = 1.1e-3 * np.sqrt(codes * (1 - codes / 80) if sharing else codes)
    law = column.mismatch_law(codes, truth, sharing=sharing)
    assert law is not None
    np.testing.assert_allclose(law[0](codes), truth, rtol=1e-9)
    assert law[1].startswith("1.1 mV × √")


def test_sigma_shows_interval_law_and_thermal_noise(lut: Lut, axes: Axes) -> None:
    column.sigma(axes, lut)
    legend = axes.get_legend()
    assert legend is not None
    told = [text.get_text() for text in legend.get_texts()]
    assert any("95 % interval" in text for text in told)
    assert "thermal noise, 420 µV" in told
    assert axes.get_ylabel() == "Sigma of line voltage (mV)"


def test_energy_stacks_the_supplies_to_the_total(lut: Lut, axes: Axes) -> None:
    column.energy(axes, lut)
    tops: dict[float, float] = {}
    for bars in axes.containers:
        for bar in bars.patches:
            x = round(bar.get_x() + bar.get_width() / 2, 6)
            tops[x] = tops.get(x, 0.0) + bar.get_height()
    np.testing.assert_allclose(list(tops.values()), at_reference(lut, "nominal", "energy_total"))
    assert axes.get_ylabel() == "Energy per operation (pJ)"


def test_energy_takes_whatever_supplies_a_circuit_has(lut: Lut, axes: Axes) -> None:
    nominal = lut.tables["nominal"]
    own = nominal.rename(energy_array="energy_drive", energy_wordline="energy_own")
    column.energy(axes, changed(lut, nominal=own))
    assert [str(bars.get_label()) for bars in axes.containers] == ["drive", "precharge", "control", "own"]


def test_snr_draws_its_interval_along_an_axis(lut: Lut, axes: Axes) -> None:
    column.snr(axes, lut, "vdd", by="corner")
    assert len(axes.containers) == 3
    assert axes.get_xlabel() == "Supply voltage (V)"
    assert axes.get_ylabel() == "SNR_a (dB)"


@pytest.mark.parametrize(("axis", "unit"), [("t_pulse", "s"), ("v_wl", "V"), ("rows", "1")])
def test_snr_is_drawn_over_the_swing_and_the_rows(lut: Lut, axis: str, unit: str) -> None:
    """A sweep over a parameter has its SNR along it: the panel takes whatever axis has several values."""
    table = lut.tables["snr"].sel(corner=["tt"], temperature=[27.0]).rename(vdd=axis)
    table[axis].attrs["unit"] = unit
    swept = changed(lut, snr=table)
    (choices,) = [choices for panel, choices in chosen(swept) if panel.title == "SNR"]
    assert choices["axis"] == axis


def test_what_is_not_there_is_named(lut: Lut, axes: Axes) -> None:
    with pytest.raises(UnknownNameError, match="cornr"):
        column.transfer(axes, lut, by="cornr")
    with pytest.raises(OutsideGridError, match=r"vdd = 1\.7"):
        column.transfer(axes, lut, vdd=1.7)
    lut = changed(lut, mismatch=None)
    with pytest.raises(InputError, match="mismatch"):
        column.sigma(axes, lut)
