"""The bench of both ports on waveforms with known answers, its operands, and what its deck promises."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from setups import setup_of

from bitline.benches.base import Conditions
from bitline.benches.slice.both_ports import BENCH, OUTPUTS, deck, measure, schedule
from bitline.benches.slice.operands import BothPorts
from bitline.circuits.hybrid_slice import HybridSlice
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.pdk.descriptor import Pdk

VDD, AMPERES, HELD = 1.8, 1e-6, 1.5
CIRCUIT = HybridSlice(active=2)
SUPPLIES = ("vcell", "vbl", "vblb", "vpcl", "vpcr", "vwll", "vwlr", "vdd", "vdrv", "vctl")


def ideal(inputs: BothPorts, late: float = 1e-9) -> Waveforms:
    """Return waveforms of an ideal slice: lines fall in 1 ns, the count comes `late`, each supply gives 1 uA."""
    t, operands = schedule(CIRCUIT), inputs.operands(CIRCUIT)
    time = np.linspace(0.0, t.end, 4001)
    still, fall = np.zeros_like(time), np.interp(time, [t["pulse"] + 1e-10, t["pulse"] + 1.1e-9], [VDD, 0.0])
    word = np.where(time >= t["pulse"], VDD, 0.0)
    signals = {"v(wll)": word, "v(wlr)": word, "v(line)": still + 0.5}
    for k in range(CIRCUIT.columns):
        signals[f"v(bl{k})"] = still + HELD if operands.bits[0][k] else fall
        signals[f"v(blb{k})"] = fall if operands.bits[1][k] else still + HELD + 0.1
        signals |= {f"v(i{k})": still, f"i(vi{k})": still, f"i(vdac{k})": still}
        for r, row in enumerate(operands.bits):
            signals[f"v(q{r}x{k})"], signals[f"v(qb{r}x{k})"] = still + VDD * row[k], still + VDD * (1 - row[k])
    for place, node in enumerate(CIRCUIT.network.result):
        bit = operands.count >> place & 1
        signals[f"v({node})"] = np.where(time > t["inputs"] + CIRCUIT.t_edge / 2 + late, VDD * bit, 0.0)
    signals |= {f"i({supply})": still - AMPERES for supply in SUPPLIES}
    signals |= {f"v({node})": still for node in ("pl", "pr", "inl", "inr", "rst")}
    signals |= {f"i(v{node})": still for node in ("pl", "pr", "inl", "inr", "rst")} | {"i(vcm)": still - AMPERES}
    return Waveforms(time, signals, marks=t.marks)


def test_an_ideal_cycle_is_measured() -> None:
    inputs = BothPorts()
    values = measure(ideal(inputs), setup_of(CIRCUIT, inputs))
    assert list(values) == [output.name for output in OUTPUTS]
    operands, charge = inputs.operands(CIRCUIT), VDD * AMPERES * schedule(CIRCUIT).end
    assert values["popcount"] == operands.count > 0
    assert values["popcount_errors"] == values["flips"] == values["bump"] == 0
    assert values["level_sum"] == operands.level_sum > 0
    assert (values["v_held_bl"], values["v_held_blb"]) == pytest.approx((HELD, HELD + 0.1))
    assert values["t_read"] == values["t_read_blb"] == pytest.approx(0.6e-9, abs=5e-12)
    assert values["t_popcount"] == pytest.approx(1e-9, abs=5e-12)
    assert values["energy_digital_read"] == values["energy_analog_read"] == pytest.approx(3 * charge)
    assert values["energy_cells"] == values["energy_tree"] == values["energy_inputs"] == pytest.approx(charge)
    assert values["energy_column"] == pytest.approx(charge * (1 + CIRCUIT.v_cm / VDD))
    assert values["energy_total"] == pytest.approx(sum(values[name] for name in BENCH.supplies.counted))  # type: ignore[union-attr]


@pytest.mark.parametrize("late", [CIRCUIT.t_count, 2 * CIRCUIT.t_count])
def test_a_late_count_is_an_error(late: float) -> None:
    inputs = BothPorts()
    assert measure(ideal(inputs, late), setup_of(CIRCUIT, inputs))["popcount_errors"] == 1


def test_a_bit_between_the_levels_is_an_error_and_a_flipped_cell_is_seen() -> None:
    inputs = BothPorts()
    waves = ideal(inputs)
    half = np.full_like(waves.axis, VDD * 0.6)
    between = replace(waves, signals={**waves.signals, f"v({CIRCUIT.network.result[-1]})": half})
    assert measure(between, setup_of(CIRCUIT, inputs))["popcount_errors"] == 1
    q, qb = waves["v(q1x3)"], waves["v(qb1x3)"]
    turned = waves.axis > waves.marks["sample"]
    cell = {"v(q1x3)": np.where(turned, qb, q), "v(qb1x3)": np.where(turned, q, qb)}
    values = measure(replace(waves, signals={**waves.signals, **cell}), setup_of(CIRCUIT, inputs))
    assert values["flips"] == 1
    assert values["bump"] == pytest.approx(VDD)


def test_with_the_digital_port_off_nothing_is_counted() -> None:
    inputs = BothPorts(ports="analog")
    waves = ideal(inputs)
    assert measure(waves, setup_of(CIRCUIT, inputs))["popcount_errors"] == 1
    low = {f"v({node})": np.zeros_like(waves.axis) for node in CIRCUIT.network.result}
    values = measure(replace(waves, signals={**waves.signals, **low}), setup_of(CIRCUIT, inputs))
    assert values["popcount"] == values["popcount_errors"] == values["t_read"] == 0


def test_a_line_that_does_not_fall_in_time_counts_with_all_the_time_it_had() -> None:
    inputs = BothPorts()
    waves, falling = ideal(inputs), int(np.argmin(inputs.operands(CIRCUIT).bits[0]))
    stuck = replace(waves, signals={**waves.signals, f"v(bl{falling})": np.full_like(waves.axis, VDD)})
    t = schedule(CIRCUIT)
    assert measure(stuck, setup_of(CIRCUIT, inputs))["t_read"] == pytest.approx(t["sample"] - t["pulse"], abs=5e-12)


def test_the_operands_are_the_same_for_all_ports_and_have_the_stated_statistics() -> None:
    wide = HybridSlice(columns=64, active=64)
    first, again = (BothPorts(ports=ports, operand_seed=3).operands(wide) for ports in ("both", "analog"))
    for name in ("bits", "inputs", "words"):
        assert (getattr(first, name) == getattr(again, name)).all()
    assert (BothPorts(operand_seed=4).operands(wide).bits != first.bits).any()
    draws = [BothPorts(p_digital=0.2, p_analog=0.9, operand_seed=seed).operands(wide) for seed in range(40)]
    assert np.mean([one.bits[0] for one in draws]) == pytest.approx(0.2, abs=0.03)
    assert np.mean([one.bits[1] for one in draws]) == pytest.approx(0.9, abs=0.03)
    assert np.mean([one.words for one in draws]) == pytest.approx(7.5, abs=0.4)
    same = BothPorts(row_analog=0, p_digital=0.0, p_analog=1.0).operands(wide)
    assert same.level_sum == same.count == 0


@pytest.mark.parametrize("name", ["row_digital", "row_analog"])
def test_a_row_that_is_not_real_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=rf"both-ports: {name} = 5: must be < active = 2"):
        BothPorts(**{name: 5}).operands(CIRCUIT)


def test_a_coupling_beyond_the_wire_and_rows_beyond_the_line_are_refused() -> None:
    cell = SplitPort6T(c_wire_bl=0.1e-15)
    with pytest.raises(InputError, match=r"c_couple = 6e-17: must be <= cell.c_wire_bl by sides = 5e-17"):
        HybridSlice(c_couple=0.06e-15, cell=cell)
    with pytest.raises(InputError, match=r"c_couple = 1.1e-16: must be <= cell.c_wire_bl by sides = 1e-16"):
        HybridSlice(c_couple=0.11e-15, cell=cell, neighbours="column")
    assert HybridSlice(c_couple=0.09e-15, neighbours="column").c_ground == pytest.approx(0.11e-15)
    with pytest.raises(InputError, match="active = 8: must be <= rows = 4"):
        HybridSlice(rows=4)


def test_inputs_come_after_the_read_and_go_before_the_precharge() -> None:
    t = schedule(CIRCUIT)
    assert t["released"] < t["pulse"] < t["inputs"] < t["sample"] < t["withdraw"] < t["restore"] < t["reset"] < t.end


@pytest.mark.pdk
@pytest.mark.parametrize("multiplier", ["and2", "nor2"])
def test_only_the_ports_that_are_on_move(multiplier: str, sky130: Pdk) -> None:
    circuit = HybridSlice(active=2, multiplier=multiplier)
    bodies = {p: deck(circuit, Conditions(), BothPorts(ports=p), sky130).body.splitlines() for p in ("both", "digital")}
    moving = {p: {line.split()[0] for line in body if "pwl(" in line or "pulse(" in line} for p, body in bodies.items()}
    inputs = {f"vi{k}" for k in range(16)}
    assert moving["both"] == {"vpl", "vpr", "vrst", "vinl", "vinr", *inputs}
    assert moving["digital"] == {"vpl", "vinl", *inputs}


@pytest.mark.pdk
def test_each_line_has_the_whole_wire_whatever_couples(sky130: Pdk) -> None:
    """To ground and to both neighbours together: rows times the wire of a cell."""
    for form in ({"c_couple": 0.0}, {"c_couple": 0.08e-15}, {"c_couple": 0.08e-15, "neighbours": "column"}):
        circuit = HybridSlice(active=2, **form)
        lines = deck(circuit, Conditions(), BothPorts(), sky130).body.splitlines()
        capacitors = [line.split() for line in lines if line.startswith(("cbl", "cc", "cn"))]
        for node in ("bl0", "blb0", "bl15", "blb15"):
            whole = sum(float(value) for _, a, b, value in capacitors if node in (a, b))
            assert whole == pytest.approx(circuit.rows * circuit.cell.c_wire_bl)
