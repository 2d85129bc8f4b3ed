"""GF180MCU as the package index carries it: the folded cards are the full library, its mismatch among it."""

from __future__ import annotations

import numpy as np
import pytest

from bitline.benches.acim import qs_transfer
from bitline.benches.acim.operands import MacCode
from bitline.benches.base import Conditions
from bitline.benches.cell import read
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.analysis import OperatingPoint
from bitline.circuits.deck import Deck
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.answer import Plot
from bitline.engine.batch import BatchSimulator
from bitline.engine.verdict import judge
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk, load_pdk
from bitline.pdk.slim import Geometry, slim_pdk

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]
CELL = SplitPort6T(w_pass=0.22e-6, w_pull_down=0.44e-6, w_pull_up=0.22e-6, length=0.28e-6)
SIZE = Geometry(0.22e-6, 0.28e-6)


@pytest.fixture(scope="module")
def gf180mcu() -> Pdk:
    return load_pdk("gf180mcu")


def both(slim: Deck, full: Deck) -> tuple[Plot, Plot]:
    plots = []
    for deck in (slim, full):
        answer = BatchSimulator(timeout=60).answer(deck)
        judge(deck, answer)
        (plot,) = answer.plots.values()
        plots.append(plot)
    return plots[0], plots[1]


def assert_same(slim: Plot, full: Plot) -> None:
    assert slim.keys() == full.keys()
    for name, values in full.items():
        assert np.allclose(slim[name], values, rtol=0, atol=1e-8 * np.max(np.abs(values))), name


@pytest.mark.parametrize("corner", list(Corner))
def test_a_column_is_that_of_the_full_library_at_every_corner(corner: Corner, gf180mcu: Pdk) -> None:
    column = AcimColumnQS(rows=2, active=2, cell=CELL, length=0.28e-6, v_wl=1.2)
    at = Conditions(corner=corner, vdd=3.3)
    slim, full = (qs_transfer.deck(column, at, MacCode(code=1), gf180mcu, full=full) for full in (False, True))
    assert_same(*both(slim, full))


def test_a_cell_is_that_of_the_full_library(gf180mcu: Pdk) -> None:
    at = Conditions(vdd=3.3)
    slim, full = (read.deck(CELL, at, read.Read(), gf180mcu, full=full) for full in (False, True))
    assert_same(*both(slim, full))


def test_corners_are_nmos_first(gf180mcu: Pdk) -> None:
    swing = {}
    for corner in Corner:
        deck = read.deck(CELL, Conditions(corner=corner, vdd=3.3), read.Read(t_pulse=1e-10), gf180mcu)
        waveforms = judge(deck, BatchSimulator(timeout=60).answer(deck))
        swing[corner] = 3.3 - waveforms.at("v(blb)", deck.marks["sample"])
    assert swing[Corner.ss] < swing[Corner.tt] < swing[Corner.ff]
    assert swing[Corner.sf] < swing[Corner.tt] < swing[Corner.fs]


def test_mismatch_spreads_a_current_as_the_librarys_own_draws_do(gf180mcu: Pdk) -> None:
    """Two hundred devices of the full library with its switch on, against two deviates by their slopes."""
    slim = slim_pdk(gf180mcu, Corner.tt)
    assert slim.draws("nmos", SIZE) == ("mis_k", "mis_vth")
    library, line = gf180mcu.library_path(), "w=0.22u l=0.28u"
    folded = [slim.transistor("nmos", SIZE, deviates) for deviates in ((), (1.0, 0.0), (0.0, 1.0))]
    head = "vd d 0 3.3\nvg g 0 1.2\n"
    card = f".model m nmos {folded[0].card}\n"
    own = "".join(f"vd{k} d{k} d 0\nm{k} d{k} g 0 0 m {one.line}\n" for k, one in enumerate(folded))
    many = "".join(f"vd{k} d{k} d 0\nx{k} d{k} g 0 0 nfet_03v3 {line}\n" for k in range(200))
    includes = f'.include "{gf180mcu.include_paths()[0]}"\n.lib "{library}" typical\n.param sw_stat_mismatch=1\n'
    currents = []
    for body, count in ((head + card + own, 3), (head + includes + many, 200)):
        deck = Deck("draws", body, tuple(f"i(vd{k})" for k in range(count)), OperatingPoint())
        waveforms = judge(deck, BatchSimulator(timeout=60).answer(deck))
        currents.append(np.log(np.abs([waveforms.value(name) for name in deck.saves])))
    by_slopes = np.hypot(*(currents[0][1:] - currents[0][0]))
    assert np.std(currents[1]) == pytest.approx(by_slopes, rel=0.2)
