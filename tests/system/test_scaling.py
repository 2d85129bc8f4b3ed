"""Scaled estimates are those by hand, and the fit is the one of the authors' worked example."""

from __future__ import annotations

import pytest

from bitline import content
from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.system.efficiency import ColumnEnergy
from bitline.system.hybrid.account import Parts
from bitline.system.ratios import logic_share
from bitline.system.scaling import NODE_65, scales


def test_the_fit_is_that_of_the_erratum() -> None:
    """Erratum of Stillmaker and Baas: 3.755 (1.3)^2 - 4.398 (1.3) + 1.975 = 2.604."""
    assert NODE_65.energy(1.3) == pytest.approx(2.604, abs=5e-4)


def test_factors_by_hand() -> None:
    """f_65(1.1) = 1.6808, f_130(1.3) = 6.3013; (1.3/1.8)^2 = 0.52160, (1.1/1.8)^2 = 0.37346."""
    fitted, shrunk, noisy = scales(1.8)
    assert fitted.logic == pytest.approx(1.6808 / 6.3013 * 0.52160, rel=1e-4)
    assert fitted.analog == pytest.approx(0.37346, rel=1e-4)
    assert shrunk.logic == pytest.approx(0.37346 / 2, rel=1e-4)
    assert (noisy.logic, noisy.analog) == (fitted.logic, 1.0)


def test_a_supply_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="vdd = 0: must be finite and > 0"):
        scales(0.0)


def test_parts_and_columns_by_hand() -> None:
    """Logic 0.13913, analog 0.37346, a conversion half of each: 0.25629."""
    scale = scales(1.8)[0]
    logic = ("tree", "drivers", "digital_add", "digital_read", "analog_read", "analog_add", "saliency")
    parts = Parts(**dict.fromkeys(logic, 1.0), dac=2, column=3, conversion=4)
    assert parts.scaled(scale, 0.5).total == pytest.approx(7 * 0.13913 + 5 * 0.37346 + 4 * 0.25629, rel=1e-4)
    column = scale.column(ColumnEnergy(array=1e-13, adc=2e-13, shift_add=3e-13), 0.5)
    assert (column.array, column.adc, column.shift_add) == pytest.approx((3.7346e-14, 5.1258e-14, 4.1739e-14), rel=1e-4)


def test_the_share_of_logic_is_that_of_the_table() -> None:
    """430.22 of 931.52 fJ, read by eye; a column has no converter."""
    folder = content.folder("luts")
    assert logic_share(Lut.load(folder / "sar-adc-4")) == pytest.approx(430.22 / 931.52, rel=1e-4)
    with pytest.raises(InputError, match="LUT sram-cell: no energy_logic"):
        logic_share(Lut.load(folder / "sram-cell"))
