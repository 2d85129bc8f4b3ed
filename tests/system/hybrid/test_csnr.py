"""CSNR of quantisation alone against the table of circuits.md section 1.1, within 1 dB.

144 products, half-normal activations (sigma 45/255), Gaussian weights (sigma 30/128), 4-order window, range mean +- 4
sigma of each weight bit, mean error removed.
"""

from __future__ import annotations

import numpy as np
import pytest
from hybrid_operands import activations, weights

from bitline.statistics.snr import to_db
from bitline.system.hybrid.analog import Conversion, full_ranges, sigma_ranges
from bitline.system.hybrid.mac import HybridMac

# boundary: lower orders dropped, exact window, ADC of 3, 4, 5 and 6 bits
TABLE = {
    5: (35.5, 70.0, (47.3, 53.1, 59.0, 64.0)),
    6: (28.7, 59.2, (40.7, 46.4, 52.0, 56.1)),
    7: (21.9, 50.6, (34.1, 40.0, 45.1, 48.4)),
    8: (16.6, 42.7, (28.1, 33.7, 38.3, 41.0)),
    9: (11.6, 35.5, (22.5, 27.8, 32.1, 34.3)),
    10: (6.8, 28.7, (17.2, 22.3, 26.1, 27.9)),
}
W, X = weights(144, 64), activations(512, 144)
EXACT = X.astype(int) @ W.astype(int)
RANGES = sigma_ranges(W, X, TABLE)


def csnr(outputs: np.ndarray) -> float:
    return float(to_db(EXACT.var() / np.var(outputs - EXACT)))


@pytest.mark.parametrize("boundary", TABLE)
def test_the_table_is_reproduced(boundary: int) -> None:
    dropped, exact, converted = TABLE[boundary]
    digital = HybridMac(W, RANGES)
    assert csnr(digital.digital(X, boundary)) == pytest.approx(dropped, abs=1)
    # What the window would give without a converter is what a boundary lower by its width gives without a window.
    assert csnr(digital.digital(X, boundary - 4)) == pytest.approx(exact, abs=1)
    for bits, expected in zip((3, 4, 5, 6), converted, strict=True):
        found = HybridMac(W, RANGES, Conversion(adc_bits=bits)).product(X, boundary)
        assert csnr(found) == pytest.approx(expected, abs=1), bits


def test_three_bits_over_the_full_scale_are_worse_than_none() -> None:
    found = HybridMac(W, full_ranges(144), Conversion(adc_bits=3)).product(X, 8)
    assert csnr(found) == pytest.approx(13.2, abs=1)
    assert csnr(found) < csnr(HybridMac(W, RANGES).digital(X, 8))


@pytest.mark.parametrize("boundary", [5, 8, 10])
def test_uniform_operands_give_16_to_19_db_more(boundary: int) -> None:
    """docs/hybrid.md; four bits, beside the table of half-normal and Gaussian ones."""
    rng = np.random.default_rng(1)
    w, x = rng.integers(-128, 128, (144, 64)), rng.integers(0, 256, (512, 144))
    exact = x @ w
    found = HybridMac(w, sigma_ranges(w, x, [boundary]), Conversion(adc_bits=4)).product(x, boundary)
    assert 16 < float(to_db(exact.var() / np.var(found - exact))) - TABLE[boundary][2][1] < 19
