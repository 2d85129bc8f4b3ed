"""The transfer bench of the QR column: measures of made-up waveforms, and what the deck promises."""

from __future__ import annotations

import re

import numpy as np
import pytest
from setups import pulsed, setup_of

from bitline.benches.acim import qr_transfer
from bitline.benches.acim.operands import QrCode
from bitline.benches.base import Conditions
from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.circuits.deck import Deck
from bitline.engine.waveforms import Array, Waveforms
from bitline.pdk.descriptor import Pdk

STOP, RELEASE, PULSE, SAMPLE = 4e-9, 0.5e-9, 1e-9, 2e-9
TIME = np.linspace(0.0, STOP, 401)


def pulse(amperes: float, start: float, stop: float) -> Array:
    """Return a supply current of that charge per second; a supply that delivers has a negative one."""
    return np.where((start - 1e-15 <= TIME) & (stop + 1e-15 >= TIME), -amperes, 0.0)


def test_a_qr_cycle() -> None:
    waves = Waveforms(
        axis=TIME,
        signals={
            "v(line)": np.interp(TIME, [0, RELEASE, PULSE, SAMPLE, STOP], [0.21, 0.21, 0.2, 0.65, 0.2]),
            "i(vin)": pulse(1e-6, 0.0, STOP),
            "i(vcm)": -pulse(2e-6, 0.0, STOP),  # takes
            "i(vctl)": pulse(3e-6, 0.0, STOP),
            **pulsed(TIME, {f"vd{k}": f"in{k}" for k in range(16)}, 1e-7),
            **pulsed(TIME, {"vrst": "rst"}, 2e-7),
        },
        marks={"release": RELEASE, "pulse": PULSE, "sample": SAMPLE},
    )
    assert qr_transfer.measure(waves, setup_of(AcimColumnQR(inputs=16, v_in=1.2, v_cm=0.2), QrCode())) == pytest.approx(
        {
            "v_line": 0.65,
            "swing": -0.45,
            "injection": -0.01,
            "energy_drive": (1.2 * 1e-6 + 16 * 1.8 * 1e-7 / 2) * STOP,
            "energy_reset": -0.2 * 2e-6 * STOP,
            "energy_control": 1.8 * (3e-6 + 2e-7 / 2) * STOP,
        }
    )


def check_times(deck: Deck) -> None:
    starts = [phase.start for phase in deck.phases]
    assert starts == sorted(starts)
    assert all(0 <= phase.start < phase.stop <= deck.analysis.stop for phase in deck.phases)
    assert deck.phases[-1].stop == deck.analysis.stop
    assert deck.marks["pulse"] < deck.marks["sample"] <= deck.phases[-1].start


def sources(deck: Deck, pattern: str) -> list[list[str]]:
    lines = re.findall(rf"^{pattern} .*$", deck.body, re.MULTILINE)
    return [line.replace("(", " ").replace(")", " ").split() for line in lines]


@pytest.mark.pdk
def test_a_qr_deck_drives_as_many_plates_as_the_code_says(sky130: Pdk) -> None:
    deck = qr_transfer.deck(AcimColumnQR(inputs=5), Conditions(), QrCode(code=2), sky130)
    check_times(deck)
    assert [line[3] for line in sources(deck, r"vd\d in\d")] == ["pulse", "pulse", "1.8", "1.8", "1.8"]
    line = sources(deck, r"vd0 in0")[0]
    start, _, _, high = map(float, line[6:10])
    assert start < deck.marks["sample"] < start + high < deck.phases[-1].start  # sampled while driven
