"""The golden netlists: what the templates give now is what was reviewed."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from bitline.benches.base import Conditions
from bitline.benches.registry import benches
from bitline.circuits.registry import circuits
from bitline.netlists import all_netlists, shortened
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
            _, deck = point_deck(point, Context(sky130))
            shown = [line for line in fresh[f"{kind.name}.{bench.name}.cir"].splitlines() if ".model" not in line]
            assert shown == [line for line in shortened(deck.text).splitlines() if not line.startswith(".model")]
