"""The golden netlists: what the templates give now is what was reviewed."""

from __future__ import annotations

import difflib
import hashlib
import re
from pathlib import Path

import pytest

from bitline.benches.base import Conditions
from bitline.benches.registry import benches
from bitline.circuits.registry import circuits
from bitline.netlists import abridged, all_netlists, without_cards
from bitline.pdk.descriptor import Pdk
from bitline.sweep.point import Point
from bitline.sweep.simulate import Context, point_deck

GOLDEN = Path(__file__).parents[1] / "netlists"
REMEDY = "run 'make netlists' and read the difference before committing it"


@pytest.fixture(scope="module")
def fresh(sky130: Pdk) -> dict[str, str]:
    return all_netlists(sky130)


@pytest.mark.pdk
def test_netlists_are_those_of_the_templates(fresh: dict[str, str]) -> None:
    golden = {path.name: path.read_text(encoding="utf-8") for path in GOLDEN.glob("*.cir")}
    missing, extra = sorted(fresh.keys() - golden.keys()), sorted(golden.keys() - fresh.keys())
    assert not (missing or extra), f"netlists/ lacks {missing}, has {extra} that nothing renders; {REMEDY}"
    for name, text in fresh.items():
        if text != golden[name]:
            lines = difflib.unified_diff(
                golden[name].splitlines(), text.splitlines(), "golden", "fresh", lineterm="", n=1
            )
            shown = "\n".join(line[:160] for _, line in zip(range(20), lines, strict=False))
            pytest.fail(f"netlists/{name} differs; {REMEDY}\n{shown}", pytrace=False)


@pytest.mark.pdk
def test_there_is_one_of_every_circuit_and_of_every_bench(fresh: dict[str, str]) -> None:
    of_benches = {f"{circuit.name}.{bench.name}.cir" for bench in benches() for circuit in bench.circuits}
    assert set(fresh) == {f"{name}.cir" for name in circuits()} | of_benches


@pytest.mark.pdk
def test_a_netlist_says_nothing_of_this_machine_and_controls_nothing(fresh: dict[str, str], sky130: Pdk) -> None:
    for text in fresh.values():
        assert text.startswith("* ")
        assert text.endswith("\n")
        assert str(sky130.root) not in text
        assert ".control" not in text


@pytest.mark.pdk
def test_a_deck_is_what_a_sweep_simulates_without_the_numbers_of_the_cards(fresh: dict[str, str], sky130: Pdk) -> None:
    for bench in benches():
        for kind in bench.circuits:
            point = Point(0, kind(), bench.name, Conditions(vdd=sky130.vdd), bench.inputs())
            _, _, deck = point_deck(point, Context(sky130))
            shown = [line for line in fresh[f"{kind.name}.{bench.name}.cir"].splitlines() if ".model" not in line]
            simulated = [line for line in deck.text.splitlines() if not line.startswith(".model")]
            if shown[0].startswith("* abridged"):
                digest = hashlib.sha256(without_cards(deck.text).encode()).hexdigest()
                assert shown.pop(0) == f"* abridged from {len(deck.text.splitlines())} lines, whose sha256 is {digest}"
                # In the order of the deck: `in` takes from the iterator up to the line that it finds.
                rest = iter(simulated)
                assert all(line in rest for line in shown if not line.startswith("* ...") and not line.endswith("...)"))
            else:
                assert shown == simulated


def test_a_netlist_is_read_in_one_go() -> None:
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in GOLDEN.glob("*.cir")}
    assert max(lengths.values()) <= 640, lengths


def test_only_repetitions_of_a_long_text_are_left_out() -> None:
    rows = [line for k in range(150) for line in (f"* row {k}", f"rb{k} b{k} b{k + 1} 1.4", f"cb{k} b{k} 0 2e-16")]
    text = "\n".join(["* a column", *rows, ".end", ""])
    head, *short = abridged(text).splitlines()
    assert head == f"* abridged from 452 lines, whose sha256 is {hashlib.sha256(text.encode()).hexdigest()}"
    assert short == ["* a column", *rows[:6], "* ... 148 more groups of 3 lines like these", ".end"]
    # One resistance that differs is shown with what surrounds it.
    other = abridged(text.replace("rb99 b99 b100 1.4", "rb99 b99 b100 1.5"))
    assert "rb99 b99 b100 1.5" in other
    assert re.findall(r"\* \.\.\. (\d+) more groups", other) == ["97", "48"]


def test_a_text_of_usual_length_stays_whole() -> None:
    text = "\n".join(f"rb{k} b{k} b{k + 1} 1.4" for k in range(400)) + "\n"
    assert abridged(text) == text
