"""One MAC cycle of the ternary column with given operands: its deck, its measures, its scope."""

from __future__ import annotations

from collections.abc import Sequence

from bitline.benches.accuracy import MOSTLY_OFF
from bitline.benches.acim.operands import CONVENTION as ACIM_CONVENTION
from bitline.benches.base import Conditions, Output, Setup
from bitline.benches.netlist import netlist
from bitline.benches.precharged import (
    CONTROL_SAVES,
    ENERGY_OUTPUTS,
    disturbed,
    energies,
    precharged_cycle,
    row_saves,
    settling_time,
)
from bitline.benches.ternary.operands import Trits
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.circuits.ternary_column import TernaryColumn
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk

OUTPUTS = (
    Output("v_cbl", "V", "CBL at the sampling instant"),
    Output("v_cblb", "V", "CBLB at the sampling instant"),
    Output("v_diff", "V", "v_cblb - v_cbl: positive for a positive MAC"),
    Output("common", "V", "mean fall of both lines"),
    *ENERGY_OUTPUTS,
    Output("disturb", "V", "largest excursion of a storage node of a latched row"),
    Output("flips", "1", "latches that changed state"),
    Output("latency", "s", "from the pulse's begin until both lines stay within 1 mV of what is sampled"),
)
SCOPE = {
    "sigma": "static mismatch of every transistor but those of idle rows; temporal noise is in table noise",
}
CONVENTION = (
    f"{ACIM_CONVENTION}; input-line energy is the column's share, 1/columns of the rows'; cell supply of the latched "
    "rows times rows/latched"
)
_LINES = ("v(cbl)", "v(cblb)")
_SHOWN = (*_LINES, "v(preb)", "v(wlp0)", "v(wln0)")
_SUPPLIES = ("i(vdd)", "i(vone)", "i(vpre)", *CONTROL_SAVES)


def cycle_deck(
    circuit: TernaryColumn, conditions: Conditions, operands: Sequence[Trits], pdk: Pdk, title: str, *, full: bool
) -> Deck:
    """Build the deck of one MAC cycle with weight and input of each row."""
    t, devices = precharged_cycle(circuit), netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/ternary_transfer.cir.j2",
        devices,
        circuit=circuit,
        t=t,
        vdd=conditions.vdd,
        weights=[weight for weight, _ in operands],
        pulsed=[f"{'p' if x > 0 else 'n'}{r}" for r, (_, x) in enumerate(operands) if x],
    )
    cells = [f"v({node}{side}{r})" for r in range(circuit.latched) for side in "pm" for node in ("q", "qb")]
    return Deck(
        title=title,
        body=body,
        saves=(*_SHOWN, *_SUPPLIES, *row_saves(input_lines(circuit)), *cells),
        analysis=Transient(t.end),
        options=MOSTLY_OFF,
        phases=t.phases,
        marks=t.marks,
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def input_lines(circuit: TernaryColumn) -> list[str]:
    """Return the nodes of all input drivers' inputs."""
    return [f"in{side}{r}" for r in range(circuit.rows) for side in "pn"]


def measure(w: Waveforms, setup: Setup[TernaryColumn, object]) -> dict[str, float]:
    """Measure one cycle; energies are supply integrals over the whole cycle, state restored."""
    circuit, vdd, stop = setup.circuit, setup.conditions.vdd, float(w.axis[-1])
    before, sample = w.marks["pulse"], w.marks["sample"]
    v_cbl, v_cblb = (w.at(name, sample) for name in _LINES)
    fell = w.at("v(cbl)", before) + w.at("v(cblb)", before) - v_cbl - v_cblb
    # Each latched row stands for as many as the column has; the ideal bits of the others hang on `vone`.
    array = circuit.rows / circuit.latched * w.energy("vdd", vdd, 0.0, stop) + w.energy("vone", vdd, 0.0, stop)
    disturb, flips = disturbed(w, [f"{side}{r}" for r in range(circuit.latched) for side in "pm"])
    return {
        "v_cbl": v_cbl,
        "v_cblb": v_cblb,
        "v_diff": v_cblb - v_cbl,
        "common": fell / 2,
        **energies(w, setup, array, input_lines(circuit)),
        "disturb": disturb,
        "flips": flips,
        "latency": max(settling_time(w, name) for name in _LINES),
    }
