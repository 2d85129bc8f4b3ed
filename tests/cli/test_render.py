from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bitline.benches.base import Conditions
from bitline.benches.registry import bench
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.netlists import all_netlists, bench_text
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk

SMUGGLED = "1e-9\n.control\nshell touch smuggled\n.endc"


@pytest.mark.pdk
def test_a_circuit_goes_to_stdout_and_its_deck_to_a_file(bitline: Any, tmp_path: Path) -> None:
    alone = bitline("render", "split-port-6t").fine()
    assert alone.startswith("* split-port 6T cell")
    assert ".tran" not in alone
    written = bitline("render", "acim-column-qr", "--bench", "noise", "-o", "new/deck.cir")
    assert written.fine() == ""
    assert "new/deck.cir" in written.err
    assert "\n.noise v(line)" in (tmp_path / "new/deck.cir").read_text()


@pytest.mark.pdk
def test_settings_and_conditions_reach_the_deck(bitline: Any, sky130: Pdk) -> None:
    settings = ["--set", "rows=4", "--set", "active=2", "--set", "code=1", "--corner", "ss", "--vdd", 1.62]
    shown = bitline("render", "acim-column-qs", "--bench", "transfer", *settings, "--temperature", -40, "--sample", 3)
    circuit = AcimColumnQS(rows=4, active=2)
    transfer = bench("transfer", AcimColumnQS)
    conditions = Conditions(corner=Corner.ss, vdd=1.62, temperature=-40.0, sample=3)
    assert shown.fine() == bench_text(circuit, transfer, transfer.inputs(code=1), conditions, sky130)


@pytest.mark.pdk
def test_all_writes_every_netlist(bitline: Any, sky130: Pdk, tmp_path: Path) -> None:
    bitline("render", "--all", "-o", "n").fine()
    written = {path.name: path.read_text() for path in (tmp_path / "n").iterdir()}
    assert written == all_netlists(sky130)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["CIRCUIT", "--all"]),
        (["--all"], ["-o DIR"]),
        (["--all", "acim-column-qs", "-o", "n"], ["--all", "defaults"]),
        (["--all", "--set", "rows=3", "-o", "n"], ["--all", "defaults"]),
        (["acim-column-q"], ["did you mean 'acim-column-qs'"]),
        (["acim-column-qs", "--set", f"t_pulse={SMUGGLED}"], ["t_pulse", "without suffix"]),
        (["acim-column-qs", "--set", f"{SMUGGLED}=1"], ["unknown parameter"]),
        ([SMUGGLED], ["unknown circuit"]),
        (["acim-column-qs", "--bench", SMUGGLED], ["unknown bench"]),
    ],
)
def test_what_cannot_be_rendered_is_refused(arguments: list[str], words: list[str], bitline: Any) -> None:
    bitline("render", *arguments).refuses(2, *words)


@pytest.mark.pdk
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--temperature", "nan"], ["temperature", "'nan'", "not a number"]),
        (["--temperature", "2_7"], ["temperature", "'2_7'", "not a number"]),
        (["--seed", "٣"], ["seed", "'٣'", "not an integer"]),
        (["--vdd", "9"], ["vdd = 9.0", "must be <= 5"]),
        (["--sample", "-1"], ["sample = -1", "must be >= 0"]),
        (["--set", "w_pass=1.5e-7"], ["w = 1.5e-07", "no model"]),
    ],
)
def test_conditions_out_of_range_are_refused(arguments: list[str], words: list[str], bitline: Any) -> None:
    bitline("render", "split-port-6t", *arguments).refuses(2, *words)


@pytest.mark.pdk
def test_a_file_that_cannot_be_written(bitline: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    bitline("render", "split-port-6t", "-o", "file/deck.cir").refuses(3, "file/deck.cir")
