"""Shared and batch engine agree to the last bit, and nothing around them reaches a result."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Bench, Conditions, Setup
from bitline.benches.registry import benches_of
from bitline.circuits.analysis import OperatingPoint, Transient
from bitline.circuits.base import Circuit
from bitline.circuits.deck import Deck
from bitline.circuits.registry import circuits
from bitline.engine import selftest
from bitline.engine.answer import Answer
from bitline.engine.batch import BatchSimulator
from bitline.engine.isolation import quiet_environment
from bitline.engine.ladder import climb
from bitline.engine.selftest import ngspice_version
from bitline.engine.shared import SharedSimulator, find_library
from bitline.engine.simulator import FakeSimulator, Simulator
from bitline.engine.verdict import judge
from bitline.errors import SetupError
from bitline.pdk.descriptor import Pdk

pytestmark = pytest.mark.ngspice

RC = "r1 out 0 1e3\nc1 out 0 1e-12\n.ic v(out)=1\n"
# Sizes and inputs at which a run takes a fraction of a second; what is not named keeps its default.
SMALL = {
    "acim-column-qs": {"rows": 6, "active": 3},
    "acim-column-qr": {"inputs": 4},
    "shift-adder": {"bits": 2, "digits": 2},
}
INPUTS = {"code": 2, "decisions": 10, "operations": 2}
MEASURED = [(name, bench) for name, cls in circuits().items() for bench in benches_of(cls).values()]


def made(name: str, bench: Bench, conditions: Conditions, pdk: Pdk) -> tuple[Setup[Any, Any], Deck]:
    circuit: Circuit = circuits()[name](**SMALL.get(name, {}))
    names = getattr(bench.inputs, "__dataclass_fields__", {})
    inputs = bench.inputs(**{name: value for name, value in INPUTS.items() if name in names})
    setup = bench.setup(circuit, conditions, inputs, pdk)
    deck = bench.deck(circuit, conditions, inputs, pdk)
    return setup, with_accuracy(deck, "default") if isinstance(deck.analysis, Transient) else deck


@pytest.mark.pdk
@pytest.mark.parametrize("sample", [0, 3], ids=["nominal", "mismatch"])
@pytest.mark.parametrize(("name", "bench"), MEASURED, ids=lambda x: x if isinstance(x, str) else x.name)
def test_shared_equals_batch(
    name: str, bench: Bench, sample: int, sky130: Pdk, shared: SharedSimulator, batch: BatchSimulator
) -> None:
    setup, deck = made(name, bench, Conditions(corner="ss", vdd=1.7, temperature=80.0, sample=sample), sky130)
    one, other = (climb(simulator, deck).waveforms for simulator in (shared, batch))
    assert np.array_equal(one.axis, other.axis)
    for save in deck.saves:
        if save in one.scalars:
            assert one.scalars[save] == other.scalars[save]
        else:
            assert np.array_equal(one[save], other[save]), save
    assert bench.measure(one, setup) == bench.measure(other, setup)


def test_shared_and_batch_are_the_same_ngspice(shared: SharedSimulator, batch: BatchSimulator) -> None:
    assert shared.version == batch.version


def test_options_of_one_deck_do_not_reach_the_next(shared: SharedSimulator, batch: BatchSimulator) -> None:
    plain = Deck("plain", "r1 out 0 1e3 tc1=0.01\nc1 out 0 1e-12\n.ic v(out)=1\n", ("v(out)",), Transient(2e-9))
    odd = Deck(
        "odd",
        ".model n nmos level=1\nm1 out out 0 0 n l=1 w=1\nr1 out 0 1e3 tc1=0.01\nc1 out 0 1e-12\n.ic v(out)=1\n",
        ("v(out)",),
        analysis=Transient(2e-9),
        options={"method": "gear", "reltol": 0.1, "gmin": 1e-3, "scale": 1e-6, "seed": 5},
        temperature=120.0,
    )
    alone = judge(plain, batch.answer(plain))
    assert not np.array_equal(judge(odd, shared.answer(odd))["v(out)"], alone["v(out)"])
    after = judge(plain, shared.answer(plain))
    assert np.array_equal(after.axis, alone.axis)
    assert np.array_equal(after["v(out)"], alone["v(out)"])


# Runs in a process of its own; says how each engine fares with the settings planted around it.
PROBE = """
import hashlib, sys
from contextlib import nullcontext
from pathlib import Path
import bitline.engine.batch
import bitline.engine.isolation as isolation
import bitline.engine.shared
mode, file, *lines = sys.argv[1:]
if mode == "unprotected":
    bitline.engine.shared.quiet_start = nullcontext
if mode == "isolated":
    isolation.isolate()
    assert sorted(path.name for path in Path().iterdir()) == [".spiceinit", "spinit"]
if mode == "planted":
    write = isolation.write_start_up_files
    def planted(home, *code_models):
        write(home, *code_models)
        (home / file).write_text("\\n".join(["* planted", *lines, ""]))
    isolation.write_start_up_files = bitline.engine.batch.write_start_up_files = planted
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.engine.selftest import checked
from bitline.errors import SetupError
deck = Deck("rc", "r1 out 0 1e3 tc1=1e-2\\nc1 out 0 1e-12\\n.ic v(out)=1\\n", ("v(out)",), Transient(2e-9))
for engine in (bitline.engine.shared.shared_simulator(), bitline.engine.batch.BatchSimulator()):
    plot = engine.answer(deck).plots["tran"]
    print(hashlib.sha256(plot["time"].tobytes() + plot["v(out)"].tobytes()).hexdigest())
    try:
        checked(engine)
    except SetupError as error:
        print(error, file=sys.stderr)
"""
HOSTILE = """* planted
set num_threads=8
set interp
set ngbehavior=psa
set filetype=ascii
option method=gear temp=100 reltol=0.5 rshunt=1e5
"""
PROGRAM = shutil.which("ngspice")


def probe(folder: Path, mode: str, *planted: str, **environment: str) -> tuple[list[str], list[str]]:
    """Return the hash of each engine's waveforms, and what the self-tests say."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, mode, *(planted or ("",))],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split(), done.stderr.splitlines()


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], list[str]]:
    """Give what both engines answer with nothing planted."""
    hashes, complaints = probe(tmp_path_factory.mktemp("clean"), "isolated")
    assert hashes[0] == hashes[1]
    assert not complaints
    return hashes, complaints


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """Give a folder that is the working folder, the home and ngspice's installation at once, with settings in each."""
    (tmp_path / "scripts").mkdir()
    for name in (".spiceinit", "spice.rc", "spinit", "scripts/spinit"):
        (tmp_path / name).write_text(HOSTILE)
    return tmp_path


@pytest.mark.parametrize("mode", ["as it is", "isolated"])
@pytest.mark.parametrize("variable", ["HOME", "SPICE_LIB_DIR", "SPICE_SCRIPTS", "SPICE_USERINIT_DIR"])
def test_planted_start_up_files_change_nothing(
    variable: str, mode: str, hostile: Path, clean: tuple[list[str], list[str]]
) -> None:
    assert probe(hostile, mode, **{variable: str(hostile)}) == clean


def test_the_plant_is_a_live_one(hostile: Path, clean: tuple[list[str], list[str]]) -> None:
    hashes, complaints = probe(hostile, "unprotected", SPICE_SCRIPTS=str(hostile))
    assert hashes[0] != clean[0][0]
    assert len(complaints) == 1


def variables_of_ngspice() -> list[str]:
    """Return the names of variables that stand in the installed program and library."""
    files = [Path(path).read_bytes() for path in (PROGRAM, find_library()) if path]
    names = {name for data in files for name in re.findall(rb"\0((?:NG|X)?SPICE_[A-Z_]+)(?=\0)", data)}
    return sorted(name.decode() for name in names)


def test_no_variable_that_ngspice_reads_reaches_it(
    hostile: Path, clean: tuple[list[str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = variables_of_ngspice()
    assert {"SPICE_LIB_DIR", "SPICE_SCRIPTS", "NGSPICE_INPUT_DIR", "NGSPICE_MEAS_PRECISION"} <= set(names)
    for name in names:
        monkeypatch.setenv(name, str(hostile))
    assert set(quiet_environment(Path("/home/own"))) & set(names) == {"SPICE_SCRIPTS"}
    assert quiet_environment(Path("/home/own"))["SPICE_SCRIPTS"] == "/home/own"
    planted = {name: str(hostile) for name in names}
    assert probe(hostile, "as it is", **planted | {"SPICE_ASCIIRAWFILE": "1", "OMP_NUM_THREADS": "8"}) == clean


def test_the_own_start_up_files_are_the_ones_that_are_read(tmp_path: Path, clean: tuple[list[str], list[str]]) -> None:
    """Show who is found first: a test cannot plant in the home that the password database names.

    libngspice looks in the working folder and then there, not in $HOME, and reads the first it finds.
    """
    hashes, _ = probe(tmp_path, "planted", ".spiceinit", "set interp")
    assert hashes[0] != clean[0][0]
    assert hashes[1] == clean[0][1]  # the program reads none at all


@pytest.mark.parametrize("option", ["rshunt=1e5", "gmin=1e-9", "trtol=1", "method=gear", "tnom=50", "scale=1e-6"])
def test_the_self_test_names_an_option_that_still_gets_through(option: str, tmp_path: Path) -> None:
    _, complaints = probe(tmp_path, "planted", "spinit", f"option {option}")
    name = option.partition("=")[0]
    assert [line.split(" runs with options that bitline has not set: ") for line in complaints] == [
        [f"ngspice {ngspice_version()} ({engine} engine)", f"{name}: a start-up file of its installation sets them"]
        for engine in ("shared", "batch")
    ]


@pytest.mark.parametrize(
    ("disturbance", "size"),
    [({"rshunt": 1e14}, 2e-3), ({"gmin": 2e-12}, 0.3), ({"tnom": 28}, 2e-3)],
    ids=str,
)
def test_the_self_test_measures_what_it_should(
    disturbance: dict[str, float], size: float, simulator: Simulator
) -> None:
    """A default that is built into an ngspice is in no list of options: the circuit itself must show it."""
    answer = simulator.answer(selftest.deck().with_options(disturbance))
    replayed = FakeSimulator(replace(answer, log=""))
    assert selftest.error_of(replayed) > size
    with pytest.raises(SetupError, match=r"ngspice 0 \(fake engine\) is off by .* in bitline's self-test"):
        selftest.checked(replayed)


def test_a_self_test_without_an_answer_is_a_fault_of_the_machine() -> None:
    with pytest.raises(SetupError, match="ngspice 0 fails bitline's self-test: self-test: ngspice returned no data"):
        selftest.checked(FakeSimulator(Answer()))


def test_the_installed_code_models_are_there(simulator: Simulator) -> None:
    deck = Deck("poly", "v1 in 0 1\ne1 out 0 POLY(1) in 0 0 2\nr1 out 0 1e3\n", ("v(out)",), OperatingPoint())
    assert judge(deck, simulator.answer(deck)).value("v(out)") == pytest.approx(2)


def resident_kib() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


@pytest.mark.pdk
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_memory_does_not_grow_over_300_decks(sky130: Pdk, shared: SharedSimulator) -> None:
    cell, reading = circuits()["split-port-6t"], benches_of(circuits()["split-port-6t"])["read"]
    # Mismatch gives each deck other cards, as in a sweep.
    decks = [
        with_accuracy(reading.deck(cell(), Conditions(sample=s), reading.inputs(), sky130), "fast") for s in range(10)
    ]
    for deck in decks * 5:  # the allocator settles
        shared.answer(deck)
    before = resident_kib()
    for deck in decks * 30:
        shared.answer(deck)
    # Without `remcirc` each leaves its circuit behind, 120 KiB: 35 MiB in all. Measured with it: 0.
    assert resident_kib() - before < 3 * 1024


def test_neither_engine_puts_a_model_s_parameters_right(
    shared: SharedSimulator, batch: BatchSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """BSIM4's check sets a negative overlap to zero; in a living libngspice it would do so in the first deck only."""
    monkeypatch.chdir(tmp_path)
    model = ".model n nmos level=14 version=4.8.2 toxe=4e-9 cgdo=-2e-9 cgso=-2e-9\n"
    deck = Deck("bsim", f"{RC}m1 out out 0 0 n l=1e-6 w=1e-4\n{model}", ("v(out)",), Transient(2e-9))
    first, second, alone = (judge(deck, simulator.answer(deck)) for simulator in (shared, shared, batch))
    assert np.array_equal(first["v(out)"], second["v(out)"])
    assert np.array_equal(first["v(out)"], alone["v(out)"])
    assert not list(tmp_path.iterdir())
