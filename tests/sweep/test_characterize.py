"""Before the first simulation every name and value is checked; after the last, all that can be made is in the LUT."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import bitline.sweep.sweep as sweeps
from bitline.benches.base import Output
from bitline.benches.registry import bench
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.errors import InputError, UnknownNameError
from bitline.lut.lut import Lut
from bitline.pdk.descriptor import Pdk
from bitline.sweep.characterize import Characterization, characterize, check
from bitline.sweep.outcome import Outcome
from bitline.sweep.point import Point
from bitline.sweep.simulate import Context
from bitline.sweep.sweep import Sweep

READ = bench("read", SplitPort6T)


class Made:
    """A session in which every point gives ones."""

    def __init__(self, pdk: Pdk) -> None:
        self.context = Context(pdk)
        self.simulated = 0

    def run(
        self, points: Iterable[Point], report: object = None, before: Callable[[], object] | None = None
    ) -> list[Outcome]:
        if before is not None:
            before()
        outcomes = []
        for point in points:
            names = [output.name for output in bench(point.bench, type(point.circuit)).outputs]
            outcomes.append(Outcome(point.index, "key", "ok", dict.fromkeys(names, 1.0)))
        self.simulated += len(outcomes)
        return outcomes


def characterized(sweep: Sweep, pdk: Pdk) -> Characterization:
    return characterize(sweep, Made(pdk), "39")  # type: ignore[arg-type]


def sweep_of(**axes: Any) -> Sweep:
    return Sweep(SplitPort6T(), bench="read", **axes)


WRONG: dict[str, tuple[Callable[[], Sweep], str]] = {
    "a pulse too short at the last value": (lambda: sweep_of(t_pulse=[3e-10, 1e-12]), "t_pulse"),
    "a size without a model": (lambda: sweep_of(w_pass=[0.14e-6, 0.15e-6, 0.42e-6]), "no model"),
    "a size in the middle of many": (
        lambda: sweep_of(w_pass=[0.14e-6, 0.15e-6, 0.14e-6 * (1 + 1e-9)], vdd=[1.6 + k / 100 for k in range(20)]),
        "no model",
    ),
    "a size where the samples are": (
        lambda: sweep_of(w_pass=[0.14e-6], samples=2).replace(mismatch={"axes": {"w_pull_up": [0.14e-6, 0.2e-6]}}),
        "no model",
    ),
    "more cells than conduct, at both ends only": (
        lambda: Sweep(
            AcimColumnQS(rows=8, active=8), bench="transfer", active=[2, 8], code=list(range(9)), vdd=[1.7, 1.8]
        ),
        "code",
    ),
}


@pytest.mark.pdk
@pytest.mark.parametrize("fault", WRONG)
def test_a_point_that_cannot_be_is_named_before_the_first_simulation(fault: str, sky130: Pdk) -> None:
    make, words = WRONG[fault]
    session = Made(sky130)
    with pytest.raises(InputError, match=words) as refused:
        characterize(make(), session, "39")  # type: ignore[arg-type]
    assert session.simulated == 0
    assert "\n" not in str(refused.value)


@pytest.mark.pdk
def test_few_decks_stand_for_many_points(sky130: Pdk, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = Sweep(AcimColumnQS(rows=4, active=4), bench="transfer", samples=1_000_000, code=[0, 1, 2, 3, 4],
                  vdd={"start": 1.6, "stop": 1.9, "count": 50_000})  # fmt: skip
    built = [point for grid in sweep.grids for point in grid.trials()]
    assert len(sweep) > 10**11
    assert len(built) < 30
    assert {point.conditions.sample for point in built} == {0, 1}
    assert {(point.inputs.code, point.conditions.vdd) for point in built} >= {(0, 1.6), (0, 1.9), (4, 1.6), (4, 1.9)}
    check(sweep, Context(sky130))


def test_of_a_small_sweep_every_point_is_tried() -> None:
    sweep = sweep_of(vdd=[1.6, 1.7, 1.8], corner=["tt", "ss"], samples=9)
    assert [len(list(grid.trials())) for grid in sweep.grids] == [6, 6]


@pytest.mark.pdk
def test_a_bench_with_a_bug_is_no_reason_to_refuse_a_sweep(sky130: Pdk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("bitline.sweep.simulate.find_bench", lambda *_: replace(READ, deck=broken))
    check(sweep_of(vdd=[1.8]), Context(sky130))


DOTTED = {
    "cell.c_wl": "c_wl",  # what `bitline list circuits` prints
    "c_wl": "c_wl",
    "rows": "rows",
}


@pytest.mark.pdk
@pytest.mark.parametrize("axis", DOTTED)
def test_an_axis_has_the_name_that_is_listed_or_the_short_one(axis: str, sky130: Pdk, tmp_path: Path) -> None:
    values = {"rows": [4, 8]}.get(axis, [1e-15, 2e-15])
    sweep = Sweep(AcimColumnQS(active=2), bench="transfer", code=[0, 1, 2], **{axis: values})
    characterized(sweep, sky130).lut.save(tmp_path / "lut")
    table = Lut.load(tmp_path / "lut").tables["nominal"]
    assert table[DOTTED[axis]].values.tolist() == values
    assert table[DOTTED[axis]].attrs["unit"] == ("" if axis == "rows" else "F") or axis == "rows"


def test_two_names_of_one_parameter_are_one_axis() -> None:
    sweep = Sweep(AcimColumnQS(), bench="transfer", samples=2, at={"cell.c_wl": 1e-15}, c_wl=[1e-15, 2e-15])
    assert [dict(grid.axes) for grid in sweep.grids] == [{"c_wl": (1e-15, 2e-15)}, {}]
    other = sweep.replace(axes={"cell.c_wl": [3e-15]})
    assert {name: axis.values for name, axis in other.axes.items()} == {"c_wl": (3e-15,)}
    with pytest.raises(InputError, match="leave one out"):
        Sweep(AcimColumnQS(), bench="transfer", **{"c_wl": [1e-15], "cell.c_wl": [2e-15]})


@pytest.mark.pdk
def test_a_flag_is_an_axis_of_words(sky130: Pdk) -> None:
    from bitline.circuits.nsnr_cluster import NsnrCluster

    lut = characterized(Sweep(NsnrCluster(), bench="iv", with_selector=[True, False]), sky130).lut
    assert lut.tables["iv"]["with_selector"].values.tolist() == ["true", "false"]
    assert lut.lookup(with_selector=True)["v_set"] == lut.lookup(with_selector="true")["v_set"] == 1.0


def with_bench(changed: Any, monkeypatch: pytest.MonkeyPatch) -> Sweep:
    monkeypatch.setattr(sweeps, "_bench", lambda name, circuit: changed)
    return sweep_of(vdd=[1.7, 1.8], samples=2)


@pytest.mark.parametrize("name", ["V_out", "two words", "1st", "vdd", "sample", "n_ok", "swing"])
def test_an_output_that_no_table_can_hold(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = replace(READ, outputs=(*READ.outputs, Output(name, "V", "what")))
    with pytest.raises(InputError, match=name):
        with_bench(changed, monkeypatch)


def raising(*_: Any) -> Any:
    raise KeyError("v_line")


def one_wrong(results: Any, circuit: Any) -> Any:
    return {**READ.reduce(results, circuit), "Wrong": next(iter(READ.reduce(results, circuit).values()))}


@pytest.mark.pdk
@pytest.mark.parametrize(
    ("change", "tables", "problem"),
    [
        ({"reduce": raising}, ["points_read"], "the tables of bench read could not be made: KeyError: 'v_line'"),
        ({"reduce": lambda *_: None}, ["points_read"], "the tables of bench read could not be made: AttributeError"),
        ({"reduce": one_wrong}, ["read"], "table Wrong of bench read could not be made: InputError"),
        ({"operation": raising}, ["read"], "the operation could not be made: KeyError"),
        ({"scope": {"sigma": {1, 2}}}, ["read"], "the scope of bench read could not be made: InputError"),
    ],
)
def test_what_cannot_be_made_is_said_and_the_rest_is_there(
    change: dict[str, Any],
    tables: list[str],
    problem: str,
    sky130: Pdk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    result = characterized(with_bench(replace(READ, **change), monkeypatch), sky130)
    assert [text for text in result.problems if text.startswith(problem)]
    result.lut.save(tmp_path / "lut")
    lut = Lut.load(tmp_path / "lut")
    assert set(tables) <= set(lut.tables)
    assert lut.attrs["problems"] == list(result.problems)
    if tables == ["points_read"]:
        assert dict(lut.tables["points_read"].sizes) == {"vdd": 2, "sample": 3}


def test_a_kind_that_no_lut_can_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SplitPort6T, "name", "split port")
    with pytest.raises(InputError, match="kind = 'split port'"):
        sweep_of(vdd=[1.8])


def test_a_name_that_is_none_is_still_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean 'cell\.c_wl'"):
        Sweep(AcimColumnQS(), bench="transfer", **{"cell.c_wll": [1e-15]})
