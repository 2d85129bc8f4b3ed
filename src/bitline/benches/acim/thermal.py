"""Theory of the noise benches: what a line keeps when its switch opens, kT/C, and what discharging cells add.

By Nyquist's theorem the sampled noise is ``kT/C`` whatever the switch. BSIM's channel noise does not
obey it at V_ds = 0 (tnoimod = 1 gives 8 to 22 % less power, tnoimod = 0 between 8 % less and 10 % more,
measured on the four switch devices with 1 pF), and the noise of wires and drivers is no part of the
sampled charge. So the line's capacitance is extracted in the same `.noise` run from a noise source that
is exact, a probe resistor R_p much larger than the switch's R_on:

    S_p(f) = (4kT/R_p) |Z(f)|^2,    1/Z = 1/R_on + j 2 pi f C  at low frequency

R_on is |Z| at low frequency. C is all that takes charge from the line, behind a wire or a plate driver
too: capacitors C_k behind resistors R_k also bend |Z|, by 2 R_on sum(R_k C_k^2) against (R_on C)^2, so
that one pole fitted to |Z| gives 6 % too much for the default QR column, 23 % for four units of 10 fF.
But |Z| of a two-terminal impedance fixes its phase, whose slope at low frequency is -R_on C (Bode,
Network Analysis and Feedback Amplifier Design, 1945, chapter 14):

    R_on C = (2/pi) int_0^inf ln|Z(0)/Z(w)| / w^2 dw

The table's value is ``sqrt(kT/C)``, with the switch model's own figure beside it.

While a cell discharges a precharged line, the white noise S_i of its current adds (flicker noise, slower
than a cycle, is left out). In the same run one cell is on, and S_i is what its two devices give the line
over R_on^2; integrated over the pulse it leaves ``sqrt(S_i t_pulse / 2) / C`` per active cell, one-sided S_i.
"""

from __future__ import annotations

import math

import numpy as np

from bitline.benches.base import Conditions, NoInputs, Output, Setup
from bitline.circuits.analysis import Noise
from bitline.circuits.base import Circuit
from bitline.circuits.deck import Deck
from bitline.circuits.netlist import Netlist
from bitline.circuits.precharged_column import PrechargedColumn
from bitline.engine.waveforms import Array, Waveforms
from bitline.statistics.constants import BOLTZMANN

NOISE_DOC = "line capacitance and the thermal noise sampled with it (kT/C)"
R_PROBE = 1e12
# The noise of a switch on a capacitor is band-limited by R C, far below this: what lies above is lost.
_F_MAX = 1e13

OUTPUTS = (
    Output("v_thermal", "V", "rms noise sampled with the line: sqrt(kT/C)"),
    Output("c_line", "F", "line capacitance while the switch is on"),
    Output("r_switch", "Ohm", "resistance of the switch that is on"),
    Output("v_switch_model", "V", "rms thermal noise of the switch's channel by its BSIM model, for comparison"),
)
DISCHARGE_OUTPUTS = (
    *OUTPUTS,
    Output("v_discharge", "V", "rms noise one discharging cell adds; m cells add sqrt(m) times this"),
)


def noise_deck(
    circuit: Circuit,
    conditions: Conditions,
    devices: Netlist,
    body: str,
    *,
    source: str,
    switch: str,
    line: str = "line",
    cell: tuple[str, ...] = (),
) -> Deck:
    """Return the noise deck of a line.

    Parameters
    ----------
    circuit, conditions : Circuit, Conditions
        Of which it is.
    devices, body : Netlist, str
        As rendered, with `R_PROBE` on the line.
    source : str
        Source that the noise is referred to.
    switch : str
        Device that is on, and samples the noise when it opens.
    line : str
        Node.
    cell : tuple of str
        Devices of the cell that is on.
    """
    return Deck(
        title=f"{circuit.name} noise, {conditions}",
        body=body,
        saves=("onoise_spectrum", "onoise_rprobe", f"onoise_total.{switch}.id", *(f"onoise.{m}.id" for m in cell)),
        analysis=Noise(f"v({line})", source, stop=_F_MAX),
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def line_noise(w: Waveforms, setup: Setup[Circuit, NoInputs]) -> dict[str, float]:
    """Extract the line's capacitance and the noise it samples; the equations are the module's."""
    kt = BOLTZMANN * setup.conditions.kelvin
    r_switch = float(w["onoise_rprobe"][0]) * math.sqrt(R_PROBE / (4 * kt))
    c_line = time_constant(w.axis, w["onoise_rprobe"]) / r_switch
    # The channel's share: ngspice's total of the whole device was not finite at one condition in 27.
    model = next(v for k, v in w.scalars.items() if k.startswith("onoise_total.m") and k.endswith(".id"))
    return {
        "v_thermal": math.sqrt(kt / c_line),
        "c_line": c_line,
        "r_switch": r_switch,
        "v_switch_model": model,
    }


def discharge_noise(w: Waveforms, setup: Setup[PrechargedColumn, NoInputs], cell: tuple[str, ...]) -> dict[str, float]:
    """Measure as `line_noise`, and what the discharging cell of those devices adds over the pulse."""
    values = line_noise(w, setup)
    current = sum(float(w[f"onoise.{m}.id"][0]) ** 2 for m in cell) / values["r_switch"] ** 2
    return {**values, "v_discharge": math.sqrt(current * setup.circuit.t_pulse / 2) / values["c_line"]}


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
