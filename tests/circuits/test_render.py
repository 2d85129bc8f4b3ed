"""Rendering: numbers exact, nothing undefined, and no text of the user's in a deck."""

from __future__ import annotations

import math
from itertools import repeat

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError

from bitline.benches.base import Conditions
from bitline.benches.registry import benches_of
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.analysis import Noise, Transient
from bitline.circuits.base import Circuit
from bitline.circuits.deck import Deck
from bitline.circuits.netlist import Netlist
from bitline.circuits.registry import circuits
from bitline.circuits.render import render_circuit
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.errors import InputError, PdkDamagedError
from bitline.numbers import number
from bitline.parameters import describe
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk
from bitline.pdk.slim import as_numparam, slim_pdk
from bitline.templates import environment

SMUGGLED = ["1\n.control\nshell true\n.endc", "0 ; shell true", "{shell true}", "$(id)", ".control", "{{ 7 * 7 }}"]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_written_so_that_it_reads_back_exactly(value: float) -> None:
    text = number(value)
    assert float(text) == value
    assert set(text) <= set("0123456789+-.e")  # never a suffix


@given(st.integers())
def test_an_integer_stays_one(value: int) -> None:
    assert number(value) == str(value)
    assert number(np.float64(0.1)) == "0.1"


@pytest.mark.parametrize("value", [True, False, math.nan, math.inf, -math.inf, "1", "1u", None, [1.0], 1j, b"1"])
def test_the_number_filter_refuses_what_is_no_finite_number(value: object) -> None:
    with pytest.raises(InputError, match="cannot go into a deck"):
        number(value)
    if not isinstance(value, str):
        with pytest.raises(InputError, match="cannot go into a deck"):
            environment().from_string("r1 a 0 {{ value }}").render(value=value)


@given(st.floats(-1e30, 1e30))
def test_folded_numbers_are_written_as_numparam_does(value: float) -> None:
    assert as_numparam(value) == f"{value:.15e}"
    assert float(as_numparam(value)) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_folded_number_is_finite(value: float) -> None:
    with pytest.raises(PdkDamagedError, match="must be finite"):
        as_numparam(value)


def test_an_undefined_name_is_an_error_not_an_empty_place() -> None:
    for text in ("{{ missing }}", "{{ deck.missing }}", "{% if missing %}{% endif %}"):
        with pytest.raises(UndefinedError, match="missing"):
            environment().from_string(text).render(deck=Deck("t", "", (), Transient(1.0)))


def test_templates_are_sandboxed() -> None:
    for text in ("{{ ''.__class__.__mro__ }}", "{{ f.__globals__ }}"):
        with pytest.raises((SecurityError, UndefinedError)):
            environment().from_string(text).render(f=test_templates_are_sandboxed)


@pytest.mark.parametrize("text", SMUGGLED)
@pytest.mark.parametrize("cls", circuits().values(), ids=lambda cls: cls.name)
def test_no_parameter_of_a_circuit_takes_text(cls: type[Circuit], text: str) -> None:
    for info in describe(cls):
        with pytest.raises(InputError):
            cls(**{info.name: text})


@pytest.mark.parametrize("text", SMUGGLED)
def test_no_condition_or_bench_input_takes_text(text: str) -> None:
    for info in describe(Conditions):
        with pytest.raises(InputError):
            Conditions(**{info.name: text})
    for cls in circuits().values():
        for bench in benches_of(cls).values():
            for info in describe(bench.inputs):
                with pytest.raises(InputError):
                    bench.inputs(**{info.name: text})


@pytest.mark.parametrize("text", SMUGGLED)
def test_an_option_takes_names_and_numbers_only(text: str) -> None:
    with pytest.raises(InputError):
        _ = Deck("t", "", ("v(a)",), Transient(1.0), options={"reltol": text}).text
    with pytest.raises(InputError, match="is not a name"):
        _ = Deck("t", "", ("v(a)",), Transient(1.0), options={text: 1.0}).text


def test_a_deck_holds_title_options_temperature_body_analysis_and_saves_in_order() -> None:
    deck = Deck("rc", "r1 a 0 1\n", ("v(a)", "i(v1)"), Transient(1e-9, 1e-11), temperature=-40.0)
    lines = deck.with_options({"reltol": 1e-4, "method": "gear", "itl4": 100}).text.split("\n")
    assert lines[0] == "* rc"
    assert [line for line in lines[1:] if line.strip()] == [
        ".option reltol=0.0001",
        ".option method=gear",
        ".option itl4=100",
        ".temp -40.0",
        "r1 a 0 1",
        ".tran 1e-11 1e-09 0 1e-11",
        ".save v(a) i(v1)",
        ".end",
    ]


def test_a_noise_deck_names_its_output_and_source() -> None:
    deck = Deck("n", "", ("onoise_total",), Noise("v(a)", "v1", stop=1e9, start=10.0, points_per_decade=5))
    assert ".noise v(a) v1 dec 5 10.0 1000000000.0 1\n" in deck.text


def test_changing_options_or_step_leaves_the_first_deck_alone() -> None:
    deck = Deck("t", "", ("v(a)",), Transient(1e-9), options={"reltol": 1e-3})
    assert ".option reltol=0.001\n" in deck.text
    assert ".option reltol=1e-05\n" in deck.with_options({"reltol": 1e-5}).text
    assert ".tran 1e-12 1e-09 0 1e-12\n" in deck.with_step(1e-12).text
    assert ".option reltol=0.001\n" in deck.text


TWO_PAIRS = """
{% from "mosfet.cir.j2" import mos with context %}
{{ mos("a", "pass_n", "d", "g", "0", "0", 0.14e-6, 0.15e-6) -}}
{{ mos("b", "pass_n", "d", "g", "0", "0", 0.14e-6, 0.15e-6) -}}
{{ mos("c", "nmos", "d", "g", "0", "0", 0.42e-6, 0.15e-6) -}}
{{ mos("e", "nmos", "d", "g", "0", "0", 0.4204e-6, 0.15e-6) -}}
c1 d 0 {{ spread("c1", 1e-15, 1e-16) }}
c2 d 0 {{ spread("c2", 1e-15, 0.0) }}
"""


def netlist(pdk: Pdk, deviates: list[float] | None) -> Netlist:
    return Netlist(slim_pdk(pdk, Corner.tt), None if deviates is None else iter(deviates))


def rendered(devices: Netlist) -> str:
    return render_circuit(environment().from_string(TWO_PAIRS), devices)


@pytest.mark.pdk
def test_transistors_of_one_size_share_a_card_and_near_sizes_do_not(sky130: Pdk) -> None:
    devices = netlist(sky130, None)
    body = rendered(devices)
    assert len(devices.cards) == body.count("\n.model ") == 3
    assert "c1 d 0 1e-15\n" in body
    assert devices.deviates_taken == {}


@pytest.mark.pdk
def test_deviates_are_taken_in_the_order_of_the_devices_and_named(sky130: Pdk) -> None:
    z = [0.1, -0.2, 0.3, -0.4, 0.5, -0.6, 0.7]
    devices = netlist(sky130, z)
    body = rendered(devices)
    names = ["a.tox", "a.vth0", "b.tox", "b.vth0", "c.delvto", "e.delvto", "c1.c"]
    assert devices.deviates_taken == dict(zip(names, z, strict=True))
    assert len(devices.cards) == 4  # the SRAM devices' draws move the card, the logic devices' the instance
    assert f"c1 d 0 {1e-15 + 0.7 * 1e-16!r}\n" in body
    assert "c2 d 0 1e-15\n" in body  # a capacitor without spread takes no deviate


@pytest.mark.pdk
def test_zero_deviates_render_the_nominal_text(sky130: Pdk) -> None:
    zeros = Netlist(slim_pdk(sky130, Corner.tt), repeat(0.0))
    assert rendered(zeros) == rendered(netlist(sky130, None))


@pytest.mark.pdk
def test_too_few_deviates_are_an_error(sky130: Pdk) -> None:
    with pytest.raises(InputError, match="too few mismatch deviates"):
        rendered(netlist(sky130, [0.1, 0.2, 0.3]))


@pytest.mark.pdk
@pytest.mark.parametrize(
    ("circuit", "settings"),
    [
        (SplitPort6T(w_pull_down=0.5e-6), "set pull_down_device = nmos or nmos_lvt"),
        (AcimColumnQS(rows=16, active=8, cell=SplitPort6T(w_pass=0.5e-6)), "set cell.access_device = nmos or nmos_lvt"),
    ],
)
def test_a_size_without_a_model_names_the_parameter_that_takes_another_device(
    circuit: Circuit, settings: str, sky130: Pdk
) -> None:
    bench = next(iter(benches_of(type(circuit)).values()))
    with pytest.raises(InputError, match=f"has no model .*; roles with one: .*; {settings}$"):
        bench.deck(circuit, Conditions(vdd=1.8), bench.inputs(), sky130)


@pytest.mark.pdk
def test_a_size_that_no_device_has_names_no_parameter(sky130: Pdk) -> None:
    circuit = SplitPort6T(w_pull_down=0.3e-6)
    bench = next(iter(benches_of(SplitPort6T).values()))
    with pytest.raises(InputError, match=r"has no model \([^)]*\)$"):
        bench.deck(circuit, Conditions(vdd=1.8), bench.inputs(), sky130)
