"""Outcomes: those of a whole run, in columns: some 60 bytes a point and 8 for each output, where objects take 2 kB.

    outcomes = Outcomes([Outcome(0, key, "ok", {"v": 1.2}), ...])
    outcomes.append(outcome)                         as they land
    outcomes.sort()                                  by their index, once all have landed
    outcomes[3]                                      an `Outcome` again, made as it is asked for
    outcomes.values("v"), outcomes.statuses()        columns, without any object

Ten million points of a bench with eight outputs take 1.4 GB.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

from bitline.sweep.outcome import STATUSES, Outcome

_KEY_BYTES = hashlib.sha256().digest_size
_NO_KEY = bytes(_KEY_BYTES)
_STATUS_NUMBERS = {status: number for number, status in enumerate(STATUSES)}
_OK = _STATUS_NUMBERS["ok"]


class Outcomes(Sequence[Outcome]):
    """Outcomes in the order in which they were appended, until they are sorted.

    Parameters
    ----------
    outcomes : iterable of Outcome
        The first ones.
    """

    def __init__(self, outcomes: Iterable[Outcome] = ()) -> None:
        self._index, self._seconds = array("q"), array("d")
        self._status, self._rung, self._cached = array("b"), array("h"), array("b")
        # Numbers by what they stand for, in the order of the numbers.
        self._rungs: dict[str, int] = {}
        self._keys = bytearray()
        # What few points have: keys that are no SHA-256, logs.
        self._other_keys: dict[int, str] = {}
        self._logs: dict[int, str] = {}
        # Values by the names that an outcome has, since each bench has its own: which block, and which row of it.
        self._block, self._row = array("h"), array("q")
        self._names: dict[tuple[str, ...], int] = {}
        self._blocks: list[array[float]] = []
        # Where the outcomes lie in the columns, once they are sorted.
        self._order: NDArray[np.intp] | None = None
        for outcome in outcomes:
            self.append(outcome)

    def append(self, outcome: Outcome) -> None:
        """Add an outcome at the end."""
        self._order, place = None, len(self._index)
        self._index.append(outcome.index)
        self._seconds.append(outcome.seconds)
        self._status.append(_STATUS_NUMBERS[outcome.status])
        self._cached.append(outcome.cached)
        self._rung.append(self._rungs.setdefault(outcome.rung, len(self._rungs)))
        self._keys += self._digest(place, outcome.key)
        if outcome.log:
            self._logs[place] = outcome.log
        names = tuple(outcome.values)
        block = self._names.setdefault(names, len(self._names))
        if block == len(self._blocks):
            self._blocks.append(array("d"))
        self._block.append(block)
        self._row.append(len(self._blocks[block]))
        self._blocks[block].extend(outcome.values.values())

    def sort(self) -> None:
        """Sort by the points' index."""
        self._order = np.argsort(np.frombuffer(self._index, np.int64), kind="stable")

    def renumber(self, indices: NDArray[np.intp] | None = None) -> None:
        """Give the outcomes, in their order, these indices, by default 0, 1, 2 ..."""
        if indices is None:
            indices = np.arange(len(self))
        np.frombuffer(self._index, np.int64)[self._places()] = indices

    def indices(self) -> NDArray[np.int64]:
        """Return the indices in order."""
        return np.frombuffer(self._index, np.int64)[self._places()]

    def __len__(self) -> int:
        return len(self._index)

    @overload
    def __getitem__(self, number: int) -> Outcome: ...
    @overload
    def __getitem__(self, number: slice) -> list[Outcome]: ...
    def __getitem__(self, number: int | slice) -> Outcome | list[Outcome]:
        places = range(len(self))[number]
        if isinstance(places, range):
            return [self._at(place) for place in places]
        return self._at(places)

    def __iter__(self) -> Iterator[Outcome]:
        return map(self._at, range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(one == another for one, another in zip(self, other, strict=True))

    # Outcomes are appended.
    __hash__ = None  # type: ignore[assignment]

    def values(self, name: str, start: int = 0, stop: int | None = None) -> NDArray[np.float64]:
        """Return an output's values from `start` to before `stop`, NaN where an outcome has none."""
        places = self._places(start, stop)
        blocks, rows = np.frombuffer(self._block, np.int16)[places], np.frombuffer(self._row, np.int64)[places]
        values = np.full(len(places), np.nan)
        for names, block in self._names.items():
            if name in names:
                here = blocks == block
                values[here] = np.frombuffer(self._blocks[block])[rows[here] + names.index(name)]
        return values

    def statuses(self, start: int = 0, stop: int | None = None) -> NDArray[np.int8]:
        """Return the statuses by their number in `STATUSES`."""
        return np.frombuffer(self._status, np.int8)[self._places(start, stop)]

    def status_counts(self) -> dict[str, int]:
        """Return how many outcomes have each status that occurs, by its name."""
        return {STATUSES[number]: count for number, count in sorted(Counter(self._status).items())}

    def rung_counts(self) -> dict[str, int]:
        """Return how many outcomes that are ok have each rung of the ladder."""
        good = np.frombuffer(self._rung, np.int16)[np.frombuffer(self._status, np.int8) == _OK]
        counts = np.bincount(good, minlength=len(self._rungs)).tolist() if len(good) else [0] * len(self._rungs)
        return {rung: counts[number] for rung, number in self._rungs.items() if counts[number]}

    @property
    def cached(self) -> int:
        """How many came out of the store."""
        return sum(self._cached)

    def result_keys(self) -> Iterator[str]:
        """Yield the keys in order, without making any outcome."""
        return (self._key(place) for place in self._places().tolist())

    def failures(self) -> Iterator[Outcome]:
        """Yield, in order, the outcomes that are not ok."""
        return (self._at(number) for number in np.flatnonzero(self.statuses() != _OK).tolist())

    def _places(self, start: int = 0, stop: int | None = None) -> NDArray[np.intp]:
        """Return where in the columns the outcomes from `start` to before `stop` lie."""
        if self._order is not None:
            return self._order[start:stop]
        return np.arange(*slice(start, stop).indices(len(self)))

    def _at(self, number: int) -> Outcome:
        place = number if self._order is None else int(self._order[number])
        status = STATUSES[self._status[place]]
        names = tuple(self._names)[self._block[place]]
        row = self._row[place]
        values = self._blocks[self._block[place]][row : row + len(names)]
        return Outcome(
            self._index[place],
            self._key(place),
            status,
            dict(zip(names, values, strict=True)),
            tuple(self._rungs)[self._rung[place]],
            self._logs.get(place, ""),
            bool(self._cached[place]),
            self._seconds[place],
        )

    def _digest(self, place: int, key: str) -> bytes:
        """Return a key as bytes, or keep one that is no SHA-256 apart."""
        try:
            digest = bytes.fromhex(key)
        except ValueError:
            digest = b""
        if digest.hex() == key and len(digest) == _KEY_BYTES:
            return digest
        self._other_keys[place] = key
        return _NO_KEY

    def _key(self, place: int) -> str:
        if place in self._other_keys:
            return self._other_keys[place]
        return self._keys[place * _KEY_BYTES : (place + 1) * _KEY_BYTES].hex()
