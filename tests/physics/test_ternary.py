"""The ternary column: products, transfer, mixes, spread, noise, energy, disturb."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.constants import Boltzmann, zero_Celsius
from setups import setup_of, simulated

from bitline.benches.accuracy import Accuracy, with_accuracy
from bitline.benches.base import Conditions, NoInputs
from bitline.benches.netlist import netlist
from bitline.benches.ternary import noise as ternary_noise
from bitline.benches.ternary import product, transfer
from bitline.benches.ternary.operands import TernaryMac
from bitline.benches.ternary.product import Product
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.circuits.ternary_column import TernaryColumn
from bitline.engine.waveforms import Waveforms
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk
from bitline.statistics.intervals import sigma
from bitline.templates import environment

Run = Callable[[Deck], Waveforms]

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

VDD = 1.8
COLUMN = TernaryColumn()
SMALL = TernaryColumn(rows=8)

# The lines with precharge off and all input lines low; a known charge is pulled out of CBL.
PULL = """
{% include "columns/ternary_column.cir.j2" %}
vdd vdd 0 1.8
vone one 0 1.8
vpre vpre 0 1.8
vwl vwl 0 {{ circuit.v_wl }}
vwd vwd 0 1.8
vctl vctl 0 1.8
vpreg pre 0 pwl(0 1.8 0.2e-9 1.8 0.22e-9 0)
{% for r in range(circuit.rows) %}
vinp{{ r }} inp{{ r }} 0 1.8
vinn{{ r }} inn{{ r }} 0 1.8
{% endfor %}
.ic v(qp0)=0 v(qbp0)=1.8 v(qm0)=0 v(qbm0)=1.8
ipull cbl 0 pulse(0 {{ charge / 1e-9 }} 0.5e-9 10e-12 10e-12 0.99e-9 1)
"""


def cycle(
    circuit: TernaryColumn,
    mac: int,
    pdk: Pdk,
    run: Run,
    conditions: Conditions | None = None,
    accuracy: Accuracy = "default",
    **inputs: object,
) -> Waveforms:
    given = TernaryMac(mac=mac, **inputs)
    w = run(with_accuracy(transfer.deck(circuit, conditions or Conditions(), given, pdk), accuracy))
    return simulated(w, circuit, given, conditions, pdk)


def measured(w: Any) -> Any:
    return transfer.measure(w, w.setup)


def values(*args: object, **kwargs: object) -> dict[str, float]:
    return measured(cycle(*args, **kwargs))  # type: ignore[arg-type]


def noise_of(circuit: TernaryColumn, pdk: Pdk, run: Run, temperature: float = 27.0) -> dict[str, float]:
    at = Conditions(temperature=temperature)
    deck = ternary_noise.deck(circuit, at, NoInputs(), pdk)
    return ternary_noise.measure(run(deck), setup_of(circuit, NoInputs(), at, pdk))


@pytest.fixture(scope="module")
def levels(sky130: Pdk, run: Run) -> dict[int, dict[str, float]]:
    """Every MAC value of the default column, without pairs."""
    return {m: values(COLUMN, m, sky130, run) for m in range(-16, 17)}


@pytest.mark.parametrize("corner", Corner)
def test_the_nine_products_are_exact_at_every_corner(corner: Corner, sky130: Pdk, run: Run) -> None:
    """One row: v_diff over that of 1 x 1 is the product, and 0 is 0 within 1 % of it."""
    at, one = Conditions(corner=corner), TernaryColumn(rows=1)
    found = {}
    for weight, x in itertools.product((-1, 0, 1), repeat=2):
        inputs = Product(weight=weight, x=x)
        deck = product.deck(one, at, inputs, sky130)
        one_row = transfer.measure(run(with_accuracy(deck, "default")), setup_of(one, inputs, at, sky130))
        assert one_row["flips"] == 0
        found[weight, x] = one_row["v_diff"]
    step = found[1, 1]
    assert step > 0.02
    for (weight, x), v in found.items():
        assert v / step == pytest.approx(weight * x, abs=0.01)


def test_the_transfer_is_monotone_odd_and_nearly_straight(levels: dict[int, dict[str, float]]) -> None:
    """33 levels: V(-m) = -V(m) within 2 % of full scale, each step at least 0.9 of an LSB."""
    v = np.array([levels[m]["v_diff"] for m in range(-16, 17)])
    steps = np.diff(v)
    assert np.all(steps > 0)
    span = v[-1] - v[0]
    assert np.max(np.abs(v + v[::-1])) < 0.02 * span
    assert np.all(np.abs(steps / (span / 32) - 1) < 0.1)
    # compression: the last product takes less than the first, but not the 5 % of a line that leaves saturation
    assert 0.9 < steps[-1] / steps[16] < 1


def test_zero_of_no_product_and_of_pairs_differ_in_common_mode_only(
    levels: dict[int, dict[str, float]], sky130: Pdk, run: Run
) -> None:
    lsb = levels[1]["v_diff"]
    idle = values(COLUMN, 0, sky130, run, zeros="input")
    assert abs(idle["common"]) < 1e-3
    for pairs in (2, 8):
        mixed = values(COLUMN, 0, sky130, run, extra=pairs)
        assert abs(mixed["v_diff"]) < 0.02 * lsb
        assert mixed["common"] == pytest.approx(pairs * lsb, rel=0.05)


@pytest.mark.parametrize("corner", [Corner.tt, Corner.ss, Corner.ff])
def test_mixes_of_a_level_stay_apart_from_the_next_level(corner: Corner, sky130: Pdk, run: Run) -> None:
    """Without mismatch the largest m and the smallest m + 1 of any mix are 0.8 LSB apart, at the steepest places."""
    at = Conditions(corner=corner)
    lsb = values(COLUMN, 1, sky130, run, at)["v_diff"]
    for low in (0, 7, 15):
        mixes = [[values(COLUMN, m, sky130, run, at, extra=e)["v_diff"] for e in (0, 8)] for m in (low, low + 1)]
        assert min(mixes[1]) - max(mixes[0]) > 0.8 * lsb


@pytest.mark.parametrize(("corner", "temperature", "sample"), [("tt", 27.0, 0), ("ff", -40.0, 0), ("ss", 125.0, 3)])
def test_real_latches_everywhere_give_the_same_lines(
    corner: str, temperature: float, sample: int, sky130: Pdk, run: Run
) -> None:
    """Below 0.1 mV: also with mismatch, for the stacks and drivers are the same chip's."""
    at = Conditions(corner=Corner(corner), temperature=temperature, sample=sample)
    circuit = TernaryColumn(rows=4)
    for mac, extra in ((4, 0), (0, 1)):
        one, all_ = (values(circuit.replace(latched=n), mac, sky130, run, at, extra=extra) for n in (1, 4))
        for line in ("v_cbl", "v_cblb"):
            assert one[line] == pytest.approx(all_[line], abs=1e-4)


def sharp_sigma(v: np.ndarray, z: np.ndarray) -> tuple[float, float]:
    """Return sigma of `v` and its standard error, knowing the unit deviates `z` that moved it most.

    v = v0 + b z + r with independent z of variance 1: var(v) = sum(b^2) + var(r); see test_columns.py.
    """
    n, p = z.shape
    design = np.column_stack([np.ones(n), z])
    b = np.linalg.lstsq(design, v)[0]
    rest = float(np.sum((v - design @ b) ** 2)) / (n - p - 1)
    explained = float(np.sum(b[1:] ** 2)) - p * rest / (n - p - 1)
    variance = explained + rest
    error = math.sqrt(4 * explained * rest / n + 2 * rest**2 / (n - p - 1))
    return math.sqrt(variance), error / (2 * math.sqrt(variance))


def conducting(inputs: TernaryMac, rows: int) -> list[str]:
    """Name the stacks that conduct: bit and input line of each row whose product is not 0."""
    return [
        f"{'p' if w > 0 else 'm'}{'p' if x > 0 else 'n'}{r}" for r, (w, x) in enumerate(inputs.operands(rows)) if w * x
    ]


def movers(deck: Deck, stacks: list[str]) -> list[float]:
    """Return the deviates that move v_diff most: of the stacks, their drivers (by their weight) and the precharge."""
    first = {name.split(".")[0]: value for name, value in deck.deviates.items()}
    own = [first[f"{device}{stack}"] for stack in stacks for device in "tb"]
    lines = [stack[1:] for stack in stacks]
    weights = {"pp": 0.17, "up": -0.23, "dn": 0.13}  # mV of v_diff per sigma
    unit = math.hypot(*weights.values())
    drivers = [sum(w * first[device + i] for device, w in weights.items()) / unit for i in lines]
    return [*own, *drivers, first["prel"], first["prer"]]


def test_spread_grows_as_the_square_root_of_the_activity(sky130: Pdk, run: Run) -> None:
    """sigma(v_diff) = sqrt(n+ + n-) sigma(1) within 10 %, whatever the MAC value: 40 chips."""
    circuit = SMALL.replace(t_settle=0.3e-9, t_restore=0.02e-9)
    per_stack = {}
    for mac, extra in ((1, 0), (2, 1), (0, 4)):
        inputs = TernaryMac(mac=mac, extra=extra, zeros="input")
        stacks = conducting(inputs, circuit.rows)
        v, z = [], []
        for sample in range(1, 41):
            at = Conditions(sample=sample)
            deck = transfer.deck(circuit, at, inputs, sky130)
            v.append(
                transfer.measure(run(with_accuracy(deck, "default")), setup_of(circuit, inputs, at, sky130))["v_diff"]
            )
            z.append(movers(deck, stacks))
        spread, error = sharp_sigma(np.array(v), np.array(z))
        assert 2 * error < 0.06 * spread
        raw = sigma(v, confidence=0.999)
        assert raw.low < spread < raw.high  # the same as the plain estimate, but sharper
        per_stack[mac, extra] = spread / math.sqrt(len(stacks))
    for found in per_stack.values():
        assert found == pytest.approx(per_stack[1, 0], rel=0.1)


def pulled(circuit: TernaryColumn, charge: float, pdk: Pdk, run: Run) -> float:
    """Return how far the floating line falls when `charge` [C] is taken out of it."""
    template = environment().from_string(PULL)
    body = render_circuit(template, netlist(Conditions(), pdk), circuit=circuit, charge=charge)
    waves = run(with_accuracy(Deck("pull", body, ("v(cbl)",), Transient(2.5e-9)), "default"))
    return waves.at("v(cbl)", 0.49e-9) - waves.at("v(cbl)", 2.2e-9)


@pytest.mark.parametrize("temperature", [-40.0, 27.0, 125.0])
def test_thermal_noise_is_that_of_two_lines_of_known_capacitance(temperature: float, sky130: Pdk, run: Run) -> None:
    """sqrt(2kT/C) within 5 %, C from the charge that lowers a floating line, not from the noise bench."""
    charge = 7e-15
    c = charge / pulled(COLUMN, charge, sky130, run)
    kelvin = temperature + zero_Celsius
    measured = noise_of(COLUMN, sky130, run, temperature)
    assert measured["v_thermal"] == pytest.approx(math.sqrt(2 * Boltzmann * kelvin / c), rel=0.05)
    drawn = COLUMN.c_load + COLUMN.rows * COLUMN.cell.c_wire_bl
    assert drawn < c < drawn + 8e-15  # and 32 junctions with their overlaps, and the precharge


@pytest.mark.parametrize(("after", "within"), [(0.1e-9, 0.08), (0.2e-9, 0.04)], ids=["begin", "middle"])
def test_charge_lost_in_the_pulse_stays_lost(after: float, within: float, sky130: Pdk, run: Run) -> None:
    """What v_discharge takes for granted: a charge q of noise moves the sample by q/C.

    The output conductance of the stacks pulls it back, most what is lost at the begin: with all sixteen on by
    5 %, so on average over the pulse by less than that.
    """
    c_line = noise_of(COLUMN, sky130, run)["c_line"]
    charge = 2e-16
    deck = with_accuracy(transfer.deck(COLUMN, Conditions(), TernaryMac(mac=16), sky130), "reference")
    start = deck.marks["pulse"] + after
    kick = f"ikick cbl 0 pulse(0 {charge / 20e-12} {start} 1e-12 1e-12 19e-12 1)\n"
    setup = setup_of(COLUMN, TernaryMac(mac=16), pdk=sky130)
    alone, kicked = (
        transfer.measure(run(replace(deck, body=deck.body + extra).with_step(5e-12)), setup)["v_cbl"]
        for extra in ("", kick)
    )
    assert alone - kicked == pytest.approx(charge / c_line, rel=within)
    assert alone - kicked < charge / c_line


@pytest.mark.parametrize("mac", [1, 8, 16])
def test_a_discharge_costs_its_charge(mac: int, sky130: Pdk, run: Run) -> None:
    """Precharge supply: C VDD dV within 3 %, C of the noise bench; and the lines come back."""
    c_line = noise_of(COLUMN, sky130, run)["c_line"]
    waves = cycle(COLUMN, mac, sky130, run, zeros="input")
    fell = waves.at("v(cbl)", waves.marks["pulse"]) - waves.at("v(cbl)", waves.marks["sample"])
    energy = measured(waves)["energy_precharge"]
    assert energy == pytest.approx(c_line * VDD * fell, rel=0.03)
    for line in ("v(cbl)", "v(cblb)"):
        assert waves[line][-1] == pytest.approx(waves[line][0], abs=1e-3)


def total(measured: dict[str, float]) -> float:
    return sum(v for name, v in measured.items() if name.startswith("energy_"))


def test_zero_activity_costs_leakage_and_clocking(sky130: Pdk, run: Run) -> None:
    """All inputs 0: the precharge driver's clocking, known from a column of one row, and leakage, known from waiting.

    A wait of 1 us more, 250 cycles, costs what the supplies' currents at the operating point say within 10 %.
    """
    base = values(COLUMN, 0, sky130, run, zeros="input")
    clock = values(COLUMN.replace(rows=1), 0, sky130, run, zeros="input")["energy_control"]
    assert base["energy_control"] == pytest.approx(clock, rel=0.01)
    waves = cycle(COLUMN.replace(t_restore=1e-6), 0, sky130, run, zeros="input")
    waited = measured(waves)
    stop = cycle(COLUMN, 0, sky130, run, zeros="input").axis[-1]
    leakage = (total(waited) - total(base)) / (waves.axis[-1] - stop)
    static = -VDD * sum(waves[f"i({s})"][0] for s in ("vone", "vpre", "vctl"))
    static += -VDD * COLUMN.rows * waves["i(vdd)"][0]
    static += -(COLUMN.v_wl * waves["i(vwl)"][0] + VDD * waves["i(vwd)"][0]) / COLUMN.columns
    assert leakage == pytest.approx(static, rel=0.1)
    assert total(base) == pytest.approx(clock + leakage * stop, rel=0.02)


def test_energy_falls_with_sparsity(levels: dict[int, dict[str, float]], sky130: Pdk, run: Run) -> None:
    """An input of 0 saves its line's pulse; a weight of 0 only the discharge."""
    by_input, by_weight = (values(COLUMN, 4, sky130, run, zeros=zeros) for zeros in ("input", "weight"))
    assert by_input["energy_wordline"] == pytest.approx(by_weight["energy_wordline"] / 4, rel=0.05)
    assert by_input["energy_precharge"] == pytest.approx(by_weight["energy_precharge"], rel=0.05)
    for m in range(0, 16):
        assert levels[m + 1]["energy_precharge"] > levels[m]["energy_precharge"]


@pytest.mark.parametrize("corner", [Corner.tt, Corner.sf, Corner.fs])
def test_a_low_line_disturbs_no_latch(corner: Corner, sky130: Pdk, run: Run) -> None:
    """Lines pulled below 0.3 V, where a bit line would write: the storage nodes move by less than 0.1 V."""
    circuit = TernaryColumn(rows=4, latched=4, t_pulse=4e-9)
    for mac, extra in ((4, 0), (0, 2)):
        found = values(circuit, mac, sky130, run, Conditions(corner=corner), extra=extra)
        assert found["v_cbl"] < 0.3
        assert found["flips"] == 0
        assert found["disturb"] < 0.1


def test_the_bit_at_ground_disturbs_less_and_gives_one_curve(sky130: Pdk, run: Run) -> None:
    """Why the default order is what it is (docs/ternary.md).

    With the bit at the line its gate sees the line's swing, and the line the node between wherever the bit
    is 1: its capacitance, and so v_diff, depends on the weights of products that are 0.
    """
    disturb, apart = {}, {}
    for order in ("bit-at-ground", "bit-at-line"):
        circuit = COLUMN.replace(order=order)
        by_input, by_weight = (values(circuit, 8, sky130, run, zeros=zeros) for zeros in ("input", "weight"))
        disturb[order] = by_weight["disturb"]
        apart[order] = abs(by_input["v_diff"] - by_weight["v_diff"]) / (by_weight["v_diff"] / 8)
    assert disturb["bit-at-ground"] < 0.03
    assert disturb["bit-at-line"] > 0.3
    assert apart["bit-at-ground"] < 0.01
    assert apart["bit-at-line"] > 0.1


def test_keepers_hold_the_high_line_and_else_are_capacitance(sky130: Pdk, run: Run) -> None:
    """A cross-coupled pair conducts only once a line is a PMOS threshold below VDD."""
    kept = COLUMN.replace(keeper="cross")
    loads = [noise_of(c, sky130, run)["c_line"] for c in (COLUMN, kept)]
    assert loads[1] - loads[0] > 0.5e-15
    plain, other = (values(c, 2, sky130, run)["v_diff"] for c in (COLUMN, kept))
    assert other * loads[1] == pytest.approx(plain * loads[0], rel=0.01)
    late = {"t_pulse": 1e-9, "t_settle": 20e-9}
    low, held = (values(c.replace(**late), 16, sky130, run)["v_cblb"] for c in (COLUMN, kept))
    assert abs(low - VDD) > 3e-3  # where the precharge's and the lines' coupling have left it
    assert held == pytest.approx(VDD, abs=1e-3)


def test_latency_is_the_drivers_fall_and_the_pulse(levels: dict[int, dict[str, float]]) -> None:
    for m in range(1, 17):
        assert COLUMN.t_pulse < levels[m]["latency"] < COLUMN.t_pulse + COLUMN.t_settle
