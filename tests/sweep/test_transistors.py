"""Transistors one by one: compared with the full library when first used, and their key figures."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from setups import as_library

from bitline import content
from bitline.errors import PdkDamagedError
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk, load_pdk
from bitline.pdk.slim import SlimPdk
from bitline.sweep import transistors
from bitline.sweep.transistors import check_folding, comparison_key, figures

TOY = Path(__file__).parents[1] / "pdk" / "toy" / "toy.toml"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BITLINE_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.ngspice
def test_a_process_is_compared_at_each_corner_it_is_used_at_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toy = load_pdk(TOY)
    check_folding(toy, [Corner.tt, Corner.tt], "batch")
    check_folding(toy, [Corner.tt, Corner.ss], "batch")
    assert len(list((cache / "compared").iterdir())) == 2
    monkeypatch.setattr(transistors, "_compare", pytest.fail)
    check_folding(toy, [Corner.ss], "batch")


@pytest.mark.ngspice
def test_a_device_that_is_folded_otherwise_than_ngspice_reads_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    toy = load_pdk(TOY)
    monkeypatch.setattr(transistors, "slim_pdk", lambda pdk, corner: SlimPdk(pdk, Corner.ss))
    with pytest.raises(PdkDamagedError, match=r"corner tt, device \w+: .* A by the folded card, .* A by the full lib"):
        check_folding(toy, [Corner.tt], "batch")


@pytest.mark.ngspice
def test_a_device_with_sigmas_is_compared_and_worth_what_they_make_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without a switch ngspice draws the library's own mismatch, but never what the descriptor adds.
    for file in TOY.parent.iterdir():
        text = file.read_text().replace('mismatch_switch = "MM_ON"', "").replace("a_vt = 4e-9", "sigmas = {vth0 = 0.1}")
        (tmp_path / file.name).write_text(text)
    toy = load_pdk(tmp_path / TOY.name)
    worth = figures(toy, Corner.tt, "batch")["pmos"]
    # A tenth of 0.4 V.
    assert worth.sigma_v_t == pytest.approx(40e-3, rel=0.1)
    assert (worth.sigma_as_library, worth.sigma_by_slope) == (None, None)
    monkeypatch.setattr(transistors, "slim_pdk", lambda pdk, corner: SlimPdk(pdk, Corner.ss))
    alone = toy.model_copy(update={"devices": {"pmos": toy.devices["pmos"]}})
    with pytest.raises(PdkDamagedError, match="corner tt, device pmos: "):
        check_folding(alone, [Corner.tt], "batch")


@pytest.mark.ngspice
def test_a_library_that_ngspice_refuses_is_refused_in_its_words(tmp_path: Path) -> None:
    for file in TOY.parent.iterdir():
        text = file.read_text().replace("level = 54", "level = 99").replace("a_vt", "# a_vt")
        (tmp_path / file.name).write_text(text)
    with pytest.raises(PdkDamagedError, match="corner tt: ngspice does not simulate its transistors"):
        check_folding(load_pdk(tmp_path / "toy.toml"), [Corner.tt], "batch")


@pytest.mark.ngspice
def test_a_library_that_comes_with_its_mismatch_on_is_compared_with_it_off(tmp_path: Path) -> None:
    for file in TOY.parent.iterdir():
        (tmp_path / file.name).write_text(re.sub(r"(?i)(mm_on *= *)0", r"\g<1>1", file.read_text()))
    drawn, still = load_pdk(tmp_path / TOY.name), load_pdk(TOY)
    check_folding(drawn, [Corner.tt], "batch")
    assert figures(drawn, Corner.tt, "batch") == figures(still, Corner.tt, "batch")


@pytest.mark.pdk
@pytest.mark.parametrize("name", ["sky130", "gf180mcu"])
def test_the_shipped_processes_were_compared(name: str) -> None:
    pdk = load_pdk(name)
    lines = (content.folder("models") / "compared.txt").read_text().splitlines()
    shipped = [line for line in lines if f" {name} " in line]
    assert shipped == [f"{comparison_key(pdk, corner)} {name} {corner}" for corner in pdk.sections]


@pytest.mark.ngspice
@pytest.mark.pdk
def test_the_figures_are_those_of_the_process(sky130: Pdk) -> None:
    worth = figures(sky130, Corner.tt, "batch")
    # I_on of the full library: 185 and 76 uA at 0.42/0.15.
    assert 1e6 * worth["nmos"].i_on == pytest.approx(185, rel=0.01)
    assert 1e6 * worth["pmos"].i_on == pytest.approx(76, rel=0.01)
    nmos, latch = worth["nmos"], worth["latch_n"]
    assert nmos.sigma_by_slope == pytest.approx(3.356e-9 / math.sqrt(0.42e-6 * 0.15e-6))
    assert nmos.sigma_v_t == pytest.approx(nmos.sigma_by_slope, rel=0.05)
    assert nmos.sigma_as_library == pytest.approx(56.8e-3, rel=0.01)
    assert figures(as_library(sky130), Corner.tt, "batch")["nmos"].sigma_v_t == nmos.sigma_as_library
    # 5.6 mV um of the SRAM devices, and a draw of their oxide beside it.
    assert (latch.sigma_v_t, latch.sigma_by_slope) == (latch.sigma_as_library, None)
    assert 28e-3 < latch.sigma_v_t < 40e-3
