"""Standard-normal deviates that depend on nothing but the seed, the design and the sample's number.

A *random* sample is a stream of its own. Of a *design* the samples are chosen together, so that each deviate alone
covers its distribution evenly: a Latin hypercube of n samples has one in each of n intervals of equal probability,
and so have the first 2^k points of a scrambled Sobol sequence, which is also even in some deviates taken together.
Both are worked out column by column, so that a deviate does not depend on how many others a deck takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError, UnknownNameError
from bitline.statistics.bounds import check_count

Sampling = Literal["random", "latin-hypercube", "sobol"]
"""How the deviates of a Monte Carlo's samples are chosen."""

MOST_LATIN = 4096
"""Samples of the largest Latin hypercube, which every worker holds in memory."""
MOST_SOBOL = 21_201
"""Deviates of a Sobol sequence: direction numbers are known for no more dimensions (Joe and Kuo 2008)."""

# Columns, and points of a Sobol sequence, that are worked out at once.
_COLUMNS = 512
_ROWS = 256
# Each design has streams of its own: their keys are longer than a random sample's, which is its number.
_LATIN_KEY, _SOBOL_KEY = 1, 2


def deviates(
    seed: int, sample: int, count: int, sampling: Sampling = "random", samples: int = 0
) -> NDArray[np.float64]:
    """Return the standard-normal deviates of one mismatch sample.

    Random ones come from ``SeedSequence(seed, spawn_key=(sample,))``. All are the same on any number of workers, and
    a longer draw starts with the shorter one. Random and Sobol samples stay what they are when more are added; a
    Latin hypercube of another number of samples is another one.

    Parameters
    ----------
    seed : int
        The sweep's seed, >= 0.
    sample : int
        0 is the circuit without mismatch: all zeros.
    count : int
        How many, >= 0.
    sampling : {"random", "latin-hypercube", "sobol"}
    samples : int
        How many samples a Latin hypercube has; 0 for the others, which need not know.

    Returns
    -------
    ndarray, shape (count,)

    Raises
    ------
    InputError
        If one of them is no integer >= 0, or more than the design has.
    """
    for name, value in (("seed", seed), ("sample", sample), ("count", count), ("samples", samples)):
        check_count(name, value)
    check_design(sampling, samples, sample)
    # The nominal circuit is a sample like the others, so that a sweep needs no second kind of point.
    if sample == 0:
        return np.zeros(count)
    return np.fromiter(stream(seed, sample, sampling, samples), np.float64, count)


def check_design(sampling: str, samples: int, sample: int = 0) -> None:
    """Raise the `InputError` of a design that cannot be, or that has no such sample."""
    if sampling not in get_args(Sampling):
        raise UnknownNameError("sampling", sampling, get_args(Sampling))
    if sampling != "latin-hypercube":
        if samples:
            raise InputError(f"samples = {samples}: must be 0 with sampling = {sampling}, which does not depend on it")
        return
    if not 2 <= samples <= MOST_LATIN:
        raise InputError(
            f"samples = {samples}: must be 2 to {MOST_LATIN} with sampling = latin-hypercube, whose samples are chosen"
            " together"
        )
    if sample > samples:
        raise InputError(f"sample = {sample}: must be <= samples = {samples} of its Latin hypercube")


def stream(seed: int, sample: int, sampling: Sampling = "random", samples: int = 0) -> Iterator[float]:
    """Yield the deviates of one mismatch sample (above 0) without end, as `deviates` gives them.

    Raises
    ------
    InputError
        Beyond the last dimension that Sobol sequences have.
    """
    if sampling == "random":
        generator = _generator(seed, sample)
        while True:
            # In blocks, for speed; the numbers are the same as in one draw, whatever the size of a block.
            yield from generator.standard_normal(512)
    # Counted from 0: the first 2^k samples are the first 2^k points, which belong together.
    row, block = sample - 1, 0
    while True:
        if sampling == "sobol":
            yield from _sobol(seed, row // _ROWS, block)[row % _ROWS]
        else:
            yield from _latin_hypercube(seed, samples, block)[row]
        block += 1


@lru_cache(maxsize=32)
def _latin_hypercube(seed: int, samples: int, block: int) -> NDArray[np.float64]:
    """Return the deviates of all samples in one block of columns."""
    generator = _generator(seed, _LATIN_KEY, block)
    intervals = np.tile(np.arange(samples)[:, None], _COLUMNS)
    places = generator.permuted(intervals, axis=0) + generator.random((samples, _COLUMNS))
    return _normal(places / samples)


@lru_cache(maxsize=64)
def _sobol(seed: int, rows: int, block: int) -> NDArray[np.float64]:
    """Return the deviates of one block of points in one block of columns."""
    # The import takes seconds, and most sweeps have no use for it.
    from scipy.stats import qmc

    first, stop = block * _COLUMNS, min((block + 1) * _COLUMNS, MOST_SOBOL)
    if first >= stop:
        raise InputError(f"sampling = sobol: a deck takes more than {MOST_SOBOL} deviates: use random")
    engine = qmc.Sobol(stop, scramble=False, bits=32)
    if rows:
        engine.fast_forward(rows * _ROWS)
    points = (engine.random(_ROWS)[:, first:] * 2**32).astype(np.uint32)
    scrambled = _scrambled(points, _generator(seed, _SOBOL_KEY, block))
    # The middle of a point's interval: neither 0 nor 1, whose deviates are infinite.
    return _normal((scrambled + 0.5) / 2**32)


def _scrambled(points: NDArray[np.uint32], generator: np.random.Generator) -> NDArray[np.uint32]:
    """Scramble each column by a random lower-triangular matrix of bits and a shift (Matousek 1998).

    SciPy does the same, but its matrices depend on the number of columns: a sample would be another chip in a deck
    with more devices.
    """
    columns = points.shape[1]
    # Drawn for whole blocks, so that the last, shorter one has the same beginning.
    words = generator.integers(0, 2**32, size=(33, _COLUMNS), dtype=np.uint32)[:, :columns]
    result = np.broadcast_to(words[32], points.shape).copy()
    for bit in range(32):
        top = np.uint32(1 << (31 - bit))
        result ^= np.where(points & top, top | (words[bit] & (top - np.uint32(1))), np.uint32(0))
    return result


def _normal(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the standard-normal deviates at these cumulative probabilities."""
    from scipy.special import ndtri

    quantiles: NDArray[np.float64] = ndtri(places)
    return quantiles


def _generator(seed: int, *key: int) -> np.random.Generator:
    # The bit generator is named: default_rng may become another one in a later NumPy.
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))
