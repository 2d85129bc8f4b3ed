"""Thresholds' mismatch of the comparator by hand, from the process's own figures."""

from __future__ import annotations

import math
import re

import numpy as np

from bitline.benches.base import Conditions
from bitline.circuits.strongarm import StrongArm
from bitline.pdk.descriptor import Pdk
from bitline.pdk.slim import Geometry, Transistor, slim_pdk

_THRESHOLD = re.compile(r"\bvth[0o]=(\S+)", re.IGNORECASE)


def pair_sigma(circuit: StrongArm, conditions: Conditions, pdk: Pdk) -> float:
    """Return the sigma of the difference of the input pair's thresholds [V]."""
    return math.sqrt(2) * sigma_vt(pdk, conditions, circuit.input_pair, circuit.w_input, circuit.length)


def latch_sigma(circuit: StrongArm, conditions: Conditions, pdk: Pdk) -> float:
    """Return the sigma of the difference of the latch NMOS's thresholds [V]."""
    return math.sqrt(2) * sigma_vt(pdk, conditions, "nmos", circuit.w_latch_n, circuit.length)


def sigma_vt(pdk: Pdk, conditions: Conditions, role: str, w: float, length: float) -> float:
    """Return the sigma of a transistor's threshold [V] by the PDK's mismatch: what one deviate moves it by.

    Nothing but the threshold counts: not what a deviate does to mobility or to the subthreshold current.
    """
    slim, size = slim_pdk(pdk, conditions.corner), Geometry(w, length)
    still = slim.transistor(role, size)
    single = np.eye(len(slim.draws(role, size))).tolist()
    return math.hypot(*(_shift(slim.transistor(role, size, deviates), still) for deviates in single))


def _shift(moved: Transistor, still: Transistor) -> float:
    """Return by how much a deviate moves the threshold [V]: on the transistor's line, or on a card of its own."""
    line = moved.instance.get("delvto", 0.0) - still.instance.get("delvto", 0.0)
    cards = [_THRESHOLD.findall(transistor.card) for transistor in (moved, still)]
    if cards[0] == cards[1]:
        return line
    # What is moved comes last, as a plain number.
    return line + float(cards[0][-1]) - float(cards[1][-1])
