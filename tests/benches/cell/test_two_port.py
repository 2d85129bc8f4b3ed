"""The bench of two ports in one cycle on made-up waveforms, and what its deck promises."""

from __future__ import annotations

import numpy as np
import pytest
from setups import pulsed, setup_of

from bitline.benches.base import Conditions
from bitline.benches.cell import two_port
from bitline.benches.cell.two_port import TwoPort, canonical, deck, measure, schedule
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.pdk.descriptor import Pdk

TIME = np.linspace(0.0, 4e-9, 401)
CELL = SplitPort6T()
WORDS = {"digital": ["wll_a"], "analog": ["wlr_b"], "both": ["wll_a", "wlr_b"]}


def waves(gates: list[str]) -> Waveforms:
    still, fall = np.zeros_like(TIME), np.interp(TIME, [1e-9, 3e-9], [1.8, 0.0])
    signals = {"v(q_a)": fall, "v(qb_a)": 1.8 - fall, "v(q_b)": still + 1.8, "v(qb_b)": still + 0.1 * (TIME > 2e-9)}
    signals |= {"v(bl)": np.interp(TIME, [1e-9, 3e-9], [1.8, 1.5]), "v(blb)": np.interp(TIME, [1e-9, 3e-9], [1.8, 1.0])}
    signals |= {f"i({source})": np.full_like(TIME, -1e-6) for source in ("vdd", "vpre", "vctl", "vwd")}
    sources = {"vpreg": "pre"} | {f"vin{gate}": f"in{gate}" for gate in gates}
    return Waveforms(TIME, signals | pulsed(TIME, sources, 1e-7), marks={"pulse": 1e-9, "sample": 3e-9})


@pytest.mark.parametrize("ports", list(WORDS))
def test_a_cycle_is_measured(ports: str) -> None:
    values = measure(waves(WORDS[ports]), setup_of(CELL, TwoPort(ports=ports)))
    assert list(values) == [output.name for output in two_port.OUTPUTS]
    supply, gate = 1.8 * 1e-6 * 4e-9, 1.8 * 1e-7 * 2e-9
    words = supply + len(WORDS[ports]) * gate
    energies = [supply, supply, words, supply + gate, 3 * supply + words + gate]
    assert list(values.values()) == pytest.approx([0.3, 0.8, 1.8, 0.1, 1.0, *energies], rel=1e-6)


def test_a_digital_access_is_the_same_whatever_row_the_other_port_would_take() -> None:
    assert canonical(CELL, TwoPort(ports="digital", rows="same")) == TwoPort(ports="digital", rows="different")
    assert canonical(CELL, TwoPort(rows="same")).rows == "same"


def test_the_precharge_is_off_while_a_word_line_is_on() -> None:
    for c_word in (0.0, 1e-12):
        t = schedule(TwoPort(c_word=c_word))
        assert t["released"] < t["pulse"] < t["sample"] < t["restore"] < t["restored"] < t.end


def test_inputs_out_of_range_are_refused() -> None:
    with pytest.raises(InputError, match="rows = 'other': must be 'same' or 'different'"):
        TwoPort(rows="other")


@pytest.mark.pdk
@pytest.mark.parametrize(
    ("ports", "rows", "on"),
    [
        ("digital", "different", {"wll_a"}),
        ("analog", "different", {"wlr_b"}),
        ("analog", "same", {"wlr_a"}),
        ("both", "different", {"wll_a", "wlr_b"}),
        ("both", "same", {"wll_a", "wlr_a"}),
    ],
)
def test_the_deck_pulses_the_word_lines_of_its_rows(ports: str, rows: str, on: set[str], sky130: Pdk) -> None:
    body = deck(CELL, Conditions(), TwoPort(ports=ports, rows=rows, stored_a=1, stored_b=0), sky130).body
    for wl in ("wll_a", "wlr_a", "wll_b", "wlr_b"):
        assert (f"\nvin{wl} in{wl} 0 pulse(1.8 0 " in body) == (wl in on)
        assert (f"\nv{wl} {wl} 0 0\n" in body) == (wl not in on)
    assert ".ic v(q_a)=1.8 v(qb_a)=0.0\n.ic v(q_b)=0.0 v(qb_b)=1.8\n" in body
