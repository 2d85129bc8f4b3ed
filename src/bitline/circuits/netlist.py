"""Netlist: what a template calls for each of its devices, and what it has placed so far."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from itertools import islice

from bitline.circuits.base import ALL_GROUPS
from bitline.errors import InputError
from bitline.numbers import number
from bitline.pdk.descriptor import Capacitor
from bitline.pdk.slim import Geometry, SlimPdk, Transistor, assignments
from bitline.pdk.standard_cells import StandardCell, standard_cell


@dataclass(frozen=True)
class Placed:
    """A transistor as the `mos` macro writes it: M with a slim card, X for a subcircuit of the full library."""

    letter: str
    model: str
    parameters: str


@dataclass(frozen=True)
class Device:
    """A transistor of a deck, whatever its deviates are.

    Parameters
    ----------
    name, role : str
    geometry : Geometry
    parallel : float, optional
        So many equal ones side by side.
    draws : tuple of str
        Names of the deviates that it takes.
    """

    name: str
    role: str
    geometry: Geometry
    parallel: float | None
    draws: tuple[str, ...]


class Drawn(float):
    """A number that a deviate moved. It bears the deviate's name, by which a `Skeleton` finds its place in a text."""

    name: str

    def __new__(cls, name: str, value: float) -> Drawn:
        """Return the number."""
        drawn = super().__new__(cls, value)
        drawn.name = name
        return drawn


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

    def take(self, names: Sequence[str]) -> list[float]:
        """Return a deviate for each name, or none at all without mismatch."""
        if self.deviates is None:
            return []
        values = [float(v) for v in islice(self.deviates, len(names))]
        if len(values) < len(names):
            raise InputError(f"too few mismatch deviates: {len(self.deviates_taken) + len(values)} given")
        values = [self._kept(name, value) for name, value in zip(names, values, strict=True)]
        self.deviates_taken.update(zip(names, values, strict=True))
        return values

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
            return _times(self._call(role, geometry), parallel)
        draws: tuple[str, ...] = ()
        if self.deviates is not None and not self.still and parallel is None:
            draws = tuple(f"{name}.{draw}" for draw in self.slim.draws(role, geometry))
        return self._placed(Device(name, role, geometry, parallel, draws))

    def _placed(self, device: Device) -> Placed:
        z = self.take(device.draws)
        return self.written(device, self.slim.transistor(device.role, device.geometry, z), varies=any(z))

    def written(self, device: Device, folded: Transistor, *, varies: bool) -> Placed:
        """Register the card of a folded transistor and return what its line holds.

        Parameters
        ----------
        device : Device
        folded : Transistor
        varies : bool
            Whether one of its deviates is not 0.
        """
        model = folded.model
        # Devices of one card share it, which loads three times faster. With all deviates zero the text, and so
        # the order in which ngspice sums currents, is that of the nominal corner: the same bits.
        if (folded.own_card and varies) or self.cards.get(model, folded).card != folded.card:
            model = f"{device.name.lower()}_{device.role}"
        self.cards[model] = folded
        return _times(Placed("M", model, folded.line), device.parallel)

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
        return self._drawn(f"{name}.c", partial(_moved, value, sigma))

    def shift(self, name: str, sigma: float) -> float:
        """Return one deviate times `sigma`, none where that is 0: by how much an edge is late [s]."""
        if sigma == 0:
            return 0.0
        return self._drawn(f"{name}.t", partial(_moved, 0.0, sigma))

    def read_cell(self, name: str, nets: Mapping[str, str]) -> StandardCell:
        """Return a standard cell, whose every signal pin has a node in `nets`."""
        cell = standard_cell(self.slim.pdk, name)
        if set(nets) != set(cell.pins):
            raise InputError(f"standard cell {name}: nodes for {', '.join(nets)}; its pins are {', '.join(cell.pins)}")
        return cell

    def lognormal(self, name: str, value: float, sigma: float) -> float:
        """Return `value` times exp(`sigma` z), z one deviate: the resistance of a memory device."""
        # One deviate whatever sigma is: the other devices then keep theirs when sigma changes.
        return self._drawn(f"{name}.lnr", partial(_scaled, value, sigma))

    def _drawn(self, name: str, number_of: Callable[[float], float]) -> float:
        """Return what a function makes of one deviate, of 0 without mismatch."""
        return Drawn(name, number_of(sum(self.take([name]), 0.0)))


def _times(placed: Placed, parallel: float | None) -> Placed:
    """Return a device as it is, or so many of it in parallel."""
    if parallel is None:
        return placed
    return Placed(placed.letter, placed.model, f"{placed.parameters} m={number(parallel)}")


def _moved(value: float, sigma: float, z: float) -> float:
    return value + sigma * z


def _scaled(value: float, sigma: float, z: float) -> float:
    return value * math.exp(sigma * z)
