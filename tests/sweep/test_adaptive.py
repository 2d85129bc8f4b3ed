"""Adaptive axes: values where look-ups would be off, and nowhere else; the same ones however they are simulated."""

from __future__ import annotations

import hashlib
import math
import random
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import bitline as bl
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.combinational_cell import CombinationalCell
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.errors import InputError, ToleranceWarning, UnknownNameError
from bitline.lut.heldout import heldout
from bitline.sweep.adaptive import halved, interval_errors, resolve
from bitline.sweep.axis import FINEST, AdaptiveAxis, parse_axis
from bitline.sweep.characterize import characterize
from bitline.sweep.outcome import Outcome
from bitline.sweep.point import Point
from bitline.sweep.run import Interrupted, run_points
from bitline.sweep.store import Store
from bitline.sweep.sweep import Sweep

Curve = Callable[[Point], float]
LOW, HIGH = 1.0, 3.0


def adaptive(tolerance: float = 5e-3, **settings: Any) -> dict[str, Any]:
    return {"tolerance": tolerance, "outputs": "swing", "most": 1000, **settings}


def sweep_of(settings: Any = None, benches: Any = "read", **axes: Any) -> Sweep:
    if settings is None:
        settings = adaptive()
    return Sweep(SplitPort6T(), benches=benches, vdd={"start": LOW, "stop": HIGH, "adaptive": settings}, **axes)


def step(x: float, at: float = 1.7, width: float = 0.03) -> float:
    return math.tanh((x - at) / width)


def steep(point: Point) -> float:
    """Return a step over the supply, which moves with the temperature."""
    return step(point.conditions.vdd, 1.7 + point.conditions.temperature / 1000)


class Simulated:
    """What `Session.run` does, and which points it was asked for."""

    def __init__(self, curve: Curve = steep, failing: Callable[[Point], bool] = lambda _: False) -> None:
        self.curve, self.failing = curve, failing
        self.asked: list[tuple[Any, ...]] = []
        self.before: list[object] = []

    def __call__(self, points: Iterable[Point], before: object = None) -> list[Outcome]:
        self.before.append(before)
        return [self.outcome(point) for point in points]

    def outcome(self, point: Point) -> Outcome:
        self.asked.append((point.bench, point.inputs, point.conditions))
        if self.failing(point):
            return Outcome(point.index, "", "timeout")
        return Outcome(point.index, "", "ok", {"swing": self.curve(point)})


def values_for(curve: Callable[[float], float], settings: Any = None, **axes: Any) -> list[float]:
    run = Simulated(lambda point: curve(point.conditions.vdd))
    return list(resolve(sweep_of(settings, **axes), run, lambda: None).sweep.axes["vdd"].values)


def off(x: Iterable[float], curve: Callable[[float], float]) -> float:
    """Return the largest error of a look-up, as a share of the span."""
    grid, places = np.array(list(x)), np.linspace(LOW, HIGH, 4001)
    truth = np.array([curve(place) for place in places.tolist()])
    looked_up = np.interp(places, grid, [curve(value) for value in grid])
    return float(np.abs(looked_up - truth).max() / np.ptp(truth))


def test_a_step_takes_a_sixth_of_the_values_of_equal_steps() -> None:
    values = values_for(step)
    error = off(values, step)
    assert error <= 5e-3
    for count in range(len(values), 6 * len(values), 11):
        assert off(np.linspace(LOW, HIGH, count), step) > error


@given(
    center=st.floats(LOW + 0.2, HIGH - 0.2),
    width=st.floats(0.02, 1.0),
    bend=st.floats(-2.0, 2.0),
    tolerance=st.floats(1e-3, 5e-2),
)
@settings(max_examples=25, deadline=None)
def test_look_ups_keep_the_tolerance_that_is_reached(
    center: float, width: float, bend: float, tolerance: float
) -> None:
    def curve(x: float) -> float:
        return step(x, center, width) + bend * (x - LOW) ** 2

    # Nine values see a step that is no narrower than a tenth of theirs; see the test of what is not seen.
    assert off(values_for(curve, adaptive(tolerance)), curve) <= tolerance


@given(at=st.floats(LOW + 0.1, HIGH - 0.1), slope=st.floats(-0.5, 0.5))
@settings(max_examples=25, deadline=None)
def test_a_kink_is_found(at: float, slope: float) -> None:
    def curve(x: float) -> float:
        return max(x - at, slope * (x - at))

    assert off(values_for(curve), curve) <= 5e-3


def test_a_straight_line_and_a_constant_need_nothing_more() -> None:
    assert len(values_for(lambda x: 3 * x - 1)) == 9
    assert len(values_for(lambda _: 0.7)) == 9


def test_a_jump_is_halved_to_the_finest_interval_and_no_further() -> None:
    sweep, run = sweep_of(), Simulated(lambda point: float(point.conditions.vdd > 1.7))
    resolved = resolve(sweep, run, lambda: None)
    steps = np.diff(resolved.sweep.axes["vdd"].values)
    assert steps.min() == pytest.approx(FINEST * (HIGH - LOW))
    assert not resolved.reached["vdd"]["reached"]
    assert resolved.reached["vdd"]["values"] < 60


def test_the_worst_intervals_come_first_where_there_is_no_room_for_all() -> None:
    axis = parse_axis("x", {"start": 0.0, "stop": 4.0, "step": 1.0, "adaptive": {"tolerance": 0.1, "most": 7}})
    assert isinstance(axis, AdaptiveAxis)
    assert halved(axis, axis.values, np.array([0.2, 0.05, 0.9, 0.9])) == (0.0, 1.0, 2.0, 2.5, 3.0, 3.5, 4.0)
    full = resolve(sweep_of(adaptive(most=12)), Simulated(), lambda: None)
    assert full.reached["vdd"] == {
        "tolerance": 5e-3,
        "outputs": ["swing"],
        "most": 12,
        "first": 9,
        "values": 12,
        "error": full.reached["vdd"]["error"],
        "reached": False,
    }
    assert full.reached["vdd"]["error"] > 0.01


def test_the_error_of_an_interval_is_known_for_a_parabola_and_ignores_what_failed() -> None:
    x = np.array([0.0, 1.0, 3.0, 4.0])
    assert interval_errors(x, (x**2)[:, None]) == pytest.approx([1.0, 4.0, 1.0])
    assert interval_errors(x, np.stack([x**2, 3 * x**2], axis=1)) == pytest.approx([3.0, 12.0, 3.0])
    failed = np.where(x == 4.0, np.nan, x**2)
    assert interval_errors(x, failed[:, None]) == pytest.approx([1.0, 4.0, 0.0])


@given(st.lists(st.floats(0.01, 1.0), min_size=2, max_size=12), st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_the_error_of_intervals_is_no_less_than_that_of_values_left_out(widths: list[float], seed: int) -> None:
    x = np.cumsum([0.0, *widths])
    y = np.random.default_rng(seed).standard_normal(len(x))
    report = heldout({"t": xr.Dataset({"y": ("x", y)}, {"x": x})})
    assert report["t"]["y"]["x"]["max"] <= interval_errors(x, y[:, None]).max() * (1 + 1e-9)


def test_whole_numbers_stay_whole_and_log_axes_are_halved_by_factors() -> None:
    sweep = Sweep(
        AcimColumnQS(rows=32, active=32),
        bench="transfer",
        code={"start": 0, "stop": 32, "adaptive": {"tolerance": 1e-3, "outputs": "v_line"}},
    )

    def run(points: Iterable[Point], before: object = None) -> list[Outcome]:
        return [Outcome(p.index, "", "ok", {"v_line": step(p.inputs.code, 11.3, 0.5)}) for p in points]

    codes = resolve(sweep, run, lambda: None).sweep.axes["code"].values
    assert {10, 11, 12, 13} <= set(codes) < set(range(33))
    assert all(type(code) is int for code in codes)
    log = parse_axis("x", {"start": 1e-3, "stop": 10.0, "count": 5, "scale": "log", "adaptive": {"tolerance": 0.1}})
    assert isinstance(log, AdaptiveAxis)
    assert log.between(1e-3, 1e-2) == float(f"{math.sqrt(1e-5):.12g}")
    assert log.between(1.0, 1.0001) is None


def test_two_axes_and_a_text_axis_share_one_grid_of_values() -> None:
    """Each axis is resolved where any value of the others needs it, and no point is simulated twice."""
    axes = {"temperature": {"start": -40.0, "stop": 120.0, "adaptive": adaptive()}, "corner": ["tt", "ss"]}
    run = Simulated()
    resolved = resolve(sweep_of(benches=["read", "write"], **axes), run, lambda: None)
    supplies, temperatures = (np.array(resolved.sweep.axes[name].values) for name in ("vdd", "temperature"))
    assert len(run.asked) == len(set(run.asked)) == len(resolved.sweep)
    assert len(resolved.sweep) == 2 * 2 * len(supplies) * len(temperatures)
    # The step lies at 1.66 V to 1.82 V.
    dense = np.diff(supplies) < 0.01
    assert supplies[:-1][dense].min() > 1.5
    assert supplies[1:][dense].max() < 2.0
    assert len(temperatures) > 9


def test_outcomes_are_those_of_the_sweep_with_these_values_listed() -> None:
    sweep = sweep_of(benches=["read", "write"], temperature=[27, 125], port=["left", "right"])
    run = Simulated()
    resolved = resolve(sweep, run, lambda: None)
    assert resolved.outcomes == Simulated()(resolved.sweep.points())
    assert resolved.outcomes.indices().tolist() == list(range(len(resolved.sweep)))
    # Decks are tried before the first round alone.
    assert [before is None for before in run.before] == [False] + [True] * (len(run.before) - 1)


def test_points_that_fail_attract_no_values() -> None:
    run = Simulated(failing=lambda point: point.conditions.vdd < 1.5)
    values = resolve(sweep_of(), run, lambda: None).sweep.axes["vdd"].values
    assert min(np.diff([value for value in values if value <= 1.5])) == 0.25
    nothing = resolve(sweep_of(), Simulated(failing=lambda _: True), lambda: None)
    assert len(nothing.sweep) == 9


def jittered(run: Simulated, point: Point, context: random.Random) -> Outcome:
    """Simulate, in a time that no other run has."""
    time.sleep(context.random() * 2e-3)
    key = hashlib.sha256(repr((point.bench, point.inputs, point.conditions)).encode()).hexdigest()
    with Store(run.store, read_only=True) as store:  # type: ignore[attr-defined]
        if found := store.get(key, point.index):
            return found
    made = run.outcome(point)
    return Outcome(point.index, key, made.status, made.values)


class Threads(ThreadPoolExecutor):
    """An executor of `run_points` in this process: workers that need no start."""

    def __init__(self, jobs: int) -> None:
        super().__init__(jobs)
        self.in_flight = jobs


def pooled(sweep: Sweep, jobs: int, path: Path, run: Simulated, report: Any = None) -> Any:
    run.store = path  # type: ignore[attr-defined]
    with Store(path) as store, Threads(jobs) as executor:
        task, rng = partial(jittered, run), random.Random()

        def each(points: Iterable[Point], before: Any = None) -> Any:
            return run_points(points, task, rng, executor=executor, store=store, report=report, before=before)

        return resolve(sweep, each, lambda: None)


def test_one_worker_and_three_choose_the_same_points(tmp_path: Path) -> None:
    sweep = sweep_of(adaptive(2e-2), temperature=[27, 125])
    one, three = (pooled(sweep, jobs, tmp_path / f"{jobs}.sqlite", Simulated()) for jobs in (1, 3))
    assert one.sweep == three.sweep
    assert one.reached == three.reached
    assert list(one.outcomes) == list(three.outcomes)
    assert len(one.sweep) > 2 * 20


@pytest.mark.parametrize("stop", [5, 13, 20])
def test_a_run_that_was_broken_off_simulates_nothing_twice(tmp_path: Path, stop: int) -> None:
    sweep, run, path = sweep_of(adaptive(2e-2)), Simulated(), tmp_path / "points.sqlite"
    done = []

    def interrupts(outcome: Outcome) -> None:
        done.append(outcome)
        if len(done) == stop:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted):
        pooled(sweep, 1, path, run, interrupts)
    assert len(run.asked) == stop
    resumed = pooled(sweep, 1, path, run)
    assert len(run.asked) == len(set(run.asked)) == len(resumed.sweep)
    assert resumed.outcomes.cached == stop
    assert list(resumed.outcomes) == list(pooled(sweep, 1, tmp_path / "other.sqlite", Simulated()).outcomes)


class Made:
    """A session in which each output follows the step."""

    def __init__(self, pdk: Any) -> None:
        from bitline.sweep.simulate import Context

        self.context = Context(pdk)
        self.points: list[Point] = []

    def run(self, points: Iterable[Point], report: object = None, before: object = None) -> Any:
        from bitline.benches.registry import bench
        from bitline.sweep.outcomes import Outcomes

        outcomes = Outcomes()
        for point in points:
            self.points.append(point)
            names = [output.name for output in bench(point.bench, type(point.circuit)).outputs]
            value = steep(point) + point.conditions.sample * 1e-3
            outcomes.append(Outcome(point.index, "key", "ok", dict.fromkeys(names, value)))
        return outcomes


@pytest.mark.pdk
@pytest.mark.parametrize("until", [None, {"output": "swing", "half_width": 1e-3}])
def test_samples_are_taken_at_the_values_that_were_chosen(sky130: Any, until: Any) -> None:
    more = {} if until is None else {"until": until}
    sweep, session = sweep_of(adaptive(2e-2), samples=40, **more), Made(sky130)
    result = characterize(sweep, session, "39")  # type: ignore[arg-type]
    values = result.sweep.axes["vdd"].values
    # With `until` the interval of numbers 1 to 40 millivolt is looked at twice.
    assert len(result.sweep) == len(session.points) == len(values) * (1 + result.sweep.mismatch.samples)
    nominal = [point.conditions.vdd for point in session.points if not point.conditions.sample]
    assert sorted(nominal) == list(values)
    listed = characterize(result.sweep, Made(sky130), "39")  # type: ignore[arg-type]
    assert result.outcomes == listed.outcomes
    for name, table in result.lut.tables.items():
        assert table.identical(listed.lut.tables[name])
    assert result.lut.attrs["adaptive"]["vdd"]["reached"]
    assert result.unresolved == ()


def test_the_number_of_points_is_known_at_most() -> None:
    sweep = sweep_of(adaptive(most=40), corner=["tt", "ss"], samples=3)
    assert len(sweep) == 9 * 2 * 4
    assert sweep.most == 40 * 2 * 4
    listed = sweep.with_values({"vdd": [1.0, 2.0]})
    assert listed.most == len(listed) == 2 * 2 * 4


WRONG: dict[str, tuple[Any, str]] = {
    "tolerance of 0": (adaptive(0.0), "axis vdd: tolerance = 0.0"),
    "tolerance missing": ({"most": 9}, "axis vdd: tolerance is missing"),
    "too few at most": (adaptive(most=8), "axis vdd.*at least the 9 values of the first round"),
    "unknown key": (adaptive(maximum=9), "key 'maximum' of adaptive of axis vdd"),
    "no table": (True, "axis vdd: adaptive = True: must be a table"),
    "unknown output": (adaptive(outputs=["swng"]), "output 'swng' of adaptive axis vdd of sweep sweep"),
    "output of a bench without the axis": (adaptive(outputs=["written"]), "output 'written' of adaptive axis vdd"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_wrong_settings_are_named(fault: str) -> None:
    settings, words = WRONG[fault]
    with pytest.raises(InputError, match=words):
        sweep_of(settings)


def test_axes_that_cannot_be_adaptive_are_named() -> None:
    with pytest.raises(InputError, match=r"axis corner: start = 'tt': .*must be a number"):
        sweep_of(corner={"start": "tt", "stop": "ss", "adaptive": adaptive()})
    with pytest.raises(InputError, match="first round needs 3 values"):
        parse_axis("x", {"start": 0.0, "stop": 1.0, "count": 2, "adaptive": adaptive()})
    with pytest.raises(InputError, match=r"axis vdd of \[mismatch.axes\] is adaptive"):
        sweep_of().replace(
            mismatch={"samples": 3, "axes": {"vdd": {"start": 1.0, "stop": 2.0, "adaptive": adaptive()}}}
        )
    with pytest.raises(UnknownNameError, match="axis 'vdp' of sweep sweep"):
        sweep_of(vdp={"start": 1.0, "stop": 2.0, "adaptive": adaptive()})
    # `c_word` is an input of the bench `write`, and `swing` an output of `read`.
    with pytest.raises(UnknownNameError, match="output 'swing' of adaptive axis c_word of sweep sweep"):
        sweep_of(
            benches=["read", "write"], c_word={"start": 0.0, "stop": 1e-14, "adaptive": adaptive(outputs=["swing"])}
        )


def inverter(**settings: Any) -> Sweep:
    axis = {"start": 0.9, "stop": 1.9, "count": 5, "adaptive": {"outputs": "delay_first", **settings}}
    return Sweep(CombinationalCell(cell="inv_2"), bench="logic-cell", before=[0], after=[1], vdd=axis)


@pytest.mark.ngspice
@pytest.mark.pdk
def test_a_table_of_sky130_is_the_same_with_two_workers_and_as_its_values_listed(sky130: Any, tmp_path: Path) -> None:
    two, store = bl.Runner(sky130, jobs=2), tmp_path / "points.sqlite"
    lut = two.characterize(inverter(tolerance=2e-2))
    state = lut.attrs["adaptive"]["vdd"]
    assert state["reached"]
    assert state["values"] > 5
    supplies = lut.tables["nominal"]["vdd"].to_numpy()
    # The delay bends most at the lowest supply.
    assert np.diff(supplies)[0] < np.diff(supplies)[-1]
    one = bl.Runner(sky130, store=store)
    again = one.characterize(inverter(tolerance=2e-2))
    listed = one.characterize(inverter(tolerance=2e-2).with_values({"vdd": supplies.tolist()}))
    assert lut.attrs == again.attrs == {**listed.attrs, "adaptive": {"vdd": state}}
    for name, table in lut.tables.items():
        assert table.identical(again.tables[name])
        assert table.identical(listed.tables[name])
    plan = one.dry_run(inverter(tolerance=2e-2, most=33))
    assert (plan.points, plan.cached, plan.most) == (5, 5, 33)
    with pytest.warns(ToleranceWarning, match="axis vdd: tolerance 1e-06 is not reached: with 6 values"):
        one.characterize(inverter(tolerance=1e-6, most=6))
