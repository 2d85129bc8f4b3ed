"""The ternary benches: mixes of products, measures of made-up waveforms, what the decks promise."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from setups import at_kelvin, setup_of

from bitline.benches.base import Conditions, NoInputs
from bitline.benches.ternary import noise as ternary_noise
from bitline.benches.ternary import product, transfer
from bitline.benches.ternary.operands import TernaryMac, Zeros
from bitline.benches.ternary.product import Product
from bitline.circuits.ternary_column import TernaryColumn
from bitline.errors import BadMeasureError, InputError
from bitline.pdk.descriptor import Pdk
from bitline.simulate.waveforms import Array, Waveforms

STOP, PULSE, SAMPLE = 4e-9, 1e-9, 2e-9
TIME = np.linspace(0.0, STOP, 401)
SETUP = setup_of(TernaryColumn(v_wl=1.5, rows=16, latched=1, columns=10), TernaryMac())


@given(st.integers(1, 64), st.data(), st.integers(0, 32), st.sampled_from(["weight", "input", "mixed"]))
def test_operands_add_up_to_the_mac_and_use_as_many_pairs_as_fit(
    rows: int, data: st.DataObject, extra: int, zeros: Zeros
) -> None:
    mac = data.draw(st.integers(-rows, rows))
    given_ = TernaryMac(mac=mac, extra=extra, zeros=zeros)
    operands = given_.operands(rows)
    products = [w * x for w, x in operands]
    assert len(operands) == rows
    assert sum(products) == mac
    active = sum(map(abs, products))
    assert active == abs(mac) + 2 * extra or (active <= abs(mac) + 2 * extra and active >= rows - 1)
    assert given_.products(rows) == (products.count(1), products.count(-1))
    for w, x in operands:
        if w * x == 0:
            assert {abs(w), abs(x)} == {0, 1}
            assert zeros == "mixed" or (x == 0) == (zeros == "input")


def test_both_ways_to_a_product_take_turns() -> None:
    assert TernaryMac(mac=4).operands(4) == [(1, 1), (-1, -1), (1, 1), (-1, -1)]
    assert TernaryMac(mac=-2).operands(2) == [(1, -1), (-1, 1)]
    assert TernaryMac(mac=0).operands(8) == [(0, 1), (1, 0), (0, -1), (-1, 0)] * 2
    assert TernaryMac(mac=0, zeros="input").operands(2) == [(1, 0), (-1, 0)]


def test_a_mirrored_mix_has_as_much_of_everything() -> None:
    """Transfer can only be odd if MAC m and -m pulse as many input lines and store as many bits."""
    for mac, extra in ((3, 2), (7, 0), (16, 0)):
        plus, minus = (TernaryMac(mac=sign * mac, extra=extra).operands(16) for sign in (1, -1))
        assert sum(abs(w) for w, _ in plus) == sum(abs(w) for w, _ in minus)
        assert sum(abs(x) for _, x in plus) == sum(abs(x) for _, x in minus)


def test_more_products_than_rows_are_refused() -> None:
    with pytest.raises(InputError, match=r"transfer: mac = 5: must be within -4\.\.4"):
        transfer.deck(TernaryColumn(rows=4), Conditions(), TernaryMac(mac=5), None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"t_pulse": 2e-11}, "t_pulse = 2e-11: must be > t_edge = 2e-11"),
        ({"t_precharge": 2e-11}, "t_precharge = 2e-11: must be >= 1.5 t_edge = 3e-11"),
    ],
)
def test_a_pulse_without_width_is_refused(values: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        transfer.deck(TernaryColumn(**values), Conditions(), TernaryMac(), None)  # type: ignore[arg-type]


def test_more_latches_than_rows_are_refused() -> None:
    with pytest.raises(InputError, match="latched = 5: must be <= rows = 4"):
        TernaryColumn(rows=4, latched=5)


def current(amperes: float) -> Array:
    return np.full_like(TIME, -amperes)


def waves(**changed: Array) -> Waveforms:
    """Return CBL that falls from 1.8 V at 0.2 V/ns from the pulse for 0.5 ns, CBLB still, constant supply currents."""
    signals = {
        "v(cbl)": np.interp(TIME, [PULSE, PULSE + 0.5e-9], [1.8, 1.7]),
        "v(cblb)": np.full_like(TIME, 1.8),
        "i(vdd)": current(1e-9),
        "i(vone)": current(2e-9),
        "i(vpre)": current(3e-6),
        "i(vwl)": current(4e-6),
        "i(vwd)": current(5e-6),
        "i(vctl)": current(6e-6),
    }
    for side in "pm":
        signals |= {f"v(q{side}0)": np.full_like(TIME, 1.8), f"v(qb{side}0)": np.zeros_like(TIME)}
    return Waveforms(TIME, signals | changed, marks={"pulse": PULSE, "sample": SAMPLE})


def test_a_cycle_is_measured() -> None:
    assert transfer.measure(waves(), SETUP) == pytest.approx(
        {
            "v_cbl": 1.7,
            "v_cblb": 1.8,
            "v_diff": 0.1,
            "common": 0.05,
            "energy_array": 1.8 * (16 * 1e-9 + 2e-9) * STOP,  # one latched row stands for sixteen
            "energy_precharge": 1.8 * 3e-6 * STOP,
            "energy_wordline": (1.5 * 4e-6 + 1.8 * 5e-6) * STOP / 10,  # one column of ten
            "energy_control": 1.8 * 6e-6 * STOP,
            "disturb": 0.0,
            "flips": 0.0,
            "latency": 0.5e-9,
        }
    )


def test_outputs_are_what_is_announced() -> None:
    assert list(transfer.measure(waves(), SETUP)) == [output.name for output in transfer.OUTPUTS]


def test_what_happens_after_the_sample_is_no_latency() -> None:
    restored = np.interp(TIME, [SAMPLE, SAMPLE + 1e-10], [1.8, 1.2])
    assert transfer.measure(waves(**{"v(cblb)": restored}), SETUP)["latency"] == pytest.approx(0.5e-9)
    still = {"v(cbl)": np.full_like(TIME, 1.8) + 5e-4 * (TIME > 1.5e-9)}
    assert transfer.measure(waves(**still), SETUP)["latency"] == 0


def test_latches_that_turn_over_are_counted() -> None:
    ramp = 1.8 * TIME / STOP
    found = transfer.measure(waves(**{"v(qm0)": 1.8 - ramp, "v(qbm0)": ramp}), SETUP)
    assert (found["flips"], found["disturb"]) == (1, pytest.approx(1.8))


def test_a_missing_vector_is_named() -> None:
    with pytest.raises(BadMeasureError, match=r"v\(cblb\)"):
        transfer.measure(Waveforms(TIME, {"v(cbl)": TIME}, marks={"pulse": PULSE, "sample": SAMPLE}), SETUP)


def test_noise_of_both_lines() -> None:
    """One pole of 1 kOhm and 70 fF at 300 K; a stack of 3e-24 + 1e-24 A2/Hz for 0.3 ns."""
    kelvin, frequency = 300.0, np.logspace(0, 13, 261)
    impedance = 1e3 / np.abs(1 + 2j * np.pi * frequency * 1e3 * 70e-15)
    kt = 1.380649e-23 * kelvin
    found = ternary_noise.measure(
        Waveforms(
            frequency,
            {
                "onoise_rprobe": math.sqrt(4 * kt / 1e12) * impedance,
                "onoise.mtpp0.id": np.full_like(frequency, 1e3 * math.sqrt(3e-24)),
                "onoise.mbpp0.id": np.full_like(frequency, 1e3 * math.sqrt(1e-24)),
            },
            {"onoise_total.mprel.id": 2e-4},
        ),
        setup_of(TernaryColumn(t_pulse=0.3e-9), NoInputs(), at_kelvin(kelvin)),
    )
    assert found["v_thermal"] == pytest.approx(math.sqrt(2 * kt / 70e-15), rel=3e-3)
    assert found["c_line"] == pytest.approx(70e-15, rel=5e-3)
    assert found["v_discharge"] == pytest.approx(math.sqrt(4e-24 * 0.3e-9 / 2) / 70e-15, rel=5e-3)
    assert list(found) == [output.name for output in ternary_noise.OUTPUTS]


def stacks(body: str) -> dict[str, list[str]]:
    """Return drain, gate, source of every stack transistor by name."""
    lines = re.findall(r"^M([tb](?:pp|mn|pn|mp)\d+) (\S+) (\S+) (\S+) ", body, re.MULTILINE)
    return {name: nodes for name, *nodes in lines}


@pytest.mark.pdk
@pytest.mark.parametrize("order", ["bit-at-ground", "bit-at-line"])
def test_four_stacks_make_the_products(order: str, sky130: Pdk) -> None:
    circuit = TernaryColumn(rows=2, latched=2, order=order)
    found = stacks(transfer.deck(circuit, Conditions(), TernaryMac(), sky130).body)
    assert len(found) == 16
    for r in range(2):
        for stack, line, bit, wire in (
            ("pp", "a", "qp", "wlp"),
            ("mn", "a", "qm", "wln"),
            ("pn", "b", "qp", "wln"),
            ("mp", "b", "qm", "wlp"),
        ):
            gates = [f"{bit}{r}", f"{wire}{r}"] if order == "bit-at-line" else [f"{wire}{r}", f"{bit}{r}"]
            assert found[f"t{stack}{r}"] == [f"{line}{r}", gates[0], f"x{stack}{r}"]
            assert found[f"b{stack}{r}"] == [f"x{stack}{r}", gates[1], "0"]


@pytest.mark.pdk
def test_a_chip_is_the_same_for_all_operands_and_any_number_of_latches(sky130: Pdk) -> None:
    """Drivers that are not written take their deviates; latches take theirs last."""
    at, circuit = Conditions(sample=7), TernaryColumn(rows=3)
    decks = [
        transfer.deck(circuit.replace(latched=n), at, TernaryMac(mac=m, zeros=zeros), sky130)
        for n, m, zeros in ((1, 3, "mixed"), (1, 0, "input"), (3, -2, "weight"))
    ]
    first, second, third = (dict(deck.deviates) for deck in decks)
    assert first == second
    common = {name: z for name, z in first.items() if not name.startswith("pg") and not name.startswith(("pu", "pd"))}
    assert common.items() <= third.items()
    assert len(third) > len(first)


@pytest.mark.pdk
def test_input_lines_that_rest_have_their_pull_down_alone(sky130: Pdk) -> None:
    body = transfer.deck(TernaryColumn(rows=2), Conditions(), TernaryMac(mac=2), sky130).body
    assert re.search(r"^Mupp1 |^Muppn1 |^Mupn1 ", body, re.MULTILINE)  # row 1 is (-1) x (-1): IN is pulsed
    assert not re.search(r"^Mupp1 ", body, re.MULTILINE)
    assert re.search(r"^Mdnp1 wlp1 inp1 0 0 ", body, re.MULTILINE)
    pulses = re.findall(r"^vin(\w+) \S+ 0 pulse", body, re.MULTILINE)
    assert sorted(pulses) == ["n1", "p0"]


@pytest.mark.pdk
def test_a_product_deck_has_the_operands_in_every_row(sky130: Pdk) -> None:
    deck = product.deck(TernaryColumn(rows=3), Conditions(vdd=1.62), Product(weight=-1, x=1), sky130)
    assert re.findall(r"^vin(\w+) \S+ 0 pulse", deck.body, re.MULTILINE) == ["p0", "p1", "p2"]
    assert ".ic v(qp0)=0.0 v(qbp0)=1.62\n.ic v(qm0)=1.62 v(qbm0)=0.0\n" in deck.body
    assert re.findall(r"^rbit(\w+) ", deck.body, re.MULTILINE) == ["m1", "m2"]
    assert deck.marks["pulse"] < deck.marks["sample"] < deck.phases[-1].start < deck.analysis.stop


@pytest.mark.pdk
def test_equal_mixes_are_equal_decks(sky130: Pdk) -> None:
    """What is more pairs than fit is the same point again: the store finds it."""
    circuit = TernaryColumn(rows=4)
    one, other = (transfer.deck(circuit, Conditions(), TernaryMac(mac=1, extra=e), sky130).text for e in (1, 9))
    assert one == other


@pytest.mark.pdk
def test_the_noise_deck_looks_at_one_line_with_one_stack_on(sky130: Pdk) -> None:
    at = Conditions(temperature=-40.0)
    deck = ternary_noise.deck(TernaryColumn(rows=2), at, NoInputs(), sky130)
    assert "\n.noise v(cbl) vpre dec 20 1.0 " in deck.text
    assert {"vinp0 inp0 0 0.0", "vinn0 inn0 0 1.8", "vinp1 inp1 0 1.8", "vpreg pre 0 1.8"} <= set(
        deck.body.splitlines()
    )
    assert at.kelvin == pytest.approx(233.15)
