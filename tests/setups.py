"""Setups of simulations that tests make up."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from bitline.benches.base import Conditions, Setup
from bitline.circuits.base import Circuit
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk, load_pdk

TOY = Path(__file__).parent / "pdk/toy/toy.toml"


@cache
def toy() -> Pdk:
    """Return the process that the tests bring along."""
    return load_pdk(TOY)


def setup_of(circuit: Circuit, inputs: Any, conditions: Conditions | None = None, pdk: Pdk | None = None) -> Any:
    """Return what a simulation was of; by default at nominal conditions, in the tests' own process."""
    return Setup(circuit, conditions or Conditions(), inputs, pdk or toy())


def at_kelvin(kelvin: float) -> Conditions:
    """Return nominal conditions at an absolute temperature [K]."""
    return Conditions(temperature=kelvin - 273.15)


@dataclass(frozen=True)
class Simulated(Waveforms):
    """Waveforms that know what they were of."""

    setup: Any = None


def simulated(
    w: Waveforms, circuit: Circuit, inputs: Any, conditions: Conditions | None = None, pdk: Pdk | None = None
) -> Simulated:
    """Return waveforms with what they were of."""
    return Simulated(
        **{f.name: getattr(w, f.name) for f in fields(w)}, setup=setup_of(circuit, inputs, conditions, pdk)
    )
