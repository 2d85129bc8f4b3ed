"""What a new bench and a new consumer take: one module and one template, one folder, and no line of bitline."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bitline.benches.registry import benches
from bitline.circuits.registry import circuits
from bitline.templates import environment

BENCH = '''
"""Voltage transfer curve of one half of the cell: the node Q is forced, QB answers."""

from bitline.benches.base import Bench, NoInputs, Output
from bitline.benches.netlist import netlist
from bitline.benches.reducers import one_table
from bitline.circuits.analysis import Dc
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.circuits.split_port_6t import SplitPort6T

OUTPUTS = (Output("v_trip", "V", "voltage at which QB equals Q"),)


def deck(circuit, conditions, inputs, pdk):
    devices = netlist(conditions, pdk)
    body = render_circuit("extra/curve.cir.j2", devices, circuit=circuit, vdd=conditions.vdd)
    return Deck(
        title=f"half-cell curve, {conditions}",
        body=body,
        saves=("v(q)", "v(qb)"),
        analysis=Dc("vq", 0.0, conditions.vdd, conditions.vdd / 100),
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def measure(w, setup):
    return {"v_trip": w.crossing(w["v(qb)"] - w["v(q)"], 0.0)}


BENCH = Bench(
    name="curve",
    version=1,
    doc="voltage transfer curve of one half of the cell",
    circuits=(SplitPort6T,),
    inputs=NoInputs,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=one_table("curve", OUTPUTS),
)
'''
TEMPLATE = """{# One half of the cell: Q is forced, both ports are off. #}
{% from "cells/split_port_6t.cir.j2" import split_port_6t with context %}
{{ split_port_6t("", "0", "0", "0", "0", "vdd", circuit) -}}
vdd vdd 0 {{ vdd }}
vq q 0 0
"""
CONSUMER = '''
"""A consumer of trip voltages."""

from bitline.export.base import Exporter
from bitline.export.needs import Need


def write(lut, folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "trips.txt").write_text(repr(lut.tables["curve"]["v_trip"].values.tolist()))
    return [folder / "trips.txt"]


EXPORTER = Exporter(
    "trips", "trip voltages", lambda: write, needs=(Need("a trip voltage", tables={"curve": ("v_trip",)}),)
)
'''
SWEEP = """
circuit = "split-port-6t"
benches = ["curve"]
[axes]
vdd = [1.6, 1.7, 1.8]
[mismatch]
samples = 2
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Install a package with nothing but the bench and the consumer."""
    package = tmp_path / "site" / "lab_extra"
    files = {
        "curve.py": BENCH,
        "templates/extra/curve.cir.j2": TEMPLATE,
        "trips/__init__.py": CONSUMER,
        "../lab_extra-1.dist-info/METADATA": "Name: lab-extra\nVersion: 1\n",
        "../lab_extra-1.dist-info/entry_points.txt": "[bitline.benches]\ncurve = lab_extra.curve:BENCH\n"
        "[bitline.exporters]\ntrips = lab_extra.trips:EXPORTER\n[bitline.content]\nlab = lab_extra\n",
        "__init__.py": "",
    }
    for name, text in files.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(tmp_path / "site")
    caches = (circuits, benches, environment)
    for cache in caches:
        cache.cache_clear()
    yield package
    for cache in caches:
        cache.cache_clear()


def test_a_bench_is_a_module_and_a_template_and_a_consumer_a_folder(package: Path) -> None:
    entries = {path.name: path for path in package.iterdir() if path.name not in {"__init__.py", "__pycache__"}}
    assert set(entries) == {"curve.py", "templates", "trips"}
    assert len([path for path in entries["templates"].rglob("*") if path.is_file()]) == 1


@pytest.mark.ngspice
@pytest.mark.pdk
@pytest.mark.usefixtures("package")
def test_both_take_part_in_every_command(bitline: Any, tmp_path: Path) -> None:
    assert "curve" in bitline("list", "benches").fine()
    assert "\n.dc vq 0.0 1.8 0.018" in bitline("render", "split-port-6t", "--bench", "curve").fine()
    answer = bitline("simulate", "split-port-6t", "--bench", "curve", "--json", "--plot", "w.png", "--save", "w.csv")
    assert 0.3 < json.loads(answer.fine())["values"]["v_trip"] < 1.5
    sweep = tmp_path / "curve.toml"
    sweep.write_text(SWEEP)
    bitline("characterize", sweep, "-o", "lut").fine()
    bitline("plot", "lut", "-o", "lut.png").fine()
    for picture in ("w.png", "lut.png"):
        assert (tmp_path / picture).read_bytes().startswith(b"\x89PNG")
    assert "trips" in bitline("export", "lut", "--list").fine()
    bitline("export", "lut", "--to", "trips", "-o", "out").fine()
    trips = json.loads((tmp_path / "out/trips.txt").read_text())
    assert len(trips) == 3
    assert trips == sorted(trips)
