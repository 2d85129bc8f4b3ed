"""Hold bench of a trit: what its latches leak while nothing happens; the static term to compare a restore with."""

from __future__ import annotations

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.netlist import netlist
from bitline.benches.reducers import one_table
from bitline.benches.restore.sizing import Restore, size_restore
from bitline.benches.restore.trit import OPTIONS, high, resistances
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck, Phase
from bitline.circuits.nvsram_trit import NvSramTrit
from bitline.circuits.render import render_circuit
from bitline.devices.reram import TRITS, Level
from bitline.engine.waveforms import Waveforms
from bitline.lut.operation import LeftOut, Supplies
from bitline.parameters import parameter, validated
from bitline.pdk.descriptor import Pdk


@validated
class Hold:
    """What the hold bench varies."""

    level: Level = parameter("mrs", "level whose trit the latches hold: lrs is +1, mrs 0, hrs -1", source="choice")
    v_line: float = parameter(
        0.0, "voltage of the selected cluster's line at the start", unit="V", source="choice", ge=-2, le=2
    )
    t_hold: float = parameter(
        1e-6, "time of HOLD, over which the static current is averaged", unit="s", source="choice", gt=0, le=1e-3
    )


OUTPUTS = (
    Output("i_static", "A", "mean current of the latches' supply"),
    Output("p_leak", "W", "leakage power of the latches and their well"),
    Output("flips", "1", "latches that lost their state"),
)
_AT = "16 branches, mrs, tt, 1.8 V, 27 degC, 1 us of HOLD"
_SUPPLIES = Supplies(
    {"p_leak": ("vsup", "vwell")},
    (
        LeftOut("vbl", "bit line at the start level, through the pass devices that are off", 3.47e-19, _AT),
        LeftOut("vref*", "reference lines, likewise", 1.75e-20, _AT),
    ),
)


def deck(circuit: NvSramTrit, conditions: Conditions, inputs: Hold, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one trit that holds."""
    restored = Restore(level=inputs.level)
    sizing = size_restore(circuit, restored)
    devices = netlist(conditions, pdk, full=full)
    high_1, high_2 = high(TRITS[inputs.level])
    body = render_circuit(
        "benches/nvsram_hold.cir.j2",
        devices,
        circuit=circuit,
        inputs=inputs,
        v_start=restored.v_start,
        sizing=sizing,
        vdd=conditions.vdd,
        high_1=high_1,
        high_2=high_2,
        **resistances(circuit.cluster, restored, devices),
    )
    return Deck(
        title=f"{circuit.name} hold of {inputs.level}, {conditions}",
        body=body,
        saves=("v(q1)", "v(qb1)", "v(q2)", "v(qb2)", "i(vsup)", "i(vwell)"),
        analysis=Transient(inputs.t_hold),
        options=OPTIONS,
        phases=(Phase("hold", 0.0, inputs.t_hold),),
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def measure(w: Waveforms, setup: Setup[NvSramTrit, Hold]) -> dict[str, float]:
    """Measure one hold."""
    stop, vdd = float(w.axis[-1]), setup.conditions.vdd
    return {
        "i_static": -w.integral("i(vsup)", 0.0, stop) / stop,
        "p_leak": (w.energy("vsup", vdd, 0.0, stop) + w.energy("vwell", vdd, 0.0, stop)) / stop,
        "flips": float(lost(w, setup.inputs.level)),
    }


def lost(w: Waveforms, level: Level) -> int:
    """Return how many latches do not hold the trit of a level at the end."""
    held = high(TRITS[level])
    return sum((w[f"v(q{k})"][-1] > w[f"v(qb{k})"][-1]) != held[k - 1] for k in (1, 2))


BENCH = Bench(
    name="hold",
    version=1,
    doc="leakage of a trit that holds, the static term of a restore and what powering down saves",
    circuits=(NvSramTrit,),
    inputs=Hold,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=one_table("hold", OUTPUTS),
    supplies=_SUPPLIES,
)
