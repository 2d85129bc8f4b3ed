"""Samples of operands on which a hybrid product is judged: assumed distributions, the same bytes for a seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.system.hybrid.assumptions import COLUMNS

Statistics = Literal["uniform", "half-normal"]
"""Uniform weights and activations; or Gaussian weights (sigma 30/128) and half-normal activations (sigma 45/255)."""

OUTPUTS, PIXELS = 128, 128


@dataclass(frozen=True, eq=False)
class Operands:
    """A sample, and another one of the same distribution on which the converters' ranges are taken.

    Attributes
    ----------
    weights : array of int8, shape (144, 128)
    activations, held_out : arrays of uint8, shape (128, 144)
    """

    weights: NDArray[np.int8]
    activations: NDArray[np.uint8]
    held_out: NDArray[np.uint8]

    def exact(self, activations: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return the exact products of some activations, shape (pixels, outputs)."""
        # In double precision, which holds these integers exactly and multiplies matrices faster.
        return np.asarray(activations.astype(np.float64) @ self.weights.astype(np.float64))


def gaussian_weights(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.int8]:
    """Draw weights with a sigma of 30, rounded and clipped (circuits.md section 1.1)."""
    return np.clip(np.rint(30 * rng.standard_normal(shape)), -128, 127).astype(np.int8)


def half_normal_activations(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Draw activations of a half-normal law with a sigma of 45, rounded and clipped (circuits.md section 1.1)."""
    return np.clip(np.rint(np.abs(45 * rng.standard_normal(shape))), 0, 255).astype(np.uint8)


def operands(statistics: Statistics, seed: int = 1) -> Operands:
    """Return a sample of 128 by 128 dot products of 144; raises `InputError` for another distribution."""
    if statistics not in get_args(Statistics):
        raise InputError(f"statistics = {statistics!r}: must be 'uniform' or 'half-normal'")
    rng = np.random.default_rng(seed)
    weights, pictures = (COLUMNS, OUTPUTS), (2, PIXELS, COLUMNS)
    if statistics == "uniform":
        w = rng.integers(-128, 128, weights).astype(np.int8)
        first, second = rng.integers(0, 256, pictures).astype(np.uint8)
        return Operands(w, first, second)
    w = gaussian_weights(rng, weights)
    first, second = half_normal_activations(rng, pictures)
    return Operands(w, first, second)
