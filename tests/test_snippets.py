"""Every snippet of the README and the pages runs: all Python, and of the commands those that simulate nothing."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bitline.cli import run
from bitline.cli.app import command

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
# of the packages that the pages walk through: test_own_cell_docs compares them with these
QUOTING = {"own-cell.md", "own-bench.md"}
# each of its commands needs those before it: tests/docs/test_tutorial runs them
IN_ORDER = {"tutorial.md"}
# they run in test_python_docs and test_readme, which also look at what comes out
TESTED = {"python.md", "README.md"}
# what a page supposes to lie in the folder
GIVEN = {"own-pdk.md": {"own65.toml": "toy.toml", "toy.lib": "toy.lib", "devices.inc": "devices.inc"}}
PYTHON = [path for path in PAGES if "```python" in path.read_text() and path.name not in QUOTING | TESTED]
RUN = {"list", "lookup", "show", "report", "cite", "snr", "export", "plot", "render", "doctor"}
# circuits of a package that is not installed here: test_lab installs it, and runs the page's commands
ELSEWHERE = "lab-8t"


def python_of(page: Path) -> str:
    return "\n".join(re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL))


def code_of(page: Path) -> list[str]:
    """Return the lines of the blocks that are not Python or TOML, and of those that are indented."""
    lines, kind = [], ""
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            kind = "" if kind else line[3:] or "text"
        elif kind not in ("", "python", "toml") or (not kind and line.startswith("    ")):
            lines.append(line.strip())
    return lines


def words_of(line: str) -> list[str]:
    """Return a command's arguments without the prose that follows it, three blanks or a number sign on."""
    return shlex.split(re.split(r"\s{3,}|\s#", line)[0])[1:]


COMMANDS = [
    pytest.param(words_of(line), id=f"{page.name}: {line[:60]}")
    for page in PAGES
    if page.name not in IN_ORDER
    for line in code_of(page)
    if line.startswith("bitline ")
]


@pytest.mark.ngspice
@pytest.mark.pdk
@pytest.mark.parametrize("page", PYTHON, ids=lambda page: page.name)
def test_python_runs(page: Path, tmp_path: Path) -> None:
    for name, source in GIVEN.get(page.name, {}).items():
        shutil.copy(ROOT / "tests/pdk/toy" / source, tmp_path / name)
    (tmp_path / "snippet.py").write_text(python_of(page))
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "snippet.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_there_are_commands() -> None:
    assert len(COMMANDS) > 30


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_is_one(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    parser: Any = command()
    while hasattr(parser, "commands"):
        first, *words = words
        parser = parser.commands[first]
    parser.make_context(first, list(words))


@pytest.mark.pdk
@pytest.mark.ngspice
@pytest.mark.parametrize("words", [p for p in COMMANDS if p.values[0][0] in RUN and ELSEWHERE not in p.values[0]])
def test_a_command_that_simulates_nothing_runs(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    # the programs that exports are for are not installed here: tests/consumers has them
    assert run([word for word in words if word != "--check"]) == 0, capsys.readouterr().err
