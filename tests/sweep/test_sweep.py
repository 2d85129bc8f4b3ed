from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sweep_fakes import Cell, Column

from bitline.errors import InputError, UnknownNameError
from bitline.sweep.axis import ListAxis
from bitline.sweep.sweep import Sweep, shipped

pytestmark = pytest.mark.usefixtures("registry")

GOOD = """
circuit = "fake-column"
benches = ["transfer", "noise"]
description = "a column"
accuracy = "fast"
[parameters]
rows = 32
cell = { width = 0.2e-6 }
[axes]
code = { start = 0, stop = 16, step = 1 }
vdd = [1.62, 1.8, 1.98]
corner = ["tt", "ss", "ff"]
temperature = 27
[mismatch]
samples = 20
seed = 7
benches = ["transfer"]
at = { corner = "tt", vdd = 1.8, temperature = 27 }
[quick]
accuracy = "default"
[quick.axes]
vdd = [1.8]
code = { start = 0, stop = 16, step = 4 }
[quick.mismatch]
samples = 2
"""


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], Sweep]:
    def write(text: str) -> Sweep:
        path = tmp_path / "mine.toml"
        path.write_text(text)
        return Sweep.load(path)

    return write


def test_a_file_gives_a_sweep_of_its_name(load: Callable[[str], Sweep]) -> None:
    sweep = load(GOOD)
    assert (sweep.name, sweep.circuit, sweep.benches) == ("mine", "fake-column", ("transfer", "noise"))
    assert sweep.base == Column(rows=32, cell=Cell(width=0.2e-6))
    assert sweep.accuracy == "fast"


def test_length_is_known_and_right(load: Callable[[str], Sweep]) -> None:
    sweep = load(GOOD)
    assert len(sweep) == 17 * 3 * 3 + 17 * 20 + 3 * 3
    made = list(sweep.points())
    assert [point.index for point in made] == list(range(len(sweep)))
    assert made == list(sweep.points())


def test_nominal_then_monte_carlo_of_each_bench(load: Callable[[str], Sweep]) -> None:
    made = list(load(GOOD).points())
    nominal, carlo, noise = made[:153], made[153:493], made[493:]
    assert {(p.bench, p.conditions.sample) for p in nominal} == {("transfer", 0)}
    assert {p.conditions.sample for p in carlo} == set(range(1, 21))
    assert {(p.conditions.corner, p.conditions.vdd, p.conditions.seed) for p in carlo} == {("tt", 1.8, 7)}
    assert {p.inputs.code for p in carlo} == set(range(17))
    assert {(p.bench, p.conditions.sample) for p in noise} == {("noise", 0)}


def test_a_bench_without_an_input_does_not_sweep_it(load: Callable[[str], Sweep]) -> None:
    sweep = load(GOOD)
    assert sweep.axes_of("transfer") == ("code", "vdd", "corner", "temperature")
    assert sweep.axes_of("noise") == ("vdd", "corner", "temperature")


def test_without_a_name_all_benches_get_mismatch(load: Callable[[str], Sweep]) -> None:
    assert len(load(GOOD.replace('benches = ["transfer"]\nat', "at"))) == 153 + 340 + 9 + 20


def test_quick_lies_over_the_rest(load: Callable[[str], Sweep]) -> None:
    quick = load(GOOD).quick()
    assert len(quick) == 5 * 1 * 3 + 5 * 2 + 3
    assert (quick.accuracy, quick.mismatch.seed, quick.mismatch.at["vdd"]) == ("default", 7, 1.8)
    assert quick.base == load(GOOD).base
    with pytest.raises(InputError, match="has no \\[quick\\] table"):
        load(GOOD[: GOOD.index("[quick]")]).quick()


def test_replace_keeps_what_it_does_not_name(load: Callable[[str], Sweep]) -> None:
    sweep = load(GOOD).replace(mismatch={"samples": 5}, axes={"vdd": [1.7]})
    assert (sweep.mismatch.samples, sweep.mismatch.seed) == (5, 7)
    assert sweep.axes["vdd"].values == (1.7,)
    assert len(sweep.axes["code"]) == 17


def test_the_python_form_equals_the_file(load: Callable[[str], Sweep]) -> None:
    python = Sweep(
        Column(rows=64, active=8), bench="transfer", vdd=[1.6, 1.8], corner=["tt", "ss"], samples=200, seed=1
    )
    file = load(
        'circuit = "fake-column"\nbenches = "transfer"\nparameters = { active = 8 }\n'
        '[axes]\nvdd = [1.6, 1.8]\ncorner = ["tt", "ss"]\n[mismatch]\nsamples = 200'
    )
    assert list(python.points()) == list(file.points())
    assert python.model_dump(exclude={"name"}) == file.model_dump(exclude={"name"})
    assert len(python) == 4 * 201


def test_the_python_form_needs_no_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> type[Column]:
        raise UnknownNameError("circuit", name, [])

    monkeypatch.setattr("bitline.sweep.sweep._circuit_class", missing)
    sweep = Sweep(Column(rows=32), benches=["transfer"], rows=[16, 32], samples=1, at={"rows": 16})
    assert [point.circuit.rows for point in sweep.points()] == [16, 32, 16]
    assert sweep.replace(mismatch={"samples": 0}).base == Column(rows=16)


def test_parameters_may_fit_only_together() -> None:
    sweep = Sweep(Column(rows=256, active=100), bench="noise", rows=[128, 256])
    assert [(p.circuit.rows, p.circuit.active) for p in sweep.points()] == [(128, 100), (256, 100)]


def test_a_sweep_cannot_be_changed(load: Callable[[str], Sweep]) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load(GOOD).name = "other"
    assert isinstance(load(GOOD).axes["vdd"], ListAxis)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[axes]", "[axis]", "unknown key 'axis' of sweep file mine.toml; did you mean 'axes'"),
        ("samples = 20", "sampels = 20", "; did you mean 'samples'"),
        ("samples = 2\n", "sampels = 2\n", "; did you mean 'samples'"),
        ("[quick.axes]", "[quick.axis]", "did you mean 'axes'"),
        ('"fake-column"', '"fake-colum"', "unknown circuit 'fake-colum'; did you mean 'fake-column'"),
        ('["transfer", "noise"]', '["transfr"]', "unknown bench 'transfr' of fake-column; did you mean 'transfer'"),
        ("rows = 32", "row = 32", "unknown parameter 'row' of Column; did you mean 'rows'"),
        ("vdd = [1.62, 1.8, 1.98]", "vvdd = [1.8]", "unknown axis 'vvdd' of sweep mine; did you mean 'vdd'"),
        ("corner = [", "sample = [", "unknown axis 'sample' of sweep mine"),
        ('corner = "tt", ', 'cornr = "tt", ', "unknown axis 'cornr' of sweep mine; did you mean 'corner'"),
        ('benches = ["transfer"]\n', 'benches = ["noize"]\n', "; did you mean 'noise'"),
    ],
)
def test_a_typo_suggests_the_nearest(load: Callable[[str], Sweep], old: str, new: str, told: str) -> None:
    assert old in GOOD
    with pytest.raises(UnknownNameError) as caught:
        load(GOOD.replace(old, new))
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("vdd = [1.62, 1.8, 1.98]", "vdd = [nan]", "axis vdd: values.0 = nan"),
        ("vdd = [1.62, 1.8, 1.98]", 'vdd = ["1.8"]', "vdd = '1.8': must be a number"),
        ("vdd = [1.62, 1.8, 1.98]", "vdd = [9.0]", "vdd = 9.0 V: must be <= 5"),
        ('"ss", "ff"]', '"xx"]', "corner = 'xx': must be 'tt', 'ss', 'ff', 'sf' or 'fs'"),
        ("vdd = 1.8,", "vdd = 99.0,", "vdd = 99.0 V: must be <= 5"),
        ("vdd = 1.8,", "vdd = [1.8],", "mismatch.at.vdd = [1.8]"),
        ("stop = 16, step = 1 ", "stop = 16.5, step = 0.5 ", "code = 0.0: must be an integer"),
        ("rows = 32", "rows = nan", "rows = nan: must be an integer"),
        ("rows = 32", 'rows = "32"', "rows = '32': must be an integer"),
        ("rows = 32", "rows = 0", "rows = 0: must be >= 1"),
        ("rows = 32", "rows = 8", "active = 16: must be <= rows = 8"),
        (
            "rows = 32",
            'rows = 32\nkind = "a\\n.control\\nshell"',
            "kind = 'a\\n.control\\nshell': must be 'a' or",
        ),
        ("samples = 20", "samples = -1", "mismatch.samples = -1: must be >= 0"),
        ("samples = 20", "samples = 2.5", "mismatch.samples = 2.5: must be an integer"),
        ("seed = 7", 'seed = "7"', "mismatch.seed = '7': must be an integer"),
        ('accuracy = "fast"', 'accuracy = "best"', "accuracy = 'best': must be"),
        ('["transfer", "noise"]', "[]", "benches = []: .*at least 1"),
        ('["transfer", "noise"]', '["noise", "noise"]', "each may be named once"),
        ('benches = ["transfer", "noise"]\n', "", "benches is missing"),
        ('circuit = "fake-column"', "circuit = 3", "circuit = 3: must be text"),
        ('circuit = "fake-column"', 'circuit = "fake-column"\nquick = 3', "is not TOML"),
        ("[quick]\n", "[other]\n", "unknown key"),
        ("[axes]", "[axes]\nrows = [16]", "rows is both in [parameters] and in [axes]"),
        ("circuit =", "circuit", "is not TOML: .*line 2"),
    ],
)
def test_a_wrong_value_is_one_line(load: Callable[[str], Sweep], old: str, new: str, told: str) -> None:
    assert old in GOOD
    with pytest.raises(InputError) as caught:
        load(GOOD.replace(old, new))
    message = str(caught.value)
    assert all(part in message for part in told.split(".*"))
    assert "\n" not in message


@pytest.mark.parametrize("table", ["parameters", "axes", "mismatch", "quick"])
def test_a_table_must_be_one(load: Callable[[str], Sweep], table: str) -> None:
    with pytest.raises(InputError, match=f"{table} = 3: must be a table"):
        load(f'circuit = "fake-column"\nbenches = ["noise"]\n{table} = 3')


def test_a_name_that_would_not_do_for_a_folder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a;shell rm.toml"
    path.write_text(GOOD)
    with pytest.raises(InputError, match="name = 'a;shell rm'"):
        Sweep.load(path)


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no\.toml cannot be read: .*No such file"):
        Sweep.load(tmp_path / "no.toml")
    with pytest.raises(InputError, match="cannot be read"):
        Sweep.load(tmp_path)
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        Sweep.load(str(tmp_path / "binary.toml"))
    with pytest.raises(InputError, match="cannot be read"):
        Sweep.load("a\0.toml")


def test_shipped_sweeps_go_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fake-qs.toml").write_text(GOOD)
    monkeypatch.setattr("bitline.content.folder", lambda name: tmp_path)
    assert list(shipped()) == ["fake-qs"]
    assert Sweep.load("fake-qs").name == "fake-qs"
    with pytest.raises(UnknownNameError, match="unknown sweep 'fake-q'; did you mean 'fake-qs'"):
        Sweep.load("fake-q")


def test_python_mistakes() -> None:
    with pytest.raises(UnknownNameError, match="unknown axis 'vd' of sweep sweep; did you mean 'vdd'"):
        Sweep(Column(), bench="transfer", vd=[1.8])
    with pytest.raises(InputError, match="benches is missing"):
        Sweep(Column(), vdd=[1.8])


def monte_carlo(**mismatch: Any) -> Sweep:
    axes = {"corner": ["tt", "ss", "ff"], "code": [0, 4, 8]}
    return Sweep(circuit="fake-column", benches=["transfer"], axes=axes, mismatch={"samples": 6, **mismatch})


def test_the_monte_carlo_has_corners_codes_and_groups_of_its_own() -> None:
    sweep = monte_carlo(axes={"corner": ["tt", "ff"], "code": [0, 8], "group": ["all", "cells"], "vdd": [1.7]})
    nominal = [point for point in sweep.points() if not point.conditions.sample]
    drawn = [point for point in sweep.points() if point.conditions.sample]
    assert len(sweep) == len(nominal) + len(drawn) == 3 * 3 + 6 * 2 * 2 * 2
    assert {point.conditions.group for point in nominal} == {"all"}
    assert {str(point.conditions.corner) for point in nominal} == {"tt", "ss", "ff"}
    assert {(str(point.conditions.corner), point.conditions.group, point.inputs.code) for point in drawn} == set(
        itertools.product(("tt", "ff"), ("all", "cells"), (0, 8))
    )
    assert {point.conditions.vdd for point in drawn} == {1.7}
    assert sweep.axes_of("transfer") == ("corner", "code", "group", "vdd")
    # A point says which devices vary where not all do.
    assert {str(point).endswith("group=cells") for point in drawn if point.conditions.group == "cells"} == {True}
    assert not any("group" in str(point) for point in drawn if point.conditions.group == "all")


def test_the_samples_of_a_latin_hypercube_know_how_many_they_are() -> None:
    drawn = [p.conditions for p in monte_carlo(sampling="latin-hypercube").points() if p.conditions.sample]
    assert {(c.sampling, c.samples) for c in drawn} == {("latin-hypercube", 6)}
    nominal = [p.conditions for p in monte_carlo(sampling="latin-hypercube").points() if not p.conditions.sample]
    assert {(c.sampling, c.samples) for c in nominal} == {("random", 0)}


@pytest.mark.parametrize("sampling", ["random", "sobol"])
def test_more_random_or_sobol_samples_leave_the_first_as_they_were(sampling: str) -> None:
    few, many = (
        [p.conditions for p in monte_carlo(sampling=sampling).replace(mismatch={"samples": n}).points()] for n in (6, 9)
    )
    assert many[: len(few)] == few
    assert {c.sampling for c in few if c.sample} == {sampling}


@pytest.mark.parametrize(
    ("mismatch", "message"),
    [
        ({"sampling": "sobel"}, "mismatch.sampling = 'sobel'"),
        ({"sampling": "latin-hypercube", "samples": 1}, "samples = 1: must be 2 to 4096"),
        ({"sampling": "latin-hypercube", "samples": 5000}, "samples = 5000: must be 2 to 4096"),
        ({"axes": {"group": ["all", "cell"]}}, "unknown mismatch group 'cell' of fake-column; did you mean 'cells'"),
        ({"axes": {"corner": ["tt"]}, "at": {"corner": "tt"}}, "corner is both in"),
        ({"at": {"vdd": 1.7}}, "vdd is in [mismatch.at] but not in [axes]: write it into [mismatch.axes]"),
    ],
)
def test_a_monte_carlo_that_cannot_be_is_refused(mismatch: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        monte_carlo(**mismatch)


def test_a_group_without_samples_is_refused() -> None:
    axes = {"group": ["all", "cells"]}
    with pytest.raises(InputError, match="group = cells: must be all without a mismatch sample"):
        Sweep(circuit="fake-column", benches=["transfer"], axes=axes, mismatch={"samples": 2})
