"""The boundary of each output on the fly, from a sum that every boundary offered computes anyway.

The saliency of an output is the exact sum S of all orders from the highest boundary offered on: no lower boundary
leaves one of them out, so that it costs nothing but a comparison. The greater it is, the lower the boundary, the more
exact the output. *Signed*, a strongly negative sum counts as unimportant, which it is where a rectifier follows;
by *magnitude*, it counts as much as a positive one.

Thresholds are taken on held-out data: first the shares of outputs that are to get each boundary, then the thresholds
that give these shares on a sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bitline.errors import InputError
from bitline.statistics.paired import paired_loss

Kind = Literal["signed", "magnitude"]
KINDS = ("signed", "magnitude")


@dataclass(frozen=True)
class SaliencyRule:
    """Which saliency gives which boundary.

    Parameters
    ----------
    boundaries : tuple of int
        Those offered, ascending.
    thresholds : tuple of float
        One fewer, descending: a saliency of ``thresholds[0]`` or more gets ``boundaries[0]``, one below that but of
        ``thresholds[1]`` or more ``boundaries[1]``, and so on.
    kind : ``signed`` or ``magnitude``

    Raises
    ------
    InputError
        If they are not in order, not one fewer, or the kind is neither.
    """

    boundaries: tuple[int, ...]
    thresholds: tuple[float, ...]
    kind: Kind = "signed"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"kind = {self.kind!r}: must be one of {', '.join(KINDS)}")
        _check_offered(self.boundaries)
        if len(self.thresholds) != len(self.boundaries) - 1 or list(self.thresholds) != sorted(
            self.thresholds, reverse=True
        ):
            raise InputError(f"thresholds = {self.thresholds}: must be {len(self.boundaries) - 1}, descending")

    @classmethod
    def at_shares(cls, sums: ArrayLike, shares: dict[int, float], kind: Kind = "signed") -> Self:
        """Return the rule that gives boundaries to these shares of a sample's outputs.

        Parameters
        ----------
        sums : array
            S of the sample: of held-out data.
        shares : dict
            The share of outputs by boundary; they add up to 1.
        kind : ``signed`` or ``magnitude``

        Raises
        ------
        InputError
            If the shares are no distribution, or the sample is empty.
        """
        boundaries = tuple(sorted(shares))
        parts = np.array([shares[b] for b in boundaries])
        sample = saliency(sums, kind).ravel()
        if not (np.all(parts >= 0) and abs(parts.sum() - 1) < 1e-9) or sample.size == 0:
            raise InputError(
                f"shares = {shares}, {sample.size} sums: shares must be >= 0 and add up to 1, of a sum or more"
            )
        # The most salient outputs get the lowest boundary.
        cuts = 1 - np.clip(np.cumsum(parts)[:-1], 0, 1)
        return cls(boundaries, tuple(_cut(sample, cut) for cut in cuts.tolist()), kind)

    def boundary(self, sums: ArrayLike) -> NDArray[np.int64]:
        """Return the boundary of each output, of the shape of the sums S."""
        # Ascending, for the search: how many thresholds a saliency reaches.
        reached = np.searchsorted(np.array(self.thresholds)[::-1], saliency(sums, self.kind), side="right")
        return np.array(self.boundaries, dtype=np.int64)[len(self.thresholds) - reached]


def saliency(sums: ArrayLike, kind: Kind) -> NDArray[np.float64]:
    """Return how important outputs are: S itself, or its magnitude."""
    s = np.asarray(sums, dtype=np.float64)
    if kind == "magnitude":
        return np.abs(s)
    return s


def _check_offered(boundaries: Sequence[int]) -> None:
    if len(boundaries) == 0 or np.any(np.diff(boundaries) <= 0):
        raise InputError(f"boundaries = {tuple(boundaries)}: must be one or more, ascending")


def _cut(sample: NDArray[np.float64], below: float) -> float:
    """Return the threshold that this share of a sample lies below."""
    # Where none is to lie below, or all: no saliency that comes later may cross it either.
    if below <= 0:
        return -np.inf
    if below >= 1:
        return np.inf
    return float(np.quantile(sample, below, method="higher"))


@dataclass(frozen=True, eq=False)
class Trial:
    """A way to choose boundaries, tried on held-out data.

    Parameters
    ----------
    name : str
    energy : float
        Mean energy, in any unit that is the same for all trials.
    right : array of bool, shape (pictures,)
        Which pictures it answered right.
    """

    name: str
    energy: float
    right: NDArray[np.bool_]


def cheapest(trials: Iterable[Trial], reference: NDArray[np.bool_], limit: float) -> Trial:
    """Return the trial of least energy whose loss is within a limit.

    The loss is that of the held-out pictures, not its upper end: whether the limit holds is shown on other data
    (`bitline.statistics.paired.paired_loss`).

    Parameters
    ----------
    trials : iterable of Trial
        All tried on the same pictures.
    reference : array of bool, shape (pictures,)
        What the all-digital product answered right.
    limit : float
        Largest loss, as a share of the pictures, >= 0.

    Raises
    ------
    InputError
        If the limit is below 0 or no trial is within it.
    """
    if not limit >= 0:
        raise InputError(f"limit = {limit:g}: must be >= 0")
    within = [trial for trial in trials if paired_loss(reference, trial.right).loss <= limit]
    if not within:
        raise InputError(f"limit = {limit:g}: no trial loses so little")
    return min(within, key=lambda trial: trial.energy)
