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
from dataclasses import dataclass
from functools import cache, cached_property

from bitline.errors import InputError, PdkDamagedError
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Device, Pdk
from bitline.pdk.expressions import evaluate
from bitline.pdk.library import DeviceText, Library, ModelCard, load_library

# A number in the open, suffix and all, is ngspice's to read: it stays as the library writes it.
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?[a-z]*")
_GEOMETRY = ("l", "w", "ad", "as", "pd", "ps", "nrd", "nrs")
_BIN_LIMITS = ("lmin", "lmax", "wmin", "wmax")


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


@dataclass(frozen=True)
class Transistor:
    """One transistor ready to be written.

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
    def mismatch_parameters(self) -> Mapping[str, str]:
        """The library's parameters with its mismatch switched on."""
        return {**self.library.parameters, self.pdk.mismatch_switch.lower(): "1"}

    @cached_property
    def library(self) -> Library:
        """The corner's section of the library."""
        names = {device.name for device in self.pdk.devices.values()}
        return load_library(self.pdk.library_path(), self.section, names)

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


class _Folder:
    """Folds one device of one size; what mismatch does not move is evaluated once."""

    def __init__(self, role: str, device: Device, text: DeviceText, size: Geometry, slim: SlimPdk) -> None:
        self.role, self.device, self.text, self.slim = role, device, text, slim
        self.name = f"{role}_{size.w * 1e9:.10g}x{size.l * 1e9:.10g}".replace(".", "p")
        self.size = self._size(size)
        self.card = self._bin(size)
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

    def _bin(self, size: Geometry) -> ModelCard:
        # Bins alone accept sizes that nobody characterized.
        self.device.check(size.w, size.l)
        for card in self.text.models:
            if not all(k in card.parameters for k in _BIN_LIMITS):
                return card
            limits = self._evaluate({}, {("model", k): card.parameters[k] for k in _BIN_LIMITS})
            lmin, lmax, wmin, wmax = (limits["model", k] for k in _BIN_LIMITS)
            if _in_range(size.l, lmin, lmax) and _in_range(size.w, wmin, wmax):
                return card
        raise InputError(
            f"{self.role}: w = {size.w:g} m, l = {size.l:g} m is outside the models of {self.text.name}"
            f" ({self.device.allowed()})"
        )

    def _find_draws(self) -> None:
        """Find the draws that have an effect, and the values each of them moves."""
        places = {**{("default", k): v for k, v in self.text.defaults.items()}, **self.expressions}
        candidates = [draw for (_, name), text in places.items() for draw in _draw_names(name, text)]
        self.moved: dict[tuple[str, str], str] = {}
        effective = []
        for name in candidates:
            # A draw of one sigma that changes nothing, as where its slope is 0, takes no deviate.
            values = self._evaluate({name: 1.0}, self.expressions)
            changed = [place for place in values if values[place] != self.nominal[place]]
            self.moved |= {place: self.expressions[place] for place in changed}
            if changed:
                effective.append(name)
        self.settled = self._settled(effective)
        self.draws = tuple(effective)
        # A library without draws of its own: the threshold moves by Pelgrom's law instead.
        self.pelgrom = not effective and self.device.a_vt > 0
        if self.pelgrom:
            self.draws = ("delvto",)

    def _settled(self, draws: Sequence[str]) -> Mapping[str, float]:
        """Return the parameters that no draw moves: evaluated here, not again for each instance."""
        # What is the same without any deviate and with all of them at one sigma depends on none.
        scopes = [self._scope(dict.fromkeys(draws, deviate)) for deviate in (0.0, 1.0)]
        for scope in scopes:
            for (_, name), text in self.moved.items():
                scope.evaluate(name, text)
        return {name: v for name, v in scopes[0].known.items() if scopes[1].known.get(name) == v}

    def _scope(self, deviates: Mapping[str, float]) -> _Scope:
        local = {**self.text.defaults, **{k: repr(v) for k, v in self.size.items()}}
        shared = self.slim.library.parameters
        # Without deviates the switch stays off: the nominal corner, bit for bit.
        if deviates:
            shared = self.slim.mismatch_parameters
        return _Scope(local, shared, deviates)

    def _evaluate(
        self, deviates: Mapping[str, float], expressions: Mapping[tuple[str, str], str]
    ) -> dict[tuple[str, str], float]:
        scope = self._scope(deviates)
        return {place: scope.evaluate(place[1], text) for place, text in expressions.items()}

    def _model_text(self, name: str, values: Mapping[tuple[str, str], float]) -> str:
        value = values.get(("model", name))
        if value is None:
            return self.card.parameters[name]
        return as_numparam(value)

    def fold(self, deviates: Sequence[float]) -> Transistor:
        if len(deviates) not in (0, len(self.draws)):
            raise InputError(f"{self.role}: {len(deviates)} deviates given, {len(self.draws)} needed")
        values = self.nominal
        if len(deviates) and not self.pelgrom:
            named = dict(zip(self.draws, map(float, deviates), strict=True))
            scope = self._scope(named)
            scope.known.update(self.settled)
            values = values | {place: scope.evaluate(place[1], text) for place, text in self.moved.items()}
        # The library's own line decides what is passed, and a shrink it applies (w = {w - dw}) counts.
        instance = {name: values["instance", name] for name in self.text.instance}
        # Pelgrom: sigma(dVt) = A_VT / sqrt(W L).
        if len(deviates) and self.pelgrom:
            gate = math.sqrt(self.size["w"] * self.size["l"]) * self.slim.pdk.unit
            instance["delvto"] = instance.get("delvto", 0.0) + float(deviates[0]) * self.device.a_vt / gate
        own = [name for place, name in self.moved if place == "model"]
        moved_card = "".join(f" {name}={self._model_text(name, values)}" for name in own)
        card = self.fixed_card + moved_card
        return Transistor(self.name, self.card.type, card, bool(own), instance, assignments(instance))


class _Scope:
    """Looks names up, the instance's parameters before the library's; evaluates each once."""

    def __init__(self, local: Mapping[str, str], shared: Mapping[str, str], deviates: Mapping[str, float]) -> None:
        self.local, self.shared, self.deviates = local, shared, deviates
        self.known: dict[str, float] = {}

    def resolve(self, name: str) -> float:
        if name not in self.known:
            text = self.local.get(name, self.shared.get(name))
            if text is None:
                raise PdkDamagedError(f"the PDK's library does not define the parameter {name!r}")
            # Draws of library-wide parameters are process, not mismatch: without a name they stay at zero.
            own_name = ""
            if name in self.local:
                own_name = name
            try:
                self.known[name] = self.evaluate(own_name, text)
            except RecursionError:
                raise PdkDamagedError(f"the PDK's library defines the parameter {name!r} by itself") from None
        return self.known[name]

    def evaluate(self, name: str, text: str) -> float:
        """Evaluate; the draws inside take the deviates that bear the parameter's name."""
        names = iter(_draw_names(name, text))
        return evaluate(text, self.resolve, lambda: self.deviates.get(next(names), 0.0))


def _or_rule(own: float | None, rule: float) -> float:
    """Return a junction's own area or perimeter, or what the PDK's rule says of an unshared one."""
    if own is None:
        return rule
    return own


def _draw_names(name: str, text: str) -> list[str]:
    """Name the draws in an expression: after its parameter, the further ones ``vth0.2``, ``vth0.3``."""
    # agauss( ends in the same letters, so that both are counted.
    count = text.replace(" ", "").count("gauss(")
    further = [f"{name}.{i}" for i in range(2, count + 1)]
    return [name, *further][:count]


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
        raise PdkDamagedError(f"the PDK's library gives {value!r} for a parameter: must be finite")
    return f"{value:.15e}"


def _in_range(value: float, low: float, high: float) -> bool:
    """Apply ngspice's binning rule: low <= value < high, equality judged within rounding."""
    if math.isclose(value, low, rel_tol=1e-12):
        return True
    return not math.isclose(value, high, rel_tol=1e-12) and low <= value < high
