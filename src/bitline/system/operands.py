"""Operands: random weights and inputs of a dot product."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bitline.parameters import Parameters, parameter, validated
from bitline.system.trits import largest

Integers = NDArray[np.int64]
Shape = Literal["normal", "half-normal", "uniform"]


@validated
class Operands(Parameters):
    """Statistics of the numbers in a dot product, independent of one another; rounded, then clipped.

    The defaults are those of circuits.md section 1.1 (45/255 and 30/128), as parts of the largest number.
    """

    length: int = parameter(144, "products in a dot product", source="assumed", ge=1, le=65536)
    trits: int = parameter(5, "trits of weights and of inputs", source="transcribed", ge=1, le=12)
    weights: Shape = parameter("normal", "distribution of the weights", source="choice")
    inputs: Shape = parameter("half-normal", "distribution of the inputs", source="choice")
    weight_sigma: float = parameter(
        30 / 128, "sigma of normal weights over the largest weight", source="choice", gt=0, le=10
    )
    input_sigma: float = parameter(
        45 / 255, "sigma of normal inputs over the largest input", source="choice", gt=0, le=10
    )

    def draw(self, trials: int, generator: np.random.Generator) -> tuple[Integers, Integers]:
        """Return weights and inputs, each of shape (trials, length)."""
        size = (trials, self.length)
        # Weights first: another shape of the inputs leaves the weights of a seed as they are.
        return (
            _draw(self.weights, self.weight_sigma, largest(self.trits), size, generator),
            _draw(self.inputs, self.input_sigma, largest(self.trits), size, generator),
        )


def _draw(shape: Shape, sigma: float, limit: int, size: tuple[int, int], generator: np.random.Generator) -> Integers:
    if shape == "uniform":
        return generator.integers(-limit, limit, size, endpoint=True)
    numbers = sigma * limit * generator.standard_normal(size)
    if shape == "half-normal":
        numbers = np.abs(numbers)
    # The tails of a normal reach beyond the largest number: they are held there, as in a quantised network.
    return np.clip(np.rint(numbers), -limit, limit).astype(np.int64)
