"""Hybrid products: against sums over every pair of bits, both paths bit by bit, and the moments of their noise."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hybrid_operands import activations, weights
from hypothesis import given, settings
from hypothesis import strategies as st

from bitline.errors import InputError, SetupError
from bitline.system.hybrid import mac as module
from bitline.system.hybrid.analog import Conversion, Ranges, full_ranges, sigma_ranges
from bitline.system.hybrid.boundary import BitOrders
from bitline.system.hybrid.mac import HybridMac

PATHS = ["numpy", pytest.param("numba", marks=pytest.mark.skipif(not module.numba_installed(), reason="no numba"))]
W, X = weights(144, 20), activations(30, 144)
NOISY = Conversion(adc_bits=4, static=2.0, temporal=3.0)


def dyadic(orders: BitOrders, step: float, bits: int, low: float = -0.5) -> Ranges:
    """Return ranges whose every number is exact in single precision."""
    shape = (orders.highest + 1, orders.weight_bits)
    return Ranges(orders, np.full(shape, low), np.full(shape, low + step * 2**bits))


def by_pairs_of_bits(w: np.ndarray, x: np.ndarray, orders: BitOrders, boundary: int, step: float, bits: int) -> Any:
    """Return the outputs from one-bit MACs, one pair of bits after the other."""
    out = np.zeros((len(x), w.shape[1]))
    for i in range(orders.weight_bits):
        sign = -1 if i == orders.weight_bits - 1 else 1
        level, converted = np.zeros_like(out), False
        for j in range(orders.input_bits):
            ones = ((x.astype(int) >> j) & 1) @ ((w.astype(int) >> i) & 1)
            if i + j >= boundary:
                out += sign * 2 ** (i + j) * ones
            elif i + j >= boundary - orders.window:
                level += 2 ** (i + j - (boundary - orders.window)) * ones
                converted = True
        if converted:
            code = np.clip(np.floor((level + 0.5) / step), 0, 2**bits - 1)
            out += sign * 2.0 ** (boundary - orders.window) * (-0.5 + (code + 0.5) * step)
    return out


@settings(max_examples=60, deadline=None)
@given(st.data())
@pytest.mark.parametrize("path", PATHS)
def test_outputs_are_the_sums_over_pairs_of_bits(path: Any, data: Any) -> None:
    orders = BitOrders(
        weight_bits=data.draw(st.integers(2, 8)),
        input_bits=data.draw(st.integers(1, 8)),
        window=data.draw(st.integers(1, 8)),
    )
    length, outputs, pixels = (data.draw(st.integers(1, most)) for most in (256, 5, 4))
    boundary, bits = data.draw(st.integers(0, orders.highest)), data.draw(st.integers(1, 8))
    step, rng = 2.0 ** data.draw(st.integers(-2, 5)), np.random.default_rng(data.draw(st.integers(0, 99)))
    half = 2 ** (orders.weight_bits - 1)
    w = rng.integers(-half, half, (length, outputs))
    x = rng.integers(0, 2**orders.input_bits, (pixels, length))
    array = HybridMac(w, dyadic(orders, step, bits), Conversion(adc_bits=bits))
    expected = by_pairs_of_bits(w, x, orders, boundary, step, bits)
    np.testing.assert_array_equal(array.product(x, boundary, path=path), expected)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("extreme", [(-128, 255), (127, 255)])
def test_the_largest_numbers_are_exact(path: Any, extreme: tuple[int, int]) -> None:
    w, x = np.full((256, 1), extreme[0]), np.full((1, 256), extreme[1])
    orders = BitOrders()
    array = HybridMac(w, dyadic(orders, 0.25, 16), Conversion(adc_bits=16))
    for boundary in range(16):
        expected = by_pairs_of_bits(w, x, orders, boundary, 0.25, 16)
        assert array.product(x, boundary, path=path) == expected
    assert array.product(x, 0, path=path) == 256 * extreme[0] * extreme[1]


@pytest.mark.parametrize("path", PATHS)
def test_boundary_0_is_exact(path: Any) -> None:
    array = HybridMac(W, full_ranges(144), NOISY, seed=9)
    np.testing.assert_array_equal(array.product(X, 0, path=path), X.astype(int) @ W.astype(int))


def test_the_digital_part_is_the_sum_of_the_orders_above() -> None:
    array = HybridMac(W, full_ranges(144))
    order = np.add.outer(np.arange(8), np.arange(8))
    place = np.outer([1, 2, 4, 8, 16, 32, 64, -128], 2 ** np.arange(8))
    ones = np.einsum("pcj,coi->poij", (X[..., None] >> np.arange(8)) & 1, (W[..., None] >> np.arange(8)) & 1, dtype=int)
    for boundary in range(16):
        above = np.where(order >= boundary, place, 0)
        np.testing.assert_array_equal(array.digital(X, boundary), np.einsum("poij,ij->po", ones, above))


@pytest.mark.skipif(not module.numba_installed(), reason="no numba")
@pytest.mark.parametrize("bits", [3, 4, 6, 12])
@pytest.mark.parametrize("transfer", [False, True])
def test_both_paths_give_the_same_bits(bits: int, *, transfer: bool) -> None:
    sums, rng = np.arange(144 * 15 + 1), np.random.default_rng(4)
    array = HybridMac(
        W,
        sigma_ranges(W, X, range(16)),
        NOISY.replace(adc_bits=bits),
        transfer=sums / (1 + 1e-4 * sums) if transfer else None,
        seed=7,
    )
    boundaries = [*range(16), rng.integers(0, 16, 30), rng.integers(5, 11, (30, 20))]
    for boundary in boundaries:
        plain, fast = (array.product(X, boundary, path=path) for path in ("numpy", "numba"))
        assert plain.tobytes() == fast.tobytes()


@pytest.mark.parametrize("path", PATHS)
def test_a_boundary_of_its_own_gives_what_the_same_boundary_gives_all(path: Any) -> None:
    array = HybridMac(W, sigma_ranges(W, X, range(5, 11)), NOISY, seed=7)
    all_alike = np.array([array.product(X, b, path=path) for b in range(5, 11)])
    of_pixels, of_outputs = (np.random.default_rng(1).integers(0, 6, shape) for shape in (30, (30, 20)))
    expected = np.take_along_axis(all_alike, of_outputs[None], axis=0)[0]
    np.testing.assert_array_equal(array.product(X, 5 + of_outputs, path=path), expected)
    expected = all_alike[of_pixels, np.arange(30)]
    np.testing.assert_array_equal(array.product(X, 5 + of_pixels, path=path), expected)


@pytest.mark.parametrize("path", PATHS)
def test_parts_of_a_picture_give_the_bits_of_the_whole(path: Any) -> None:
    array = HybridMac(W, sigma_ranges(W, X, [8]), NOISY, seed=7)
    parts = [array.product(X[:11], 8, path=path), array.product(X[11:], 8, path=path, start=11)]
    np.testing.assert_array_equal(np.concatenate(parts), array.product(X, 8, path=path))
    assert not np.array_equal(parts[1], array.product(X[11:], 8, path=path))


def fine(static: float, temporal: float, seed: int = 1) -> HybridMac:
    """An array whose converters are so fine that only noise is left."""
    conversion = Conversion(adc_bits=16, static=static, temporal=temporal)
    return HybridMac(W, dyadic(BitOrders(), 0.125, 16, low=-1024.0), conversion, seed=seed)


@pytest.mark.parametrize("boundary", [3, 6, 8, 11])
def test_temporal_noise_of_all_conversions_adds_up(boundary: int) -> None:
    """Second way: independent conversions, sigma 2^(B - window) sqrt(N_A)."""
    x = np.repeat(X[:1], 3000, axis=0)
    error = fine(0.0, 3.0).product(x, boundary) - fine(0.0, 0.0).product(x, boundary)
    conversions = BitOrders().counts(boundary).conversions
    assert error.std() == pytest.approx(3.0 * 2.0 ** (boundary - 4) * np.sqrt(conversions), rel=0.02)
    # No output's noise has to do with another's.
    assert np.abs(np.corrcoef(error.T) - np.eye(20)).max() < 5 / np.sqrt(3000)


def test_a_chip_repeats_its_static_error() -> None:
    errors = np.array([(fine(3.0, 0.0, seed).product(X, 8) - fine(0.0, 0.0).product(X, 8)) for seed in range(150)])
    # To a step of the converters: the error is the same at every sum.
    assert np.ptp(errors, axis=1).max() <= 8 * 0.125 * 2**4
    assert errors[:, 0].std() == pytest.approx(3.0 * 2**4 * np.sqrt(8), rel=0.05)


def test_a_transfer_bends_every_sum() -> None:
    """A gain of 1/2 of the analog part, and nothing else."""
    sums = np.arange(144 * 15 + 1)
    ranges = dyadic(BitOrders(), 0.125, 16, low=-1024.0)
    bent = HybridMac(W, ranges, Conversion(adc_bits=16), transfer=sums / 2).product(X, 8)
    digital, straight = fine(0, 0).digital(X, 8), fine(0, 0).product(X, 8)
    np.testing.assert_allclose(bent - digital, (straight - digital) / 2, atol=8 * 0.125 * 2**4)


def test_a_sum_beyond_the_range_is_clipped() -> None:
    orders, ones = BitOrders(weight_bits=2, input_bits=1, window=1), np.ones((100, 1), dtype=int)
    array = HybridMac(ones, dyadic(orders, 1.0, 4), Conversion(adc_bits=4))
    # Weight 1, boundary 1: the only order is analog, and 100 is read as the last code's 15.
    assert array.product(ones.T, 1) == 15


def test_ranges_of_a_sample_are_its_moments() -> None:
    ranges = sigma_ranges(W, X, [8], sigmas=3.0)
    for i in range(8):
        word = (X.astype(int) << 8 >> (4 + 8 - i)) & 15
        sums = word @ ((W.astype(int) >> i) & 1)
        assert ranges.low[8, i] == pytest.approx(sums.mean() - 3 * sums.std(), abs=1e-9)
        assert ranges.high[8, i] == pytest.approx(sums.mean() + 3 * sums.std(), abs=1e-9)
    assert np.isnan(ranges.low[7]).all()


def test_a_sample_without_spread_still_has_a_range() -> None:
    ranges = sigma_ranges(np.zeros((9, 2), dtype=int), np.zeros((4, 9), dtype=int), [8])
    assert np.all(ranges.high[8] - ranges.low[8] == 1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sigma_ranges(W, X[:0], [8]), r"activations of shape \(0, 144\)"),
        (lambda: sigma_ranges(W, X[:, :9], [8]), r"must be \(pixels, 144\)"),
        (lambda: sigma_ranges(W / 2, X, [8]), "weights of type float64"),
        (lambda: sigma_ranges(W, X, [16]), r"boundary = 16"),
        (lambda: sigma_ranges(W, X, [8], sigmas=0.0), "sigmas = 0"),
        (lambda: Ranges(BitOrders(), np.zeros((16, 8)), np.zeros((16, 8))), "low must be below high"),
        (lambda: Ranges(BitOrders(), np.zeros((16, 7)), np.ones((16, 7))), r"must be \(16, 8\)"),
    ],
)
def test_wrong_ranges_are_refused_by_name(call: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()


def test_every_conversion_needs_its_range() -> None:
    ranges = sigma_ranges(W, X, [8])
    ranges.low[8, 3] = np.nan
    with pytest.raises(InputError, match="boundary = 8: the converters have no range"):
        HybridMac(W, ranges).product(X, 8)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"weights": np.full((3, 1), 128)}, r"weights: 128: must be -128\.\.127"),
    ({"weights": np.ones((257, 1), dtype=int)}, r"\(257, 1\)"),
    ({"weights": np.ones((3, 1))}, "weights of type float64"),
    ({"activations": np.full((1, 3), 256)}, r"activations: 256: must be 0\.\.255"),
    ({"activations": np.full((1, 3), -1)}, "activations: -1"),
    ({"activations": np.ones((1, 4), dtype=int)}, r"activations of shape \(1, 4\): must be \(pixels, 3\)"),
    ({"boundary": 16}, r"boundary = 16: must be an integer 0\.\.15"),
    ({"boundary": -1}, "boundary = -1"),
    ({"boundary": 8.0}, "boundary of type float64"),
    ({"boundary": [8, 8]}, r"shape \(2,\)"),
    ({"boundary": 7}, "boundary = 7: the converters have no range"),
    ({"start": -1}, "start = -1"),
    ({"seed": -1}, "seed = -1"),
    ({"transfer": np.ones(3)}, r"transfer of shape \(3,\)"),
]


@pytest.mark.parametrize(("change", "words"), WRONG)
def test_wrong_arguments_are_refused_by_name(change: dict[str, Any], words: str) -> None:
    usual: dict[str, Any] = {"weights": np.ones((3, 1), dtype=int), "activations": np.ones((1, 3), dtype=int)}
    usual |= {"boundary": 8, "start": 0, "seed": 0, "transfer": None} | change
    ranges = sigma_ranges(np.ones((3, 1), dtype=int), np.ones((1, 3), dtype=int), [8])
    with pytest.raises(InputError, match=words):
        HybridMac(usual["weights"], ranges, seed=usual["seed"], transfer=usual["transfer"]).product(
            usual["activations"], usual["boundary"], start=usual["start"]
        )


def test_without_numba_the_plain_path_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    array = HybridMac(W, sigma_ranges(W, X, [8]), NOISY)
    expected = array.product(X, 8, path="numpy")
    monkeypatch.setattr(module, "numba_installed", lambda: False)
    np.testing.assert_array_equal(array.product(X, 8), expected)
    with pytest.raises(SetupError, match="numba is not installed"):
        array.product(X, 8, path="numba")


def test_numba_is_not_loaded_unless_it_is_used() -> None:
    """So that the package works without it."""
    code = "import sys, bitline.system.hybrid.mac, bitline.system.hybrid.saliency; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
