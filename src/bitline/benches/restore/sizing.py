"""What the restore bench varies, and the levels and times of a restore that are sized from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from bitline.benches.restore.theory import balanced_reference, best_time
from bitline.benches.restore.trit import RestoredTrit
from bitline.circuits.nvsram_trit import NvSramTrit
from bitline.devices.reram import LEVELS
from bitline.errors import InputError
from bitline.parameters import parameter, validated

_LOWEST = 0.2  # start level after the kick [V] below which no three levels can be told apart
_LEAST = 0.02  # lowest reference [V]: a negative one would need a supply of its own


@validated
class Restore(RestoredTrit):
    """What the restore bench varies. Levels and times at 0 are designed, see `size_restore`."""

    v_start: float = parameter(0.75, "level the Q nodes start from", unit="V", source="choice", gt=0, le=2)
    v_boost: float = parameter(1.95, "high level of WLL, WLR and CS", unit="V", source="choice", gt=0, le=5)
    ref_1: float = parameter(
        0.0, "reference of latch 1, between low and middle; 0: by design", unit="V", source="choice", ge=0, le=2
    )
    ref_2: float = parameter(
        0.0, "reference of latch 2, between middle and high; 0: by design", unit="V", source="choice", ge=0, le=2
    )
    t_discharge: float = parameter(0.0, "time of DISCHARGE; 0: by design", unit="s", source="choice", ge=0, le=1e-6)
    stretch: float = parameter(
        1.0, "actual over intended time of DISCHARGE, a timing error", source="choice", gt=0, le=10
    )
    t_init: float = parameter(1e-9, "time of INIT", unit="s", source="choice", gt=0, le=1e-6)
    t_edge: float = parameter(
        50e-12, "rise and fall time of the control signals", unit="s", source="choice", gt=0, le=1e-8
    )
    t_ramp: float = parameter(1e-9, "supply ramp of LATCH", unit="s", source="choice", gt=0, le=1e-6)
    t_settle: float = parameter(
        2e-9, "time from the ramp's end to the end of LATCH", unit="s", source="choice", gt=0, le=1e-6
    )
    t_hold: float = parameter(
        1e-6, "time of HOLD, over which the static current is averaged", unit="s", source="choice", gt=0, le=1e-4
    )
    r_supply: float = parameter(
        1.0, "resistance from the supply to this trit's latches", unit="Ohm", source="choice", gt=0, le=1e9
    )


@dataclass(frozen=True)
class Sizing:
    """Levels [V] and time [s] of a restore."""

    t_discharge: float
    ref_1: float
    ref_2: float
    v_select: float
    v_idle: float
    levels: tuple[float, float]  # of the node when it stops, at which latch 1 and 2 decide


# The samples of a Monte Carlo ask for one and the same.
@lru_cache(maxsize=1024)
def size_restore(circuit: NvSramTrit, inputs: Restore) -> Sizing:
    """Size the discharge time and the references.

    - The node decays as ``V = V_eff exp(-x)``, ``x = t/(R C)``, from ``V_eff = v_start - kick``.
    - At R = sqrt(r_lrs r_mrs) and sqrt(r_mrs r_hrs) a voltage error dV is an error of
      ``dV/(V_eff x exp(-x))`` in ln R. The time makes both equally sensitive (`best_time`).
    - Each reference is as many sigmas from the level below as from the one above, with the ReRAM's
      spread and the latch's offset that the circuit states (`balanced_reference`).
    - CS and WLR fall together; what CS kicks the Q side more (`NvSramTrit.skew`) the reference
      lies lower. No reference may be negative: where one would be, the time is shorter.
    - The select line goes down by what an exponential selector drops at the middle level, the
      other select lines stay half-way: each unselected selector sees half of the select voltage.

    Parameters
    ----------
    circuit : NvSramTrit
    inputs : Restore
        What is not 0 in it is kept.

    Raises
    ------
    InputError
        If the word line's kick leaves too little of `v_start`.
    """
    reram, selector = circuit.cluster.reram, circuit.cluster.selector
    v_eff = inputs.v_start - circuit.kick * inputs.v_boost
    if v_eff < _LOWEST:
        raise InputError(f"restore: v_start = {inputs.v_start:g}: WLL leaves {v_eff:.3f} V of it, must be >= {_LOWEST}")
    r_1, r_2 = (r + selector.r_series for r in reram.thresholds)
    c = circuit.c_node
    skew_1, skew_2 = circuit.skew(inputs.v_boost)
    longest = r_1 * c * math.log(v_eff / max(_LEAST + skew_1, _LEAST))
    t = inputs.t_discharge or min(best_time(r_1, r_2, c), longest)
    resistances, sigmas = ([of(level) for level in LEVELS] for of in (reram.resistance, reram.sigma))
    at_1, at_2 = (
        balanced_reference(t, c, v_eff, pair, spread, circuit.sigma_vos, selector.r_series)
        for pair, spread in zip(pairwise(resistances), pairwise(sigmas), strict=True)
    )
    ref_1, ref_2 = inputs.ref_1 or max(0.0, at_1 - skew_1), inputs.ref_2 or max(0.0, at_2 - skew_2)
    drop = 0.0
    if selector.kind == "exponential":
        drop = selector.drop(v_eff / math.e / reram.r_mrs)
    return Sizing(t, ref_1, ref_2, 0.0 - drop, (inputs.v_start - drop) / 2, (ref_1 + skew_1, ref_2 + skew_2))
