"""Figures of compute SNR show what `compute_snr` gives, and mark the best range."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from luts.column import make_column_lut
from matplotlib.axes import Axes

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.plot import compute_snr_figure, snr_over_axis, snr_over_bits, snr_over_products, snr_over_range
from bitline.statistics.snr import to_db
from bitline.system.compute_snr import Adc, compute_snr, snr_over
from bitline.system.measured_column import MeasuredColumn, measured_column
from bitline.system.operand_sums import random_bits


@pytest.fixture(scope="module")
def column() -> MeasuredColumn:
    return measured_column(make_column_lut(), {"corner": "tt"})


def curve(axes: Axes, gid: str) -> tuple[np.ndarray, np.ndarray]:
    (line,) = [line for line in axes.lines if line.get_gid() == gid]
    return np.asarray(line.get_xdata()), np.asarray(line.get_ydata())


def test_products(axes: Axes, column: MeasuredColumn) -> None:
    assert snr_over_products(axes, column) is axes
    for gid, kind in (("gain and offset removed", "removed"), ("kept", "kept")):
        counts, ratios = curve(axes, gid)
        assert (counts[0], counts[-1]) == (2, 16)
        for count, ratio in zip(counts, ratios, strict=True):
            found = compute_snr(column, random_bits(column.products, int(count)))
            assert ratio == pytest.approx(float(to_db(getattr(found, kind).snr_a)))


def test_bits(axes: Axes, column: MeasuredColumn) -> None:
    sums = random_bits(column.products)
    snr_over_bits(axes, column, sums, [2, 6, 10])
    bits, csnr = curve(axes, "csnr mean ± 4σ")
    assert bits.tolist() == [2, 6, 10]
    found = compute_snr(column, sums, Adc(6, sigmas=4.0)).removed
    assert csnr[1] == pytest.approx(float(to_db(found.csnr or 0)))
    assert curve(axes, "snr_T mean ± 4σ")[1][1] == pytest.approx(float(to_db(found.snr_T or 0)))
    # a fine ADC leaves what the column itself is worth
    assert csnr[-1] == pytest.approx(float(to_db(found.snr_a)), abs=0.1)
    assert axes.get_ylabel() == "CSNR; dashed: SNR_T (dB)"


def test_the_best_range_is_marked(axes: Axes, column: MeasuredColumn) -> None:
    snr_over_range(axes, column, random_bits(column.products), [3, 5])
    for bits in (3, 5):
        for name in ("csnr", "snr_T"):
            sigmas, ratios = curve(axes, f"{name} {bits} bits")
            (best,), (peak,) = curve(axes, f"best {bits} {name}")
            assert (best, peak) == (sigmas[ratios.argmax()], ratios.max())
            assert 0.5 < best < 8
    assert [text.get_text() for text in axes.texts] == ["3 bits", "5 bits"]


def test_an_axis_and_a_curve_for_each_value_of_another(axes: Axes) -> None:
    lut = Lut.load("acim-qs-swing")
    snr_over_axis(axes, lut, "t_pulse", by="v_wl")
    for level in (1.0, 1.2, 1.4):
        widths, ratios = curve(axes, f"snr_a word line {level:g} V")
        over = snr_over(lut, "t_pulse", condition={"v_wl": level})
        assert widths.tolist() == list(over)
        assert ratios == pytest.approx([float(to_db(one.removed.snr_a)) for one in over.values()])


def test_a_file_of_codes_has_no_sums_of_fewer_products(column: MeasuredColumn, tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_text("code,count\n0,1\n9,1\n")
    made = compute_snr_figure(column, str(tmp_path / "codes.csv"))
    assert [axes.get_title(loc="left") for axes in made.axes] == ["(a) SNR over ADC bits", "(b) SNR over ADC range"]
    assert "codes.csv" in made.get_suptitle()
    assert len(compute_snr_figure(column, "uniform").axes) == 3


def test_unknown_operands_are_refused(axes: Axes, column: MeasuredColumn) -> None:
    with pytest.raises(InputError, match="'half'"):
        snr_over_products(axes, column, "half")
