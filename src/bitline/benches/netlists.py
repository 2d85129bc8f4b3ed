"""The netlist a bench renders into: corner, mismatch sample, slim or full library."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bitline.benches.base import Conditions
from bitline.circuits.render import Netlist
from bitline.pdk.descriptor import Pdk
from bitline.pdk.slim import slim_pdk


def netlist(conditions: Conditions, pdk: Pdk, *, full: bool = False) -> Netlist:
    """Return an empty netlist at these conditions, with the sample's deviates ready to be taken."""
    source = _deviates(conditions.seed, conditions.sample) if conditions.sample else None
    return Netlist(slim_pdk(pdk, conditions.corner), source, full=full)


def _deviates(seed: int, sample: int) -> Iterator[float]:
    """Yield the sample's standard-normal deviates without end; the first n are always the same."""
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(sample,)))
    while True:
        yield from generator.standard_normal(512)
