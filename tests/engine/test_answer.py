from __future__ import annotations

import pytest

from bitline.engine.answer import vector_name


@pytest.mark.parametrize(
    ("ngspice", "name"),
    [
        ("time", "time"),
        ("frequency", "frequency"),
        ("bl", "v(bl)"),
        ("BL", "v(bl)"),
        ("v(bl)", "v(bl)"),
        ("vdd#branch", "i(vdd)"),
        ("i(vdd)", "i(vdd)"),
        ("onoise_total", "onoise_total"),
        ("v(onoise_spectrum)", "onoise_spectrum"),
        ("inoise_total", "inoise_total"),
        ("v(v-sweep)", "v-sweep"),
        ("i(i-sweep)", "i-sweep"),
        ("i-sweep", "i-sweep"),
        ("@M1[gm]", "v(@m1[gm])"),
        ("i(@m1[id])", "v(@m1[id])"),
        ("v(@m.x1.m1[vth])", "v(@m.x1.m1[vth])"),
        ("onoise_total.mprel", "onoise_total.mprel"),
    ],
)
def test_both_engines_names_become_one(ngspice: str, name: str) -> None:
    assert vector_name(ngspice) == name
