"""The ReRAM levels that a store procedure places, in the terms consumers take: conductance and its sigma."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.lut.lookup import Index
from bitline.lut.lut import Lut

Array = NDArray[np.float64]
NAMES = ("lrs", "mrs", "hrs")


@dataclass(frozen=True, eq=False)
class Levels:
    """Placement of three levels, each lognormal in R; arrays are in the order of `NAMES`.

    Attributes
    ----------
    resistance : array, shape (3,)
        Median resistance [Ohm].
    ln_sigma : array, shape (3,)
        Sigma of ln R over devices and programming.
    condition : dict
        Where the LUT was read: `verify` is "on" or "off".
    """

    resistance: Array
    ln_sigma: Array
    condition: dict[str, float | str]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the levels, from the lowest resistance to the highest."""
        return NAMES

    @property
    def conductance(self) -> Array:
        """Mean conductance [S] of the lognormal: exp(sigma^2/2) / R."""
        return np.exp(self.ln_sigma**2 / 2) / self.resistance

    @property
    def sigma(self) -> Array:
        """Standard deviation of the conductance [S]: mean sqrt(exp(sigma^2) - 1)."""
        return self.conductance * np.sqrt(np.expm1(self.ln_sigma**2))


def levels_of(lut: Lut, condition: Mapping[str, float | str] | None = None) -> Levels:
    """Return the levels that a store LUT's table ``placement`` describes; verified ones unless asked otherwise.

    Raises
    ------
    InputError
        If the LUT has no such table or does not state the levels aimed at, or the condition is not in it.
    """
    if "placement" not in lut.tables:
        raise InputError(f"LUT {lut.name} has no table 'placement': levels are made from it")
    index = Index({"placement": lut.tables["placement"]})
    at = {**({"verify": "on"} if "verify" in index.grids else {}), **(condition or {})}
    if "target" in at:
        raise InputError("condition names target: every level is written")
    found = [index.lookup({**at, "target": name}) for name in NAMES]
    aimed = np.array([_aimed(lut, name) for name in NAMES])
    ln_mean, ln_sigma = (np.array([point[name] for point in found]) for name in ("ln_mean", "ln_sigma"))
    return Levels(aimed * np.exp(ln_mean), ln_sigma, at)


def assumed_of(lut: Lut) -> list[str]:
    """Return what the LUT says is assumed of its memory's levels and their spread."""
    return [text for text in lut.attrs.get("assumed", []) if text.startswith(("r_", "sigma_lnr", "spread_"))]


def _aimed(lut: Lut, level: str) -> float:
    """Return the resistance [Ohm] that the store aimed at, of which ``ln_mean`` is the deviation."""
    try:
        return float(lut.attrs["parameters"]["reram"][f"r_{level}"])
    except (KeyError, TypeError):
        raise InputError(f"LUT {lut.name}: attrs.parameters.reram.r_{level} is missing: no resistance known") from None
