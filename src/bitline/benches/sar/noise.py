"""Noise of a conversion: one draw a decision, and one that is sampled with the input.

The comparator integrates its noise over a fraction of a nanosecond and is reset between decisions, so that what it adds
is a number a decision, independent of the others: `v_noise` of bench `decide`, which bench `noise` checks by white
noise. A source of white noise over a whole conversion would need a thousand time steps for the same five numbers.
Noise of the sampling, sqrt(2 k T / C) of two top plates, is the same number for all decisions of a conversion.
"""

from __future__ import annotations

import numpy as np


def drawn_noise(
    bits: int, seed: tuple[int, ...], sample: int, v_diff: float, *, per_decision: float, sampled: float
) -> list[float]:
    """Draw the noise of one conversion.

    Parameters
    ----------
    bits : int
        Decisions.
    seed : tuple of int
        Of the stream.
    sample : int
        Chip: each has a stream of its own.
    v_diff : float
        Input [V]: each has a stream of its own, so that conversions are independent whatever their order.
    per_decision, sampled : float
        Standard deviations [V].

    Returns
    -------
    list of float, length `bits`
        What each decision sees in addition to the input [V].
    """
    # The bits of the number itself: two inputs that differ at all are two conversions.
    key = int(np.float64(v_diff).view(np.uint64))
    stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(sample, key))))
    common, *own = stream.standard_normal(bits + 1).tolist()
    return [sampled * common + per_decision * z for z in own]
