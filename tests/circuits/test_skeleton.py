"""Skeletons: a deck filled in is, byte for byte, the deck that would be rendered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bitline.benches.base import Bench, Conditions
from bitline.benches.registry import benches_of
from bitline.circuits import skeleton
from bitline.circuits.base import Circuit
from bitline.circuits.deck import Deck
from bitline.circuits.netlist import Netlist
from bitline.circuits.registry import circuits
from bitline.circuits.render import render_circuit
from bitline.circuits.skeleton import Skeleton, rendered
from bitline.parameters import assemble, field_names
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk
from bitline.pdk.slim import Geometry, slim_pdk
from bitline.templates import Slot, environment, split_text, value_of

pytestmark = pytest.mark.pdk

MEASURED = [(cls(), bench) for cls in circuits().values() for bench in benches_of(cls).values()]
# The thickness of a filament, which the bench works out from the resistance that was drawn.
RENDERED = {("nsnr-cluster", "store")}
# By circuit and bench: what else a deck's deviates move, as they say of each.
OTHERS: list[tuple[str, str, dict[str, Any]]] = [
    ("nvsram-trit", "restore", {"rest": "each", "level": "hrs"}),
    ("nvsram-trit", "restore", {"clusters": "lumped"}),
    ("nvsram-trit", "restore", {"mismatch": "memory", "selectors": "dynamic"}),
    ("nvsram-trit-half-rail", "restore", {"mismatch": "memory"}),
    ("nvsram-trit-half-rail", "restore", {"jitter": 20e-12}),
    ("nvsram-slc", "restore", {"bit": 0}),
    ("nsnr-cluster", "store", {"start": "hrs", "target": "lrs"}),
    ("acim-column-qs", "transfer", {"code": 5, "timing": "replica"}),
    ("acim-column-qs", "transfer", {"code": 5, "group": "access"}),
    ("reram-column", "transfer", {"code": 3}),
]


@pytest.fixture(autouse=True)
def none_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin without skeletons."""
    monkeypatch.setattr(skeleton, "_SKELETONS", type(skeleton._SKELETONS)())


@pytest.fixture
def filled(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Skeleton]]:
    """Note each skeleton that is filled in; the first time to prove it."""
    used: list[Skeleton] = []
    text = Skeleton.text

    def noted(self: Skeleton, *arguments: Any) -> str:
        used.append(self)
        return text(self, *arguments)

    monkeypatch.setattr(Skeleton, "text", noted)
    return used


def plain(monkeypatch: pytest.MonkeyPatch, bench: Bench, *arguments: Any) -> Deck:
    """Return a deck that is rendered."""
    with monkeypatch.context() as patch:
        patch.setattr("bitline.circuits.render.body_text", rendered)
        deck: Deck = bench.deck(*arguments)
        return deck


def assert_same(one: Deck, other: Deck) -> None:
    assert one.text == other.text
    assert list(one.deviates.items()) == list(other.deviates.items())
    assert replace(one, body="") == replace(other, body="")


@pytest.mark.parametrize(("circuit", "bench"), MEASURED, ids=[f"{c.name}-{b.name}" for c, b in MEASURED])
def test_every_bench_gives_the_rendered_text(
    circuit: Circuit, bench: Bench, sky130: Pdk, monkeypatch: pytest.MonkeyPatch, filled: list[Skeleton]
) -> None:
    varies = bool(bench.deck(circuit, Conditions(sample=9), bench.inputs(), sky130).deviates)
    varies &= (circuit.name, bench.name) not in RENDERED
    bench.deck(circuit, Conditions(sample=8), bench.inputs(), sky130)
    for sample, seed in ((1, 1), (2, 3)):
        arguments = (circuit, Conditions(sample=sample, seed=seed), bench.inputs(), sky130)
        assert_same(bench.deck(*arguments), plain(monkeypatch, bench, *arguments))
    # Proven with the second sample and used for those after it.
    assert len(filled) == (3 if varies else 0)


@pytest.mark.parametrize(("name", "measured", "values"), OTHERS)
def test_what_else_deviates_move_is_right(
    name: str, measured: str, values: dict[str, Any], sky130: Pdk, monkeypatch: pytest.MonkeyPatch
) -> None:
    cls = circuits()[name]
    bench = benches_of(cls)[measured]
    inputs = {key: value for key, value in values.items() if key in field_names(bench.inputs)}
    conditions = {key: value for key, value in values.items() if key in field_names(Conditions)}
    circuit = assemble(cls(), {key: value for key, value in values.items() if key not in inputs | conditions})
    for sample in range(1, 6):
        arguments = (circuit, Conditions(sample=sample, **conditions), bench.inputs(**inputs), sky130)
        assert_same(bench.deck(*arguments), plain(monkeypatch, bench, *arguments))


@pytest.mark.parametrize("corner", [Corner.ss, Corner.sf])
def test_a_corner_has_skeletons_of_its_own(corner: Corner, sky130: Pdk, monkeypatch: pytest.MonkeyPatch) -> None:
    circuit = circuits()["nvsram-trit"]()
    bench = benches_of(type(circuit))["restore"]
    for sample in range(1, 5):
        for temperature in (-40.0, 125.0):
            conditions = Conditions(corner=corner, sample=sample, temperature=temperature)
            arguments = (circuit, conditions, bench.inputs(), sky130)
            assert_same(bench.deck(*arguments), plain(monkeypatch, bench, *arguments))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.data())
def test_devices_are_folded_alike_alone_and_together(sky130: Pdk, data: st.DataObject) -> None:
    slim = slim_pdk(sky130, data.draw(st.sampled_from(list(Corner))))
    role = data.draw(st.sampled_from(sorted(sky130.devices)))
    device = sky130.devices[role]
    geometry = Geometry(min(device.w, default=device.w_min), min(device.l, default=device.l_min))
    draws = len(slim.draws(role, geometry))
    z = st.floats(-1e3, 1e3, allow_subnormal=True)
    rows = data.draw(st.lists(st.lists(z, min_size=draws, max_size=draws), min_size=1, max_size=5))
    together = slim.transistors(role, geometry, np.array(rows).reshape(len(rows), draws))
    assert together == [slim.transistor(role, geometry, row) for row in rows]


BRANCHING = """
{% from "mosfet.cir.j2" import mos with context %}
{{ mos("a", "pass_n", "d", "g", "0", "0", 0.14e-6, 0.15e-6) -}}
r1 d 0 {{ resistance }}
{% set r = lognormal("r", 1e3, 0.5) %}
r2 d 0 {{ r if r > 1e3 else 1e3 }}
"""
KIND = """
{% from "mosfet.cir.j2" import mos with context %}
{{ mos("a", "pass_n", "d", "g", "0", "0", 0.14e-6, 0.15e-6) -}}
r1 d 0 {{ 1 if lognormal("r", 1e3, 0.5) is number else 2 }}
"""
PLAIN = """
{% from "mosfet.cir.j2" import mos with context %}
{{ mos("a", "pass_n", "d", "g", "0", "0", 0.14e-6, 0.15e-6) -}}
c1 d 0 {{ spread("c1", 1e-15, 1e-16) }}
r1 d 0 {{ resistance }}
"""


def written(path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make a template that Jinja finds, and return its name."""
    from jinja2 import ChoiceLoader, FileSystemLoader

    (path / "own.cir.j2").write_text(text)
    loader = environment().loader
    assert loader is not None
    monkeypatch.setattr(environment(), "loader", ChoiceLoader([FileSystemLoader(path), loader]))
    return "own.cir.j2"


def decks(pdk: Pdk, template: str, resistance: float = 1e3) -> list[str]:
    """Return the text of four samples, each with the resistance drawn before the devices."""
    texts = []
    for sample in range(4):
        devices = Netlist(slim_pdk(pdk, Corner.tt), iter(np.random.default_rng(sample).standard_normal(9)))
        drawn = devices.lognormal("r0", resistance, 0.3)
        texts.append(render_circuit(template, devices, resistance=drawn))
    return texts


@pytest.mark.parametrize(("text", "uses"), [(PLAIN, 3), (BRANCHING, 0), (KIND, 1)])
def test_a_template_that_looks_at_what_was_drawn_is_rendered(
    text: str, uses: int, tmp_path: Path, sky130: Pdk, monkeypatch: pytest.MonkeyPatch, filled: list[Skeleton]
) -> None:
    name = written(tmp_path, text, monkeypatch)
    texts = decks(sky130, name)
    monkeypatch.setattr("bitline.circuits.render.body_text", rendered)
    assert texts == decks(sky130, name)
    assert len(filled) == uses


def test_an_edited_template_has_another_skeleton(
    tmp_path: Path, sky130: Pdk, monkeypatch: pytest.MonkeyPatch, filled: list[Skeleton]
) -> None:
    name = written(tmp_path, '{% include "part.cir.j2" %}', monkeypatch)
    part = tmp_path / "part.cir.j2"
    part.write_text(PLAIN)
    before = decks(sky130, name)
    import os

    part.write_text(PLAIN.replace("r1 d 0", "r1 d d2"))
    os.utime(part, (1, 1))
    after = decks(sky130, name)
    assert [text.replace("r1 d 0", "r1 d d2") for text in before] == after
    assert len(filled) == 6


def test_a_slot_is_written_and_nothing_else() -> None:
    for asked in (
        "{{ s ** 2 }}",
        "{{ s + 'a' }}",
        "{{ s ~ 'a' }}",
        "{% if s %}{% endif %}",
        "{{ s == 1 }}",
        "{{ [s] | join }}",
    ):
        with pytest.raises(TypeError):
            environment().from_string(asked).render(s=Slot("a"))
    text = environment().from_string("r {{ s }} {{ 3 / (s - 1.5) }} {{ 2 * s + s }}").render(s=Slot("a"))
    pieces, places = split_text(text)
    assert pieces == ["r ", " ", " ", ""]
    assert [value_of(place, {"a": 0.1}) for place in places] == [0.1, 3 / (0.1 - 1.5), 2 * 0.1 + 0.1]


def test_room_for_skeletons_is_limited(
    tmp_path: Path, sky130: Pdk, monkeypatch: pytest.MonkeyPatch, filled: list[Skeleton]
) -> None:
    name = written(tmp_path, PLAIN, monkeypatch)
    monkeypatch.setattr(skeleton._Skeletons, "room", 1)
    kinds: dict[Any, Any] = {}
    monkeypatch.setattr(skeleton, "_SKELETONS", {slim_pdk(sky130, Corner.tt): skeleton._Skeletons(kinds, room=1)})
    decks(sky130, name)
    assert len(filled) == 3
    environment().cache.clear()  # type: ignore[union-attr]
    (tmp_path / name).write_text(PLAIN + "\n")
    decks(sky130, name)
    assert len(filled) == 3
