"""Answer: what an engine read back, before it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

# Real vectors, but for the complex ones of an AC analysis.
Plot = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Answer:
    """Everything one run of a simulator left behind.

    Parameters
    ----------
    plots : mapping of str to Plot
        Vectors of each analysis by ngspice's plot type (``tran``, ``noise1``, ``noise2``), named as in
        a raw file: ``time``, ``v(node)``, ``i(source)``.
    log : str
        All that was printed.
    load_seconds, run_seconds : float
        Time to read the deck, and for the analysis itself.
    iterations : int
        Newton iterations where the engine knows them, else 0.
    """

    plots: Mapping[str, Plot] = field(default_factory=dict)
    log: str = ""
    load_seconds: float = 0.0
    run_seconds: float = 0.0
    iterations: int = 0


def vector_name(name: str) -> str:
    """Name a vector as a raw file does: ``vdd#branch`` is ``i(vdd)``, ``bl`` is ``v(bl)``."""
    lower = name.lower()
    if lower.endswith("#branch"):
        return f"i({lower.removesuffix('#branch')})"
    bare = lower.removeprefix("v(").removesuffix(")")
    if bare.startswith(("onoise", "inoise")):  # a raw file calls noise totals voltages
        return bare
    if bare == "v-sweep":  # a raw file calls the axis of a DC sweep a voltage too
        return bare
    if "(" in lower or lower in {"time", "frequency"}:
        return lower
    return f"v({lower})"
