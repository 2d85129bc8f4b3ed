"""What benches declare of an operation, against the shipped tables, which were written before they did."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from bitline import content
from bitline.benches.base import Conditions
from bitline.benches.registry import benches, benches_of
from bitline.circuits.base import Circuit
from bitline.circuits.registry import circuit_class
from bitline.lut.lut import Lut
from bitline.lut.operation import Operation
from bitline.parameters import assemble
from bitline.pdk.descriptor import Pdk

TABLES = ("acim-qr", "acim-qs", "baseline-reram", "baseline-sram", "nsnr-restore", "nsnr-store", "sar-adc", "strongarm")
TABLES += ("ternary-column", "ternary-margin")


@cache
def shipped(name: str) -> Lut:
    return Lut.load(content.folder("luts") / name)


def circuit_of(lut: Lut) -> Circuit:
    return assemble(circuit_class(lut.attrs["circuit"])(), lut.attrs["parameters"])


@pytest.mark.parametrize("name", TABLES)
def test_a_bench_declares_what_the_shipped_table_says(name: str) -> None:
    lut = shipped(name)
    circuit = circuit_of(lut)
    declared = next(own.operation for own in benches_of(type(circuit)).values() if own.operation)(circuit)
    assert lut.operation is not None
    if isinstance(declared.cycle, float) and lut.operation.cycle is not None:
        assert declared.cycle == pytest.approx(lut.operation.cycle, rel=1e-12)
    assert replace(declared, cycle=lut.operation.cycle) == lut.operation


@pytest.mark.parametrize(("name", "other"), [("nsnr-restore", "hold"), ("ternary-column", "product")])
def test_a_table_has_the_sources_of_a_bench_without_an_operation(name: str, other: str) -> None:
    lut = shipped(name)
    supplies = benches_of(type(circuit_of(lut)))[other].supplies
    assert supplies is not None
    assert lut.attrs["supplies"] == {other: supplies.as_json()}


@pytest.mark.parametrize("own", [bench for bench in benches() if bench.operation], ids=lambda own: own.circuits[0].name)
def test_an_operation_names_outputs_of_its_bench(own: object) -> None:
    bench = next(one for one in benches() if one is own)
    operation = bench.operation(bench.circuits[0]())  # type: ignore[misc]
    assert isinstance(operation, Operation)
    outputs = {output.name for output in bench.outputs} | {"energy_total"}
    assert set(operation.variables) <= outputs
    inputs = set(getattr(bench.inputs, "__dataclass_fields__", {}))
    assert operation.operands is None or set(operation.operands.axes) <= inputs


@pytest.mark.pdk
@pytest.mark.parametrize("own", [bench for bench in benches() if bench.operation], ids=lambda own: own.circuits[0].name)
def test_the_cycle_is_the_length_of_the_simulation(own: object, sky130: Pdk) -> None:
    bench = next(one for one in benches() if one is own)
    circuit = bench.circuits[0]()
    operation = bench.operation(circuit)  # type: ignore[misc]
    if operation.cycle is None:
        return
    deck = bench.deck(circuit, Conditions(), bench.inputs(), sky130)
    if bench.name in {"accumulate", "encode", "popcount"}:  # several operations in a row, of which one is told
        assert len(deck.phases) * operation.cycle < deck.analysis.stop * 1.1  # type: ignore[union-attr]
        return
    assert operation.cycle == deck.analysis.stop  # type: ignore[union-attr]
