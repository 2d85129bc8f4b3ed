"""Tolerance presets of transient benches, chosen by measuring the solver's error (docs/engine.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bitline.circuits.deck import Deck, Option

Accuracy = Literal["fast", "default", "reference"]


@dataclass(frozen=True)
class Preset:
    """ngspice options, and the least number of time steps a transient is cut into."""

    steps: int
    options: Mapping[str, Option]


# xmu = 0.49 damps the ringing of the trapezoidal rule after an edge (a fifth of it is left) without
# gear's loss of accuracy; 0.5 is the plain rule.
PRESETS: Mapping[Accuracy, Preset] = {
    "fast": Preset(50, {"reltol": 1e-3, "chgtol": 1e-16, "xmu": 0.49}),
    "default": Preset(50, {"reltol": 1e-4, "chgtol": 1e-16, "vntol": 1e-7, "xmu": 0.49}),
    "reference": Preset(2000, {"reltol": 1e-5, "chgtol": 1e-17, "vntol": 1e-8}),
}

# ngspice's default of 1e-12 S on every junction would be the larger part of what an idle latch or cell leaks.
LEAKAGE: Mapping[str, Option] = {"gmin": 1e-16}
# Where most transistors are off at any instant: one whose terminals have not moved is not evaluated again.
# In the ternary column it moves v_diff by 0.01 mV and takes a fifth of the time.
MOSTLY_OFF: Mapping[str, Option] = {**LEAKAGE, "bypass": 1}


def with_accuracy(deck: Deck, accuracy: Accuracy) -> Deck:
    """Give a deck a preset's tolerances and longest step; options that its bench needs stay as they are."""
    preset = PRESETS[accuracy]
    options = {**preset.options, **deck.options}
    return deck.with_options(options).with_analysis(deck.analysis.in_steps(preset.steps))
