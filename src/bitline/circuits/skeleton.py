"""Skeletons: the text of a netlist with places for what mismatch moves.

Decks of samples that differ in their deviates alone are one text with other numbers in it. Rendering it costs ten
times as much as filling these in, so the second deck of a kind leaves a skeleton, and all further ones are made from
that. It was made without any deviate (`Slot`), and it is kept only if it gives the rendered text to the byte; what
cannot have one, such as a template that compares a number that was drawn, is rendered each time.
"""

from __future__ import annotations

import copyreg
import io
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate, tee
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from jinja2 import Template, TemplateError
from numpy.typing import NDArray

from bitline.circuits.netlist import Device, Drawn, Netlist, Placed
from bitline.errors import BitlineError
from bitline.numbers import number
from bitline.parameters import Parameters, field_names
from bitline.pdk.slim import Geometry, SlimPdk, Transistor
from bitline.templates import Formula, Slot, included, split_text, value_of

# Characters in all skeletons of a corner together: those of some hundred columns. What comes later is rendered.
_ROOM = 50_000_000
# Kinds of decks that were met once. A deck whose kind never comes again, such as one of a drawn time, fills this.
_MET = 4096
# What asking a `Slot` for its value raises, in a template or in what that calls.
_ASKED = (TypeError, ValueError, AttributeError, TemplateError, BitlineError)

Kind = tuple[Template, bytes, bool, float, str]


@dataclass(frozen=True)
class Number:
    """A number that a template draws: the function of its deviate, and the deviate's name."""

    name: str
    of: Callable[[float], float]


@dataclass
class Sketch(Netlist):
    """A netlist that takes no deviates, but notes what takes them and writes places for it."""

    parts: list[Device | Number] = field(default_factory=list)

    def _placed(self, device: Device) -> Placed:
        self.parts.append(device)
        index = len(self.parts)
        return Placed("M", Slot(f"m{index}").mark, Slot(f"p{index}").mark)

    def _drawn(self, name: str, number_of: Callable[[float], float]) -> Any:
        self.parts.append(Number(name, number_of))
        return Slot(f"n{len(self.parts)}")


@dataclass(frozen=True)
class Skeleton:
    """A netlist's text with places, and what belongs into them.

    Parameters
    ----------
    pieces : list of str
        Text before, between and after its places.
    places : list of formula
        What is written there.
    parts : tuple of Device or Number
        What takes deviates or a card, in order; place m1 is the model of the first, p1 its parameters, n1 its number.
    templates : list of Template
        Those it was made from.
    """

    pieces: list[str]
    places: list[Formula]
    parts: tuple[Device | Number, ...]
    templates: list[Template]

    @cached_property
    def size(self) -> int:
        """Characters of its text."""
        return sum(map(len, self.pieces))

    @property
    def valid(self) -> bool:
        """Whether the files of its templates are as they were."""
        return all(template.is_up_to_date for template in self.templates)

    @cached_property
    def _names(self) -> list[str]:
        """The names of its deviates, in the order in which they are taken."""
        return [name for part in self.parts for name in _names(part)]

    @cached_property
    def _groups(self) -> list[_Group]:
        """Its transistors by size."""
        groups: dict[Any, _Group] = {}
        first = 0
        for index, part in enumerate(self.parts):
            end = first + len(_names(part))
            if isinstance(part, Device):
                group = groups.setdefault((part.role, part.geometry, end - first), _Group(part.role, part.geometry))
                group.parts.append(index)
                group.deviates.append(range(first, end))
            first = end
        return list(groups.values())

    @cached_property
    def _numbers(self) -> list[tuple[str, Callable[[float], float], int]]:
        """The numbers it draws: name of the place, function, and which deviate."""
        counts = accumulate((len(_names(part)) for part in self.parts), initial=0)
        pairs = enumerate(zip(self.parts, counts, strict=False), 1)
        return [(f"n{index}", part.of, first) for index, (part, first) in pairs if isinstance(part, Number)]

    @cached_property
    def _devices(self) -> list[tuple[int, Device, str, str]]:
        """Its transistors in order: index, device, and the names of the places of model and parameters."""
        return [
            (index, part, f"m{index + 1}", f"p{index + 1}")
            for index, part in enumerate(self.parts)
            if isinstance(part, Device)
        ]

    def text(self, netlist: Netlist, drawn: Mapping[str, float]) -> str:
        """Return the text with a netlist's deviates in it, and register all cards.

        Parameters
        ----------
        netlist : Netlist
            Nothing is placed in it yet.
        drawn : mapping of str to float
            Numbers that were drawn before, by the names of their places.
        """
        z = np.array(netlist.take(self._names))
        folded = self._folded(netlist.slim, z)
        numbers = {**drawn, **{name: of(sum([float(z[place])], 0.0)) for name, of, place in self._numbers}}
        texts: dict[Formula, str] = {}
        for index, device, model, parameters in self._devices:
            transistor, varies = folded[index]
            placed = netlist.written(device, transistor, varies=varies)
            texts[model], texts[parameters] = placed.model, placed.parameters
        written = [texts.get(place) or number(value_of(place, numbers)) for place in self.places]
        return "".join([text for pair in zip(self.pieces, [*written, ""], strict=True) for text in pair])

    def _folded(self, slim: SlimPdk, z: NDArray[np.float64]) -> dict[int, tuple[Transistor, bool]]:
        """Return each transistor, folded with its deviates, and whether one of these is not 0; by the part's index."""
        folded: dict[int, tuple[Transistor, bool]] = {}
        for group in self._groups:
            if not group.places.size:
                folded |= dict.fromkeys(group.parts, (slim.transistor(group.role, group.geometry), False))
                continue
            rows = z[group.places]
            varying: list[bool] = (rows != 0).any(axis=1).tolist()
            transistors = slim.transistors(group.role, group.geometry, rows)
            folded.update(zip(group.parts, zip(transistors, varying, strict=True), strict=True))
        return folded


@dataclass
class _Group:
    """Transistors of one size: which parts they are, and which deviates each takes."""

    role: str
    geometry: Geometry
    parts: list[int] = field(default_factory=list)
    deviates: list[range] = field(default_factory=list)

    @cached_property
    def places(self) -> NDArray[np.intp]:
        """Places of the deviates among all, shape (parts, draws)."""
        return np.array(self.deviates, dtype=np.intp)


def _names(part: Device | Number) -> tuple[str, ...]:
    return part.draws if isinstance(part, Device) else (part.name,)


class _Pickler(pickle.Pickler):
    """Writes what a template is given, with a place for each number that was drawn; `drawn` are these."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self.drawn: dict[str, float] = {}

    def reducer_override(self, value: Any) -> Any:
        """Pickle a drawn number as the `Slot` of its name."""
        if isinstance(value, Parameters):
            # Without what a circuit has worked out meanwhile, which says nothing new.
            own = {name: getattr(value, name) for name in field_names(value)}
            return copyreg.__newobj__, (type(value),), own  # type: ignore[attr-defined]
        if type(value) is not Drawn:
            return NotImplemented
        place = f"d{value.name}"
        if self.drawn.setdefault(place, value) != value:
            raise pickle.PicklingError(f"two numbers were drawn as {value.name}")
        return Slot, (place,)


@dataclass
class _Skeletons:
    """The skeletons of one corner of a PDK, by what they were made from; None for what can have none."""

    kept: dict[Kind, Skeleton | None] = field(default_factory=dict)
    met: set[Kind] = field(default_factory=set)
    room: int = _ROOM

    def of(self, kind: Kind) -> Skeleton | None:
        """Return the skeleton of a kind, if there is one whose templates' files are as they were."""
        skeleton = self.kept.get(kind)
        if skeleton is None or skeleton.valid:
            return skeleton
        self.room += len(kind[1]) + skeleton.size
        del self.kept[kind]
        return None

    def meet(self, kind: Kind) -> bool:
        """Say whether a kind is worth a skeleton: it has come before, and there is room."""
        if kind in self.kept or self.room <= 0:
            return False
        if kind in self.met:
            return True
        if len(self.met) >= _MET:
            self.met.clear()
        self.met.add(kind)
        return False

    def keep(self, kind: Kind, skeleton: Skeleton | None) -> None:
        self.met.discard(kind)
        self.kept[kind] = skeleton
        # What cannot have one is remembered as well.
        self.room -= len(kind[1]) + (skeleton.size if skeleton else 0)


_SKELETONS: WeakKeyDictionary[SlimPdk, _Skeletons] = WeakKeyDictionary()


def body_text(template: Template, netlist: Netlist, values: Mapping[str, Any]) -> str:
    """Return what a template makes of values, with the netlist's devices: rendered, or from its skeleton.

    Parameters
    ----------
    template : Template
    netlist : Netlist
        Takes the devices and their deviates.
    values : mapping of str to object
        What the template reads; of equal values (as they pickle) it makes equal text.
    """
    pickled = _pickled(values) if netlist.deviates is not None and not netlist.full and not netlist.cards else None
    if pickled is None or template.name is None:
        return rendered(template, netlist, values)
    content, drawn = pickled
    kind = (template, content, netlist.still, netlist.least_edge, netlist.group)
    skeletons = _SKELETONS.setdefault(netlist.slim, _Skeletons())
    skeleton = skeletons.of(kind)
    if skeleton is not None:
        return skeleton.text(netlist, drawn)
    if not skeletons.meet(kind):
        return rendered(template, netlist, values)
    twin = _twin(netlist)
    text = rendered(template, netlist, values)
    skeletons.keep(kind, _proven(template, pickle.loads(content), drawn, twin, (text, netlist)))
    return text


def rendered(template: Template, netlist: Netlist, values: Mapping[str, Any]) -> str:
    """Return what a template makes of values and a netlist, rendered."""
    return template.render(
        place=netlist.place,
        spread=netlist.spread,
        lognormal=netlist.lognormal,
        read_cell=netlist.read_cell,
        capacitor=netlist.capacitor,
        **values,
    )


def _pickled(values: Mapping[str, Any]) -> tuple[bytes, dict[str, float]] | None:
    """Return values as bytes in which drawn numbers are places, and these numbers; None where they do not pickle."""
    file = io.BytesIO()
    pickler = _Pickler(file)
    try:
        pickler.dump(dict(values))
    except (pickle.PicklingError, TypeError, AttributeError):
        return None
    return file.getvalue(), pickler.drawn


def _twin(netlist: Netlist) -> Netlist:
    """Return a netlist with the same deviates ahead."""
    assert netlist.deviates is not None
    netlist.deviates, ahead = tee(netlist.deviates)
    return replace(netlist, deviates=ahead, cards={}, deviates_taken=dict(netlist.deviates_taken))


def _proven(
    template: Template,
    values: Mapping[str, Any],
    drawn: Mapping[str, float],
    twin: Netlist,
    expected: tuple[str, Netlist],
) -> Skeleton | None:
    """Return a template's skeleton if it makes of a twin's deviates what was rendered with them, else None."""
    templates = included(str(template.name))
    if templates is None:
        return None
    sketch = Sketch(twin.slim, iter(()), still=twin.still, least_edge=twin.least_edge)
    try:
        text = rendered(template, sketch, values)
        skeleton = Skeleton(*split_text(text), tuple(sketch.parts), templates)
        made = skeleton.text(twin, drawn)
    except _ASKED:
        return None
    text, netlist = expected
    same = made == text and _state(twin) == _state(netlist)
    return skeleton if same else None


def _state(netlist: Netlist) -> tuple[list[Any], list[Any]]:
    return list(netlist.cards.items()), list(netlist.deviates_taken.items())
