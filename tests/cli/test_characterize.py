from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bitline.lut.lut import Lut

MAIN = (sys.executable, "-c", "from bitline.cli import main; main()")
SMUGGLED = '"1e-9\\n.control\\nshell touch smuggled\\n.endc"'


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("benches", "benchs"), ["'benchs'", "did you mean 'benches'"]),
        (("[axes]", "[axis]"), ["'axis'", "did you mean 'axes'"]),
        (('"transfer"', '"transfr"'), ["'transfr'", "did you mean 'transfer'"]),
        (('"acim-column-qs"', '"acim-colum-qs"'), ["did you mean 'acim-column-qs'"]),
        (("rows = 4", "row = 4"), ["'row'", "did you mean 'rows'"]),
        (("rows = 4", "rows = 0"), ["rows = 0", "must be >= 1"]),
        (("rows = 4", "rows = nan"), ["rows = nan"]),
        (("rows = 4", 'rows = "many"'), ["rows = 'many'"]),
        (("rows = 4", f"t_pulse = {SMUGGLED}"), ["t_pulse", "number"]),
        (("code = [0, 1, 2]", f"code = [{SMUGGLED}]"), ["code"]),
        (("code = [0, 1, 2]", f"corner = [{SMUGGLED}]"), ["corner"]),
        (("code = [0, 1, 2]", f"{SMUGGLED} = [1]"), ["axis"]),
        (('"acim-column-qs"', SMUGGLED), ["unknown circuit"]),
        (("code = [0, 1, 2]", "code = [0 1]"), ["not TOML"]),
        (("[0, 1, 2]", "{start = 0, stop = 2, adaptive = {tolerance = 0}}"), ["axis code: tolerance = 0"]),
        (("[0, 1, 2]", "{start = 0, stop = 2, adaptive = {tolerence = 0.1}}"), ["did you mean 'tolerance'"]),
    ],
)
def test_a_wrong_sweep_file(change: tuple[str, str], words: list[str], bitline: Any, sweep: Path) -> None:
    sweep.write_text(sweep.read_text().replace(*change))
    bitline("characterize", sweep, "-o", "out").refuses(2, *words)
    assert not (sweep.parent / "smuggled").exists()


def test_a_sweep_file_whose_name_is_no_name(bitline: Any, sweep: Path) -> None:
    bad = sweep.rename(sweep.with_name("x; .control.toml"))
    bitline("characterize", bad).refuses(2, "x; .control")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["acim-q"], ["'acim-q'", "did you mean 'acim-qs'"]),
        (["none.toml"], ["none.toml"]),
        (["small.toml", "--quick"], ["small", "[quick]"]),
        (["small.toml", "--samples", "-1"], ["samples = -1"]),
        (["small.toml", "--seed", "x"], ["--seed", "'x'"]),
        (["small.toml", "--executors", "dask"], ["No such option", "--executors"]),
        (["small.toml", "--executor", "lsf"], ["--executor", "'lsf'", "'dask'"]),
        (["small.toml", "--scheduler", "tcp://a:1"], ["scheduler = 'tcp://a:1': only executor = 'dask' has one"]),
        (["small.toml", "--timeout", "0"], ["--timeout = 0"]),
        (["small.toml", "--pdk", "sky13"], ["did you mean 'sky130'"]),
    ],
)
def test_wrong_arguments(arguments: list[str], words: list[str], bitline: Any, sweep: Path) -> None:
    bitline("characterize", *arguments).refuses(2, *words)


@pytest.mark.ngspice
@pytest.mark.pdk
def test_a_code_that_its_circuit_does_not_have(bitline: Any, sweep: Path) -> None:
    sweep.write_text(sweep.read_text().replace("[0, 1, 2]", "[3]"))
    answer = bitline("characterize", sweep)
    assert (answer.code, answer.out) == (2, "")
    assert "code = 3: must be <= active = 2" in answer.err.splitlines()[-1]


@pytest.mark.ngspice
@pytest.mark.pdk
def test_places_that_cannot_be_written_and_a_store_that_is_none(bitline: Any, sweep: Path) -> None:
    (sweep.parent / "file").touch()
    bitline("characterize", sweep, "-o", "file/out").refuses(3, "file/out")
    for store in ("file/s.sqlite", "small.toml"):
        answer = bitline("characterize", sweep, "--store", store)
        assert (answer.code, answer.out) == (3, "")
        assert store in answer.err.splitlines()[-1]


@pytest.mark.ngspice
@pytest.mark.pdk
def test_a_sweep_becomes_a_lut_and_a_second_run_simulates_nothing(bitline: Any, sweep: Path, tmp_path: Path) -> None:
    first = bitline("characterize", sweep, "-j", 1)
    assert first.fine() == "results/runs/small\n"
    assert "3 points (3 simulated, 0 cached)" in first.err
    assert "bitline plot results/runs/small" in first.err
    assert (tmp_path / "results/runs/small.sqlite").is_file()
    lut = Lut.load(tmp_path / "results/runs/small")
    assert lut.tables["nominal"]["v_line"].to_numpy().tolist()[0] > 1.7
    again = bitline("characterize", sweep, "-j", 2, "-o", "again", "--store", "results/runs/small.sqlite", "--json")
    summary = json.loads(again.fine())
    assert (summary["points"], summary["simulated"], summary["cached"], summary["failed"]) == (3, 0, 3, {})
    for name in ("lut.json", "nominal.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "results/runs/small" / name).read_bytes()


@pytest.mark.ngspice
@pytest.mark.pdk
def test_an_adaptive_axis_that_cannot_reach_its_tolerance_is_told(bitline: Any, sweep: Path) -> None:
    # Between whole numbers there is nothing.
    axis = '{start = 0, stop = 2, count = 3, adaptive = {tolerance = 1e-9, outputs = "v_line", most = 5}}'
    sweep.write_text(sweep.read_text().replace("[0, 1, 2]", axis))
    answer = bitline("characterize", sweep, "-j", 1, "--store", "s.sqlite", "--json")
    [line] = json.loads(answer.fine())["unresolved"]
    assert line.startswith("axis code: tolerance 1e-09 is not reached: with 3 values (at most 5")
    assert "small: 5 points\n" in answer.err
    assert "code: 3 values of at most 5" in answer.err
    assert f"warning: {line}" in answer.err
    plan = bitline("characterize", sweep, "-j", 1, "--store", "s.sqlite", "--dry-run").fine()
    assert "in the first round of the adaptive axes; 5 at most" in plan


@pytest.mark.ngspice
@pytest.mark.pdk
def test_what_the_command_line_says_is_laid_over_the_sweep(bitline: Any, sweep: Path, tmp_path: Path) -> None:
    sweep.write_text(sweep.read_text() + "\n[quick.axes]\ncode = [1]\n")
    answer = bitline("characterize", sweep, "--quick", "--samples", 2, "--seed", 7, "--accuracy", "fast", "-o", "out")
    assert answer.fine() == "out\n"
    attrs = Lut.load(tmp_path / "out").attrs
    assert (attrs["points"], attrs["samples"], attrs["seed"], attrs["accuracy"]) == (3, 2, 7, "fast")


@pytest.mark.ngspice
@pytest.mark.pdk
def test_points_that_failed_are_told_and_the_lut_is_written(bitline: Any, sweep: Path, tmp_path: Path) -> None:
    answer = bitline("characterize", sweep, "--timeout", 0.001, "-o", "out", "-j", 2)
    assert (answer.code, answer.out) == (1, "out\n")
    assert "failed: 3 timeout" in answer.err
    assert "timeout: acim-column-qs rows=4 active=2 code=0" in answer.err
    assert Lut.load(tmp_path / "out").attrs["status"] == {"timeout": 3}


@pytest.mark.ngspice
@pytest.mark.pdk
def test_ctrl_c_ends_with_130_and_the_same_command_goes_on(bitline: Any, sweep: Path, tmp_path: Path) -> None:
    sweep.write_text(sweep.read_text().replace("[0, 1, 2]", "[0, 1, 2]\ntemperature = {start=-40, stop=125, step=1}"))
    store = tmp_path / "s.sqlite"
    command = (*MAIN, "characterize", str(sweep), "--store", str(store), "-o", "out", "-j", "1")
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path, start_new_session=True
    )
    deadline = time.monotonic() + 60
    while not store.exists() and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(2)  # some of the 498 points
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: the workers get it too
    out, err = running.communicate(timeout=60)
    assert (running.returncode, out) == (130, "")
    assert "the same command goes on from there" in err.splitlines()[-1]
    assert "Traceback" not in err
    assert not (tmp_path / "out" / "lut.json").exists()


@pytest.mark.ngspice
@pytest.mark.pdk
def test_what_of_the_lut_cannot_be_made_is_said_and_the_rest_is_written(
    bitline: Any, sweep: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise KeyError("event")

    monkeypatch.setattr("bitline.sweep.build.sweep_operation", broken)
    said = bitline("characterize", sweep, "-o", "out")
    assert said.code == 1
    assert "the operation could not be made: KeyError: 'event'" in said.err
    lut = Lut.load(sweep.parent / "out")
    assert lut.operation is None
    assert "nominal" in lut.tables


@pytest.mark.ngspice
@pytest.mark.pdk
def test_a_dry_run_says_what_a_run_will_take(bitline: Any, sweep: Path) -> None:
    before = json.loads(bitline("characterize", sweep, "--store", "s.sqlite", "-j", 1, "--dry-run", "--json").fine())
    assert (before["points"], before["cached"], before["source"]) == (3, 0, "one trial")
    assert before["time"] == pytest.approx(3 * before["seconds"])
    assert not Path("s.sqlite").exists()
    assert bitline("characterize", sweep, "--store", "s.sqlite", "-j", 1, "-o", "out").code == 0
    after = json.loads(bitline("characterize", sweep, "--store", "s.sqlite", "-j", 1, "--dry-run", "--json").fine())
    assert (after["points"], after["cached"], after["time"]) == (3, 3, 0.0)
    sweep.write_text(sweep.read_text().replace("[0, 1, 2]", "[0, 1, 2]\nvdd = [1.62, 1.8]"))
    table = bitline("characterize", sweep, "--store", "s.sqlite", "-j", 1, "--dry-run").fine().splitlines()
    assert [line.split()[:2] for line in table[1:3]] == [["points", "6"], ["cached", "3"]]
    assert "by the store" in table[3]
