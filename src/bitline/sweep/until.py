"""Until: when a Monte Carlo has samples enough.

    [mismatch]
    samples = 5000
    until = {output = "swing", half_width = 1e-3}

simulates samples until the 95 % interval of an output's mean is no wider than +- `half_width` at every point of the
grid, 5000 at most. Looked at is after 30 samples and then after each tenth more, at all samples from the first on: so
the number of samples depends on the results alone, not on the order in which workers finish.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from bitline.errors import InputError, UnknownNameError
from bitline.statistics.intervals import clopper_pearson, mean, sigma

Statistic = Literal["mean", "sigma", "probability"]

# Fewer say too little of how wide an interval is, and looks at every sample would stop at the luckiest one.
_FIRST = 30
_CONFIDENCE = 0.95


class Until(BaseModel):
    """What is to be known how well.

    Parameters
    ----------
    output : str
        Of a bench that is sampled. Benches that do not have it get as many samples.
    half_width : float
        Half of the 95 % interval's width, in the output's unit.
    statistic : {"mean", "sigma", "probability"}
        Of what: the mean (Student's t), the standard deviation (chi-square), or how often the output, which must be 0
        or 1, is 1 (Clopper-Pearson).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    output: str = Field(min_length=1)
    half_width: float = Field(gt=0, allow_inf_nan=False)
    statistic: Statistic = "mean"

    def met(self, samples: NDArray[np.float64]) -> bool:
        """Whether every interval is narrow enough.

        Parameters
        ----------
        samples : array, shape (samples, points)
            NaN where a point gave no result.

        Raises
        ------
        InputError
            If a probability is asked of an output that is not always 0 or 1.
        """
        return all(self._half_width(column[np.isfinite(column)]) <= self.half_width for column in samples.T)

    def check_output(self, owner: str, outputs: Iterable[str]) -> None:
        """Raise `UnknownNameError` unless one of the benches that are sampled has the output."""
        known = list(outputs)
        if self.output not in known:
            raise UnknownNameError("output", self.output, known, f"of [mismatch] until of {owner}")

    def _half_width(self, samples: NDArray[np.float64]) -> float:
        # Of one sample nothing is known of the spread.
        if len(samples) < 2:
            return np.inf
        if self.statistic == "mean":
            from scipy.special import stdtrit  # a worker does without, and starts the faster

            return float(stdtrit(len(samples) - 1, (1 + _CONFIDENCE) / 2) * mean(samples)[1])
        if self.statistic == "sigma":
            interval = sigma(samples, _CONFIDENCE)
            return float(interval.high - interval.low) / 2
        if not np.isin(samples, (0.0, 1.0)).all():
            raise InputError(f"until: statistic = probability: {self.output} must be 0 or 1 at every point")
        share = clopper_pearson(int(np.count_nonzero(samples)), len(samples), _CONFIDENCE)
        return (share.high - share.low) / 2


def looks(most: int) -> Iterator[int]:
    """Yield after how many samples is looked whether they are enough; `most` at last."""
    count = _FIRST
    while count < most:
        yield count
        count += -(-count // 10)
    yield most
