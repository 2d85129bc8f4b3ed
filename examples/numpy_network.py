"""A small network of trits in numpy, on exact sums, on the ternary column and on an unsigned ACIM column.

python examples/numpy_network.py      (made-up data, seeded; nothing is downloaded; some seconds)

Layers of 64 and 48 inputs are cut into columns of 16 rows, each read by a converter with a code for
every MAC value, and added up digitally. Mean and sigma of each code are the LUTs'; mismatch is drawn
once per chip and state of each column, noise at every read. The converter has the measured noise of
the comparator, and of its offset what a calibration in steps of 0.1 LSB leaves (assumed).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from bitline import content
from bitline.lut.lut import Lut
from bitline.system.column_model import column_model
from bitline.system.measured_column import measured_column
from bitline.system.products import pair_pmf, products_of

AT = {"corner": "tt", "vdd": 1.8, "temperature": 27.0}
ROWS, CLASSES, CHIPS = 16, 10, 4
TRIM = 0.1  # LSB
Array = Any


@dataclass(frozen=True)
class Column:
    """Mean and sigmas in LSB, over the states that `states` numbers; all MAC values are 0..16 or -16..16."""

    lowest: int
    mean: Array
    static: Array
    noise: Array

    def chip(self, rng: np.random.Generator, outputs: int, factor: float) -> Array:
        """Return the output in LSB of every state of `outputs` columns of one chip."""
        offset = rng.uniform(-TRIM / 2, TRIM / 2, (outputs, 1))
        return self.mean + offset + factor * self.static * rng.normal(size=(outputs, self.mean.size))

    def read(self, rng: np.random.Generator, chip: Array, states: Array, factor: float) -> Array:
        """Return the MAC values read: `states` has a row per column of the chip."""
        analog = np.take_along_axis(chip, states, axis=1)
        analog += factor * self.noise[states] * rng.normal(size=states.shape)
        return np.clip(np.rint(analog), self.lowest, ROWS)


def load(name: str) -> Lut:
    return Lut.load(content.folder("luts") / name)


def comparator_noise(lsb: float) -> float:
    """Return the noise of the converter's decisions in LSB."""
    return float(load("strongarm-noise").tables["noise"]["v_noise_formula"].max()) / abs(lsb)


def ternary_column() -> Column:
    """Return the column over mac and extra: state 9 (mac + 16) + extra."""
    lut = load("ternary-column")
    model = column_model(lut, hold=True, **AT)
    lsb, origin = model.line(pair_pmf(products_of(lut), ROWS))
    occurs = np.isfinite(model.sigma)
    mean = np.where(occurs, (model.mean - origin) / lsb, 0.0).ravel()
    static = np.where(occurs, model.sigma / lsb, 0.0).ravel()
    noise = math.hypot(model.thermal / lsb, comparator_noise(lsb))
    return Column(-ROWS, mean, static, np.full(mean.size, noise))


def unsigned_column() -> Column:
    """Return the charge-summing ACIM column over its codes."""
    at = measured_column(load("acim-qs"), AT, line="best-fit")
    return Column(0, at.mean, at.static, np.hypot(at.temporal, comparator_noise(at.lsb)))


def signed_states(w: Array, x: Array) -> Array:
    plus = np.maximum(w, 0) @ np.maximum(x, 0) + np.maximum(-w, 0) @ np.maximum(-x, 0)
    minus = np.maximum(w, 0) @ np.maximum(-x, 0) + np.maximum(-w, 0) @ np.maximum(x, 0)
    return (9 * (plus - minus + ROWS) + np.minimum(plus, minus)).astype(int)


def on_ternary(column: Column, rng: np.random.Generator, w: Array, x: Array, factor: float) -> Array:
    return column.read(rng, column.chip(rng, len(w), factor), signed_states(w, x), factor)


def on_unsigned(column: Column, rng: np.random.Generator, w: Array, x: Array, factor: float) -> Array:
    """Read +1 and -1 of weights in columns of their own, +1 and -1 of inputs one after the other."""
    total = 0
    for sign in (1, -1):
        bits = np.maximum(sign * w, 0)
        chip = column.chip(rng, len(w), factor)
        for half in (1, -1):
            total = total + sign * half * column.read(rng, chip, (bits @ np.maximum(half * x, 0)).astype(int), factor)
    return total


def trit(values: Array) -> Array:
    return np.sign(values) * (np.abs(values) > 0.5)


def train(rng: np.random.Generator, x: Array, label: Array) -> list[Array]:
    """Return trits for two layers, found with the gradient passed straight through the rounding."""
    layers = [rng.normal(0, 0.7, (48, 64)), rng.normal(0, 0.7, (CLASSES, 48))]
    target = np.eye(CLASSES)[label].T
    for _ in range(150):
        hidden = trit(layers[0]) @ x / 8
        active = trit(hidden)
        score = trit(layers[1]) @ active / 4
        softmax = np.exp(score - score.max(axis=0))
        error = (softmax / softmax.sum(axis=0) - target) / len(label)
        back = trit(layers[1]).T @ error * (np.abs(hidden) < 1.5)
        layers[1] = np.clip(layers[1] - 4.0 * error @ active.T, -1, 1)
        layers[0] = np.clip(layers[0] - 4.0 * back @ x.T, -1, 1)
    return [trit(layer) for layer in layers]


def classify(layers: list[Array], x: Array, product: Any) -> Array:
    """Return the class of every column of x; `product(weights, inputs)` multiplies 16 rows at a time."""
    for weights, scale in zip(layers, (8, None), strict=True):
        parts = range(0, weights.shape[1], ROWS)
        total = sum(product(weights[:, k : k + ROWS], x[k : k + ROWS]) for k in parts)
        x = total if scale is None else trit(total / scale)
    return x.argmax(axis=0)


def data(rng: np.random.Generator, prototypes: Array, size: int) -> tuple[Array, Array]:
    label = rng.integers(CLASSES, size=size)
    return trit(prototypes[:, label] + rng.normal(0, 1.5, (64, size))), label


def on_chips(
    rng: np.random.Generator, layers: list[Array], x: Array, label: Array, column: Column, product: Any, factor: float
) -> tuple[float, list[float]]:
    """Return the share of sums that are read wrong and the accuracy of each chip."""
    read = wrong = 0

    def noisy(weights: Array, inputs: Array) -> Array:
        nonlocal read, wrong
        found = product(column, rng, weights, inputs, factor)
        read, wrong = read + found.size, wrong + int((found != weights @ inputs).sum())
        return found

    accuracy = [float(np.mean(classify(layers, x, noisy) == label)) for _ in range(CHIPS)]
    return wrong / read, accuracy


def main() -> None:
    rng = np.random.default_rng(1)
    prototypes = rng.normal(0, 1, (64, CLASSES))
    layers = train(rng, *data(rng, prototypes, 1500))
    x, label = data(rng, prototypes, 600)
    exact = float(np.mean(classify(layers, x, np.matmul) == label))
    print(f"{'column':30}{'sums read wrong':>16}{'accuracy':>10}{'over chips':>12}")
    print(f"{'exact sums':30}{0:16.4f}{exact:10.4f}{0:12.4f}")
    for name, column, product in (
        ("ternary column", ternary_column(), on_ternary),
        ("ACIM, charge summing", unsigned_column(), on_unsigned),
    ):
        for factor in (1.0, 3.0, 10.0):
            wrong, accuracy = on_chips(rng, layers, x, label, column, product, factor)
            title = name if factor == 1 else f"{name}, {factor:g} sigma"
            print(f"{title:30}{wrong:16.4f}{np.mean(accuracy):10.4f}{np.std(accuracy):12.4f}")


if __name__ == "__main__":
    main()
