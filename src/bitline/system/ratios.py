"""Ratios: what the LUTs of three columns and of converters say of efficiency, on the same terms.

    account = measured_account(ternary, sram, reram, converters, shift_adds={5: five_bits, 4: four_bits})
    gain(account, "sram")

Array energies are means over the operands that the tables state (uniform random digits). **Each column pays for the
converter that its own sums need**: one circuit, measured with the bits that tell them apart, and for a shift-and-add of
codes so wide. Without measured ones it is the transcribed one of 28 nm, 67 fJ beside columns of another process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.lut.operation import Choices
from bitline.system.account import Account
from bitline.system.efficiency import CLIPPED, ColumnEnergy, converter_bits
from bitline.system.measured_operation import Condition, MeasuredOperation, measured_operation
from bitline.system.products import products_of, sums_of

# The nominal one, at which every shipped column and the converter were measured.
_CONDITION: Condition = {"corner": "tt", "vdd": 1.8, "temperature": 27.0}


def measured_account(
    ternary: Lut,
    sram: Lut,
    reram: Lut,
    converters: Sequence[Lut],
    shift_adds: Mapping[int, Lut] | None = None,
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

    Raises
    ------
    InputError
        If a LUT describes something else, lacks the condition, or no converter or shift-and-add has the bits of a
        column.
    """
    conversions = {_bits(adc): _at_condition(adc).mean_energy() for adc in converters}
    additions = None
    if shift_adds is not None:
        additions = {bits: _at_condition(unit).mean_energy() for bits, unit in shift_adds.items()}
    adc, shift_add = _digital(ternary, conversions, additions)
    signed = ColumnEnergy(array=signed_array(ternary), adc=adc, shift_add=shift_add)
    return Account(
        ternary=signed,
        sram=_one_bit(sram, conversions, additions),
        reram=_one_bit(reram, conversions, additions),
    )


def _bits(adc: Lut) -> int:
    """Return the resolution of a converter."""
    operation = adc.operation
    if operation is None or not isinstance(operation.operands, Choices) or operation.pins is None:
        raise InputError(f"LUT {adc.name}: must be of a converter, whose operands are its inputs")
    return operation.pins.width


def _digital(
    column: Lut, conversions: Mapping[int, float], additions: Mapping[int, float] | None
) -> tuple[float, float]:
    """Return the energies [J] of converter and shift-and-add that a column needs, neither more nor less."""
    adc = _of_its_bits(column, conversions, "a converter")
    if additions is None:
        return adc, ColumnEnergy().shift_add
    return adc, _of_its_bits(column, additions, "a shift-and-add")


def _of_its_bits(column: Lut, energies: Mapping[int, float], what: str) -> float:
    sums = sums_of(products_of(column))
    bits = converter_bits(sums)
    if bits not in energies:
        have = ", ".join(map(str, sorted(energies)))
        raise InputError(
            f"LUT {column.name}: {sums} sums, {CLIPPED} clipped, need {what} of {bits} bits; given: {have}"
        )
    return energies[bits]


def signed_array(lut: Lut) -> float:
    """Return the mean energy [J] of a cycle of a column that adds up signed products."""
    if not products_of(lut).signed:
        raise InputError(f"LUT {lut.name}: its products are unsigned: must be of a column with products of -1")
    return _at_condition(lut).mean_energy()


def _one_bit(lut: Lut, conversions: Mapping[int, float], additions: Mapping[int, float] | None) -> ColumnEnergy:
    """Return the energies of a column of one-bit weights and inputs."""
    products = products_of(lut)
    if products.signed:
        raise InputError(f"LUT {lut.name}: its products are signed: must be of a column of one-bit operands")
    array = _at_condition(lut).mean_energy()
    adc, shift_add = _digital(lut, conversions, additions)
    return ColumnEnergy(array=array, adc=adc, shift_add=shift_add, rows=products.count, weight_levels=2, input_levels=2)


def _at_condition(lut: Lut) -> MeasuredOperation:
    """Return the operation at the condition that all columns share; never between measured ones."""
    operation = measured_operation(lut)
    at = {axis: value for axis, value in _CONDITION.items() if axis in operation.condition_axes}
    # A ratio of an interpolated and a measured energy would compare methods, not circuits.
    for axis, value in at.items():
        if value not in operation.grids[axis].tolist():
            raise InputError(f"LUT {lut.name}: {axis} = {value} is not on its grid")
    return measured_operation(lut, at)
