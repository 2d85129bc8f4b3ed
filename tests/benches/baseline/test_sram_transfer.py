"""The binary SRAM column's transfer bench: measures of made-up waveforms, decks."""

from __future__ import annotations

import re

import numpy as np
import pytest
from setups import pulsed, setup_of

from bitline.benches.base import Conditions
from bitline.benches.baseline import sram_transfer
from bitline.benches.baseline.operands import BinaryMac
from bitline.circuits.binary_sram_column import BinarySramColumn
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.pdk.descriptor import Pdk

STOP = 4e-9
TIME = np.linspace(0.0, STOP, 401)


def test_what_the_column_cannot_do_is_refused() -> None:
    with pytest.raises(InputError, match="code = 5: must be <= active = 4"):
        sram_transfer.deck(BinarySramColumn(active=4), Conditions(), BinaryMac(code=5), None)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="t_pulse = 2e-11: must be > t_edge = 2e-11"):
        sram_transfer.deck(BinarySramColumn(t_pulse=2e-11), Conditions(), BinaryMac(), None)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="latched = 2: must be <= active = 1"):
        BinarySramColumn(active=1, latched=2)


def test_a_cycle_is_measured() -> None:
    amperes = {"vdd": 1e-9, "vone": 2e-9, "vpre": 3e-6, "vwl": 4e-6, "vwd": 5e-6, "vctl": 6e-6}
    signals = {f"i({name})": np.full_like(TIME, -value) for name, value in amperes.items()}
    signals |= pulsed(TIME, {f"vin{r}": f"in{r}" for r in range(8)}, 1e-7) | pulsed(TIME, {"vpreg": "pre"}, 2e-7)
    signals["v(line)"] = np.interp(TIME, [1e-9, 1.5e-9], [1.8, 1.6])
    signals |= {"v(q0)": np.full_like(TIME, 1.8), "v(qb0)": np.zeros_like(TIME)}
    setup = setup_of(BinarySramColumn(v_wl=1.5, active=8, latched=1, columns=10), BinaryMac())
    found = sram_transfer.measure(Waveforms(TIME, signals, marks={"pulse": 1e-9, "sample": 2e-9}), setup)
    assert found == pytest.approx(
        {
            "v_line": 1.6,
            "swing": 0.2,
            "energy_array": 1.8 * (8e-9 + 2e-9) * STOP,
            "energy_precharge": 1.8 * 3e-6 * STOP,
            "energy_wordline": (1.5 * 4e-6 + 1.8 * (5e-6 + 8 * 1e-7 / 2)) * STOP / 10,
            "energy_control": 1.8 * (6e-6 + 2e-7 / 2) * STOP,
            "disturb": 0.0,
            "flips": 0.0,
            "latency": 0.5e-9,
        }
    )
    assert list(found) == [output.name for output in sram_transfer.OUTPUTS]


@pytest.mark.pdk
def test_a_deck_stores_bits_and_pulses_inputs(sky130: Pdk) -> None:
    deck = sram_transfer.deck(BinarySramColumn(active=4), Conditions(), BinaryMac(code=2, zeros="mixed"), sky130)
    assert re.findall(r"^vin(\d) \S+ 0 pulse", deck.body, re.MULTILINE) == ["0", "1", "2"]  # row 3: weight alone
    assert re.findall(r"^rbit(\d) ", deck.body, re.MULTILINE) == ["1", "3"]  # row 0 has a real latch
    gates = dict(re.findall(r"^Mb(\d) x\d (\S+) 0 0 ", deck.body, re.MULTILINE))
    assert gates == {"0": "q0", "1": "q1", "2": "0", "3": "q3"}
    assert deck.phases[-1].stop == deck.analysis.stop


@pytest.mark.pdk
def test_a_chip_is_the_same_for_all_codes(sky130: Pdk) -> None:
    decks = [
        sram_transfer.deck(BinarySramColumn(active=3), Conditions(sample=2), BinaryMac(code=code), sky130)
        for code in (0, 3)
    ]
    assert decks[0].deviates == decks[1].deviates
