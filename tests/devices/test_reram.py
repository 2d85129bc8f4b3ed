"""ReRAM parameters: levels, thresholds, and the filament's static equations against numbers worked by hand."""

from __future__ import annotations

import math

import pytest

from bitline.devices.reram import LEVELS, TRITS, Filament, ReRam
from bitline.errors import InputError


def test_levels_in_order_and_the_trits_they_stand_for() -> None:
    reram = ReRam()
    assert [reram.resistance(level) for level in LEVELS] == [80e3, 280e3, 1e6]
    assert [TRITS[level] for level in LEVELS] == [1, 0, -1]
    assert reram.thresholds == (pytest.approx(149.67e3, rel=1e-4), pytest.approx(529.15e3, rel=1e-4))


def test_spread_of_a_level_and_read_noise_add_in_squares() -> None:
    reram = ReRam(sigma_lnr=0.2, spread_mrs=1.5, read_noise=0.4)
    assert reram.sigma("mrs") == pytest.approx(0.5)
    assert reram.sigma("lrs") == pytest.approx(math.sqrt(0.2**2 + 0.4**2))


def test_levels_out_of_order_are_refused() -> None:
    with pytest.raises(InputError, match="r_lrs < r_mrs < r_hrs: 80000, 50000, 1e"):
        ReRam(r_mrs=50e3)


def test_a_filament_conducts_as_published() -> None:
    """10 k and 3.4 M at 0.1 V where it is thickest and thinnest; both from the published constants by hand."""
    model = Filament()
    sinh = math.sinh(0.1 / 0.43)
    assert model.resistance(4.9e-9) == pytest.approx(0.1 / (61.4e-6 * math.exp(-0.1 / 0.2751) * sinh), rel=1e-9)
    assert model.resistance(4.9e-9) == pytest.approx(10e3, rel=0.01)
    assert model.resistance(3.3e-9) == pytest.approx(3.4e6, rel=0.02)
    assert model.resistance(4.0e-9, 1.0) < model.resistance(4.0e-9, 0.1)


@pytest.mark.parametrize("ohms", [10.1e3, 80e3, 280e3, 1e6, 3.3e6])
def test_thickness_is_the_inverse_of_resistance(ohms: float) -> None:
    model = Filament()
    thickness = model.thickness(ohms)
    assert model.t_min < thickness < model.t_max
    assert model.resistance(thickness) == pytest.approx(ohms, rel=1e-9)


def test_growth_that_divides_the_resistance_by_e() -> None:
    model = Filament()
    assert model.nm_per_e == pytest.approx(0.2751)
    ratio = model.resistance(4.0e-9) / model.resistance(4.0e-9 + 1e-9 * model.nm_per_e)
    assert ratio == pytest.approx(math.e, rel=1e-9)


@pytest.mark.parametrize("ohms", [9e3, 4e6])
def test_a_resistance_no_filament_has_is_refused(ohms: float) -> None:
    with pytest.raises(InputError, match=r"Ohm at 0\.1 V: allowed is 9\.98e\+03 to 3\.35e\+06"):
        Filament().thickness(ohms)


@pytest.mark.parametrize("wrong", [{"t_min": 4.95e-9}, {"t_max": 5e-9}, {"t_ref": 5.1e-9}])
def test_thicknesses_out_of_order_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match="t_min < t_max < t_ox"):
        Filament(**wrong)
