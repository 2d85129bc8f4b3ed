"""A network in eight bits whose products are hybrid: every dot product of more than 144 is divided among arrays.

Weights are quantised for each output, activations for each layer, both on a line through 0. The first layer, whose
dot products are nine long, is digital (boundary 0); so are biases, rectifiers and pooling.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hybrid.digits import Pictures

from bitline.system.hybrid.analog import Conversion, sigma_ranges
from bitline.system.hybrid.boundary import BitOrders
from bitline.system.hybrid.mac import HybridMac

ROWS = 144
POOLED = (True, False, True, True, False)
BATCH = 50
CLIPPED = 5e-4
"""Share of a layer's activations beyond the largest number."""

Choice = Callable[[int, "Sums", tuple[int, int]], "np.ndarray | int"]
"""Boundaries of a layer's outputs, from its number, its saliency and its shape (pixels, outputs)."""
Sums = Callable[[], np.ndarray]
"""What the saliency is taken of: worked out only if it is asked for."""


@dataclass(frozen=True)
class Answers:
    """What a network made of some pictures.

    right : array of bool, shape (pictures,)
    logits : array, shape (pictures, classes)
    boundaries : array of int, shape (layers - 1, boundaries)
        Dot products by boundary, in layers from the second on.
    """

    right: np.ndarray
    logits: np.ndarray
    boundaries: np.ndarray

    def energy(self, rho: float) -> float:
        """Mean energy of a dot product from the second layer on, in one-bit digital operations."""
        total = self.boundaries.sum(axis=0)
        energies = [BitOrders().counts(b).energy(rho) for b in range(len(total))]
        return float(total @ energies) / float(total.sum())

    def mean_boundary(self) -> float:
        total = self.boundaries.sum(axis=0)
        return float(total @ np.arange(len(total))) / float(total.sum())


class Layer:
    """Weights in eight bits and what surrounds them.

    weight, bias : arrays in floating point, shapes (outputs, ...) and (outputs,)
    largest : number that the largest weight of an output becomes: 127 of eight bits, 121 of five trits
    """

    def __init__(self, number: int, weight: np.ndarray, bias: np.ndarray, largest: int = 127) -> None:
        self.number, self.bias = number, bias
        self.outputs, self.convolves = len(weight), weight.ndim == 4
        flat = weight.reshape(len(weight), -1).T
        self.step = np.abs(flat).max(axis=0) / largest
        self.weights = np.clip(np.rint(flat / self.step), -largest, largest).astype(np.int8)
        self.slices = [slice(k, k + ROWS) for k in range(0, len(flat), ROWS)]
        self.arrays: list[HybridMac] = []

    def rows(self, x: np.ndarray) -> np.ndarray:
        """Return the activations of each dot product, shape (pixels, length)."""
        if not self.convolves:
            return x.reshape(len(x), -1)
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
        return windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, x.shape[1] * 9)

    def prepare(self, rows: np.ndarray, boundaries: Sequence[int], conversion: Conversion, seed: int) -> None:
        """Take the converters' ranges on a sample of activations, and draw a chip."""
        self.arrays = [
            HybridMac(
                self.weights[part],
                sigma_ranges(self.weights[part], rows[:, part], boundaries),
                conversion,
                seed=1000 * seed + 10 * self.number + k,
            )
            for k, part in enumerate(self.slices)
        ]

    def exact(self, rows: np.ndarray) -> np.ndarray:
        return (rows.astype(np.float32) @ self.weights.astype(np.float32)).astype(np.float64)

    def saliency(self, rows: np.ndarray, boundary: int) -> np.ndarray:
        """Return the sum over all arrays of the orders from a boundary on."""
        parts = zip(self.arrays, self.slices, strict=True)
        return sum((array.digital(rows[:, part], boundary) for array, part in parts), np.zeros(1))

    def product(self, rows: np.ndarray, boundary: np.ndarray | int, start: int) -> np.ndarray:
        parts = zip(self.arrays, self.slices, strict=True)
        return sum((array.product(rows[:, part], boundary, start=start) for array, part in parts), np.zeros(1))

    def activations(self, sums: np.ndarray, scale: float, shape: tuple[int, ...]) -> np.ndarray:
        """Return the outputs as real numbers, rectified and pooled, shape (pictures, outputs, rows, columns)."""
        real = np.maximum(sums * self.step * scale + self.bias, 0)
        pictures, _, height, width = shape
        real = real.reshape(pictures, height, width, self.outputs).transpose(0, 3, 1, 2)
        if not POOLED[self.number]:
            return real
        height, width = height // 2, width // 2
        real = real[:, :, : 2 * height, : 2 * width]
        return real.reshape(pictures, self.outputs, height, 2, width, 2).max(axis=(3, 5))


class Network:
    """A trained network; `sample` sets the scales of its activations and the ranges of its converters.

    task : the name of a file of weights beside this one
    sample : held-out pictures
    boundaries : those that its converters have a range for
    highest : the highest boundary that a saliency chooses from, whose orders are its sum
    largest : number that the largest weight of an output becomes
    """

    def __init__(
        self,
        task: str,
        sample: Pictures,
        boundaries: Sequence[int],
        highest: int,
        conversion: Conversion | None = None,
        seed: int = 1,
        largest: int = 127,
    ) -> None:
        with np.load(Path(__file__).with_name(f"{task}.npz")) as arrays:
            count = len(arrays.files) // 2
            self.layers = [Layer(k, arrays[f"weight{k}"], arrays[f"bias{k}"], largest) for k in range(count)]
        self.highest = highest
        self.scales = [1 / 255.0]
        self.sums: list[np.ndarray] = []
        x = sample.grey[:, None]
        for layer in self.layers:
            rows = layer.rows(x)
            few = np.random.default_rng(1).permutation(len(rows))[:2000]
            layer.prepare(rows[few], boundaries, conversion or Conversion(), seed)
            self.sums.append(layer.saliency(rows[few], highest))
            if layer.convolves:
                real = layer.activations(layer.exact(rows), self.scales[-1], x.shape)
                self.scales.append(float(np.quantile(real, 1 - CLIPPED)) / 255)
                x = _eight_bits(real, self.scales[-1])

    def answers(self, pictures: Pictures, choose: Choice | None = None) -> Answers:
        """Run pictures through the network; without a choice every product is exact."""
        logits, counted = [], np.zeros((len(self.layers) - 1, BitOrders().highest + 1))
        for first in range(0, len(pictures.classes), BATCH):
            x = pictures.grey[first : first + BATCH, None]
            for layer, scale in zip(self.layers, self.scales, strict=True):
                rows = layer.rows(x)
                if layer.number == 0 or choose is None:
                    boundary: np.ndarray | int = 0
                    sums = layer.exact(rows)
                else:
                    boundary = choose(layer.number, self._saliency_of(layer, rows), (len(rows), layer.outputs))
                    sums = layer.product(rows, boundary, first * (len(rows) // len(x)))
                if layer.number:
                    used = np.broadcast_to(boundary, sums.shape).ravel()
                    counted[layer.number - 1] += len(layer.slices) * np.bincount(used, minlength=counted.shape[1])
                if layer.convolves:
                    real = layer.activations(sums, scale, x.shape)
                    x = _eight_bits(real, self.scales[layer.number + 1])
                else:
                    logits.append(sums * layer.step * scale + layer.bias)
        found = np.concatenate(logits)
        return Answers(found.argmax(axis=1) == pictures.classes, found, counted)

    def input_of(self, grey: np.ndarray, number: int) -> np.ndarray:
        """Return what enters a layer if all before it are exact, of pictures of shape (pictures, 1, rows, columns)."""
        x = grey
        for layer, scale in zip(self.layers[:number], self.scales[:number], strict=True):
            real = layer.activations(layer.exact(layer.rows(x)), scale, x.shape)
            x = _eight_bits(real, self.scales[layer.number + 1])
        return x

    def _saliency_of(self, layer: Layer, rows: np.ndarray) -> Sums:
        return lambda: layer.saliency(rows, self.highest)


def _eight_bits(real: np.ndarray, scale: float) -> np.ndarray:
    return np.clip(np.rint(real / scale), 0, 255).astype(np.uint8)
