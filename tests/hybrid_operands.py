"""Operands of circuits.md section 1.1: half-normal activations, Gaussian weights."""

from __future__ import annotations

import numpy as np


def weights(length: int, outputs: int, seed: int = 1) -> np.ndarray:
    numbers = 30 * np.random.default_rng(seed).standard_normal((length, outputs))
    return np.clip(np.rint(numbers), -128, 127).astype(np.int8)


def activations(pixels: int, length: int, seed: int = 2) -> np.ndarray:
    numbers = np.abs(45 * np.random.default_rng(seed).standard_normal((pixels, length)))
    return np.clip(np.rint(numbers), 0, 255).astype(np.uint8)
