"""The documentation site builds without a warning, holds every public name, and fetches nothing when it is read."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest

import bitline as bl
from bitline.circuits.registry import circuits
from bitline.parameters import describe_all

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def api() -> ModuleType:
    """Return the module that makes the API reference; it is a script of the documentation, not of the package."""
    spec = importlib.util.spec_from_file_location("site_api", ROOT / "docs/generator/api.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Fetched(HTMLParser):
    """Collects what a page loads, which is not what it links to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = {"script": "src", "img": "src", "iframe": "src", "link": "href"}.get(tag, "")
        self.addresses += [value for key, value in attrs if key == name and value]


def outside(site: Path) -> Iterator[str]:
    for page in site.rglob("*.html"):
        yield from (address for address in Fetched(page.read_text()).addresses if "//" in address)
    for style in site.rglob("*.css"):
        if "url(http" in style.read_text():
            yield str(style)


def test_the_site_fetches_nothing(site: Path) -> None:
    assert list(outside(site)) == []


def test_every_page_of_docs_is_in_it(site: Path) -> None:
    assert {path.stem for path in (ROOT / "docs").glob("*.md")} <= {path.stem for path in site.glob("*.html")}


def test_every_public_name_is_in_the_reference(site: Path, api: ModuleType) -> None:
    assert api.missing(site / "objects.inv") == []
    assert {name.rpartition(".")[2] for name in api.public()} >= set(bl.__all__) - {"__version__"}


def test_a_name_without_a_place_is_found(api: ModuleType, tmp_path: Path) -> None:
    empty = tmp_path / "objects.inv"
    empty.write_bytes(api.Inventory(project="x").format_sphinx())
    assert "bitline.lut.lut.Lut.lookup" in api.missing(empty)


def test_a_circuits_page_has_every_parameter(site: Path) -> None:
    for name, circuit in circuits().items():
        text = (site / "reference" / f"{name}.html").read_text()
        assert [info.name for info in describe_all(circuit()) if f">{info.name}<" not in text] == []
