"""A lab's own circuit, as a plug-in brings it: an RC whose R and C have lognormal spread.

Its output after the nominal time constant is ``exp(-exp(-sigma (z1 + z2)))``: it exceeds a limit L with the
probability ``Phi(ln(-ln(L)) / (sigma sqrt(2)))``, exactly.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.netlist import netlist
from bitline.circuits.analysis import Transient
from bitline.circuits.base import Circuit
from bitline.circuits.deck import Deck
from bitline.circuits.netlist import Netlist
from bitline.engine.waveforms import Waveforms
from bitline.parameters import parameter, validated

if TYPE_CHECKING:
    from bitline.pdk.descriptor import Pdk

TOY = Path(__file__).parent / "pdk/toy/toy.toml"
_R, _C = 1e3, 1e-12


@validated
class LabRc(Circuit):
    """R and C."""

    name: ClassVar[str] = "lab-rc"
    template: ClassVar[str] = "benches/selftest.cir.j2"

    sigma: float = parameter(0.1, "spread of ln R and of ln C", source="choice", gt=0, le=1)


@validated
class Decay:
    """How the bench fails, if it does."""

    blind: bool = parameter(False, "give no output where R is below its median", source="choice")
    exact: bool = parameter(False, "take no deviates", source="choice")


OUTPUTS = (Output("v_out", "V", "output after the nominal time constant"),)


def deck(circuit: LabRc, conditions: Conditions, inputs: Decay, pdk: Pdk) -> Deck:
    devices = netlist(conditions, pdk)
    r, c = values(circuit, inputs, devices)
    return Deck(
        f"decay, {conditions}",
        f"r1 out 0 {r!r}\nc1 out 0 {c!r}\n.ic v(out)=1\n",
        ("v(out)",),
        analysis=Transient(1.5e-9, 1e-11),
        marks={"tau": _R * _C},
        deviates=devices.deviates_taken,
    )


def values(circuit: LabRc, inputs: Decay, devices: Netlist) -> tuple[float, float]:
    if inputs.exact:
        return _R, _C
    return devices.lognormal("r", _R, circuit.sigma), devices.lognormal("c", _C, circuit.sigma)


def measure(w: Waveforms, setup: Setup[LabRc, Decay]) -> dict[str, float]:
    r, _ = values(setup.circuit, setup.inputs, netlist(setup.conditions, setup.pdk))
    blind = setup.inputs.blind and r < _R
    return {"v_out": math.nan if blind else w.at("v(out)", w.marks["tau"])}


BENCH = Bench("decay", 1, "discharges", (LabRc,), Decay, OUTPUTS, deck, measure, lambda results, circuit: {})


def install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this module a plug-in; workers inherit the path. The registries' caches are the caller's to clear."""
    (folder / "lab-1.dist-info").mkdir()
    (folder / "lab-1.dist-info/METADATA").write_text("Name: lab\nVersion: 1\n")
    (folder / "lab-1.dist-info/entry_points.txt").write_text(
        "[bitline.circuits]\nlab-rc = lab_rc:LabRc\n[bitline.benches]\ndecay = lab_rc:BENCH\n"
    )
    monkeypatch.syspath_prepend(folder)
