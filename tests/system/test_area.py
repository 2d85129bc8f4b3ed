"""Densities against the figures that circuits.md derives, and by hand."""

from __future__ import annotations

import pytest

from bitline.errors import InputError
from bitline.system.area import SITE_28NM, TRITS_28NM, AreaModel, density, reference_28nm

MB_PER_MM2 = 1e12


def test_the_28_nm_macro_and_the_reference_it_beats() -> None:
    assert density(TRITS_28NM, SITE_28NM) / MB_PER_MM2 == pytest.approx(59.9, abs=0.05)
    assert reference_28nm() / MB_PER_MM2 == pytest.approx(7.7, abs=0.05)
    assert AreaModel().branch == pytest.approx(SITE_28NM / TRITS_28NM, rel=0.002)


def test_a_site_by_hand() -> None:
    model = AreaModel()
    cell = 1.20 * 1.58
    assert model.cell * 1e12 == pytest.approx(1.1 * cell)
    # two cells and, for four clusters, 16 transistors of a sixth of a cell each
    silicon = 2.2 * cell + 16 * cell / 6
    assert model.site(60, 4) * 1e12 == pytest.approx(silicon)
    assert model.density(60, 4) / MB_PER_MM2 == pytest.approx(240 * 1.584963 / silicon, rel=1e-6)


def test_clusters_larger_than_the_silicon_set_the_area() -> None:
    model = AreaModel(branch=0.1e-12)
    assert model.site(128, 4) == pytest.approx(512 * 0.1e-12)
    # from there on more trits do not make it denser
    assert model.density(128, 4) == pytest.approx(model.density(120, 4))
    assert model.density(128, 4) == pytest.approx(1.584963 / 0.1e-12, rel=1e-6)


def test_ratios_to_stated_references() -> None:
    model = AreaModel()
    assert model.reference_sram() / MB_PER_MM2 == pytest.approx(1.584963 / (2.2 * 1.896), rel=1e-6)
    # one ReRAM per trit is less dense than the SRAM alone, by its four switch transistors
    assert model.reference_single() / model.reference_sram() == pytest.approx(2.2 / (2.2 + 4 / 6))


def test_an_area_below_zero_is_refused() -> None:
    with pytest.raises(InputError, match="branch"):
        AreaModel(branch=-1e-12)
