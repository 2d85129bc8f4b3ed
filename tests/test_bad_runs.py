"""What goes wrong in the middle of a run: each has its status or its one line, and finished points survive.

The runs are real, in ngspice and in worker processes. What fails in them is a circuit of a lab's own, which
comes in as any plug-in does: through entry points, of this very module.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import re
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import pytest

from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.registry import benches
from bitline.circuits.analysis import Transient
from bitline.circuits.base import Circuit
from bitline.circuits.deck import Deck
from bitline.circuits.registry import circuits
from bitline.cli import run
from bitline.engine.batch import read_raw
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError, SimulatorCrashedError
from bitline.lut.lut import Lut
from bitline.parameters import parameter, validated
from bitline.sweep.store import Store

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from bitline.pdk.descriptor import Pdk

TOY = Path(__file__).parent / "pdk/toy/toy.toml"


@validated
class Faulty(Circuit):
    """1 kOhm that discharges a capacitor, or what `Fault` makes of it."""

    name: ClassVar[str] = "faulty"
    template: ClassVar[str] = "benches/selftest.cir.j2"

    c: float = parameter(1e-12, "capacitor", unit="F", source="choice", gt=0, le=1e-9)
    label: str = parameter("none", "a text, as a plug-in's circuit may have", source="choice")


@validated
class Fault:
    """How the run goes wrong, and a number to make many points."""

    fault: Literal["no", "diverges", "hangs", "dies", "dies-once", "nan", "bug", "refused", "undefined"] = parameter(
        "no", "what goes wrong", source="choice"
    )
    number: int = parameter(0, "number of the point", source="choice", ge=0, le=1000)


RC = "r1 out 0 1e3\nc1 out 0 {c!r}\n.ic v(out)={v!r}\n"
# v(out) must be 0 where it is above 0.5 and 1 where it is not
NO_SOLUTION = "b1 out 0 v=(v(out)>0.5)?0:1\nr1 out 0 1e3\n"
# unknown to ngspice: a device's parameter, and one from which libngspice does not recover
REFUSED = {"refused": "d1 out 0 dd nope=1\n.model dd d\n", "undefined": "r2 out 0 {nope}\n"}
# a current that changes its sign at every iteration keeps the time step at its smallest
NO_END = "b1 0 out i=(v(out)>0.5)?-1:1\nc1 out 0 1e-15\nr1 out 0 1\n"
OUTPUTS = (Output("v_out", "V", "output after one time constant"),)


def deck(circuit: Faulty, conditions: Conditions, inputs: Fault, pdk: Pdk) -> Deck:
    fault = inputs.fault
    # Decks are also built beforehand, in the process that must live on.
    in_worker = multiprocessing.parent_process() is not None
    dies = in_worker and (fault == "dies" or (fault == "dies-once" and first_time()))
    endless = dies or fault == "hangs"
    if dies:
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGKILL)).start()  # in the middle of the analysis
    body = NO_END if endless else NO_SOLUTION if fault == "diverges" else RC.format(c=circuit.c, v=1.0 + inputs.number)
    body += REFUSED.get(fault, "")
    title = f"{fault} {inputs.number}"
    return Deck(title, body, ("v(out)",), Transient(2e-9), marks={"tau": 1e3 * circuit.c})


def first_time() -> bool:
    try:
        Path(os.environ["BITLINE_TEST_MARK"]).open("x").close()
    except FileExistsError:
        return False
    return True


def measure(w: Waveforms, setup: Setup[Faulty, Fault]) -> dict[str, float]:
    if setup.inputs.fault == "bug":
        raise ZeroDivisionError("a bench with a bug")
    return {"v_out": math.nan if setup.inputs.fault == "nan" else w.at("v(out)", w.marks["tau"])}


def reduce(results: pd.DataFrame, circuit: Circuit) -> dict[str, xr.Dataset]:
    from bitline.benches.tables import grid

    return {"faults": grid(results, OUTPUTS)}


BENCH = Bench("fault", 1, "goes wrong", (Faulty,), Fault, OUTPUTS, deck, measure, reduce)


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    def refuses(self, code: int, *words: str) -> None:
        """Check the exit code and that the last line, the only one of bitline's own, has these words."""
        assert (self.code, self.out) == (code, ""), self
        assert "Traceback" not in self.err
        line = self.err.splitlines()[-1]
        assert line.startswith("bitline: error: "), self.err
        for word in words:
            assert word in line


Characterize = Callable[..., Answer]


@pytest.fixture(autouse=True)
def plugin(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install this module as a plug-in; workers inherit the path."""
    folder = tmp_path_factory.mktemp("plugin")
    (folder / "lab-1.dist-info").mkdir()
    (folder / "lab-1.dist-info/METADATA").write_text("Name: lab\nVersion: 1\n")
    (folder / "lab-1.dist-info/entry_points.txt").write_text(
        "[bitline.circuits]\nfaulty = test_bad_runs:Faulty\n[bitline.benches]\nfault = test_bad_runs:BENCH\n"
    )
    monkeypatch.syspath_prepend(folder)
    for cache in (circuits, benches):
        cache.cache_clear()
    yield
    for cache in (circuits, benches):
        cache.cache_clear()


@pytest.fixture
def characterize(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Characterize:
    """Run `bitline characterize` over axes in an empty folder; the LUT is in ``out``, the store in ``store``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BITLINE_DEBUG", raising=False)
    monkeypatch.setenv("BITLINE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("BITLINE_TEST_MARK", str(tmp_path / "mark"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))

    def call(axes: str, *arguments: object, out: str = "out", store: str = "store") -> Answer:
        Path("faults.toml").write_text(f'circuit = "faulty"\nbenches = ["fault"]\n[axes]\n{axes}\n')
        capsys.readouterr()
        given = ["--pdk", TOY, "-o", out, "--store", store, *arguments]
        code = run(["characterize", "faults.toml", *map(str, given)])
        return Answer(code, *capsys.readouterr())

    return call


def lut_bytes(folder: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


BAD = ["diverges", "hangs", "dies", "nan", "bug"]
GOOD = ["dies-once", "no"]  # a point whose worker was killed is not lost


@pytest.mark.ngspice
def test_each_bad_point_has_its_status_and_the_sweep_goes_on(characterize: Characterize) -> None:
    answer = characterize(f"fault = {BAD + GOOD}", "-j", 2, "--timeout", 5)
    assert (answer.code, answer.out) == (1, "out\n")
    assert "Traceback" not in answer.err
    lut = Lut.load("out")
    assert lut.attrs["status"] == {"bad_measure": 1, "crashed": 2, "no_convergence": 1, "ok": 2, "timeout": 1}
    table = lut.tables["faults"]
    assert table["n_failed"].sel(fault=BAD).values.tolist() == [1] * 5
    assert table["n_ok"].sel(fault=GOOD).values.tolist() == [1, 1]
    assert np.isnan(table["v_out"].sel(fault=BAD)).all()
    assert table["v_out"].sel(fault=GOOD).values == pytest.approx(math.exp(-1), rel=1e-2)
    with Store("store", read_only=True) as store:
        assert len(store) == 4  # what may have been the machine's doing is tried again the next time
    assert not list(Path("temporary").iterdir())  # nor did the killed workers leave anything behind


@pytest.mark.ngspice
def test_the_failures_are_told_with_their_points(characterize: Characterize) -> None:
    answer = characterize('fault = ["no", "diverges", "bug", "hangs"]', "--engine", "batch", "--timeout", 1, "-j", 1)
    assert (answer.code, answer.out) == (1, "out\n")
    assert "failed: 1 crashed, 1 no_convergence, 1 timeout" in answer.err
    told = [line.strip() for line in answer.err.splitlines() if line.startswith("  ")]
    assert told[0].startswith("no_convergence: faulty fault=diverges number=0 corner=tt vdd=1.8")
    assert "ngspice did not converge: " in told[0] and "Timestep too small" in told[0]
    assert told[1].endswith("ZeroDivisionError: a bench with a bug")
    assert told[2].endswith("hangs 0: no end after 1 s")
    with Store("store", read_only=True) as store:
        (rung,) = store._connection.execute("SELECT rung FROM results WHERE status = 'no_convergence'").fetchone()
        assert (len(store), rung) == (2, "stepping")


@pytest.mark.ngspice
@pytest.mark.parametrize("engine", ["shared", "batch"])
@pytest.mark.parametrize("fault", list(REFUSED))
def test_a_deck_that_ngspice_refuses_is_said_once_and_for_all(
    fault: str, engine: str, characterize: Characterize
) -> None:
    # Every second point is refused: had any of them spoilt its worker, good ones would fail as well.
    axes = f'fault = ["no", "{fault}"]\nnumber = [0, 1, 2, 3]'
    answer = characterize(axes, "--engine", engine, "-j", 2)
    assert (answer.code, answer.out) == (1, "out\n")
    assert "8 points (8 simulated, 0 cached)" in answer.err
    assert "failed: 4 refused" in answer.err
    told = [line.strip() for line in answer.err.splitlines() if line.startswith("  refused: ")]
    assert len(told) == 3
    assert all("ngspice refused the deck: " in line and "nope" in line for line in told)
    assert Lut.load("out").attrs["rungs"] == {"plain": 4}
    again = characterize(axes, "--engine", engine, "-j", 2)
    assert "8 points (0 simulated, 8 cached)" in again.err


MANY = "number = {start=0, stop=79, step=1}"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shelf")


@pytest.fixture
def whole(characterize: Characterize, shelf: Path) -> dict[str, bytes]:
    """Give the LUT of eighty points that an undisturbed run writes; it runs once and each test has a copy."""
    if not (shelf / "whole").exists():
        assert characterize(MANY, "-j", 1, out="whole", store="whole.sqlite").code == 0
        shutil.copytree(".", shelf, dirs_exist_ok=True)
    else:
        shutil.copytree(shelf / "whole", "whole")
        shutil.copy(shelf / "whole.sqlite", "whole.sqlite")
    return lut_bytes("whole")


@pytest.mark.ngspice
def test_a_disk_that_fills_up_ends_the_run_and_keeps_what_had_finished(
    characterize: Characterize, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    check = Store._check_file

    def on_a_small_disk(self: Store) -> None:
        check(self)
        if not self.read_only:
            self._connection.execute(f"PRAGMA max_page_count = {self._pragma('page_count') + 2}")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "_check_file", on_a_small_disk)
        answer = characterize(MANY, "-j", 1)
    answer.refuses(3, "/store: the disk is full: make room and run again")
    *_, finished = re.findall(r"faults: (\d+) of 80 points", answer.err)
    assert not list(Path("out").glob("*.json"))
    with Store("store", read_only=True) as store:
        kept = len(store)
    assert 0 < int(finished) <= kept < 80
    answer = characterize(MANY, "-j", 1)
    assert answer.code == 0
    assert f"80 points ({80 - kept} simulated, {kept} cached)" in answer.err
    assert lut_bytes("out") == whole


@pytest.mark.ngspice
def test_a_damaged_store_is_said_and_left_alone_and_so_is_the_lut(
    characterize: Characterize, whole: dict[str, bytes]
) -> None:
    store = Path("whole.sqlite")
    good = store.read_bytes()
    rotten = good.replace(b'"v_out":0.7', b'"v_out":0.9')
    assert rotten != good
    half, foreign = good[: len(good) // 2], b"no store at all " * 1000
    told = {half: "it is damaged", foreign: "it is not a bitline store", rotten: "fails its checksum"}
    for damaged, words in told.items():
        store.write_bytes(damaged)
        characterize(MANY, "-j", 1, out="whole", store="whole.sqlite").refuses(3, "whole.sqlite: it is ", words)
        assert store.read_bytes() == damaged
        assert lut_bytes("whole") == whole
    store.rename("moved.sqlite")
    assert characterize(MANY, "-j", 2, store="whole.sqlite").code == 0
    assert lut_bytes("out") == whole


SMUGGLED = ["x\n.control\nshell true\n.endc", ".control", "a b", "{{ 1 }}", "$(id)", "x;y", ""]


@pytest.mark.parametrize("text", SMUGGLED)
def test_a_plugins_text_is_a_plain_word_or_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"^Faulty: label = .*: must be a plain word$"):
        Faulty(label=text)
    assert Faulty(label="slow-1.8_V+").label == "slow-1.8_V+"


def test_a_plugins_text_cannot_be_smuggled_in_by_command_line_or_sweep(
    characterize: Characterize, capsys: pytest.CaptureFixture[str]
) -> None:
    for text in SMUGGLED[:-1]:
        assert run(["render", "faulty", "--set", f"label={text}"]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    characterize('label = ["x\\n.control"]').refuses(2, "label = 'x\\n.control': must be a plain word")


@pytest.mark.parametrize("kept", [10, 200, 330])
def test_a_raw_file_cut_short_is_a_crash(kept: int, tmp_path: Path) -> None:
    header = b"Title: t\nPlotname: Transient Analysis\nFlags: real\nNo. Variables: 2\nNo. Points: 20\n"
    whole = header + b"Variables:\n\t0\ttime\ttime\n\t1\tv(out)\tvoltage\nBinary:\n" + bytes(320)
    path = tmp_path / "out.raw"
    path.write_bytes(whole)
    assert len(read_raw(path)["tran"]["time"]) == 20
    path.write_bytes(whole[:-kept])
    if b"Binary:\n" in whole[:-kept]:
        with pytest.raises(SimulatorCrashedError, match=rf"out\.raw of {len(whole) - kept} bytes is not whole"):
            read_raw(path)
    else:
        assert read_raw(path) == {}
