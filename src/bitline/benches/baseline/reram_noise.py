"""Noise bench of the ReRAM column: one LRS cell on, the line clamped by a small resistor."""

from __future__ import annotations

import math

from bitline.benches.base import Bench, Conditions, NoInputs, Output, Setup
from bitline.benches.baseline.reram_transfer import resistances
from bitline.benches.netlist import netlist
from bitline.benches.reducers import one_table
from bitline.circuits.analysis import Noise
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.circuits.reram_column import ReramColumn
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk
from bitline.statistics.constants import BOLTZMANN

OUTPUTS = (
    Output("v_thermal", "V", "rms noise of the integrator's reset: sqrt(kT/c_int)"),
    Output("v_discharge", "V", "rms noise one conducting LRS cell adds; m cells add sqrt(m) times this"),
    Output("r_cell", "Ohm", "resistance of that cell with its access device"),
)
# Large beside the cells' output conductance would hide it; small beside a cell, it clamps the line.
_R_CLAMP = 100.0


def deck(circuit: ReramColumn, conditions: Conditions, inputs: NoInputs, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the noise deck."""
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/reram_column_noise.cir.j2",
        devices,
        circuit=circuit,
        vdd=conditions.vdd,
        r_probe=_R_CLAMP,
        resistances=resistances(circuit, [1] + [0] * (circuit.active - 1), devices),
        pulsed=[0],
    )
    return Deck(
        title=f"{circuit.name} noise, {conditions}",
        body=body,
        saves=("onoise_spectrum", "onoise_rprobe", "onoise_total", *_cell(circuit)),
        analysis=Noise("v(line)", "vread", stop=1e9, start=1e3, points_per_decade=4),
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def _cell(circuit: ReramColumn) -> tuple[str, str]:
    """Name the noise of the two devices of the cell that is on."""
    access = "onoise.ma0.id" if circuit.access == "transistor" else "onoise_rsel0"
    return "onoise_rre0", access


def measure(w: Waveforms, setup: Setup[ReramColumn, NoInputs]) -> dict[str, float]:
    """Return the noise of the integrator's reset and of a conducting cell's current.

    A cell's current noise is ``S = 4kT/R_cell``, and over the pulse leaves ``sqrt(S t_pulse / 2)/c_int``.
    """
    kt, circuit = BOLTZMANN * setup.conditions.kelvin, setup.circuit
    impedance = float(w["onoise_rprobe"][0]) * math.sqrt(_R_CLAMP / (4 * kt))
    density = sum(float(w[name][0]) ** 2 for name in _cell(circuit)) / impedance**2
    return {
        "v_thermal": math.sqrt(kt / circuit.c_int),
        "v_discharge": math.sqrt(density * circuit.t_pulse / 2) / circuit.c_int,
        "r_cell": 4 * kt / density,
    }


BENCH = Bench(
    name="noise",
    version=1,
    doc="thermal noise of the summed current, integrated over the window",
    circuits=(ReramColumn,),
    inputs=NoInputs,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=one_table("noise", OUTPUTS),
)
