"""The Python API: the errors are those of the command line, one line each, before anything runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lab_rc import TOY

import bitline as bl
from bitline.circuits.base import Circuit
from bitline.errors import FailedPointsWarning, InputError, NgspiceMissingError, PdkMissingError, UnknownNameError
from bitline.sweep.runner import Runner

COLUMN = bl.AcimColumnQS(rows=2, active=2)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITLINE_CACHE_DIR", str(tmp_path / "cache"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"jobs": 0}, "jobs = 0: must be an integer of 1 or more"),
        ({"jobs": 1.5}, "jobs = 1.5: must be an integer of 1 or more"),
        ({"jobs": True}, "jobs = True: must be an integer of 1 or more"),
        ({"engine": "zz"}, "unknown engine 'zz' (known: batch, shared)"),
        ({"engine": "bach"}, "did you mean 'batch'?"),
        ({"timeout": float("nan")}, "timeout = nan: must be above 0 and at most 1e7 seconds"),
        ({"timeout": 0}, "timeout = 0: must be above 0 and at most 1e7 seconds"),
        ({"timeout": "1 h"}, "timeout = '1 h': must be a number of seconds"),
        ({"store": 3}, "store = 3: must be the path of a file"),
        ({"pdk": 130}, "pdk = 130: must be a Pdk, the name of one or a descriptor's path"),
    ],
)
def test_a_wrong_setting_is_one_line(settings: dict[str, Any], message: str) -> None:
    for make in (Runner, lambda **values: bl.characterize(bl.Sweep(COLUMN, bench="transfer"), **values)):
        with pytest.raises(InputError) as caught:
            make(**settings)
        assert message in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("bench", "values", "message"),
    [
        ("transfr", {}, "unknown bench 'transfr' of acim-column-qs; did you mean 'transfer'?"),
        ("transfer", {"cod": 1}, "unknown condition, input or parameter 'cod' of acim-column-qs; did you mean 'code'?"),
        ("transfer", {"vd": 1.8}, "did you mean 'vdd'?"),
        ("transfer", {"row": 4}, "did you mean 'rows'?"),
        ("transfer", {"rows": 0}, "rows = 0"),
        ("transfer", {"rows": "4"}, "rows = '4'"),
        ("transfer", {"corner": "tx"}, "corner = 'tx'"),
        ("transfer", {"vdd": float("nan")}, "vdd = nan"),
        ("transfer", {"code": 3}, "code = 3: must be <= active = 2"),
        ("transfer", {"accuracy": "best"}, "unknown accuracy 'best' (known: bypass, default, fast, reference)"),
    ],
)
def test_a_wrong_name_or_value_is_one_line(bench: str, values: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        bl.simulate(COLUMN, bench, pdk=TOY, **values)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_only_a_circuit_is_simulated() -> None:
    for wrong in (bl.AcimColumnQS, "acim-column-qs"):
        with pytest.raises(InputError, match=r"must be a circuit, such as SplitPort6T\(\)"):
            bl.simulate(wrong, pdk=TOY)  # type: ignore[arg-type]


def test_a_circuit_without_a_bench_says_which_have_one() -> None:
    with pytest.raises(InputError, match=r"circuit has no bench.*acim-column-qs \(transfer, noise\)"):
        Runner(TOY).point(type("Bare", (Circuit,), {"name": "circuit"})())


def test_names_are_conditions_inputs_or_parameters_however_deep() -> None:
    point = Runner(TOY).point(
        COLUMN, corner="ss", sample=3, code=1, t_pulse=2e-10, c_wl=1e-15, **{"cell.c_wire_bl": 2e-15}
    )
    assert (point.bench, point.conditions.corner, point.conditions.sample) == ("transfer", "ss", 3)
    assert point.conditions.vdd == bl.load_pdk(TOY).vdd
    assert point.inputs.code == 1
    assert isinstance(point.circuit, bl.AcimColumnQS)
    assert (point.circuit.t_pulse, point.circuit.rows) == (2e-10, 2)
    assert (point.circuit.cell.c_wl, point.circuit.cell.c_wire_bl) == (1e-15, 2e-15)


def test_numbers_of_numpy_are_numbers() -> None:
    column = bl.AcimColumnQS(rows=np.int64(64), t_pulse=np.float64(1e-10))
    assert column == bl.AcimColumnQS(rows=64, t_pulse=1e-10)
    assert (type(column.rows), type(column.t_pulse)) == (int, float)
    assert type(Runner(jobs=np.int64(2)).jobs) is int
    assert Runner(TOY).point(column, code=np.int64(3), vdd=np.float32(1.5)).inputs.code == 3


def test_limits_of_a_tail_are_text_or_objects() -> None:
    for limits, message in (("v_lin>1", "did you mean 'v_line'"), ("v_line>x", "must be an output"), ((), "at least")):
        with pytest.raises(InputError, match=message):
            Runner(TOY).tail(COLUMN, "transfer", limits)
    with pytest.raises(InputError, match="without sample and deviates"):
        Runner(TOY).tail(COLUMN, "transfer", bl.Limit("v_line"), sample=1)


def test_what_the_machine_lacks_is_told_when_it_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITLINE_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("PDK_ROOT", raising=False)
    with pytest.raises(PdkMissingError, match="bitline pdk install sky130"):
        bl.simulate(COLUMN, "transfer")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NgspiceMissingError):
        bl.simulate(COLUMN, "transfer", pdk=TOY)
    with pytest.raises(UnknownNameError, match="did you mean 'sky130'"):
        Runner("sky13").check()


def test_the_function_is_not_hidden_by_the_package_of_its_name() -> None:
    code = (
        "import bitline.engine.waveforms, bitline as bl; from bitline import simulate;"
        " from bitline.engine.waveforms import Waveforms;"
        " assert callable(bl.simulate) and bl.simulate is simulate, bl.simulate"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.ngspice
def test_a_simulation_has_values_waveforms_and_its_rung() -> None:
    run = bl.simulate(COLUMN, bench="transfer", pdk=str(TOY), vdd=1.5, code=2)
    assert run.rung == "plain"
    assert 0 < run.values["v_line"] < 1.48
    assert [spec.name for spec in run.outputs] == list(run.values)
    frame = run.waveforms.to_dataframe()
    assert frame.attrs["units"]["time"] == "s"
    assert frame.filter(like="v(line)").iloc[:, 0].max() == pytest.approx(1.5, abs=0.1)
    assert set(run.waveforms.to_xarray().data_vars) == set(run.waveforms.signals)


@pytest.mark.ngspice
def test_a_store_may_be_text_and_a_second_run_simulates_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sweep = bl.Sweep(COLUMN, bench="transfer", code=[0, 2], vdd=[1.5])
    runner = Runner(TOY, store="runs/points.sqlite")
    outcomes: list[Any] = []
    lut = runner.characterize(sweep, report=outcomes.append)
    assert (tmp_path / "runs/points.sqlite").is_file()
    assert [outcome.cached for outcome in outcomes] == [False, False]
    again = runner.characterization(sweep)
    assert (again.simulated, again.cached, again.failed, dict(again.failures)) == (0, 2, 0, {})
    assert again.lut.tables["nominal"].identical(lut.tables["nominal"])


@pytest.mark.ngspice
@pytest.mark.pdk
def test_points_that_failed_are_a_warning_with_the_reason() -> None:
    sweep = bl.Sweep(bl.SplitPort6T(), bench="read", vdd=[1.6, 1.8])
    reason = r"sweep sweep: 2 of 2 points gave no result \(2 timeout\), the first: not finished after 0.001 s"
    with pytest.warns(FailedPointsWarning, match=reason):
        lut = bl.characterize(sweep, timeout=1e-3, engine="shared")
    assert lut.tables["read"]["n_failed"].sum() == 2


def test_the_corners_of_a_sweep_are_those_of_its_points() -> None:
    one = bl.Sweep(COLUMN, bench="transfer", code=[0, 1], samples=2)
    other = bl.Sweep(COLUMN, bench="transfer", corner=["ss", "tt"], samples=2, at={"corner": "ff"}, axes={"code": [1]})
    for sweep in (one, other):
        assert list(sweep.corners) == list(dict.fromkeys(point.conditions.corner for point in sweep.points()))
