from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

READ = ("tail", "split-port-6t", "--bench", "read", "--set", "t_pulse=2e-10")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["--margin"]),
        (["--margin", "swing=1"], ["'swing=1'", "an output > or < a number"]),
        (["--margin", "swong>1"], ["'swong'", "did you mean 'swing'"]),
        (["--margin", "swing", "--method", "form"], ["--method", "'form'"]),
        (["--margin", "swing", "--max-evaluations", "0"], ["--max-evaluations", "0"]),
        (["--margin", "swing", "--set", "stored=2"], ["stored = 2"]),
    ],
)
@pytest.mark.pdk
@pytest.mark.ngspice
def test_wrong_input_is_refused(arguments: list[str], words: list[str], bitline: Any) -> None:
    answer = bitline(*READ, *arguments)
    assert (answer.code, answer.out) == (2, "")
    line = answer.err.splitlines()[-1]
    assert line.startswith("bitline: error: ")
    for word in words:
        assert word in line


@pytest.mark.ngspice
@pytest.mark.pdk
def test_a_rare_event_has_its_interval_and_its_devices(bitline: Any, tmp_path: Path) -> None:
    given = (*READ, "--margin", "swing>0.65", "--margin", "disturb<0.5", "--cov", "0.2", "-j", "2")
    answer = bitline(*given, "--json")
    found = json.loads(answer.fine())
    assert 1e-7 < found["low"] < found["probability"] < found["high"] < 1e-3
    assert found["converged"] and found["cov"] <= 0.2
    assert found["equivalent_samples"] > 100 * found["evaluations"]
    point, *_ = found["design_points"]
    assert len(point) == found["dimension"] == 12
    assert max(point, key=lambda name: abs(point[name])).startswith("pgr.")
    assert (tmp_path / "results/runs/split-port-6t-read-tail.sqlite").is_file()
    again = bitline(*given)
    rows = {line.split()[0]: line.split()[1] for line in again.fine().splitlines()[1:]}
    assert float(rows["probability"]) == found["probability"]
    assert "(0 new)" in again.err and "failure is not swing>0.65 and disturb<0.5" in again.err


@pytest.mark.ngspice
@pytest.mark.pdk
def test_a_run_that_did_not_converge_ends_with_1(bitline: Any) -> None:
    answer = bitline(*READ, "--margin", "swing>0.7", "--method", "plain", "--max-evaluations", "1000", "--cov", "0.05")
    assert answer.code == 1
    assert "not converged" in answer.err and "where 0.05 was asked for" in answer.err
    assert answer.out.startswith("what")


@pytest.mark.ngspice
@pytest.mark.pdk
@pytest.mark.parametrize("method", ["importance", "plain"])
def test_where_nothing_is_known_nothing_is_claimed(method: str, bitline: Any) -> None:
    given = (*READ, "--margin", "swing>0.4", "--method", method, "--max-evaluations", "1000")
    answer = bitline(*given)
    assert answer.code == 1
    assert "no estimate: no " in answer.err
    names = [line.split()[0] for line in answer.out.splitlines()]
    assert "probability" not in names and "low" not in names and "cov" not in names
    for word in ("inf", "nan", "None"):
        assert word not in answer.out.split()
    assert json.loads(bitline(*given, "--json").out)["probability"] is None
