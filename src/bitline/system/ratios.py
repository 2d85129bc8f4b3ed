"""Ratios: what the LUTs of three columns and of converters say of efficiency, on the same terms.

    account = measured_account(ternary, sram, reram, converters, shift_adds={5: five_bits, 4: four_bits})
    gain(account, "sram")

Array energies are means over the operands that the tables state (uniform random digits). Two views are fair:

- **own** (default): each column pays for the converter that its own sums need, one circuit measured with the bits that
  tell them apart, and for a shift-and-add of codes so wide;
- **same**: as many products go through a conversion in every column, and every conversion is that of the column with
  the most sums. What is left of the ratio is digits and array.

An energy says nothing beside one of other models, another supply or other operands: tables that differ in these are
refused, by name. Without a measured shift-and-add it is the transcribed one of 28 nm, 67 fJ
beside columns of another process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, get_args

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.lut.operation import UNIFORM_BITS, UNIFORM_TRITS, Choices
from bitline.lut.place import place_of
from bitline.system.account import Account
from bitline.system.efficiency import CLIPPED, ColumnEnergy, converter_bits
from bitline.system.measured_operation import Condition, MeasuredOperation, measured_operation
from bitline.system.products import products_of, sums_of

Converter = Literal["own", "same"]
"""Which converter a column pays for: that of its own sums, or that of the column with the most."""

# The nominal one, at which every shipped column and the converter were measured.
CONDITION: Condition = {"corner": "tt", "vdd": 1.8, "temperature": 27.0}


def measured_account(
    ternary: Lut,
    sram: Lut,
    reram: Lut,
    converters: Sequence[Lut],
    shift_adds: Mapping[int, Lut] | None = None,
    *,
    converter: Converter = "own",
) -> Account:
    """Return the system account with measured columns, at tt, 1.8 V, 27 degC.

    Parameters
    ----------
    ternary : Lut
        Of a column that adds up signed products.
    sram, reram : Lut
        Of columns that add up unsigned products, in the part of either baseline.
    converters : sequence of Lut
        Of converters, one for each number of bits that the columns need (`converter_bits`).
    shift_adds : mapping of int to Lut, optional
        Of shift-and-add units, one an operation, by the bits of their codes; by default the transcribed one of 28 nm.
    converter : {"own", "same"}
        Whether each column pays for the converter and the shift-and-add of its own sums, or for those of the column
        with the most sums.

    Raises
    ------
    InputError
        If a LUT describes something else, was measured with other models, at another condition or with other operands
        than uniform digits, no converter or shift-and-add has the bits of a column, or columns that are to share a
        converter add up different numbers of products.
    """
    if converter not in get_args(Converter):
        raise InputError(f"converter = {converter!r}: must be 'own' or 'same'")
    columns = (ternary, sram, reram)
    units = dict(shift_adds or {})
    check_same_models([*columns, *converters, *units.values()])
    conversions = {_bits(adc): at_condition(adc).mean_energy() for adc in converters}
    additions = {bits: at_condition(unit).mean_energy() for bits, unit in units.items()}
    arrays = (signed_array(ternary), one_bit_array(sram), one_bit_array(reram))
    widest = columns
    if converter == "same":
        _same_count(columns)
        widest = (max(columns, key=lambda lut: sums_of(products_of(lut))),) * 3
    energies = [
        ColumnEnergy(
            array=array,
            adc=_of_its_bits(pays, conversions, "a converter"),
            # Without measured units the shift-and-add is the transcribed one, the same for every column.
            shift_add=_of_its_bits(pays, additions, "a shift-and-add") if units else ColumnEnergy().shift_add,
            rows=products_of(column).count,
            weight_levels=levels,
            input_levels=levels,
        )
        for column, array, pays, levels in zip(columns, arrays, widest, (3, 2, 2), strict=True)
    ]
    return Account(ternary=energies[0], sram=energies[1], reram=energies[2])


def signed_array(lut: Lut) -> float:
    """Return the mean energy [J] of a cycle of a column that adds up signed products of uniform trits."""
    products = products_of(lut)
    if not products.signed:
        raise InputError(f"LUT {lut.name}: its products are unsigned: must be of a column with products of -1")
    if (products.plus, products.minus) != (UNIFORM_TRITS, UNIFORM_TRITS):
        raise InputError(
            f"LUT {lut.name}: its products are +1 with probability {products.plus:g}, -1 with {products.minus:g}: "
            f"must be {UNIFORM_TRITS:g} each, of uniform trits"
        )
    return at_condition(lut).mean_energy()


def one_bit_array(lut: Lut) -> float:
    """Return the mean energy [J] of a cycle of a column that adds up products of uniform bits."""
    products = products_of(lut)
    if products.signed:
        raise InputError(f"LUT {lut.name}: its products are signed: must be of a column of one-bit operands")
    if products.plus != UNIFORM_BITS:
        raise InputError(
            f"LUT {lut.name}: its products are 1 with probability {products.plus:g}: must be {UNIFORM_BITS:g}, "
            "of uniform bits"
        )
    return at_condition(lut).mean_energy()


def logic_share(converter: Lut) -> float:
    """Return the share of its logic in the mean energy of a conversion, at the condition that all tables share.

    Raises
    ------
    InputError
        As `at_condition`, or if the table does not tell its logic apart.
    """
    operation = converter.operation
    if operation is None or "energy_logic" not in converter.tables[operation.table]:
        raise InputError(f"LUT {converter.name}: no energy_logic in the table of its operation: must be of a converter")
    logic = replace(operation, energy=replace(operation.energy, variable="energy_logic"))
    return at_condition(replace(converter, operation=logic)).mean_energy() / at_condition(converter).mean_energy()


def at_condition(lut: Lut, condition: Condition = CONDITION) -> MeasuredOperation:
    """Return the operation at a condition, by default the one that all tables share; never between measured ones.

    Raises
    ------
    InputError
        If the table was measured elsewhere, or does not say where.
    """
    operation = measured_operation(lut)
    grids = {axis: operation.grids[axis] for axis in operation.condition_axes}
    return measured_operation(lut, place_of(lut, grids, condition))


def check_same_models(luts: Sequence[Lut]) -> None:
    """Refuse tables of another process, or of other model files of it."""
    first = luts[0]
    for lut in luts[1:]:
        for name, value, expected in (
            ("pdk", lut.attrs.get("pdk"), first.attrs.get("pdk")),
            ("models", _models(lut), _models(first)),
        ):
            if value != expected:
                raise InputError(f"LUT {lut.name}: {name} = {value}: must be {expected}, as of LUT {first.name}")


def _models(lut: Lut) -> str | None:
    """Return the hash of the library at the corner that is compared."""
    hashes: Mapping[str, str] = lut.attrs.get("pdk_library_sha256", {})
    return hashes.get(str(CONDITION["corner"]))


def _same_count(columns: Sequence[Lut]) -> None:
    counts = {lut.name: products_of(lut).count for lut in columns}
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"{name} {count}" for name, count in counts.items())
        raise InputError(f"products per conversion: {listed}: must be as many in columns that share a converter")


def _bits(adc: Lut) -> int:
    """Return the resolution of a converter."""
    operation = adc.operation
    if operation is None or not isinstance(operation.operands, Choices) or operation.pins is None:
        raise InputError(f"LUT {adc.name}: must be of a converter, whose operands are its inputs")
    return operation.pins.width


def _of_its_bits(column: Lut, energies: Mapping[int, float], what: str) -> float:
    """Return the energy [J] of what a column's sums need, neither more nor less."""
    sums = sums_of(products_of(column))
    bits = converter_bits(sums)
    if bits not in energies:
        have = ", ".join(map(str, sorted(energies)))
        raise InputError(
            f"LUT {column.name}: {sums} sums, {CLIPPED} clipped, need {what} of {bits} bits; given: {have}"
        )
    return energies[bits]
