"""A designer's own PDK works by writing a TOML: a small made-up library, from descriptor to waveform."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bitline.benches import read
from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Conditions
from bitline.benches.netlists import netlist
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.deck import Deck
from bitline.circuits.render import environment, render_circuit
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.errors import InputError, UnknownNameError
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk, load_pdk
from bitline.pdk.slim import Geometry, SlimPdk, slim_pdk
from bitline.simulate.batch import BatchSimulator
from bitline.simulate.ladder import climb
from bitline.simulate.shared import shared_simulator
from bitline.simulate.verdict import judge
from bitline.statistics.intervals import sigma
from bitline.statistics.sampling import deviates

TOY = Path(__file__).parent / "toy" / "toy.toml"
CORNERS = (Corner.tt, Corner.ss, Corner.fs)
SIZE = Geometry(0.5e-6, 0.1e-6)


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BITLINE_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def toy() -> Pdk:
    return load_pdk(TOY)


@pytest.fixture(scope="module")
def slim(toy: Pdk) -> SlimPdk:
    return slim_pdk(toy, Corner.tt)


def card(text: str) -> dict[str, str]:
    return dict(item.split("=") for item in text.split())


def test_sections_are_followed_to_each_corner_s_numbers(toy: Pdk) -> None:
    expected = {Corner.tt: (0.42, 0.035, -0.40), Corner.ss: (0.45, 0.0315, -0.44), Corner.fs: (0.39, 0.0385, -0.44)}
    for corner, numbers in expected.items():
        n, p = (card(slim_pdk(toy, corner).transistor(role, SIZE).card) for role in ("nmos", "pmos"))
        assert (float(n["vth0"]), float(n["u0"]), float(p["vth0"])) == pytest.approx(numbers)
    with pytest.raises(UnknownNameError, match="corner of PDK toy .*known: fs, ss, tt"):
        slim_pdk(toy, Corner.sf)


def test_what_the_library_writes_as_plain_numbers_stays_as_it_wrote_it(slim: SlimPdk) -> None:
    n, p = (card(slim.transistor(role, SIZE).card) for role in ("nmos", "pmos"))
    assert (n["level"], n["cgso"], n["toxe"], n["cjs"]) == ("54", "2e-10", "2.5n", "1m")
    assert n["cjsws"] == "1.000000000000000e-10"  # in quotes it is an expression
    assert (p["cjsws"], p["wmax"]) == ("0.1n", "100u")


def test_lengths_are_in_the_library_s_unit_and_its_shrink_is_applied(slim: SlimPdk) -> None:
    n, p = (slim.transistor(role, SIZE).instance for role in ("nmos", "pmos"))
    assert (n["w"], n["l"]) == pytest.approx((0.49e-6, 0.1e-6))
    assert (p["w"], p["l"]) == pytest.approx((0.5e-6, 0.1e-6))
    assert (n["ad"], n["ps"]) == pytest.approx((0.5e-6 * 0.2e-6, 2 * 0.7e-6))
    assert n["nrd"] == pytest.approx(0.2)


def test_each_draw_is_a_deviate_of_its_own(slim: SlimPdk) -> None:
    assert slim.draws("nmos", SIZE) == ("dvt", "u0", "u0.2")
    nominal = slim.transistor("nmos", SIZE)
    root = math.sqrt(0.5e-6 * 0.1e-6)
    for place, (step_vt, step_u) in enumerate([(4e-9 / root, 0.0), (0.0, 2e-9 / root), (0.0, 1e-9 / root)]):
        z = [0.0, 0.0, 0.0]
        z[place] = 1.0
        moved = slim.transistor("nmos", SIZE, z)
        assert moved.instance["delvto"] - nominal.instance["delvto"] == pytest.approx(step_vt)
        u0, nominal_u0 = (float(card(t.card)["u0"]) for t in (moved, nominal))
        assert u0 / nominal_u0 - 1 == pytest.approx(step_u)
    assert slim.transistor("nmos", SIZE, [0.0] * 3) == nominal


def test_a_device_without_draws_takes_pelgroms_slope(slim: SlimPdk) -> None:
    assert slim.draws("pmos", SIZE) == ("delvto",)
    assert "delvto" not in slim.transistor("pmos", SIZE).instance
    z = deviates(seed=1, sample=1, count=2000)
    moved = [slim.transistor("pmos", SIZE, [x]) for x in z]
    assert not any(device.own_card for device in moved)
    spread = sigma([device.instance["delvto"] for device in moved], confidence=0.99)
    assert spread.low <= 3.5e-9 / math.sqrt(0.5e-6 * 0.1e-6) <= spread.high


def test_the_bin_follows_the_length(slim: SlimPdk) -> None:
    for length, vth0 in ((0.1e-6, -0.40), (0.299e-6, -0.40), (0.3e-6, -0.38), (1e-6, -0.38)):
        found = card(slim.transistor("pmos", Geometry(1e-6, length)).card)
        assert float(found["vth0"]) == pytest.approx(vth0)
    with pytest.raises(InputError, match="outside the models of toy_p"):
        slim.transistor("pmos", Geometry(1e-6, 10e-6))


def test_a_circuit_that_needs_more_roles_says_which(toy: Pdk) -> None:
    column = AcimColumnQS(rows=1, active=1, length=0.15e-6)
    with pytest.raises(UnknownNameError, match="device of PDK toy 'nmos_lvt'"):
        render_circuit(column.template, netlist(Conditions(), toy), circuit=column)


INVERTER = """
{% from "periphery/inverter.cir.j2" import inverter with context %}
{{ inverter("inv", "in", "out", "vdd", 0.3e-6, 0.6e-6, 0.1e-6) -}}
cl out 0 2e-15
vdd vdd 0 1.2
vin in 0 pulse(0 1.2 50e-12 20e-12 20e-12 400e-12 1)
"""


@pytest.mark.ngspice
@pytest.mark.parametrize("corner", CORNERS)
def test_slim_and_own_library_give_the_same_bits(corner: Corner, toy: Pdk) -> None:
    batch, plots = BatchSimulator(timeout=60), []
    for full in (True, False):
        body = render_circuit(environment().from_string(INVERTER), netlist(Conditions(corner=corner), toy, full=full))
        deck = with_accuracy(Deck("own", body, ("v(out)", "i(vdd)"), stop=1e-9), "default")
        answer = batch.answer(deck)
        judge(deck, answer)
        plots.append(answer.plots["tran"])
    assert plots[0].keys() == plots[1].keys()
    assert all(np.array_equal(plots[0][name], plots[1][name]) for name in plots[0])
    assert np.ptp(plots[0]["v(out)"]) > 1.19


@pytest.mark.ngspice
def test_the_shipped_cell_reads_in_another_process(toy: Pdk) -> None:
    cell = SplitPort6T(w_pass=0.2e-6, w_pull_down=0.4e-6, w_pull_up=0.15e-6, length=0.1e-6)
    swings = []
    for sample in (0, 1):
        conditions = Conditions(vdd=1.2, sample=sample)
        deck = with_accuracy(read.deck(cell, conditions, read.Read(t_pulse=0.1e-9), toy), "default")
        measured = read.measure(climb(shared_simulator(), deck).waveforms)
        assert measured["flips"] == 0
        swings.append(measured["swing"])
    assert 0.05 < swings[0] < 1.2
    assert swings[1] != swings[0]


def test_the_descriptor_s_place_decides_the_library_s(toy: Pdk, tmp_path: Path) -> None:
    for path in TOY.parent.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    devices = tmp_path / "toy_devices.inc"
    devices.write_text(devices.read_text().replace("0.42+dvt_n", "0.52+dvt_n"))
    changed = slim_pdk(load_pdk(tmp_path / "toy.toml"), Corner.tt).transistor("nmos", SIZE)
    assert float(card(changed.card)["vth0"]) == pytest.approx(0.52)
    assert replace(changed, card="") == replace(slim_pdk(toy, Corner.tt).transistor("nmos", SIZE), card="")
