"""A plug-in that is broken is named in one line, and takes no command down that does not use it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from luts.column import make_column_lut

from bitline.benches.registry import benches
from bitline.circuits.registry import circuits
from bitline.templates import environment

PACKAGE = """
from typing import ClassVar

from bitline.benches.base import Bench, NoInputs, Output
from bitline.circuits.base import Circuit
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.export import Exporter, Need
from bitline.parameters import parameter, validated


class Nameless(Circuit):
    template: ClassVar[str] = "x"


@validated
class Needy(Circuit):
    name: ClassVar[str] = "needy"
    template: ClassVar[str] = "x"

    size: int = parameter(0, "a size", source="choice", ge=1)

    def check(self) -> None:
        raise RuntimeError("no licence")


def bench(**changes):
    parts = dict(
        name="lab", version=1, doc="lab", circuits=(SplitPort6T,), inputs=NoInputs, outputs=(Output("v", "V", "v"),),
        deck=print, measure=print, reduce=print,
    )
    return Bench(**(parts | changes))


NO_CIRCUITS = bench(circuits=SplitPort6T)
NO_OUTPUTS = bench(outputs=("v",))
NO_DECK = bench(deck=None)
NO_INPUTS = bench(inputs=3)


class Odd(Need):
    def suits(self, outline):
        raise LookupError("no such operand")


ODD = Exporter("odd", "odd", lambda: print, needs=(Odd("odd"),))


def __getattr__(name):
    if name == "EXITS":
        raise SystemExit("licence server not found\\nask your administrator")
    raise AttributeError(name)
"""

BROKEN = {
    "bitline.circuits": {
        "absent": ("no_such_package:X", "cannot be loaded"),
        "exits": ("lab_broken:EXITS", "licence server not found ask"),
        "number": ("lab_broken.nothing:X", "cannot be loaded"),
        "nameless": ("lab_broken:Nameless", "Nameless has no name"),
        "needy": ("lab_broken:Needy", "no licence"),
        "bench": ("lab_broken:NO_DECK", "a Bench is not what bitline.circuits holds"),
    },
    "bitline.benches": {
        "circuits": ("lab_broken:NO_CIRCUITS", "circuits = "),
        "outputs": ("lab_broken:NO_OUTPUTS", "outputs = ('v',): must be a tuple of Output"),
        "deck": ("lab_broken:NO_DECK", "deck = None: must be a function"),
        "inputs": ("lab_broken:NO_INPUTS", "TypeError"),
        "other": ("lab_broken:Needy", "is not what bitline.benches holds"),
    },
    "bitline.exporters": {
        "gone": ("no_such_package:X", "cannot be loaded"),
        "class": ("lab_broken:Odd", "is no bitline.export.Exporter"),
    },
    "bitline.content": {
        "folder": ("no_such_package.inner", "no_such_package"),
        "raises": ("lab_raises.inner", "RuntimeError: not today"),
    },
}
CASES = [(group, name) for group, entries in BROKEN.items() for name in entries]
COMMAND = {
    "bitline.circuits": ["list", "circuits"],
    "bitline.benches": ["list", "benches"],
    "bitline.exporters": ["export", "lut", "--list"],
    "bitline.content": ["list", "sweeps"],
}

Install = Callable[[str], Path]

# They are what is tested; elsewhere in these tests a warning is an error.
pytestmark = pytest.mark.filterwarnings("default::bitline.errors.PlugInWarning")


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    caches = (circuits, benches, environment)

    def install(entry_points: str) -> Path:
        site = tmp_path / "site"
        files = {
            "lab_broken/__init__.py": PACKAGE,
            "lab_raises/__init__.py": "raise RuntimeError('not today')",
            "lab_broken-1.dist-info/METADATA": "Name: lab-broken\nVersion: 1\n",
            "lab_broken-1.dist-info/entry_points.txt": entry_points,
        }
        for name, text in files.items():
            (site / name).parent.mkdir(parents=True, exist_ok=True)
            (site / name).write_text(text)
        monkeypatch.syspath_prepend(site)
        for module in ("lab_broken", "lab_broken.lab", "lab_raises"):
            monkeypatch.delitem(sys.modules, module, raising=False)
        for cache in caches:
            cache.cache_clear()
        return site

    yield install
    for cache in caches:
        cache.cache_clear()


@pytest.mark.parametrize(("group", "name"), CASES)
def test_one_line_names_it_and_the_command_goes_on(
    group: str, name: str, install: Install, bitline: Any, tmp_path: Path
) -> None:
    value, words = BROKEN[group][name]
    install(f"[{group}]\n{name} = {value}\n")
    make_column_lut().save(tmp_path / "lut")
    answer = bitline(*COMMAND[group])
    assert answer.code == 0
    assert len(answer.out.splitlines()) > 3
    (line,) = answer.err.splitlines()
    assert line.startswith(f"bitline: warning: plug-in {name} ({group}")
    assert words in line


def test_a_command_that_uses_none_says_nothing(install: Install, bitline: Any, tmp_path: Path) -> None:
    install("".join(f"[{g}]\n" + "".join(f"{n} = {e[n][0]}\n" for n in e) for g, e in BROKEN.items()))
    make_column_lut().save(tmp_path / "lut")
    answer = bitline("lookup", "lut", "corner=tt", "vdd=1.7", "code=1", "temperature=27")
    assert (answer.code, answer.err.count("plug-in")) == (0, 0), answer


def test_an_exporter_that_cannot_tell_what_it_takes(install: Install, bitline: Any, tmp_path: Path) -> None:
    install("[bitline.exporters]\nodd = lab_broken:ODD\n")
    make_column_lut().save(tmp_path / "lut")
    rows = dict(line.split(None, 1) for line in bitline("export", "lut", "--list").fine().splitlines())
    assert rows["odd"] == "no: exporter odd failed: LookupError: no such operand"
    assert rows["csv"] == "yes"
    refused = bitline("export", "lut", "--to", "odd", "-o", "out")
    refused.refuses(1, "exporter odd failed: LookupError: no such operand")


def test_files_of_a_plug_in_that_are_wrong_do_not_hide_the_others(install: Install, bitline: Any) -> None:
    site = install("[bitline.content]\nlab = lab_broken\n")
    for name, text in {"characterize/lab.toml": "circuit = 3", "luts/lab/lut.json": "{"}.items():
        path = site / "lab_broken" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for command, known in (("sweeps", "acim-qs"), ("luts", "acim-qs")):
        answer = bitline("list", command)
        assert answer.code == 0
        assert known in answer.out
        (line,) = answer.err.splitlines()
        assert "lab" in line
        assert "is left out" in line


WORKING = """
from bitline.benches.base import Bench, NoInputs, Output
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.circuits.split_port_6t import SplitPort6T

def deck(circuit, conditions, inputs, pdk):
    return Deck("lab", "r1 a 0 1k\\nv1 a 0 1\\n", ("v(a)",), Transient(1e-9))

BENCH = Bench("lab", 1, "lab", (SplitPort6T,), NoInputs, (Output("v_a", "V", "v"),), {deck}, {measure}, print)
"""


@pytest.mark.ngspice
@pytest.mark.pdk
@pytest.mark.parametrize(
    ("deck", "measure", "words"),
    [
        ("deck", "lambda w, s: {'v_a': w['v(b)'][0]}", "no vector 'v(b)'"),
        ("deck", "lambda w, s: {}['v_a']", "bench lab: its measure failed: KeyError: 'v_a'"),
        ("deck", "lambda w, s: None", "bench lab: its measure failed: TypeError"),
        ("deck", "lambda w, s: {'v_a': 'high'}", "bench lab: its measure failed: TypeError"),
        ("deck", "lambda w, s: {}", "has the output v_a, and its measure returned nothing"),
        ("deck", "lambda w, s: {'v_b': 1.0}", "has the output v_a, and its measure returned v_b"),
        ("lambda *a: 1 / 0", "print", "bench lab: its deck failed: ZeroDivisionError"),
        ("lambda *a: None", "print", "bench lab: its deck failed: AttributeError"),
    ],
)
def test_a_bench_that_fails_is_named(deck: str, measure: str, words: str, install: Install, bitline: Any) -> None:
    site = install("[bitline.benches]\nlab = lab_broken.lab:BENCH\n")
    text = WORKING.replace("{deck}", deck).replace("{measure}", measure)
    (site / "lab_broken" / "lab.py").write_text(text)
    bitline("simulate", "split-port-6t", "--bench", "lab", "--engine", "batch").refuses(1, words)
    if "deck failed" in words:
        bitline("render", "split-port-6t", "--bench", "lab").refuses(1, words)
