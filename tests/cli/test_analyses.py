"""A plug-in's benches on DC, AC and an operating point: from template to values, files and figures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lab_amplifier
import numpy as np
import pytest

from bitline.benches import registry
from bitline.circuits.analysis import Ac, Axis, OperatingPoint
from bitline.circuits.registry import circuits
from bitline.engine.waveform_file import read
from bitline.templates import environment

TOY = Path(__file__).parents[1] / "pdk/toy/toy.toml"
AMPLIFIER = ("simulate", "lab-amplifier", "--pdk", TOY)

pytestmark = pytest.mark.ngspice


@pytest.fixture(autouse=True)
def amplifier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    lab_amplifier.install(tmp_path / "plugin", monkeypatch)
    monkeypatch.setenv("BITLINE_CACHE_DIR", str(tmp_path / "cache"))
    caches = (circuits, registry.benches, environment)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


@pytest.mark.parametrize("engine", ["shared", "batch"])
def test_a_transfer_curve(engine: str, bitline: Any, tmp_path: Path) -> None:
    rest = ("--engine", engine, "--json", "--plot", "w.png", "--save", "w.csv")
    answer = json.loads(bitline(*AMPLIFIER, "--bench", "curve", *rest).fine())
    curve = read(tmp_path / "w.csv")
    assert curve.abscissa == Axis("vin", "V")
    assert curve.axis == pytest.approx(np.linspace(0, 1.5, 151), abs=1e-9)
    assert answer["values"]["v_switch"] == curve.crossing("v(out)", lab_amplifier.HALF_SUPPLY)
    assert (tmp_path / "w.png").read_bytes().startswith(b"\x89PNG")


def test_sweeps_in_both_directions_measure_the_same_and_are_overlaid(bitline: Any, tmp_path: Path) -> None:
    both = json.loads(bitline(*AMPLIFIER, "--bench", "curve", "--each", "falling", "--plot", "w.png", "--json").fine())
    assert both[0]["values"]["v_switch"] == pytest.approx(both[1]["values"]["v_switch"], rel=1e-4)
    assert (tmp_path / "w.png").read_bytes().startswith(b"\x89PNG")


def test_a_response_and_the_curve_have_one_gain(bitline: Any, tmp_path: Path) -> None:
    bitline(*AMPLIFIER, "--bench", "curve", "--save", "curve.csv").fine()
    answer = bitline(*AMPLIFIER, "--bench", "response", "--json", "--plot", "w.png", "--save", "w.nc").fine()
    values = json.loads(answer)["values"]
    curve, response = read(tmp_path / "curve.csv"), read(tmp_path / "w.nc")
    assert response.abscissa == Ac.axis
    slope = (curve.at("v(out)", 0.76) - curve.at("v(out)", 0.74)) / 0.02
    assert 10 ** (values["gain"] / 20) == pytest.approx(-slope, rel=0.02)
    assert response.phase_degrees("v(out)")[0] == pytest.approx(180, abs=1)
    assert values["bandwidth"] == response.crossing(response.magnitude_db("v(out)"), values["gain"] - 10 * np.log10(2))


def test_an_operating_point_lies_on_the_curve(bitline: Any, tmp_path: Path) -> None:
    rest = ("--json", "--plot", "w.png", "--save", "w.parquet")
    values = json.loads(bitline(*AMPLIFIER, "--bench", "point", *rest).fine())["values"]
    bitline(*AMPLIFIER, "--bench", "curve", "--save", "curve.csv").fine()
    point, curve = read(tmp_path / "w.parquet"), read(tmp_path / "curve.csv")
    assert point.abscissa == OperatingPoint.axis
    assert point.value("v(out)") == values["v_out"] == pytest.approx(curve.at("v(out)", 0.75), rel=1e-3)
    assert (tmp_path / "w.png").read_bytes().startswith(b"\x89PNG")
    assert bitline("plot", "w.parquet", "-o", "again.png").fine() == "again.png\n"
