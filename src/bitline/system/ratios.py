"""Ratios: what the LUTs of three columns and of their converter say of efficiency, on the same terms.

    account = measured_account(ternary, sram, reram, adc)
    gain(account, "sram")

Array energies are means over uniform random digits, conversions are the same for all three columns
(one circuit measured once), and the shift-and-add, which is not simulated, is the transcribed one.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.statistics.distributions import binomial_pmf
from bitline.system.account import Account
from bitline.system.efficiency import ColumnEnergy

P_PRODUCT_ONE = 1 / 4
"""Probability that the product of two uniform random bits is 1."""
P_PRODUCT_ACTIVE = 4 / 9
"""Probability that the product of two uniform random trits is not 0."""

_CONDITION = {"corner": "tt", "vdd": 1.8, "temperature": 27.0}


def measured_account(ternary: Lut, sram: Lut, reram: Lut, adc: Lut) -> Account:
    """Return the system account with measured columns, at tt, 1.8 V, 27 degC.

    Parameters
    ----------
    ternary, sram, reram : Lut
        Of kinds ternary-column, binary-sram-column, reram-column.
    adc : Lut
        Of kind sar-adc; its mean conversion serves all three.

    Raises
    ------
    InputError
        If a LUT is of another kind, or lacks the condition.
    """
    conversion = float(_nominal(adc, "sar-adc")["energy_total"].mean())
    return Account(
        ternary=ColumnEnergy(array=ternary_array(ternary), adc=conversion),
        sram=_one_bit(sram, "binary-sram-column", conversion),
        reram=_one_bit(reram, "reram-column", conversion),
    )


def ternary_array(lut: Lut) -> float:
    """Return the mean energy [J] of a ternary column's cycle over uniform random trits.

    The energy is taken over the activity |mac| + 2 extra, to which the table's points are gathered and
    between which it is interpolated; the activity of n rows is Binomial(n, 4/9).
    """
    table = _nominal(lut, "ternary-column")
    rows = int(lut.attrs["parameters"]["rows"])
    activity = (abs(table["mac"]) + 2 * table["extra"]).broadcast_like(table["energy_total"]).values.ravel()
    energy = table["energy_total"].values.ravel()
    known = np.isfinite(energy)
    measured = np.unique(activity[known])
    mean = np.array([energy[known & (activity == a)].mean() for a in measured])
    if measured[0] > 0 or measured[-1] < rows:
        raise InputError(f"LUT {lut.name}: activity {measured[0]} to {measured[-1]}: must span 0 to {rows}")
    return float(binomial_pmf(rows, P_PRODUCT_ACTIVE) @ np.interp(np.arange(rows + 1), measured, mean))


def _one_bit(lut: Lut, kind: str, conversion: float) -> ColumnEnergy:
    """Return a one-bit column's energies, its array's as the mean over uniform random bits."""
    energy: NDArray[np.float64] = _nominal(lut, kind)["energy_total"].values
    products = len(energy) - 1
    array = float(binomial_pmf(products, P_PRODUCT_ONE) @ energy)
    return ColumnEnergy(array=array, adc=conversion, rows=products, weight_levels=2, input_levels=2)


def _nominal(lut: Lut, kind: str) -> xr.Dataset:
    if lut.kind != kind:
        raise InputError(f"LUT {lut.name}: kind = {lut.kind}: must be {kind}")
    table = lut.tables["nominal"]
    where = {**_CONDITION, "zeros": "mixed"}
    missing = [axis for axis in where if axis in table.dims and where[axis] not in table[axis].values]
    if missing:
        raise InputError(f"LUT {lut.name}: {missing[0]} = {where[missing[0]]} is not on its grid")
    return table.sel({axis: value for axis, value in where.items() if axis in table.dims})
