"""The ternary transfer bench: measures of made-up waveforms, what the decks promise."""

from __future__ import annotations

import re

import numpy as np
import pytest
from setups import pulsed, setup_of

from bitline.benches.base import Conditions
from bitline.benches.ternary import transfer
from bitline.benches.ternary.operands import TernaryMac
from bitline.circuits.ternary_column import TernaryColumn
from bitline.engine.waveforms import Array, Waveforms
from bitline.errors import BadMeasureError, InputError
from bitline.pdk.descriptor import Pdk

STOP, PULSE, SAMPLE = 4e-9, 1e-9, 2e-9
TIME = np.linspace(0.0, STOP, 401)
SETUP = setup_of(TernaryColumn(v_wl=1.5, rows=16, latched=1, columns=10), TernaryMac())


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
        **pulsed(TIME, {f"vin{side}{r}": f"in{side}{r}" for r in range(16) for side in "pn"}, 1e-7),
        **pulsed(TIME, {"vpreg": "pre"}, 2e-7),
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
            "energy_wordline": (1.5 * 4e-6 + 1.8 * (5e-6 + 32 * 1e-7 / 2)) * STOP / 10,  # one column of ten
            "energy_control": 1.8 * (6e-6 + 2e-7 / 2) * STOP,
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
def test_equal_mixes_are_equal_decks(sky130: Pdk) -> None:
    """What is more pairs than fit is the same point again: the store finds it."""
    circuit = TernaryColumn(rows=4)
    one, other = (transfer.deck(circuit, Conditions(), TernaryMac(mac=1, extra=e), sky130).text for e in (1, 9))
    assert one == other
