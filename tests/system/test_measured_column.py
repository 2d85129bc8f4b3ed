from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from luts.changes import changed
from luts.column import make_column_lut, transfer
from luts.linear_ternary import EXTRAS_OF_THREE, THREE_ROWS, make_three_row_lut

from bitline.errors import InputError, OutsideGridError, UnknownNameError
from bitline.lut.lut import Lut
from bitline.lut.operation import Products
from bitline.system.measured_column import measured_column
from bitline.system.measured_operation import measured_operation


def test_an_unsigned_column_by_hand() -> None:
    found = measured_column(make_column_lut())
    step = (transfer(0, "tt", 1.8, 27) - transfer(16, "tt", 1.8, 27)) / 16
    codes = np.arange(17)
    assert found.codes.tolist() == codes.tolist()
    assert (found.rows, found.signed) == (16, False)
    assert found.lsb == pytest.approx(-step, rel=1e-12)
    assert found.offset == pytest.approx(1.8 + 0.1e-3, rel=1e-12)
    assert found.mean == pytest.approx((1.8 - transfer(codes, "tt", 1.8, 27)) / step, rel=1e-9, abs=1e-12)
    assert found.static == pytest.approx(np.sqrt(0.2e-3**2 + codes * 1e-3**2) / step, rel=1e-9)
    assert found.temporal == pytest.approx(np.full(17, math.sqrt(1.380649e-23 * 300.15 / 20e-15) / step), rel=1e-9)
    assert found.condition == {"corner": "tt", "vdd": 1.8, "temperature": 27.0}
    assert found.energy == pytest.approx(
        20e-15 * 1.8 * (1.8 - transfer(codes, "tt", 1.8, 27)) + (6e-15 + 2e-15 * codes) * 1.8**2, rel=1e-12
    )


@pytest.mark.parametrize("extra", EXTRAS_OF_THREE)
def test_a_signed_column_has_its_line_through_both_ends(extra: int) -> None:
    found = measured_column(make_three_row_lut(), {"extra": extra})
    mac = np.arange(-THREE_ROWS, THREE_ROWS + 1)
    assert (found.rows, found.signed) == (THREE_ROWS, True)
    assert found.lsb == pytest.approx(10e-3, rel=1e-12)
    assert found.offset == pytest.approx(0.5e-3, rel=1e-9)
    assert found.mean == pytest.approx(mac, abs=1e-12)
    active = np.abs(mac) + 2 * extra
    assert found.static == pytest.approx(0.1 * np.sqrt(1 + active), rel=1e-12)
    assert found.temporal == pytest.approx(np.sqrt(0.03**2 + active * 0.02**2), rel=1e-12)
    assert found.energy == pytest.approx(1e-15 * (active + 1), rel=1e-12)


def test_pairs_are_averaged_unless_asked() -> None:
    assert measured_column(make_three_row_lut()).condition == {"extra": "averaged"}
    assert measured_column(make_three_row_lut(), {"extra": 0}).condition == {"extra": 0}


def test_the_energy_of_a_sum_is_the_mean_over_its_pairs() -> None:
    column = measured_column(make_three_row_lut())
    # by hand, three products +1, -1 or 0: a sum of 1 is one +1, or two +1 and one -1; the energy is linear in activity
    plus, none = 2 / 9, 5 / 9
    alone, beside_a_pair = 3 * plus * none**2, 3 * plus**3
    expected = (2 * alone + 4 * beside_a_pair) / (alone + beside_a_pair) * 1e-15
    assert column.energy[THREE_ROWS + 1] == pytest.approx(expected, rel=1e-12)
    assert column.energy[2 * THREE_ROWS] == pytest.approx(4e-15, rel=1e-12)
    assert column.mean_energy == pytest.approx(measured_operation(make_three_row_lut()).mean_energy(), rel=1e-12)
    assert column.mean_energy == pytest.approx((1 + 3 * 4 / 9) * 1e-15, rel=1e-12)


def test_a_signed_column_whose_table_does_not_tell_pairs_apart() -> None:
    """Energy and noise over the sum alone: pairs are in them as the operands make them."""
    lut = make_three_row_lut()
    assert lut.operation is not None
    products = Products("mac", THREE_ROWS, plus=0.3, minus=0.1)
    tables = {
        name: table.isel(extra=0, drop=True) if "extra" in table.dims else table for name, table in lut.tables.items()
    }
    plain = Lut("plain", "lab-signed", tables, {}, replace(lut.operation, operands=products))
    column = measured_column(plain)
    # by hand: a sum of 1 of three products is one +1 with two 0, or two +1 with one -1
    alone, beside_a_pair = 3 * 0.3 * 0.6**2, 3 * 0.3**2 * 0.1
    active = (alone + 3 * beside_a_pair) / (alone + beside_a_pair)
    assert column.temporal[THREE_ROWS + 1] == pytest.approx(math.sqrt(0.03**2 + active * 0.02**2), rel=1e-12)
    assert column.energy == pytest.approx(1e-15 * (np.abs(column.codes) + 1), rel=1e-12)
    operation = measured_operation(plain)
    assert operation.mean_energy() == pytest.approx(column.mean_energy, rel=1e-12)
    always = measured_operation(plain, activity=1.0).mean_energy()  # +1 with 3/4, -1 with 1/4: sums of 3, 1, -1, -3
    assert always == pytest.approx(1e-15 * (4 * 28 / 64 + 2 * 36 / 64), rel=1e-12)


def test_a_column_sampled_at_fewer_sums_than_it_has_is_refused() -> None:
    lut = make_column_lut()
    half = lut.tables["mismatch"].isel(code=slice(None, 9))
    with pytest.raises(InputError, match=r"codes are 0\.\.8 in 9 points; must be all of .*, for n = 16 products"):
        measured_column(changed(lut, mismatch=half))


@pytest.mark.parametrize("codes", [[0, 8, 16], [0, 3, 5, 16]])
def test_between_sampled_sums_the_line_is_the_nominal_one_and_the_variance_a_parabola(codes: list[int]) -> None:
    """Chips of independent rows: their variance is a straight line over the sum, so that few sums tell all."""
    lut = make_column_lut()
    few = measured_column(changed(lut, mismatch=lut.tables["mismatch"].sel(code=codes)))
    every = measured_column(lut)
    assert few.codes.tolist() == every.codes.tolist()
    for name in ("mean", "static", "temporal"):
        assert getattr(few, name) == pytest.approx(getattr(every, name), rel=1e-9, abs=1e-9), name


def test_what_is_missing_or_wrong_is_named() -> None:
    lut = make_column_lut()
    with pytest.raises(InputError, match="has no table 'noise'"):
        measured_column(changed(lut, noise=None))
    with pytest.raises(InputError, match="condition names code: every code is written"):
        measured_column(lut, {"code": 3})
    with pytest.raises(UnknownNameError, match=r"unknown axis 'temp' \(known: "):
        measured_column(lut, {"temp": 27})
    with pytest.raises(OutsideGridError, match=r"vdd = 1\.7: outside the grid"):
        measured_column(lut, {"vdd": 1.7})
    with pytest.raises(InputError, match=r"codes are 0\.\.16 in 2 points; must be all of 0\.\.n or -n\.\.n"):
        measured_column(changed(lut, mismatch=lut.tables["mismatch"].sel(code=[0, 16])))
    with pytest.raises(InputError, match=r"codes are 1\.\.16 in 16 points"):
        measured_column(changed(lut, mismatch=lut.tables["mismatch"].isel(code=slice(1, None))))
    with pytest.raises(InputError, match="operation: table = nominal: must be one of its tables"):
        replace(lut, tables={name: lut.tables[name] for name in lut.tables if name != "nominal"})
    with pytest.raises(InputError, match="its operation adds up no products: not a column"):
        measured_column(Lut(lut.name, lut.kind, lut.tables, lut.attrs))
    flat = lut.tables["mismatch"].assign(v_mean=lut.tables["mismatch"]["v_mean"] * 0 + 1.0)
    flat["v_mean"].attrs = lut.tables["mismatch"]["v_mean"].attrs
    with pytest.raises(InputError, match="does not move with the code"):
        measured_column(changed(lut, mismatch=flat))
    no_code = lut.tables["mismatch"].isel(code=0, drop=True)
    with pytest.raises(InputError, match="table mismatch has no axis 'code'"):
        measured_column(changed(lut, mismatch=no_code))
