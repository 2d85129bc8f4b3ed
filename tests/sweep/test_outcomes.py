"""Outcomes in columns are the outcomes that were appended."""

from __future__ import annotations

import hashlib
import math
import tracemalloc
from collections import Counter
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitline.sweep.outcome import STATUSES, Outcome
from bitline.sweep.outcomes import Outcomes

SHA = st.binary(max_size=4).map(lambda data: hashlib.sha256(data).hexdigest())
OUTCOMES = st.builds(
    Outcome,
    index=st.integers(0, 2**40),
    key=st.one_of(SHA, SHA.map(str.upper), st.sampled_from(["", "key", "ab " * 21 + "c", "0" * 64])),
    status=st.sampled_from(STATUSES),
    values=st.dictionaries(st.sampled_from(["v", "i", "swing"]), st.floats(allow_nan=False)),
    rung=st.sampled_from(["", "plain", "gear"]),
    log=st.sampled_from(["", "timestep too small\n"]),
    cached=st.booleans(),
    seconds=st.floats(0, 1e7),
)


@given(st.lists(OUTCOMES, max_size=12))
def test_each_outcome_comes_back_as_it_was(made: list[Outcome]) -> None:
    outcomes = Outcomes(made)
    assert [asdict(one) for one in outcomes] == [asdict(one) for one in made]
    assert outcomes == made
    assert outcomes[1:3] == made[1:3]
    assert list(outcomes.result_keys()) == [one.key for one in made]
    outcomes.sort()
    made = sorted(made, key=lambda one: one.index)
    assert [asdict(one) for one in outcomes] == [asdict(one) for one in made]
    assert list(outcomes.failures()) == [one for one in made if not one.ok]
    assert outcomes.cached == sum(one.cached for one in made)
    assert outcomes.status_counts() == Counter(one.status for one in made)
    assert outcomes.rung_counts() == Counter(one.rung for one in made if one.ok)
    for name in ("v", "i", "swing", "nothing"):
        expected = [one.values.get(name, math.nan) for one in made]
        np.testing.assert_array_equal(outcomes.values(name), expected)
        np.testing.assert_array_equal(outcomes.values(name, 2, 5), expected[2:5])
    assert [STATUSES[number] for number in outcomes.statuses(1)] == [one.status for one in made[1:]]
    outcomes.renumber()
    assert list(outcomes) == [replace(one, index=index) for index, one in enumerate(made)]


def test_appending_goes_on_after_sorting() -> None:
    outcomes = Outcomes(Outcome(index, "", "ok", {"v": float(index)}) for index in (3, 1))
    outcomes.sort()
    outcomes.append(Outcome(2, "", "ok", {"v": 2.0}))
    outcomes.sort()
    assert outcomes.values("v").tolist() == [1.0, 2.0, 3.0]


def test_places_are_those_of_a_sequence() -> None:
    outcomes = Outcomes([Outcome(0, "a", "ok"), Outcome(1, "b", "timeout")])
    assert outcomes[-1].key == "b"
    assert len(outcomes) == 2
    with pytest.raises(IndexError):
        outcomes[2]
    assert outcomes != [Outcome(0, "a", "ok")]
    assert outcomes != "ab"


def test_a_point_takes_bytes_and_not_kilobytes() -> None:
    """60 bytes, 8 for each of 4 outputs, and what arrays are longer than need be."""
    names, key = [f"output_{number}" for number in range(4)], hashlib.sha256().hexdigest()
    tracemalloc.start()
    outcomes = Outcomes(Outcome(index, key, "ok", dict.fromkeys(names, 1.0), "plain") for index in range(20_000))
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size / len(outcomes) < 120
