"""Column operations drawn from the network `pairs` at the boundaries of its signed saliency: for `certificate.py`.

A layer is drawn as often as its dot products occur in a picture, then a test picture's pixel, an array, an output and a
weight bit. The boundary is the one that signed saliency gives the output (half of the outputs at 9, half at 10 on
held-out pictures), the activations are those of the exact network. What the array lacks of 144 rows is 0.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from order_energy import DOT_PRODUCTS, LENGTH

from bitline.system.hybrid.analog import windows
from bitline.system.hybrid.boundary import BitOrders
from bitline.system.hybrid.saliency import SaliencyRule

Integers = NDArray[np.int64]

SEED = 14
SHARES = {9: 0.5, 10: 0.5}
PICTURES = 64


@dataclass(frozen=True, eq=False)
class Operation:
    """One analog operation of a network.

    Attributes
    ----------
    number : int
        From 1; its chip's number, too.
    layer, boundary, weight_bit : int
    low, high : float
        Ends of the converter's range [LSB of the sum]: mean +- 4 sigma of that weight bit's sums on held-out pictures.
    weights, words : array of int, shape (144,)
        Bits of the weights, and the DAC words 0..15.
    """

    number: int
    layer: int
    boundary: int
    weight_bit: int
    low: float
    high: float
    weights: Integers
    words: Integers

    @property
    def total(self) -> int:
        """The sum: products at the lowest DAC level."""
        return int(self.weights @ self.words)

    def row(self) -> dict[str, str]:
        """Return it as a row of a CSV file."""
        numbers = {name: str(getattr(self, name)) for name in ("number", "layer", "boundary", "weight_bit")}
        ranges = {"low": f"{self.low:.6g}", "high": f"{self.high:.6g}"}
        bits, words = ("".join(f"{digit:x}" for digit in each.tolist()) for each in (self.weights, self.words))
        return numbers | ranges | {"weights": bits, "words": words}

    @classmethod
    def of_row(cls, row: dict[str, str]) -> Operation:
        """Read a row that `row` made."""
        numbers = (int(row[name]) for name in ("number", "layer", "boundary", "weight_bit"))
        digits = (np.array([int(digit, 16) for digit in row[name]]) for name in ("weights", "words"))
        return cls(*numbers, float(row["low"]), float(row["high"]), *digits)


def draw(first: int, last: int) -> Iterator[Operation]:
    """Yield the operations of these numbers, each from a stream of its own."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))
    from hybrid.layers import Network
    from hybrid_network import pictures

    network = Network("pairs", pictures("pairs", "held-out", PICTURES), sorted(SHARES), max(SHARES))
    tested, layers = pictures("pairs", "test", PICTURES), list(DOT_PRODUCTS)
    inputs = {k: network.layers[k - 1].rows(network.input_of(tested.grey[:, None], k - 1)) for k in layers}
    rules = {k: SaliencyRule.at_shares(network.sums[k - 1], SHARES) for k in layers}
    often = np.array(list(DOT_PRODUCTS.values())) / sum(DOT_PRODUCTS.values())
    for number in range(first, last + 1):
        rng = np.random.default_rng((SEED, number))
        k = int(rng.choice(layers, p=often))
        layer, rows = network.layers[k - 1], inputs[k]
        row, part, output = rng.integers(len(rows)), rng.integers(len(layer.slices)), rng.integers(layer.outputs)
        salient = layer.saliency(rows[row : row + 1], max(SHARES))[0, output]
        boundary = int(rules[k].boundary(salient))
        places = list(windows(BitOrders(), [boundary]))
        _, bit, window = places[rng.integers(len(places))]
        own, array = layer.slices[part], layer.arrays[part]
        weights = np.zeros(LENGTH, dtype=np.int64)
        words = weights.copy()
        column = layer.weights[own, output].astype(np.int64)
        weights[: len(column)] = (column >> bit) & 1
        words[: len(column)] = window.words(rows[row, own]).astype(np.int64)
        low, high = (float(ends[boundary, bit]) for ends in (array.ranges.low, array.ranges.high))
        yield Operation(number, k, boundary, bit, low, high, weights, words)
