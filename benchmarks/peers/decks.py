"""Decks for the peers: of each circuit the stock library's, and bitline's slim ones sample by sample."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bitline.benches.accuracy import with_accuracy
from bitline.benches.acim import qs_transfer
from bitline.benches.acim.operands import MacCode
from bitline.benches.base import Conditions
from bitline.benches.cell import read
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.base import Circuit
from bitline.circuits.deck import Deck
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.pdk.descriptor import load_pdk


@dataclass(frozen=True)
class Circuitry:
    """A circuit, its bench and its inputs; the line whose fall it measures; the circuit as a user would write it.

    Bitline lumps cells that do nothing but load a line. A user who writes a netlist has each of them in it.
    """

    circuit: Circuit
    bench: str
    deck: Callable[..., Deck]
    inputs: Any
    line: str
    whole: Circuit | None = None

    def at(self, conditions: Conditions) -> Deck:
        """Return bitline's deck."""
        return with_accuracy(self.deck(self.circuit, conditions, self.inputs, load_pdk()), "default")

    def stock(self, circuit: Circuit) -> Deck:
        """Return the same deck with the PDK's whole library and its subcircuits."""
        return with_accuracy(self.deck(circuit, Conditions(), self.inputs, load_pdk(), full=True), "default")


# A section for each idle row: all 64 cells are written out.
WHOLE = AcimColumnQS(rows=64, line_sections=48)
CASES = {
    # A short pulse, so that the line has fallen by a third and its fall tells the chips apart.
    "read": Circuitry(SplitPort6T(), "read", read.deck, read.Read(t_pulse=2e-10), "blb"),
    "column": Circuitry(AcimColumnQS(rows=64), "transfer", qs_transfer.deck, MacCode(code=8), "line", WHOLE),
}


def write(case: str, folder: Path, samples: int) -> None:
    """Write what the peers of one case need: its stock deck, slim ones of some samples, and what is measured."""
    circuitry = CASES[case]
    nominal = circuitry.stock(circuitry.circuit)
    folder.joinpath("slim").mkdir(parents=True, exist_ok=True)
    folder.joinpath("stock.cir").write_text(with_mismatch(nominal.text))
    if circuitry.whole is not None:
        folder.joinpath("whole.cir").write_text(with_mismatch(circuitry.stock(circuitry.whole).text))
    for sample in range(1, samples + 1):
        folder.joinpath(f"slim/{sample}.cir").write_text(circuitry.at(Conditions(sample=sample)).text)
    marks, analysis = nominal.marks, nominal.analysis
    facts = {"line": circuitry.line, "before": marks["pulse"], "sample": marks["sample"]}
    facts |= {"step": analysis.stop / 50, "stop": analysis.stop}
    folder.joinpath("case.json").write_text(json.dumps(facts))


def with_mismatch(text: str) -> str:
    """Return a stock deck that draws mismatch by the library's own section, from a stated seed."""
    drawn = text.replace('" tt\n', '" tt_mm\n').replace(".param mc_mm_switch=0.0\n", ".option setseed=1\n")
    if "tt_mm" not in drawn or "setseed" not in drawn:
        raise SystemExit("the stock deck is not of the form that is known here")
    return drawn
