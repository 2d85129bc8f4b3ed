"""A laboratory's own columns, of which bitline knows no name: every format takes what its contents fit."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from luts.own_column import ROWS, make_own_column_lut, make_own_resistive_lut

from bitline.errors import InputError
from bitline.export import Outline, exporters
from bitline.lut.operation import uniform_trits

SIMULATORS = ("accelforge", "aihwkit", "analog-cim-sim", "crosssim", "hwcomponents", "liberty", "neurosim")
OPTIONS: dict[str, dict[str, Any]] = {"analog-cim-sim": {"rows": ROWS, "v_read": 0.1}}


@pytest.mark.parametrize("format", [name for name in SIMULATORS if name != "analog-cim-sim"])
def test_an_own_column_is_taken(format: str, tmp_path: Path) -> None:
    paths = make_own_column_lut().export(format, tmp_path)
    assert all(path.is_file() for path in paths)
    assert "lab-8t-column" in (tmp_path / "README.md").read_text()


def test_what_is_taken_depends_on_the_contents() -> None:
    column, resistive = make_own_column_lut(), make_own_resistive_lut()
    signed = make_own_column_lut(operands=uniform_trits("ones", ROWS, pairs="", output="v_rbl"))
    refused = {
        name: [lut for lut in (column, resistive, signed) if exporter.refusal(Outline.from_lut(lut))]
        for name, exporter in exporters().items()
    }
    assert {name: luts for name, luts in refused.items() if luts} == {
        "analog-cim-sim": [column, signed],
        "asim": [column, resistive, signed],
        "neurosim": [signed],
    }
    without_pins = exporters()["liberty"].refusal(Outline.from_lut(make_own_column_lut(pins=None)))
    assert without_pins == "this LUT has no latency, and a cell without timing is of no use to a timer"


@pytest.mark.parametrize("format", SIMULATORS)
def test_an_own_column_with_currents_is_taken_by_all(format: str, tmp_path: Path) -> None:
    make_own_resistive_lut().export(format, tmp_path, **OPTIONS.get(format, {}))
    assert "lab-resistive-column" in (tmp_path / "README.md").read_text()


def mean_energy() -> float:
    return sum(math.comb(ROWS, m) * 0.25**m * 0.75 ** (ROWS - m) * 1e-15 * (7 + 3 * m) for m in range(ROWS + 1))


def test_its_energies_and_times_arrive(tmp_path: Path) -> None:
    lut = make_own_column_lut()
    lut.export("accelforge", tmp_path / "accelforge")
    facts = json.loads((tmp_path / "accelforge/accelforge.json").read_text())
    assert facts["operation"] == pytest.approx(mean_energy(), rel=1e-12)
    assert (facts["family"], facts["throughput"]) == ("column", 1 / 4e-9)
    assert facts["parts"] == "contains RowDrivers (read word lines) and CimUnit (8T); not the ADC"
    lut.export("liberty", tmp_path / "liberty")
    facts = json.loads((tmp_path / "liberty/lab.json").read_text())
    assert facts["energy_j"] == pytest.approx(mean_energy(), rel=1e-12)
    assert facts["start"] == "RWL"
    assert (facts["delay_fastest_s"], facts["delay_slowest_s"]) == pytest.approx((1e-9, 1.08e-9), rel=1e-12)


class ComponentModel:
    def __init__(self, area: float, leak_power: float) -> None:
        self.area, self.leak_power = area, leak_power


def test_its_component_reads_its_own_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub = ModuleType("hwcomponents")
    vars(stub).update(ComponentModel=ComponentModel, ActionCost=SimpleNamespace, action=lambda method: method)
    monkeypatch.setitem(sys.modules, "hwcomponents", stub)
    make_own_column_lut().export("hwcomponents", tmp_path)
    (file,) = tmp_path.glob("hwcomponents_*/component.py")
    scope: dict[str, Any] = {"__file__": str(file), "__name__": "component"}
    exec(compile(file.read_text(), str(file), "exec"), scope)
    component = scope["Lab"](130e-9)
    assert component.read(ones=5).energy == 1e-15 * (7 + 3 * 5)
    assert component.read(ones=5).latency == 1e-9 + 1e-11 * 5
    assert component.read().energy == pytest.approx(mean_energy(), rel=1e-12)
    assert component.compute().energy == pytest.approx(mean_energy() / ROWS, rel=1e-12)


def test_its_output_arrives(tmp_path: Path) -> None:
    lut = make_own_column_lut()
    lut.export("neurosim", tmp_path / "neurosim")
    lines = (tmp_path / "neurosim/output_noise_static.csv").read_text().splitlines()[1:]
    values = [[float(number) for number in line.split(",")] for line in lines]
    assert [row[1] for row in values] == pytest.approx(list(range(ROWS + 1)), abs=1e-12)
    assert [row[2] for row in values] == pytest.approx([1e-3 * math.sqrt(m) / 0.03 for m in range(ROWS + 1)], rel=1e-9)
    for format in ("aihwkit", "crosssim"):
        lut.export(format, tmp_path / format)
        data = json.loads((tmp_path / format / f"{format}_lab.json").read_text())
        assert data["static_lsb"] == pytest.approx([row[2] for row in values], rel=1e-9)
        assert data["temporal_lsb"] == pytest.approx([0.01] * (ROWS + 1), rel=1e-9)


def test_its_currents_arrive(tmp_path: Path) -> None:
    make_own_resistive_lut().export("analog-cim-sim", tmp_path, **OPTIONS["analog-cim-sim"])
    config = json.loads((tmp_path / "analog_cim_sim.json").read_text())
    assert (config["LRS"], config["HRS"]) == pytest.approx((2.0, 0.1), rel=1e-12)  # uA
    # half the inputs on where all products are 0: sigma of a cell = sqrt(n) sigma_V / V times its current
    assert config["LRS_NOISE"] == pytest.approx(2.0 * math.sqrt(ROWS) * 3e-3 / 0.25, rel=1e-9)
    assert config["HRS_NOISE"] == pytest.approx(0.1 * math.sqrt(ROWS // 2) * 1e-3 / 0.01, rel=1e-9)
    bare = replace(make_own_resistive_lut(), attrs={})
    with pytest.raises(InputError, match=r"attrs\.parameters\.v_read is missing"):
        bare.export("analog-cim-sim", tmp_path, rows=ROWS)
