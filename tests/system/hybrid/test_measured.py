"""Errors of an analog operation from the shipped tables: each against a formula by hand, a draw or a second table."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from bitline import content
from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.system.hybrid.measured import AnalogParts, Contribution, contributions, conversion_of

NAMES = ("acim-qr-144", "column-dac", "strongarm-noise", "strongarm-trim", "sar-adc")
BOLTZMANN = 1.380649e-23
WORDS = np.arange(16)
STEP = 30.0


@pytest.fixture(scope="module")
def luts() -> dict[str, Lut]:
    return {name: Lut.load(content.folder("luts") / name) for name in (*NAMES, "acim-qr-inputs", "sar-adc-4")}


@pytest.fixture(scope="module")
def parts(luts: dict[str, Lut]) -> AnalogParts:
    return AnalogParts(*(luts[name] for name in NAMES))


def by_name(parts: AnalogParts, words: np.ndarray = WORDS) -> dict[str, Contribution]:
    return {one.name: one for one in contributions(parts, 4, words, STEP)}


def test_the_lsb_is_that_of_charge_sharing(parts: AnalogParts) -> None:
    """Units of 2.645 fF among 144 and the stray capacitance of the line, over what the DAC has for a word of 15."""
    c = parts.column.attrs["parameters"]
    line = float(parts.column.tables["noise"]["c_line"].sel(inputs=144))
    own = c["c_unit"] / line * (0.978345 + 0.003693) / 15
    assert parts.unit_lsb == pytest.approx(own, rel=0.05)


def test_the_lsb_is_that_of_the_certificate(parts: AnalogParts) -> None:
    """SPICE has 0.4269 mV of 144 rows with pass gates: the page of the certificate says so."""
    assert 1e3 * parts.lsb == pytest.approx(0.4269, rel=1e-3)
    page = content.folder("luts").parent / "certificate" / "certificate.md"
    assert "0.4269 mV" in page.read_text(encoding="utf-8")


def test_thermal_noise_is_that_of_the_lines_capacitance(parts: AnalogParts) -> None:
    line = float(parts.column.tables["noise"]["c_line"].sel(inputs=144))
    expected = math.sqrt(BOLTZMANN * 300.15 / line) / parts.lsb
    assert by_name(parts)["kT/C"].sigma == pytest.approx(expected, rel=0.01)
    assert expected == pytest.approx(0.239, abs=0.001)


def test_capacitors_with_words_by_drawing_them(parts: AnalogParts) -> None:
    """V = sum C x / sum C with spread kappa, 20,000 chips and products: the formula of the contribution."""
    rng = np.random.default_rng(1)
    c = 1 + parts.kappa * rng.standard_normal((20_000, 144))
    x = rng.integers(0, 2, c.shape) * rng.integers(0, 16, c.shape)
    errors = 144 * (c * x).sum(axis=1) / c.sum(axis=1) - x.sum(axis=1)
    assert by_name(parts)["capacitors"].sigma == pytest.approx(errors.std(), rel=0.03)


def test_the_capacitors_spread_is_that_of_another_table(parts: AnalogParts, luts: dict[str, Lut]) -> None:
    """16 inputs of four bits, half of them on, 40 chips: within both tables' 95 % intervals of 20 % or so."""
    other = luts["acim-qr-inputs"].tables
    half = other["mismatch"].sel(corner="tt", level=15, code=8)
    none = float(other["mismatch"]["v_sigma"].sel(corner="tt", level=15, code=0))
    lsb = float(other["line"]["lsb"].sel(corner="tt", level=15))
    low, high = (math.sqrt(float(half[name]) ** 2 - none**2) / lsb / 2 for name in ("v_sigma_low", "v_sigma_high"))
    assert low / 1.3 < parts.kappa < high


def test_the_dacs_part_by_hand(parts: AnalogParts) -> None:
    """72 DACs of about 0.45 mV beside a step of 65.5 mV."""
    assert by_name(parts)["dac"].sigma == pytest.approx(math.sqrt(72) * 0.45 / 65.5, rel=0.05)


def test_the_comparators_parts_by_hand(parts: AnalogParts) -> None:
    """911 uV of noise, 3.22 mV of offset behind the trim, 426.8 uV a product; read by eye from the tables."""
    each = by_name(parts)
    assert each["comparator"].sigma == pytest.approx(911 / 426.8, rel=0.01)
    assert each["offset"].sigma == pytest.approx(3219 / 426.8, rel=0.01)


def test_a_comparator_without_trim_has_its_own_offset(parts: AnalogParts, luts: dict[str, Lut]) -> None:
    untrimmed = Lut.load(content.folder("luts") / "strongarm")
    offset = by_name(replace(parts, comparator_offset=untrimmed))["offset"]
    assert offset.source == "strongarm/offset"
    assert offset.sigma == pytest.approx(10.21e-3 / parts.lsb, rel=0.01)


def test_inl_of_another_resolution_by_drawing_units(parts: AnalogParts) -> None:
    """Binary arrays of unit capacitors: INL in steps grows as the root of their number."""
    rng = np.random.default_rng(2)
    rms = []
    for bits in (4, 5):
        units = 1 + 0.02 * rng.standard_normal((2_000, 2**bits - 1))
        edges = np.concatenate([np.zeros((2_000, 1)), np.cumsum(units, axis=1)], axis=1)
        line = edges[:, -1:] * np.arange(2**bits) / (2**bits - 1)
        rms.append(np.sqrt(np.mean((edges - line)[:, 1:-1] ** 2)))
    assert rms[1] / rms[0] == pytest.approx(parts.converter_inl(5) / parts.converter_inl(4), rel=0.05)


def test_the_sum_is_that_of_squares(parts: AnalogParts) -> None:
    each, conversion = by_name(parts).values(), conversion_of(parts, 4, WORDS, STEP)
    assert conversion.adc_bits == 4
    assert conversion.static**2 == pytest.approx(sum(one.sigma**2 for one in each if one.kind == "static"))
    assert conversion.temporal**2 == pytest.approx(sum(one.sigma**2 for one in each if one.kind == "temporal"))


def test_words_of_zero_leave_capacitors_and_curve_at_rest(parts: AnalogParts) -> None:
    each = by_name(parts, np.zeros(3, dtype=int))
    assert each["capacitors"].sigma == 0
    assert each["dac curve"].sigma == 0


def test_every_contribution_names_its_table(parts: AnalogParts, luts: dict[str, Lut]) -> None:
    for one in by_name(parts).values():
        name, table = one.source.split("/")
        assert table in luts[name].tables


def test_a_table_without_the_number_is_refused_by_name(parts: AnalogParts, luts: dict[str, Lut]) -> None:
    with pytest.raises(InputError, match="LUT sar-adc-4: no inl_sigma in a table mismatch"):
        contributions(replace(parts, converter=luts["sar-adc-4"]), 4, WORDS, STEP)
    with pytest.raises(InputError, match="LUT acim-qr-inputs: inputs = None: must be 144"):
        contributions(replace(parts, column=luts["acim-qr-inputs"]), 4, WORDS, STEP)
    with pytest.raises(InputError, match=r"words of type int64, 1 of them: must be integers 0\.\.15"):
        contributions(parts, 4, [16], STEP)
    other = replace(luts["column-dac"], attrs={**luts["column-dac"].attrs, "pdk": "other"})
    with pytest.raises(InputError, match="LUT column-dac: pdk = other"):
        replace(parts, dac=other)
