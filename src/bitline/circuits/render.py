"""Rendering: the only place where parameters become SPICE text.

Templates are Jinja, sandboxed, with undefined names refused. Every number passes through one filter
that writes exact SI floats; the only strings that reach a deck are names from bitline's own code and
identifiers that the PDK descriptor has checked, so no user text can open a `.control` block.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from itertools import islice
from types import MappingProxyType
from typing import Any

from bitline.circuits.base import ALL_GROUPS
from bitline.circuits.deck import Deck
from bitline.errors import InputError
from bitline.numbers import number
from bitline.pdk.descriptor import Capacitor
from bitline.pdk.slim import Geometry, SlimPdk, Transistor, assignments
from bitline.pdk.standard_cells import StandardCell, standard_cell
from bitline.templates import environment

_NAME = re.compile(r"[A-Za-z0-9_]+")


@dataclass(frozen=True)
class Placed:
    """A transistor as the `mos` macro writes it: M with a slim card, X for a subcircuit of the full library."""

    letter: str
    model: str
    parameters: str


@dataclass
class Netlist:
    """Collects the devices of one deck while its template is rendered.

    Parameters
    ----------
    slim : SlimPdk
    deviates : iterator of float, optional
        Standard-normal mismatch deviates, taken in the order of the devices; None is no mismatch.
    still : bool
        Give transistors and capacitors no mismatch of their own; memory devices keep theirs.
    full : bool
        Write subcircuit calls to the PDK's full library instead of slim cards (used to prove both equal).
    least_edge : float
        Side wall [m] that a junction drawn with neither area nor side wall gets: of one that has none ngspice's BSIM3
        takes 1e-14 A as the saturation current, as much as an idle cell leaks.
    group : str
        Mismatch group of the circuit that varies alone: the deviates of all other devices are taken, too, but are 0.
    varying : tuple of str
        Patterns of the names of the group's devices; `render_circuit`, which knows the circuit, gives them.
    cards : dict of str to Transistor
        The model cards that the devices placed so far need, by name.
    deviates_taken : dict of str to float
        The deviates taken so far, by name.
    """

    slim: SlimPdk
    deviates: Iterator[float] | None = None
    full: bool = False
    still: bool = False
    least_edge: float = 0.0
    group: str = ALL_GROUPS
    varying: tuple[str, ...] = ("*",)
    cards: dict[str, Transistor] = field(default_factory=dict)
    deviates_taken: dict[str, float] = field(default_factory=dict)

    def _take(self, names: Sequence[str]) -> list[float]:
        """Return a deviate for each name, or none at all without mismatch."""
        if self.deviates is None:
            return []
        values = [float(v) for v in islice(self.deviates, len(names))]
        if len(values) < len(names):
            raise InputError(f"too few mismatch deviates: {len(self.deviates_taken)} given")
        taken = dict(zip(names, map(self._kept, names, values), strict=True))
        self.deviates_taken.update(taken)
        return list(taken.values())

    def _kept(self, name: str, value: float) -> float:
        """Return a deviate as it is if its device varies, else 0."""
        if self.group == ALL_GROUPS or any(fnmatchcase(name.partition(".")[0], one) for one in self.varying):
            return value
        return 0.0

    def place(
        self,
        name: str,
        role: str,
        w: float,
        length: float,
        ad: float | None = None,
        a_s: float | None = None,
        pd: float | None = None,
        ps: float | None = None,
        parallel: float | None = None,
    ) -> Placed:
        """Register a transistor and return what its line holds.

        With `parallel` it stands for so many equal devices side by side, or below 1 for a share of one, and has no
        mismatch: that of many averages.
        """
        geometry = Geometry(w, length, ad, a_s, self._edge(ad, pd), self._edge(a_s, ps))
        if self.full:
            return self._times(self._call(role, geometry), parallel)
        z: list[float] = []
        if not self.still and parallel is None:
            z = self._take([f"{name}.{draw}" for draw in self.slim.draws(role, geometry)])
        folded = self.slim.transistor(role, geometry, z)
        model = folded.model
        # Devices of one card share it, which loads three times faster. With all deviates zero the text, and so
        # the order in which ngspice sums currents, is that of the nominal corner: the same bits.
        if (folded.own_card and any(z)) or self.cards.get(model, folded).card != folded.card:
            model = f"{name.lower()}_{role}"
        self.cards[model] = folded
        return self._times(Placed("M", model, folded.line), parallel)

    def _times(self, placed: Placed, parallel: float | None) -> Placed:
        """Return a device as it is, or so many of it in parallel."""
        if parallel is None:
            return placed
        return replace(placed, parameters=f"{placed.parameters} m={number(parallel)}")

    def _edge(self, area: float | None, edge: float | None) -> float | None:
        """Return a junction's side wall, the least one where it has neither area nor side wall."""
        if area == edge == 0:
            return self.least_edge
        return edge

    def _call(self, role: str, geometry: Geometry) -> Placed:
        """Return the call of the full library's own subcircuit or model."""
        letter = "M"
        if self.slim.is_subcircuit(role):
            letter = "X"
        return Placed(letter, self.slim.pdk.devices[role].name, assignments(self.slim.geometry(role, geometry)))

    def capacitor(self, name: str, c: float) -> Capacitor:
        """Return the process's capacitor of that name, for units of `c` [F]; refuses one it cannot make."""
        return self.slim.pdk.capacitor(name, c)

    def spread(self, name: str, value: float, sigma: float) -> float:
        """Return `value` moved by one deviate times `sigma`: a capacitor's mismatch."""
        if sigma == 0 or self.still:
            return value
        # The sum of one deviate, or of none without mismatch.
        return value + sigma * sum(self._take([f"{name}.c"]))

    def shift(self, name: str, sigma: float) -> float:
        """Return one deviate times `sigma`, none where that is 0: by how much an edge is late [s]."""
        if sigma == 0:
            return 0.0
        return sigma * sum(self._take([f"{name}.t"]))

    def read_cell(self, name: str, nets: Mapping[str, str]) -> StandardCell:
        """Return a standard cell, whose every signal pin has a node in `nets`."""
        cell = standard_cell(self.slim.pdk, name)
        if set(nets) != set(cell.pins):
            raise InputError(f"standard cell {name}: nodes for {', '.join(nets)}; its pins are {', '.join(cell.pins)}")
        return cell

    def lognormal(self, name: str, value: float, sigma: float) -> float:
        """Return `value` times exp(`sigma` z), z one deviate: the resistance of a memory device."""
        # One deviate whatever sigma is: the other devices then keep theirs when sigma changes.
        return value * math.exp(sigma * sum(self._take([f"{name}.lnr"])))


def render_circuit(template: str, netlist: Netlist, **values: Any) -> str:
    """Render a template, with the model cards its transistors need after it.

    Raises
    ------
    InputError
        If the netlist's mismatch group is not the circuit's, or none of its devices is in the deck.
    """
    if netlist.group != ALL_GROUPS:
        netlist.varying = values["circuit"].mismatch_group(netlist.group)
    body = (
        environment()
        .get_template(template)
        .render(
            place=netlist.place,
            spread=netlist.spread,
            lognormal=netlist.lognormal,
            read_cell=netlist.read_cell,
            capacitor=netlist.capacitor,
            **values,
        )
    )
    if netlist.group != ALL_GROUPS and not any(netlist.deviates_taken.values()):
        groups = ", ".join(values["circuit"].mismatch_groups)
        raise InputError(
            f"group = {netlist.group}: nothing of it varies in this deck of {values['circuit'].name} (groups: {groups})"
        )
    # After the body, which decides what cards there are.
    cards = (
        environment()
        .get_template("mosfet_cards.cir.j2")
        .render(
            cards=netlist.cards,
            full=netlist.full,
            library=str(netlist.slim.pdk.library_path()),
            section=netlist.slim.section,
            unit=netlist.slim.pdk.unit,
            includes=[str(path) for path in netlist.slim.pdk.include_paths()],
            parameters=netlist.slim.settings,
            tnom=netlist.slim.tnom,
        )
    )
    return body + cards


def render_deck(deck: Deck) -> str:
    """Render the whole text of a deck: title, options, temperature, body, saves."""
    # Names of options come from benches and users alike, and go into SPICE text as they are.
    for name in deck.options:
        if not _NAME.fullmatch(name):
            raise InputError(f"ngspice option {name!r} is not a name")
    # A template can read the options but not change them.
    options = MappingProxyType({name: _option(value) for name, value in deck.options.items()})
    return environment().get_template("deck.cir.j2").render(deck=deck, options=options)


def _option(value: Any) -> str:
    """Return an option's value as SPICE text; anything but a name is written by the number filter, or refused."""
    if isinstance(value, str) and _NAME.fullmatch(value):
        return value
    return number(value)
