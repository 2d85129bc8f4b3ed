"""Ratios: what the LUTs of three columns and of their converter say of efficiency, on the same terms.

    account = measured_account(ternary, sram, reram, adc)
    gain(account, "sram")

Array energies are means over the operands that the tables state (uniform random digits), conversions are the same for
all three columns (one circuit measured once), and the shift-and-add, which is not simulated, is the transcribed one.
"""

from __future__ import annotations

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.lut.operation import Choices
from bitline.system.account import Account
from bitline.system.efficiency import ColumnEnergy
from bitline.system.measured_operation import Condition, MeasuredOperation, measured_operation
from bitline.system.products import products_of

# The nominal one, at which every shipped column and the converter were measured.
_CONDITION: Condition = {"corner": "tt", "vdd": 1.8, "temperature": 27.0}


def measured_account(ternary: Lut, sram: Lut, reram: Lut, adc: Lut) -> Account:
    """Return the system account with measured columns, at tt, 1.8 V, 27 degC.

    Parameters
    ----------
    ternary : Lut
        Of a column that adds up signed products.
    sram, reram : Lut
        Of columns that add up unsigned products, in the part of either baseline.
    adc : Lut
        Of a converter; its mean conversion serves all three.

    Raises
    ------
    InputError
        If a LUT describes something else, or lacks the condition.
    """
    operation = adc.operation
    if operation is None or not isinstance(operation.operands, Choices):
        raise InputError(f"LUT {adc.name}: must be of a converter, whose operands are its inputs")
    # One converter for all three: its energy must not decide which column is the better one.
    conversion = _at_condition(adc).mean_energy()
    return Account(
        ternary=ColumnEnergy(array=signed_array(ternary), adc=conversion),
        sram=_one_bit(sram, conversion),
        reram=_one_bit(reram, conversion),
    )


def signed_array(lut: Lut) -> float:
    """Return the mean energy [J] of a cycle of a column that adds up signed products."""
    if not products_of(lut).signed:
        raise InputError(f"LUT {lut.name}: its products are unsigned: must be of a column with products of -1")
    return _at_condition(lut).mean_energy()


def _one_bit(lut: Lut, conversion: float) -> ColumnEnergy:
    """Return the energies of a column of one-bit weights and inputs."""
    products = products_of(lut)
    if products.signed:
        raise InputError(f"LUT {lut.name}: its products are signed: must be of a column of one-bit operands")
    array = _at_condition(lut).mean_energy()
    return ColumnEnergy(array=array, adc=conversion, rows=products.count, weight_levels=2, input_levels=2)


def _at_condition(lut: Lut) -> MeasuredOperation:
    """Return the operation at the condition that all columns share; never between measured ones."""
    operation = measured_operation(lut)
    at = {axis: value for axis, value in _CONDITION.items() if axis in operation.condition_axes}
    # A ratio of an interpolated and a measured energy would compare methods, not circuits.
    for axis, value in at.items():
        if value not in operation.grids[axis].tolist():
            raise InputError(f"LUT {lut.name}: {axis} = {value} is not on its grid")
    return measured_operation(lut, at)
