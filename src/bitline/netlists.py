"""Netlists: circuits and benches as the SPICE text that a person reads and a test compares.

`circuit_text` and `bench_text` are complete: ngspice runs them. `all_netlists` gives the reviewed form of
`netlists/`, which leaves out the PDK's own numbers and, in a long deck, the repetitions of what was shown. A
text with anything else cut out names the SHA-256 of the whole in its first line, so that comparing the reviewed
form compares every line.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

from bitline.benches.accuracy import Accuracy, with_accuracy
from bitline.benches.base import Bench, Conditions
from bitline.benches.netlist import netlist
from bitline.benches.registry import benches_of
from bitline.circuits.base import Circuit
from bitline.circuits.registry import circuits
from bitline.circuits.render import render_circuit
from bitline.pdk.descriptor import Pdk

# The card of a folded model: its type and name are reviewed, its numbers belong to the PDK.
_CARD = re.compile(r"^(\.model \w+ \w+) .*$", re.MULTILINE)
# Of a source with hundreds of corners on one line, the first few say what it is.
_LONG_SOURCE = re.compile(r"^(v\S+ .*?pwl\((?:\S+ ){16}).{1000,}\)$", re.MULTILINE)
# A whole number, alone or in a name: all that tells row 7 from row 8. Decimals and exponents are values.
_INDEX = re.compile(r"(?<![\d.+-])\d+(?![\d.e])")

_LONGEST = 400  # lines that a person reads in one go
_LONGEST_PERIOD = 40  # lines of the largest group that is looked for: a row with driver, word line and cell
_REPETITIONS = 6  # of a group, from which on it is not written out
_SHOWN = 8  # lines at the least of which a repetition is shown


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
    with bench.guard("deck"):
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
    texts: dict[str, str] = {}
    for name, circuit_type in circuits().items():
        circuit = circuit_type()
        texts[f"{name}.cir"] = reviewed(circuit_text(circuit, conditions, pdk))
        for bench in benches_of(circuit_type).values():
            deck = bench_text(circuit, bench, bench.inputs(), conditions, pdk)
            texts[f"{name}.{bench.name}.cir"] = reviewed(deck)
    return texts


def reviewed(text: str) -> str:
    """Return a netlist as `netlists/` holds it: without the numbers of the model cards, and abridged."""
    return abridged(without_cards(text))


def without_cards(text: str) -> str:
    """Return a netlist with the name of each folded model card in place of its numbers."""
    return _CARD.sub(r"* \1, folded from the library: `bitline render` writes it out", text)


def abridged(text: str) -> str:
    """Return a netlist with its repetitions left out; the first line then gives the SHA-256 of the whole.

    A source of more than a thousand characters is cut after its first corners. In a text of more than 400
    lines, of six or more groups of lines that differ in their indices only, the first few are shown, and it is
    said how many follow.
    """
    short = _LONG_SOURCE.sub(r"\1...)", text)
    lines = short.splitlines()
    if len(lines) > _LONGEST:
        short = "\n".join(_without_repetitions(lines)) + "\n"
    if short == text:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"* abridged from {len(text.splitlines())} lines, whose sha256 is {digest}\n{short}"


def _without_repetitions(lines: Sequence[str]) -> Iterator[str]:
    signatures = [_signature(line) for line in lines]
    at = 0
    while at < len(lines):
        period, repetitions = _repetition(signatures, at)
        shown = max(2, _SHOWN // period)
        if repetitions <= shown:
            yield lines[at]
            at += 1
            continue
        yield from lines[at : at + shown * period]
        groups = "lines" if period == 1 else f"groups of {period} lines"
        yield f"* ... {repetitions - shown} more {groups} like these"
        at += repetitions * period


def _signature(line: str) -> str:
    """Return what like lines have in common: the corners of a source everything, others all but their indices."""
    return "+" if line.startswith("+ ") and "(" not in line else _INDEX.sub("#", line)


def _repetition(signatures: Sequence[str], at: int) -> tuple[int, int]:
    """Return lines per group and number of groups of the repetition that begins here; (1, 1) if there is none."""
    for period in range(1, _LONGEST_PERIOD + 1):
        end = at + period
        while end < len(signatures) and signatures[end] == signatures[end - period]:
            end += 1
        repetitions = (end - at) // period
        if repetitions >= _REPETITIONS:
            return period, repetitions
    return 1, 1
