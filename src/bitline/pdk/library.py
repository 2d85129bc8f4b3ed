"""Reading a PDK's SPICE library: one section, its parameters, and the devices bitline uses.

Only text is handled here. A device is kept as the statements of its subcircuit (or its bare
`.model` cards); parameters are kept unevaluated, because mismatch and geometry decide them later.
What a device, or the section as a whole, says beyond that is refused by name: a card folded
without it would be another transistor.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bitline.errors import PdkDamagedError
from bitline.pdk.functions import Function, expand, function
from bitline.pdk.statements import assignments, blocks, file_statements, parameter_assignments, section_statements

_PLAIN_INSTANCE = {name: name for name in ("l", "w", "ad", "as", "pd", "ps", "nrd", "nrs")}
_PINS = 4
_BIN = re.compile(r"(.+)\.\d+")
_LIMITS = frozenset({"lmin", "lmax", "wmin", "wmax"})
_FIRST_ASSIGNMENT = re.compile(r"[^\s,]+\s*=")
# They print, plot or check, and change no current; a folded device has no node that could be global.
_IDLE_STATEMENTS = frozenset(
    {".end", ".title", ".print", ".plot", ".save", ".probe", ".meas", ".measure", ".width", ".op", ".global"}
)
_IDLE_OPTIONS = frozenset(
    {"parser", "list", "node", "nomod", "nopage", "noacct", "acct", "opts", "brief", "ingold", "post", "probe"}
    | {"numdgt", "measdgt", "warn", "nowarn", "savecurrents", "noinit"}
)
_OPTION = (".option", ".options", ".opt")
# Names that ngspice takes for one: of both on a card the last counts, whatever their order here.
_ALIASES = {"vth0", "vtho"}
# Of such a value in the open ngspice reads the number and drops the rest without a word: 9e4*(1+x).
_CUT_OFF = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?+[a-z]*+[^\w.].*", re.DOTALL)
_KEPT_OPTIONS = frozenset({"scale", "tnom"})


@dataclass(frozen=True)
class ModelCard:
    """A `.model` statement.

    Parameters
    ----------
    name, type : str
        Its name, and nmos or pmos.
    parameters : mapping of str to str
        As text.
    local : bool
        Whether it stands in the device's subcircuit, and so sees the subcircuit's parameters.
    """

    name: str
    type: str
    parameters: Mapping[str, str]
    local: bool = False


@dataclass(frozen=True)
class DeviceText:
    """A MOSFET as the library defines it.

    Parameters
    ----------
    defaults : mapping
        Parameters of the subcircuit with their expressions, in order.
    instance : mapping
        Parameters of the transistor line, in order.
    model : str
        Name of the card that line uses.
    models : tuple of ModelCard
        The one card of that name, or its bins in the order of the file.
    subcircuit : bool
        False for bare ``.model`` cards.
    """

    name: str
    defaults: Mapping[str, str]
    instance: Mapping[str, str]
    model: str
    models: tuple[ModelCard, ...]
    subcircuit: bool = True


@dataclass(frozen=True)
class Library:
    """One section of a library, cut down to the devices asked for.

    Parameters
    ----------
    section : str
    parameters : mapping of str to str
        Of the section and the files read before it, as text.
    devices : mapping of str to DeviceText
    files : mapping of str to str
        SHA-256 of every file that was read.
    options : mapping of str to str
        The global options that change a device: ``scale``, ``tnom``.
    """

    section: str
    parameters: Mapping[str, str]
    devices: Mapping[str, DeviceText]
    files: Mapping[str, str]
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """Hash of the content of every file the section reads."""
        return hashlib.sha256(json.dumps(sorted(self.files.values())).encode()).hexdigest()


def read_library(
    path: Path, section: str, devices: Iterable[str], includes: Iterable[Path] = (), ignored: Iterable[str] = ()
) -> Library:
    """Read one section of a library from its files.

    Parameters
    ----------
    path : Path
    section : str
    devices : iterable of str
        Subcircuits or models to keep.
    includes : iterable of Path
        Files read before the section, such as one of switches.
    ignored : iterable of str
        Options of the library that are left out knowingly.

    Raises
    ------
    PdkMissingError
        If a file the library includes is missing.
    PdkDamagedError
        If the section or a device is not in it, a statement cannot be read, or one is there that bitline does not use.
    """
    files: dict[str, str] = {}
    statements = [line for include in includes for line in file_statements(include, files)]
    statements += section_statements(path, section, files)
    wanted = {name.lower() for name in devices}
    try:
        definitions = _Definitions(statements, wanted, {name.lower() for name in ignored})
    except PdkDamagedError as error:
        raise PdkDamagedError(f"{path}: section {section!r}: {error}") from None
    texts = definitions.devices
    if missing := wanted - texts.keys():
        raise PdkDamagedError(f"{path}: section {section!r} has no device {', '.join(sorted(missing))}")
    if bare := [name for name, device in texts.items() if not device.models]:
        raise PdkDamagedError(f"{path}: section {section!r} has no model for {', '.join(sorted(bare))}")
    return Library(section, definitions.parameters, texts, files, definitions.options)


class _Definitions:
    """What the statements of a section define."""

    def __init__(self, statements: list[str], wanted: set[str], ignored: set[str]) -> None:
        self.wanted, self.ignored = wanted, ignored
        self.texts: dict[str, str] = {}
        self.options: dict[str, str] = {}
        self.functions: dict[str, Function] = {}
        self.cards: dict[str, str] = {}
        subcircuits: dict[str, list[str]] = {}
        for block in blocks(statements):
            keyword, name, *_ = [*block[0].split(), ""]
            if keyword in {".subckt", ".macro"}:
                # Of two definitions of one name ngspice takes the first.
                subcircuits.setdefault(name, block)
                self._options_inside(block)
            else:
                self._statement(keyword, block[0])
        self.parameters = {name: expand(text, self.functions) for name, text in self.texts.items()}
        found = wanted & subcircuits.keys()
        self.devices = {name: self._device(name, subcircuits[name]) for name in sorted(found)}
        for name in sorted(wanted - found):
            if models := _chosen(name, self.cards, self.functions):
                self.devices[name] = DeviceText(name, {}, _PLAIN_INSTANCE, name, models, subcircuit=False)

    def _statement(self, keyword: str, line: str) -> None:
        if keyword in {".param", ".parameters"}:
            _keep_parameters(line, self.texts, self.functions)
        elif keyword == ".func":
            _keep_function(line, self.functions)
        elif keyword == ".model":
            # Of two cards of one name ngspice takes the first.
            self.cards.setdefault(_card_name(line), line)
        elif keyword in _OPTION:
            self._option(line.removeprefix(keyword))
        elif keyword == ".if":
            raise PdkDamagedError(f"{line!r}: bitline does not read conditional libraries")
        elif keyword not in _IDLE_STATEMENTS:
            raise PdkDamagedError(f"{line[:60]!r} has an effect that bitline's decks would not have")

    def _options_inside(self, block: list[str]) -> None:
        """Take the options of a subcircuit for what they are to ngspice: global."""
        for line in block:
            keyword = line.split(maxsplit=1)[0]
            if keyword in _OPTION:
                self._option(line.removeprefix(keyword))

    def _option(self, text: str) -> None:
        for name, value in _options(text).items():
            if name in _IDLE_OPTIONS or name in self.ignored:
                continue
            if name not in _KEPT_OPTIONS:
                raise PdkDamagedError(
                    f".option {name}: bitline's decks would run without it; if that is right,"
                    f" write ignored_options = [{name!r}] into the descriptor"
                )
            # Of two lines ngspice takes the first scale, but the last tnom.
            if name == "scale":
                self.options.setdefault(name, value)
            else:
                self.options[name] = value

    def _device(self, name: str, block: list[str]) -> DeviceText:
        """Read a subcircuit: its parameters, its one transistor, and the card of it."""
        pins, defaults = _head(block[0])
        own: dict[str, Function] = {}
        cards: dict[str, str] = {}
        transistors = []
        for line in block[1:]:
            keyword = line.split(maxsplit=1)[0]
            if keyword in {".param", ".parameters"}:
                _keep_parameters(line, defaults, own)
            elif keyword == ".func":
                _keep_function(line, own)
            elif keyword == ".model":
                cards.setdefault(_card_name(line), line)
            elif keyword == ".if":
                raise PdkDamagedError(f"device {name}: bitline does not read conditional subcircuits (.if)")
            elif keyword in _OPTION:
                pass  # taken where the subcircuit was found
            elif line.startswith("m"):
                transistors.append(line)
            else:
                raise PdkDamagedError(
                    f"device {name}: {line[:60]!r} in its subcircuit: bitline folds one transistor and nothing else"
                )
        # Deviates and geometry are those of one transistor: a subcircuit of several has no single card to fold.
        if len(transistors) != 1:
            raise PdkDamagedError(f"device {name}: {len(transistors)} transistors in its subcircuit, not one")
        functions = {**self.functions, **own}
        model, instance = _transistor(name, pins, transistors[0])
        # Cards inside hide all of that name outside.
        models = _chosen(model, cards, functions, local=True) or _chosen(model, self.cards, self.functions)
        return DeviceText(name, _expanded(defaults, functions), _expanded(instance, functions), model, models)


def _keep_parameters(line: str, parameters: dict[str, str], functions: dict[str, Function]) -> None:
    """Add what a `.param` statement assigns; ``f(x)=...`` there is a function."""
    text = line.split(maxsplit=1)[1:]
    for name, value in parameter_assignments(" ".join(text)).items():
        if name.endswith(")"):
            functions.update([function(f"{name}={value}")])
        else:
            parameters[name] = value


def _keep_function(line: str, functions: dict[str, Function]) -> None:
    # Of two functions of one name ngspice takes the last.
    functions.update([function(line.removeprefix(".func"))])


def _expanded(values: Mapping[str, str], functions: Mapping[str, Function]) -> dict[str, str]:
    return {name: expand(text, functions) for name, text in values.items()}


def _options(text: str) -> dict[str, str]:
    """Split an option line: ``name=value``, or a name alone."""
    joined = re.sub(r"\s*=\s*", "=", text.replace(",", " "))
    pairs = (word.partition("=") for word in joined.split())
    return {name: value for name, _, value in pairs}


def _head(line: str) -> tuple[list[str], dict[str, str]]:
    """Return the pins and parameters of a ``.subckt`` line."""
    words, parameters = _split(line)
    return [word for word in words[2:] if word != "params:"], assignments(parameters, commas=False)


def _transistor(name: str, pins: list[str], line: str) -> tuple[str, dict[str, str]]:
    """Return the model and the parameters of a subcircuit's transistor."""
    words, parameters = _split(line)
    # Name, four nodes, model: an m of five nodes or with a flag has more.
    if len(words) != _PINS + 2:
        raise PdkDamagedError(f"device {name}: cannot read {line[:80]!r}")
    if words[1:-1] != pins:
        raise PdkDamagedError(
            f"device {name}: its pins are {' '.join(pins)}, and its transistor stands on {' '.join(words[1:-1])}:"
            " bitline calls drain, gate, source, bulk; write a subcircuit around it with these four in this order"
        )
    return words[-1], _values(name, parameters)


def _split(line: str) -> tuple[list[str], str]:
    """Return the words of a line before its first assignment, and the rest."""
    first = _FIRST_ASSIGNMENT.search(line)
    if first is None:
        return line.split(), ""
    return line[: first.start()].split(), line[first.start() :]


def _card_name(line: str) -> str:
    words = line.replace("(", " ").split(maxsplit=3)
    if len(words) < 3:
        raise PdkDamagedError(f"cannot read {line!r} of the PDK's library")
    return words[1]


def _chosen(
    model: str, cards: Mapping[str, str], functions: Mapping[str, Function], *, local: bool = False
) -> tuple[ModelCard, ...]:
    """Return the cards among which a transistor's size decides, as ngspice chooses them."""
    # A card of just that name is taken whatever its limits are; bins bear a number behind the point.
    if model in cards:
        return (_model(cards[model], functions, local),)
    bins = [_model(line, functions, local) for name, line in cards.items() if _base(name) == model]
    # ngspice passes over a bin that lacks a limit.
    return tuple(card for card in bins if card.parameters.keys() >= _LIMITS)


def _base(name: str) -> str:
    numbered = _BIN.fullmatch(name)
    if numbered is None:
        return name
    return numbered[1]


def _model(line: str, functions: Mapping[str, Function], local: bool) -> ModelCard:
    _, name, kind, *rest = line.replace("(", " ( ", 1).split(maxsplit=3)
    parameters = _values(name, _unwrapped("".join(rest)))
    if parameters.keys() >= _ALIASES:
        raise PdkDamagedError(f"{name}: vth0 and vtho are one parameter")
    return ModelCard(name, kind, _expanded(parameters, functions), local)


def _values(name: str, text: str) -> dict[str, str]:
    """Split the parameters of a card or a transistor line; raises `PdkDamagedError` for one that ngspice cuts off."""
    values = assignments(text)
    for parameter, value in values.items():
        if parameter != "version" and _CUT_OFF.fullmatch(value):
            raise PdkDamagedError(f"{name}: {parameter}={value}: ngspice reads the number alone; put it in quotes")
    return values


def _unwrapped(text: str) -> str:
    stripped = text.strip()
    if stripped.startswith("(") and stripped.endswith(")"):
        return stripped[1:-1]
    return stripped
