"""Tolerance presets of transient benches, chosen by measuring the solver's error (docs/engine.md).

The solver's steps follow the supply, and what a bench reads may be far smaller: an LSB of 0.8 mV on a line of 1.6 V.
So a deck may ask for tighter tolerances than the preset's (`Deck.tolerance`); the reference is the same for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from bitline.circuits.deck import Deck, Option
from bitline.errors import InputError

Accuracy = Literal["fast", "bypass", "default", "reference"]


@dataclass(frozen=True)
class Preset:
    """ngspice tolerances and other options, and the least number of time steps a transient is cut into."""

    steps: int
    tolerances: Mapping[str, float]
    others: Mapping[str, Option] = field(default_factory=dict)
    # The reference is what errors are measured against, and does not move with them.
    scales: bool = True

    def options(self, tolerance: float = 1.0) -> dict[str, Option]:
        """Return the options for a deck whose tolerances are so many times the preset's."""
        if not self.scales:
            tolerance = 1.0
        return {**{name: value * tolerance for name, value in self.tolerances.items()}, **self.others}


# xmu = 0.49 damps the ringing of the trapezoidal rule after an edge (a fifth of it is left) without
# gear's loss of accuracy; 0.5 is the plain rule.
_DEFAULT = Preset(50, {"reltol": 1e-4, "chgtol": 1e-16, "vntol": 1e-7}, {"xmu": 0.49})
PRESETS: Mapping[Accuracy, Preset] = {
    "fast": Preset(50, {"reltol": 1e-3, "chgtol": 1e-16}, {"xmu": 0.49}),
    # A transistor whose terminals have not moved is not evaluated again.
    "bypass": replace(_DEFAULT, others={**_DEFAULT.others, "bypass": 1}),
    "default": _DEFAULT,
    "reference": Preset(2000, {"reltol": 1e-5, "chgtol": 1e-17, "vntol": 1e-8}, scales=False),
}

# ngspice's default of 1e-12 S on every junction would be the larger part of what an idle latch or cell leaks.
LEAKAGE: Mapping[str, Option] = {"gmin": 1e-16}
# Where most transistors are off at any instant: one whose terminals have not moved is not evaluated again.
# In the ternary column it moves v_diff by 0.01 mV and takes a fifth of the time.
MOSTLY_OFF: Mapping[str, Option] = {**LEAKAGE, "bypass": 1}


def with_accuracy(deck: Deck, accuracy: Accuracy) -> Deck:
    """Give a deck a preset's tolerances and longest step; options that its bench needs stay as they are.

    Raises
    ------
    InputError
        If the preset bypasses transistors in a deck that measures leakage, and whose bench has not proved that right.
    """
    preset = PRESETS[accuracy]
    if "bypass" in preset.others and LEAKAGE.keys() <= deck.options.keys() and "bypass" not in deck.options:
        # The static current of a restore went from 2.4 to 5.9 % off.
        raise InputError(
            f"accuracy = {accuracy}: {deck.title} measures leakage, which transistors that are not evaluated again"
            " falsify: must be fast, default or reference"
        )
    options = {**preset.options(deck.tolerance), **deck.options}
    return deck.with_options(options).with_analysis(deck.analysis.in_steps(preset.steps))
