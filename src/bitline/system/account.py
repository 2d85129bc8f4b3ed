"""System energy of three compute-in-memory macros for a network whose weights may not fit.

Energy of a MAC at full operand precision, with its share of what brings the weight into the compute
cells. `reuse` is how many MACs a weight serves before another takes its place: pixels times images.

- **nvsram**: ternary columns; each site holds one trit to compute with and `trits_per_site` above it,
  restored on chip. What exceeds that comes from DRAM into the cells.
- **sram**: one-bit columns; what does not fit the cells is reloaded from DRAM each round.
- **reram**: one-bit 1T1R columns; weights stay. What exceeds the array comes from DRAM and is stored.

Of the weights that do not fit only the excess moves, the others stay: the best case for each of them.
Not counted, for any of them: inputs and outputs, leakage, control.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.parameters import Parameters, assemble, parameter, validated
from bitline.system.efficiency import BINARY_8, TERNARY_5, ColumnEnergy, Precision
from bitline.system.power_gating import RESTORE_28NM, STORE_28NM
from bitline.system.sensitivity import roots

Baseline = Literal["sram", "reram"]

CLAIMED: dict[Baseline, float] = {"sram": 2.9, "reram": 1.9}
"""Energy efficiency over the baselines, "up to", by the abstract of arXiv 2307.02717 (paper)."""

HOROWITZ_DRAM = (1.3e-9 / 64, 2.6e-9 / 64)
"""DRAM access [J/bit]: 1.3 to 2.6 nJ for 64 bits (M. Horowitz, "Computing's energy problem", ISSCC 2014)."""
HOROWITZ_SRAM = 10e-12 / 64
"""Access of an 8 KB SRAM [J/bit]: 10 pJ for 64 bits, 45 nm, 0.9 V (the same table)."""
HBM2 = 3.92e-12
"""HBM2 access [J/bit] (M. O'Connor et al., "Fine-grained DRAM", MICRO 2017)."""

# Points on which a solution is looked for; each sign change is then refined.
_SCAN = 400
# Bits of a weight on its way from DRAM: five trits fit a byte, 243 < 256.
_BYTE = 8
_ONE_BIT = ColumnEnergy(weight_levels=2, input_levels=2)


@validated
class Account(Parameters):
    """What the three systems take; 28 nm macro numbers where they are transcribed.

    The baselines' columns are assumed to cost what the ternary one does until measured ones are put
    in: `account.replace(sram=ColumnEnergy(...))`.
    """

    ternary: ColumnEnergy = ColumnEnergy()
    sram: ColumnEnergy = _ONE_BIT
    reram: ColumnEnergy = _ONE_BIT
    ternary_at: Precision = TERNARY_5
    sram_at: Precision = BINARY_8
    reram_at: Precision = BINARY_8
    reuse: float = parameter(100.0, "MACs that a weight serves per load", source="choice", gt=0, le=1e15)
    weights: float = parameter(
        11.7e6, "weights of the network, as many as a ResNet-18 has", source="assumed", ge=1, le=1e15
    )
    sites: float = parameter(256.0 * 320, "sites of all macros, 256 x 320", source="transcribed", ge=1, le=1e15)
    trits_per_site: float = parameter(
        240.0, "trits above a site, 60 in each of 4 clusters", source="transcribed", ge=1, le=1e6
    )
    # The paper does not say what the baselines hold: two 6T cells are what a site of the ternary macro has.
    sram_bits: float = parameter(
        2.0, "SRAM-CIM's bits in the area of a site, two 6T cells", source="assumed", gt=0, le=1e6
    )
    reram_bits: float = parameter(100.0, "1T1R cells in the area of a site", source="assumed", gt=0, le=1e6)
    dram: float = parameter(
        HOROWITZ_DRAM[0],
        "energy of a DRAM access per bit (Horowitz, ISSCC 2014, lower end)",
        unit="J",
        source="paper",
        ge=0,
        le=1,
    )
    sram_write: float = parameter(
        HOROWITZ_SRAM,
        "energy of an SRAM write per bit (Horowitz, ISSCC 2014, 8 KB)",
        unit="J",
        source="paper",
        ge=0,
        le=1,
    )
    restore: float = parameter(RESTORE_28NM, "energy of restoring a trit", unit="J", source="transcribed", ge=0, le=1)
    reram_write: float = parameter(
        STORE_28NM, "energy of a ReRAM write per bit, that of storing a trit", unit="J", source="assumed", ge=0, le=1
    )


class Parts(NamedTuple):
    """Energy per MAC at full operand precision [J]: computing, restoring on chip, loading from DRAM."""

    compute: float
    restore: float
    reload: float

    @property
    def total(self) -> float:
        """All three [J]."""
        return self.compute + self.restore + self.reload


class Energies(NamedTuple):
    """Energy per MAC of the three systems."""

    nvsram: Parts
    sram: Parts
    reram: Parts


def energies(account: Account) -> Energies:
    """Return what a MAC takes in each system, with its share of moving weights."""
    a, trits = account, account.ternary_at.weight_digits
    # Parts of the network: that which is in the compute cells, that which is on the chip at all.
    in_cells = min(1.0, a.sites / trits / a.weights)
    on_chip = min(1.0, a.sites * a.trits_per_site / trits / a.weights)
    # Only the excess moves, once per `reuse`; what fits stays: the best case for each baseline.
    lost_sram = 1 - min(1.0, a.sites * a.sram_bits / a.sram_at.weight_digits / a.weights)
    lost_reram = 1 - min(1.0, a.sites * a.reram_bits / a.reram_at.weight_digits / a.weights)
    fetch = _BYTE * a.dram
    return Energies(
        nvsram=Parts(
            a.ternary.mac(a.ternary_at),
            # What lies above the cells takes its turn in them, restored once per round; what is in them already stays.
            (on_chip - in_cells) * trits * a.restore / a.reuse,
            # A trit lies in two cells, both of which are written.
            (1 - on_chip) * (fetch + 2 * trits * a.sram_write) / a.reuse,
        ),
        sram=Parts(a.sram.mac(a.sram_at), 0.0, lost_sram * (fetch + a.sram_at.weight_digits * a.sram_write) / a.reuse),
        reram=Parts(
            a.reram.mac(a.reram_at), 0.0, lost_reram * (fetch + a.reram_at.weight_digits * a.reram_write) / a.reuse
        ),
    )


def gain(account: Account, baseline: Baseline) -> float:
    """Return the baseline's energy per MAC over that of nvSRAM-CIM: above 1 the latter takes less."""
    if baseline not in get_args(Baseline):
        raise InputError(f"baseline = {baseline!r}: must be 'sram' or 'reram'")
    systems = energies(account)
    return float(getattr(systems, baseline).total / systems.nvsram.total)


def curve(
    account: Account, name: str, values: Sequence[float] | NDArray[np.float64], baseline: Baseline
) -> NDArray[np.float64]:
    """Return the gain over a parameter.

    Parameters
    ----------
    account : Account
    name : str
        A parameter by its (dotted) name: ``reuse``, ``sites``, ``dram``, ``sram.adc`` ...
    values : sequence of float
        Where, in the parameter's unit.
    baseline : {"sram", "reram"}

    Returns
    -------
    ndarray, shape (n,)
    """
    # By a dotted name, so that an energy inside one of the columns can be varied like the rest.
    return np.array([gain(assemble(account, {name: float(value)}), baseline) for value in values])


def solve(account: Account, name: str, target: float, baseline: Baseline, low: float, high: float) -> tuple[float, ...]:
    """Return every value of a parameter at which the gain is `target`; 1 gives the crossing points.

    Looked for between `low` and `high` on a logarithmic grid of 400 points, then refined to 1e-12: two
    solutions between the same grid points are not seen.

    Parameters
    ----------
    account, name, baseline
        As for `curve`.
    target : float
        Gain, > 0.
    low, high : float
        Range of the parameter, 0 < low < high.

    Returns
    -------
    tuple of float
        Ascending; empty where the target is not reached.

    Raises
    ------
    InputError
        If the range or the target is wrong, or the parameter is unknown.
    """
    if not (target > 0 and 0 < low < high):
        raise InputError(f"target = {target:g}, low = {low:g}, high = {high:g}: must be > 0, low below high")

    # In logarithms, so that a gain of 2 and of 1/2 are equally far from 1.
    def excess(x: float) -> float:
        return math.log(gain(assemble(account, {name: math.exp(x)}), baseline) / target)

    # The gain rises to a peak where the network just fits, and falls behind it: a target is met more than once.
    return tuple(map(math.exp, roots(excess, np.linspace(math.log(low), math.log(high), _SCAN))))
