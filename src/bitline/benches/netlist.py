"""The netlist a bench renders into: corner, mismatch sample, slim or full library."""

from __future__ import annotations

from collections.abc import Iterator

from bitline.benches.base import Conditions
from bitline.circuits.netlist import Netlist
from bitline.pdk.descriptor import Pdk
from bitline.pdk.slim import slim_pdk
from bitline.statistics.sampling import stream


def netlist(
    conditions: Conditions, pdk: Pdk, *, full: bool = False, still: bool = False, least_edge: float = 0.0
) -> Netlist:
    """Return an empty netlist at these conditions, with the deviates ready to be taken: the given or the sample's."""
    source: Iterator[float] | None = None
    if conditions.deviates:
        source = iter(conditions.deviates)
    elif conditions.sample:
        source = stream(conditions.seed, conditions.sample, conditions.sampling, conditions.samples)
    slim = slim_pdk(pdk, conditions.corner)
    return Netlist(slim, source, full=full, still=still, least_edge=least_edge, group=conditions.group)
