"""Normal deviates by number: the same for a conversion whatever is computed before, after or beside it.

A deviate is an entry of a table of 65,536 equally likely values, the normal's quantiles at the middles of as many equal
parts, scaled to variance 1; the largest is 4.3 sigma. Which entry is decided by 16 bits of the conversion's number,
scrambled by the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). There is no logarithm or cosine in it,
which two libraries would round differently: integer operations and one table give the same bits on every path.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from bitline.errors import InputError

Words = NDArray[np.uint64]
Singles = NDArray[np.float32]

LEVELS = 2**16
FIELDS = 4
"""Deviates in one scrambled word: four fields of 16 bits."""
WORDS = 2
"""Scrambled words of one dot product: eight weight bits at most."""
STRIDE = 0x9E3779B97F4A7C15
MIX_1, MIX_2 = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


@functools.cache
def table() -> Singles:
    """Return the deviates, ascending; shape (65536,), mean 0, variance 1."""
    quantiles = ndtri((np.arange(LEVELS) + 0.5) / LEVELS)
    deviates: Singles = np.asarray(quantiles / quantiles.std(), dtype=np.float32)
    deviates.setflags(write=False)
    return deviates


def key_of(seed: int) -> int:
    """Return the 64-bit key of a seed's temporal noise.

    Raises
    ------
    InputError
        If the seed is negative.
    """
    return int(_sequence(seed, 1).generate_state(1, np.uint64)[0])


def static_deviates(seed: int, outputs: int, weight_bits: int) -> Singles:
    """Return one normal deviate for each column of a chip: shape (weight_bits, outputs).

    More outputs leave the first ones as they are.

    Raises
    ------
    InputError
        If the seed is negative.
    """
    generator = np.random.Generator(np.random.PCG64(_sequence(seed, 0)))
    return np.asarray(generator.standard_normal((outputs, weight_bits)).T, dtype=np.float32)


def _sequence(seed: int, stream: int) -> np.random.SeedSequence:
    if seed < 0:
        raise InputError(f"seed = {seed}: must be >= 0")
    return np.random.SeedSequence(seed, spawn_key=(stream,))


def scrambled(key: int, numbers: Words) -> Words:
    """Return the scrambled 64 bits of each number."""
    # Wrapping around is what is meant: NumPy's arrays do, without a warning.
    word = numbers * np.uint64(STRIDE) + np.uint64(key)
    word ^= word >> np.uint64(30)
    word *= np.uint64(MIX_1)
    word ^= word >> np.uint64(27)
    word *= np.uint64(MIX_2)
    word ^= word >> np.uint64(31)
    return word


def deviates_of(words: Words, field: int) -> Singles:
    """Return the deviate that a field, 0..3, of each scrambled word stands for."""
    return table()[((words >> np.uint64(16 * field)) & np.uint64(LEVELS - 1)).astype(np.intp)]
