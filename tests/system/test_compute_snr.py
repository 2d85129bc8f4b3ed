"""Compute SNR from mean and sigma per code: against the table, formulas, and sampling of every step."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from luts.column import make_column_lut

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.statistics.snr import compose, sqnr, to_db
from bitline.system.compute_snr import Adc, ComputeSnr, compute_snr, parse_adc, snr_over
from bitline.system.measured_column import MeasuredColumn, measured_column
from bitline.system.operand_sums import BitSliced, OperandSums, code_sums, operand_sums, random_bits, uniform_codes


@pytest.fixture(scope="module")
def column() -> MeasuredColumn:
    return measured_column(make_column_lut(), {"corner": "tt"})


def linear(column: MeasuredColumn, sigma: float = 0.0, gain: float = 1.0, offset: float = 0.0) -> MeasuredColumn:
    codes = column.codes
    return replace(column, mean=offset + gain * codes, static=np.full(17, sigma), temporal=np.zeros(17))


@pytest.mark.parametrize("name", ["acim-qs", "acim-qr", "baseline-sram", "baseline-reram"])
def test_snr_a_of_random_bits_is_the_table_s(name: str) -> None:
    """Second way: `_snr` of a sweep works in volts, with the mean thermal noise; here it is MAC LSB, code by code."""
    lut = Lut.load(name)
    for place in np.ndindex(*lut.tables["snr"]["snr_a"].shape):
        table = lut.tables["snr"].isel(dict(zip(lut.tables["snr"]["snr_a"].dims, place, strict=True)))
        at: Any = {str(axis): value.item() for axis, value in table.coords.items()}
        at = {axis: value for axis, value in at.items() if axis in lut.tables["mismatch"].dims}
        found = compute_snr(measured_column(lut, at), random_bits(measured_column(lut, at).products))
        assert to_db(found.removed.snr_a) == pytest.approx(float(table["snr_a"]), abs=1e-9)


@given(st.floats(0.3, 3), st.floats(-3, 3), st.floats(0.01, 1))
def test_gain_and_offset_are_removed_or_kept(column: MeasuredColumn, gain: float, offset: float, sigma: float) -> None:
    sums = random_bits(column.products)
    found = compute_snr(linear(column, sigma * gain, gain, offset), sums)
    assert (found.line.gain, found.line.offset) == pytest.approx((gain, offset), abs=1e-9)
    assert found.removed.snr_a == pytest.approx(3 / sigma**2)
    m = sums.result
    error = sums.mean((offset + (gain - 1) * m) ** 2) + (gain * sigma) ** 2
    assert found.kept.snr_a == pytest.approx(3 / error)
    assert found.removed.sqnr_qiy == math.inf
    assert found.removed.snr_A == pytest.approx(found.removed.snr_a)
    assert found.removed.snr_T is None


@pytest.mark.parametrize("bits", [3, 5, 8])
def test_the_mpc_s_sqnr_is_the_textbook_formula(bits: int, column: MeasuredColumn) -> None:
    """A range of mean +- 4 sigma has PAR = 12.04 dB: SQNR = 6.02 b + 4.77 - 12.04, less what is clipped (6e-5)."""
    wide = measured_column(make_column_lut(codes=129), {"corner": "tt"})
    wide = replace(wide, mean=wide.codes.astype(float), static=np.full(129, 1e-3), temporal=np.zeros(129))
    found = compute_snr(wide, operand_sums("gaussian", wide.products), Adc(bits, sigmas=4.0))
    assert found.removed.sqnr_qy is not None
    assert to_db(found.removed.sqnr_qy) == pytest.approx(to_db(sqnr(bits, 4.0)), abs=0.1)


@pytest.mark.parametrize("adc", [Adc(3), Adc(4, sigmas=4.0), Adc(6, sigmas=2.0), Adc(2, volts=(1.3, 1.7))])
@pytest.mark.parametrize("operands", ["uniform", "bits", "half-normal"])
def test_every_ratio_agrees_with_sampling(operands: str, adc: Adc, column: MeasuredColumn) -> None:
    """Vectors, chips and noise drawn, volts converted step by step; 2 % of a power is 0.1 dB."""
    sums = operand_sums(operands, column.products)
    found = compute_snr(column, sums, adc)
    drawn = Sampled(column, sums, adc, found)
    for ratios, kept in ((found.removed, False), (found.kept, True)):
        assert ratios.snr_a == pytest.approx(drawn.signal / drawn.error(drawn.analog, kept=kept), rel=0.05)
        assert ratios.csnr == pytest.approx(drawn.signal / drawn.error(drawn.digital, kept=kept), rel=0.05)
        assert ratios.snr_A == compose(ratios.snr_a, ratios.sqnr_qiy)
        assert ratios.snr_T == pytest.approx(compose(ratios.snr_A, ratios.sqnr_qy or 0.0))
    assert found.clipped == pytest.approx(drawn.clipped, abs=3e-3)


class Sampled:
    """Dot products through a column and an ADC, each drawn once per trial."""

    trials = 40_000

    def __init__(self, column: MeasuredColumn, sums: OperandSums, adc: Adc, found: ComputeSnr) -> None:
        rng = np.random.default_rng(5)
        which = rng.choice(sums.chance.size, self.trials, p=sums.chance)
        codes = sums.codes[which]
        volts = column.offset + column.lsb * column.mean[codes]
        volts += np.abs(column.lsb) * column.total[codes] * rng.standard_normal(codes.shape)
        assert found.range_volts is not None
        low, high = found.range_volts
        step = (high - low) / 2**adc.bits
        steps = np.clip(np.floor((volts - low) / step), 0, 2**adc.bits - 1)
        self.y = sums.result[which]
        self.signal = np.var(self.y)
        self.analog = (volts - column.offset) / column.lsb @ sums.weights
        self.digital = (low + (steps + 0.5) * step - column.offset) / column.lsb @ sums.weights
        # of all conversions, each slice as often as the others
        self.clipped = np.mean((volts < low) | (volts > high))

    def error(self, output: np.ndarray, *, kept: bool) -> float:
        if kept:
            return float(np.mean((output - self.y) ** 2))
        gain, offset = np.polyfit(self.y, output, 1)
        return float(np.var((output - offset) / gain - self.y))


def test_an_adc_as_fine_as_the_codes_adds_nothing_to_csnr(column: MeasuredColumn) -> None:
    """16 codes on 16 steps: each is read exactly, while the formula of SNR_T still counts 1/12."""
    sums = uniform_codes(15)
    exact = replace(column, mean=np.arange(17.0), static=np.zeros(17), temporal=np.zeros(17))
    volts = tuple(sorted(exact.offset + exact.lsb * end for end in (-0.5, 15.5)))
    found = compute_snr(exact, sums, Adc(4, volts=(volts[0], volts[1])))
    assert found.kept.csnr == pytest.approx(math.inf) or to_db(found.kept.csnr or 0) > 150
    assert found.kept.snr_T == pytest.approx((16**2 - 1) / 12 * 12)


def test_a_dead_column_has_no_signal(column: MeasuredColumn) -> None:
    dead = replace(column, mean=np.zeros(17))
    assert compute_snr(dead, uniform_codes(16)).removed.snr_a == 0


def test_signal_and_quantising_are_those_of_the_operands(column: MeasuredColumn) -> None:
    sums = BitSliced().sums(16)
    found = compute_snr(linear(column, 0.3), sums)
    # sum g^2 sigma^2 over the slices: (4^8 - 1)^2 / 9
    error = 0.3**2 * ((4**8 - 1) / 3) ** 2
    assert found.kept.snr_a == pytest.approx(sums.variance(sums.exact) / error)
    assert found.kept.snr_A == pytest.approx(1 / (1 / found.kept.snr_a + 1 / found.kept.sqnr_qiy))
    assert found.kept.sqnr_qiy < 10**4


@pytest.mark.parametrize(
    ("text", "adc"),
    [
        ("full", Adc(5)),
        ("4sigma", Adc(5, sigmas=4.0)),
        ("2.5sigma", Adc(5, sigmas=2.5)),
        ("0.6:1.2", Adc(5, volts=(0.6, 1.2))),
    ],
)
def test_ranges_are_read(text: str, adc: Adc) -> None:
    assert parse_adc(5, text) == adc


@pytest.mark.parametrize(
    ("bits", "text", "words"),
    [
        (0, "full", "adc bits = 0"),
        (17, "full", "1..16"),
        (5, "sigma", "4sigma, full, or LOW:HIGH"),
        (5, "0sigma", "sigmas = 0"),
        (5, "1.2", "LOW:HIGH"),
        (5, "1.2:0.6", "below the second"),
        (5, "all", "'all'"),
    ],
)
def test_wrong_adcs_are_refused(bits: int, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse_adc(bits, text)


def test_operands_beyond_the_column_are_refused(column: MeasuredColumn) -> None:
    with pytest.raises(InputError, match=r"up to code 20: the column has codes 0..16"):
        compute_snr(column, uniform_codes(20))


def test_fewer_products_than_the_column_has(column: MeasuredColumn) -> None:
    found = compute_snr(linear(column, 0.1), random_bits(column.products, 4))
    assert found.removed.snr_a == pytest.approx(4 * 3 / 16 / 0.1**2)


def test_signed_columns_are_refused() -> None:
    column = measured_column(Lut.load("ternary-column"))
    with pytest.raises(InputError, match="signed products"):
        compute_snr(column, code_sums([0.5, 0.5], "two codes"))


def test_over_an_axis_it_is_the_snr_at_each_of_its_values() -> None:
    lut = Lut.load("acim-qs-supply")
    over = snr_over(lut, "vdd", "uniform", Adc(5))
    assert list(over) == [1.62, 1.71, 1.8, 1.89, 1.98]
    for vdd, found in over.items():
        one = measured_column(lut, {"vdd": vdd})
        alone = compute_snr(one, operand_sums("uniform", one.products), Adc(5))
        assert (found.removed, found.kept) == (alone.removed, alone.kept)
    # More overdrive, less of a threshold's spread.
    assert sorted(over, key=lambda vdd: over[vdd].removed.snr_a) == list(over)


def test_an_axis_along_which_no_chips_were_sampled_is_refused() -> None:
    for axis in ("rows", "code"):
        with pytest.raises(InputError, match=rf"acim-qs-supply: {axis}: chips were sampled over vdd"):
            snr_over(Lut.load("acim-qs-supply"), axis)
