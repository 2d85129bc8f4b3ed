"""Noise bench of the analog columns: what a line keeps when its switch opens, kT/C.

By Nyquist's theorem the sampled noise is ``kT/C`` whatever the switch. BSIM's channel noise does not
obey it at V_ds = 0 (tnoimod = 1 gives 8 to 22 % less power, tnoimod = 0 between 8 % less and 10 % more,
measured on the four switch devices with 1 pF), and the noise of wires and drivers is no part of the
sampled charge. So the line's capacitance is extracted in the same `.noise` run from a noise source that
is exact, a probe resistor R_p much larger than the switch's R_on:

    S_p(f) = (4kT/R_p) R_on^2 / (1 + (2 pi f R_on C)^2)

gives R_on at low frequency and C where S_p has begun to fall, well below the corners of wires and
drivers. The table's value is ``sqrt(kT/C)``, with the switch model's own figure beside it.
"""

from __future__ import annotations

import math

import numpy as np

from bitline.benches.base import Conditions, Output
from bitline.benches.netlists import netlist
from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.base import validated
from bitline.circuits.deck import Deck, Noise
from bitline.circuits.render import render_circuit
from bitline.pdk.descriptor import Pdk
from bitline.simulate.waveforms import Waveforms
from bitline.statistics.constants import BOLTZMANN, ZERO_CELSIUS

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
    Output("v_switch_model", "V", "rms noise of the switch by its BSIM model, for comparison"),
)


def qs_deck(circuit: AcimColumnQS, conditions: Conditions, inputs: Nothing, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the noise deck of a QS column: precharge on, word lines low."""
    return _deck("benches/acim_qs_noise.cir.j2", "vpre", "mprel", circuit, conditions, pdk, full)


def qr_deck(circuit: AcimColumnQR, conditions: Conditions, inputs: Nothing, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the noise deck of a QR column: reset switch on, plates low."""
    return _deck("benches/acim_qr_noise.cir.j2", "vcm", "msw", circuit, conditions, pdk, full)


def _deck(
    template: str,
    source: str,
    switch: str,
    circuit: AcimColumnQS | AcimColumnQR,
    conditions: Conditions,
    pdk: Pdk,
    full: bool,
) -> Deck:
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit(template, devices, circuit=circuit, vdd=conditions.vdd, r_probe=_R_PROBE)
    return Deck(
        title=f"{circuit.name} noise",
        body=body,
        saves=("onoise_spectrum", "onoise_rprobe", f"onoise_total.{switch}"),
        stop=_F_MAX,
        sweep="frequency",
        noise=Noise(output="v(line)", source=source),
        constants={"kelvin": conditions.temperature + ZERO_CELSIUS},
        temperature=conditions.temperature,
    )


def measure(w: Waveforms) -> dict[str, float]:
    """Extract the line's capacitance and the noise it samples; the equations are the module's."""
    kt = BOLTZMANN * w.constants["kelvin"]
    density = w["onoise_rprobe"] ** 2
    r_switch = math.sqrt(density[0] * _R_PROBE / (4 * kt))
    fall = density[0] / density - 1
    place = int(np.searchsorted(fall, 0.02)) - 1  # fall = (2 pi f R C)^2 rises with frequency
    c_line = float(math.sqrt(fall[place]) / (2 * math.pi * w.axis[place] * r_switch))
    model = next(v for k, v in w.scalars.items() if k.startswith("onoise_total.m"))
    return {
        "v_thermal": math.sqrt(kt / c_line),
        "c_line": c_line,
        "r_switch": r_switch,
        "v_switch_model": model,
    }
