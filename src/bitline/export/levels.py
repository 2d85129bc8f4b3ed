"""The levels that a store procedure places in a memory, in the terms consumers take: conductance and its sigma."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.lut.lookup import Index
from bitline.lut.lut import Lut

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Levels:
    """Placement of levels, each lognormal in R; arrays are in the order of `names`.

    Attributes
    ----------
    names : tuple of str
        From the lowest resistance aimed at to the highest; n of them.
    resistance : array, shape (n,)
        Median resistance [Ohm].
    ln_sigma : array, shape (n,)
        Sigma of ln R over devices and programming.
    condition : dict
        Where the LUT was read: `verify` is "on" or "off".
    """

    names: tuple[str, ...]
    resistance: Array
    ln_sigma: Array
    condition: dict[str, float | str]

    @property
    def conductance(self) -> Array:
        """Mean conductance [S] of the lognormal: exp(sigma^2/2) / R."""
        # the mean of 1/R of a lognormal R is above 1 over its median
        return np.exp(self.ln_sigma**2 / 2) / self.resistance

    @property
    def sigma(self) -> Array:
        """Standard deviation of the conductance [S]: mean sqrt(exp(sigma^2) - 1)."""
        return self.conductance * np.sqrt(np.expm1(self.ln_sigma**2))


def has_levels(lut: Lut) -> bool:
    """Return whether a LUT is of levels that were placed."""
    return "placement" in lut.tables and "resistance" in lut.tables["placement"].attrs


def levels_of(lut: Lut, condition: Mapping[str, float | str] | None = None) -> Levels:
    """Return the levels that a LUT's table ``placement`` describes; verified ones unless asked otherwise.

    The table has ``ln_mean`` and ``ln_sigma`` over ``target``: mean and sigma of ln R less the ln of the
    resistance aimed at, which is in the table's attribute ``resistance`` [Ohm].

    Raises
    ------
    InputError
        If the LUT has no such table or does not state the levels aimed at, or the condition is not in it.
    """
    if "placement" not in lut.tables:
        raise InputError(f"LUT {lut.name} has no table 'placement': levels are made from it")
    table = lut.tables["placement"]
    index = Index({"placement": table})
    # what a memory is used with: a procedure that verifies places its levels closer
    at = {**({"verify": "on"} if "verify" in index.grids else {}), **(condition or {})}
    if "target" in at:
        raise InputError("condition names target: every level is written")
    aimed = _aimed(lut)
    points = [index.lookup({**at, "target": name}) for name in aimed]
    ln_mean, ln_sigma = (np.array([point[name] for point in points]) for name in ("ln_mean", "ln_sigma"))
    return Levels(tuple(aimed), np.array([*aimed.values()]) * np.exp(ln_mean), ln_sigma, at)


def assumed_of(lut: Lut) -> list[str]:
    """Return what the LUT says is assumed of its memory's levels and their spread."""
    return [text for text in lut.attrs.get("assumed", []) if text.startswith(("r_", "sigma_lnr", "spread_"))]


def _aimed(lut: Lut) -> dict[str, float]:
    """Return the resistance [Ohm] that the store aimed at for each level, ascending."""
    resistance = lut.tables["placement"].attrs.get("resistance")
    if not isinstance(resistance, dict) or not resistance:
        raise InputError(f"LUT {lut.name}: table placement: resistance = {resistance!r}: must be {{level: Ohm}}")
    return {name: float(ohm) for name, ohm in sorted(resistance.items(), key=itemgetter(1))}
