"""Stores: levels that were aimed at, and where programming places them with and without verify.

No two numbers are equal or a power of ten apart, so that a slip of 10^3 or a swapped column is seen.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import xarray as xr

from bitline.lut.lut import Lut
from bitline.lut.operation import Choices, Energy, Operation
from luts.restore import LEVELS, R, dataset

#: Powers of distinct primes: Ohm aimed at, and ln_mean and ln_sigma for verify on and off.
AIMED = {"lrs": 2.0**16, "mrs": 3.0**11, "hrs": 5.0**9}
LN_MEAN = {"on": (-1 / 7, -1 / 11, -1 / 13), "off": (1 / 17, 1 / 19, -1 / 23)}
LN_SIGMA = {"on": (1 / 29, 1 / 31, 1 / 8), "off": (1 / 37, 1 / 41, 1 / 9)}
#: Levels as a real memory has them, close enough to a lognormal's median to be drawn from.
NARROW = {"lrs": 7e4, "mrs": 3e5, "hrs": 1.1e6}
NARROW_MEAN = {"on": (-0.05, -0.07, -0.11), "off": (0.02, 0.03, 0.13)}
NARROW_SIGMA = {"on": (0.02, 0.03, 0.05), "off": (0.04, 0.06, 0.4)}
BINS = np.arange(10.8, 14.4, 0.1)  # of ln R, of the histogram of placed levels
ENERGY = Energy("energy", "one made-up event", ("cell", "made_up_driver"), ("adc",), "made up")


def placement(ln_mean: dict[str, Any], ln_sigma: dict[str, Any], resistance: dict[str, float] | None) -> xr.Dataset:
    """Return the table of three levels with and without verify; None leaves out the levels' resistances."""
    about = {"unit": "1", "doc": "made up"}
    axes = {"verify": ("verify", ["on", "off"], about), "target": ("target", list(AIMED), about)}
    moments = {"ln_mean": ln_mean, "ln_sigma": ln_sigma}
    variables = {name: (tuple(axes), np.array([*values.values()]), about) for name, values in moments.items()}
    return xr.Dataset(variables, axes, {} if resistance is None else {"resistance": resistance})


def make_store_lut(name: str = "synthetic-store") -> Lut:
    """Return a store LUT of distinct numbers: placement, and the energy of programming."""
    reram = {f"r_{level}": value for level, value in AIMED.items()}
    nominal = xr.Dataset({"energy": ("target", [2e-12, 3e-12, 5e-12], {"unit": "J"})}, {"target": list(AIMED)})
    tables = {"nominal": nominal, "placement": placement(LN_MEAN, LN_SIGMA, AIMED)}
    operation = Operation("programming of one branch to a level", ENERGY, Choices(("target",)))
    return Lut(name, "nsnr-cluster", tables, {"parameters": {"reram": reram}}, operation)


def make_narrow_store_lut(resistance: dict[str, float] | None = NARROW, **attrs: Any) -> Lut:
    """Return the placement of levels as a real memory has them, with these attributes."""
    return Lut("store", "lab-cluster", {"placement": placement(NARROW_MEAN, NARROW_SIGMA, resistance)}, attrs)


def make_programming_lut() -> Lut:
    """Return what programming leaves: histograms of ln R, energy, time and disturb between all pairs of levels."""
    counts = np.array([[100 * np.exp(-(((BINS - math.log(r)) / s) ** 2) / 2) for r in R] for s in (0.05, 0.2)])
    grids = {"verify": ("on", "off"), "target": LEVELS, "ln_r": BINS}
    histogram = dataset({"count": (np.round(counts).astype(int), "1")}, **grids)
    energy = np.arange(18.0).reshape(3, 3, 2) * 1e-12 + 1e-13
    variables = {"energy": (energy, "J"), "time": (energy * 1e3, "s")}
    variables |= {
        f"disturb_{level}": (np.full((3, 3, 2), sign * 1e-7), "1")
        for level, sign in zip(LEVELS, (1, -1, 0), strict=True)
    }
    nominal = dataset(variables, start=LEVELS, target=LEVELS, scheme=("half", "third"))
    medians = dataset({"ln_mean": (np.log(R), "1")}, target=LEVELS)
    medians.attrs["resistance"] = dict(zip(LEVELS, R, strict=True))
    tables = {"nominal": nominal, "histogram": histogram, "placement": medians}
    return Lut(name="nsnr-store", kind="nsnr-cluster", tables=tables, attrs={})
