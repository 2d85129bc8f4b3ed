from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from luts.column import make_column_lut

from bitline.benches.registry import benches
from bitline.circuits.registry import circuits
from bitline.sweep.sweep import Sweep, shipped


def test_json_has_every_circuit_with_every_parameter(bitline: Any) -> None:
    found = {entry["name"]: entry for entry in json.loads(bitline("list", "circuits", "--json").fine())}
    assert list(found) == list(circuits())
    parameters = {info["name"]: info for info in found["acim-column-qs"]["parameters"]}
    assert parameters["rows"]["allowed"] == "integer, >= 1, <= 1024"
    assert parameters["cell.w_pass"]["unit"] == "m"
    assert all(info["doc"] for info in parameters.values())


def test_one_circuit_is_shown_in_full(bitline: Any) -> None:
    shown = bitline("list", "circuits", "acim-column-qr").fine()
    assert "AcimColumnQR" in shown
    (line,) = [line for line in shown.splitlines() if line.startswith("c_unit ")]
    assert "unit capacitor" in line
    assert "split-port-6t" not in shown


def test_overview_has_a_line_each_and_verbose_all(bitline: Any) -> None:
    assert len(bitline("list", "circuits").fine().splitlines()) == 1 + len(circuits())
    assert "rows pulsed at once" in bitline("list", "circuits", "--verbose").fine()


def test_benches_with_inputs_and_outputs(bitline: Any) -> None:
    found = json.loads(bitline("list", "benches", "--json").fine())
    assert [entry["name"] for entry in found] == [bench.name for bench in benches()]
    transfer = bitline("list", "benches", "transfer").fine()
    assert "MAC code" in transfer
    assert "energy_precharge" in transfer


def test_sweeps_with_their_numbers_of_points(bitline: Any) -> None:
    found = {entry["name"]: entry for entry in json.loads(bitline("list", "sweeps", "--json").fine())}
    assert set(found) == set(shipped())
    for name, entry in found.items():
        assert (entry["points"], entry["quick"]) == (len(Sweep.load(name)), len(Sweep.load(name).quick()))


def test_luts(bitline: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bitline.content.folder", lambda name: tmp_path)
    assert "no luts" in bitline("list", "luts").err
    make_column_lut("mine", codes=3).save(tmp_path / "mine")
    (entry,) = json.loads(bitline("list", "luts", "--json").fine())
    assert (entry["name"], entry["kind"]) == ("mine", "acim-column-qs")
    assert {axis["name"]: axis["unit"] for axis in entry["axes"]}["vdd"] == "V"
    assert "v_sigma" in bitline("list", "luts", "mine").fine()


@pytest.mark.parametrize(
    ("kind", "name"), [("circuits", "acim-colum-qs"), ("benches", "transfr"), ("sweeps", "acim-q")]
)
def test_an_unknown_name_suggests_the_nearest(kind: str, name: str, bitline: Any) -> None:
    bitline("list", kind, name).refuses(2, repr(name), "did you mean")
