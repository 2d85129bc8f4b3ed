"""Draw docs/schematics/acim-column-qs.svg: python docs/schematics/qs_column.py."""

from __future__ import annotations

from pathlib import Path

import schemdraw
import schemdraw.elements as elm


def main() -> None:
    """Write the drawing beside this script."""
    schemdraw.use("svg")
    with schemdraw.Drawing(file=str(Path(__file__).with_name("acim-column-qs.svg")), show=False) as d:
        d.config(unit=3, fontsize=11)
        # Sense end: precharge and sampler.
        top = d.add(elm.Dot().label("line", "right"))
        d.add(elm.Line().up().length(0.6))
        d.add(elm.Switch().up().label("precharge PMOS, gate PREB"))
        d.add(elm.Vdd().label("VDD"))
        d.add(elm.Line().at(top.center).left().length(3.4))
        d.add(elm.Capacitor().down().label("c_load"))
        d.add(elm.Ground())
        node = top
        for name in ("row 0 (active)", "row 1 (active)"):
            d.add(elm.Resistor().at(node.center).down().label("r_wire_bl", "bottom"))
            node = d.add(elm.Dot())
            _cell(d, node, name)
        d.add(elm.Resistor().at(node.center).down().label("n r_wire_bl", "bottom"))
        node = d.add(elm.Dot())
        d.add(elm.Line().at(node.center).right().length(1.6))
        d.add(elm.RBox(w=2.6, h=1.1).label("section of n idle rows:\n2 cells with m = n/2"))
        _wire(d, node)
    print("acim-column-qs.svg")  # noqa: T201


def _wire(d: schemdraw.Drawing, node: elm.Element) -> None:
    """Draw a row's wire capacitance."""
    d.add(elm.Line().at(node.center).left().length(1.6))
    d.add(elm.Capacitor().down().length(1.2).label("c_wire_bl"))
    d.add(elm.Ground())


def _cell(d: schemdraw.Drawing, node: elm.Element, name: str) -> None:
    """Draw a cell, its word line in two halves and its driver."""
    _wire(d, node)
    d.add(elm.Line().at(node.center).right().length(1.6))
    cell = d.add(elm.RBox(w=2.6, h=1.1).label(f"6T cell\n{name}"))
    d.add(elm.Line().at(cell.end).right().length(0.6))
    d.add(elm.Dot().label("WLR", "bottom"))
    d.add(elm.Resistor().right().label("r_word_line, c_wl\nto the driver"))
    d.add(elm.RBox(w=1.8, h=1).label("driver\non v_wl", "bottom"))


if __name__ == "__main__":
    main()
