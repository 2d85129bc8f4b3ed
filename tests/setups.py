"""Setups of simulations that tests make up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from bitline.benches.base import Conditions, Setup
from bitline.circuits.base import Circuit
from bitline.engine.waveforms import Array, Waveforms
from bitline.pdk.descriptor import Pdk, load_pdk

TOY = Path(__file__).parent / "pdk/toy/toy.toml"


@cache
def toy() -> Pdk:
    """Return the process that the tests bring along."""
    return load_pdk(TOY)


def as_library(pdk: Pdk) -> Pdk:
    """Return a process whose NMOS is drawn as its library draws it, whatever the descriptor chooses."""
    nmos = pdk.devices["nmos"].model_copy(update={"mismatch": "as_library"})
    return pdk.model_copy(update={"devices": {**pdk.devices, "nmos": nmos}})


def setup_of(circuit: Circuit, inputs: Any, conditions: Conditions | None = None, pdk: Pdk | None = None) -> Any:
    """Return what a simulation was of; by default at nominal conditions, in the tests' own process."""
    return Setup(circuit, conditions or Conditions(), inputs, pdk or toy())


def pulsed(time: Array, gates: Mapping[str, str], amperes: float, top: float = 1.8) -> dict[str, Array]:
    """Return what ideal sources show, by name and node, that rise to `top` over the second half of the time.

    They give a current all the time; a driver in their place takes it from its rail during that half alone.
    """
    rise = np.interp(time, [time[0], (time[0] + time[-1]) / 2, time[-1]], [0.0, 0.0, top])
    return {f"v({node})": rise for node in gates.values()} | {
        f"i({source})": np.full_like(time, -amperes) for source in gates
    }


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
