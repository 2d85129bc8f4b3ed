"""What cannot be a standard deviation, a ratio of powers, a probability or a count is refused in one line."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bitline.errors import InputError
from bitline.statistics.distributions import binomial_pmf, trinomial_pmf
from bitline.statistics.fit import fit_sigma
from bitline.statistics.intervals import clopper_pearson, sigma
from bitline.statistics.linearity import enob
from bitline.statistics.sampling import deviates
from bitline.statistics.snr import compose, snr_a, sqnr, to_db

HALF = [0.5, 0.5]

REFUSED: dict[str, Callable[[], Any]] = {
    "sigma = -0.001": lambda: snr_a([0, 1], [0.0, 1.0], [1e-3, -1e-3], 0.0, HALF),
    "thermal = -0.001": lambda: snr_a([0, 1], [0.0, 1.0], [0.0, 0.0], -1e-3, HALF),
    "sigma = ": lambda: snr_a([0, 1], [0.0, 1.0], [0.0, math.inf], 0.0, HALF),
    "v = ": lambda: snr_a([0, 1], [0.0, -math.inf], [0.0, 0.0], 0.0, HALF),
    "pmf adds up to nan": lambda: snr_a([0, 1], [0.0, 1.0], [0.0, 0.0], 0.0, [0.5, math.nan]),
    "ratio = -1": lambda: to_db(-1.0),
    "ratio = -2": lambda: compose(1.0, -2.0),
    "peak_to_sigma = inf": lambda: sqnr(8, math.inf),
    "peak_to_sigma = nan": lambda: sqnr(8, math.nan),
    "bits = -1": lambda: sqnr(-1, 4.0),
    "sigma = -1": lambda: fit_sigma([1, 2, 3], [1.0, -1.0, 1.0]),
    "code = -1": lambda: fit_sigma([-1, 2, 3], [1.0, 1.0, 1.0]),
    "sigma_error = -1": lambda: enob(16, -1.0),
    "span = 0": lambda: enob(0.0, 1.0),
    "binomial n = 2.5": lambda: binomial_pmf(2.5, 0.5),  # type: ignore[arg-type]
    "binomial n = nan": lambda: binomial_pmf(math.nan, 0.5),  # type: ignore[arg-type]
    "binomial p = nan": lambda: binomial_pmf(2, math.nan),
    "rows = nan": lambda: trinomial_pmf(math.nan, 0.2, 0.2),  # type: ignore[arg-type]
    "p_plus = nan": lambda: trinomial_pmf(3, math.nan, 0.2),
    "failures = 0.5": lambda: clopper_pearson(0.5, 10),  # type: ignore[arg-type]
    "n = inf": lambda: clopper_pearson(0, math.inf),  # type: ignore[arg-type]
    "failures = True": lambda: clopper_pearson(True, 10),
    "confidence = nan": lambda: sigma([1.0, 2.0], math.nan),
    "seed = 1.5": lambda: deviates(1.5, 1, 1),  # type: ignore[arg-type]
    "count = -1": lambda: deviates(1, 1, -1),
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_cannot_be_is_refused(words: str) -> None:
    with pytest.raises(InputError) as refused:
        REFUSED[words]()
    assert str(refused.value).startswith(words)
    assert "\n" not in str(refused.value)


def test_numpy_counts_and_failed_points_are_welcome() -> None:
    assert binomial_pmf(np.int64(2), 0.5).tolist() == pytest.approx([0.25, 0.5, 0.25])
    assert clopper_pearson(np.int64(0), np.int64(10)).failures == 0
    assert math.isnan(snr_a([0, 1], [0.0, math.nan], [0.0, 0.0], 0.0, HALF))
    assert np.isnan(enob(16, math.nan))
