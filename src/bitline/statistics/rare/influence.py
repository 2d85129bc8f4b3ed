"""Influence: which of very many deviates a failure depends on.

Of an array's thousand deviates, the some twenty of one cell decide. They are found by halving, as in group testing,
in some 20 evaluations if they are side by side and some 250 if they are scattered.
"""

from __future__ import annotations

import numpy as np

from bitline.statistics.rare.limit_state import Array, LimitState, Mask

# Deviates so few that telling them apart costs more than a gradient.
_FEW = 32
# Blocks from which a majority says that all deviates matter.
_MANY = 48
# Effect of a block of deviates that is none, in standard deviations of the margin.
_EFFECT = 0.02
# Effect of all that was dropped, from which something among it matters after all; samples to see it; second tries.
_REST = 0.1
_OTHERS = 4
_RETRIES = 2


def influential(limit_state: LimitState, rng: np.random.Generator, failure: Array, unit: float) -> Mask:
    """Return which deviates matter to a failure, as far as more than a few are looked at."""
    matter = _matter_by_halving(limit_state, failure, unit)
    # A block that matters may have no effect by chance: other values of the rest show it.
    for _ in range(_RETRIES):
        others = np.where(matter, failure, rng.standard_normal((_OTHERS, len(failure))))
        y = limit_state(np.concatenate([np.where(matter, failure, 0.0)[None], others]))
        effects = abs(y[1:] - y[0])
        if effects.max() < _REST * unit:
            break
        if not (y[1:] < 0).any():
            return np.ones_like(matter)
        matter |= _matter_by_halving(limit_state, others[np.argmax(y[1:] < 0)], unit)
    return matter


def _matter_by_halving(limit_state: LimitState, failure: Array, unit: float) -> Mask:
    """Halve the deviates again and again, and drop the blocks whose deviates may as well be 0."""
    matter, blocks = np.ones(len(failure), dtype=bool), [np.arange(len(failure))]
    while matter.sum() > _FEW and max(map(len, blocks)) > 1:
        halves = [half for block in blocks for half in np.array_split(block, 2) if len(half)]
        probes = np.tile(np.where(matter, failure, 0.0), (len(halves) + 1, 1))
        # The last row stays the sample itself.
        for probe, half in zip(probes, halves, strict=False):
            probe[half] = 0.0
        y = limit_state(probes)
        blocks = [half for half, effect in zip(halves, abs(y[:-1] - y[-1]), strict=True) if effect > _EFFECT * unit]
        kept = np.zeros_like(matter)
        kept[np.concatenate([np.empty(0, dtype=int), *blocks])] = True
        # Each block alone may have no effect where all of them have one together.
        if limit_state(np.where(kept, failure, 0.0)[None])[0] >= 0:
            break
        matter = kept
        # Most of many blocks matter, so that the others have no effect by chance.
        if len(blocks) > _MANY and 2 * matter.sum() > len(matter):
            return np.ones_like(matter)
    return matter
