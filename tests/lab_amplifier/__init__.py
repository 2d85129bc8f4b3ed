"""A laboratory's amplifier with a bench each on a DC sweep, an AC response and an operating point."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytest

from bitline.benches.base import Bench, Conditions, Output
from bitline.benches.netlist import netlist
from bitline.circuits.analysis import Ac, Analysis, Dc, OperatingPoint
from bitline.circuits.base import Circuit
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.engine.waveforms import Waveforms
from bitline.parameters import parameter, validated

if TYPE_CHECKING:
    from bitline.pdk.descriptor import Pdk

HALF_SUPPLY = 0.75


@validated
class LabAmplifier(Circuit):
    """Common-source amplifier with a resistor as load."""

    name: ClassVar[str] = "lab-amplifier"
    template: ClassVar[str] = "benches/lab_amplifier.cir.j2"

    w: float = parameter(1e-6, "width of the transistor", unit="m", source="choice", gt=0)
    length: float = parameter(0.13e-6, "length of the transistor", unit="m", source="choice", gt=0)
    r_load: float = parameter(2e4, "load resistor", unit="Ohm", source="choice", gt=0)
    c_load: float = parameter(1e-14, "load capacitor", unit="F", source="choice", gt=0)


@validated
class Bias:
    """Where the amplifier is biased."""

    v_in: float = parameter(0.75, "voltage at the input", unit="V", source="choice", ge=0)
    falling: bool = parameter(False, "sweep the input downwards", source="choice")


def dc(inputs: Bias, vdd: float) -> Dc:
    return Dc("vin", vdd, 0.0, -0.01) if inputs.falling else Dc("vin", 0.0, vdd, 0.01)


def ac(inputs: Bias, vdd: float) -> Ac:
    return Ac(stop=1e11, start=1e5, points_per_decade=20)


def point(inputs: Bias, vdd: float) -> OperatingPoint:
    return OperatingPoint()


def deck(
    analysis: Callable[[Bias, float], Analysis],
    circuit: LabAmplifier,
    conditions: Conditions,
    inputs: Bias,
    pdk: Pdk,
) -> Deck:
    devices = netlist(conditions, pdk)
    body = render_circuit(circuit.template, devices, circuit=circuit, inputs=inputs, vdd=conditions.vdd)
    return Deck(
        f"lab-amplifier, {conditions}",
        body,
        ("v(in)", "v(out)", "i(vdd)"),
        analysis=analysis(inputs, conditions.vdd),
        temperature=conditions.temperature,
    )


def measure_curve(waveforms: Waveforms, *_: object) -> dict[str, float]:
    return {"v_switch": waveforms.crossing("v(out)", HALF_SUPPLY)}


def measure_response(waveforms: Waveforms, *_: object) -> dict[str, float]:
    gain = waveforms.magnitude_db("v(out)")
    return {"gain": float(gain[0]), "bandwidth": waveforms.crossing(gain, float(gain[0] - 10 * np.log10(2)))}


def measure_point(waveforms: Waveforms, *_: object) -> dict[str, float]:
    return {"v_out": waveforms.value("v(out)"), "i_supply": -waveforms.value("i(vdd)")}


def bench(name: str, analysis: Any, measure: Any, *outputs: Output) -> Bench:
    build = partial(deck, analysis)
    return Bench(name, 1, name, (LabAmplifier,), Bias, outputs, build, measure, lambda results, circuit: {})


CURVE = bench("curve", dc, measure_curve, Output("v_switch", "V", "input at half the supply"))
RESPONSE = bench(
    "response", ac, measure_response, Output("gain", "dB", "low-frequency gain"), Output("bandwidth", "Hz", "-3 dB")
)
POINT = bench("point", point, measure_point, Output("v_out", "V", "output"), Output("i_supply", "A", "from the supply"))

ENTRY_POINTS = """
[bitline.circuits]
lab-amplifier = lab_amplifier:LabAmplifier
[bitline.benches]
curve = lab_amplifier:CURVE
response = lab_amplifier:RESPONSE
point = lab_amplifier:POINT
[bitline.content]
lab-amplifier = lab_amplifier
"""


def install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this package a plug-in; workers inherit the path. The registries' caches are the caller's to clear."""
    information = folder / "lab_amplifier-1.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Name: lab-amplifier\nVersion: 1\n")
    (information / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(folder)
