"""Slim models: a transistor's model card at one corner and size, folded to plain numbers.

Loading SKY130 takes ngspice seconds, running one cell milliseconds. So the library's section is
resolved once (`library`), and for each transistor size the expressions are folded here into a
`.model` card that ngspice reads in microseconds. Folded numbers are written with ``%.15e``, the
format in which ngspice's own parameter pass hands them to its model parser, so that a slim deck
and the full library give the same bits.

Random draws of the library (``MC_MM_SWITCH*AGAUSS(0,1,1)``) become named standard-normal deviates,
one set per instance, zero by default: mismatch off is the nominal corner, bit for bit.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bitline.errors import InputError, PdkDamagedError, UnknownNameError
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Device, Pdk
from bitline.pdk.library import DeviceText, Library, ModelCard
from bitline.pdk.library_cache import load_library
from bitline.pdk.scope import Rows, Scope, draw_names

# A number in the open, suffix and all, and a version in three parts are ngspice's to read: they stay as they are.
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?[a-z]*|\d+(\.\d+){2,}")
_GEOMETRY = ("l", "w", "ad", "as", "pd", "ps", "nrd", "nrs")
# ngspice's bins reach this far beyond their limits [m], at both ends, and the first in the file is taken.
_BIN_TOLERANCE = 1e-9
_PLACE = "%.15e"
# Levels of ngspice whose transistors know delvto: BSIM3, BSIM4, BSIMSOI. Asked of ngspice 39 in tests/pdk/test_slim.py.
_DELVTO_LEVELS = frozenset({8, 49, 14, 54, 10, 58})


@dataclass(frozen=True)
class Geometry:
    """Size of a transistor in metres; junction areas [m2] and perimeters [m] of drain and source.

    Areas left at None follow the PDK's rule for an unshared drain or source:
    ``area = w * diffusion``, ``perimeter = 2 * (w + diffusion)``.
    """

    w: float
    l: float  # noqa: E741 (the name SPICE uses)
    ad: float | None = None
    as_: float | None = None
    pd: float | None = None
    ps: float | None = None


class Transistor(NamedTuple):
    """One transistor ready to be written; a tuple, for a deck has hundreds, each made anew for each sample.

    Parameters
    ----------
    model : str
        Name of the model card it can share with others of its role and size.
    type : str
        ``"nmos"`` or ``"pmos"``.
    card : str
        Parameters of the card, ``name=number`` each.
    own_card : bool
        Whether mismatch moved the card itself, so that it cannot be shared.
    instance : mapping
        Parameters of the instance line, lengths in the library's unit.
    line : str
        The same as text, ``name=number`` each.
    """

    model: str
    type: str
    card: str
    own_card: bool
    instance: Mapping[str, float]
    line: str


class SlimPdk:
    """A PDK at one corner.

    Parameters
    ----------
    pdk : Pdk
    corner : Corner
    """

    def __init__(self, pdk: Pdk, corner: Corner) -> None:
        self.pdk = pdk
        self.corner = corner
        self.section = pdk.section(corner)
        self._folders: dict[tuple[str, Geometry], _Folder] = {}

    @cached_property
    def settings(self) -> Mapping[str, float]:
        """What is set after the library's own parameters: those of the descriptor, and its mismatch switch off."""
        own = {name.lower(): value for name, value in self.pdk.parameters.items()}
        switch = self.pdk.mismatch_switch.lower()
        if switch in self.library.parameters:
            # Some libraries come with it on; bitline draws by deviates alone.
            own.setdefault(switch, 0.0)
        return own

    @cached_property
    def parameters(self) -> Mapping[str, str]:
        """The library's parameters, and after them `settings`."""
        return {**self.library.parameters, **{name: repr(value) for name, value in self.settings.items()}}

    @cached_property
    def globals(self) -> Scope:
        """The values of `parameters`, mismatch off."""
        return Scope(self.parameters)

    @cached_property
    def globals_with_mismatch(self) -> Scope:
        """The values of `parameters` with the library's mismatch switched on."""
        switch = self.pdk.mismatch_switch.lower()
        if not switch:
            return self.globals
        if switch not in self.parameters:
            raise UnknownNameError(
                "mismatch_switch",
                switch,
                self.parameters,
                f"of PDK {self.pdk.name} in section {self.section} of its library"
                " (a file that defines it can be named in includes, or its value given in [parameters])",
            )
        return Scope({**self.parameters, switch: "1"})

    @cached_property
    def library(self) -> Library:
        """The corner's section of the library."""
        names = {device.name for device in self.pdk.devices.values()}
        path, includes = self.pdk.library_path(), self.pdk.include_paths()
        library = load_library(path, self.section, names, includes, self.pdk.ignored_options)
        scale = _option(library, "scale")
        if scale is not None and not math.isclose(scale, self.pdk.unit, rel_tol=1e-9):
            text = library.options["scale"]
            raise InputError(f"unit = {self.pdk.unit:g} of PDK {self.pdk.name}: its library sets .option scale={text}")
        return library

    @cached_property
    def tnom(self) -> float | None:
        """Temperature [degC] at which the library's cards were measured, where it says so in an option."""
        return _option(self.library, "tnom")

    def draws(self, role: str, geometry: Geometry) -> tuple[str, ...]:
        """Name the mismatch draws of a device of this size, in the order `transistor` takes them."""
        return self._folder(role, geometry).draws

    def geometry(self, role: str, geometry: Geometry) -> Mapping[str, float]:
        """Return w, l and the junctions of a device in the library's own unit."""
        return self._folder(role, geometry).size

    def is_subcircuit(self, role: str) -> bool:
        """Say whether the library defines a device as a subcircuit, or as bare models."""
        return self.library.devices[self.pdk.device(role).name.lower()].subcircuit

    def transistor(self, role: str, geometry: Geometry, deviates: Sequence[float] = ()) -> Transistor:
        """Fold a device to numbers.

        Parameters
        ----------
        role : str
            Device role in the PDK's descriptor, for example ``"pass_n"``.
        geometry : Geometry
        deviates : sequence of float, one per name in `draws`
            Standard-normal mismatch deviates; empty means none.

        Raises
        ------
        UnknownNameError, InputError
            For an unknown role, or a size for which the PDK has no model.
        """
        return self._folder(role, geometry).fold(deviates)

    def transistors(self, role: str, geometry: Geometry, deviates: NDArray[np.float64]) -> list[Transistor]:
        """Fold many devices of one size, each as `transistor` does.

        Parameters
        ----------
        role : str
        geometry : Geometry
        deviates : ndarray, shape (devices, draws)

        Raises
        ------
        UnknownNameError, InputError
            As of `transistor`.
        """
        return self._folder(role, geometry).fold_all(deviates)

    def _folder(self, role: str, geometry: Geometry) -> _Folder:
        # An array has thousands of transistors but a handful of sizes, each of which is worked out once.
        key = (role, geometry)
        if key not in self._folders:
            device = self.pdk.device(role)
            text = self.library.devices[device.name.lower()]
            self._folders[key] = _Folder(role, device, text, geometry, self)
        return self._folders[key]


@cache
def slim_pdk(pdk: Pdk, corner: Corner) -> SlimPdk:
    """Return the one `SlimPdk` of a PDK and corner in this process."""
    return SlimPdk(pdk, corner)


def adopt_library(pdk: Pdk, corner: Corner, library: Library) -> None:
    """Take a corner's section from another machine, which has read it: this one may not have the files."""
    vars(slim_pdk(pdk, corner))["library"] = library


class _Folder:
    """Folds one device of one size; what mismatch does not move is evaluated once."""

    def __init__(self, role: str, device: Device, text: DeviceText, size: Geometry, slim: SlimPdk) -> None:
        self.role, self.device, self.text, self.slim = role, device, text, slim
        self.name = f"{role}_{size.w * 1e9:.10g}x{size.l * 1e9:.10g}".replace(".", "p")
        # Bins alone accept sizes that nobody characterized.
        slim.pdk.check_size(role, size.w, size.l)
        self.size = self._size(size)
        scope = self._scope({})
        line = {name: scope.evaluate(name, expression) for name, expression in text.instance.items()}
        self._check_line(line)
        self.card = self._card(line)
        self.expressions = {
            (place, name): expression
            for place, items in (("instance", text.instance), ("model", self.card.parameters))
            for name, expression in items.items()
            if place == "instance" or not _NUMBER.fullmatch(expression)
        }
        self.nominal = self._evaluate({}, self.expressions)
        self._find_draws()
        fixed = (name for name in self.card.parameters if ("model", name) not in self.moved)
        self.fixed_card = " ".join(f"{name}={self._model_text(name, self.nominal)}" for name in fixed)

    def _size(self, size: Geometry) -> dict[str, float]:
        """Return l, w, ad, as, pd, ps, nrd, nrs in the library's unit."""
        if self.text.subcircuit and not self.text.defaults.keys() >= {"w", "l"}:
            raise PdkDamagedError(f"{self.role}: the subcircuit {self.text.name} has no parameters w and l")
        unit, reach = self.slim.pdk.unit, self.device.diffusion
        area, edge = size.w * reach, 2 * (size.w + reach)
        scaled = {"l": size.l / unit, "w": size.w / unit}
        # SKY130's subcircuits default all four to 0: a device without junctions, and a bit line far too light.
        for name, own in (("ad", size.ad), ("as", size.as_)):
            scaled[name] = _or_rule(own, area) / unit**2
        for name, own in (("pd", size.pd), ("ps", size.ps)):
            scaled[name] = _or_rule(own, edge) / unit
        # 0.15e-6 m is 0.15 um, not 0.1499..: the text would differ from that of the full library.
        self.size = {name: float(f"{value:.10g}") for name, value in scaled.items()}
        squares = {name: self.text.defaults[name] for name in ("nrd", "nrs") if name in self.text.defaults}
        values = self._evaluate({}, {("instance", name): text for name, text in squares.items()})
        return self.size | {name: values.get(("instance", name), 0.0) for name in ("nrd", "nrs")}

    def _check_line(self, line: Mapping[str, float]) -> None:
        """Refuse a transistor line that is not one transistor of a known width and length."""
        if not line.keys() >= {"w", "l"}:
            raise PdkDamagedError(f"{self.role}: the transistor of {self.text.name} is given no w and l")
        if line.get("m", 1.0) != 1.0:
            raise PdkDamagedError(f"{self.role}: {self.text.name} is m = {line['m']:g} transistors, not one")

    def _card(self, line: Mapping[str, float]) -> ModelCard:
        """Return the card that ngspice takes for the transistor line."""
        card = self._bin(line)
        if card.type != self.device.kind:
            raise InputError(f"devices.{self.role}.kind = {self.device.kind}: {card.name} is of type {card.type}")
        if self.device.sigmas:
            return self._with_draws(card)
        return card

    def _with_draws(self, card: ModelCard) -> ModelCard:
        """Return the card with the draws that the descriptor's `sigmas` state, as if the library had made them."""
        place = f"devices.{self.role}.sigmas"
        texts = (self.text.defaults, self.text.instance, card.parameters)
        if drawn := [draw for items in texts for name, text in items.items() for draw in draw_names(name, text)]:
            raise InputError(f"{place}: the library draws {', '.join(drawn)} of {self.text.name} itself")
        scope = self._card_scope(card, self._scope({}))
        moved = {}
        for name, sigma in self.device.sigmas.items():
            value = scope.evaluate(name, card.parameters.get(name, "0"))
            # Left out or 0, a relative spread of it would be none.
            if value == 0:
                raise InputError(f"{place}: {name} = {sigma:g}: {card.name} does not set {name}, or to 0")
            moved[name] = f"({value!r})*(1+{sigma!r}*agauss(0,1,1))"
        return replace(card, parameters={**card.parameters, **moved})

    def _bin(self, line: Mapping[str, float]) -> ModelCard:
        first, *_ = self.text.models
        if first.name == self.text.model:
            return first
        unit = self.slim.pdk.unit
        w, l = line["w"] * unit, line["l"] * unit  # noqa: E741 (the name SPICE uses)
        # The bins are those inside the subcircuit or those outside, never both.
        scope = self._card_scope(first, self._scope({}))
        for card in self.text.models:
            lmin, lmax, wmin, wmax = (scope.evaluate("", card.parameters[k]) for k in ("lmin", "lmax", "wmin", "wmax"))
            if _in_range(l, lmin, lmax) and _in_range(w, wmin, wmax):
                return card
        raise InputError(
            f"{self.role}: w = {w:g} m, l = {l:g} m is outside the models of {self.text.name} ({self.device.allowed()})"
        )

    def _find_draws(self) -> None:
        """Find the draws that have an effect, and the values each of them moves."""
        self.moved: dict[tuple[str, str], str] = {}
        self.pelgrom = self.device.mismatch == "by_slope"
        effective = []
        for name in self._candidates():
            # A draw of one sigma that changes nothing, as where its slope is 0, takes no deviate.
            values = self._evaluate({name: 1.0}, self.expressions)
            changed = [place for place in values if values[place] != self.nominal[place]]
            self.moved |= {place: self.expressions[place] for place in changed}
            if changed:
                effective.append(name)
        self.settled = self._settled(effective)
        self.draws = tuple(effective)
        # A library without draws of its own: the threshold moves by Pelgrom's law instead.
        self.pelgrom |= not effective and self.device.a_vt > 0
        if self.pelgrom:
            self._check_delvto()
            self.draws = ("delvto",)

    def _candidates(self) -> list[str]:
        """Name every draw that the device's own text holds; those of the library at large are process, not mismatch."""
        if self.pelgrom:
            return []
        card_counts = self.card.local or bool(self.device.sigmas)
        own = {name: text for (place, name), text in self.expressions.items() if place == "instance" or card_counts}
        return [
            draw
            for items in (self.text.defaults, own)
            for name, text in items.items()
            for draw in draw_names(name, text)
        ]

    def _check_delvto(self) -> None:
        level = self._card_scope(self.card, self._scope({})).evaluate("", self.card.parameters.get("level", "1"))
        if level not in _DELVTO_LEVELS:
            raise InputError(
                f"devices.{self.role}.a_vt = {self.device.a_vt:g}: {self.card.name} is of level {level:g}, whose"
                " threshold ngspice cannot shift (delvto); allowed: a_vt = 0, or BSIM3 and BSIM4"
            )

    def _settled(self, draws: Sequence[str]) -> Mapping[str, float]:
        """Return the parameters that no draw moves: evaluated here, not again for each instance."""
        # What is the same without any deviate and with all of them at one sigma depends on none.
        scopes = [self._scope(dict.fromkeys(draws, deviate)) for deviate in (0.0, 1.0)]
        for scope in scopes:
            for (_, name), text in self.moved.items():
                scope.evaluate(name, text)
        return {name: v for name, v in scopes[0].known.items() if scopes[1].known.get(name) == v}

    def _scope(self, deviates: Mapping[str, Any], kind: type[Scope] = Scope) -> Scope:
        local = {**self.text.defaults, **{k: repr(v) for k, v in self.size.items()}}
        # Without deviates the switch stays off: the nominal corner, bit for bit.
        outer = self.slim.globals
        if deviates:
            outer = self.slim.globals_with_mismatch
        return kind(local, outer, deviates)

    def _card_scope(self, card: ModelCard, scope: Scope) -> Scope:
        """Return what a card's expressions see: a card outside the subcircuit sees nothing of it."""
        if card.local:
            return scope
        if self.device.sigmas:
            # Of a card outside only the draws that the descriptor put there are the device's own.
            return type(scope)({}, self.slim.globals, scope.deviates)
        return self.slim.globals

    def _evaluate(
        self, deviates: Mapping[str, float], expressions: Mapping[tuple[str, str], str]
    ) -> dict[tuple[str, str], float]:
        return self._values(self._scope(deviates), expressions)

    def _values(self, scope: Scope, expressions: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], float]:
        values = {}
        for (place, name), text in expressions.items():
            sees = scope
            if place == "model":
                sees = self._card_scope(self.card, scope)
            values[place, name] = sees.evaluate(name, text)
        return values

    def _model_text(self, name: str, values: Mapping[tuple[str, str], float]) -> str:
        value = values.get(("model", name))
        if value is None:
            return self.card.parameters[name]
        return as_numparam(value)

    def fold(self, deviates: Sequence[float]) -> Transistor:
        if len(deviates) not in (0, len(self.draws)):
            raise InputError(f"{self.role}: {len(deviates)} deviates given, {len(self.draws)} needed")
        if not len(deviates):
            return self._unmoved
        named = dict(zip(self.draws, map(float, deviates), strict=True))
        values = self._moved_values(named, Scope)
        for value in values:
            if not math.isfinite(value):
                raise _not_finite(value)
        return self._transistor(values)

    def fold_all(self, deviates: NDArray[np.float64]) -> list[Transistor]:
        """Fold a device for each row of deviates, as `fold` does."""
        # One row is no array to Python's own functions, but a number.
        if len(deviates) > 1 and self.draws:
            # Whatever is wrong, or more than arithmetic, shows or is done device by device.
            with suppress(PdkDamagedError):
                return self._rows(deviates)
        return [self.fold(row) for row in deviates]

    def _rows(self, deviates: NDArray[np.float64]) -> list[Transistor]:
        """Fold by arithmetic on arrays; raises `PdkDamagedError` where that cannot be."""
        columns = self._moved_values(dict(zip(self.draws, deviates.T, strict=True)), Rows)
        if any(np.shape(column) != (len(deviates),) or not np.isfinite(column).all() for column in columns):
            raise PdkDamagedError(f"{self.role}: not every device is moved, or to a finite value")
        return [self._transistor(row) for row in zip(*(column.tolist() for column in columns), strict=True)]

    def _moved_values(self, deviates: Mapping[str, Any], kind: type[Scope]) -> list[Any]:
        """Return the values that deviates move, in the order of `_places`."""
        if self.pelgrom:
            # Pelgrom: sigma(dVt) = A_VT / sqrt(W L).
            gate = math.sqrt(self.size["w"] * self.size["l"]) * self.slim.pdk.unit
            still = self.nominal.get(("instance", "delvto"), 0.0)
            return [still + deviates["delvto"] * self.device.a_vt / gate]
        scope = self._scope(deviates, kind)
        scope.known.update(self.settled)
        values = self._values(scope, self.moved)
        return [values[place] for place in self._places]

    @cached_property
    def _places(self) -> list[tuple[str, str]]:
        """What deviates move, in the order of the text: first on the instance line, then on the card."""
        if self.pelgrom:
            return [("instance", "delvto")]
        # The library's own line decides what is passed, and a shrink it applies (w = {w - dw}) counts.
        on_line = [("instance", name) for name in self.text.instance if ("instance", name) in self.moved]
        return on_line + [place for place in self.moved if place[0] == "model"]

    @cached_property
    def _unmoved(self) -> Transistor:
        instance = {name: self.nominal["instance", name] for name in self.text.instance}
        own = [name for place, name in self.moved if place == "model"]
        card = self.fixed_card + "".join(f" {name}={self._model_text(name, self.nominal)}" for name in own)
        return Transistor(self.name, self.card.type, card, bool(own), instance, assignments(instance))

    @cached_property
    def _patterns(self) -> tuple[str, str, list[str]]:
        """The instance line and the end of the card with places for what is moved, and its names on the line."""
        moved = [name for place, name in self._places if place == "instance"]
        texts = {name: as_numparam(value) for name, value in self._unmoved.instance.items()}
        texts |= dict.fromkeys(moved, _PLACE)
        own = [name for place, name in self._places if place == "model"]
        line = " ".join(f"{name}={text}" for name, text in texts.items())
        return line, "".join(f" {name}={_PLACE}" for name in own), moved

    def _transistor(self, values: Sequence[float]) -> Transistor:
        """Return the device with the values of `_places`, which are finite."""
        line, card_end, moved = self._patterns
        count = len(moved)
        card = self.fixed_card + card_end % tuple(values[count:])
        instance = self._unmoved.instance
        if moved:
            instance = {**instance, **dict(zip(moved, values, strict=False))}
        return Transistor(self.name, self.card.type, card, bool(card_end), instance, line % tuple(values[:count]))


def _option(library: Library, name: str) -> float | None:
    """Return the value of a global option of a library, None where it sets none."""
    text = library.options.get(name)
    if text is None:
        return None
    return Scope({}).evaluate(name, text)


def _or_rule(own: float | None, rule: float) -> float:
    """Return a junction's own area or perimeter, or what the PDK's rule says of an unshared one."""
    if own is None:
        return rule
    return own


def assignments(values: Mapping[str, float]) -> str:
    """Write ``name=number`` pairs."""
    return " ".join(f"{name}={as_numparam(value)}" for name, value in values.items())


def as_numparam(value: float) -> str:
    """Write a number as ngspice's parameter pass does.

    ngspice's own reader is not correctly rounded: ``0.4872`` and ``4.872000000000000e-01`` differ in
    the last bit. So a folded number must reach it as the same text, on cards and on instance lines.

    Raises
    ------
    PdkDamagedError
        If it is not finite.
    """
    if not math.isfinite(value):
        raise _not_finite(value)
    return _PLACE % value


def _not_finite(value: float) -> PdkDamagedError:
    return PdkDamagedError(f"the PDK's library gives {value!r} for a parameter: must be finite")


def _in_range(value: float, low: float, high: float) -> bool:
    return low - _BIN_TOLERANCE <= value <= high + _BIN_TOLERANCE
