from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bitline.cli.each import values
from bitline.engine.waveform_file import read

CELL = ("simulate", "split-port-6t")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--bench", "reed"], ["'reed'", "did you mean 'read'"]),
        (["--set", "stored=2"], ["stored = 2", "must be <= 1"]),
        (["--set", "port=both"], ["port", "'both'", "left, right"]),
        (["--set", "c_line=nan"], ["c_line", "finite"]),
        (["--set", "w_pass=.control"], ["w_pass", "'.control'", "number"]),
        (["--sampling", "sobol"], ["sampling = sobol", "without a mismatch sample"]),
        (["--sample", "1", "--sampling", "latin-hypercube"], ["samples = 0", "2 to 4096"]),
        (["--sample", "1", "--group", "access"], ["split-port-6t names no mismatch groups"]),
        (["--plot", "figure.gif"], ["figure.gif", ".png, .svg, .pdf"]),
        (["--save", "waves.xls"], ["waves.xls", ".csv, .parquet, .nc"]),
    ],
)
def test_wrong_input_is_refused_before_anything_runs(arguments: list[str], words: list[str], bitline: Any) -> None:
    bitline(*CELL, *arguments).refuses(2, *words)


def test_a_place_that_cannot_be_written_is_refused_before_anything_runs(bitline: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    bitline(*CELL, "--plot", "file/figure.png").refuses(3, "file")
    bitline(*CELL, "--save", "file/waves.csv").refuses(3, "file")


@pytest.mark.pdk
@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf"])
def test_a_timeout_must_be_a_time(seconds: str, bitline: Any) -> None:
    bitline(*CELL, "--timeout", seconds).refuses(2, "--timeout", seconds)


@pytest.mark.ngspice
@pytest.mark.pdk
def test_values_go_to_stdout_and_waveforms_to_files(bitline: Any, tmp_path: Path) -> None:
    answer = bitline(*CELL, "--set", "stored=0", "--plot", "new/w.png", "--save", "new/w.csv")
    rows = {line.split()[0]: line.split()[1] for line in answer.fine().splitlines()[1:]}
    energies = {"energy_array", "energy_wordline", "energy_line"}
    assert set(rows) == {"swing", "i_read", "disturb", "flips", "t_read"} | energies
    waveforms = read(tmp_path / "new/w.csv")
    assert list(waveforms.signals)[:4] == ["v(bl)", "v(blb)", "v(q)", "v(qb)"]
    assert waveforms["v(blb)"][0] == pytest.approx(1.8, abs=0.01)
    assert (tmp_path / "new/w.png").read_bytes().startswith(b"\x89PNG")
    assert "stored=0" in answer.err


@pytest.mark.ngspice
@pytest.mark.pdk
def test_both_engines_give_the_same_json(bitline: Any) -> None:
    both = [json.loads(bitline(*CELL, "--json", "--engine", engine).fine()) for engine in ("shared", "batch")]
    assert both[0]["values"] == pytest.approx(both[1]["values"], rel=1e-9, abs=1e-20)
    assert (both[0]["bench"], both[0]["units"]["swing"], both[0]["rung"]) == ("read", "V", "plain")
    assert both[0]["conditions"] == {"corner": "tt", "vdd": 1.8, "temperature": 27.0, "sample": 0, "seed": 1}


@pytest.mark.ngspice
@pytest.mark.pdk
def test_a_mismatch_sample_is_repeated_by_its_seed(bitline: Any) -> None:
    one, again, other = (
        json.loads(bitline(*CELL, "--json", "--sample", 3, "--seed", seed).fine())["values"]["swing"]
        for seed in (1, 1, 2)
    )
    assert one == again
    assert one != other


@pytest.mark.ngspice
@pytest.mark.pdk
def test_a_sample_of_a_design_is_simulated_and_named(bitline: Any) -> None:
    chip = ("--json", "--sample", 3)
    design = json.loads(bitline(*CELL, *chip, "--sampling", "latin-hypercube", "--hypercube", 8).fine())
    random = json.loads(bitline(*CELL, *chip).fine())
    assert design["values"]["swing"] != random["values"]["swing"]
    assert (design["conditions"]["sampling"], design["conditions"]["samples"]) == ("latin-hypercube", 8)
    assert random["conditions"].keys() == {"corner", "vdd", "temperature", "sample", "seed"}


@pytest.mark.ngspice
@pytest.mark.pdk
def test_a_simulation_that_takes_too_long_names_its_point(bitline: Any) -> None:
    # A run of seconds: one of milliseconds may have ended before a worker's time is looked at.
    slow = ("simulate", "strongarm", "--bench", "noise")
    for engine in ("shared", "batch"):
        bitline(*slow, "--timeout", 0.001, "--engine", engine).refuses(1, "0.001 s", "[at strongarm")


@pytest.mark.ngspice
@pytest.mark.pdk
def test_each_value_of_a_choice_has_a_column_a_curve_and_a_file(bitline: Any, tmp_path: Path) -> None:
    arguments = ("--set", "stored=0", "--each", "port", "--plot", "p.png", "--save", "w.csv")
    header, *rows = bitline(*CELL, *arguments).fine().splitlines()
    assert header.split()[:4] == ["output", "left", "right", "unit"]
    swing = next(row.split() for row in rows if row.startswith("swing"))
    alone = [
        json.loads(bitline(*CELL, "--set", "stored=0", "--set", f"port={port}", "--json").fine())["values"]["swing"]
        for port in ("left", "right")
    ]
    assert [float(value) for value in swing[1:3]] == alone
    assert read(tmp_path / "w-left.csv")["v(bl)"].min() < 0.1
    assert read(tmp_path / "w-right.csv")["v(bl)"].min() > 1.7
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.ngspice
@pytest.mark.pdk
def test_each_corner_is_a_list_of_points_in_json(bitline: Any) -> None:
    points = json.loads(bitline(*CELL, "--set", "stored=0", "--set", "port=left", "--each", "corner", "--json").fine())
    assert [point["conditions"]["corner"] for point in points] == ["tt", "ss", "ff", "sf", "fs"]
    current = {point["conditions"]["corner"]: point["values"]["i_read"] for point in points}
    assert len(set(current.values())) == 5


@pytest.mark.pdk
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--each", "c_line"], ["--each c_line", "not a choice"]),
        (["--each", "prot"], ["'prot'", "did you mean 'port'"]),
        (["--each", "port", "--set", "port=left"], ["--each port", "one value already"]),
        (["--each", "corner", "--corner", "ss"], ["--each corner", "one value already"]),
    ],
)
def test_only_a_choice_has_each_value(arguments: list[str], words: list[str], bitline: Any) -> None:
    bitline(*CELL, *arguments).refuses(2, *words)


@pytest.mark.parametrize(
    ("circuit", "bench", "name", "expected"),
    [
        ("split-port-6t", "read", "port", ("left", "right")),
        ("nvsram-trit", "restore", "level", ("lrs", "mrs", "hrs")),
        ("nvsram-trit", "restore", "clustered", ("false", "true")),
        ("nvsram-trit", "restore", "cluster.selector.kind", ("threshold", "exponential")),
    ],
)
def test_a_choice_is_an_input_or_a_parameter_however_deep(
    circuit: str, bench: str, name: str, expected: tuple[str, ...]
) -> None:
    assert values(circuit, bench, name) == expected


@pytest.mark.pdk
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--behind", 5], ["--behind = 5", "--plot"]),
        (["--behind", -1, "--plot", "w.png"], ["--behind = -1: must be >= 0"]),
    ],
)
def test_samples_that_no_figure_shows_are_refused(arguments: list[Any], words: list[str], bitline: Any) -> None:
    bitline(*CELL, *arguments).refuses(2, *words)


@pytest.mark.ngspice
@pytest.mark.pdk
def test_mismatch_samples_are_drawn_behind_a_butterfly(bitline: Any, tmp_path: Path) -> None:
    for samples in (0, 2):
        bitline(*CELL, "--bench", "snm", "--behind", samples, "--plot", f"{samples}.png").fine()
    assert (tmp_path / "0.png").read_bytes() != (tmp_path / "2.png").read_bytes()
    bitline(*CELL, "--behind", 2, "--plot", "w.png").refuses(2, "2 mismatch samples")
