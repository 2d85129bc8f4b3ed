"""Noise bench of the analog columns: what a line keeps when its switch opens, kT/C.

By Nyquist's theorem the sampled noise is ``kT/C`` whatever the switch. BSIM's channel noise does not
obey it at V_ds = 0 (tnoimod = 1 gives 8 to 22 % less power, tnoimod = 0 between 8 % less and 10 % more,
measured on the four switch devices with 1 pF), and the noise of wires and drivers is no part of the
sampled charge. So the line's capacitance is extracted in the same `.noise` run from a noise source that
is exact, a probe resistor R_p much larger than the switch's R_on:

    S_p(f) = (4kT/R_p) |Z(f)|^2,    1/Z = 1/R_on + j 2 pi f C  at low frequency

R_on is |Z| at low frequency. C is all that takes charge from the line, behind a wire or a plate driver
too: capacitors C_k behind resistors R_k also bend |Z|, by 2 R_on sum(R_k C_k^2) against (R_on C)^2, so
that one pole fitted to |Z| gives 2.7 % too much for the default QR column, 10 % with units of 10 fF.
But |Z| of a two-terminal impedance fixes its phase, whose slope at low frequency is -R_on C (Bode,
Network Analysis and Feedback Amplifier Design, 1945, chapter 14):

    R_on C = (2/pi) int_0^inf ln|Z(0)/Z(w)| / w^2 dw

The table's value is ``sqrt(kT/C)``, with the switch model's own figure beside it.

While a QS cell discharges the line, the white noise S_i of its current adds (flicker noise, slower than
a cycle, is left out). In the same run one cell is on, and S_i is what its two devices give the line over
R_on^2; integrated over the pulse it leaves ``sqrt(S_i t_pulse / 2) / C`` per active cell, one-sided S_i.
"""

from __future__ import annotations

import math

import numpy as np

from bitline.benches.base import Conditions, Output, Setup
from bitline.benches.netlist import netlist
from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.analysis import Noise
from bitline.circuits.base import Circuit
from bitline.circuits.deck import Deck
from bitline.circuits.render import Netlist, render_circuit
from bitline.parameters import validated
from bitline.pdk.descriptor import Pdk
from bitline.simulate.waveforms import Array, Waveforms
from bitline.statistics.constants import BOLTZMANN

# The noise of a switch on a capacitor is band-limited by R C, far below this: what lies above is lost.
_F_MAX = 1e13
_R_PROBE = 1e12


@validated
class Nothing:
    """The noise bench varies nothing of its own."""


OUTPUTS = (
    Output("v_thermal", "V", "rms noise sampled with the line: sqrt(kT/C)"),
    Output("c_line", "F", "line capacitance while the switch is on"),
    Output("r_switch", "Ohm", "resistance of the switch that is on"),
    Output("v_switch_model", "V", "rms thermal noise of the switch's channel by its BSIM model, for comparison"),
)


QS_OUTPUTS = (
    *OUTPUTS,
    Output("v_discharge", "V", "rms noise one discharging cell adds; m cells add sqrt(m) times this"),
)


def qs_deck(circuit: AcimColumnQS, conditions: Conditions, inputs: Nothing, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the noise deck of a QS column: precharge on, one cell on."""
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/acim_qs_noise.cir.j2", devices, circuit=circuit, vdd=conditions.vdd, r_probe=_R_PROBE
    )
    return _deck(circuit.name, body, devices, "vpre", "mprel", conditions, _CELL)


def qr_deck(circuit: AcimColumnQR, conditions: Conditions, inputs: Nothing, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the noise deck of a QR column: reset switch on, plates low."""
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/acim_qr_noise.cir.j2", devices, circuit=circuit, vdd=conditions.vdd, r_probe=_R_PROBE
    )
    return _deck(circuit.name, body, devices, "vcm", "msw", conditions)


_CELL = ("onoise.mpgr0.id", "onoise.mpdr0.id")


def _deck(
    name: str,
    body: str,
    devices: Netlist,
    source: str,
    switch: str,
    conditions: Conditions,
    saves: tuple[str, ...] = (),
) -> Deck:
    return Deck(
        title=f"{name} noise, {conditions}",
        body=body,
        saves=("onoise_spectrum", "onoise_rprobe", f"onoise_total.{switch}.id", *saves),
        analysis=Noise("v(line)", source, stop=_F_MAX),
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def measure(w: Waveforms, setup: Setup[Circuit, Nothing]) -> dict[str, float]:
    """Extract the line's capacitance and the noise it samples; the equations are the module's."""
    kt = BOLTZMANN * setup.conditions.kelvin
    r_switch = float(w["onoise_rprobe"][0]) * math.sqrt(_R_PROBE / (4 * kt))
    c_line = time_constant(w.axis, w["onoise_rprobe"]) / r_switch
    # The channel's share: ngspice's total of the whole device was not finite at one condition in 27.
    model = next(v for k, v in w.scalars.items() if k.startswith("onoise_total.m") and k.endswith(".id"))
    return {
        "v_thermal": math.sqrt(kt / c_line),
        "c_line": c_line,
        "r_switch": r_switch,
        "v_switch_model": model,
    }


def time_constant(frequency: Array, impedance: Array) -> float:
    """Return the slope of an impedance's phase at low frequency from its magnitude, as a time [s].

    Parameters
    ----------
    frequency : ndarray, shape (n,)
        From far below to far above all corners [Hz], evenly spaced in its logarithm.
    impedance : ndarray, shape (n,)
        Magnitude in any unit.
    """
    omega = 2 * np.pi * frequency
    fall = np.log(impedance[0] / impedance)
    inside = np.trapezoid(fall / omega, np.log(omega))
    beyond = (fall[-1] + 1) / omega[-1]  # where the line's capacitance is left: |Z| ~ 1/w
    return float(2 / np.pi * (inside + beyond))


def qs_measure(w: Waveforms, setup: Setup[AcimColumnQS, Nothing]) -> dict[str, float]:
    """Measure as `measure`, and the noise of a discharging cell."""
    values = measure(w, setup)
    current = sum(float(w[name][0]) ** 2 for name in _CELL) / values["r_switch"] ** 2
    v_discharge = math.sqrt(current * setup.circuit.t_pulse / 2) / values["c_line"]
    return {**values, "v_discharge": v_discharge}
