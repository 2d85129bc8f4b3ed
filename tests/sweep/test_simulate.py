"""What a point is simulated from, and the key that its result is stored under."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from setups import as_library

from bitline.benches.acim.operands import MacCode
from bitline.benches.base import Conditions
from bitline.benches.restore.sizing import Restore
from bitline.benches.ternary.operands import TernaryMac
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.nvsram_trit import NvSramTrit
from bitline.circuits.ternary_column import TernaryColumn
from bitline.pdk.descriptor import Pdk
from bitline.sweep.point import Point
from bitline.sweep.simulate import Context, point_deck, result_key


@dataclass
class Engine:
    """An engine by name alone."""

    name: str = "shared"
    version: str = "39"

    def answer(self, deck: Any) -> Any:
        raise AssertionError("a key needs no simulation")


COLUMN = TernaryColumn(rows=4)


def key(pdk: Pdk, inputs: TernaryMac, circuit: TernaryColumn = COLUMN, at: Conditions | None = None) -> str:
    point = Point(0, circuit, "transfer", at or Conditions(), inputs)
    bench, setup, deck = point_deck(point, Context(pdk))
    return result_key(bench, setup, deck, Engine())


@pytest.mark.pdk
def test_pairs_that_do_not_fit_are_the_point_of_those_that_do(sky130: Pdk) -> None:
    most = key(sky130, TernaryMac(mac=1, extra=1))
    assert {key(sky130, TernaryMac(mac=1, extra=n)) for n in (2, 9, 32)} == {most}
    assert key(sky130, TernaryMac(mac=1, extra=0)) != most
    _, setup, _ = point_deck(Point(0, COLUMN, "transfer", Conditions(), TernaryMac(mac=1, extra=9)), Context(sky130))
    assert setup.inputs == TernaryMac(mac=1, extra=1)


@given(st.integers(1, 64), st.data(), st.integers(0, 32))
def test_canonical_inputs_have_the_same_operands(rows: int, data: st.DataObject, extra: int) -> None:
    from bitline.benches.ternary.operands import canonical

    inputs = TernaryMac(mac=data.draw(st.integers(-rows, rows)), extra=extra)
    circuit = TernaryColumn(rows=rows)
    chosen = canonical(circuit, inputs)
    assert chosen.operands(rows) == inputs.operands(rows)
    assert chosen.extra <= inputs.extra
    assert canonical(circuit, chosen) == chosen


@pytest.mark.pdk
def test_all_that_measure_may_read_is_in_the_key(sky130: Pdk) -> None:
    """Parameters that only `measure` uses, such as the columns that share a word line, change no line of the deck."""
    base = key(sky130, TernaryMac())
    changed = [
        key(sky130, TernaryMac(), COLUMN.replace(cell=COLUMN.cell.replace(c_wl=1e-15))),
        key(sky130, TernaryMac(zeros="input")),
        key(sky130, TernaryMac(), at=Conditions(vdd=1.7)),
        key(sky130, TernaryMac(), at=Conditions(temperature=28.0)),
        key(sky130, TernaryMac(), at=Conditions(corner="ss")),
        key(sky130, TernaryMac(), at=Conditions(sample=1)),
        # The same deck without mismatch, but a sigma by hand follows the descriptor.
        key(as_library(sky130), TernaryMac()),
    ]
    assert len({base, *changed}) == 1 + len(changed)
    assert key(sky130, TernaryMac(), at=Conditions(seed=2)) == base  # nothing is drawn
    point = Point(0, COLUMN, "transfer", Conditions(), TernaryMac())
    bench, setup, deck = point_deck(point, Context(sky130))
    assert result_key(replace(bench, version=bench.version + 1), setup, deck, Engine()) != base
    assert result_key(bench, setup, deck, Engine(version="40")) != base
    assert result_key(bench, setup, replace(deck, marks={}), Engine()) != base


@pytest.mark.pdk
@pytest.mark.parametrize(
    ("circuit", "inputs", "part", "name", "choices"),
    [
        (AcimColumnQS(rows=6, active=2), MacCode(code=1), "circuit", "idle_latches", ("own", "shared")),
        (NvSramTrit(), Restore(), "inputs", "clusters", ("each", "lumped")),
    ],
)
def test_a_parameter_that_came_later_leaves_the_keys_of_before_as_they_were(
    circuit: Any, inputs: Any, part: str, name: str, choices: tuple[str, str], sky130: Pdk, monkeypatch: Any
) -> None:
    bench = "restore" if isinstance(inputs, Restore) else "transfer"
    found, setup, deck = point_deck(Point(0, circuit, bench, Conditions(), inputs), Context(sky130))
    now, owner = result_key(found, setup, deck, Engine()), getattr(setup, part)
    assert getattr(owner, name) == choices[0]

    def as_before(one: Any) -> dict[str, Any]:
        return {key: value for key, value in asdict(one).items() if key != name}

    monkeypatch.setattr("bitline.sweep.simulate._parameters", as_before)
    assert result_key(found, setup, deck, Engine()) == now
    monkeypatch.undo()
    moved = replace(setup, **{part: replace(owner, **{name: choices[1]})})
    assert result_key(found, moved, deck, Engine()) != now


def test_a_worker_loads_nothing_that_it_does_not_need() -> None:
    """Pandas, xarray and scipy take as long to import as all else that a worker starts with."""
    code = (
        "import sys; import bitline.sweep.simulate, bitline.sweep.worker;"
        "from bitline.benches.registry import benches; benches();"
        "print(sorted({'pandas', 'xarray', 'scipy', 'matplotlib', 'typer', 'rich'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
