"""What every restore of a trit has in common: what is varied of the memory, and what the latches made of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from bitline.benches.accuracy import LEAKAGE
from bitline.circuits.netlist import Netlist
from bitline.circuits.nsnr_cluster import NsnrCluster
from bitline.circuits.nvsram_trit import NvSramTrit
from bitline.circuits.nvsram_trit_half_rail import NvSramTritHalfRail
from bitline.devices.reram import TRITS, Level
from bitline.devices.selector import Selector
from bitline.engine.waveforms import Waveforms
from bitline.errors import BadMeasureError
from bitline.lut.operation import Choices, Energy, Operation, Pins, Success, Supplies
from bitline.parameters import parameter, validated

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

NO_TRIT = 2  # the code (1, 1), which no level gives
# The preset's 0.49 lets the supply's current ring by nanoamperes for microseconds after LATCH.
OPTIONS = {**LEAKAGE, "xmu": 0.45}


CONVENTION = "charge times voltage of each supply; drivers take it from their high level and return none"


@validated
class RestoredTrit:
    """What every restore bench varies of the memory."""

    # Stores of before were simulated so.
    since: ClassVar[Mapping[str, object]] = {"clusters": "each"}

    level: Level = parameter("mrs", "level of the selected ReRAM: lrs is +1, mrs 0, hrs -1", source="choice")
    others: Level = parameter("mrs", "level of the branches that are not selected", source="choice")
    rest: Literal["lumped", "each"] = parameter(
        "lumped", "how unselected branches are simulated: one of the weight of all, or each", source="choice"
    )
    clusters: Literal["each", "lumped"] = parameter(
        "each",
        "how unselected clusters are simulated: each, or one of the weight of all, whose switches and mirrors then have"
        " no mismatch",
        source="choice",
    )
    selectors: Literal["static", "dynamic"] = parameter(
        "static", "threshold selectors: selected on and others off, or each by its own state", source="choice"
    )
    mismatch: Literal["all", "memory"] = parameter(
        "all", "what a sample varies: every device, or the ReRAM only", source="choice"
    )


def high(trit: int) -> tuple[bool, bool]:
    """Return whether Q of latch 1 and of latch 2 is high when they hold a trit."""
    return trit < 1, trit < 0


def resistances(cluster: NsnrCluster, inputs: RestoredTrit, devices: Netlist) -> dict[str, object]:
    """Return what the trit's template is told of the memory, the ReRAMs' resistances [Ohm] drawn before any transistor.

    Lumped, the others are one branch with n - 1 times the conductance; it has their mean logarithm.
    """
    reram, n = cluster.reram, cluster.n_per_cluster
    chosen = devices.lognormal("r0", reram.resistance(inputs.level), reram.sigma(inputs.level))
    other, count, sigma = reram.resistance(inputs.others), n - 1, reram.sigma(inputs.others)
    if inputs.rest == "lumped":
        # The spread of a mean of n - 1 conductances is small beside that of one, and is left out.
        count, sigma = min(n - 1, 1), 0.0
    others = [devices.lognormal(f"r{k + 1}", other, sigma) for k in range(count)]
    return {
        "resistance": chosen,
        "others": others,
        "dynamic": inputs.selectors == "dynamic",
        "lumped": inputs.clusters == "lumped",
    }


def check_selectors(selector: Selector, inputs: RestoredTrit, selected: float, other: float) -> None:
    """Refuse a restore whose selectors would not be on and off as the deck has them.

    Parameters
    ----------
    selector : Selector
    inputs : RestoredTrit
    selected, other : float
        Most that the selected selector and any other one sees across its branch [V].

    Raises
    ------
    BadMeasureError
        Names the voltage.
    """
    if selector.kind == "exponential" or inputs.selectors == "dynamic":
        return  # the deck took nothing for granted
    v_th = selector.v_th
    if selected < v_th:
        raise BadMeasureError(f"the selected selector sees {selected:.3f} V: must be >= v_th = {v_th:g}")
    if other > v_th:
        raise BadMeasureError(f"unselected selectors see {other:.3f} V: must be <= v_th = {v_th:g}")


def decisions(w: Waveforms, level: Level, sense: str) -> dict[str, float]:
    """Return what both latches decided: trit, margins, leads.

    Parameters
    ----------
    w : Waveforms
        With marks ``lead`` and ``done``, and the sides ``v(q1)``, ``v(qb1)``, ``v(q2)``, ``v(qb2)``.
    level : Level
        Of the selected ReRAM.
    sense : str
        Mark at which the sides' margins are read.
    """
    wanted = TRITS[level]
    ended = tuple(_apart(w, k, "done") > 0 for k in (1, 2))
    trit = next((trit for trit in TRITS.values() if high(trit) == ended), NO_TRIT)
    right = high(wanted)
    return {
        "trit": float(trit),
        "correct": float(trit == wanted),
        **{f"margin_{k}": (1 if right[k - 1] else -1) * _apart(w, k, sense) for k in (1, 2)},
        **{f"lead_{k}": _lead(w, k, ended[k - 1], right[k - 1]) for k in (1, 2)},
    }


def _apart(w: Waveforms, latch: int, mark: str) -> float:
    """Return Q less QB of a latch at a mark [V]."""
    return w.at(f"v(q{latch})", w.marks[mark]) - w.at(f"v(qb{latch})", w.marks[mark])


def _lead(w: Waveforms, latch: int, high: bool, right: bool) -> float:
    """Return how far apart a latch's sides are once it decides [V], below 0 if it ended wrong."""
    sides = _apart(w, latch, "lead")
    # The final state decides: next to a metastable point the sign at one instant need not agree with it.
    size = abs(sides) if (sides > 0) == high else 1e-9
    return size if high == right else -size


def latency(w: Waveforms, vdd: float) -> float:
    """Return when both latches are within a tenth of the supply for good [s]."""
    return max(settled(w, f"q{k}", f"qb{k}", 0.9 * vdd) for k in (1, 2))


def settled(w: Waveforms, q: str, qb: str, volts: float) -> float:
    """Return when the sides `q` and `qb` of a latch are apart by so many volts for good [s]."""
    late = np.flatnonzero(np.abs(w[f"v({q})"] - w[f"v({qb})"]) < volts)
    return float(w.axis[min(late[-1] + 1, len(w.axis) - 1)])


def reduce(results: pd.DataFrame, circuit: NvSramTrit | NvSramTritHalfRail) -> dict[str, xr.Dataset]:
    """Return table nominal, and table yield where mismatch was sampled."""
    from bitline.benches.restore.yields import restore_tables

    return restore_tables(results, circuit)


def restore_operation(includes: tuple[str, ...], excludes: tuple[str, ...], supplies: Supplies) -> Operation:
    """Return one restore as data: what its energy contains, and what not, by source."""
    energy = Energy(
        variable="energy_total",
        event="one restore of one trit, from collapsed supplies to the end of LATCH",
        includes=includes,
        excludes=excludes,
        convention=CONVENTION,
        supplies=supplies,
    )
    return Operation(
        event="one restore of a trit from ReRAM into its latches",
        energy=energy,
        operands=Choices(("level",)),
        latency="latency",
        success=Success("correct", 1.0),
        pins=Pins("RESTORE", "begin of INIT", ("T",), "latency", width=2),
    )
