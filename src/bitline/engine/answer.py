"""Answer: what an engine read back, before it is judged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

# Vectors by name: complex in an AC analysis, else real.
Plot = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Answer:
    """Everything one run of a simulator left behind.

    Parameters
    ----------
    plots : mapping of str to Plot
        Vectors of each analysis by ngspice's plot type (``tran``, ``ac``, ``noise1``, ``noise2``), named by
        `vector_name`.
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


# A raw file calls the axis of a sweep and noise totals voltages or currents too.
_WRAPPED = re.compile(r"(?:[vi]\()?([vi]-sweep|[io]noise.*?)\)?")
# A device's own quantity, such as its transconductance; a raw file wraps each by its unit, the library none.
_DEVICE = re.compile(r"(?:[vi]\()?(@[^()]+\])\)?")


def vector_name(name: str) -> str:
    """Return the one name of a vector that both engines use.

    A node is ``v(bl)``, a source's current ``i(vdd)``, a device's quantity ``v(@m1[gm])``, an axis ``time``.
    """
    lower = name.lower()
    # The library calls a source's current vdd#branch, a raw file i(vdd).
    if lower.endswith("#branch"):
        return f"i({lower.removesuffix('#branch')})"
    # Before anything in brackets: a raw file may have wrapped it in v(...) or in i(...).
    if device := _DEVICE.fullmatch(lower):
        return f"v({device[1]})"
    if wrapped := _WRAPPED.fullmatch(lower):
        return wrapped[1]
    if "(" in lower or lower in {"time", "frequency"}:
        return lower
    return f"v({lower})"
