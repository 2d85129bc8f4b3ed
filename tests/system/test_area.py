"""Densities against the figures that circuits.md derives, and by hand."""

from __future__ import annotations

import pytest

from bitline.circuits.row_rails import RowRails
from bitline.circuits.ternary_column import TernaryColumn
from bitline.errors import InputError
from bitline.system.area import (
    LAYOUT_RULE,
    RAIL_TRITS,
    RAIL_WIDTH,
    SITE_28NM,
    STACK_LENGTHS,
    SWITCH_AREA,
    TRITS_28NM,
    AreaModel,
    density,
    reference_28nm,
)

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


def test_the_half_rail_trit_by_layout_rule_by_hand() -> None:
    """Two cells of 1.2 x 1.58 um with a tenth more, 16 switches of 0.43 x 0.89 um, 30 um of drivers for 160 trits."""
    switch = 0.43 * 0.89
    assert pytest.approx(switch) == SWITCH_AREA * 1e12
    # of 0.42/0.6 and 0.42/1.2 um, 0.21 um apart, with a contact between two rows
    stack = (0.6 + 1.2 + 0.21 + 0.28) * (0.42 + 0.27)
    silicon = 2.2 * 1.20 * 1.58 + 16 * switch + 30 * 0.43 / 160 + 4 * stack
    assert LAYOUT_RULE.silicon(4) * 1e12 == pytest.approx(silicon)
    # above the cell's own lines a cross-point takes 0.6 x 0.6 um, which is what decides
    assert LAYOUT_RULE.site(60, 4) * 1e12 == pytest.approx(240 * 0.36)
    assert LAYOUT_RULE.density(60, 4) / MB_PER_MM2 == pytest.approx(1.584963 / 0.36, rel=1e-6)


def test_rails_and_stacks_are_those_of_the_simulated_circuits() -> None:
    row = RowRails()
    assert row.w_up + row.w_down + row.w_start + 2 * row.w_reference == pytest.approx(RAIL_WIDTH)
    assert row.trits == RAIL_TRITS
    column = TernaryColumn()
    assert (column.l_input, column.l_bit, column.w_stack) == (*STACK_LENGTHS, 0.42e-6)


def test_references_by_hand() -> None:
    model = AreaModel(branch=0.1e-12)
    assert model.reference_6t() / MB_PER_MM2 == pytest.approx(1 / 1.896)
    assert model.reference_8t2r() / MB_PER_MM2 == pytest.approx(1 / (1.896 * 4 / 3))
    # 240 bits in 24 um2 of cross-points, and 4 bits over 1.1 + 8/6 cells
    assert model.reference_binary(60, 4) / MB_PER_MM2 == pytest.approx(10)
    assert model.reference_binary(1, 4) / MB_PER_MM2 == pytest.approx(4 / (1.896 * (1.1 + 8 / 6)))


def test_three_levels_gain_log2_of_3_where_the_cross_points_decide() -> None:
    assert LAYOUT_RULE.density(60, 4) / LAYOUT_RULE.reference_binary(60, 4) == pytest.approx(1.584963, rel=1e-6)


def test_an_area_below_zero_is_refused() -> None:
    with pytest.raises(InputError, match="branch"):
        AreaModel(branch=-1e-12)
