"""What READMEs and docs say of files, targets, modules and layers is so."""

from __future__ import annotations

import re
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from bitline.cli.app import app

ROOT = Path(__file__).parents[1]
FOLDERS = ("characterize", "docs", "examples", "models", "netlists", "results", "results/luts", "templates")
TEXTS = sorted({*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).glob("*.md"))})
READERS = [path for path in TEXTS if path.name != "CHANGELOG.md"]  # the changelog speaks of what is gone, too


def words_in_code(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def is_path(word: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z0-9_.*/-]+/[A-Za-z0-9_.*/-]*|[a-z0-9_*-]+\.(toml|py|md|cir|cir\.j2)", word))


def exists(word: str, folder: Path) -> bool:
    places = (folder, ROOT, ROOT / "src" / "bitline", ROOT / "src")
    return any(any(place.glob(word.rstrip("/"))) for place in places)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", [path for path in READERS if path.name == "README.md"], ids=lambda path: str(path))
def test_a_folder_holds_what_its_readme_names(path: Path) -> None:
    names = [word for word in words_in_code(path.read_text(encoding="utf-8")) if is_path(word)]
    assert [word for word in names if word != "runs/" and not exists(word, path.parent)] == []


@pytest.mark.parametrize("folder", ["examples", "templates"])
def test_a_readme_names_all_that_its_folder_holds(folder: str) -> None:
    text = (ROOT / folder / "README.md").read_text(encoding="utf-8")
    held = [
        path.name for path in (ROOT / folder).iterdir() if path.suffix in ("", ".py") and path.name != "__pycache__"
    ]
    assert [name for name in held if name not in text] == []


@pytest.mark.parametrize("path", READERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_targets_and_commands_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    sources = [word for word in words_in_code(text) if word.startswith(("src/", "tests/", "templates/", "docs/"))]
    assert [word for word in sources if "..." not in word and not exists(word, ROOT)] == []
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"`make ([a-z-]+)`", text)) <= set(targets)
    commands = {
        command.name or command.callback.__name__.rstrip("_") for command in app.registered_commands if command.callback
    }
    commands |= {group.name for group in app.registered_groups if group.name}
    assert set(re.findall(r"`bitline ([a-z]+)", text)) <= commands


@pytest.mark.parametrize("path", READERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_names_of_python_exist(path: Path) -> None:
    for word in re.findall(r"\bbitline(?:\.[a-z_0-9]+)+", path.read_text(encoding="utf-8")):
        if word in ("bitline.circuits", "bitline.benches", "bitline.exporters", "bitline.content"):
            continue  # groups of entry points, whatever packages are called
        module = word
        while find_spec_or_none(module) is None:
            module = module.rpartition(".")[0]
        assert len(module.split(".")) >= len(word.split(".")) - 1, word


def find_spec_or_none(module: str) -> object:
    try:
        return find_spec(module)
    except ModuleNotFoundError:
        return None


def test_the_layers_in_contributing_are_those_that_are_checked() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = [set(re.findall(r"\w+", layer)) for layer in contracts["contracts"][0]["layers"]]
    rows = re.findall(
        r"^\| ((?:`\w+`(?:, )?)+) \|", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert [set(re.findall(r"\w+", row)) for row in rows] == layers
