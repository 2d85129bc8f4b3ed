"""The offset bench: its search, and what its deck promises."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from nearness import near
from setups import at_kelvin, setup_of

from bitline.benches.base import Conditions
from bitline.benches.comparator import decide as comparator
from bitline.benches.comparator import offset as comparator_offset
from bitline.circuits.strongarm import StrongArm
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.pdk.descriptor import Pdk

VDD, TAU, GAIN, EVALUATE = 1.8, 20e-12, 0.05, 1e-9


def setup() -> Any:
    return setup_of(StrongArm(gamma=1.0), comparator.Decide(v_diff=10e-3, t_evaluate=EVALUATE), at_kelvin(300.0))


def test_a_search_is_read_from_its_register() -> None:
    """Signs +, -, - of steps 32, 16, 8 mV: -32 + 16 + 8 = -8 mV, from where it started."""
    t = np.linspace(0, 1e-9, 11)
    register = {f"v(r{k})": np.full_like(t, sign) for k, sign in enumerate((1.0, -1.0, -1.0))}
    setup = setup_of(StrongArm(), comparator_offset.Search(v_range=64e-3, decisions=3))
    values = comparator_offset.measure(Waveforms(axis=t, signals=register), setup)
    assert list(values) == [output.name for output in comparator_offset.OUTPUTS]
    assert values["offset"] == near(-8e-3 + 8e-3 / 3)
    assert (values["resolution"], values["outside"], values["unresolved"]) == (8e-3, 0.0, 0.0)
    register["v(r2)"][:], register["v(r0)"][:] = -0.5, -1.0
    values = comparator_offset.measure(Waveforms(axis=t, signals=register), setup)
    assert (values["outside"], values["unresolved"]) == (1.0, 1.0)


@pytest.mark.pdk
def test_a_search_halves_its_steps(sky130: Pdk) -> None:
    made = comparator_offset.deck(StrongArm(), Conditions(), comparator_offset.Search(decisions=3), sky130)
    (line,) = re.findall(r"^bx x 0 v=(.*)$", made.body, re.MULTILINE)
    sizes = [2 * float(x) for x in re.findall(r"-([\d.e-]+)\*v\(r\d\)", line)]
    assert sizes == near([32e-3, 16e-3, 8e-3])
    with pytest.raises(InputError, match=r"v_common = 0\.05"):
        comparator_offset.deck(StrongArm(), Conditions(), comparator_offset.Search(v_common=0.05), sky130)
