"""The ReRAM column's transfer bench: measures of made-up waveforms, decks of both access devices."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from setups import pulsed, setup_of

from bitline.benches.base import Conditions
from bitline.benches.baseline import reram_transfer
from bitline.benches.baseline.operands import BinaryMac
from bitline.circuits.reram_column import ReramColumn
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.pdk.descriptor import Pdk

STOP = 3e-9
TIME = np.linspace(0.0, STOP, 301)
SELECTOR = ReramColumn(active=3, access="selector", v_read=0.75)


def test_what_the_column_cannot_do_is_refused() -> None:
    with pytest.raises(InputError, match="code = 5: must be <= active = 4"):
        reram_transfer.deck(ReramColumn(active=4), Conditions(), BinaryMac(code=5), None)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="t_pulse = 1e-11: must be > t_edge = 2e-11"):
        reram_transfer.deck(ReramColumn(t_pulse=1e-11), Conditions(), BinaryMac(), None)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"v_read = 0\.2: must be > v_th = 0\.45"):
        ReramColumn(access="selector")


def test_a_cycle_is_measured() -> None:
    """2 uA from 1 to 2 ns on 10 fF; 0.05 V were there before."""
    flows = (TIME >= 1e-9) & (TIME < 2e-9)
    signals = {
        "v(int)": np.interp(TIME, [0, 1e-9, 2e-9], [0.0, 0.05, 0.25]),
        "v(line)": np.full_like(TIME, 0.2),
        "i(vread)": np.where(flows, -2e-6, 0.0),
        "i(vwl)": np.full_like(TIME, -3e-6),
        "i(vwd)": np.full_like(TIME, -4e-6),
        **pulsed(TIME, {f"vin{r}": f"in{r}" for r in range(16)}, 1e-7),
    }
    setup = setup_of(ReramColumn(v_read=0.2, v_wl=1.5, c_int=10e-15, columns=10), BinaryMac())
    marks = {"pulse": 1e-9, "middle": 1.5e-9, "sample": 2.5e-9}
    found = reram_transfer.measure(Waveforms(TIME, signals, marks=marks), setup)
    assert found == pytest.approx(
        {
            "v_line": 0.2,
            "swing": -0.2,
            "energy_read": 0.2 * 2e-6 * 1e-9,
            "energy_wordline": (1.5 * 3e-6 + 1.8 * (4e-6 + 16 * 1e-7 / 2)) * STOP / 10,
            "energy_integrator": 1.8 * 10e-15 * 0.2,
            "i_peak": 2e-6,
        },
        rel=1e-6,
    )
    assert list(found) == [output.name for output in reram_transfer.OUTPUTS]


@pytest.mark.pdk
def test_a_deck_of_transistors(sky130: Pdk) -> None:
    deck = reram_transfer.deck(ReramColumn(active=3), Conditions(), BinaryMac(code=1, zeros="weight"), sky130)
    assert re.findall(r"^rre(\d) b\d m\d (\S+)$", deck.body, re.MULTILINE) == [
        ("0", "80000.0"),
        ("1", "1000000.0"),
        ("2", "1000000.0"),
    ]
    assert re.findall(r"^Ma(\d) m\d wl\d 0 0 ", deck.body, re.MULTILINE) == ["0", "1", "2"]
    assert re.findall(r"^vin\d \S+ 0 pulse\((\S+) (\S+) ", deck.body, re.MULTILINE) == [("1.8", "0.0")] * 3
    assert deck.marks["pulse"] < deck.marks["middle"] < deck.marks["sample"] < deck.analysis.stop


@pytest.mark.pdk
def test_a_deck_of_selectors(sky130: Pdk) -> None:
    """Row lines rest at the read level and fall: selected selectors are on, the others off."""
    deck = reram_transfer.deck(SELECTOR, Conditions(), BinaryMac(code=1, zeros="input"), sky130)
    on, off = 1 / SELECTOR.selector.g_on, 1 / SELECTOR.selector.g_off
    selectors = re.findall(r"^rsel\d m\d wl\d (\S+)$", deck.body, re.MULTILINE)
    assert [float(r) for r in selectors] == pytest.approx([on, off, off])
    assert re.findall(r"^vin0 \S+ 0 pulse\((\S+) (\S+) ", deck.body, re.MULTILINE) == [("0.0", "1.8")]
    assert "vwl vwl 0 0.75" in deck.body.splitlines()


@pytest.mark.pdk
def test_memory_spreads_by_its_own_deviates(sky130: Pdk) -> None:
    circuit = ReramColumn(active=2)
    deck = reram_transfer.deck(circuit, Conditions(sample=3), BinaryMac(code=1), sky130)
    resistances = re.findall(r"^rre\d b\d m\d (\S+)$", deck.body, re.MULTILINE)
    for text, median, k in zip(resistances, (80e3, 1e6), range(2), strict=True):
        assert float(text) == pytest.approx(median * math.exp(0.1 * deck.deviates[f"r{k}.lnr"]))
