"""What NeuroSim gets: rows by position, of a column's codes or of a memory's states."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.export.levels import Levels
from bitline.lut.lut import Lut
from bitline.lut.table import axes
from bitline.system.products import products_of

Array = NDArray[np.float64]


def outer_states(levels: Levels) -> tuple[list[str], Array, Array]:
    """Return the two outer levels, the lowest conductance first: names, means and sigmas [S]."""
    order = [-1, 0]
    return [levels.names[place] for place in order], levels.conductance[order], levels.sigma[order]


def code_bits(lut: Lut) -> int:
    """Return b where the codes are 0..2^b, else refuse."""
    codes = axes(lut.tables["mismatch"]).get(products_of(lut).axis, np.zeros(0))
    n = len(codes)
    # NeuroSim looks up by position up to 2^b, so there is one code more than a converter has
    bits = max(n - 1, 0).bit_length() - 1
    if bits < 1 or n != 2**bits + 1 or codes.tolist() != list(range(n)):
        have = "none"
        if n:
            have = f"{codes[0]}..{codes[-1]} in {n} points"
        raise InputError(
            f"LUT {lut.name}: codes are {have}; NeuroSim looks up by position and needs each of 0..2^b "
            "(unsigned codes only: a signed column is exported as its two halves)"
        )
    return bits


def table_text(first: str, mean: Array, sigma: Array) -> str:
    """Return a table as NeuroSim reads it: a row per position, named `first`, mean and std with all their bits."""
    rows = zip(mean.tolist(), sigma.tolist(), strict=True)
    return f"{first},mean,std\n" + "".join(f"{k},{m!r},{s!r}\n" for k, (m, s) in enumerate(rows))
