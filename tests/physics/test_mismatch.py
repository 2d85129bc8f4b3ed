"""Mismatch: bitline's deviates against the PDK's slopes, and against the library's own draws."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import repeat

import numpy as np
import pytest
from scipy.stats import f as f_distribution
from setups import as_library

from bitline.benches.acim import qs_transfer
from bitline.benches.acim.operands import MacCode
from bitline.benches.base import Conditions
from bitline.benches.netlist import netlist
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.circuits.netlist import Netlist
from bitline.circuits.render import render_circuit
from bitline.engine.batch import BatchSimulator
from bitline.engine.verdict import judge
from bitline.engine.waveforms import Waveforms
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk
from bitline.pdk.slim import Geometry, slim_pdk
from bitline.statistics.intervals import sigma
from bitline.statistics.sampling import deviates
from bitline.templates import environment

Run = Callable[[Deck], Waveforms]

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

# Slopes [mV um] as the library's files state them: special_*__mismatch.corner.spice (vth0_slope) and
# models_global.spice (sw_mm_vth0_*).
SLOPES = {
    "latch_n": 5.289,
    "pass_n": 5.589,
    "latch_p": 5.567,
    "nmos": 3.356,
    "pmos": 5.856,
    "pmos_hvt": 5.500,
    "nmos_lvt": 5.456,
}
OXIDE_SLOPES = {"latch_n": 5.989e-3, "pass_n": 3.589e-3, "latch_p": 5.567e-3}  # relative, um
SIZES = {"latch_n": (0.21, 0.15), "pass_n": (0.14, 0.15), "latch_p": (0.14, 0.15)}
LOGIC_SIZES = [(0.42, 0.15), (2.0, 0.15), (1.0, 0.5)]
CASES = [(role, size) for role in SLOPES for size in ([SIZES[role]] if role in SIZES else LOGIC_SIZES)]


def nfet_01v8_factor(w: float, l: float) -> float:  # noqa: E741
    """Return what the library multiplies the draw by: the factors of the corner shift (models_fet.spice)."""
    return (0.008 * 8 / l + 0.992) * (0.035 * 7 / w + 0.965) * (0.001 * 56 / (w * l) + 0.999)


def theory(role: str, w: float, l: float) -> float:  # noqa: E741
    """Return the standard deviation of a threshold [V] by the PDK's slope; W and L in um."""
    return 1e-3 * SLOPES[role] / math.sqrt(w * l)


def of_card(card: str, name: str) -> float:
    found = re.search(rf"(?:^| ){name}=(\S+)", card)
    assert found is not None
    return float(found[1])


@pytest.mark.parametrize("corner", Corner)
def test_zero_deviates_fold_to_the_nominal_card(corner: Corner, sky130: Pdk) -> None:
    slim = slim_pdk(sky130, corner)
    for role, (w, l) in CASES:  # noqa: E741
        size = Geometry(w * 1e-6, l * 1e-6)
        zeros = [0.0] * len(slim.draws(role, size))
        assert slim.transistor(role, size, zeros) == slim.transistor(role, size)


def test_zero_deviates_give_the_nominal_waveforms(sky130: Pdk, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def deck() -> Deck:
        return qs_transfer.deck(AcimColumnQS(rows=4, active=4), Conditions(), MacCode(code=2), sky130)

    nominal = run(deck())
    zeros = Netlist(slim_pdk(sky130, Corner.tt), repeat(0.0))
    monkeypatch.setattr(qs_transfer, "netlist", lambda *_, **__: zeros)
    unmoved = run(deck())
    assert len(zeros.deviates_taken) > 50
    assert np.array_equal(unmoved.axis, nominal.axis)
    assert all(np.array_equal(unmoved[name], values) for name, values in nominal.signals.items())


@pytest.mark.parametrize(("role", "size"), CASES, ids=str)
def test_2000_thresholds_spread_by_the_slope_of_the_pdk(role: str, size: tuple[float, float], sky130: Pdk) -> None:
    slim, geometry = slim_pdk(sky130, Corner.tt), Geometry(size[0] * 1e-6, size[1] * 1e-6)
    names = slim.draws(role, geometry)
    samples = deviates(seed=2, sample=1, count=2000 * len(names)).reshape(2000, len(names))
    drawn = [slim.transistor(role, geometry, z) for z in samples]
    if role in SIZES:
        threshold = np.array([of_card(device.card, "vth0") for device in drawn])
        oxide = np.array([of_card(device.card, "tox") for device in drawn])
        spread = sigma(oxide / of_card(slim.transistor(role, geometry).card, "tox"), confidence=0.99)
        assert spread.low <= OXIDE_SLOPES[role] / math.sqrt(math.prod(size)) <= spread.high
        assert abs(np.corrcoef(threshold, oxide)[0, 1]) < 0.06  # two draws, not one used twice
    else:
        assert len({device.card for device in drawn}) == 1  # only the instance moves: the card is shared
        threshold = np.array([device.instance["delvto"] for device in drawn])
    spread = sigma(threshold, confidence=0.99)
    assert spread.low <= theory(role, *size) <= spread.high


@pytest.mark.parametrize("size", LOGIC_SIZES, ids=str)
def test_as_the_library_draws_it_nmos_spreads_by_factors_of_its_size(size: tuple[float, float], sky130: Pdk) -> None:
    slim, geometry = slim_pdk(as_library(sky130), Corner.tt), Geometry(size[0] * 1e-6, size[1] * 1e-6)
    one, zero = (slim.transistor("nmos", geometry, [z]).instance["delvto"] for z in (1.0, 0.0))
    assert one - zero == pytest.approx(theory("nmos", *size) * nfet_01v8_factor(*size), rel=1e-3)


ARRAYS = """
{% from "mosfet.cir.j2" import mos with context %}
{% for role, w, count in arrays %}
{% set p = role in ("pmos", "latch_p") %}
{% for k in range(count) %}
{{ mos(role ~ k, role, "d" ~ role ~ k, "gp" if p else "gn", "vdd" if p else "0", "vdd" if p else "0", w, 0.15e-6) -}}
vd{{ role }}{{ k }} d{{ role }}{{ k }} 0 {{ 1.8 - v_ds if p else v_ds }}
{% endfor %}
{% endfor %}
vdd vdd 0 1.8
vgn gn 0 pwl(0 {{ v_gs }} {{ t_ramp }} 1.8)
vgp gp 0 pwl(0 {{ 1.8 - v_gs }} {{ t_ramp }} 0)
"""
Arrays = list[tuple[str, float, int]]


def arrays_deck(
    arrays: Arrays, pdk: Pdk, *, full: bool = False, v_gs: float = 1.8, v_ds: float = 1.8, t_ramp: float = 1e-9
) -> Deck:
    """Many transistors of each role, each drain on its own source; the gates ramp from `v_gs` to 1.8 V."""
    body = render_circuit(
        environment().from_string(ARRAYS),
        netlist(Conditions(sample=0 if full else 1), pdk, full=full),
        arrays=arrays,
        v_gs=v_gs,
        v_ds=v_ds,
        t_ramp=t_ramp,
    )
    saves = tuple(f"i(vd{role}{k})" for role, _, count in arrays for k in range(count))
    return Deck("arrays", body, ("v(gn)", *saves), Transient(t_ramp, t_ramp / (200 if v_gs < 1.8 else 1)))


def currents(waves: Waveforms, role: str, count: int) -> np.ndarray:
    """Return the drain currents' magnitude [A], shape (devices, time points)."""
    return np.abs([waves[f"i(vd{role}{k})"] for k in range(count)])


@pytest.mark.parametrize(("role", "w"), [("pass_n", 0.14), ("nmos", 1.0), ("latch_p", 0.14)])
def test_thresholds_from_a_gate_sweep_spread_by_the_slope(role: str, w: float, sky130: Pdk, run: Run) -> None:
    """Constant-current threshold, I_D = 100 nA W/L at V_DS = 50 mV, on a quasi-static sweep (1 ms)."""
    count = 300
    waves = run(arrays_deck([(role, w * 1e-6, count)], sky130, v_gs=0.2, v_ds=0.05, t_ramp=1e-3))
    gate = waves["v(gn)"]
    level = math.log(100e-9 * w / 0.15)
    thresholds = [float(np.interp(level, np.log(i), gate)) for i in currents(waves, role, count)]
    spread = sigma(thresholds, confidence=0.99)
    # The oxide's own draw moves the subthreshold slope too, by less than the interval.
    assert spread.low <= theory(role, w, 0.15) <= spread.high


def test_on_currents_spread_as_by_the_draws_of_the_library(sky130: Pdk, batch: BatchSimulator) -> None:
    """`tt_mm` draws its own mismatch in ngspice: two samples of one distribution, judged by an F test."""
    arrays: Arrays = [("pass_n", 0.14e-6, 700), ("latch_p", 0.14e-6, 700), ("nmos", 0.42e-6, 120)]
    own = arrays_deck(arrays, as_library(sky130))
    library = arrays_deck(arrays, sky130, full=True).with_options({"seed": 1})
    text, switched = re.subn(
        r'^(\.lib ".*") tt\n\.param mc_mm_switch=.*$', r"\1 tt_mm", library.body, flags=re.MULTILINE
    )
    assert switched == 1
    waves, theirs = (judge(d, batch.answer(d)) for d in (own, replace(library, body=text)))
    for role, _, count in arrays:
        mine, drawn = (currents(w, role, count)[:, -1] for w in (waves, theirs))
        low, high = f_distribution.ppf([0.005, 0.995], count - 1, count - 1)
        assert low <= np.var(mine, ddof=1) / np.var(drawn, ddof=1) <= high, role
        error = math.hypot(np.std(mine), np.std(drawn)) / math.sqrt(count)
        assert abs(np.mean(mine) - np.mean(drawn)) < 3 * error, role
