"""Draw docs/schematics/split-port-6t.svg: python docs/schematics/split_port_6t.py."""

from __future__ import annotations

from pathlib import Path

import schemdraw
import schemdraw.elements as elm

# From a transistor's channel to its gate, in drawing units.
_GATE = 1.3667


def main() -> None:
    """Write the drawing beside this script."""
    schemdraw.use("svg")
    with schemdraw.Drawing(file=str(Path(__file__).with_name("split-port-6t.svg")), show=False) as d:
        d.config(unit=2, fontsize=12)
        _inverter(d, x=0.0, node="Q", devices=("M1", "M3"))
        _inverter(d, x=5.0, node="QB", devices=("M2", "M4"))
        # Each inverter's gates are the other's output.
        for gate, output, level in ((_GATE, 5.0, 0.6), (5.0 - _GATE, 0.0, -0.6)):
            d.add(elm.Line().at((gate, 2.25)).to((gate, -2.25)))
            d.add(elm.Line().at((gate, level)).to((output, level)))
            d.add(elm.Dot().at((output, level)))
        _access(d, x=0.0, to=-3.2, line="BL", word="WLL", device="M5")
        _access(d, x=5.0, to=8.2, line="BLB", word="WLR", device="M6")


def _inverter(d: schemdraw.Drawing, x: float, node: str, devices: tuple[str, str]) -> None:
    """Draw a pull-up and a pull-down whose drains meet at (x, 0), their gates towards the middle."""
    left = x == 0.0
    up = elm.PFet().at((x, 3.0)).anchor("source" if left else "drain").theta(0)
    down = elm.NFet().at((x, -3.0)).anchor("source").theta(0)
    if not left:
        # A PMOS that is reversed keeps its gate where it was: it is turned, source below.
        up, down = up.theta(180).flip(), down.reverse()
    up, down = d.add(up), d.add(down)
    for device, y in zip(devices, (2.25, -2.25), strict=True):
        d.add(elm.Label().at((x - 0.45 if left else x + 0.45, y)).label(device))
    d.add(elm.Vdd().at((x, 3.0)).label("VDD"))
    d.add(elm.Ground().at(down.source))
    d.add(elm.Line().at(up.drain if left else up.source).to(down.drain))
    d.add(elm.Dot().at((x, 0.0)))
    d.add(elm.Label().at((x + 0.35 if left else x - 0.4, 0.25)).label(node))


def _access(d: schemdraw.Drawing, x: float, to: float, line: str, word: str, device: str) -> None:
    """Draw an access device between the storage node at (x, 0) and its bit line at x = `to`."""
    middle = (x + to) / 2
    d.add(elm.Line().at((x, 0.0)).to((middle + (0.6 if to < x else -0.6), 0.0)))
    d.add(elm.RBox(w=1.2, h=0.8).at((middle, 0.0)).anchor("center"))
    d.add(elm.Label().at((middle, 0.0)).label(device))
    d.add(elm.Line().at((middle + (-0.6 if to < x else 0.6), 0.0)).to((to, 0.0)))
    d.add(elm.Line().at((middle, 0.4)).to((middle, 1.4)))
    d.add(elm.Dot(open=True).at((middle, 1.4)).label(word, "top"))
    d.add(elm.Line().at((to, -3.0)).to((to, 3.0)))
    d.add(elm.Label().at((to, 3.3)).label(line))


if __name__ == "__main__":
    main()
