"""A laboratory's own columns, of which bitline knows no name: every format takes what its contents fit."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from bitline.errors import InputError
from bitline.export import Outline, exporters
from bitline.lut.lut import Lut
from bitline.lut.operation import Energy, Operation, Pins, uniform_bits, uniform_trits

ROWS = 8
AT = {"corner": "tt", "vdd": 0.9, "temperature": 25.0}
SIMULATORS = ("accelforge", "aihwkit", "analog-cim-sim", "crosssim", "hwcomponents", "liberty", "neurosim")
ENERGY = Energy(
    "energy_mac",
    "one MAC cycle of the laboratory's column",
    ("word lines", "cells"),
    ("sense amplifier",),
    "supply integral",
    components={"row_drivers": "read word lines", "cells": "8T"},
    beyond=("the ADC",),
)


def table(variables: dict[str, tuple[tuple[str, ...], Any, str]], **more: list[Any]) -> xr.Dataset:
    """Return variables over these axes and one condition."""
    coords = {**{axis: [value] for axis, value in AT.items()}, **more}
    sizes = tuple(map(len, coords.values()))
    fields: dict[str, Any] = {}
    for name, (axes, values, unit) in variables.items():
        shape = [size if axis in axes else 1 for axis, size in zip(coords, sizes, strict=True)]
        array = np.broadcast_to(np.asarray(values, float).reshape(shape), sizes)
        fields[name] = (tuple(coords), array.copy(), {"unit": unit, "doc": f"the {name}"})
    return xr.Dataset(fields, coords)


def own_column(**operation: Any) -> Lut:
    """Return an 8T column whose sum, output and energy have names of its own."""
    ones = np.arange(ROWS + 1)
    over = ("ones",)
    tables = {
        "nominal": table(
            {
                "v_rbl": (over, 0.9 - 0.03 * ones, "V"),
                "energy_mac": (over, 1e-15 * (7 + 3 * ones), "J"),
                "t_read": (over, 1e-9 + 1e-11 * ones, "s"),
            },
            ones=ones.tolist(),
        ),
        "mismatch": table(
            {"v_mean": (over, 0.9 - 0.03 * ones, "V"), "v_sigma": (over, 1e-3 * np.sqrt(ones), "V")},
            ones=ones.tolist(),
        ),
        "noise": table({"v_thermal": ((), 3e-4, "V")}),
    }
    pins = Pins("RWL", "rise of the read word lines", ("RBL",), "t_read", analog=True)
    own = Operation(
        "one MAC cycle of an 8T column",
        ENERGY,
        replace(uniform_bits("ones", ROWS), output="v_rbl"),
        cycle=4e-9,
        latency="t_read",
        pins=pins,
    )
    return Lut("lab", "lab-8t-column", tables, {"pdk": "sky130"}, replace(own, **operation))


def own_resistive_column() -> Lut:
    """Return the same with the currents of its cells, 2 uA and 0.1 uA."""
    lut = own_column()
    ones = np.arange(ROWS + 1)
    on = {"mixed": ROWS // 2, "weight": ROWS}
    currents = [[2e-6 * m + 1e-7 * cells * (ROWS - m) / ROWS for m in ones] for cells in on.values()]
    both, mixed = list(on), ["mixed"]
    nominal = {name: lut.tables["nominal"][name].values.ravel() for name in ("v_rbl", "energy_mac", "t_read")}
    units = {"v_rbl": "V", "energy_mac": "J", "t_read": "s"}
    tables = {
        **lut.tables,
        "nominal": table(
            {
                **{name: (("ones",), values, units[name]) for name, values in nominal.items()},
                "i_peak": (("zeros", "ones"), currents, "A"),
            },
            zeros=both,
            ones=ones.tolist(),
        ),
        "mismatch": table(
            {"v_mean": (("ones",), 0.01 + 0.03 * ones, "V"), "v_sigma": (("ones",), 1e-3 * np.sqrt(1 + ones), "V")},
            zeros=mixed,
            ones=ones.tolist(),
        ),
    }
    return replace(
        lut, kind="lab-resistive-column", tables=tables, attrs={"pdk": "sky130", "parameters": {"v_read": 0.1}}
    )


OPTIONS: dict[str, dict[str, Any]] = {"analog-cim-sim": {"rows": ROWS, "v_read": 0.1}}


@pytest.mark.parametrize("format", [name for name in SIMULATORS if name != "analog-cim-sim"])
def test_an_own_column_is_taken(format: str, tmp_path: Path) -> None:
    paths = own_column().export(format, tmp_path)
    assert all(path.is_file() for path in paths)
    assert "lab-8t-column" in (tmp_path / "README.md").read_text()


def test_what_is_taken_depends_on_the_contents() -> None:
    column, resistive = own_column(), own_resistive_column()
    signed = own_column(operands=uniform_trits("ones", ROWS, pairs="", output="v_rbl"))
    refused = {
        name: [lut for lut in (column, resistive, signed) if exporter.refusal(Outline.from_lut(lut))]
        for name, exporter in exporters().items()
    }
    assert {name: luts for name, luts in refused.items() if luts} == {
        "analog-cim-sim": [column, signed],
        "neurosim": [signed],
    }
    without_pins = exporters()["liberty"].refusal(Outline.from_lut(own_column(pins=None)))
    assert without_pins == "this LUT has no latency, and a cell without timing is of no use to a timer"


@pytest.mark.parametrize("format", SIMULATORS)
def test_an_own_column_with_currents_is_taken_by_all(format: str, tmp_path: Path) -> None:
    own_resistive_column().export(format, tmp_path, **OPTIONS.get(format, {}))
    assert "lab-resistive-column" in (tmp_path / "README.md").read_text()


def mean_energy() -> float:
    return sum(math.comb(ROWS, m) * 0.25**m * 0.75 ** (ROWS - m) * 1e-15 * (7 + 3 * m) for m in range(ROWS + 1))


def test_its_energies_and_times_arrive(tmp_path: Path) -> None:
    lut = own_column()
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
    own_column().export("hwcomponents", tmp_path)
    (file,) = tmp_path.glob("hwcomponents_*/component.py")
    scope: dict[str, Any] = {"__file__": str(file), "__name__": "component"}
    exec(compile(file.read_text(), str(file), "exec"), scope)
    component = scope["Lab"](130e-9)
    assert component.read(ones=5).energy == 1e-15 * (7 + 3 * 5)
    assert component.read(ones=5).latency == 1e-9 + 1e-11 * 5
    assert component.read().energy == pytest.approx(mean_energy(), rel=1e-12)
    assert component.compute().energy == pytest.approx(mean_energy() / ROWS, rel=1e-12)


def test_its_output_arrives(tmp_path: Path) -> None:
    lut = own_column()
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
    own_resistive_column().export("analog-cim-sim", tmp_path, **OPTIONS["analog-cim-sim"])
    config = json.loads((tmp_path / "analog_cim_sim.json").read_text())
    assert (config["LRS"], config["HRS"]) == pytest.approx((2.0, 0.1), rel=1e-12)  # uA
    # half the inputs on where all products are 0: sigma of a cell = sqrt(n) sigma_V / V times its current
    assert config["LRS_NOISE"] == pytest.approx(2.0 * math.sqrt(ROWS) * 3e-3 / 0.25, rel=1e-9)
    assert config["HRS_NOISE"] == pytest.approx(0.1 * math.sqrt(ROWS // 2) * 1e-3 / 0.01, rel=1e-9)
    bare = replace(own_resistive_column(), attrs={})
    with pytest.raises(InputError, match=r"attrs\.parameters\.v_read is missing"):
        bare.export("analog-cim-sim", tmp_path, rows=ROWS)
