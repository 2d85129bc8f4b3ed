"""Static margins of the cell: squares against the noise that flips the closed loop, write margins against writes.

`--cells 100` compares the squares in that many mismatch samples instead of the two of every run.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Conditions, Setup
from bitline.benches.cell import n_curve, snm, write_margin
from bitline.benches.cell.n_curve import Forced, zeros
from bitline.benches.cell.snm import Access
from bitline.benches.cell.write_margin import Write
from bitline.benches.netlist import netlist
from bitline.circuits.analysis import Dc, Transient
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.batch import BatchSimulator
from bitline.engine.ladder import climb
from bitline.engine.waveforms import Waveforms
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk
from bitline.templates import environment

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

CELL = SplitPort6T()
ACCESS = ("none", "digital", "analog", "both")
# The closed loop with equal noise in series with both inputs, against the stored 1 or 0.
NOISY = """
{% set gates = ("gl", "gr") %}
{% include "cells/split_port_6t.cir.j2" %}
vdd vdd 0 {{ vdd }}
vn n 0 0
el gl qb n 0 {{ 1 if stored else -1 }}
er gr q n 0 {{ -1 if stored else 1 }}
vbl bl 0 {{ vdd }}
vblb blb 0 {{ vdd }}
vwll wll 0 {{ vdd if access in ("digital", "both") else 0.0 }}
vwlr wlr 0 {{ vdd if access in ("analog", "both") else 0.0 }}
.nodeset v(q)={{ vdd if stored else 0.0 }} v(qb)={{ 0.0 if stored else vdd }}
"""


def run(deck: Deck) -> Waveforms:
    return climb(BatchSimulator(timeout=60), with_accuracy(deck, "default")).waveforms


def margins(pdk: Pdk, access: str, at: Conditions) -> dict[str, float]:
    inputs = Access(access=access)
    return snm.measure(run(snm.deck(CELL, at, inputs, pdk)), Setup(CELL, at, inputs, pdk))


def noise_that_flips(pdk: Pdk, access: str, at: Conditions, stored: int) -> float:
    devices = netlist(at, pdk)
    template = environment().from_string(NOISY)
    body = render_circuit(template, devices, circuit=CELL, access=access, stored=stored, vdd=at.vdd)
    waves = run(
        Deck("noisy cell", body, ("v(q)", "v(qb)"), Dc("vn", 0.0, at.vdd / 2, 1e-3), temperature=at.temperature)
    )
    lost = (waves["v(q)"] > waves["v(qb)"]) != bool(stored)
    assert not lost[0]
    return float(waves.axis[np.argmax(lost)])


@pytest.mark.parametrize("access", ACCESS)
def test_the_square_is_the_noise_that_flips_the_closed_loop(
    access: str, sky130: Pdk, pytestconfig: pytest.Config
) -> None:
    """Sample 0 is the cell without mismatch."""
    differences = []
    for sample in range(1 + pytestconfig.getoption("--cells")):
        at = Conditions(sample=sample)
        squares = margins(sky130, access, at)
        for stored in (0, 1):
            flips = noise_that_flips(sky130, access, at, stored)
            differences.append(abs(squares[f"snm_{stored}"] - flips))
    assert max(differences) < 2e-3, f"sample {np.argmax(differences) // 2}"


def test_finer_steps_move_no_margin_by_more_than_10_microvolts(sky130: Pdk, monkeypatch: pytest.MonkeyPatch) -> None:
    coarse = margins(sky130, "digital", Conditions())
    monkeypatch.setattr(snm, "_STEP", snm._STEP / 4)
    assert margins(sky130, "digital", Conditions()) == pytest.approx(coarse, abs=10e-6)


@pytest.mark.parametrize("corner", list(Corner))
def test_a_port_that_is_on_costs_margin(corner: Corner, sky130: Pdk) -> None:
    hold, digital, analog, both = (margins(sky130, access, Conditions(corner=corner)) for access in ACCESS)
    assert hold["snm"] > digital["snm"] == pytest.approx(analog["snm"])
    # A port costs the bit whose low node it pulls up, and helps the other: of two ports each costs its own bit.
    assert digital["snm"] == digital["snm_0"] and analog["snm"] == analog["snm_1"]
    assert digital["snm_1"] > 0.99 * hold["snm"]
    assert both["snm"] == pytest.approx(digital["snm"], rel=1e-3)
    supplies = [margins(sky130, "none", Conditions(corner=corner, vdd=vdd))["snm"] for vdd in (1.98, 1.8, 1.62)]
    assert all(more > less for more, less in pairwise(supplies))


def test_of_a_sample_two_ports_leave_the_worse_of_the_margins_of_each(sky130: Pdk) -> None:
    at = Conditions(sample=3)
    digital, analog, both = (margins(sky130, access, at)["snm"] for access in ACCESS[1:])
    assert both == pytest.approx(min(digital, analog), rel=1e-3)
    assert abs(digital - analog) > 1e-3


@pytest.mark.parametrize("access", ACCESS)
@pytest.mark.parametrize("sample", [0, 1])
def test_the_n_curve_is_zero_where_the_butterfly_crosses(access: str, sample: int, sky130: Pdk) -> None:
    at = Conditions(sample=sample)
    curve = run(n_curve.deck(CELL, at, Forced(access=access), sky130))
    butterfly = run(snm.deck(CELL, at, Access(access=access), sky130))
    found = zeros(curve.axis, -curve["i(vforce)"])
    # Held at v, the node sees what its own inverter makes of what the other makes of v.
    other = np.interp(found, butterfly.axis, butterfly["v(qb)"])
    assert np.interp(other, butterfly.axis, butterfly["v(q)"])[[0, 2]] == pytest.approx(found[0::2], abs=1e-3)
    # At B the loop's gain of some hundreds would magnify the distance: it is compared the other way round.
    back = np.interp(-found[1], -butterfly["v(q)"], butterfly.axis)
    assert other[1] == pytest.approx(back, abs=2e-3)


HELD = """
{% include "cells/split_port_6t.cir.j2" %}
vdd vdd 0 {{ vdd }}
vbl bl 0 {{ vdd }}
vblb blb 0 {{ vdd }}
vwll wll 0 {{ vdd }}
vwlr wlr 0 {{ vdd }}
.ic v(q)={{ middle + 0.02 }} v(qb)={{ middle - 0.02 }}
"""


@pytest.mark.parametrize(("at", "states"), [(Conditions(), 2), (Conditions(corner="ss", vdd=1.62, temperature=-40), 3)])
def test_five_zeros_are_a_third_state_in_which_the_cell_stays(at: Conditions, states: int, sky130: Pdk) -> None:
    """With both ports on a slow latch may stay between its bits, as a transient from there shows."""
    found = zeros(*_current_into_q(sky130, at))
    assert len(found) == 2 * states - 1
    body = render_circuit(
        environment().from_string(HELD), netlist(at, sky130), circuit=CELL, vdd=at.vdd, middle=found[states - 1]
    )
    waves = run(Deck("held", body, ("v(q)", "v(qb)"), Transient(100e-9, 1e-9), temperature=at.temperature))
    apart = abs(waves["v(q)"][-1] - waves["v(qb)"][-1])
    assert apart < 1e-3 if states == 3 else apart > 1.0


def _current_into_q(pdk: Pdk, at: Conditions) -> tuple[np.ndarray, np.ndarray]:
    curve = run(n_curve.deck(CELL, at, Forced(access="both"), pdk))
    return curve.axis, -curve["i(vforce)"]


WRITE = """
{% include "cells/split_port_6t.cir.j2" %}
vdd vdd 0 {{ vdd }}
vbl bl 0 {{ level }}
vblb blb 0 {{ vdd }}
vwl wll 0 pwl(0 0 1e-9 {{ vdd }})
{% if both %}
vwr wlr 0 pwl(0 0 1e-9 {{ vdd }})
{% else %}
vwr wlr 0 0
{% endif %}
.ic v(q)={{ vdd }} v(qb)=0
"""


def written(pdk: Pdk, level: float, *, both: bool) -> bool:
    """Return whether a stored 1 is lost within 200 ns of word lines at VDD, with BL at a level."""
    at = Conditions()
    template = environment().from_string(WRITE)
    body = render_circuit(template, netlist(at, pdk), circuit=CELL, vdd=at.vdd, level=level, both=both)
    waves = run(Deck("write", body, ("v(q)", "v(qb)"), Transient(200e-9, 1e-9)))
    return bool(waves["v(q)"][-1] < waves["v(qb)"][-1])


def margin_of(pdk: Pdk, at: Conditions, **inputs: object) -> dict[str, float]:
    made = Write(**inputs)
    return write_margin.measure(run(write_margin.deck(CELL, at, made, pdk)), Setup(CELL, at, made, pdk))


@pytest.mark.parametrize("ports", ["digital", "both"])
def test_a_cell_is_written_by_a_line_below_the_margin_and_not_above(ports: str, sky130: Pdk) -> None:
    level = margin_of(sky130, Conditions(), ports=ports)["write_margin"]
    assert 0.3 < level < 1.2
    assert written(sky130, level - 0.01, both=ports == "both")
    assert not written(sky130, level + 0.01, both=ports == "both")


@pytest.mark.parametrize("method", ["bit-line", "word-line"])
@pytest.mark.parametrize("corner", list(Corner))
def test_one_port_writes_only_a_0_into_its_own_side(corner: Corner, method: str, sky130: Pdk) -> None:
    at = Conditions(corner=corner)
    both, own, other = (
        margin_of(sky130, at, method=method, ports=ports, stored=stored)
        for ports, stored in (("both", 1), ("digital", 1), ("digital", 0))
    )
    assert both["write_margin"] > own["write_margin"] > 0
    # A line at VDD cannot pull the low node over the trip point: the latch is made to withstand just that in a read.
    assert other == {"write_margin": -0.5, "written": 0.0}
