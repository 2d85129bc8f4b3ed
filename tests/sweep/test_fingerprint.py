"""Whatever changes a result changes its fingerprint, and what is stored is found again without a deck."""

from __future__ import annotations

import importlib
import re
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jinja2
import pytest

import bitline
from bitline import content
from bitline.benches.base import Conditions
from bitline.benches.cell.read import Read
from bitline.benches.registry import bench as find_bench
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.circuits.ternary_column import TernaryColumn
from bitline.errors import InputError
from bitline.pdk.descriptor import Pdk, load_pdk
from bitline.pdk.slim import slim_pdk
from bitline.sweep import simulate
from bitline.sweep.characterize import Characterization, characterize
from bitline.sweep.fingerprint import Fingerprints
from bitline.sweep.outcome import Outcome
from bitline.sweep.point import Point
from bitline.sweep.session import Session, session
from bitline.sweep.simulate import Context
from bitline.sweep.store import Store
from bitline.sweep.sweep import Sweep, shipped

TOY = Path(__file__).parents[1] / "pdk/toy"
CELLS = """
[standard_cells]
netlists = "cells"
prefix = "toy_"
power = ["vdd"]
ground = ["vss"]
diffusion = 0.3e-6
source = "made up"
"""


@dataclass
class Case:
    """One simulation, with copies in a folder of all files that it depends on; `base` is its fingerprint at first."""

    folder: Path
    patch: pytest.MonkeyPatch
    circuit: Any = field(default_factory=SplitPort6T)
    bench: str = "read"
    conditions: Conditions = field(default_factory=Conditions)
    inputs: Any = field(default_factory=Read)
    options: dict[str, Any] = field(default_factory=dict)
    base: str = ""

    @property
    def point(self) -> Point:
        return Point(0, self.circuit, self.bench, self.conditions, self.inputs)

    @property
    def pdk(self) -> Pdk:
        return load_pdk(self.folder / "toy/toy.toml")

    def fingerprint(self) -> str:
        slim_pdk.cache_clear()
        return Fingerprints(Context(self.pdk, **self.options)).of(self.point)

    def edit(self, path: str, old: str, new: str) -> None:
        file = self.folder / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new, 1))

    def source(self, path: str) -> None:
        """Change a line of a copy of bitline's sources."""
        shutil.copytree(Path(bitline.__file__).parent, self.folder / "bitline", ignore=shutil.ignore_patterns("*.pyc"))
        self.patch.setattr(bitline, "__file__", str(self.folder / "bitline/__init__.py"))
        before = self.fingerprint()
        assert before == self.base
        self.edit(f"bitline/{path}", "from __future__ import annotations", "from __future__ import annotations  # 1")

    def raise_version(self) -> None:
        def newer(name: str, circuit: type) -> Any:
            bench = find_bench(name, circuit)
            return replace(bench, version=bench.version + 1)

        self.patch.setattr("bitline.sweep.fingerprint.find_bench", newer)


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    for name in ("templates", "models"):
        shutil.copytree(content.folder(name), tmp_path / name)
    shutil.copytree(TOY, tmp_path / "toy")
    with (tmp_path / "toy/toy.toml").open("a") as file:
        file.write(CELLS)
    (tmp_path / "toy/cells/inv").mkdir(parents=True)
    (tmp_path / "toy/cells/inv/toy_inv.spice").write_text(".subckt toy_inv a y\n.ends\n")
    (tmp_path / "libngspice.so").write_bytes(b"39")
    own = content.folder
    monkeypatch.setattr(content, "folder", lambda name: tmp_path / name if (tmp_path / name).is_dir() else own(name))
    monkeypatch.setattr("bitline.sweep.fingerprint.ngspice_version", lambda: "39")
    monkeypatch.setattr("bitline.sweep.fingerprint.engine_files", lambda engine: (tmp_path / "libngspice.so",))
    case = Case(tmp_path, monkeypatch)
    case.base = case.fingerprint()
    return case


def chip(**conditions: Any) -> Callable[[Case], None]:
    def change(case: Case) -> None:
        case.conditions = Conditions(**{"sample": 1, **conditions})

    return change


def at(name: str, value: Any) -> Callable[[Case], None]:
    return lambda case: setattr(case, "conditions", Conditions(**{name: value}))


def option(**options: Any) -> Callable[[Case], None]:
    return lambda case: case.options.update(options)


def swap(folder: str, one: str, other: str) -> Callable[[Case], None]:
    def change(case: Case) -> None:
        files = case.folder / folder / one, case.folder / folder / other
        texts = [file.read_text() for file in files]
        for file, text in zip(files, reversed(texts), strict=True):
            file.write_text(text)

    return change


CHANGES: dict[str, Callable[[Case], None]] = {
    "a template": lambda case: case.edit("templates/cells/split_port_6t.cir.j2", "}", "} "),
    "two templates, exchanged": swap("templates/cells", "split_port_6t.cir.j2", "ternary_stack.cir.j2"),
    "a new template": lambda case: Path(case.folder / "templates/cells/own.cir").write_text("* 1"),
    "a model's template": lambda case: case.edit("models/mosfet.cir.j2", "}", "} "),
    "the bench's version": Case.raise_version,
    "the source of a bench": lambda case: case.source("benches/cell/read.py"),
    "the source of rendering": lambda case: case.source("circuits/render.py"),
    "the source of the key": lambda case: case.source("sweep/simulate.py"),
    "the library": lambda case: case.edit("toy/toy.lib", "=", "= "),
    "a file that the library includes": lambda case: case.edit("toy/devices.inc", "=", "= "),
    "a standard cell": lambda case: case.edit("toy/cells/inv/toy_inv.spice", " y", " z"),
    "a number of the descriptor": lambda case: case.edit("toy/toy.toml", "a_vt = 4e-9", "a_vt = 5e-9"),
    "the nominal supply": lambda case: case.edit("toy/toy.toml", "vdd = 1.5", "vdd = 1.6"),
    "a section": lambda case: case.edit("toy/toy.toml", '"typical"', '"slow"'),
    "a parameter": lambda case: setattr(case, "circuit", SplitPort6T(w_pull_down=0.42e-6)),
    "the bench": lambda case: setattr(case, "bench", "leakage"),
    "an input": lambda case: setattr(case, "inputs", Read(t_pulse=5e-10)),
    "the corner": at("corner", "ss"),
    "the supply": at("vdd", 1.7),
    "the temperature": at("temperature", 28.0),
    "deviates": at("deviates", (0.0, 1.0)),
    "the last digit of a deviate": at("deviates", (0.0, 1.0000000000000002)),
    "a sample": chip(),
    "another sample": chip(sample=2),
    "the seed": chip(seed=2),
    "the sampling": chip(sampling="sobol"),
    "a hypercube": chip(sampling="latin-hypercube", samples=4),
    "the size of a hypercube": chip(sampling="latin-hypercube", samples=5),
    "the group": chip(group="pass"),
    "the accuracy": option(accuracy="fast"),
    "the engine": option(engine="batch"),
    "ngspice": lambda case: case.patch.setattr("bitline.sweep.fingerprint.ngspice_version", lambda: "40"),
    "libngspice": lambda case: (case.folder / "libngspice.so").write_bytes(b"40") and None,
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_changes_a_result_changes_its_fingerprint(what: str, case: Case) -> None:
    assert case.fingerprint() == case.base
    CHANGES[what](case)
    changed = case.fingerprint()
    assert re.fullmatch("[0-9a-f]{64}", changed)
    assert changed != case.base


def test_no_two_of_these_changes_have_one_fingerprint(case: Case) -> None:
    marks = []
    for name in ("a sample", "another sample", "the seed", "the sampling", "a hypercube", "the size of a hypercube",
                 "the group", "deviates", "the last digit of a deviate"):  # fmt: skip
        CHANGES[name](case)
        marks.append(case.fingerprint())
    assert len(set(marks)) == len(marks)


def moved(case: Case) -> None:
    shutil.move(case.folder / "toy", case.folder / "elsewhere")
    (case.folder / "toy").symlink_to(case.folder / "elsewhere")


SAME: dict[str, Callable[[Case], None]] = {
    "a comment in the descriptor": lambda case: case.edit("toy/toy.toml", "# No draws", "# No  draws"),
    "what the descriptor says to readers": lambda case: case.edit("toy/toy.toml", "made-up", "invented"),
    "the source of its numbers": lambda case: case.edit("toy/toy.toml", '"made up"', '"invented"'),
    "the folder of the process": moved,
    "a folder's README": lambda case: case.edit("templates/README.md", " ", "  "),
    "the source of a figure": lambda case: case.source("plot/draw.py"),
}


@pytest.mark.parametrize("what", SAME)
def test_what_changes_no_result_leaves_the_fingerprint(what: str, case: Case) -> None:
    SAME[what](case)
    assert case.fingerprint() == case.base


def test_a_parameter_inside_another_circuit_changes_the_fingerprint(case: Case) -> None:
    marks = set()
    for rows, c_wl in ((4, 1e-15), (4, 2e-15), (8, 1e-15)):
        column = AcimColumnQS(rows=rows, active=4)
        case.circuit, case.bench = column.replace(cell=column.cell.replace(c_wl=c_wl)), "noise"
        case.inputs = find_bench("noise", AcimColumnQS).inputs()
        marks.add(case.fingerprint())
    assert len(marks) == 3


OWN = """
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.parameters import validated

@validated
class OwnCell(SplitPort6T):
    pass
"""


def test_the_source_of_a_plug_ins_circuit_is_in_its_fingerprint(case: Case) -> None:
    package = case.folder / "packages/own_cells"
    package.mkdir(parents=True)
    for name, text in (("__init__", ""), ("cell", OWN), ("helper", "")):
        (package / f"{name}.py").write_text(text)
    case.patch.syspath_prepend(str(package.parent))
    try:
        case.circuit = importlib.import_module("own_cells.cell").OwnCell()
        marks = {case.base, case.fingerprint()}
        (package / "helper.py").write_text("W = 1")
        marks.add(case.fingerprint())
        (package / "cell.py").write_text(f"{OWN}\nW = 1\n")
        marks.add(case.fingerprint())
    finally:
        for name in [name for name in sys.modules if name.startswith("own_cells")]:
            del sys.modules[name]
    assert len(marks) == 4


def test_a_circuit_without_a_source_has_no_fingerprint(case: Case) -> None:
    case.circuit = type("OwnCell", (SplitPort6T,), {"__module__": "own_cells"})()
    case.patch.setitem(sys.modules, "own_cells", type(sys)("own_cells"))
    assert case.fingerprint() == ""


def test_no_two_points_of_the_shipped_sweeps_have_one_fingerprint(case: Case) -> None:
    fingerprints = Fingerprints(Context(case.pdk))
    seen: dict[str, Point] = {}
    for name in shipped():
        for grid in Sweep.load(name).grids:
            # The toy has three corners; of the others nothing is read.
            some = (point for point in grid.trials() if point.conditions.corner in case.pdk.sections)
            for point in some:
                assert seen.setdefault(fingerprints.of(point), point) == point
    assert len(seen) > 500


@dataclass
class Work:
    """What was rendered, simulated and handed to a worker."""

    rendered: int = 0
    simulated: int = 0
    submitted: int = 0
    meanwhile: Callable[[], object] = lambda: None


@dataclass(frozen=True)
class Inline:
    """An executor that works at once, in this process."""

    work: Work
    in_flight: int = 1

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Future[Any]:
        self.work.submitted += 1
        future: Future[Any] = Future()
        future.set_result(function(*args))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        pass


class Engine:
    name, version = "shared", "39"


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    """Count what is done, and simulate by a formula."""
    work = Work()
    render = jinja2.Template.render

    def counted(self: jinja2.Template, *args: Any, **values: Any) -> str:
        work.rendered += 1
        return render(self, *args, **values)

    def simulated(point: Point, key: str, _: Any, bench: Any, *rest: Any) -> Outcome:
        work.simulated += 1
        work.meanwhile()
        size = 1 + point.conditions.sample + point.conditions.vdd
        return Outcome(point.index, key, "ok", {output.name: size for output in bench.outputs}, "plain")

    monkeypatch.setattr(jinja2.Template, "render", counted)
    monkeypatch.setattr(simulate, "_simulated", simulated)
    monkeypatch.setattr(simulate, "simulator_of", lambda *_: Engine())
    monkeypatch.setattr("bitline.sweep.characterize.check_folding", lambda *_: None)
    yield work
    simulate._reader.cache_clear()


READS = Sweep(SplitPort6T(), bench="read", vdd=[1.4, 1.5], samples=3, name="reads")


def characterized(sweep: Sweep, case: Case, work: Work, store: str = "store.sqlite") -> Characterization:
    work.rendered = work.simulated = work.submitted = 0
    path = case.folder / store
    with Store(path) as opened:
        return characterize(sweep, Session(Context(case.pdk, store=path), Inline(work), opened), "39")


def saved(result: Characterization, folder: Path) -> dict[str, bytes]:
    result.lut.save(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_cached_run_renders_no_deck_and_gives_the_same_bytes(case: Case, work: Work) -> None:
    first = saved(characterized(READS, case, work), case.folder / "first")
    assert (work.simulated, work.submitted) == (8, 8)
    assert work.rendered > 8
    again = characterized(READS, case, work)
    assert (work.simulated, work.submitted, work.rendered) == (0, 0, 0)
    assert (again.cached, again.simulated) == (8, 0)
    other = characterized(READS, case, work, "other.sqlite")
    assert work.simulated == 8
    assert saved(again, case.folder / "again") == saved(other, case.folder / "other") == first


def test_a_run_with_more_samples_renders_only_what_is_missing(case: Case, work: Work) -> None:
    characterized(READS, case, work)
    more = characterized(READS.replace(mismatch={"samples": 5}), case, work)
    assert (work.simulated, work.submitted, more.cached) == (4, 4, 8)


def test_the_store_of_an_older_bitline_is_read_once_by_its_keys(case: Case, work: Work) -> None:
    first = saved(characterized(READS, case, work), case.folder / "first")
    with closing(sqlite3.connect(case.folder / "store.sqlite")) as file:
        file.execute("DROP TABLE fingerprints")
    for rendered in (True, False):
        again = characterized(READS, case, work)
        assert (work.simulated, again.cached, bool(work.rendered)) == (0, 8, rendered)
        assert saved(again, case.folder / "again") == first


def test_points_that_share_a_deck_are_found_each(case: Case, work: Work) -> None:
    sweep = Sweep(TernaryColumn(rows=2), bench="transfer", mac=[1], extra=[1, 2, 9], vdd=[1.5])
    first = characterized(sweep, case, work)
    assert len({outcome.key for outcome in first.outcomes}) == 1
    again = characterized(sweep, case, work)
    assert (again.cached, work.simulated, work.rendered) == (3, 0, 0)


def test_a_changed_template_is_rendered_and_one_that_gives_the_same_deck_costs_no_simulation(
    case: Case, work: Work
) -> None:
    characterized(READS, case, work)
    case.edit("templates/benches/split_port_6t_write.cir.j2", "}", "} ")
    characterized(READS, case, work)
    assert (work.simulated, work.submitted) == (0, 8)
    characterized(READS, case, work)
    assert (work.submitted, work.rendered) == (0, 0)


def test_of_a_template_that_is_edited_during_a_run_nothing_is_believed(case: Case, work: Work) -> None:
    """A worker may have rendered the new text, and the old text may come back."""
    template = case.folder / "templates/benches/split_port_6t_write.cir.j2"
    before = template.read_text()
    work.meanwhile = lambda: template.write_text(f"{before}* edited\n")
    characterized(READS, case, work)
    template.write_text(before)
    work.meanwhile = lambda: None
    characterized(READS, case, work)
    assert (work.simulated, work.submitted) == (0, 8)


def test_nor_of_one_that_is_edited_and_put_back_during_a_run(case: Case, work: Work) -> None:
    template = case.folder / "templates/benches/split_port_6t_write.cir.j2"
    before = template.read_text()

    def edited_and_back() -> None:
        template.write_text(f"{before}* edited\n")
        template.write_text(before)

    work.meanwhile = edited_and_back
    characterized(READS, case, work)
    work.meanwhile = lambda: None
    characterized(READS, case, work)
    assert (work.simulated, work.submitted) == (0, 8)


def test_a_sweep_that_is_stored_starts_no_worker(case: Case, work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    characterized(READS, case, work)

    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("a worker was started")

    monkeypatch.setattr("bitline.sweep.pool.ProcessPool", never)
    with session(Context(case.pdk, store=case.folder / "store.sqlite"), 2) as workers:
        assert characterize(READS, workers, "39").cached == 8


def test_what_cannot_be_is_named_before_the_first_missing_point(case: Case, work: Work) -> None:
    characterized(READS, case, work)
    wrong = READS.replace(axes={"w_pass": [0.14e-6, 0.42e-6]})
    with pytest.raises(InputError, match="no model"):
        characterized(wrong, case, work)
    assert (work.simulated, work.submitted) == (0, 0)
