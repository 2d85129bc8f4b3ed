"""Measured energies put into the efficiency formulas, on tables made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from luts.energies import ROWS, make_energy_lut, make_trit_energy_lut

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.lut.operation import Pins
from bitline.system.account import gain
from bitline.system.efficiency import BINARY_8, TERNARY_5
from bitline.system.ratios import measured_account, signed_array

FJ = 1e-15


def test_a_linear_energy_is_taken_at_the_mean_activity() -> None:
    """E[a + b k] = a + b n p with k ~ Binomial(n, 4/9)."""
    found = signed_array(make_trit_energy_lut(lambda k: (16 + 15 * k) * FJ))
    assert found == pytest.approx((16 + 15 * ROWS * 4 / 9) * FJ, rel=1e-12)


def test_a_table_that_does_not_span_all_activities_is_refused() -> None:
    short = make_trit_energy_lut(lambda k: k * FJ)
    table = short.tables["nominal"].sel(mac=slice(-2, 2), extra=[0])
    with pytest.raises(InputError, match=r"mac reaches 2: must reach 4"):
        signed_array(Lut("t", "ternary", {"nominal": table}, short.attrs, short.operation))


def converter(bits: int, *energies: float) -> Lut:
    lut = make_energy_lut("adc", energies, v_diff=range(len(energies)))
    assert lut.operation is not None
    table = lut.tables["nominal"].assign(t=lut.tables["nominal"]["energy_total"].assign_attrs(unit="s", doc=""))
    pins = Pins("CONVERT", "end of sampling", ("D",), "t", width=bits)
    return Lut(lut.name, "sar-adc", {"nominal": table}, {}, replace(lut.operation, pins=pins))


def test_every_column_pays_for_the_converter_of_its_own_sums() -> None:
    """Of four products: 9 sums, one clipped, are 3 bits; 5 sums, one clipped, are 2."""
    code = range(ROWS + 1)
    sram = make_energy_lut("sram", [[(10 + 4 * c) * FJ for c in code]], zeros=["mixed"], code=code)
    reram = make_energy_lut("reram", [[(50 + 8 * c) * FJ for c in code]], zeros=["mixed"], code=code)
    trits = make_trit_energy_lut(lambda k: (16 + 15 * k) * FJ)
    adcs = [converter(3, 100 * FJ, 300 * FJ), converter(2, 80 * FJ, 100 * FJ), converter(5, FJ, FJ)]
    account = measured_account(trits, sram, reram, adcs)
    assert account.sram.array == pytest.approx((10 + 4 * ROWS / 4) * FJ, rel=1e-12)
    assert account.reram.array == pytest.approx((50 + 8 * ROWS / 4) * FJ, rel=1e-12)
    for column, adc in ((account.ternary, 200), (account.sram, 90), (account.reram, 90)):
        assert column.adc == pytest.approx(adc * FJ, rel=1e-12)
    assert account.ternary.shift_add == account.sram.shift_add == pytest.approx(67.2 * FJ)
    units = {bits: make_energy_lut("unit", [bits * FJ, 3 * bits * FJ], code_seed=[1, 2]) for bits in (2, 3)}
    measured = measured_account(trits, sram, reram, adcs, units)
    assert (measured.ternary.shift_add, measured.sram.shift_add) == pytest.approx((6 * FJ, 4 * FJ))
    with pytest.raises(InputError, match="need a shift-and-add of 3 bits; given: 2"):
        measured_account(trits, sram, reram, adcs, {2: units[2]})
    lacking = "LUT sram: 5 sums, 1 clipped, need a converter of 2 bits; given: 3"
    for bits, message in (([3], lacking), ([2, 5], "a converter of 3 bits")):
        with pytest.raises(InputError, match=message):
            measured_account(trits, sram, reram, [converter(b, FJ, FJ) for b in bits])
    resident = account.replace(reuse=1e15)
    expected = account.sram.mac(BINARY_8) / account.ternary.mac(TERNARY_5)
    assert gain(resident, "sram") == pytest.approx(expected, rel=1e-9)


def test_another_kind_or_condition_is_refused() -> None:
    other, adcs = make_energy_lut("adc", [1 * FJ, 2 * FJ], v_diff=[-0.1, 0.1]), [converter(b, FJ, FJ) for b in (2, 3)]
    with pytest.raises(InputError, match="its operation adds up no products: not a column"):
        signed_array(other)
    sram = make_energy_lut("sram", [FJ] * (ROWS + 1), code=range(ROWS + 1))
    with pytest.raises(InputError, match="its products are unsigned"):
        signed_array(sram)
    with pytest.raises(InputError, match="must be of a converter"):
        measured_account(sram, sram, sram, [sram])
    with pytest.raises(InputError, match="its products are signed: must be of a column of one-bit operands"):
        measured_account(trits := make_trit_energy_lut(lambda k: (k + 1) * FJ), trits, sram, adcs)
    elsewhere = sram.tables["nominal"].assign_coords(corner=["ss"])
    slow = Lut("slow", "sram", {"nominal": elsewhere}, {}, sram.operation)
    with pytest.raises(InputError, match="LUT slow: corner = tt is not on its grid"):
        measured_account(trits, slow, sram, adcs)


def columns(**attrs: dict[str, object]) -> list[Lut]:
    """A ternary, an SRAM and a ReRAM column, with what is stated beside the tables of each."""
    code = range(ROWS + 1)
    made = [
        make_trit_energy_lut(lambda k: (16 + 15 * k) * FJ),
        make_energy_lut("sram", [[(10 + 4 * c) * FJ for c in code]], zeros=["mixed"], code=code),
        make_energy_lut("reram", [[(50 + 8 * c) * FJ for c in code]], zeros=["mixed"], code=code),
    ]
    return [replace(lut, attrs=attrs.get(lut.name, {})) for lut in made]


def test_columns_may_share_the_converter_of_the_most_sums() -> None:
    """The ternary column's 3 bits for all: what is left of the ratio is digits and array."""
    adcs = [converter(3, 200 * FJ, 200 * FJ), converter(2, 80 * FJ, 80 * FJ)]
    units = {bits: make_energy_lut("unit", [bits * FJ, bits * FJ], code_seed=[1, 2]) for bits in (2, 3)}
    account = measured_account(*columns(), adcs, units, converter="same")
    for column in (account.ternary, account.sram, account.reram):
        assert (column.adc, column.shift_add) == pytest.approx((200 * FJ, 3 * FJ))
    array = (16 + 15 * ROWS * 4 / 9, 10 + 4 * ROWS / 4)
    resident = account.replace(reuse=1e15)
    assert gain(resident, "sram") == pytest.approx(64 / 25 * (array[1] + 203) / (array[0] + 203), rel=1e-9)
    with pytest.raises(InputError, match="converter = 'equal': must be 'own' or 'same'"):
        measured_account(*columns(), adcs, units, converter="equal")  # type: ignore[arg-type]


def test_columns_that_share_a_converter_add_up_as_many_products() -> None:
    ternary, sram, reram = columns()
    assert sram.operation is not None
    assert sram.operation.products is not None
    short = sram.tables["nominal"].sel(code=range(ROWS))
    fewer = replace(
        sram,
        tables={"nominal": short},
        operation=replace(sram.operation, operands=replace(sram.operation.products, count=ROWS - 1)),
    )
    adcs = [converter(3, FJ, FJ), converter(2, FJ, FJ), converter(1, FJ, FJ)]
    message = "products per conversion: ternary 4, sram 3, reram 4: must be as many"
    with pytest.raises(InputError, match=message):
        measured_account(ternary, fewer, reram, adcs, converter="same")
    assert measured_account(ternary, fewer, reram, adcs).sram.rows == ROWS - 1


@pytest.mark.parametrize(
    ("attrs", "message"),
    [
        ({"pdk": "other"}, "LUT reram: pdk = other: must be sky130, as of LUT ternary"),
        ({"pdk": "sky130"}, "LUT reram: models = None: must be abc, as of LUT ternary"),
        ({"pdk": "sky130", "pdk_library_sha256": {"tt": "xyz"}}, "LUT reram: models = xyz: must be abc"),
    ],
)
def test_tables_of_other_models_are_refused(attrs: dict[str, object], message: str) -> None:
    same: dict[str, object] = {"pdk": "sky130", "pdk_library_sha256": {"tt": "abc"}}
    made = columns(ternary=same, sram=same, reram=attrs)
    with pytest.raises(InputError, match=message):
        measured_account(*made, [])


@pytest.mark.parametrize(("axis", "elsewhere"), [("corner", "ss"), ("vdd", 1.62), ("temperature", 125.0)])
def test_a_condition_that_is_no_axis_must_be_stated_and_be_that_of_the_others(axis: str, elsewhere: object) -> None:
    """A sweep at one corner has no axis of it: it is stated beside the tables, or it is not known."""
    units = {bits: make_energy_lut("unit", [FJ, FJ], code_seed=[1, 2]) for bits in (2, 3)}
    adcs = [converter(3, FJ, FJ), converter(2, FJ, FJ)]
    bare = units[2].tables["nominal"].squeeze(axis, drop=True)
    right = {"corner": "tt", "vdd": 1.8, "temperature": 27.0}[axis]
    for stated, value in (({axis: elsewhere}, elsewhere), ({}, None)):
        units[2] = replace(units[2], tables={"nominal": bare}, attrs={"conditions": stated})
        with pytest.raises(InputError, match=f"LUT unit: {axis} = {value}: must be {right}, as of the other tables"):
            measured_account(*columns(), adcs, units)
    units[2] = replace(units[2], attrs={"conditions": {axis: right}})
    assert measured_account(*columns(), adcs, units).sram.shift_add == pytest.approx(FJ)


def test_other_operands_than_uniform_digits_are_refused() -> None:
    adcs = [converter(3, FJ, FJ), converter(2, FJ, FJ)]
    for place, message in (
        (0, "LUT ternary: its products are .1 with probability 0.1, -1 with 0.222222: must be 0.222222 each"),
        (1, "LUT sram: its products are 1 with probability 0.1: must be 0.25, of uniform bits"),
        (2, "LUT reram: its products are 1 with probability 0.1"),
    ):
        made = columns()
        operation = made[place].operation
        assert operation is not None
        assert operation.products is not None
        sparse = replace(operation, operands=replace(operation.products, plus=0.1))
        made[place] = replace(made[place], operation=sparse)
        with pytest.raises(InputError, match=message):
            measured_account(*made, adcs)
