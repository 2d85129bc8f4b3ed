"""The drawings of docs/schematics: what they show is what the netlists say, and every text can be read."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bitline.benches.base import Conditions
from bitline.circuits.base import Circuit
from bitline.circuits.column_dac import ColumnDac
from bitline.circuits.registry import circuits
from bitline.netlists import circuit_text
from bitline.pdk.descriptor import Pdk

pytest.importorskip("schemdraw", reason="draws the schematics; a development tool")

FOLDER = Path(__file__).parents[2] / "docs" / "schematics"
NETLISTS = Path(__file__).parents[2] / "netlists"
# How wide a character of the widest common sans serif is, and how high a line, in units of a sheet.
CHARACTER, LINE = 0.185, 0.3
UNIT = 36  # points
Box = tuple[float, float, float, float]
Devices = dict[str, tuple[str, tuple[str, ...]]]


def loaded(path: Path) -> ModuleType:
    """Import a script of the folder under a name of its own."""
    spec = importlib.util.spec_from_file_location(f"schematic_{path.stem}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sheets() -> dict[str, Any]:
    """Draw every sheet of every script."""
    sys.path.insert(0, str(FOLDER))
    try:
        scripts = [loaded(path) for path in sorted(FOLDER.glob("*.py")) if path.stem not in ("kit", "parts")]
        drawings: dict[str, Callable[[], Any]] = {
            stem: draw for script in scripts for stem, draw in script.DRAWINGS.items()
        }
        return {stem: draw() for stem, draw in drawings.items()}
    finally:
        sys.path.remove(str(FOLDER))


SHEETS = sheets()
each_sheet = pytest.mark.parametrize("stem", sorted(SHEETS))
# Drawings of a circuit that is not at its defaults, so that no golden netlist shows it.
NOT_DEFAULT: dict[str, Circuit] = {"column-dac.string": ColumnDac(topology="resistor-string")}


# --- the picture read as a netlist


def rounded(point: tuple[float, float]) -> tuple[float, float]:
    return (round(point[0], 3), round(point[1], 3))


def within(point: tuple[float, float], start: tuple[float, float], end: tuple[float, float]) -> bool:
    """Return whether a point lies on a straight wire."""
    (x, y), (x0, y0), (x1, y1) = point, start, end
    level = abs((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)) < 1e-6
    return level and min(x0, x1) <= x <= max(x0, x1) and min(y0, y1) <= y <= max(y0, y1)


def nodes_of(sheet: Any) -> Callable[[tuple[float, float] | str], str]:
    """Return what names the node at a point: the name that stands on one of the wires that are joined there."""
    joined: dict[Any, Any] = {}

    def root(point: Any) -> Any:
        while joined.setdefault(point, point) != point:
            point = joined[point]
        return point

    parts = [*sheet.devices, *sheet.cells]
    pins = [rounded(pin) for part in parts for pin in part.pins.values() if not isinstance(pin, str)]
    ends = [point for wire in sheet.wires for point in wire]
    for start, end in sheet.wires:
        for point in {*pins, *ends, *(at for _, at in sheet.names)}:
            # A wire that another only crosses ends nowhere on it.
            if within(point, start, end):
                joined[root(point)] = root(start)
    names = defaultdict(set)
    for name, at in sheet.names:
        names[root(at)].add(name)

    def node(pin: tuple[float, float] | str) -> str:
        if isinstance(pin, str):
            return pin
        (name,) = names[root(rounded(pin))] or {f"unnamed node at {pin}"}
        return name

    return node


def deck_devices(text: str) -> Devices:
    """Return kind and nodes of each transistor (drain, gate, source), resistor and capacitor of a deck."""
    types = dict(re.findall(r"^(?:\* )?\.model (\w+) ([np]mos)\b", text, re.MULTILINE))
    lines = [line.split() for line in text.splitlines()]
    transistors = {line[0]: (types[line[5]], tuple(line[1:4])) for line in lines if line and line[0][0] == "M"}
    others = {line[0]: (line[0][0], tuple(line[1:3])) for line in lines if line and line[0][0] in "rc"}
    return transistors | others


def drawn(device: Any, node: Callable[[Any], str]) -> tuple[Any, ...]:
    """Return what a device joins: two nodes that may be exchanged, and a transistor's gate."""
    return (
        frozenset(node(device.pins[end]) for end in "ab"),
        *(node(device.pins[pin]) for pin in device.pins if pin == "gate"),
    )


def in_deck(nodes: tuple[str, ...]) -> tuple[Any, ...]:
    return (frozenset({nodes[0], nodes[-1]}), *nodes[1:-1])


@pytest.fixture(params=[pytest.param(stem, marks=[pytest.mark.pdk] * (stem in NOT_DEFAULT)) for stem in sorted(SHEETS)])
def stem_and_devices(request: pytest.FixtureRequest) -> tuple[str, Devices]:
    """A drawing's name, and the devices of its circuit with what its benches add."""
    stem: str = request.param
    if stem in NOT_DEFAULT:
        pdk: Pdk = request.getfixturevalue("sky130")
        return stem, deck_devices(circuit_text(NOT_DEFAULT[stem], Conditions(vdd=pdk.vdd), pdk))
    circuit = stem.partition(".")[0]
    netlists = [NETLISTS / f"{circuit}.cir", *sorted(NETLISTS.glob(f"{circuit}.*.cir"))]
    devices: Devices = {}
    for netlist in netlists:
        devices = deck_devices(netlist.read_text(encoding="utf-8")) | devices
    return stem, devices


def test_every_device_has_the_nodes_of_the_deck(stem_and_devices: tuple[str, Devices]) -> None:
    stem, devices = stem_and_devices
    sheet = SHEETS[stem]
    node = nodes_of(sheet)
    for device in sheet.devices:
        assert device.name in devices, f"{device.name} is not in the deck"
        kind, nodes = devices[device.name]
        assert (device.kind, *drawn(device, node)) == (kind, *in_deck(nodes)), device.name
    for cell in sheet.cells:
        inner = [nodes for name, (_, nodes) in devices.items() if name.startswith(f"M{cell.name}_")]
        outer = {name for nodes in inner for name in nodes if not name.startswith(f"{cell.name}_")}
        assert {node(pin) for pin in cell.pins.values()} - {"0"} == outer - {"0", "vdd", "vdrv"}, cell.name


def test_every_name_is_in_the_deck(stem_and_devices: tuple[str, Devices]) -> None:
    stem, devices = stem_and_devices
    nodes = {node for _, nodes in devices.values() for node in nodes}
    for text in SHEETS[stem].texts:
        if text.kind == "node":
            assert text.text.removeprefix("on ") in nodes
        for word in re.findall(r"\bM[a-z]\w*", text.text):
            assert word in devices, text.text


# Parts that a remark in the drawing stands for: wires of nets between standard cells, rows that are lumped,
# the second of two equal parts.
IN_REMARKS = {
    "adder-tree": r"cw[xpsc]",
    "hybrid-slice": r"cw[xpsc]|M(pu|pd|pg)[lr]ix",
    "ternary-column": r"M(pen|nen|up|pp|dn)n|cwln|M(pu|pd|pg)[lr]m",
    "shift-adder": r"cc?w?(kd|[hscd])",
    "acim-column-qs": r"M(pu|pd|pg)[lr]ix|[rc]bi|cci|[rc]wf_[ab]?",
}


@pytest.mark.parametrize("circuit", sorted(circuits()))
def test_every_kind_of_device_is_drawn(circuit: str) -> None:
    """Devices whose names differ in their numbers alone are of one kind."""
    drawings = [sheet for stem, sheet in SHEETS.items() if stem.partition(".")[0] == circuit]
    names = {device.name for sheet in drawings for device in sheet.devices}
    cells = {cell.name for sheet in drawings for cell in sheet.cells}
    shown = {re.sub(r"\d", "", name) for name in names | {f"M{cell}_x" for cell in cells}}
    text = (NETLISTS / f"{circuit}.cir").read_text(encoding="utf-8")
    missing = {kind for name in deck_devices(text) if (kind := re.sub(r"\d", "", name)) not in shown}
    assert [kind for kind in sorted(missing) if not re.fullmatch(IN_REMARKS.get(circuit, ""), kind)] == []


# --- readable


def extent(text: Any) -> Box:
    """Return about the space that a text takes: x0, x1, y0, y1."""
    width, (x, y) = CHARACTER * len(text.text), text.at
    gap = 0.16
    x0 = {"left": x - gap - width, "right": x + gap}.get(text.side, x - width / 2)
    y0 = {"top": y + 0.1, "bottom": y - 0.1 - LINE}.get(text.side, y - LINE / 2)
    return (x0, x0 + width, y0, y0 + LINE)


def body(device: Any) -> Box:
    """Return about the space that a symbol takes."""
    points = {name: pin for name, pin in device.pins.items() if not isinstance(pin, str)}
    (ax, ay), (bx, by) = points["a"], points.get("b", points.get("gate"))
    x, y, upright = (ax + bx) / 2, (ay + by) / 2, abs(ax - bx) < 0.01
    if "gate" not in points:
        # A resistor or a capacitor in the middle of its leads.
        dx, dy = (0.3, 0.4) if upright else (0.4, 0.3)
        return (x - dx, x + dx, y - dy, y + dy)
    if "b" not in points:
        # An inverter.
        dx, dy = (0.3, 0.5) if upright else (0.5, 0.3)
        return (x - dx, x + dx, y - dy, y + dy)
    # A transistor, whose gate reaches to its channel.
    gx, gy = points["gate"]
    dx, dy = (0.0, 0.3) if upright else (0.3, 0.0)
    return (
        min(x, x + (gx - x) * 0.45) - dx,
        max(x, x + (gx - x) * 0.45) + dx,
        min(y, y + (gy - y) * 0.45) - dy,
        max(y, y + (gy - y) * 0.45) + dy,
    )


def strokes(sheet: Any) -> Iterator[tuple[str, Box]]:
    """Yield what no text may stand on: wires, the bodies of devices, signs of ground."""
    for (x0, y0), (x1, y1) in sheet.wires:
        yield "a wire", (min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1))
    for device in sheet.devices:
        yield device.name, body(device)
    for corner, opposite in sheet.frames:
        (x0, x1), (y0, y1) = (sorted(pair) for pair in zip(corner, opposite, strict=True))
        for edge in ((x0, x1, y0, y0), (x0, x1, y1, y1), (x0, x0, y0, y1), (x1, x1, y0, y1)):
            yield "a frame", edge
    for x0, y0 in sheet.grounds:
        yield "ground", (x0 - 0.3, x0 + 0.3, y0 - 0.45, y0)


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]


@each_sheet
def test_no_text_stands_on_another_or_on_a_wire(stem: str) -> None:
    sheet = SHEETS[stem]
    texts = [(text.text, extent(text)) for text in sheet.texts]
    for (one, space), (other, taken) in combinations(texts, 2):
        assert not overlap(space, taken), f"{one!r} and {other!r}"
    for text, space in texts:
        for what, stroke in strokes(sheet):
            assert not overlap(space, stroke), f"{text!r} and {what} at {stroke}"


@each_sheet
def test_the_committed_drawing_is_of_this_sheet(stem: str) -> None:
    svg = (FOLDER / f"{stem}.svg").read_text(encoding="utf-8")
    texts = sorted(re.sub("<[^>]*>", "", text) for text in re.findall(r"<text.*?</text>", svg, re.DOTALL))
    assert texts == sorted(text.text for text in SHEETS[stem].texts), f"python docs/schematics/*.py draws {stem}"


@each_sheet
def test_no_text_is_cut_at_the_edge(stem: str) -> None:
    svg = (FOLDER / f"{stem}.svg").read_text(encoding="utf-8")
    found = re.search(r'viewBox="(\S+) (\S+) (\S+) (\S+)"', svg)
    assert found
    left, top, width, height = (float(number) / UNIT for number in found.groups())
    for text in SHEETS[stem].texts:
        x0, x1, y0, y1 = extent(text)
        # SVG counts downwards.
        assert left <= x0 <= x1 <= left + width, text.text
        assert top <= -y1 <= -y0 <= top + height, text.text
