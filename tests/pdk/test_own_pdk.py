"""A designer's own PDK is a TOML file beside its library: `toy/` is one, with every form a library may have."""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bitline.benches.accuracy import with_accuracy
from bitline.benches.acim.operands import MacCode
from bitline.benches.base import Conditions
from bitline.benches.netlist import netlist
from bitline.benches.registry import bench
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.analysis import Transient
from bitline.circuits.base import Circuit
from bitline.circuits.deck import Deck
from bitline.circuits.netlist import Netlist
from bitline.circuits.render import render_circuit
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.answer import Plot
from bitline.engine.batch import BatchSimulator
from bitline.engine.verdict import judge
from bitline.errors import InputError, PdkDamagedError, UnknownNameError
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk, load_pdk
from bitline.pdk.expressions import evaluate
from bitline.pdk.slim import Geometry, SlimPdk, slim_pdk
from bitline.sweep.runner import Runner
from bitline.sweep.sweep import Sweep
from bitline.templates import environment

TOY = Path(__file__).with_name("toy")
CORNERS = {Corner.tt: 0.0, Corner.ss: 50e-3, Corner.ff: -50e-3}
SHORT, LONG = Geometry(1e-6, 0.13e-6), Geometry(1e-6, 1e-6)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITLINE_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def toy() -> Pdk:
    return load_pdk(TOY / "toy.toml")


def card(slim: SlimPdk, role: str, size: Geometry, *deviates: float) -> dict[str, float]:
    folded = slim.transistor(role, size, deviates)
    items = (item.split("=") for item in folded.card.split())
    return {name: evaluate(text, float, float) for name, text in items}  # "0.1u" stays as the library writes it


@pytest.mark.parametrize(("corner", "shift"), CORNERS.items())
def test_cards_are_folded_to_the_numbers_of_their_corner_and_bin(corner: Corner, shift: float, toy: Pdk) -> None:
    slim = slim_pdk(toy, corner)
    for size, vth0, u0, k1 in ((SHORT, 0.42, 0.03, 0.4), (LONG, 0.38, 0.035, 0.45)):
        found = card(slim, "nmos", size)
        assert (found["vth0"], found["u0"], found["k1"]) == pytest.approx((vth0 + shift, u0, k1))
        assert found["toxe"] == pytest.approx(3.2e-9 * (1 + shift / 2))
    assert card(slim, "pmos", SHORT)["vth0"] == pytest.approx(-0.4 - shift)


def test_sizes_and_junctions_are_in_the_librarys_unit(toy: Pdk) -> None:
    assert slim_pdk(toy, Corner.tt).transistor("nmos", SHORT).instance == pytest.approx(
        {"w": 1e-6, "l": 0.13e-6, "ad": 0.3e-12, "as": 0.3e-12, "pd": 2.6e-6, "ps": 2.6e-6, "nrd": 0, "nrs": 0}
    )


@pytest.mark.parametrize(("size", "vth0"), [(SHORT, 0.42), (LONG, 0.38)])
def test_the_librarys_own_draws_are_deviates_under_its_switch(size: Geometry, vth0: float, toy: Pdk) -> None:
    slim = slim_pdk(toy, Corner.tt)
    assert slim.draws("nmos", size) == ("zvt", "zu")
    assert card(slim, "nmos", size, 0.0, 0.0) == card(slim, "nmos", size)
    moved = card(slim, "nmos", size, -1.5, 2.0)
    assert moved["vth0"] == pytest.approx(vth0 - 1.5 * 3e-9 / math.sqrt((size.w - 10e-9) * size.l))
    assert moved["u0"] == pytest.approx(card(slim, "nmos", size)["u0"] * 1.04)


def test_a_device_without_draws_takes_pelgroms_slope_from_the_descriptor(toy: Pdk) -> None:
    slim = slim_pdk(toy, Corner.tt)
    assert slim.draws("pmos", SHORT) == ("delvto",)
    one = slim.transistor("pmos", SHORT, [-2.0])
    assert one.instance["delvto"] == pytest.approx(-2 * 4e-9 / math.sqrt(1e-6 * 0.13e-6))
    assert not one.own_card
    assert "delvto" not in slim.transistor("pmos", SHORT).instance


def test_deviates_must_be_as_many_as_the_draws(toy: Pdk) -> None:
    with pytest.raises(InputError, match="nmos: 1 deviates given, 2 needed"):
        slim_pdk(toy, Corner.tt).transistor("nmos", SHORT, [1.0])


def test_what_the_process_does_not_have_is_said(toy: Pdk) -> None:
    with pytest.raises(UnknownNameError, match=r"corner 'sf' of PDK toy \(known: ff, ss, tt\)"):
        slim_pdk(toy, Corner.sf)
    with pytest.raises(UnknownNameError, match="device 'pmos_hvt' of PDK toy"):
        slim_pdk(toy, Corner.tt).transistor("pmos_hvt", SHORT)
    with pytest.raises(InputError, match=r"nmos: w = 1e-06 m, l = 3e-05 m is outside the models of toy_n \(w >= "):
        slim_pdk(toy, Corner.tt).transistor("nmos", Geometry(1e-6, 30e-6))


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("devices.inc", ".param avt = 3n", "", "does not define the parameter 'avt'"),
        ("devices.inc", "avt = 3n", "avt = {avt}", "defines the parameter 'avt' by itself"),
        ("devices.inc", "avt = 3n", "avt = {1/mm_on}", "cannot evaluate '{1/mm_on}': float division by zero"),
        ("devices.inc", "avt = 3n", "avt = {9e999}", "gives inf for a parameter: must be finite"),
        ("devices.inc", "avt = 3n", "avt = {table(1)}", "cannot evaluate the function 'table'"),
        ("devices.inc", ".subckt toy_n", ".subckt other", "section 'typical' has no device toy_n"),
        ("toy.lib", ".lib typical", ".lib nominal", "no section 'typical' in the library"),
    ],
)
def test_a_library_that_cannot_be_used_is_one_line(file: str, old: str, new: str, message: str, tmp_path: Path) -> None:
    shutil.copytree(TOY, tmp_path / "toy")
    text = (tmp_path / "toy" / file).read_text()
    assert old in text
    (tmp_path / "toy" / file).write_text(text.replace(old, new))
    slim = slim_pdk(load_pdk(tmp_path / "toy/toy.toml"), Corner.tt)
    with pytest.raises(PdkDamagedError) as caught:
        slim.transistor("nmos", SHORT, [1.0, 1.0])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


SPREAD = "sigmas = { vth0 = 0.05, u0 = 0.1 }"


def spread(folder: Path, sigmas: str = SPREAD, role: str = "pmos") -> SlimPdk:
    """Return the toy process whose PMOS, or another role, has relative sigmas instead of a slope."""
    shutil.copytree(TOY, folder / "toy")
    file = folder / "toy/toy.toml"
    before, head, after = file.read_text().replace("a_vt = 4e-9\n", "").partition(f"[devices.{role}]\n")
    file.write_text(f"{before}{head}{sigmas}\n{after}")
    return slim_pdk(load_pdk(file), Corner.tt)


def test_relative_sigmas_of_a_card_are_deviates(tmp_path: Path, toy: Pdk) -> None:
    slim = spread(tmp_path)
    assert slim.draws("pmos", SHORT) == ("vth0", "u0")
    still = card(slim_pdk(toy, Corner.tt), "pmos", SHORT)
    assert card(slim, "pmos", SHORT) == card(slim, "pmos", SHORT, 0.0, 0.0) == still
    moved = card(slim, "pmos", SHORT, 2.0, -3.0)
    assert moved == pytest.approx({**still, "vth0": 1.1 * still["vth0"], "u0": 0.7 * still["u0"]}, rel=1e-14)
    # As many devices are folded at once as one by one.
    rows = np.array([[2.0, -3.0], [0.5, 1.0]])
    assert slim.transistors("pmos", SHORT, rows) == [slim.transistor("pmos", SHORT, row) for row in rows]
    assert slim.transistor("pmos", SHORT, [2.0, -3.0]).own_card


def test_relative_sigmas_of_a_card_inside_a_subcircuit_act_at_its_size(tmp_path: Path) -> None:
    pdk = spread(tmp_path, role="nmos").pdk
    text = pdk.root / "devices.inc"
    text.write_text(text.read_text().replace("{MM_ON*AGAUSS(0, 1.0, 1)}", "0").replace("{mm_on*agauss(0,1,1)}", "0"))
    slim = SlimPdk(pdk, Corner.tt)
    for size, vth0 in ((SHORT, 0.42), (LONG, 0.38)):
        assert slim.draws("nmos", size) == ("vth0", "u0")
        assert card(slim, "nmos", size)["vth0"] == pytest.approx(vth0, rel=1e-14)
        assert card(slim, "nmos", size, 2.0, 0.0)["vth0"] == pytest.approx(1.1 * vth0, rel=1e-14)


@pytest.mark.parametrize(
    ("sigmas", "role", "message"),
    [
        ("sigmas = { voff = 0.05 }", "pmos", "devices.pmos.sigmas: voff = 0.05: toy_p does not set voff, or to 0"),
        ("sigmas = { vth0 = 0.05 }", "nmos", "devices.nmos.sigmas: the library draws zvt, zu of toy_n itself"),
        ("sigmas = { vth0 = 0 }", "pmos", "devices.pmos.sigmas.vth0 = 0"),
        ("sigmas = { vth0 = 1.5 }", "pmos", "devices.pmos.sigmas.vth0 = 1.5"),
        ("sigmas = { vth0 = 0.05 }\na_vt = 4e-9", "pmos", "sigmas and a_vt are two ways to state one mismatch"),
    ],
)
def test_sigmas_that_would_not_act_are_refused(sigmas: str, role: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        spread(tmp_path, sigmas, role).transistor(role, SHORT)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_process_without_sigmas_is_what_it_was_before_there_were_any(tmp_path: Path, toy: Pdk) -> None:
    assert not any("sigmas" in device for device in toy.acting["devices"].values())
    assert spread(tmp_path).pdk.acting["devices"]["pmos"]["sigmas"] == {"vth0": 0.05, "u0": 0.1}


PAIR = """
{% from "mosfet.cir.j2" import mos with context %}
{{ mos("n", "nmos", "dn", "gn", "0", "0", 1e-6, 0.13e-6) -}}
{{ mos("p", "pmos", "dp", "gp", "0", "0", 1e-6, 0.13e-6) -}}
vdn dn 0 0.05
vgn gn 0 {{ 1.0 - gate_n }}
vdp dp 0 -0.05
vgp gp 0 {{ -1.0 - gate_p }}
"""


def currents(toy: Pdk, deviates: list[float] | None, gate_n: float = 0.0, gate_p: float = 0.0) -> tuple[float, float]:
    """Return the drain currents [A] of an NMOS and a PMOS in the linear region."""
    devices = Netlist(slim_pdk(toy, Corner.tt), None if deviates is None else iter(deviates))
    body = render_circuit(environment().from_string(PAIR), devices, gate_n=gate_n, gate_p=gate_p)
    deck = Deck("pair", body, ("i(vdn)", "i(vdp)"), Transient(1e-9))
    waves = judge(deck, BatchSimulator(timeout=30).answer(deck))
    return float(waves["i(vdn)"][-1]), float(waves["i(vdp)"][-1])


@pytest.mark.ngspice
def test_both_kinds_of_mismatch_move_the_threshold_in_ngspice(toy: Pdk) -> None:
    """A shift of the threshold by d is one of the gate by -d, but for what the mobility makes of it."""
    nominal = currents(toy, None)
    assert nominal[0] < -1e-6 < 1e-6 < nominal[1]
    assert currents(toy, [0.0, 0.0, 0.0]) == nominal
    shift_n = 2 * 3e-9 / math.sqrt((1e-6 - 10e-9) * 0.13e-6)
    shift_p = 2 * 4e-9 / math.sqrt(1e-6 * 0.13e-6)
    gate = np.array(currents(toy, None, shift_n, shift_p)) / nominal - 1
    moved = np.array(currents(toy, [2.0, 0.0, 2.0])) / nominal - 1
    assert gate[0] < -0.02 and gate[1] > 0.02
    assert moved == pytest.approx(gate, rel=0.4)


@pytest.mark.ngspice
def test_relative_sigmas_act_in_ngspice(tmp_path: Path) -> None:
    """A mobility 20 % up is a current nearly as much up in the linear region, a threshold 10 % up one down."""
    pdk = spread(tmp_path).pdk
    nominal = currents(pdk, None)
    assert currents(pdk, [0.0] * 4) == nominal
    faster, later = (currents(pdk, [0.0, 0.0, *z]) for z in ((0.0, 2.0), (2.0, 0.0)))
    assert faster[0] == later[0] == nominal[0]
    assert 1.1 < faster[1] / nominal[1] < 1.2
    assert 0.85 < later[1] / nominal[1] < 0.97


@pytest.mark.ngspice
@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize(
    ("circuit", "name", "bound"),
    [
        (SplitPort6T(), "read", 1e-8),
        # The last bits of a model move the column's time points, and its precharge has the steepest of edges.
        (AcimColumnQS(rows=2, active=2), "transfer", 1e-5),
    ],
    ids=["cell", "column"],
)
def test_the_slim_deck_gives_what_the_library_gives(
    circuit: Circuit, name: str, bound: float, corner: Corner, toy: Pdk
) -> None:
    made, at = bench(name, type(circuit)), Conditions(corner=corner, vdd=1.5)
    inputs = MacCode(code=1) if name == "transfer" else made.inputs()
    plots: list[Plot] = []
    for full in (True, False):
        deck = made.deck(circuit, at, inputs, toy, full=full)
        # With the column's own tolerances the last bits of a model move time points by 1e-15 s.
        deck = with_accuracy(replace(deck, tolerance=1.0), "default")
        assert (str(TOY / "toy.lib") in deck.text) == full
        answer = BatchSimulator(timeout=60).answer(deck)
        judge(deck, answer)
        plots.append(answer.plots["tran"])
    full_plot, slim_plot = plots
    assert slim_plot.keys() == full_plot.keys()
    for vector, values in full_plot.items():
        assert np.allclose(slim_plot[vector], values, rtol=0, atol=bound * np.max(np.abs(values))), vector


@pytest.mark.ngspice
def test_a_sweep_runs_on_it_from_end_to_end(toy: Pdk) -> None:
    sweep = Sweep(AcimColumnQS(rows=2, active=2), bench="transfer", code=[0, 1, 2], vdd=[1.5], samples=3)
    result = Runner(toy).characterization(sweep)
    assert (result.failed, len(result.outcomes)) == (0, 12)
    attrs = result.lut.attrs
    assert (attrs["pdk"], attrs["pdk_section"]) == ("toy", {"tt": "typical"})
    assert attrs["pdk_library_sha256"] == {"tt": slim_pdk(toy, Corner.tt).library.sha256}
    v_line = result.lut.tables["nominal"]["v_line"].to_numpy().ravel()
    assert v_line[0] == pytest.approx(1.5, abs=0.05)
    assert (np.diff(v_line) < -5e-3).all()
    assert (result.lut.tables["mismatch"]["v_sigma"].to_numpy() > 1e-5).all()


def test_a_mismatch_sample_is_the_same_chip_in_every_deck(toy: Pdk) -> None:
    column = AcimColumnQS(rows=2, active=2)
    drawn = []
    for vdd, code in ((1.5, 0), (1.2, 2)):
        devices = netlist(Conditions(vdd=vdd, sample=3, seed=5), toy)
        render_circuit(column.template, devices, circuit=column, vdd=vdd, code=code)
        drawn.append(devices.deviates_taken)
    assert drawn[0] == drawn[1]
    names = {"pur0.delvto", "pdl1.zvt", "pgr1.zu", "prel.delvto", "up1.zvt"}
    assert names <= drawn[0].keys()
    assert len(set(drawn[0].values())) == len(drawn[0])
