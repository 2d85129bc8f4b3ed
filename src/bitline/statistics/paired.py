"""Two methods judged on the same trials: how much one loses beside the other, with an interval.

Only trials on which the two differ say something: `lost` are right with the first and wrong with the second, `gained`
the other way round. The loss is (lost - gained) / count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, ndtri

from bitline.errors import InputError


@dataclass(frozen=True)
class PairedLoss:
    """What is lost of the share of right answers.

    Attributes
    ----------
    loss : float
        Share of right answers of the first less that of the second.
    low, high : float
        Its confidence interval.
    lost, gained, count : int
        Trials that the second alone gets wrong, those that it alone gets right, all.
    p_value : float
        Of no loss and no gain: McNemar's exact test, two-sided.
    """

    loss: float
    low: float
    high: float
    lost: int
    gained: int
    count: int
    p_value: float


def paired_loss(first: ArrayLike, second: ArrayLike, level: float = 0.95) -> PairedLoss:
    """Return the loss of the second method beside the first.

    The interval is that of Bonett and Price (Journal of Educational and Behavioral Statistics 37, 2012): the normal one
    with a trial added to those lost and one to those gained, which keeps its level where few trials differ, or none.

    Parameters
    ----------
    first, second : array of bool, shape (trials,)
        Whether each answered right; the same trials in the same order.
    level : float
        Confidence, above 0 and below 1.

    Raises
    ------
    InputError
        If the two are not as many, at least one, truth values, or the level is none.
    """
    a, b = np.asarray(first), np.asarray(second)
    if a.dtype != bool or b.dtype != bool or a.shape != b.shape or a.ndim != 1 or a.size == 0:
        raise InputError(f"answers of shapes {a.shape} and {b.shape}: must be as many truth values, one or more")
    if not 0 < level < 1:
        raise InputError(f"level = {level:g}: must be above 0 and below 1")
    lost, gained, count = int((a & ~b).sum()), int((~a & b).sum()), a.size
    n, difference, differing = count + 2, lost - gained, lost + gained + 2
    half = float(ndtri(0.5 + level / 2)) * math.sqrt(differing - difference**2 / n) / n
    return PairedLoss(
        loss=difference / count,
        low=difference / n - half,
        high=difference / n + half,
        lost=lost,
        gained=gained,
        count=count,
        p_value=_mcnemar(lost, gained),
    )


def _mcnemar(lost: int, gained: int) -> float:
    # Both tails of a binomial with probability 1/2 are alike; where lost = gained they overlap.
    return min(1.0, 2 * float(bdtr(min(lost, gained), lost + gained, 0.5)))
