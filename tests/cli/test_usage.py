from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bitline.cli.app import command
from bitline.cli.options import EngineName, _benches, _circuits, _completion, _formats, _luts, _sweeps
from bitline.sweep.simulate import Engine

DOCS = Path(__file__).parents[2] / "docs" / "cli.md"
MAIN = (sys.executable, "-c", "from bitline.cli import main; main()")
HEAVY = {"dask", "jinja2", "jsonschema", "matplotlib", "numpy", "pandas", "pebble", "pydantic", "PySpice", "rich"}
HEAVY |= {"scipy", "xarray"}


def leaves(group: Any, *path: str) -> list[tuple[tuple[str, ...], Any]]:
    found = []
    for name, child in group.commands.items():
        found += leaves(child, *path, name) if hasattr(child, "commands") else [((*path, name), child)]
    return found


def examples(leaf: Any) -> list[list[str]]:
    lines = [line.strip() for line in leaf.epilog.splitlines()]
    return [line.split()[1:] for line in lines if line.startswith("bitline ")]


COMMANDS = leaves(command())


def test_the_commands_are_those_of_the_contract() -> None:
    assert {" ".join(path) for path, _ in COMMANDS} == {
        "doctor",
        "pdk install",
        "pdk show",
        "init",
        "list",
        "render",
        "simulate",
        "characterize",
        "tail",
        "lookup",
        "show",
        "report",
        "cite",
        "snr",
        "plot",
        "export",
    }


@pytest.mark.parametrize(("path", "leaf"), COMMANDS, ids=[" ".join(path) for path, _ in COMMANDS])
def test_every_command_has_help_and_examples_that_parse(path: tuple[str, ...], leaf: Any, bitline: Any) -> None:
    shown = bitline(*path, "--help").fine()
    assert f"Usage: bitline {' '.join(path)}" in shown
    assert leaf.help.splitlines()[0] in shown
    assert 1 <= len(examples(leaf)) <= 3
    for example in examples(leaf):
        assert " ".join(example) in shown
        leaf.make_context(" ".join(path), example[len(path) :])  # raises if it does not parse


@pytest.mark.parametrize(("path", "leaf"), COMMANDS, ids=[" ".join(path) for path, _ in COMMANDS])
def test_every_option_and_argument_is_explained(path: tuple[str, ...], leaf: Any) -> None:
    assert not [p.name for p in leaf.params if p.name != "help" and not p.help]


@pytest.mark.parametrize(("path", "leaf"), COMMANDS, ids=[" ".join(path) for path, _ in COMMANDS])
def test_the_documentation_has_every_command_and_option(path: tuple[str, ...], leaf: Any) -> None:
    text = DOCS.read_text(encoding="utf-8")
    (section,) = [part for part in text.split("\n## ") if part.startswith(f"`bitline {' '.join(path)}")]
    flags = [max(p.opts, key=len) for p in leaf.params if p.param_type_name == "option" and p.name != "help"]
    assert not [flag for flag in flags if f"`{flag}" not in section and f" {flag}`" not in section]


@pytest.mark.parametrize(
    ("arguments", "light"),
    [
        (["--help"], set()),
        (["list", "luts"], {"pydantic"}),
        # It needs arrays, but neither xarray nor what that loads.
        (["lookup", "acim-qs", "corner=tt", "vdd=1.8", "temperature=27", "code=4"], {"pydantic", "numpy"}),
    ],
    ids=["help", "list", "lookup"],
)
def test_what_is_asked_often_imports_nothing_heavy(arguments: list[str], light: set[str]) -> None:
    code = f"import json, sys; from bitline.cli import run; run({arguments}); print(json.dumps([*sys.modules]))"
    done = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True)
    assert not (HEAVY - light) & set(json.loads(done.stdout.splitlines()[-1]))


def test_no_command_shows_the_help_on_stderr(bitline: Any) -> None:
    answer = bitline()
    assert (answer.code, answer.out) == (2, "")
    assert "Commands:" in answer.err


def test_version(bitline: Any) -> None:
    assert bitline("--version").fine().startswith("bitline ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["simulat"], ["'simulat'", "'simulate'"]),
        (["pdk", "instal"], ["'instal'", "'install'"]),
        (["pdk"], ["Missing command"]),
        (["simulate", "x", "--crner", "tt"], ["--crner", "--corner"]),
        (["simulate"], ["CIRCUIT"]),
        (["simulate", "acim-column-qs", "--corner", "xx"], ["'xx'", "'tt', 'ss', 'ff', 'sf', 'fs'"]),
        (["simulate", "acim-column-qs", "--vdd", "high"], ["--vdd", "'high'", "number"]),
        (["simulate", "acim-column-qs", "--seed", "1.5"], ["--seed", "'1.5'", "integer"]),
        (["simulate", "acim-column-qs", "--engine", "spectre"], ["'spectre'", "'shared', 'batch'"]),
        (["characterize", "acim-qs", "-j", "0"], ["--jobs", "1"]),
        (["list", "circuit"], ["'circuit'", "'circuits'"]),
        (["lookup", "x", "--jsn"], ["--jsn", "--json"]),
    ],
)
def test_wrong_usage_is_one_line_that_names_what_is_near(arguments: list[str], words: list[str], bitline: Any) -> None:
    bitline(*arguments).refuses(2, *words)


def fail_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def broken() -> None:
        raise error

    monkeypatch.setattr("bitline.circuits.registry.circuits", broken)


def test_a_mistake_of_ours_is_one_line_and_its_own_exit_code(bitline: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, ZeroDivisionError("oh\nno"))
    bitline("list", "circuits").refuses(70, "ZeroDivisionError: oh no", "BITLINE_DEBUG=1")


def test_debug_shows_the_traceback(bitline: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, ZeroDivisionError("oh no"))
    monkeypatch.setenv("BITLINE_DEBUG", "1")
    answer = bitline("list", "circuits")
    assert answer.code == 70
    assert "Traceback" in answer.err
    assert answer.err.splitlines()[-1].startswith("bitline: error: ")


def test_ctrl_c_is_130(bitline: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, KeyboardInterrupt())
    bitline("list", "circuits").refuses(130, "interrupted")


def test_a_reader_that_goes_away_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run((*MAIN, "list", "circuits", "--json"), stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")  # noqa: PTH110 (a device)
def test_a_full_disk_below_stdout_is_an_error_of_the_environment() -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123 (a device)
        done = subprocess.run((*MAIN, "list", "circuits"), stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr.startswith("bitline: error: ")
    assert done.stderr.count("\n") == 1


def test_a_shell_can_complete_names() -> None:
    assert _completion(_circuits)("acim") == ["acim-column-qs", "acim-column-qr"]
    assert "transfer" in _completion(_benches)("")
    assert "acim-qs" in _completion(_sweeps)("acim-q")
    assert "neurosim" in _completion(_formats)("n")
    assert isinstance(_completion(_luts)(""), list)


@pytest.mark.parametrize(
    ("words", "incomplete", "offered"),
    [
        ("simulate acim-column-qs", "idle", ["idle_latches=", "idle_latches=own", "idle_latches=shared"]),
        ("render acim-column-qs", "cell.w_p", ["cell.w_pass=", "cell.w_pull_down=", "cell.w_pull_up="]),
        ("simulate acim-column-qs --bench transfer", "cod", ["code="]),
        ("simulate acim-column-qs", "cod", []),
        ("simulate no-such-circuit", "", []),
    ],
)
def test_a_shell_can_complete_what_is_set(words: str, incomplete: str, offered: list[str]) -> None:
    asked = {"_BITLINE_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": f"bitline {words} --set {incomplete}"}
    code = "import sys; from bitline.cli import main; sys.argv = ['bitline']; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **asked}, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert re.findall(r'"([\w.]+=\w*)"', done.stdout) == offered


def test_completion_never_fails() -> None:
    def broken() -> list[str]:
        raise RuntimeError

    assert _completion(broken)("") == []


def test_engines_are_those_of_the_sweep() -> None:
    assert EngineName == Engine
