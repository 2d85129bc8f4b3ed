"""The read stability of 6T cells on cards that a descriptor gives relative sigmas, simulated many cells at a time.

A read fails where the low storage node rises above the trip voltage of the other inverter (Mukhopadhyay, Mahmoodi and
Roy, IEEE Trans. CAD 24, 2005). With the loop cut both are operating points: the low node of an inverter whose input is
at VDD, and the node of an inverter that drives itself, each with its access device on and its bit line at VDD. Of a
cell that stores one given bit, each of the six transistors is in exactly one of the two, and the margin is

    margin = v(trip) - v(low)   [V]

The cell is OpenYield's 6T: widths 205, 90 and 135 nm, length 50 nm, 1.0 V, typical corner, and a standard deviation of
5 % of vth0, u0 and voff of each transistor, as its Monte Carlo test bench draws them (`vth_std = 0.05`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bitline.benches.base import Conditions
from bitline.benches.netlist import netlist
from bitline.circuits.analysis import OperatingPoint
from bitline.circuits.deck import Deck
from bitline.circuits.netlist import Netlist
from bitline.circuits.render import render_circuit
from bitline.engine.answer import Answer
from bitline.engine.shared import shared_simulator
from bitline.engine.verdict import judge
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError, SimulationError
from bitline.pdk.descriptor import Pdk, load_pdk
from bitline.templates import environment

Array = NDArray[np.float64]

VDD = 1.0
SIGMA = 0.05
DRAWS = 18
"""Deviates of one cell: three parameters of six transistors."""
SLOTS = 8
"""Cells in one deck: to find a card by its name takes ngspice longer the more there are."""

DESCRIPTOR = """
name = "{name}"
doc = "predictive 45 nm cards with relative sigmas of three parameters"
vdd = {vdd}
unit = 1.0
library = "wrap.lib"

[sections]
tt = "TT"
{devices}"""
DEVICE = """
[devices.{role}]
name = "{card}"
kind = "{kind}"
diffusion = 0.0
sigmas = {{ vth0 = {sigma}, u0 = {sigma}, voff = {sigma} }}
source = "OpenYield's test bench: standard deviation of each over its value"
"""
# A static margin: junctions are left out, for no charge flows.
ROLES = {"latch_n": ("NMOS_VTG", "nmos"), "pass_n": ("NMOS_VTG", "nmos"), "latch_p": ("PMOS_VTG", "pmos")}

CELLS = """
{% from "mosfet.cir.j2" import mos with context %}
vdd vdd 0 {{ vdd }}
{% for i in range(cells) %}
{{ mos("pul" ~ i, "latch_p", "low" ~ i, "vdd", "vdd", "vdd", 90e-9, 50e-9) -}}
{{ mos("pdl" ~ i, "latch_n", "low" ~ i, "vdd", "0", "0", 205e-9, 50e-9) -}}
{{ mos("pgl" ~ i, "pass_n", "vdd", "vdd", "low" ~ i, "0", 135e-9, 50e-9) -}}
{{ mos("pur" ~ i, "latch_p", "trip" ~ i, "trip" ~ i, "vdd", "vdd", 90e-9, 50e-9) -}}
{{ mos("pdr" ~ i, "latch_n", "trip" ~ i, "trip" ~ i, "0", "0", 205e-9, 50e-9) -}}
{{ mos("pgr" ~ i, "pass_n", "vdd", "vdd", "trip" ~ i, "0", 135e-9, 50e-9) -}}
{% endfor %}
"""


def process(models: Path, folder: Path, sigma: float = SIGMA) -> Pdk:
    """Write a descriptor of the cards in `models` into `folder` and load it; no card is copied.

    Raises
    ------
    InputError
        If `models` has no file of the typical corner.
    """
    cards = models.absolute() / "models_TT.spice"
    if not cards.is_file():
        raise InputError(f"--models {models}: must be a folder with models_TT.spice, as OpenYield's tran_models")
    (folder / "wrap.lib").write_text(f'.lib TT\n.include "{cards}"\n.endl TT\n')
    devices = (DEVICE.format(role=role, card=card, kind=kind, sigma=sigma) for role, (card, kind) in ROLES.items())
    (folder / "cards45.toml").write_text(DESCRIPTOR.format(name="cards45", vdd=VDD, devices="".join(devices)))
    return load_pdk(folder / "cards45.toml")


def read_deck(pdk: Pdk, deviates: Array) -> tuple[Deck, Netlist]:
    """Return the deck of some cells, and the devices in it; deviates of shape (cells, 18)."""
    devices = netlist(Conditions(vdd=pdk.vdd, deviates=tuple(deviates.ravel().tolist())), pdk)
    body = render_circuit(environment().from_string(CELLS), devices, cells=len(deviates), vdd=pdk.vdd)
    saves = tuple(f"v({node}{i})" for i in range(len(deviates)) for node in ("trip", "low"))
    deck = Deck(f"{len(deviates)} cells", body, saves, OperatingPoint(), deviates=devices.deviates_taken)
    return deck, devices


def margins_of(waveforms: Waveforms, cells: int) -> Array:
    """Return v(trip) - v(low) of each cell [V], shape (cells,)."""
    return np.array([waveforms.value(f"v(trip{i})") - waveforms.value(f"v(low{i})") for i in range(cells)])


class Cells:
    """Cells whose cards are altered in place: to read a cell's cards takes ngspice ten times as long as to solve it.

    The first deck is bitline's own; of each further sample only the numbers that mismatch moves are handed over. A
    test, and each run of the benchmark, compares both ways. It is a context, for its deck stays in this process's one
    simulator.

    Parameters
    ----------
    pdk : Pdk
        With sigmas of three parameters of each device.

    Attributes
    ----------
    simulated : int
        Cells simulated so far.
    draws : tuple of str
        Names of the parameters that the deviates of a cell move, in their order.

    Raises
    ------
    InputError
        If the descriptor does not make 18 deviates a cell.
    """

    def __init__(self, pdk: Pdk) -> None:
        self.pdk = pdk
        self.simulated = 0
        self.simulator = shared_simulator()
        # At one sigma every transistor has a card of its own.
        self._at = np.ones((SLOTS, DRAWS))
        self._deck, devices = read_deck(pdk, self._at)
        if len(self._deck.deviates) != SLOTS * DRAWS:
            raise InputError(f"{pdk.name}: {len(self._deck.deviates) / SLOTS:g} deviates a cell, not {DRAWS}")
        self._parts = [_Part(name, devices) for name in self._deck.deviates]
        self.draws = tuple(part.parameter for part in self._parts[:DRAWS])

    def __enter__(self) -> Self:
        self.simulator._load(self._deck.text)
        return self

    def __exit__(self, *_: object) -> None:
        self.simulator._command("remcirc")

    def margins(self, deviates: Array) -> Array:
        """Return the read margin of each cell [V], NaN where it has no operating point.

        Parameters
        ----------
        deviates : ndarray, shape (n, 18)
        """
        self.simulated += len(deviates)
        blocks = [self._block(deviates[k : k + SLOTS]) for k in range(0, len(deviates), SLOTS)]
        return np.concatenate(blocks)

    def _block(self, deviates: Array) -> Array:
        try:
            return margins_of(self._solved(deviates), len(deviates))
        except SimulationError:
            # One cell without an operating point leaves none for the others: each by itself.
            if len(deviates) == 1:
                return np.array([np.nan])
            return np.concatenate([self._block(deviates[k : k + 1]) for k in range(len(deviates))])

    def _solved(self, deviates: Array) -> Waveforms:
        simulator = self.simulator
        simulator._log = []
        wanted = np.zeros((SLOTS, DRAWS))
        wanted[: len(deviates)] = deviates
        for index in np.flatnonzero(wanted != self._at):
            simulator._command(self._parts[index].altered(wanted.flat[index]))
        self._at = wanted
        simulator._command("run")
        answer = Answer(simulator._plots(), "\n".join(simulator._log))
        simulator._command("destroy all")
        return judge(self._deck, answer)


class _Part:
    """One number of a card that a deviate moves, by the deviate's name such as ``pul0.vth0``."""

    def __init__(self, name: str, devices: Netlist) -> None:
        device, _, self.parameter = name.partition(".")
        (self.model,) = (card for card in devices.cards if card.startswith(f"{device}_"))
        numbers = dict(item.split("=") for item in devices.cards[self.model].card.split())
        role = self.model.removeprefix(f"{device}_")
        self.sigma = devices.slim.pdk.device(role).sigmas[self.parameter]
        # The card at hand is that of one sigma.
        self.nominal = float(numbers[self.parameter]) / (1 + self.sigma)

    def altered(self, deviate: float) -> str:
        return f"altermod {self.model} {self.parameter} = {self.nominal * (1 + self.sigma * deviate):.15e}"


def check_in_place(cells: Cells, rng: np.random.Generator, within: float = 1e-9) -> float:
    """Return by how much cells altered in place differ from decks of their own [V].

    Raises
    ------
    InputError
        If by more than `within`, or if no margin varies.
    """
    deviates = rng.standard_normal((SLOTS, DRAWS))
    altered = cells.margins(deviates)
    if np.ptp(altered) == 0:
        raise InputError(f"{cells.pdk.name}: no margin varies: the sigmas of its descriptor have no effect")
    deck, _ = read_deck(cells.pdk, deviates)
    own = margins_of(judge(deck, cells.simulator.answer(deck)), SLOTS)
    difference = float(np.max(np.abs(altered - own)))
    if not difference <= within:
        raise InputError(f"cells altered in place differ by {difference:.2g} V from decks of their own")
    return difference


def limit_at(cells: Cells, beta: float) -> float:
    """Return the least margin at a distance of `beta` sigmas [V]: a limit that about Phi(-beta) of the cells miss.

    The first-order reliability method (Hasofer and Lind, J. Eng. Mech. 100, 1974): against the slope, a few times.
    """
    point, step = np.zeros(DRAWS), 0.3
    for _ in range(6):
        moved = point + step * np.concatenate([np.eye(DRAWS), -np.eye(DRAWS)])
        up, down = np.split(cells.margins(moved), 2)
        slope = up - down
        point = -beta * slope / np.linalg.norm(slope)
    return float(cells.margins(point[None])[0])


@dataclass(frozen=True)
class Group:
    """A group of cells, which fails where the least margin of its cells is below a limit.

    Parameters
    ----------
    margins : callable
        Deviates of cells, shape (n, 18), to their margins [V], shape (n,).
    cells : int
    limit : float
        [V]
    """

    margins: Callable[[Array], Array]
    cells: int
    limit: float

    @property
    def dimension(self) -> int:
        return self.cells * DRAWS

    def __call__(self, deviates: Array) -> Array:
        """Return how far each group keeps the limit [V], shape (n,), for deviates of shape (n, 18 cells)."""
        # In the search most cells of a group stand still: equal ones are simulated once.
        distinct, index = np.unique(deviates.reshape(-1, DRAWS), axis=0, return_inverse=True)
        margins = self.margins(distinct)[index.reshape(len(deviates), self.cells)]
        return np.asarray(margins.min(axis=1) - self.limit)
