"""Netlists: circuits and benches as the SPICE text that a person reads and a test compares."""

from __future__ import annotations

import re
from typing import Any

from bitline.benches.accuracy import Accuracy, with_accuracy
from bitline.benches.base import Bench, Conditions
from bitline.benches.netlist import netlist
from bitline.benches.registry import benches_of
from bitline.circuits.base import Circuit
from bitline.circuits.registry import circuits
from bitline.circuits.render import render_circuit
from bitline.pdk.descriptor import Pdk

# Of a source with hundreds of corners, such as a noise, the first few say what it is.
_LONG = re.compile(r"^(v\S+ .*?pwl\((?:\S+ ){16}).{1000,}\)$", re.MULTILINE)
_CARD = re.compile(r"^(\.model \w+ \w+) .*$", re.MULTILINE)


def circuit_text(circuit: Circuit, conditions: Conditions, pdk: Pdk) -> str:
    """Return a circuit alone, with the model cards of its transistors: no sources, no analysis."""
    return render_circuit(circuit.template, netlist(conditions, pdk), circuit=circuit, vdd=conditions.vdd)


def bench_text(
    circuit: Circuit,
    bench: Bench,
    inputs: Any,
    conditions: Conditions,
    pdk: Pdk,
    accuracy: Accuracy = "default",
) -> str:
    """Return the whole deck of a bench, as the simulator is given it."""
    return with_accuracy(bench.deck(circuit, conditions, inputs, pdk), accuracy).text


def all_netlists(pdk: Pdk) -> dict[str, str]:
    """Render every circuit and every bench at its defaults: what `netlists/` holds.

    The PDK's own numbers are left out: of each folded model card only its name is shown.

    Parameters
    ----------
    pdk : Pdk
        Its nominal supply is used.

    Returns
    -------
    dict of str to str
        Text by file name: ``<circuit>.cir`` and ``<circuit>.<bench>.cir``.
    """
    conditions = Conditions(vdd=pdk.vdd)
    found: dict[str, str] = {}
    for name, kind in circuits().items():
        found[f"{name}.cir"] = _without_cards(circuit_text(kind(), conditions, pdk))
        for bench in benches_of(kind).values():
            deck = bench_text(kind(), bench, bench.inputs(), conditions, pdk)
            found[f"{name}.{bench.name}.cir"] = _without_cards(deck)
    return found


def _without_cards(text: str) -> str:
    text = shortened(text)
    return _CARD.sub(r"* \1, folded from the library: `bitline render` writes it out", text)


def shortened(text: str) -> str:
    """Return a netlist with sources of more than a thousand characters cut after their first corners."""
    return _LONG.sub(r"\1...)", text)
