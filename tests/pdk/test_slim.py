"""Folding a device to numbers: sizes, bins, draws; on SKY130 and on a few lines of library."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitline.errors import InputError, PdkDamagedError, UnknownNameError
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk, load_pdk
from bitline.pdk.slim import Geometry, SlimPdk, slim_pdk

SIZES = {"latch_n": (0.21, 0.15), "pass_n": (0.14, 0.15), "latch_p": (0.14, 0.15), "cell_n": (0.36, 0.15)}


def card(text: str) -> dict[str, str]:
    return dict(item.split("=") for item in text.split())


@pytest.fixture
def tt(sky130: Pdk) -> SlimPdk:
    return slim_pdk(sky130, Corner.tt)


@pytest.mark.pdk
def test_junctions_follow_the_rule_for_an_unshared_contact_unless_given(tt: SlimPdk) -> None:
    reach = tt.pdk.devices["nmos"].diffusion
    free = tt.transistor("nmos", Geometry(1e-6, 0.15e-6)).instance
    for side in "ds":  # in um and um2, the library's unit
        assert free[f"a{side}"] == pytest.approx(1.0 * reach * 1e6)
        assert free[f"p{side}"] == pytest.approx(2 * (1.0 + reach * 1e6))
    given_areas = Geometry(1e-6, 0.15e-6, ad=0.1e-12, as_=0.0, pd=0.7e-6, ps=0.0)
    own = tt.transistor("nmos", given_areas).instance
    assert (own["ad"], own["as"], own["pd"], own["ps"]) == (0.1, 0.0, 0.7, 0.0)
    assert own["nrd"] == pytest.approx(0.14 / 1.0)  # the subcircuit's own default


@pytest.mark.pdk
def test_metres_become_the_digits_a_designer_would_write(tt: SlimPdk) -> None:
    for nanometres in (420, 435, 1260, 1680, 2000):
        instance = tt.transistor("nmos", Geometry(nanometres * 1e-9, 0.15e-6)).instance
        assert (instance["w"], instance["l"]) == (nanometres / 1000, 0.15)


@pytest.mark.pdk
@given(w=st.floats(0.42e-6, 100e-6), l=st.floats(0.15e-6, 20e-6))
def test_the_bin_holds_the_size(w: float, l: float, sky130: Pdk) -> None:  # noqa: E741
    found = card(slim_pdk(sky130, Corner.tt).transistor("nmos", Geometry(w, l)).card)
    lmin, lmax, wmin, wmax = (float(found[k]) for k in ("lmin", "lmax", "wmin", "wmax"))
    assert lmin * (1 - 1e-9) <= l < lmax * (1 + 1e-9)
    assert wmin * (1 - 1e-9) <= w < wmax * (1 + 1e-9)


@pytest.mark.pdk
def test_cards_depend_on_size_alone_and_differ_between_near_sizes(tt: SlimPdk) -> None:
    one = tt.transistor("nmos", Geometry(0.42e-6, 0.15e-6))
    wide_junctions = tt.transistor("nmos", Geometry(0.42e-6, 0.15e-6, ad=1e-12, as_=1e-12))
    near = tt.transistor("nmos", Geometry(0.4204e-6, 0.15e-6))
    assert (one.model, one.card) == (wide_junctions.model, wide_junctions.card)
    assert near.model != one.model


@pytest.mark.pdk
def test_sram_devices_move_their_card_and_logic_devices_their_instance(tt: SlimPdk) -> None:
    for role in tt.pdk.devices:
        w, l = SIZES.get(role, (0.42, 0.15))  # noqa: E741
        size = Geometry(w * 1e-6, l * 1e-6)
        draws = tt.draws(role, size)
        moved = tt.transistor(role, size, [1.0] * len(draws))
        if role == "cell_n":  # in bins, as the SRAM devices are, but with other draws
            assert draws == ("toxe", "vth0", "voff")
            assert moved.own_card
        elif role in SIZES:
            assert draws == ("tox", "vth0")  # those of voff and nfactor have slope zero
            assert moved.own_card
        else:
            assert len(draws) == 1
            assert not moved.own_card
        assert (moved.card != tt.transistor(role, size).card) is moved.own_card


@pytest.mark.pdk
@pytest.mark.parametrize(
    ("role", "w", "l"),
    [("pass_n", 0.15, 0.15), ("latch_n", 0.14, 0.15), ("nmos", 0.36, 0.15), ("nmos", 0.42, 0.13), ("pmos", 2e3, 1)],
)
def test_a_size_without_a_model_is_refused(role: str, w: float, l: float, tt: SlimPdk) -> None:  # noqa: E741
    with pytest.raises(InputError, match=rf"{w * 1e-6:g}"):
        tt.transistor(role, Geometry(w * 1e-6, l * 1e-6))


@pytest.mark.pdk
def test_unknown_roles_and_wrong_numbers_of_deviates_are_refused(tt: SlimPdk) -> None:
    size = Geometry(0.14e-6, 0.15e-6)
    with pytest.raises(UnknownNameError, match="did you mean 'pass_n'"):
        tt.transistor("pas_n", size)
    with pytest.raises(InputError, match="pass_n: 1 deviates given, 2 needed"):
        tt.transistor("pass_n", size, [0.5])


@pytest.mark.pdk
def test_one_object_per_corner_and_section_is_the_library_s(sky130: Pdk) -> None:
    assert slim_pdk(sky130, Corner.sf) is slim_pdk(sky130, Corner.sf)
    assert {corner: slim_pdk(sky130, corner).section for corner in Corner} == {
        Corner.tt: "tt",
        Corner.ss: "ss",
        Corner.ff: "ff",
        Corner.sf: "fs",  # the library's sections are named PMOS first
        Corner.fs: "sf",
    }


DESCRIPTOR = """
name = "few"
vdd = 1.0
library = "few.lib"
mismatch_switch = "mm_on"
[sections]
tt = "tt"
[devices.nmos]
name = "nch"
kind = "nmos"
w_min = 0.1e-6
l_min = 0.1e-6
diffusion = 0.2e-6
a_vt = {a_vt}
"""
Few = Callable[..., SlimPdk]
SIZE = Geometry(0.5e-6, 0.1e-6)


@pytest.fixture
def few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Few:
    """Make a PDK of one device from a few lines of library."""
    monkeypatch.setenv("BITLINE_CACHE_DIR", str(tmp_path / "cache"))

    def make(text: str, a_vt: float = 0.0) -> SlimPdk:
        (tmp_path / "few.lib").write_text(f".lib tt\n.param mm_on=0\n{text}\n.endl\n")
        (tmp_path / "few.toml").write_text(DESCRIPTOR.format(a_vt=a_vt))
        return SlimPdk(load_pdk(tmp_path / "few.toml"), Corner.tt)

    return make


def subcircuit(line: str, parameters: str = "", model: str = "vth0=0.4") -> str:
    return (
        f".subckt nch d g s b w=1u l=1u ad=0 as=0 pd=0 ps=0\n{parameters}\n"
        f"m1 d g s b own {line}\n.model own nmos level=54 {model}\n.ends"
    )


def test_a_shrink_on_the_library_s_own_line_counts_and_what_it_leaves_out_is_not_passed(few: Few) -> None:
    instance = few(subcircuit("w={w-10n} l='0.9*l' nf=2 sa=1u")).transistor("nmos", SIZE).instance
    assert instance == pytest.approx({"w": 0.49e-6, "l": 0.09e-6, "nf": 2.0, "sa": 1e-6})


def test_each_draw_of_one_expression_is_a_deviate_of_its_own(few: Few) -> None:
    draws = "vth0={0.4+mm_on*(0.03*agauss(0,1,1)+0.04*agauss(0, 2, 1) + 0.5*gauss(0.1,1,2))}"
    slim = few(subcircuit("w={w} l={l}", model=draws))
    assert slim.draws("nmos", SIZE) == ("vth0", "vth0.2", "vth0.3")
    nominal = float(card(slim.transistor("nmos", SIZE).card)["vth0"])
    assert nominal == 0.4
    # with the switch on, gauss(0.1, 1, 2) has its nominal 0.1 besides
    steps = [
        float(card(slim.transistor("nmos", SIZE, [z == k for k in range(3)]).card)["vth0"]) - 0.45 for z in range(3)
    ]
    assert steps == pytest.approx([0.03, 0.08, 0.025])


def test_draws_behind_names_and_process_draws(few: Few) -> None:
    text = ".param process = {agauss(0, 0.1, 1)}\n" + subcircuit(
        "w={w} l={l} delvto={shift}",
        ".param shift={mm_on*agauss(0,1,1)*3n/root} root={sqrt(w*l)}",
        "vth0={0.4+process}",
    )
    slim = few(text)
    assert slim.draws("nmos", SIZE) == ("shift",)  # a library-wide draw is process, not mismatch: it stays at zero
    moved = slim.transistor("nmos", SIZE, [2.0])
    assert moved.instance["delvto"] == pytest.approx(2 * 3e-9 / math.sqrt(0.5e-6 * 0.1e-6))
    assert float(card(moved.card)["vth0"]) == 0.4


def test_pelgroms_slope_steps_in_only_where_the_library_draws_nothing(few: Few) -> None:
    silent = few(subcircuit("w={w} l={l}"), a_vt=4e-9)
    assert silent.draws("nmos", SIZE) == ("delvto",)
    step = silent.transistor("nmos", SIZE, [-1.0]).instance["delvto"]
    assert step == pytest.approx(-4e-9 / math.sqrt(0.5e-6 * 0.1e-6))
    assert silent.transistor("nmos", SIZE).instance.get("delvto", 0.0) == 0.0
    drawn = few(subcircuit("w={w} l={l}", model="vth0={0.4+mm_on*agauss(0,1,1)*0.01}"), a_vt=4e-9)
    assert drawn.draws("nmos", SIZE) == ("vth0",)


def test_numbers_in_the_open_stay_as_they_stand_and_expressions_are_folded(few: Few) -> None:
    text = subcircuit("w={w} l={l}", model="toxe=2.5n u0=3.0E-2 vth0='0.1+0.3' k1={0.5} cjs=1meg")
    assert card(few(text).transistor("nmos", SIZE).card) == {
        "level": "54",
        "toxe": "2.5n",
        "u0": "3.0e-2",
        "vth0": "4.000000000000000e-01",
        "k1": "5.000000000000000e-01",
        "cjs": "1meg",
    }


def test_of_bins_the_first_that_holds_the_size_counts_its_edges_within_a_nanometre_included(few: Few) -> None:
    bins = "".join(
        f".model nch.{k} nmos vth0={vth0} lmin={low} lmax={high} wmin=0.1u wmax=10u\n"
        for k, vth0, low, high in [(2, 0.4, "0.1u", "0.3u"), (1, 0.5, "0.3u", "1u")]
    )
    slim = few(bins)
    for length, vth0 in ((0.1e-6, "0.4"), (0.3e-6, "0.4"), (0.3009e-6, "0.4"), (0.302e-6, "0.5"), (1e-6, "0.5")):
        assert card(slim.transistor("nmos", Geometry(1e-6, length)).card)["vth0"] == vth0
    with pytest.raises(InputError, match="outside the models of nch"):
        slim.transistor("nmos", Geometry(1e-6, 1.002e-6))


@pytest.mark.parametrize(
    ("parameters", "model", "told"),
    [
        ("", "vth0={nowhere}", "does not define the parameter 'nowhere'"),
        (".param a={b} b={a}", "vth0={a}", "by itself"),
        ("", "vth0={1/0}", "cannot evaluate"),
        ("", "vth0={sqrt(-1)}", "cannot evaluate"),
        ("", "vth0={table(1,2)}", "table"),
    ],
)
def test_a_library_that_cannot_be_evaluated_says_why(parameters: str, model: str, told: str, few: Few) -> None:
    slim = few(subcircuit("w={w} l={l}", parameters, model))
    with pytest.raises(PdkDamagedError, match=told) as caught:
        slim.transistor("nmos", SIZE)
    assert "\n" not in str(caught.value)
