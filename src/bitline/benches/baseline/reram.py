"""ReRAM column: the currents of one MAC cycle added up on an ideal virtual ground, and their noise."""

from __future__ import annotations

import math
from types import SimpleNamespace

from bitline.benches.acim.noise import Nothing
from bitline.benches.base import Conditions, Output, Setup
from bitline.benches.baseline.sram import BinaryMac
from bitline.benches.netlist import netlist
from bitline.benches.restore.restore import LEAKAGE
from bitline.circuits.analysis import Noise, Transient
from bitline.circuits.deck import Deck, Phase
from bitline.circuits.render import Netlist, render_circuit
from bitline.circuits.reram_column import ReramColumn
from bitline.devices.reram import Level
from bitline.errors import InputError
from bitline.pdk.descriptor import Pdk
from bitline.simulate.waveforms import Waveforms
from bitline.statistics.constants import BOLTZMANN

OUTPUTS = (
    Output("v_line", "V", "integrator at the sampling instant"),
    Output("swing", "V", "integrator before the pulse minus integrator at the sampling instant: negative"),
    Output("energy_read", "J", "read supply of the line over one cycle"),
    Output("energy_wordline", "J", "input drivers' supplies over one cycle: this column's share of all rows"),
    Output("energy_integrator", "J", "the integrated charge once more from VDD (estimated: the circuit is ideal)"),
    Output("i_peak", "A", "line current at the middle of the pulse"),
)
NOISE_OUTPUTS = (
    Output("v_thermal", "V", "rms noise of the integrator's reset: sqrt(kT/c_int)"),
    Output("v_discharge", "V", "rms noise one conducting LRS cell adds; m cells add sqrt(m) times this"),
    Output("r_cell", "Ohm", "resistance of that cell with its access device"),
)
SCOPE = {
    "energy_event": "one MAC cycle of one line: inputs pulsed, current integrated",
    "energy_includes": ["read", "wl_driver", "integrator"],
    "energy_excludes": ["amplifier of the virtual ground", "adc", "timing generation"],
    "energy_convention": "supply integrals over the whole cycle; virtual ground and integrator are ideal, the "
    "integrator's charge is counted once from VDD; input-line energy is the column's share, 1/columns of the rows'",
    "sigma": "static mismatch of every transistor, lognormal ReRAM; temporal noise is in table noise",
    "solver_error": "default preset: 0.01 % of v_line, supply energies 0.1 % (docs/ternary.md)",
}
# Large beside the cells' output conductance would hide it; small beside a cell, it clamps the line.
_R_CLAMP = 100.0


def deck(circuit: ReramColumn, conditions: Conditions, inputs: BinaryMac, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one MAC cycle with `inputs.code` conducting rows."""
    c, operands = circuit, inputs.operands(circuit.active)
    if c.t_pulse <= c.t_edge:  # a SPICE pulse of width zero never ends
        raise InputError(f"transfer: t_pulse = {c.t_pulse:g}: must be > t_edge = {c.t_edge:g}")
    t = SimpleNamespace(pulse=c.t_before, pulsed=c.t_before + c.t_pulse + c.t_edge)
    t.sample = t.pulsed + c.t_settle
    t.stop = t.sample + c.t_after
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/reram_column_transfer.cir.j2",
        devices,
        circuit=c,
        t=t,
        vdd=conditions.vdd,
        resistances=_resistances(c, [weight for weight, _ in operands], devices),
        pulsed=[r for r, (_, x) in enumerate(operands) if x],
    )
    return Deck(
        title=f"{c.name} transfer, code {inputs.code}, zeros by {inputs.zeros}, {conditions}",
        body=body,
        saves=("v(int)", "v(line)", "v(wl0)", "i(vread)", "i(vwl)", "i(vwd)"),
        analysis=Transient(t.stop),
        options=LEAKAGE,
        phases=(
            Phase("idle", 0.0, t.pulse),
            Phase("integrate", t.pulse, t.pulsed),
            Phase("settle", t.pulsed, t.sample),
        ),
        marks={"pulse": t.pulse, "middle": t.pulse + c.t_pulse / 2, "sample": t.sample},
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def _resistances(circuit: ReramColumn, weights: list[int], devices: Netlist) -> list[float]:
    """Draw the ReRAMs' resistances [Ohm], before any transistor draws."""
    levels: list[Level] = ["lrs" if weight else "hrs" for weight in weights]
    reram = circuit.reram
    return [devices.lognormal(f"r{k}", reram.resistance(v), reram.sigma(v)) for k, v in enumerate(levels)]


def measure(w: Waveforms, setup: Setup[ReramColumn, BinaryMac]) -> dict[str, float]:
    """Measure one cycle; what flows before the pulse is no part of the sample."""
    circuit, vdd = setup.circuit, setup.conditions.vdd
    stop, before = float(w.axis[-1]), w.at("v(int)", w.marks["pulse"])
    v_line = w.at("v(int)", w.marks["sample"]) - before
    v_row = circuit.v_wl if circuit.access == "transistor" else circuit.v_read
    rows = w.energy("vwl", v_row, 0.0, stop) + w.energy("vwd", vdd, 0.0, stop)
    return {
        "v_line": v_line,
        "swing": -v_line,
        "energy_read": w.energy("vread", circuit.v_read, 0.0, stop),
        "energy_wordline": rows / circuit.columns,
        "energy_integrator": vdd * circuit.c_int * v_line,
        "i_peak": -w.at("i(vread)", w.marks["middle"]),
    }


def noise_deck(circuit: ReramColumn, conditions: Conditions, inputs: Nothing, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the noise deck: one LRS cell on, the line clamped by a small resistor."""
    c, devices = circuit, netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/reram_column_noise.cir.j2",
        devices,
        circuit=c,
        vdd=conditions.vdd,
        r_probe=_R_CLAMP,
        resistances=_resistances(c, [1] + [0] * (c.active - 1), devices),
        pulsed=[0],
    )
    second = "onoise.ma0.id" if c.access == "transistor" else "onoise_rsel0"
    return Deck(
        title=f"{c.name} noise, {conditions}",
        body=body,
        saves=("onoise_spectrum", "onoise_rprobe", "onoise_total", "onoise_rre0", second),
        analysis=Noise("v(line)", "vread", stop=1e9, start=1e3, points_per_decade=4),
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def noise_measure(w: Waveforms, setup: Setup[ReramColumn, Nothing]) -> dict[str, float]:
    """Return the noise of the integrator's reset and of a conducting cell's current.

    A cell's current noise is ``S = 4kT/R_cell``, and over the pulse leaves ``sqrt(S t_pulse / 2)/c_int``.
    """
    kt, circuit = BOLTZMANN * setup.conditions.kelvin, setup.circuit
    impedance = float(w["onoise_rprobe"][0]) * math.sqrt(_R_CLAMP / (4 * kt))
    cell = [name for name in w.signals if name in ("onoise_rre0", "onoise.ma0.id", "onoise_rsel0")]
    density = sum(float(w[name][0]) ** 2 for name in cell) / impedance**2
    return {
        "v_thermal": math.sqrt(kt / circuit.c_int),
        "v_discharge": math.sqrt(density * circuit.t_pulse / 2) / circuit.c_int,
        "r_cell": 4 * kt / density,
    }
