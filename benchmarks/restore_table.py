"""The tables of docs/restore.md on half-rail latches: jitter and thermal noise by formula, and the measured variants.

`python benchmarks/doc_tables.py` writes them into the page.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bitline.benches.restore.half_rail_sizing import Decay, HalfRail, size_half_rail
from bitline.benches.restore.yields import half_rail_yield
from bitline.circuits.nvsram_trit_half_rail import NvSramTritHalfRail
from bitline.devices.reram import LEVELS
from bitline.statistics.constants import BOLTZMANN, ZERO_CELSIUS

PARETO = Path(__file__).parents[1] / "results" / "restore-pareto.md"
JITTERS = (0.0, 1e-12, 10e-12, 20e-12, 40e-12)


def noise(circuit: NvSramTritHalfRail, celsius: float) -> float:
    """Return the thermal noise of both sides and of the latch, referred to its input, rms [V].

    A closed node keeps kT/C, both sides of a latch 2 kT/C. A latch that regenerates adds as much again: of the
    current noise ``4 kT gamma gm`` of either side, ``2 gamma kT/C`` has come in after ``C/gm``; gamma is taken as 1.
    """
    return math.sqrt(4 * BOLTZMANN * (celsius + ZERO_CELSIUS) / circuit.c_side)


def wrong(circuit: NvSramTritHalfRail, inputs: HalfRail) -> list[float]:
    """Return the predicted share of wrong restores of each level."""
    return [1 - half_rail_yield(circuit, replace(inputs, level=level))["predicted"] for level in LEVELS]


def jitter() -> Iterator[str]:
    """Yield a row per jitter, and one with thermal noise: mV at the nodes, predicted wrong restores."""
    circuit = NvSramTritHalfRail()
    yield "| besides offset and spread | latch 1 | latch 2 | wrong LRS | MRS | HRS |"
    yield "|---" * 6 + "|"
    for rms in JITTERS:
        inputs = HalfRail(jitter=rms)
        decay, sizing = Decay(circuit, inputs), size_half_rail(circuit, inputs)
        thresholds = [r + decay.series for r in circuit.cluster.reram.thresholds]
        volts = [float(decay.jitters(sizing, r)[latch]) for latch, r in enumerate(thresholds)]
        name = f"jitter of {1e12 * rms:g} ps" if rms else "nothing"
        yield _row(name, volts, wrong(circuit, inputs))
    for celsius in (27.0, 125.0):
        volts = [noise(circuit, celsius)] * 2
        # The design is that of the offset alone, as it is with jitter.
        sizing = size_half_rail(circuit, HalfRail())
        kept = HalfRail(v_ref=sizing.v_ref, t_close_1=sizing.t_close_1, t_close_2=sizing.t_close_2)
        noisy = replace(circuit, sigma_vos=math.hypot(circuit.sigma_vos, volts[0]))
        yield _row(f"thermal noise, {celsius:g} °C", volts, wrong(noisy, kept))


def _row(name: str, volts: list[float], shares: list[float]) -> str:
    cells = [f"{1e3 * v:.1f} mV" for v in volts] + [f"{share:.1e}" for share in shares]
    return f"| {name} | {' | '.join(cells)} |"


def pareto() -> Iterator[str]:
    """Yield the table that `benchmarks/restore_pareto.py` wrote."""
    yield from PARETO.read_text(encoding="utf-8").splitlines()
