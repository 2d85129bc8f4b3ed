"""Standard-normal deviates that depend on nothing but the seed and the sample's number."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bitline.statistics.bounds import check_count


def deviates(seed: int, sample: int, count: int) -> NDArray[np.float64]:
    """Return the standard-normal deviates of one mismatch sample.

    They come from ``SeedSequence(seed, spawn_key=(sample,))``: the same on any number of
    workers and after samples are added. A longer draw starts with the shorter one.

    Parameters
    ----------
    seed : int
        The sweep's seed, >= 0.
    sample : int
        0 is the circuit without mismatch: all zeros.
    count : int
        How many, >= 0.

    Returns
    -------
    ndarray, shape (count,)

    Raises
    ------
    InputError
        If one of them is no integer >= 0.
    """
    for name, value in (("seed", seed), ("sample", sample), ("count", count)):
        check_count(name, value)
    # The nominal circuit is a sample like the others, so that a sweep needs no second kind of point.
    if sample == 0:
        return np.zeros(count)
    return _generator(seed, sample).standard_normal(count)


def stream(seed: int, sample: int) -> Iterator[float]:
    """Yield the deviates of one mismatch sample (above 0) without end, as `deviates` gives them."""
    generator = _generator(seed, sample)
    while True:
        # In blocks, for speed; the numbers are the same as in one draw, whatever the size of a block.
        yield from generator.standard_normal(512)


def _generator(seed: int, sample: int) -> np.random.Generator:
    # The bit generator is named: default_rng may become another one in a later NumPy.
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(sample,))))
