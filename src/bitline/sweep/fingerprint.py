"""Fingerprints: which points are the same simulation, told without building their decks.

A result is stored under the hash of its rendered deck (`result_key`), which costs 5 to 30 ms a point. A fingerprint is
the hash of what a deck is made from, and costs microseconds; the store keeps which key each one led to. It is the
narrower of the two: what changes a deck or a measurement changes the fingerprint, but not the other way round. A point
whose fingerprint is unknown is rendered and looked up by its key, so that nothing is simulated twice.

What a fingerprint covers:

- circuit and inputs with their classes, bench and its version, all conditions, accuracy;
- every file under ``templates/`` and of ``models/``, plug-ins' too;
- the sources of bitline that build and measure decks, those of plug-ins, and those of the package that the circuit or
  the bench is from (of a script: all Python files beside it). Of what these take from other packages it sees nothing;
- the descriptor without what is said for readers and where files lie, the text of the library's section, the netlists
  of standard cells;
- engine, version of ngspice, libngspice as a file, versions of the packages that draw deviates and render templates.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bitline
from bitline import content
from bitline.benches.base import Bench
from bitline.benches.registry import bench as find_bench
from bitline.circuits.base import Circuit
from bitline.engine.selftest import engine_files, ngspice_version
from bitline.errors import InputError
from bitline.parameters import field_names
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk
from bitline.pdk.slim import slim_pdk
from bitline.pdk.standard_cells import cell_netlists
from bitline.plugins import plug_in_packages
from bitline.sweep.point import Point
from bitline.templates import template_files

if TYPE_CHECKING:
    from bitline.sweep.simulate import Context

# Raised when the same fingerprint would mean something else.
_FORMAT = 1
# What bitline's own sources need not tell: no deck comes from here.
_APART = ("cli", "export", "plot", "report")
_PACKAGES = ("jinja2", "numpy", "scipy")
# Of a descriptor, what is for readers and where files lie on this machine.
_FOR_READERS = {"doc", "source", "root", "origin", "open_pdks"}

_Stamp = tuple[int, int, int]


class Fingerprints:
    """Fingerprints of the points of one run.

    Parameters
    ----------
    context : Context

    Raises
    ------
    SetupError
        From any method, if ngspice or a corner's library cannot be read.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._seen: dict[Path, _Stamp] = {}
        self._run = self._shared()
        # A plug-in's bench may be made by functions of other packages; its own is known by its entry point.
        groups = ("bitline.circuits", "bitline.benches")
        self._plug_ins = frozenset(name for group in groups for name in plug_in_packages(group) if name in sys.modules)
        self._corners: dict[Corner, str] = {}
        # By the object: points of a grid share their circuits, and to compare two costs more than all else here.
        self._heads: dict[tuple[int, str], tuple[Circuit, str]] = {}
        # Made once: `json.dumps` would make an encoder for each point.
        self._encode = json.JSONEncoder(default=_described).encode
        self._code: dict[str, str] = {}
        self._names: dict[type, tuple[str, ...]] = {}

    def of(self, point: Point) -> str:
        """Return a point's fingerprint, SHA-256 as hex; "" if its circuit or bench has no source that could be read."""
        conditions, inputs = point.conditions, point.inputs
        try:
            head = self._head(point)
            own = [self._values(conditions), self._values(inputs), self._corner(conditions.corner), head]
            text = self._encode(own)
        except (InputError, TypeError, ValueError):
            # What is wrong with the point is the worker's to say.
            return ""
        return hashlib.sha256(text.encode()).hexdigest() if head else ""

    def hold(self) -> bool:
        """Say whether no file has been written since it was read: else a worker may have rendered another one."""
        now = Fingerprints(self._context)
        for corner in self._corners:
            now._corner(corner)
        for root in self._code:
            now._package(root)
        # By their dates: a text that was changed and put back is as it was, but not what was rendered meanwhile.
        return now._seen == self._seen

    def _shared(self) -> str:
        context = self._context
        return _sha256(
            [
                _FORMAT,
                [version(name) for name in ("bitline", *_PACKAGES)],
                context.accuracy,
                [context.engine, ngspice_version(), self._read(engine_files(context.engine), Path("/"))],
                _acting(context.pdk),
                self._read(cell_netlists(context.pdk), context.pdk.root),
                self._read(template_files(), content.folder("templates")),
                self._read(_own_sources(), Path(bitline.__file__).parent),
            ]
        )

    def _corner(self, corner: Corner) -> str:
        if corner not in self._corners:
            pdk = self._context.pdk
            # The files are read again, for a section that this process knows may have been edited since.
            text = self._read(map(Path, slim_pdk(pdk, corner).library.files), pdk.root)
            self._corners[corner] = _sha256([pdk.section(corner), text])
        return self._corners[corner]

    def _head(self, point: Point) -> str:
        """Return the hash of what the points of one circuit and bench share."""
        place = (id(point.circuit), point.bench)
        if place not in self._heads:
            bench, circuit = find_bench(point.bench, type(point.circuit)), point.circuit
            code = {root: self._package(root) for root in self._plug_ins | _roots(bench, circuit, point.inputs)}
            facts = [self._run, bench.name, bench.version, circuit.name, circuit.template, _described(circuit), code]
            # The circuit is kept, for the number of an object that is gone may be another one's.
            self._heads[place] = (circuit, _sha256(facts) if all(code.values()) else "")
        return self._heads[place][1]

    def _package(self, root: str) -> str:
        if root not in self._code:
            files = _package_files(root)
            self._code[root] = self._read(files, files[0].parent) if files else ""
        return self._code[root]

    def _read(self, files: Iterable[Path], home: Path) -> str:
        """Return the hash of files by their names from a folder on, wherever that lies."""
        stamps = {path: _stamp(path) for path in files}
        self._seen |= stamps
        return _sha256({os.path.relpath(path, home): _digest(path, stamp) for path, stamp in stamps.items()})

    def _values(self, owner: Any) -> list[Any]:
        kind = type(owner)
        if kind not in self._names:
            self._names[kind] = field_names(kind)
        return [getattr(owner, name) for name in self._names[kind]]


def installation() -> dict[str, str]:
    """Return what of this machine's installation any result depends on, by name."""
    home = Path(bitline.__file__).parent
    sources = {str(path.relative_to(home)): _digest(path, _stamp(path)) for path in _own_sources()}
    templates = sorted((path.name, _digest(path, _stamp(path))) for path in template_files())
    return {
        **{name: version(name) for name in ("bitline", *_PACKAGES)},
        "bitline's sources": _sha256(sources)[:12],
        "the templates": _sha256(templates)[:12],
        "ngspice": ngspice_version(),
    }


def _described(value: Any) -> Any:
    """Return a dataclass as its class and its fields, anything else as it is."""
    if not is_dataclass(value):
        return value
    kind = type(value)
    own = {field.name: _described(getattr(value, field.name)) for field in fields(value)}
    return [f"{kind.__module__}.{kind.__qualname__}", own]


def _acting(pdk: Pdk) -> Any:
    """Return a descriptor without what is said for readers and where files lie."""
    facts = pdk.model_dump(mode="json", exclude=_FOR_READERS)
    for part in (*facts["devices"].values(), *facts["capacitors"].values(), facts["standard_cells"] or {}):
        part.pop("source", None)
    return facts


def _roots(bench: Bench, circuit: Circuit, inputs: Any) -> frozenset[str]:
    """Name the packages outside bitline, or the single modules, that a circuit and its bench are from."""
    functions = (bench.deck, bench.measure, bench.canonical)
    modules = {module for owner in (circuit, inputs) for module in _modules(owner)}
    modules |= {_module(function) for function in functions if function is not None}
    return frozenset(module.partition(".")[0] for module in modules) - {"bitline", *sys.stdlib_module_names}


def _modules(owner: Any) -> Iterator[str]:
    """Name the modules of a dataclass's class, of its bases and of the dataclasses inside it."""
    for kind in type(owner).__mro__:
        yield kind.__module__
    for field in fields(owner):
        inner = getattr(owner, field.name)
        if is_dataclass(inner):
            yield from _modules(inner)


def _module(function: Any) -> str:
    while isinstance(function, partial):
        function = function.func
    return str(getattr(function, "__module__", None) or type(function).__module__)


def _package_files(root: str) -> list[Path]:
    """Return the Python files of a package, or those beside a single module."""
    module = sys.modules.get(root)
    if folders := getattr(module, "__path__", None):
        return sorted(path for folder in folders for path in Path(folder).rglob("*.py"))
    file = Path(getattr(module, "__file__", None) or "")
    # A script may have its helpers beside it.
    return sorted(file.parent.glob("*.py")) if file.is_file() else []


def _own_sources() -> list[Path]:
    home = Path(bitline.__file__).parent
    return [path for path in home.rglob("*.py") if path.relative_to(home).parts[0] not in _APART]


def _stamp(path: Path) -> _Stamp:
    """Return size and dates of a file, which tell whether it was written; zeros where it cannot be read."""
    try:
        stat = path.stat()
    except OSError:
        return (0, 0, 0)
    return (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


@cache
def _digest(path: Path, stamp: _Stamp) -> str:
    """Return the hash of a file, which is read again when its stamp is another one."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        # Nor can a deck be made from it.
        return ""


def _sha256(facts: Any) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
