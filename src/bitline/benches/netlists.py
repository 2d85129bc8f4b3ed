"""The netlist a bench renders into: corner, mismatch sample, slim or full library."""

from __future__ import annotations

from bitline.benches.base import Conditions
from bitline.circuits.render import Netlist
from bitline.pdk.descriptor import Pdk
from bitline.pdk.slim import slim_pdk
from bitline.statistics.sampling import stream


def netlist(conditions: Conditions, pdk: Pdk, *, full: bool = False) -> Netlist:
    """Return an empty netlist at these conditions, with the sample's deviates ready to be taken."""
    source = stream(conditions.seed, conditions.sample) if conditions.sample else None
    return Netlist(slim_pdk(pdk, conditions.corner), source, full=full)
