"""The convert bench on made-up conversions, and what its deck promises."""

from __future__ import annotations

import re
from typing import Any, Literal

import numpy as np
import pytest
from nearness import near
from setups import pulsed, setup_of

from bitline.benches.base import Conditions
from bitline.benches.sar import convert as sar
from bitline.circuits.sar_adc import SarAdc
from bitline.circuits.sar_sequencer import SarSequencer
from bitline.circuits.strongarm import StrongArm
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.pdk.descriptor import Pdk

BITS = (1, 0, 1)
BEGINS = (1.2e-9, 2.3e-9, 3.4e-9)
LATENCY = (0.1e-9, 0.3e-9, 0.2e-9)


def made_up(register: tuple[float, ...] = (1.0, -1.0, 1.0), strongarm: bool = True) -> Waveforms:
    """Three bits: residues 0.1, -0.2, 0.05 V before the decisions."""
    t = np.linspace(0, 6e-9, 6001)
    residue = np.interp(t, [0, 1.3e-9, 1.4e-9, 2.4e-9, 2.5e-9, 6e-9], [0.1, 0.1, -0.2, -0.2, 0.05, 0.05])
    qp, qn = np.zeros_like(t), np.zeros_like(t)
    for begin, bit, late in zip(BEGINS, BITS, LATENCY, strict=True):
        (qp if bit else qn)[(t > begin + late) & (t < begin + 0.51e-9)] = 1.8
    signals = {"v(tp)": 1.4 + residue / 2, "v(tn)": 1.4 - residue / 2}
    signals |= {f"i({name})": np.full_like(t, -amperes) for name, amperes in (("vdac", 1e-6), ("vref", 2e-6))}
    signals |= {"i(vinp)": np.full_like(t, -3e-6), "i(vinn)": np.full_like(t, 1e-6)}
    signals |= pulsed(t, {f"bg{side}{k}": f"g{side}{k}" for side in "pn" for k in range(2)}, 1e-7)
    signals |= pulsed(t, {"vsmp": "smp"}, 2e-7)
    signals |= {
        f"v(r{k})": np.where(t > begin + 0.5e-9, x, 0.0)
        for k, (begin, x) in enumerate(zip(BEGINS, register, strict=True))
    }
    if strongarm:
        signals |= {"v(qp)": qp, "v(qn)": qn, "i(vcmp)": np.full_like(t, -4e-6)}
        signals |= pulsed(t, {"vclk": "clkb"}, 1e-6)
    return Waveforms(
        axis=t,
        signals=signals,
        marks={f"bit_{k}": begin for k, begin in enumerate(BEGINS)},
    )


def setup(decisions: Literal["strongarm", "ideal"] = "strongarm") -> Any:
    """Return a conversion of 1.45 V less 1.35 V by a converter whose logic charges 0.1 pF."""
    circuit = SarAdc(
        bits=3,
        logic="ideal",
        decisions=decisions,
        v_ref=0.7,
        t_evaluate=0.5e-9,
        t_strobe=0.1e-9,
        c_gate=0.0,
        c_flop_data=0.0,
    )
    circuit = circuit.replace(c_flop_clock=1e-13 / 28)  # 5 flip-flops clocked 5 times and 3 once
    return setup_of(circuit, sar.Convert(v_diff=0.1, v_common=1.4))


def test_a_made_up_conversion_is_measured() -> None:
    values = sar.measure(made_up(), setup())
    assert list(values) == [output.name for output in sar.OUTPUTS]
    assert (values["code"], values["resolved"]) == (5.0, 3.0)
    levels = [values[f"level_{k}"] for k in range(1, 7)]
    assert levels == near([0.0, 0.3, 0.05, 0.0, 0.0, 0.0], abs=1e-9)
    assert values["energy_comparator"] == near(1.8 * (4e-6 + 1e-6 / 2) * 6e-9)
    assert values["energy_reference"] == near(0.7 * 2e-6 * 6e-9)
    assert values["energy_dac"] == near((1.8 * (1e-6 + (4 * 1e-7 + 2e-7) / 2) + 0.7 * 2e-6) * 6e-9)
    assert values["energy_input"] == near((1.45 * 3e-6 - 1.35 * 1e-6) * 6e-9)
    assert values["energy_logic"] == near(1e-13 * 1.8**2)
    parts = ("energy_comparator", "energy_dac", "energy_logic")
    assert values["energy_total"] == near(sum(values[name] for name in parts))
    assert values["t_slowest"] == near(0.3e-9, abs=2e-12)
    assert values["t_margin"] == near(0.1e-9, abs=2e-12)


def test_undecided_bits_and_the_ideal_comparator() -> None:
    values = sar.measure(made_up((1.0, 0.3, -1.0), strongarm=False), setup("ideal"))
    assert (values["code"], values["resolved"]) == (6.0, 2.0)
    assert (values["energy_comparator"], values["t_slowest"]) == (0.0, 0.0)


def self_timed(fall: float = 0.3e-9) -> Waveforms:
    """Three decisions of a converter that clocks itself, the last kept `fall` after its clock: + - +."""
    t = np.linspace(0, 6e-9, 6001)
    clkb = np.full_like(t, 1.8)
    qp, qn = np.zeros_like(t), np.zeros_like(t)
    signals = {"v(tp)": np.full_like(t, 1.45), "v(tn)": np.full_like(t, 1.35)}
    for k, (begin, bit, late) in enumerate(zip(BEGINS, BITS, (*LATENCY[:2], fall), strict=True)):
        clkb[(t > begin) & (t < begin + late + 0.1e-9)] = 0.0
        (qp if bit else qn)[(t > begin + late) & (t < begin + late + 0.2e-9)] = 1.8
        fallen = np.where(t > begin + late, 0.0, 1.8)
        kept = np.full_like(t, 1.8)
        signals |= {f"v(xp{k})": fallen if bit else kept, f"v(xn{k})": kept if bit else fallen}
    signals |= {f"i({name})": np.zeros_like(t) for name in ("vdac", "vref", "vinp", "vinn", "vcmp")}
    signals |= {"i(vlog)": np.full_like(t, -1e-6), "v(qp)": qp, "v(qn)": qn, "v(clkb)": clkb}
    signals |= pulsed(t, {"vsmp": "smp"}, 0.0)
    return Waveforms(axis=t, signals=signals, marks={"hold": 1e-9, "converted": 5e-9})


def test_a_self_timed_conversion_is_measured() -> None:
    circuit = SarAdc(bits=3, t_sample=1e-9, sequencer=SarSequencer(t_convert=4e-9))
    values = sar.measure(self_timed(), setup_of(circuit, sar.Convert(v_diff=0.1, v_common=1.4)))
    assert (values["code"], values["resolved"]) == (5.0, 3.0)
    assert values["energy_logic"] == near(1.8e-6 * 6e-9)
    assert values["t_conversion"] == near(2.7e-9, abs=2e-12)
    assert values["t_margin"] == near(1.3e-9, abs=2e-12)
    assert values["t_slowest"] == near(0.3e-9, abs=2e-12)


def test_a_conversion_that_hangs_is_not_resolved() -> None:
    circuit = SarAdc(bits=3, t_sample=1e-9, sequencer=SarSequencer(t_convert=4e-9))
    values = sar.measure(self_timed(fall=1.7e-9), setup_of(circuit, sar.Convert(v_diff=0.1, v_common=1.4)))
    assert values["resolved"] == 2.0
    assert (values["t_conversion"], values["t_margin"]) == (near(4e-9), 0.0)


def test_transistors_have_no_ideal_decisions_to_keep() -> None:
    with pytest.raises(InputError, match="decisions = ideal: must be strongarm with logic = self-timed"):
        SarAdc(decisions="ideal")


def test_logic_is_counted() -> None:
    """By hand, 5 bits: 7 flip-flops clocked 7 times and 5 once, 7 tokens, 2.5 changes of code, 4 gates."""
    assert SarAdc().c_logic == near(54 * 11e-15 + 9.5 * 21e-15 + 4 * 9e-15)
    assert SarAdc(bits=3, c_flop_data=0.0, c_gate=0.0).c_logic == near(28 * 11e-15)
    # Synchronous: the shift register alone, a fifth of it.
    assert SarAdc(bits=3).c_sequencer == near((25 * 11e-15 + 5 * 21e-15) / 5)


@pytest.mark.pdk
@pytest.mark.parametrize("bits", [3, 4, 5, 6])
def test_a_deck_has_a_binary_dac_and_one_strobe_per_bit(bits: int, sky130: Pdk) -> None:
    circuit = SarAdc(bits=bits, logic="ideal")
    made = sar.deck(circuit, Conditions(), sar.Convert(v_diff=0.2, v_common=1.3), sky130)
    for side in "pn":
        units = re.findall(rf"^c{side}[d\d] t{side} \S+ (\S+)$", made.body, re.MULTILINE)
        assert sum(map(float, units)) == near(2 ** (bits - 1) * 3.75e-15)
        assert float(units[0]) == near(2 ** (bits - 2) * 3.75e-15)
        assert len(units) == bits
    assert re.findall(r"^vinp inp 0 (\S+)", made.body, re.MULTILINE) == ["1.4000000000000001"]
    strobes = re.findall(r"^vs\d \S+ 0 pwl\(0 0 (\S+) 0 (\S+) 1 (\S+) 1 (\S+) 0\)", made.body, re.MULTILINE)
    assert len(strobes) == bits
    decisions = [phase for phase in made.phases if phase.name.startswith("bit")]
    for strobe, phase in zip(strobes, decisions, strict=True):
        instants = [float(x) for x in strobe]
        assert instants == sorted(instants)
        assert phase.start < instants[0] < instants[-1] <= phase.stop + 1e-15
    times = sar.schedule(circuit)
    assert times.named("bit")[-1].stop - times["hold"] == near(0.2e-9 + bits * 0.5e-9 + (bits - 1) * 0.6e-9)


@pytest.mark.pdk
def test_inputs_one_sided_and_an_ideal_comparator(sky130: Pdk) -> None:
    single = sar.Convert(v_diff=-0.3, v_common=1.2, drive="single")
    made = sar.deck(SarAdc(logic="ideal", decisions="ideal"), Conditions(), single, sky130)
    assert (single.plus, single.minus) == (near(0.9), 1.2)
    assert "mtail" not in made.body
    assert "i(vcmp)" not in made.saves
    with pytest.raises(InputError, match=r"plus input is -0\.1"):
        sar.deck(SarAdc(), Conditions(), sar.Convert(v_diff=-0.3, v_common=0.2, drive="single"), sky130)


@pytest.mark.pdk
def test_mismatch_reaches_capacitors_and_comparator(sky130: Pdk) -> None:
    made = sar.deck(SarAdc(), Conditions(sample=1), sar.Convert(), sky130)
    names = set(made.deviates)
    assert {"cp0.c", "cn3.c", "cpd.c"} <= names
    assert any(name.startswith("ina.") for name in names)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(InputError, match=r"t_strobe = 4\.5e-10"):
        SarAdc(t_strobe=4.5e-10)
    with pytest.raises(InputError, match="t_settle = 5e-11"):
        SarAdc(t_settle=5e-11)
    with pytest.raises(InputError, match="bits"):
        SarAdc(bits=7)
    assert SarAdc(comparator=StrongArm(w_input=2e-6)).weights == (8, 4, 2, 1)
