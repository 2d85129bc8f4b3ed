from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from synthetic import make_acim_lut, transfer

from bitline.errors import InputError, OutsideGridError, UnknownNameError
from bitline.lut.lut import Lut
from bitline.lut.operation import Energy, Operation, Products, uniform_trits
from bitline.system.measured_column import measured_column
from bitline.system.measured_operation import measured_operation

ROWS, EXTRAS = 3, (0, 1)


def changed(lut: Lut, **tables: xr.Dataset | None) -> Lut:
    kept = {name: table for name, table in {**lut.tables, **tables}.items() if table is not None}
    return Lut(lut.name, lut.kind, kept, lut.attrs, lut.operation)


def ternary() -> Lut:
    """Return a signed column: 10 mV a step and 0.5 mV at 0; each unlike number is another value."""
    mac = np.arange(-ROWS, ROWS + 1)
    extra = np.array(EXTRAS)[:, None]
    axes = {"extra": ("extra", list(EXTRAS), about("1")), "mac": ("mac", mac, about("1"))}
    mean = 10e-3 * mac + 0.5e-3 + 0 * extra
    sigma = 1e-3 * np.sqrt(1 + np.abs(mac) + 2 * extra)
    energy = 1e-15 * (np.abs(mac) + 2 * extra + 1)
    tables = {
        "mismatch": dataset(axes, v_mean=(mean, "V"), v_sigma=(sigma, "V")),
        "nominal": dataset(axes, energy_total=(energy, "J")),
        "noise": xr.Dataset({"v_thermal": ((), 0.3e-3, about("V")), "v_discharge": ((), 0.2e-3, about("V"))}),
    }
    products = uniform_trits("mac", ROWS, pairs="extra", output="v_diff")
    energy = Energy("energy_total", "one cycle", (), (), "made up")
    return Lut("made", "lab-ternary", tables, {}, Operation("one MAC cycle", energy, products))


def dataset(axes: dict[str, Any], **variables: Any) -> xr.Dataset:
    return xr.Dataset({n: (tuple(axes), v, about(unit)) for n, (v, unit) in variables.items()}, axes)


def about(unit: str) -> dict[str, str]:
    return {"unit": unit, "doc": "made up"}


def test_an_unsigned_column_by_hand() -> None:
    found = measured_column(make_acim_lut())
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


@pytest.mark.parametrize("extra", EXTRAS)
def test_a_signed_column_has_its_line_through_both_ends(extra: int) -> None:
    found = measured_column(ternary(), {"extra": extra})
    mac = np.arange(-ROWS, ROWS + 1)
    assert (found.rows, found.signed) == (ROWS, True)
    assert found.lsb == pytest.approx(10e-3, rel=1e-12)
    assert found.offset == pytest.approx(0.5e-3, rel=1e-9)
    assert found.mean == pytest.approx(mac, abs=1e-12)
    active = np.abs(mac) + 2 * extra
    assert found.static == pytest.approx(0.1 * np.sqrt(1 + active), rel=1e-12)
    assert found.temporal == pytest.approx(np.sqrt(0.03**2 + active * 0.02**2), rel=1e-12)
    assert found.energy == pytest.approx(1e-15 * (active + 1), rel=1e-12)


def test_pairs_are_averaged_unless_asked() -> None:
    assert measured_column(ternary()).condition == {"extra": "averaged"}
    assert measured_column(ternary(), {"extra": 0}).condition == {"extra": 0}


def test_the_energy_of_a_sum_is_the_mean_over_its_pairs() -> None:
    column = measured_column(ternary())
    # by hand, three products +1, -1 or 0: a sum of 1 is one +1, or two +1 and one -1; the energy is linear in activity
    plus, none = 2 / 9, 5 / 9
    alone, beside_a_pair = 3 * plus * none**2, 3 * plus**3
    expected = (2 * alone + 4 * beside_a_pair) / (alone + beside_a_pair) * 1e-15
    assert column.energy[ROWS + 1] == pytest.approx(expected, rel=1e-12)
    assert column.energy[2 * ROWS] == pytest.approx(4e-15, rel=1e-12)
    assert column.mean_energy == pytest.approx(measured_operation(ternary()).mean_energy(), rel=1e-12)
    assert column.mean_energy == pytest.approx((1 + 3 * 4 / 9) * 1e-15, rel=1e-12)


def test_a_signed_column_whose_table_does_not_tell_pairs_apart() -> None:
    """Energy and noise over the sum alone: pairs are in them as the operands make them."""
    lut = ternary()
    assert lut.operation is not None
    products = Products("mac", ROWS, plus=0.3, minus=0.1)
    tables = {
        name: table.isel(extra=0, drop=True) if "extra" in table.dims else table for name, table in lut.tables.items()
    }
    plain = Lut("plain", "lab-signed", tables, {}, replace(lut.operation, operands=products))
    column = measured_column(plain)
    # by hand: a sum of 1 of three products is one +1 with two 0, or two +1 with one -1
    alone, beside_a_pair = 3 * 0.3 * 0.6**2, 3 * 0.3**2 * 0.1
    active = (alone + 3 * beside_a_pair) / (alone + beside_a_pair)
    assert column.temporal[ROWS + 1] == pytest.approx(math.sqrt(0.03**2 + active * 0.02**2), rel=1e-12)
    assert column.energy == pytest.approx(1e-15 * (np.abs(column.codes) + 1), rel=1e-12)
    operation = measured_operation(plain)
    assert operation.mean_energy() == pytest.approx(column.mean_energy, rel=1e-12)
    always = measured_operation(plain, activity=1.0).mean_energy()  # +1 with 3/4, -1 with 1/4: sums of 3, 1, -1, -3
    assert always == pytest.approx(1e-15 * (4 * 28 / 64 + 2 * 36 / 64), rel=1e-12)


def test_a_column_sampled_at_fewer_sums_than_it_has_is_refused() -> None:
    lut = make_acim_lut()
    half = lut.tables["mismatch"].isel(code=slice(None, 9))
    with pytest.raises(InputError, match=r"codes are 0\.\.8 in 9 points; must be all of .*, for n = 16 products"):
        measured_column(changed(lut, mismatch=half))


def test_what_is_missing_or_wrong_is_named() -> None:
    lut = make_acim_lut()
    with pytest.raises(InputError, match="has no table 'noise'"):
        measured_column(changed(lut, noise=None))
    with pytest.raises(InputError, match="condition names code: every code is written"):
        measured_column(lut, {"code": 3})
    with pytest.raises(UnknownNameError, match=r"unknown axis 'temp' \(known: "):
        measured_column(lut, {"temp": 27})
    with pytest.raises(OutsideGridError, match=r"vdd = 1\.7: outside the grid"):
        measured_column(lut, {"vdd": 1.7})
    with pytest.raises(InputError, match=r"codes are 0\.\.16 in 9 points; must be all of 0\.\.n or -n\.\.n"):
        measured_column(changed(lut, mismatch=lut.tables["mismatch"].isel(code=slice(None, None, 2))))
    with pytest.raises(InputError, match=r"codes are 1\.\.16 in 16 points"):
        measured_column(changed(lut, mismatch=lut.tables["mismatch"].isel(code=slice(1, None))))
    with pytest.raises(InputError, match="operation: table = nominal: must be one of its tables"):
        changed(lut, nominal=None)
    with pytest.raises(InputError, match="its operation adds up no products: not a column"):
        measured_column(Lut(lut.name, lut.kind, lut.tables, lut.attrs))
    flat = lut.tables["mismatch"].assign(v_mean=lut.tables["mismatch"]["v_mean"] * 0 + 1.0)
    flat["v_mean"].attrs = lut.tables["mismatch"]["v_mean"].attrs
    with pytest.raises(InputError, match="does not move with the code"):
        measured_column(changed(lut, mismatch=flat))
    no_code = lut.tables["mismatch"].isel(code=0, drop=True)
    with pytest.raises(InputError, match="table mismatch has no axis 'code'"):
        measured_column(changed(lut, mismatch=no_code))
