"""Benches by name and circuit, those of plug-ins too, and what every bench promises to a LUT."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bitline.benches.base import Bench, Conditions
from bitline.benches.registry import bench, benches, benches_of
from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.base import Circuit
from bitline.circuits.registry import circuits
from bitline.circuits.sar_adc import SarAdc
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.errors import InputError, PlugInWarning, UnknownNameError
from bitline.parameters import describe

OWN = benches()
UNITS = {"1", "V", "A", "s", "J", "F", "Hz", "Ohm", "S", "W", "K"}


@pytest.mark.parametrize(
    ("circuit", "names"),
    [
        (
            SplitPort6T,
            ["read", "snm", "write-margin", "n-curve", "leakage", "retention", "write", "half-select", "two-port"],
        ),
        (AcimColumnQS, ["transfer", "noise"]),
        (AcimColumnQR, ["transfer", "noise"]),
    ],
)
def test_each_circuit_has_its_benches_the_default_first(circuit: type[Circuit], names: list[str]) -> None:
    assert list(benches_of(circuit)) == names
    assert [bench(name, circuit).name for name in names] == names


def test_the_same_name_is_another_bench_for_another_circuit() -> None:
    assert bench("transfer", AcimColumnQS).deck is not bench("transfer", AcimColumnQR).deck


def test_an_unknown_bench_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"bench 'noize' of acim-column-qs; did you mean 'noise'\?"):
        bench("noize", AcimColumnQS)
    with pytest.raises(UnknownNameError, match=r"bench 'transfer' of split-port-6t \(known: half-select, leakage"):
        bench("transfer", SplitPort6T)


@pytest.mark.parametrize("own", OWN, ids=lambda own: f"{own.circuits[0].name}-{own.name}")
def test_every_bench_is_described(own: Bench) -> None:
    assert own.doc
    assert own.version >= 1
    names = [output.name for output in own.outputs]
    assert len(set(names)) == len(names)
    for output in own.outputs:
        assert re.fullmatch("[a-z][a-z0-9_]*", output.name)
        assert output.unit in UNITS
        assert output.doc
    inputs = {info.name for info in describe(own.inputs)}
    taken = {info.name for info in describe(Conditions)} | {info.name for info in describe(own.circuits[0])}
    assert not inputs & {"corner", "vdd", "temperature", "sample", "seed", *names}
    assert not inputs & taken  # an axis is one thing only


def test_every_measured_energy_of_a_column_says_what_it_contains() -> None:
    for own in OWN:
        energies = {output.name.removeprefix("energy_") for output in own.outputs if output.unit == "J"}
        if own.name == "transfer":
            assert own.operation is not None
            circuit = own.circuits[0]()
            if isinstance(circuit, AcimColumnQS):
                circuit = circuit.replace(timing="replica")  # else it has no energy of timing
            contents = own.operation(circuit).energy
            assert len(contents.includes) == len(energies)
            assert contents.convention
            assert not set(contents.includes) & set(contents.excludes)


@pytest.mark.parametrize(
    "values",
    [
        {"corner": "typical"},
        {"vdd": 0.0},
        {"vdd": "1.8"},
        {"temperature": float("nan")},
        {"temperature": -100.0},
        {"sample": -1},
        {"sample": 1.0},
        {"seed": True},
    ],
)
def test_conditions_out_of_range_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(InputError, match=f"Conditions: {next(iter(values))} = "):
        Conditions(**values)


PLUGIN = """
from typing import ClassVar
from bitline.benches.base import Bench
from bitline.circuits.base import Circuit
from bitline.parameters import validated

@validated
class LabCell(Circuit):
    name: ClassVar[str] = "lab-cell"
    template: ClassVar[str] = "lab.cir.j2"

@validated
class Nothing:
    pass

bench = Bench("hold", 1, "how long it keeps its bit", (LabCell,), Nothing, (), print, print, print)
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install a package with one circuit and one bench of a lab's own."""
    (tmp_path / "lab_cell_plugin.py").write_text(PLUGIN)
    points = "[bitline.circuits]\nlab = lab_cell_plugin:LabCell\n[bitline.benches]\nlab = lab_cell_plugin:bench\n"
    (tmp_path / "lab-1.dist-info").mkdir()
    (tmp_path / "lab-1.dist-info/entry_points.txt").write_text(points)
    (tmp_path / "lab-1.dist-info/METADATA").write_text("Name: lab\nVersion: 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "lab_cell_plugin", raising=False)  # of the test before
    circuits.cache_clear(), benches.cache_clear()
    yield
    circuits.cache_clear(), benches.cache_clear()


@pytest.mark.usefixtures("plugin")
def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    """A plug-in's own "transfer" of bitline's column would otherwise be measured in place of bitline's."""
    taken = PLUGIN.replace("(LabCell,)", "(AcimColumnQS,)").replace('Bench("hold"', 'Bench("transfer"')
    taken = "from bitline.circuits.acim_column_qs import AcimColumnQS\n" + taken
    taken = taken.replace('"lab-cell"', '"acim-column-qs"')
    (tmp_path / "lab_cell_plugin.py").write_text(taken)
    with pytest.warns(PlugInWarning) as warned:
        assert benches_of(AcimColumnQS)["transfer"].circuits == (AcimColumnQS,)
        assert circuits()["acim-column-qs"] is AcimColumnQS
    messages = " ".join(str(warning.message) for warning in warned)
    assert "bitline has a bench transfer of acim-column-qs of its own" in messages
    assert "bitline has a circuit acim-column-qs of its own" in messages


@pytest.mark.usefixtures("plugin")
def test_a_lab_adds_its_own_circuit_and_bench_by_installing_them() -> None:
    cell = circuits()["lab-cell"]
    assert list(benches_of(cell)) == ["hold"]
    assert list(benches_of(AcimColumnQS)) == ["transfer", "noise"]


@pytest.mark.pdk
def test_what_is_no_voltage_has_another_unit() -> None:
    """A register's decision, a filament's thickness and its heating stand on nodes of their own."""
    from bitline.benches.base import Conditions
    from bitline.pdk.descriptor import load_pdk

    pdk = load_pdk()
    of = {"convert": {"1"}, "offset": {"1"}, "store": {"nm", "K"}, "iv": {"nm", "K"}}
    for measured_by in {one.name: one for one in benches() if one.name in of}.values():
        circuit = measured_by.circuits[0]()
        if isinstance(circuit, SarAdc):
            circuit = circuit.replace(logic="ideal")  # bit cells of transistors hold volts
        deck = measured_by.deck(circuit, Conditions(), measured_by.inputs(), pdk)
        assert set(deck.units.values()) == of[measured_by.name]
        assert set(deck.units) <= set(deck.saves) | {"v(dlrs)", "v(dmrs)", "v(dhrs)"}
