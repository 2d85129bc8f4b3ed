"""Panels of a hybrid MAC: the heights that they draw are those of the table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from bitline import content
from bitline.lut.lut import Lut
from bitline.plot import boundary
from bitline.plot.registry import chosen


@pytest.fixture(scope="module")
def lut() -> Lut:
    return Lut.load(content.folder("luts") / "hybrid-boundary")


def test_a_lut_gets_its_four_panels(lut: Lut) -> None:
    assert [panel.title for panel, _ in chosen(lut)] == ["SNR", "Energy", "Gain", "Pareto front"]


def test_snr_leaves_a_gap_where_the_product_is_exact(lut: Lut) -> None:
    axes = boundary.snr(Figure().subplots(), lut)
    line = next(line for line in axes.lines if line.get_label() == "uniform, 4sigma")
    heights = np.asarray(line.get_ydata())
    own = (
        lut.tables["accuracy"]["snr_total"]
        .squeeze(drop=True)
        .sel(corner="tt", vdd=1.8, adc_bits=4, adc_range="4sigma", operands="uniform")
    )
    assert np.isnan(heights[0])
    np.testing.assert_allclose(heights[1:], 10 * np.log10(own.values[1:]))


def test_the_stack_is_as_high_as_the_total(lut: Lut) -> None:
    axes = boundary.energy(Figure().subplots(), lut)
    tops = [max(bar.get_y() + bar.get_height() for bar in bars) for bars in zip(*axes.containers, strict=True)]
    own = (
        lut.tables["energy"]["energy_total"]
        .squeeze(drop=True)
        .sel(corner="tt", vdd=1.8, adc_bits=4, reads="separate", operands="network")
    )
    np.testing.assert_allclose(tops, 1e12 * own.values)


def test_gain_between_integers_is_that_of_mean_energies(lut: Lut) -> None:
    axes = boundary.gain(Figure().subplots(), lut)
    line = next(line for line in axes.lines if line.get_label() == "shared, 3 bits")
    x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
    table = lut.tables["energy"]["energy_total"].sel(corner="tt", vdd=1.8).squeeze(drop=True)
    own = table.sel(adc_bits=3, reads="shared", operands="network").values
    assert y[np.argmin(abs(x - 8.5))] == pytest.approx(own[0] / ((own[8] + own[9]) / 2))


def test_pareto_shows_fixed_boundaries_and_mixes(lut: Lut) -> None:
    axes = boundary.pareto(Figure().subplots(), lut, reads="shared", operands="uniform")
    lines = {line.get_gid(): line for line in axes.lines}
    own = lut.tables["mix"].squeeze(drop=True).sel(operands="uniform", way="signed")
    assert set(lines) == {"fixed", "random", "signed"}
    np.testing.assert_allclose(lines["signed"].get_xdata(), 1e12 * own["energy_shared"].values)
    np.testing.assert_allclose(lines["signed"].get_ydata(), 10 * np.log10(own["snr_rectified"].values))


def test_a_table_without_conditions_is_drawn_and_names_none(lut: Lut) -> None:
    bare = {name: table.isel(corner=0, vdd=0, temperature=0, drop=True) for name, table in lut.tables.items()}
    axes = boundary.gain(Figure().subplots(), replace(lut, tables=bare))
    title = boundary.gain(Figure().subplots(), lut).get_title(loc="left")
    assert title.endswith(", tt, 1.8 V")
    assert axes.get_title(loc="left") == title.removesuffix(", tt, 1.8 V")
