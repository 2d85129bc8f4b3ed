"""What a conversion decided, and when: by an ideal register's strobes, or by bit cells of transistors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bitline.circuits.sar_adc import SarAdc
from bitline.engine.waveforms import Waveforms

# An ideal register goes to -1 or 1 within a tenth where the decision was made in time; a bit cell's nodes likewise.
_CLEAR = 0.9


@dataclass(frozen=True)
class Decisions:
    """The decisions of one conversion, the most significant bit first.

    Parameters
    ----------
    register : tuple of float
        What was kept of each: 1, -1, or between them where it was not made.
    begins : tuple of float
        When the comparator was clocked for each [s]; fewer than there are bits where a conversion hangs.
    latencies : tuple of float
        From then to its outputs being half the supply apart [s]; the whole time it had where they stay closer. None
        of an ideal comparator.
    done : float
        When the last bit was kept [s]; infinite where it never was.
    """

    register: tuple[float, ...]
    begins: tuple[float, ...]
    latencies: tuple[float, ...]
    done: float

    @property
    def code(self) -> int:
        """The code, 0 for the most negative input."""
        return sum(2**k for k, value in enumerate(reversed(self.register)) if value > 0)

    @property
    def resolved(self) -> int:
        """Bits that were kept as a clear 0 or 1."""
        return sum(abs(value) > _CLEAR for value in self.register)

    @property
    def slowest(self) -> float:
        """The longest latency [s]; 0 for the ideal comparator."""
        return max(self.latencies, default=0.0)


def kept_nodes(circuit: SarAdc) -> tuple[str, ...]:
    """Return the nodes that hold the decisions."""
    if circuit.logic == "ideal":
        return tuple(f"r{k}" for k in range(circuit.bits))
    return tuple(f"x{side}{k}" for k in range(circuit.bits) for side in "pn")


def decisions(w: Waveforms, circuit: SarAdc, vdd: float) -> Decisions:
    """Return what a conversion at the supply `vdd` [V] decided; its last decision's end is marked ``converted``."""
    if circuit.logic == "ideal":
        register = [float(w[f"v(r{k})"][-1]) for k in range(circuit.bits)]
    else:
        # A cell's node of the higher side falls. The next sampling precharges both.
        register = [_apart(w, k, w.marks["converted"]) / vdd for k in range(circuit.bits)]
    begins = [w.marks[f"bit_{k}"] for k in range(circuit.bits) if f"bit_{k}" in w.marks]
    if circuit.logic == "self-timed":
        clocked = w.crossings("v(clkb)", vdd / 2, rising=False)
        begins = [instant for instant in clocked if instant < w.marks["converted"]][: circuit.bits]
    latencies: list[float] = []
    if circuit.decisions == "strongarm":
        latencies = [_latency(w, circuit, begin, vdd / 2) for begin in begins]
    return Decisions(tuple(register), tuple(begins), tuple(latencies), _done(w, circuit, vdd / 2))


def _apart(w: Waveforms, k: int, instant: float) -> float:
    return w.at(f"v(xn{k})", instant) - w.at(f"v(xp{k})", instant)


def _longest(w: Waveforms, circuit: SarAdc, begin: float) -> float:
    """Return the time that a decision has [s]."""
    if circuit.logic == "self-timed":
        return w.marks["converted"] - begin
    return circuit.t_evaluate


def _done(w: Waveforms, circuit: SarAdc, half: float) -> float:
    """Return when the last bit was kept [s]: of a clocked converter at the end of its decision, whatever it holds."""
    if circuit.logic != "self-timed":
        return w.marks[f"bit_{circuit.bits - 1}"] + circuit.t_evaluate
    last = circuit.bits - 1
    apart = np.abs(w[f"v(xn{last})"] - w[f"v(xp{last})"])
    made = w.axis[(apart > half) & (w.axis < w.marks["converted"])]
    return float(made[0]) if len(made) else float("inf")


def _latency(w: Waveforms, circuit: SarAdc, start: float, half: float) -> float:
    """Return when the outputs are `half` the supply apart after a clock; all the time it has where they stay close."""
    longest = _longest(w, circuit, start)
    inside = (w.axis >= start) & (w.axis <= start + longest)
    # Near a level both outputs rise together before one falls back: only their difference is a decision.
    apart = np.abs(w["v(qp)"] - w["v(qn)"])[inside]
    made = w.axis[inside][apart > half]
    # One that clocks itself is reset by its decision.
    lost = circuit.logic != "self-timed" and apart[-1] <= half
    if not len(made) or lost:
        return longest
    return float(made[0]) - start
