"""What the scripts of this folder draw with: a sheet that knows which device is joined to which node.

A sheet keeps the pins of each device and the run of each wire as points. So a test can read the picture back as a
netlist and compare it with the circuit's own (`tests/docs/test_schematics.py`). Names of devices are blue, names of
nodes black, remarks grey. Wires that cross are joined only where there is a dot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Literal

import schemdraw
from schemdraw import elements as elm
from schemdraw import logic
from schemdraw.segments import Segment, SegmentCircle, SegmentText

Point = tuple[float, float]
Side = Literal["left", "right", "top", "bottom"]
Drawings = Mapping[str, Callable[[], "Sheet"]]

SIZE = 11  # of all text, in points: 36 points are one unit of a sheet
_COLOURS = {"device": "#0072b2", "node": "black", "note": "#5b6470"}
_WAYS: Mapping[Side, Point] = {"left": (-1, 0), "right": (1, 0), "top": (0, 1), "bottom": (0, -1)}
_ALIGN: Mapping[str, tuple[Literal["left", "center", "right"], Literal["top", "center", "bottom"]]] = {
    "left": ("right", "center"),
    "right": ("left", "center"),
    "top": ("center", "bottom"),
    "bottom": ("center", "top"),
    "middle": ("center", "center"),
}


@dataclass(frozen=True)
class Device:
    """A device of the deck. A pin is a point, or the name of a node that the symbol implies.

    `kind` is what the symbol says: nmos, pmos, r, c or cell.
    """

    name: str
    kind: Literal["nmos", "pmos", "r", "c", "cell"]
    pins: Mapping[str, Point | str]


@dataclass(frozen=True)
class Text:
    """A text and the point that it stands beside, on which side of it."""

    text: str
    kind: str
    at: Point
    side: Side | Literal["middle"]


def _rounded(point: Point) -> Point:
    return (round(point[0], 3), round(point[1], 3))


@dataclass
class Sheet:
    """A drawing, and what it says: devices with their pins, wires, names of nodes."""

    devices: list[Device] = field(default_factory=list)
    cells: list[Device] = field(default_factory=list)
    wires: list[tuple[Point, Point]] = field(default_factory=list)
    names: list[tuple[str, Point]] = field(default_factory=list)
    grounds: list[Point] = field(default_factory=list)
    frames: list[tuple[Point, Point]] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._drawing = schemdraw.Drawing(show=False)
        self._drawing.config(unit=1, fontsize=SIZE, lw=1.4, bgcolor="white", margin=0.5)

    def save(self, path: Path) -> None:
        """Write the sheet as SVG, with a dot wherever three ends meet."""
        for point in self._joints():
            self._drawing.add(elm.Dot(radius=0.06).at(point))
        for text in self.texts:
            self._write(text)
        self._drawing.save(str(path))

    def wire(self, *points: Point) -> None:
        """Draw a wire through the points."""
        path = [_rounded(point) for point in points]
        for start, end in pairwise(path):
            self.wires.append((start, end))
            self._drawing.add(elm.Line().at(start).to(end))

    def name(self, node: str, at: Point, side: Side = "top") -> None:
        """Name the node at a point of a wire."""
        self._name(node, at)
        self.write(node, at, side, "node")

    def port(self, node: str, at: Point, side: Side = "left") -> None:
        """Draw the open end of a wire that a bench drives or reads."""
        self._drawing.add(elm.Dot(open=True, radius=0.07).at(at))
        self._name(node, at)
        self.write(node, _moved(at, side, 0.05), side, "node")

    def supply(self, node: str, at: Point) -> None:
        """Draw the end of a wire at a supply."""
        self._lines([[(at[0] - 0.25, at[1]), (at[0] + 0.25, at[1])]])
        self._name(node, at)
        self.write(node, at, "top", "node")

    def ground(self, at: Point) -> None:
        """Draw the end of a wire at ground, node 0 of the deck."""
        self._drawing.add(elm.Ground().at(at))
        self.grounds.append(at)
        self._name("0", at)

    def write(self, text: str, at: Point, side: Side | Literal["middle"] = "right", kind: str = "note") -> None:
        """Write beside a point: a remark, unless `kind` says what else."""
        for line, row in enumerate(text.split("\n")):
            self.texts.append(Text(row, kind, (at[0], at[1] - 0.36 * line), side))

    def nmos(self, name: str, at: Point, gate: Side = "left", label: Side | None = None) -> None:
        """Draw an NMOS around the middle of its channel: ends 0.75 away along it, gate 1 away. See `mos`."""
        self.mos(name, at, gate, p=False, label=label)

    def pmos(self, name: str, at: Point, gate: Side = "left", label: Side | None = None) -> None:
        """Draw a PMOS. See `mos`."""
        self.mos(name, at, gate, p=True, label=label)

    def mos(self, name: str, at: Point, gate: Side, *, p: bool, label: Side | None = None) -> None:
        """Draw a transistor without its bulk; its name stands opposite the gate, or where `label` says."""

        def place(across: float, along: float) -> Point:
            dx, dy = _WAYS[gate]
            # Along the channel is up for a gate to the side, right for one above or below.
            return (at[0] + dx * across + abs(dy) * along, at[1] + dy * across + abs(dx) * along)

        lead = 0.56 if p else 0.36
        self._lines(
            [
                [place(0, 0.75), place(0, 0.3), place(0.24, 0.3), place(0.24, -0.3), place(0, -0.3), place(0, -0.75)],
                [place(0.36, 0.3), place(0.36, -0.3)],
                [place(lead, 0), place(1, 0)],
            ]
        )
        if p:
            self._add(SegmentCircle(place(0.46, 0), 0.1))
        self.devices.append(
            Device(name, "pmos" if p else "nmos", {"a": place(0, 0.75), "gate": place(1, 0), "b": place(0, -0.75)})
        )
        back: Side = label or _opposite(gate)
        self.write(name, at if gate in ("left", "right") else _moved(at, back, 0.1), back, "device")

    def resistor(self, name: str, start: Point, end: Point, side: Side = "right") -> None:
        """Draw a resistor between two points."""
        self._two(elm.Resistor(), "r", name, start, end, side)

    def reram(self, name: str, start: Point, end: Point, side: Side = "right") -> None:
        """Draw a programmed ReRAM between two points."""
        self._two(elm.Memristor(), "r", name, start, end, side)

    def capacitor(self, name: str, start: Point, end: Point | None = None, side: Side = "right") -> None:
        """Draw a capacitor between two points, or from one down to ground."""
        low = end or (start[0], start[1] - 1)
        self._two(elm.Capacitor(), "c", name, start, low, side)
        if end is None:
            self.ground(low)

    def inverter(self, names: tuple[str, str], at: Point, to: Side, supply: str, label: Side | None = None) -> None:
        """Draw an inverter of the two transistors (PMOS, NMOS): input 0.75 before the middle, output 0.75 behind."""
        start, end = _moved(at, _opposite(to), 0.75), _moved(at, to, 0.75)
        self._drawing.add(logic.Not().at(start).to(end))
        p, n = names
        self.devices.append(Device(p, "pmos", {"a": end, "gate": start, "b": supply}))
        self.devices.append(Device(n, "nmos", {"a": end, "gate": start, "b": "0"}))
        side = label or ("top" if to in ("left", "right") else "right")
        for row, (text, kind) in enumerate(((p, "device"), (n, "device"), (f"on {supply}", "node"))):
            rise = 0.45 + 0.34 * (2 - row) if side == "top" else 0.34 * (1 - row)
            shift = 0.0 if side == "top" else 0.45 * _WAYS[side][0]
            self.write(text, (at[0] + shift, at[1] + rise), side, kind)

    def box(self, corner: Point, opposite: Point, text: str = "", *, dashed: bool = False) -> None:
        """Draw a frame, around a part that is not drawn out or one that repeats, with a remark in its middle."""
        (x0, y0), (x1, y1) = corner, opposite
        self.frames.append((corner, opposite))
        self._lines([[(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]], ls="--" if dashed else "-")
        rows = text.split("\n")
        if text:
            top = (y0 + y1) / 2 + 0.18 * (len(rows) - 1)
            self.write(text, ((x0 + x1) / 2, top), "middle")

    def cell(self, name: str, kind: str, corner: Point, opposite: Point, pins: Mapping[str, Point | str]) -> None:
        """Draw a standard cell as a box with its instance and kind; pins are points on it, or names of nodes."""
        self.box(corner, opposite)
        middle = ((corner[0] + opposite[0]) / 2, (corner[1] + opposite[1]) / 2)
        self.write(name, (middle[0], middle[1] + 0.18), "middle", "device")
        self.write(kind, (middle[0], middle[1] - 0.18), "middle")
        self.cells.append(Device(name, "cell", pins))

    def _two(
        self, element: elm.Element2Term, kind: Literal["r", "c"], name: str, start: Point, end: Point, side: Side
    ) -> None:
        self._drawing.add(element.at(start).to(end))
        self.devices.append(Device(name, kind, {"a": start, "b": end}))
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        self.write(name, _moved(middle, side, 0.22), side, "device")

    def _name(self, node: str, at: Point) -> None:
        self.names.append((node, _rounded(at)))

    def _lines(self, paths: list[list[Point]], ls: Literal["-", "--"] = "-") -> None:
        for path in paths:
            self._add(Segment(path, ls=ls))

    def _add(self, segment: Segment | SegmentCircle | SegmentText) -> None:
        element = elm.Element()
        element.segments.append(segment)
        self._drawing.add(element.at((0, 0)).theta(0))

    def _write(self, text: Text) -> None:
        gap = 0.16 if text.side in ("left", "right") else 0.12
        at = text.at if text.side == "middle" else _moved(text.at, text.side, gap)
        self._add(SegmentText(at, text.text, align=_ALIGN[text.side], color=_COLOURS[text.kind], fontsize=SIZE))

    def _joints(self) -> list[Point]:
        ends = [point for wire in self.wires for point in wire]
        # An inverter's two transistors share the ends of one symbol.
        symbols = {tuple(pin for pin in device.pins.values() if not isinstance(pin, str)) for device in self.devices}
        pins = [_rounded(pin) for symbol in symbols for pin in symbol]
        points = sorted({*ends, *pins})
        return [
            point
            for point in points
            if ends.count(point) + pins.count(point) + 2 * sum(inside(point, wire) for wire in self.wires) > 2
        ]


def inside(point: Point, wire: tuple[Point, Point]) -> bool:
    """Return whether a point lies on a level or upright wire, between its ends."""
    (x0, y0), (x1, y1) = sorted(wire)
    x, y = point
    return (x0 == x == x1 and min(y0, y1) < y < max(y0, y1)) or (y0 == y == y1 and x0 < x < x1)


def save(drawings: Drawings) -> None:
    """Write each drawing beside the scripts, under its name."""
    schemdraw.use("svg")
    for stem, draw in drawings.items():
        draw().save(Path(__file__).with_name(f"{stem}.svg"))


def _moved(point: Point, side: Side, by: float) -> Point:
    dx, dy = _WAYS[side]
    return (point[0] + dx * by, point[1] + dy * by)


def _opposite(side: Side) -> Side:
    opposites: Mapping[Side, Side] = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}
    return opposites[side]
