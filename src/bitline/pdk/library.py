"""Reading a PDK's SPICE library: one section, its parameters, and the devices bitline uses.

Only text is handled here. A device is kept as the statements of its subcircuit (or its bare
`.model` cards); parameters are kept unevaluated, because mismatch and geometry decide them later.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from platformdirs import user_cache_path

from bitline.errors import PdkDamagedError, PdkMissingError

# Raised when what is kept of a library changes.
_FORMAT = 3
_ASSIGNMENT = re.compile(r"([a-z_][\w.]*)\s*=(?!=)\s*")
# $ and // as in ngspice, but never inside a word or path.
_COMMENT = re.compile(r";|(?:^|(?<=[\s,]))(?:\$|//)")
_PATH = re.compile(r"""["']?([^"'\s]+)["']?""")


@dataclass(frozen=True)
class ModelCard:
    """A `.model` statement: name, type (nmos, pmos) and parameters as text."""

    name: str
    type: str
    parameters: Mapping[str, str]


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
        Its bins.
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
    """One section of a library, cut down to the devices asked for."""

    section: str
    parameters: Mapping[str, str]
    devices: Mapping[str, DeviceText]
    files: Mapping[str, str]

    @property
    def sha256(self) -> str:
        """Hash of the content of every file the section reads."""
        return hashlib.sha256(json.dumps(sorted(self.files.values())).encode()).hexdigest()


def load_library(path: Path, section: str, devices: Iterable[str]) -> Library:
    """Return one section of a library, from the cache unless one of its files has changed.

    Raises
    ------
    PdkMissingError
        If a file the library includes is missing.
    PdkDamagedError
        If the section or a device is not in it, or a statement cannot be read.
    """
    # In whatever order devices are asked for, it is one entry of the cache.
    wanted = sorted(devices)
    identity = json.dumps([_FORMAT, str(path), section, wanted])
    cache = cache_folder() / f"{_digest(identity)[:32]}.json"
    cached = _read_cache(cache)
    # By content, not by date: a library that was copied anew is the same, one that was edited in place is not.
    if cached is not None and all(_sha256(Path(name)) == digest for name, digest in cached.files.items()):
        return cached
    library = read_library(path, section, wanted)
    _write_cache(cache, library)
    return library


def read_library(path: Path, section: str, devices: Iterable[str]) -> Library:
    """Read one section of a library from its files; errors as `load_library`."""
    files: dict[str, str] = {}
    try:
        statements = list(_section(path, section.lower(), files))
    except RecursionError:
        raise PdkDamagedError(f"{path}: section {section!r} includes itself") from None
    if not statements:
        raise PdkDamagedError(f"{path}: no section {section!r} in the library")
    wanted = {name.lower() for name in devices}
    parameters, texts = _definitions(path, statements, wanted)
    if missing := wanted - texts.keys():
        raise PdkDamagedError(f"{path}: section {section!r} has no device {', '.join(sorted(missing))}")
    if bare := [name for name, device in texts.items() if not device.models]:
        raise PdkDamagedError(f"{path}: section {section!r} has no model for {', '.join(sorted(bare))}")
    return Library(section, parameters, texts, files)


def _definitions(path: Path, statements: list[str], wanted: set[str]) -> tuple[dict[str, str], dict[str, DeviceText]]:
    """Return the parameters of a section, and the text of each wanted device that it defines."""
    parameters: dict[str, str] = {}
    texts: dict[str, DeviceText] = {}
    cards: dict[str, list[str]] = {}
    for block in _blocks(statements):
        keyword, name, *_ = [*block[0].split(), ""]
        if keyword == ".param":
            parameters.update(assignments(block[0][len(".param") :]))
        elif keyword == ".subckt" and name in wanted:
            texts[name] = _device(name, block)
        elif keyword == ".model":
            # The bins of a device are cards of one name with a number behind the point: nmos.0, nmos.1.
            cards.setdefault(name.split(".")[0], []).append(block[0])
        elif keyword == ".if":
            raise PdkDamagedError(f"{path}: {block[0]!r}: bitline does not read conditional libraries")
    for name in wanted & (cards.keys() - texts.keys()):
        texts[name] = DeviceText(name, {}, _PLAIN_INSTANCE, name, (), subcircuit=False)
    for name, device in texts.items():
        # The subcircuit's transistor uses a card that stands outside.
        if not device.models:
            texts[name] = replace(device, models=tuple(map(_model, cards.get(device.model, ()))))
    return parameters, texts


_PLAIN_INSTANCE = {name: name for name in ("l", "w", "ad", "as", "pd", "ps", "nrd", "nrs")}


def assignments(text: str) -> dict[str, str]:
    """Split ``a = 1 b = {c + d}`` into names and expressions."""
    parts = _ASSIGNMENT.split(text)
    return {name: value.strip() for name, value in zip(parts[1::2], parts[2::2], strict=True)}


def cache_folder() -> Path:
    """Return the folder in which cut-down libraries are cached (`BITLINE_CACHE_DIR` overrides)."""
    override = os.environ.get("BITLINE_CACHE_DIR")
    if override:
        return Path(override) / "slim"
    return user_cache_path("bitline") / "slim"


def _statements(text: str) -> Iterator[str]:
    """Yield logical lines: lower case, continuations joined, comments dropped."""
    pending = ""
    for raw in text.splitlines():
        line = _COMMENT.split(raw, maxsplit=1)[0].strip()
        if not line or line.startswith("*"):
            continue
        if line.startswith("+"):
            pending += " " + line[1:].lower()
            continue
        if pending:
            yield pending
        pending = line
        # SPICE knows no case, but the names of files do.
        if not line.lower().startswith((".include", ".inc", ".lib")):
            pending = line.lower()
    if pending:
        yield pending


def _read(path: Path, files: dict[str, str]) -> list[str]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PdkMissingError(f"the PDK's library file {path} cannot be read: {error.strerror}") from None
    files[str(path)] = hashlib.sha256(data).hexdigest()
    # Comments may be in any encoding; what is read is ASCII.
    return list(_statements(data.decode("utf-8", "replace")))


def _section(path: Path, section: str, files: dict[str, str]) -> Iterator[str]:
    inside = False
    for line in _read(path, files):
        words = line.split()
        if words[0].lower() == ".lib" and len(words) == 2:
            inside = words[1].lower() == section
        elif words[0].lower() == ".endl":
            # Of two sections of one name ngspice takes the first.
            if inside:
                return
        elif inside:
            yield from _included(line, path, files)


def _included(line: str, path: Path, files: dict[str, str]) -> Iterator[str]:
    words = line.split()
    if words[0].lower() in {".include", ".inc"}:
        target = _PATH.fullmatch(" ".join(words[1:]))
        if target is None:
            raise PdkDamagedError(f"{path}: cannot read {line!r}")
        inner = (path.parent / target[1]).resolve()
        for nested in _read(inner, files):
            yield from _included(nested, inner, files)
    elif words[0].lower() == ".lib" and len(words) == 3:
        yield from _section((path.parent / words[1].strip("\"'")).resolve(), words[2].lower(), files)
    else:
        yield line


def _blocks(statements: Iterable[str]) -> Iterator[list[str]]:
    """Yield single statements, and whole subcircuits as one block."""
    block: list[str] = []
    for line in statements:
        if line.startswith(".subckt"):
            block = [line]
        elif block and line.startswith(".ends"):
            yield block
            block = []
        elif block:
            block.append(line)
        else:
            yield [line]


def _device(name: str, block: list[str]) -> DeviceText:
    defaults = assignments(" ".join(block[0].split()[2:]))
    transistors = [line for line in block[1:] if line.startswith("m")]
    if any(line.startswith(".if") for line in block):
        raise PdkDamagedError(f"device {name}: bitline does not read conditional subcircuits (.if)")
    # Deviates and geometry are those of one transistor: a subcircuit of several has no single card to fold.
    if len(transistors) != 1:
        raise PdkDamagedError(f"device {name}: {len(transistors)} transistors in its subcircuit, not one")
    for line in block[1:]:
        if line.startswith(".param"):
            defaults.update(assignments(line[len(".param") :]))
    models = tuple(_model(line) for line in block[1:] if line.startswith(".model"))
    words = transistors[0].split()
    # Name, four nodes, model.
    if len(words) < 6:
        raise PdkDamagedError(f"device {name}: cannot read {transistors[0]!r}")
    return DeviceText(name, defaults, assignments(transistors[0]), words[5], models)


def _model(line: str) -> ModelCard:
    words = line.replace("(", " ( ", 1).split(maxsplit=3)
    if len(words) < 3:
        raise PdkDamagedError(f"cannot read {line!r} of the PDK's library")
    return ModelCard(words[1], words[2], assignments(_unwrapped("".join(words[3:]))))


def _unwrapped(text: str) -> str:
    stripped = text.strip()
    if stripped.startswith("(") and stripped.endswith(")"):
        return stripped[1:-1]
    return stripped


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _read_cache(path: Path) -> Library | None:
    try:
        digest, _, text = path.read_text().partition("\n")
        # A full disk cuts a file short anywhere, perhaps where it still reads as JSON.
        if _digest(text) != digest:
            return None
        data = json.loads(text)
        devices = {
            name: DeviceText(**{**item, "models": tuple(ModelCard(**card) for card in item["models"])})
            for name, item in data["devices"].items()
        }
        return Library(data["section"], data["parameters"], devices, data["files"])
    except (OSError, ValueError):
        return None  # missing or damaged: the library is read again


def _write_cache(path: Path, library: Library) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Each process writes a file of its own and renames it, so that no other reads half of one.
        partial = path.with_suffix(f".{os.getpid()}")
        text = json.dumps(asdict(library))
        partial.write_text(f"{_digest(text)}\n{text}")
        partial.replace(path)
    except OSError:
        return  # a cache that cannot be written costs time, not results
