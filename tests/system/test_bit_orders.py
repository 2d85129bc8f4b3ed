"""Quantisation-only CSNR of a dynamic boundary (circuits.md 1.1), recomputed from its rule: two rows of the table.

An 8b x 8b MAC is 64 one-bit MACs of order k = i + j. Orders >= B are exact, B - 4 <= k < B are an analog window, one
conversion for each weight bit of the at most four input bits in it; lower orders are dropped. Signal and error are
about their means: a fixed offset is removed.
"""

from __future__ import annotations

import numpy as np
import pytest

from bitline.statistics.snr import to_db
from bitline.system.operand_sums import BitSliced

N, BITS, WINDOW = 144, 8, 4
TABLE = {
    # boundary: dropped below it, exact window, ADC of 3, 4, 5 and 6 bits over mean +- 4 sigma [dB]
    6: (28.7, 59.2, (40.7, 46.4, 52.0, 56.1)),
    8: (16.6, 42.7, (28.1, 33.7, 38.3, 41.0)),
}
order = np.add.outer(np.arange(BITS), np.arange(BITS))


@pytest.fixture(scope="module")
def sums() -> tuple[np.ndarray, np.ndarray]:
    """The weighted one-bit MACs of 4096 vectors, shape (vectors, input bits, weight bits), and their whole sums."""
    operands = BitSliced().sums(N)
    parts = (operands.codes * operands.weights).reshape(-1, BITS, BITS)
    return parts, operands.result


def csnr(ideal: np.ndarray, found: np.ndarray) -> float:
    return float(to_db(np.var(ideal) / np.var(found - ideal)))


def quantised(output: np.ndarray, bits: int) -> np.ndarray:
    """Read by an ADC over mean +- 4 sigma of what each weight bit gives."""
    mean, sigma = output.mean(), output.std()
    step = 8 * sigma / 2**bits
    code = np.clip(np.floor((output - mean) / step + 2 ** (bits - 1)), 0, 2**bits - 1)
    return mean + (code - 2 ** (bits - 1) + 0.5) * step


@pytest.mark.parametrize("boundary", TABLE)
def test_csnr_of_a_boundary(boundary: int, sums: tuple[np.ndarray, np.ndarray]) -> None:
    """Within 0.5 dB where nothing is converted, 0.6 dB with an ADC: 4096 vectors of another seed."""
    parts, ideal = sums
    dropped, exact, converted = TABLE[boundary]
    digital = np.where(order >= boundary, parts, 0).sum(axis=(1, 2))
    window = np.where((order >= boundary - WINDOW) & (order < boundary), parts, 0).sum(axis=1)
    assert csnr(ideal, digital) == pytest.approx(dropped, abs=0.5)
    assert csnr(ideal, digital + window.sum(axis=1)) == pytest.approx(exact, abs=0.5)
    for bits, expected in zip((3, 4, 5, 6), converted, strict=True):
        # Weight bits of which the window holds none have nothing to convert.
        read = sum(quantised(column, bits) for column in window.T if column.std() > 0)
        assert csnr(ideal, digital + read) == pytest.approx(expected, abs=0.6), bits


def test_the_counts_of_a_boundary() -> None:
    """DCIM and ACIM one-bit MACs, conversions and dropped ones, as derived there."""
    for boundary, counts in {6: (43, 18, 6, 3), 8: (28, 26, 8, 10)}.items():
        window = (order >= boundary - WINDOW) & (order < boundary)
        digital = int((order >= boundary).sum())
        found = (digital, int(window.sum()), int(window.any(axis=0).sum()), 64 - digital - int(window.sum()))
        assert found == counts
