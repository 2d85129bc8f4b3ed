"""Shared and batch engine agree to the last bit, and nothing around them reaches a result."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Bench, Conditions, Setup
from bitline.benches.registry import benches_of
from bitline.circuits.analysis import Transient
from bitline.circuits.base import Circuit
from bitline.circuits.deck import Deck
from bitline.circuits.registry import circuits
from bitline.engine.batch import BatchSimulator
from bitline.engine.ladder import climb
from bitline.engine.shared import SharedSimulator
from bitline.engine.verdict import judge
from bitline.pdk.descriptor import Pdk

pytestmark = pytest.mark.ngspice

RC = "r1 out 0 1e3\nc1 out 0 1e-12\n.ic v(out)=1\n"
# Sizes and inputs at which a run takes a fraction of a second; what is not named keeps its default.
SMALL = {"acim-column-qs": {"rows": 6, "active": 3}, "acim-column-qr": {"inputs": 4}}
INPUTS = {"code": 2, "decisions": 10}
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
if "isolated" in sys.argv[1]:
    from pathlib import Path
    from bitline.engine.isolation import isolate
    isolate()
    assert [path.name for path in Path().iterdir()] == [".spiceinit"]
    if "planted" in sys.argv[1]:
        Path(".spiceinit").write_text("* planted\\noption method=gear\\nset interp\\n")
from bitline.circuits.analysis import Transient
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.engine.batch import BatchSimulator
from bitline.engine.shared import shared_simulator
deck = Deck("rc", "r1 out 0 1e3 tc1=1e-2\\nc1 out 0 1e-12\\n.ic v(out)=1\\n", ("v(out)",), Transient(2e-9))
for engine in (shared_simulator(), BatchSimulator()):
    plot = engine.answer(deck).plots["tran"]
    print(hashlib.sha256(plot["time"].tobytes() + plot["v(out)"].tobytes()).hexdigest())
"""
HOSTILE = """* planted
set num_threads=8
set interp
set ngbehavior=psa
set filetype=ascii
option method=gear temp=100 reltol=0.5
"""


def probe(folder: Path, home: Path, mode: str, **environment: str) -> list[str]:
    # The user's site of the interpreter is found through HOME; nothing but ngspice may notice the change.
    done = subprocess.run(
        [sys.executable, "-c", PROBE, mode],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@pytest.mark.parametrize("place", ["folder", "home", "both"])
def test_a_planted_spiceinit_changes_nothing(place: str, tmp_path: Path) -> None:
    folder, home = tmp_path / "folder", tmp_path / "home"
    for path in (folder, home):
        path.mkdir()
    clean = probe(folder, home, "isolated")
    assert clean[0] == clean[1]
    for path in (folder, home):
        if place in (path.name, "both"):
            (path / ".spiceinit").write_text(HOSTILE)
    assert probe(folder, home, "isolated") == clean
    if place != "home":  # and the plant is a live one: a process that is not isolated heeds it
        assert probe(folder, home, "as it is")[0] != clean[0]


def test_the_worker_s_own_spiceinit_is_the_one_that_is_read(tmp_path: Path) -> None:
    """Show who is found first: a test cannot plant in the home that the password database names.

    libngspice looks in the working folder and then there, not in $HOME, and reads the first it finds.
    """
    clean = probe(tmp_path, tmp_path, "isolated")
    assert probe(tmp_path, tmp_path, "isolated and planted")[0] != clean[0]


def test_ngspice_settings_in_the_environment_change_nothing(tmp_path: Path) -> None:
    clean = probe(tmp_path, tmp_path, "isolated")
    assert probe(tmp_path, tmp_path, "isolated", SPICE_ASCIIRAWFILE="1", OMP_NUM_THREADS="8") == clean


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
