"""How often the sums of independent products occur."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, xlog1py, xlogy

from bitline.errors import InputError
from bitline.statistics.bounds import check_count

Array = NDArray[np.float64]


def binomial_pmf(n: int, p: float) -> Array:
    """Return the probabilities of 0..n ones among n independent bits that are 1 with p.

    The MAC code of n cells whose input AND weight is 1 with probability p.

    Returns
    -------
    ndarray, shape (n + 1,)

    Raises
    ------
    InputError
        If n is no integer >= 0 or p is not inside 0..1.
    """
    check_count("binomial n", n)
    if not 0 <= p <= 1:
        raise InputError(f"binomial p = {p}: must be within 0..1")
    # In logarithms: factorials of hundreds of cells would overflow.
    k = np.arange(n + 1, dtype=np.float64)
    log_ways = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return np.asarray(np.exp(log_ways + xlogy(k, p) + xlog1py(n - k, -p)))


def trinomial_pmf(rows: int, p_plus: float, p_minus: float) -> Array:
    """Return how often each MAC value occurs with so many pairs of +1 and -1 besides.

    `rows` independent products are +1 with `p_plus`, -1 with `p_minus`, else 0. For two uniform
    trits both are 2/9.

    Returns
    -------
    ndarray, shape (2 rows + 1, rows // 2 + 1)
        Over mac = -rows .. rows and extra = 0 .. rows // 2: max(mac, 0) + extra products are +1
        and max(-mac, 0) + extra are -1. What needs more than `rows` has probability 0.

    Raises
    ------
    InputError
        If rows is no integer >= 1 or the probabilities are not >= 0 with a sum <= 1.
    """
    check_count("rows", rows, 1)
    if not (p_plus >= 0 and p_minus >= 0 and p_plus + p_minus <= 1 + 1e-12):
        raise InputError(f"p_plus = {p_plus}, p_minus = {p_minus}: must be >= 0 with a sum <= 1")
    mac, extra = np.arange(-rows, rows + 1)[:, None], np.arange(rows // 2 + 1)
    plus, minus = np.maximum(mac, 0) + extra, np.maximum(-mac, 0) + extra
    zero = rows - plus - minus
    possible = zero >= 0
    # Any number will do where the result is 0.
    none = np.where(possible, zero, 0)
    # In logarithms, as above.
    ways = gammaln(rows + 1) - gammaln(plus + 1) - gammaln(minus + 1) - gammaln(none + 1)
    # 2/9 + 7/9 and the like may exceed 1 by rounding.
    rest = max(1 - p_plus - p_minus, 0.0)
    chance = np.exp(ways + xlogy(plus, p_plus) + xlogy(minus, p_minus) + xlogy(none, rest))
    return np.where(possible, chance, 0.0)
