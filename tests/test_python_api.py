"""The whole Python API: what is sensible is taken, in NumPy's types too, and all else is one line of `InputError`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from luts.column import make_column_lut
from matplotlib.figure import Figure

import bitline as bl
from bitline import plot
from bitline.errors import BadMeasureError, InputError
from bitline.export import exporter

# mypy does not check tests, and what follows is wrong on purpose
LUT: Any = make_column_lut()
COLUMN = bl.AcimColumnQS(rows=2, active=2)
WAVES: Any = bl.Waveforms(np.array([0.0, 1.0]), {"v(a)": np.array([0.0, 1.0])})
AXES = Figure().subplots()
TOY = str(Path(__file__).parent / "pdk/toy/toy.toml")
FOLDER = Path.cwd  # of the test


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITLINE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    LUT.save(tmp_path / "lut")


TAKEN: dict[str, Callable[[], Any]] = {
    "rows int64": lambda: bl.AcimColumnQS(rows=np.int64(64)),
    "rows int32": lambda: bl.AcimColumnQS(rows=np.int32(64)),
    "float32": lambda: bl.Conditions(vdd=np.float32(1.5)),
    "0d": lambda: bl.Conditions(vdd=np.array(1.5)),
    "np.str": lambda: bl.Conditions(corner=np.str_("tt")),
    "Runner store str": lambda: bl.Runner(store="x.sqlite"),
    "runner timeout np": lambda: bl.Runner(timeout=np.float64(3)),
    "sweep np": lambda: bl.Sweep(
        COLUMN,
        bench="transfer",
        code=np.arange(3),
        vdd=np.float64(1.8),
        samples=np.int64(2),
        seed=np.int64(3),
        at={"vdd": np.float64(1.8)},
    ),
    "sweep pathlike load": lambda: bl.Sweep.load(Path(__file__).parents[1] / "characterize/acim-qs.toml"),
    "sweep corner enum": lambda: bl.Sweep(COLUMN, bench="transfer", corner=[bl.Corner.tt, bl.Corner.ss]),
    "sweep corner npstr": lambda: bl.Sweep(COLUMN, bench="transfer", corner=np.array(["tt", "ss"])),
    "sweep set of class": lambda: bl.Sweep(COLUMN, bench=["transfer", "noise"]),
    "sweep benches tuple": lambda: bl.Sweep(COLUMN, benches=("transfer",)),
    "sweep bench array": lambda: bl.Sweep(COLUMN, bench=np.array(["transfer"])),
    "sweep param": lambda: bl.Sweep(circuit="acim-column-qs", benches=["transfer"], parameters={"rows": np.int64(16)}),
    "lookup np": lambda: LUT.lookup(
        code=np.int64(1), corner=np.str_("tt"), vdd=np.float32(1.75), temperature=np.array(27)
    ),
    "lookup arr": lambda: LUT.lookup(code=np.array([1, 2]), corner="tt", vdd=1.8, temperature=27),
    "lookup list": lambda: LUT.lookup(code=[1], corner="tt", vdd=1.8, temperature=27),
    "lookup corner list": lambda: LUT.lookup(code=1, corner=["tt"], vdd=1.8, temperature=27),
    "lookup enum": lambda: LUT.lookup(code=1, corner=bl.Corner.tt, vdd=1.8, temperature=27),
    "load str": lambda: bl.Lut.load(str(FOLDER() / "lut")),
    "load manifest": lambda: bl.Lut.load(FOLDER() / "lut" / "lut.json"),
    "load shipped": lambda: bl.Lut.load("acim-qs"),
    "limit": lambda: bl.Limit("v", np.float64(1)),
    "estimator": lambda: bl.Estimator(seed=np.int64(3), target_cov=np.float64(0.2), max_evaluations=np.int64(100)),
    "load_pdk path": lambda: bl.load_pdk(Path(TOY)),
    "save str": lambda: plot.save(plot.figure(LUT), str(FOLDER() / "a.png")),
    "export str": lambda: LUT.export("csv", str(FOLDER() / "csv")),
    "export cond np": lambda: LUT.export(
        "neurosim",
        FOLDER() / "n",
        condition={"vdd": np.float64(1.8), "corner": np.str_("tt"), "temperature": np.int64(27)},
    ),
    "waveform at np": lambda: WAVES.at("v(a)", np.float64(0.5)),
    "point": lambda: bl.Runner(pdk=TOY).point(COLUMN, "transfer", vdd=np.float64(1.0), sample=np.int64(2)),
    "report": lambda: bl.Report(np.int64(3)),
}

REFUSED: dict[str, Callable[[], Any]] = {
    "rows arr": lambda: bl.AcimColumnQS(rows=np.array([1, 2])),
    "rows str": lambda: bl.AcimColumnQS(rows="64"),
    "rows npfloat": lambda: bl.AcimColumnQS(rows=np.float64(64.5)),
    "rows bool": lambda: bl.AcimColumnQS(rows=np.True_),
    "rows None": lambda: bl.AcimColumnQS(rows=None),
    "cell wrong": lambda: bl.AcimColumnQS(cell=3),
    "cell class": lambda: bl.AcimColumnQS(cell=bl.SplitPort6T),
    "positional many": lambda: bl.Conditions("tt", 1.8, 27.0, 0, 1, (), 7),
    "replace unknown": lambda: COLUMN.replace(row=3),
    "sweep none": lambda: bl.Sweep(),
    "sweep class": lambda: bl.Sweep(bl.AcimColumnQS, bench="transfer"),
    "sweep str": lambda: bl.Sweep("acim-column-qs", bench="transfer"),
    "sweep nobench": lambda: bl.Sweep(COLUMN),
    "sweep bench obj": lambda: bl.Sweep(COLUMN, bench=3),
    "sweep bench+benches": lambda: bl.Sweep(COLUMN, bench="transfer", benches=["noise"]),
    "sweep axis None": lambda: bl.Sweep(COLUMN, bench="transfer", vdd=None),
    "sweep axis 2d": lambda: bl.Sweep(COLUMN, bench="transfer", vdd=np.ones((2, 2))),
    "sweep axis empty": lambda: bl.Sweep(COLUMN, bench="transfer", vdd=[]),
    "sweep axis nan": lambda: bl.Sweep(COLUMN, bench="transfer", vdd=[np.nan]),
    "sweep axis complex": lambda: bl.Sweep(COLUMN, bench="transfer", vdd=[1j]),
    "sweep axis set": lambda: bl.Sweep(COLUMN, bench="transfer", vdd={1.7, 1.8}),
    "sweep axis gen": lambda: bl.Sweep(COLUMN, bench="transfer", vdd=(x for x in [1.7])),
    "sweep axis dict key": lambda: bl.Sweep(COLUMN, bench="transfer", vdd={"start": 1, "stp": 2}),
    "sweep axis mixed": lambda: bl.Sweep(COLUMN, bench="transfer", vdd=[1.7, "a"]),
    "sweep axis nested": lambda: bl.Sweep(COLUMN, bench="transfer", vdd=[[1.7], [1.8]]),
    "sweep samples": lambda: bl.Sweep(COLUMN, bench="transfer", samples=2.5),
    "sweep samples neg": lambda: bl.Sweep(COLUMN, bench="transfer", samples=-1),
    "sweep at": lambda: bl.Sweep(COLUMN, bench="transfer", samples=2, at=3),
    "sweep at list": lambda: bl.Sweep(COLUMN, bench="transfer", samples=2, at={"vdd": [1.7]}),
    "sweep name": lambda: bl.Sweep(COLUMN, bench="transfer", name=3),
    "sweep accuracy": lambda: bl.Sweep(COLUMN, bench="transfer", accuracy="fasst"),
    "sweep load none": lambda: bl.Sweep.load(None),
    "sweep load int": lambda: bl.Sweep.load(3),
    "sweep load empty": lambda: bl.Sweep.load(""),
    "sweep load dir": lambda: bl.Sweep.load(FOLDER()),
    "sweep load nul": lambda: bl.Sweep.load("a\0b.toml"),
    "sweep replace key": lambda: bl.Sweep(COLUMN, bench="transfer").replace(axis={}),
    "sweep axes_of": lambda: bl.Sweep(COLUMN, bench="transfer").axes_of("transfr"),
    "sweep quick": lambda: bl.Sweep(COLUMN, bench="transfer").quick(),
    "sweep circuit lit": lambda: bl.Sweep(circuit=3, benches=["transfer"]),
    "sweep params lit": lambda: bl.Sweep(circuit="acim-column-qs", benches=["transfer"], parameters=[1]),
    "runner positional": lambda: bl.Runner("sky13").models,
    "runner pdk empty": lambda: bl.Runner(pdk="").models,
    "runner point class": lambda: bl.Runner().point(bl.AcimColumnQS),
    "runner simulate accuracy": lambda: bl.Runner().simulate(COLUMN, accuracy="fst"),
    "runner simulate accuracy list": lambda: bl.Runner().simulate(COLUMN, accuracy=["fast"]),
    "runner points none": lambda: bl.Runner().simulate_points(3),
    "runner points wrong": lambda: bl.Runner().simulate_points([3]),
    "runner char": lambda: bl.Runner().characterize("acim-qs"),
    "runner char report": lambda: bl.Runner().characterize(bl.Sweep(COLUMN, bench="transfer", code=[1]), report=3),
    "char": lambda: bl.characterize("acim-qs"),
    "simulate": lambda: bl.simulate("acim-column-qs"),
    "simulate vdd arr": lambda: bl.simulate(COLUMN, vdd=np.array([1.7, 1.8])),
    "simulate corner": lambda: bl.simulate(COLUMN, corner=3),
    "tail limit": lambda: bl.Runner().tail(COLUMN, "transfer", 3),
    "tail limit empty": lambda: bl.Runner().tail(COLUMN, "transfer", []),
    "tail limits none": lambda: bl.Runner().tail(COLUMN, "transfer", None),
    "tail limit str": lambda: bl.Runner().tail(COLUMN, "transfer", "v_lin>1"),
    "tail est": lambda: bl.Runner().tail(COLUMN, "transfer", "v_line>1", estimator=3),
    "tail est method": lambda: bl.Estimator(method="imp"),
    "tail est seed": lambda: bl.Estimator(seed=-1),
    "tail est cov": lambda: bl.Estimator(target_cov="a"),
    "tail est max": lambda: bl.Estimator(max_evaluations=1.5),
    "tail_at": lambda: bl.Runner().tail_at(3, "v_line>1"),
    "limit out": lambda: bl.Limit(3),
    "limit at": lambda: bl.Limit("v", "a"),
    "limit above": lambda: bl.Limit("v", 1.0, "yes"),
    "limit parse": lambda: bl.Limit.parse(3),
    "lut load none": lambda: bl.Lut.load(None),
    "lut load int": lambda: bl.Lut.load(3),
    "lut load missing": lambda: bl.Lut.load("nowhere"),
    "lut name": lambda: bl.Lut(3, "k", {}, {}),
    "lut tables": lambda: bl.Lut("a", "k", [1], {}),
    "lut tables none": lambda: bl.Lut("a", "k", {"a": 3}, {}),
    "lut attrs": lambda: bl.Lut("a", "k", {}, 3),
    "lut op": lambda: bl.Lut("a", "k", {}, {}, 3),
    "lookup none": lambda: LUT.lookup(code=None, corner="tt", vdd=1.8, temperature=27),
    "lookup corner num": lambda: LUT.lookup(code=1, corner=1, vdd=1.8, temperature=27),
    "lookup bool": lambda: LUT.lookup(code=True, corner="tt", vdd=1.8, temperature=27),
    "lookup npbool": lambda: LUT.lookup(code=np.True_, corner="tt", vdd=1.8, temperature=27),
    "lookup nan": lambda: LUT.lookup(code=1, corner="tt", vdd=np.nan, temperature=27),
    "lookup complex": lambda: LUT.lookup(code=1j, corner="tt", vdd=1.8, temperature=27),
    "lookup inf": lambda: LUT.lookup(code=np.inf, corner="tt", vdd=1.8, temperature=27),
    "lookup axis": lambda: LUT.lookup(cod=1),
    "lookup result": lambda: LUT.lookup(code=1, corner="tt", vdd=1.8, temperature=27)["v_lin"],
    "lookup result int": lambda: LUT.lookup(code=1, corner="tt", vdd=1.8, temperature=27)[3],
    "save none": lambda: LUT.save(None),
    "export fmt": lambda: LUT.export("csvv", FOLDER() / "o"),
    "export fmt none": lambda: LUT.export(None, FOLDER() / "o"),
    "export folder": lambda: LUT.export("csv", None),
    "export option": lambda: LUT.export("csv", FOLDER() / "o", x=1),
    "export option type": lambda: LUT.export("neurosim", FOLDER() / "o2", noise=3),
    "export option type2": lambda: LUT.export("neurosim", FOLDER() / "o3", bits="a"),
    "export cond type": lambda: LUT.export("neurosim", FOLDER() / "o4", condition=3),
    "export cond val": lambda: LUT.export("neurosim", FOLDER() / "o4", condition={"vdd": [1.8]}),
    "export cond val2": lambda: LUT.export("neurosim", FOLDER() / "o4", condition={"vdd": None}),
    "export area str": lambda: LUT.export("accelforge", FOLDER() / "o5", area="1", activity=0.25),
    "export activity str": lambda: LUT.export("accelforge", FOLDER() / "o5", activity="x"),
    "exporter none": lambda: exporter(None),
    "exporter write nolut": lambda: exporter("csv").write(3, FOLDER() / "o6"),
    "exporter check nolut": lambda: exporter("crosssim").check(3, FOLDER() / "o6"),
    "exporter check folder": lambda: exporter("crosssim").check(LUT, None),
    "load_pdk none": lambda: bl.load_pdk(None),
    "load_pdk int": lambda: bl.load_pdk(3),
    "load_pdk empty": lambda: bl.load_pdk(""),
    "fig none": lambda: plot.figure(None),
    "figs none": lambda: plot.figures("lut"),
    "not_drawn": lambda: plot.not_drawn(None),
    "save none path": lambda: plot.save(plot.figure(LUT), None),
    "save none fig": lambda: plot.save(None, FOLDER() / "x.png"),
    "sim fig": lambda: plot.simulation_figure(None),
    "wave fig": lambda: plot.waveform_figure(3),
    "wave fig groups": lambda: plot.waveform_figure(WAVES, groups=3),
    "wave fig groups name": lambda: plot.waveform_figure(WAVES, groups={"a": ["v(b)"]}),
    "levels fig": lambda: plot.levels_figure(None),
    "levels fig empty": lambda: plot.levels_figure({}),
    "levels fig wrong": lambda: plot.levels_figure({"a": 3}),
    "loop": lambda: plot.loop_figure(None),
    "point fig": lambda: plot.point_figure(None),
    "point fig empty": lambda: plot.point_figure({}),
    "traces": lambda: plot.traces(None, None, ["a"]),
    "waves at str": lambda: WAVES.at("v(a)", "x"),
    "waves item": lambda: WAVES[3],
    "waves integral": lambda: WAVES.integral("v(a)", "a", 1),
    "waves crossing": lambda: WAVES.crossing("v(a)", "x"),
    "report": lambda: bl.Report("x"),
    "report -1": lambda: bl.Report(-1),
    "plot transfer": lambda: plot.transfer(AXES, None),
    "plot energy": lambda: plot.energy(AXES, None),
    "plot linearity": lambda: plot.linearity(AXES, None),
    "plot sigma": lambda: plot.sigma(AXES, None),
    "plot disturb": lambda: plot.disturb(AXES, None),
    "plot errors": lambda: plot.errors(AXES, None),
    "plot failures": lambda: plot.failures(AXES, None),
    "plot histogram": lambda: plot.histogram(AXES, None),
    "plot iv_loop": lambda: plot.iv_loop(AXES, None),
    "plot transitions": lambda: plot.transitions(AXES, None),
    "along none": lambda: plot.along(AXES, None, "a", "b", "c"),
    "along table": lambda: plot.along(AXES, LUT, "nominl", "v_line", "code"),
    "along variable": lambda: plot.along(AXES, LUT, "nominal", "v_lin", "code"),
    "along axis": lambda: plot.along(AXES, LUT, "nominal", "v_line", "cod"),
    "along text": lambda: plot.along(AXES, LUT, "nominal", "v_line", "code", vdd="a"),
    "along nothing": lambda: plot.along(AXES, LUT, "nominal", "v_line", "code", vdd=None),
    "along name": lambda: plot.along(AXES, LUT, "nominal", "v_line", "code", vd=1.8),
    "along by": lambda: plot.along(AXES, LUT, "nominal", "v_line", "code", by=3),
    "along axes": lambda: plot.along(None, LUT, "nominal", "v_line", "code"),
}


@pytest.mark.pdk
@pytest.mark.parametrize("name", TAKEN)
def test_what_is_sensible_is_taken(name: str) -> None:
    assert TAKEN[name]() is not None


@pytest.mark.pdk
@pytest.mark.ngspice
@pytest.mark.parametrize("name", REFUSED)
def test_all_else_is_refused_in_one_line(name: str) -> None:
    before = sorted(FOLDER().iterdir())
    with pytest.raises((InputError, BadMeasureError)) as refused:  # that a signal is not there
        REFUSED[name]()
    assert "\n" not in str(refused.value)
    assert sorted(FOLDER().iterdir()) == before
