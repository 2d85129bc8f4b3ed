"""No text or legend of a figure overlaps another or leaves the page: shipped LUTs, and every bench's waveforms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from overlaps import overlaps

from bitline.benches.base import Conditions
from bitline.benches.registry import benches
from bitline.circuits.analysis import Transient
from bitline.engine.waveforms import Waveforms
from bitline.lut.lut import Lut
from bitline.lut.shipped import shipped
from bitline.pdk.descriptor import Pdk
from bitline.plot import figure, levels_figure, simulation_figure, style
from bitline.sweep.point import Point
from bitline.sweep.simulate import Context, point_deck

FIGURES = Path(__file__).parents[2] / "results" / "figures"
SHIPPED = sorted(name for name in shipped() if (FIGURES / f"{name}.png").exists())
PAIRS = [(bench.name, circuit) for bench in benches() for circuit in bench.circuits]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_figure_of_a_shipped_lut_has_no_overlap(name: str) -> None:
    assert overlaps(figure(Lut.load(name))) == []


def likeness(bench: str, circuit: type, pdk: Pdk) -> Waveforms | None:
    """Return made-up signals with the names, phases, marks and panels of a bench's deck; None if it is no transient."""
    inputs = next(b for b in benches() if b.name == bench and circuit in b.circuits).inputs()
    point = Point(0, circuit(), bench, Conditions(), inputs)
    _, _, deck = point_deck(point, Context(pdk))
    if not isinstance(deck.analysis, Transient):
        return None
    time = np.linspace(0, deck.analysis.stop, 101)
    # Levels on both rails and between them: labels gather at the ends, and have to be moved apart.
    signals = {name: 0.9 * (k % 3) + 0.1 * np.sin(9e9 * time + k) for k, name in enumerate(deck.saves)}
    read = tuple((name, instant) for name in list(signals)[:2] for instant in deck.marks.values())
    return Waveforms(
        time,
        signals,
        title=deck.title,
        phases=deck.phases,
        marks=deck.marks,
        units=deck.units,
        panels=deck.panels,
        readings=read,
    )


@pytest.mark.pdk
@pytest.mark.parametrize(("bench", "circuit"), PAIRS, ids=[f"{b}-{c.name}" for b, c in PAIRS])
def test_the_waveforms_of_a_bench_have_no_overlap(bench: str, circuit: type, sky130: Pdk) -> None:
    waves = likeness(bench, circuit, sky130)
    if waves is None:
        return
    assert overlaps(simulation_figure(waves)) == []
    if bench == "restore":
        assert overlaps(levels_figure({"lrs": waves, "hrs": waves})) == []


def test_overlaps_are_found() -> None:
    with style.context():
        made = style.new_figure(style.COLUMN_WIDTH, 40)
        axes = made.subplots()
        axes.text(0.5, 0.5, "one")
        axes.text(0.51, 0.5, "two")
        made.text(0.99, 0.5, "outside")
    found = overlaps(made)
    assert "'one' over 'two'" in found
    assert "'outside' leaves the figure" in found
