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
from bitline.simulate.waveform_file import FORMATS, read
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


def test_a_sweep_downwards_measures_the_same(bitline: Any) -> None:
    both = [
        json.loads(bitline(*AMPLIFIER, "--bench", "curve", "--set", f"falling={way}", "--json").fine())["values"]
        for way in ("true", "false")
    ]
    assert both[0]["v_switch"] == pytest.approx(both[1]["v_switch"], rel=1e-4)


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


@pytest.mark.parametrize("suffix", FORMATS)
def test_an_operating_point_lies_on_the_curve(suffix: str, bitline: Any, tmp_path: Path) -> None:
    rest = ("--json", "--plot", "w.png", "--save", f"w{suffix}")
    values = json.loads(bitline(*AMPLIFIER, "--bench", "point", *rest).fine())["values"]
    bitline(*AMPLIFIER, "--bench", "curve", "--save", "curve.csv").fine()
    point, curve = read(tmp_path / f"w{suffix}"), read(tmp_path / "curve.csv")
    assert point.abscissa == OperatingPoint.axis
    assert point.value("v(out)") == values["v_out"] == pytest.approx(curve.at("v(out)", 0.75), rel=1e-3)
    assert (tmp_path / "w.png").read_bytes().startswith(b"\x89PNG")
    assert bitline("plot", f"w{suffix}", "-o", "again.png").fine() == "again.png\n"


@pytest.mark.parametrize("bench", ["curve", "response", "point"])
def test_runs_are_overlaid(bench: str, bitline: Any, tmp_path: Path) -> None:
    bitline(*AMPLIFIER, "--bench", bench, "--each", "falling", "--plot", "w.png").fine()
    assert (tmp_path / "w.png").stat().st_size > 1000
