"""Hold bench of a trit with half-rail latches: what they and their share of the row leak while nothing happens."""

from __future__ import annotations

from bitline.benches.base import Bench, Conditions, Setup
from bitline.benches.netlist import netlist
from bitline.benches.reducers import one_table
from bitline.benches.restore.half_rail_sizing import HalfRail, size_half_rail
from bitline.benches.restore.hold import OUTPUTS, Hold, lost
from bitline.benches.restore.trit import OPTIONS, high, resistances
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck, Phase
from bitline.circuits.nvsram_trit_half_rail import NvSramTritHalfRail
from bitline.circuits.render import render_circuit
from bitline.devices.reram import TRITS
from bitline.engine.waveforms import Waveforms
from bitline.lut.operation import Supplies
from bitline.pdk.descriptor import Pdk

# The bit line stands at the start level, which is the supply's by default: what leaks from it is no small part.
_SOURCES = ("vsup", "vwell", "vbl", "vref", "vstart", "vrow", "vgdn")


def deck(circuit: NvSramTritHalfRail, conditions: Conditions, inputs: Hold, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one trit that holds."""
    restored = HalfRail(level=inputs.level)
    devices = netlist(conditions, pdk, full=full)
    high_1, high_2 = high(TRITS[inputs.level])
    body = render_circuit(
        "benches/nvsram_half_rail_hold.cir.j2",
        devices,
        circuit=circuit,
        inputs=inputs,
        v_start=restored.v_start,
        sizing=size_half_rail(circuit, restored),
        vdd=conditions.vdd,
        high_1=high_1,
        high_2=high_2,
        **resistances(circuit.cluster, restored, devices),
    )
    return Deck(
        title=f"{circuit.name} hold of {inputs.level}, {conditions}",
        body=body,
        saves=(*(f"v({node})" for node in ("q1", "qb1", "q2", "qb2")), *(f"i({source})" for source in _SOURCES)),
        analysis=Transient(inputs.t_hold),
        options=OPTIONS,
        phases=(Phase("hold", 0.0, inputs.t_hold),),
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def measure(w: Waveforms, setup: Setup[NvSramTritHalfRail, Hold]) -> dict[str, float]:
    """Measure one hold."""
    stop, vdd = float(w.axis[-1]), setup.conditions.vdd
    restored = HalfRail(level=setup.inputs.level)
    v_ref = size_half_rail(setup.circuit, restored).v_ref
    volts = dict.fromkeys(_SOURCES, vdd) | {"vbl": restored.v_start, "vstart": restored.v_start}
    volts |= {"vref": v_ref, "vrow": v_ref}
    return {
        "i_static": -w.integral("i(vsup)", 0.0, stop) / stop,
        "p_leak": sum(w.energy(source, volts[source], 0.0, stop) for source in _SOURCES) / stop,
        "flips": float(lost(w, setup.inputs.level)),
    }


BENCH = Bench(
    name="hold",
    version=1,
    doc="leakage of a trit that holds with its share of the row's drivers, the static term of a restore",
    circuits=(NvSramTritHalfRail,),
    inputs=Hold,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=one_table("hold", OUTPUTS),
    supplies=Supplies({"p_leak": _SOURCES}),
)
