"""The API reference: which objects stand on which page, and which public names have no place there."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from mkdocstrings import Inventory

import bitline

PAGES = {
    "bitline": ("The names that `import bitline as bl` gives.", ()),
    "authoring": (
        "What a circuit, a bench or a process of your own is written with.",
        (
            "bitline.parameters",
            "bitline.circuits.base",
            "bitline.circuits.deck",
            "bitline.circuits.analysis",
            "bitline.circuits.render",
            "bitline.benches.base",
            "bitline.benches.reducers",
            "bitline.benches.tables",
            "bitline.lut.operation",
            "bitline.lut.table",
        ),
    ),
    "export": ("Exporters, and what one declares.", ("bitline.export",)),
    "plot": ("Figures of tables and waveforms.", ("bitline.plot",)),
    "report": ("Key figures, datasheets and references.", ("bitline.report",)),
    "system": ("What columns and converters make of a dot product, and what it costs.", ("bitline.system",)),
    "statistics": ("Intervals, linearity, SNR and rare events: pure functions of arrays.", ("bitline.statistics",)),
    "devices": ("Memories and selectors.", ("bitline.devices",)),
    "errors": ("Every error and warning.", ("bitline.errors",)),
}
"""Every page by its name: an introduction, and the modules whose public names it has."""


def pages() -> dict[str, str]:
    """Return every page by its path in the site."""
    return {_path(name): "\n".join(_page(name, *content)) for name, content in PAGES.items()}


def nav() -> Iterator[dict[str, str]]:
    """Yield an entry for each page."""
    for name in PAGES:
        yield {name: _path(name)}


def missing(inventory: Path) -> list[str]:
    """Return the public names of bitline, and public methods of its classes, that a site's inventory lacks."""
    with inventory.open("rb") as stream:
        known = set(Inventory.parse_sphinx(stream, domain_filter=("py",)))
    return [name for name in public() if name not in known]


def public() -> Iterator[str]:
    """Yield where each public name of bitline is defined, and each public function or property of its classes."""
    for name, module in bitline._PUBLIC.items():
        yield f"{module}.{name}"
        owner = getattr(bitline, name)
        if inspect.isclass(owner):
            for member, value in vars(owner).items():
                # pydantic puts methods of its own into a model, all of which begin with "model_".
                if not member.startswith(("_", "model_")) and _has_doc(value):
                    yield f"{module}.{name}.{member}"


def _has_doc(value: object) -> bool:
    return callable(value) or isinstance(value, property | classmethod | staticmethod)


def _path(name: str) -> str:
    return f"reference/api/{name}.md"


def _page(name: str, introduction: str, modules: tuple[str, ...]) -> Iterator[str]:
    yield f"# {name}\n\n{introduction}\n"
    if name == "bitline":
        for public_name, module in bitline._PUBLIC.items():
            yield f"::: {module}.{public_name}\n"
    for module in modules:
        yield from _module(module)


def _module(name: str) -> Iterator[str]:
    """Yield the names that a package lists, each from where it is defined, or else the module and those inside it."""
    module = import_module(name)
    for listed in getattr(module, "__all__", ()):
        yield f"::: {getattr(module, listed).__module__}.{listed}\n"
    if not hasattr(module, "__all__"):
        # What stands on the first page has its place there.
        elsewhere = [public_name for public_name, home in bitline._PUBLIC.items() if home == name]
        filters = ["!^_[^_]", *(f"!^{public_name}$" for public_name in elsewhere)]
        yield f"::: {name}\n    options:\n      filters: {filters}\n"
        for found in pkgutil.iter_modules(getattr(module, "__path__", ())):
            yield from _module(f"{name}.{found.name}")
