"""Thresholds' mismatch of the comparator by hand, from the process's own figures."""

from __future__ import annotations

import math

import numpy as np

from bitline.benches.base import Conditions
from bitline.circuits.strongarm import StrongArm
from bitline.pdk.descriptor import Pdk
from bitline.pdk.slim import Geometry, slim_pdk


def pair_sigma(circuit: StrongArm, conditions: Conditions, pdk: Pdk) -> float:
    """Return the sigma of the difference of the input pair's thresholds [V]."""
    return math.sqrt(2) * sigma_vt(pdk, conditions, circuit.input_pair, circuit.w_input, circuit.length)


def latch_sigma(circuit: StrongArm, conditions: Conditions, pdk: Pdk) -> float:
    """Return the sigma of the difference of the latch NMOS's thresholds [V]."""
    return math.sqrt(2) * sigma_vt(pdk, conditions, "nmos", circuit.w_latch_n, circuit.length)


def sigma_vt(pdk: Pdk, conditions: Conditions, role: str, w: float, length: float) -> float:
    """Return the sigma of a transistor's threshold [V] by the PDK's mismatch: what one deviate moves it by."""
    slim, size = slim_pdk(pdk, conditions.corner), Geometry(w, length)
    draws, still = slim.draws(role, size), slim.transistor(role, size).instance.get("delvto", 0.0)
    moved = (
        slim.transistor(role, size, np.eye(len(draws))[k]).instance.get("delvto", 0.0) - still
        for k in range(len(draws))
    )
    return math.sqrt(sum(shift**2 for shift in moved))
