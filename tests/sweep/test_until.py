"""Samples until they are enough: how many depends on the results alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitline.circuits.split_port_6t import SplitPort6T
from bitline.errors import InputError, UnknownNameError
from bitline.sweep.characterize import run_until
from bitline.sweep.outcome import Outcome
from bitline.sweep.point import Point
from bitline.sweep.sweep import Sweep
from bitline.sweep.until import Until, looks

SIGMA = 0.01


def sweep_of(until: object, samples: int = 1000, benches: object = "read", **more: object) -> Sweep:
    return Sweep(SplitPort6T(), benches=benches, vdd=[1.6, 1.8], samples=samples, until=until, **more)


def swing(point: Point) -> float:
    """Normal, and twice as wide at the higher supply."""
    wide = 2 if point.conditions.vdd > 1.7 else 1
    return 0.5 + wide * SIGMA * float(np.random.default_rng(point.conditions.sample).standard_normal())


class Simulated:
    """What `Session.run` does, and which points it was asked for."""

    def __init__(self, value: Callable[[Point], float] = swing, failing: frozenset[int] = frozenset()) -> None:
        self.value, self.failing = value, failing
        self.asked: list[tuple[str, float, int]] = []

    def __call__(self, points: Iterable[Point], before: object = None) -> list[Outcome]:
        outcomes = []
        for point in points:
            self.asked.append((point.bench, point.conditions.vdd, point.conditions.sample))
            if point.conditions.sample in self.failing:
                outcomes.append(Outcome(point.index, "", "timeout"))
            else:
                outcomes.append(Outcome(point.index, "", "ok", {"swing": self.value(point)}))
        return outcomes


def run(sweep: Sweep, simulated: Simulated) -> tuple[Sweep, list[Outcome]]:
    assert sweep.mismatch.until is not None
    return run_until(sweep, sweep.mismatch.until, simulated, lambda: None)


def needed(statistic: str, half_width: float) -> int:
    """Return the first look after which the textbook interval of the wider point is narrow enough."""
    from scipy import stats

    values = [swing(point) for point in sweep_of(None).grids[1].points() if point.conditions.vdd > 1.7]
    for count in looks(1000):
        x, degrees = np.array(values[:count]), count - 1
        half = stats.t.ppf(0.975, degrees) * x.std(ddof=1) / math.sqrt(count)
        if statistic == "sigma":
            low, high = (math.sqrt(degrees / stats.chi2.ppf(p, degrees)) for p in (0.975, 0.025))
            half = x.std(ddof=1) * (high - low) / 2
        if half <= half_width:
            return count
    return 1000


@pytest.mark.parametrize(("statistic", "half_width"), [("mean", 2e-3), ("sigma", 2e-3), ("mean", 1e-9)])
def test_samples_are_added_until_every_point_is_known_well_enough(statistic: str, half_width: float) -> None:
    simulated = Simulated()
    done, outcomes = run(sweep_of({"output": "swing", "half_width": half_width, "statistic": statistic}), simulated)
    assert done.mismatch.samples == needed(statistic, half_width)
    assert done.mismatch.samples > 30
    assert len(simulated.asked) == len(set(simulated.asked)) == len(done) == len(outcomes)


def test_the_outcomes_are_those_of_the_sweep_with_that_number_of_samples() -> None:
    sweep = sweep_of({"output": "swing", "half_width": 2e-3}, benches=["read", "write"])
    done, outcomes = run(sweep, Simulated())
    plain = sweep_of(None, done.mismatch.samples, ["read", "write"])
    assert outcomes == Simulated()(plain.points())
    assert [outcome.index for outcome in outcomes] == list(range(len(plain)))
    # The bench without that output has as many.
    assert [len(grid.samples) for grid in done.grids] == [1, done.mismatch.samples] * 2


def test_points_that_fail_do_not_count() -> None:
    sweep = sweep_of({"output": "swing", "half_width": 2e-3})
    without, _ = run(sweep, Simulated())
    failing, _ = run(sweep, Simulated(failing=frozenset(range(1, 200, 2))))
    assert failing.mismatch.samples > 1.25 * without.mismatch.samples
    never, _ = run(sweep, Simulated(failing=frozenset(range(1, 2000))))
    assert never.mismatch.samples == 1000


def test_a_probability_by_its_exact_interval() -> None:
    sweep = sweep_of({"output": "swing", "half_width": 0.05, "statistic": "probability"})
    done, _ = run(sweep, Simulated(lambda point: float(point.conditions.sample % 10 == 0)))
    # Of about 160 samples, 10 % of which fail, the interval is some 6.2 % .. 15.8 %.
    assert 120 < done.mismatch.samples < 200
    with pytest.raises(InputError, match="swing must be 0 or 1"):
        run(sweep, Simulated())


@given(st.integers(1, 100_000))
@settings(max_examples=50)
def test_looks_rise_to_the_last_sample(most: int) -> None:
    counts = list(looks(most))
    assert counts[-1] == most
    assert counts[0] == min(30, most)
    assert all(1 < later / count <= 1.134 or later == most for count, later in pairwise(counts))


def test_nothing_is_added_where_nothing_is_asked() -> None:
    assert Until(output="v", half_width=1.0).met(np.empty((0, 0)))
    assert not Until(output="v", half_width=1.0).met(np.ones((1, 1)))


def test_wrong_input_is_refused() -> None:
    narrow = {"output": "swing", "half_width": 1e-3}
    with pytest.raises(InputError, match="latin-hypercube"):
        sweep_of(narrow, sampling="latin-hypercube")
    with pytest.raises(UnknownNameError, match="output 'swng' of \\[mismatch\\] until of sweep sweep"):
        sweep_of({"output": "swng", "half_width": 1e-3})
    with pytest.raises(UnknownNameError, match="output"):
        sweep_of({**narrow, "output": "swing"}, benches=["write"])
    for wrong, words in (
        ({**narrow, "half_width": 0.0}, "half_width"),
        ({"output": "swing"}, "half_width is missing"),
        ({**narrow, "statistic": "median"}, "statistic"),
        ({**narrow, "upto": 3}, "unknown field"),
    ):
        with pytest.raises(InputError, match=words):
            sweep_of(wrong)
