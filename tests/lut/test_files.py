from __future__ import annotations

import csv
import hashlib
import json
import struct
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jsonschema
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from luts.column import make_column_lut

from bitline.errors import InputError, LutFileError, StorageError
from bitline.lut import manifest
from bitline.lut.files import read_tables
from bitline.lut.lut import Lut
from bitline.lut.table import PlainTable

finite_or_nan = st.floats(allow_infinity=False, allow_nan=False) | st.just(float("nan"))


def bits(values: Any) -> list[bytes]:
    return [struct.pack("<d", value) for value in np.ravel(values).tolist()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_column_lut().save(tmp_path / "lut")
    return tmp_path / "lut"


def edit(folder: Path, change: Any, table: str = "", replace: tuple[str, str] = ("", "")) -> None:
    """Change the manifest, or a table together with its hash."""
    manifest = json.loads((folder / "lut.json").read_text())
    if table:
        text = (folder / f"{table}.csv").read_text().replace(*replace, 1)
        (folder / f"{table}.csv").write_text(text)
        manifest["tables"][table]["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    if change is not None:
        change(manifest)
    (folder / "lut.json").write_text(json.dumps(manifest))


def test_a_new_lut_leaves_no_table_of_the_old_one(folder: Path) -> None:
    made = make_column_lut()
    (folder / "notes.csv").write_text("the user's own")
    fewer = Lut(made.name, made.kind, {"nominal": made.tables["nominal"]}, made.attrs)
    fewer.save(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["lut.json", "nominal.csv", "notes.csv"]
    assert list(Lut.load(folder).tables) == ["nominal"]


def test_a_write_that_is_broken_off_is_completed_by_the_next(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_column_lut()
    fewer = Lut(made.name, made.kind, {"nominal": made.tables["nominal"]}, made.attrs)
    replace = Path.replace

    def killed(self: Path, target: Path) -> Path:
        if self.name == "lut.json":
            raise KeyboardInterrupt
        return replace(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            fewer.save(folder)
    fewer.save(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["lut.json", "nominal.csv"]


@pytest.mark.parametrize("folder", [3, None, "", b"lut"])
def test_a_folder_that_is_no_path(folder: Any) -> None:
    for action in (make_column_lut().save, Lut.load):
        with pytest.raises(InputError, match=r"= .*: must be a path"):
            action(folder)


def test_round_trip(folder: Path) -> None:
    made, read = make_column_lut(), Lut.load(folder)
    assert (read.name, read.kind, read.attrs) == (made.name, made.kind, made.attrs)
    assert list(read.tables) == list(made.tables)
    for name, table in made.tables.items():
        xr.testing.assert_identical(read.tables[name], table)
        for key, variable in table.variables.items():
            assert read.tables[name][key].dtype == variable.dtype
            assert read.tables[name][key].attrs == variable.attrs


@given(st.lists(finite_or_nan, min_size=1, max_size=8), st.data())
def test_round_trip_is_exact_to_the_bit(values: list[float], data: st.DataObject) -> None:
    axis = data.draw(
        st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=len(values), max_size=len(values))
        .map(lambda x: sorted(set(x)))
        .filter(lambda x: len(x) == len(values))
    )
    table = xr.Dataset({"v": ("x", values, {"unit": "V"})}, {"x": axis})
    with TemporaryDirectory() as name:
        Lut("x", "made-up", {"t": table}, {}).save(name)
        first = {path.name: path.read_bytes() for path in Path(name).iterdir()}
        read = Lut.load(name)
        read.save(name)
        assert {path.name: path.read_bytes() for path in Path(name).iterdir()} == first
    assert bits(read.tables["t"]["v"]) == bits(values)
    assert bits(read.tables["t"]["x"]) == bits(axis)


text = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=6).filter(str.isprintable)


@given(st.lists(text, min_size=1, max_size=5, unique=True), text, text, st.integers(-(2**63), 2**63 - 1))
def test_any_printable_text_and_any_count_comes_back(axis: list[str], unit: str, doc: str, count: int) -> None:
    table = xr.Dataset(
        {"n": ("name", [count] * len(axis), {"unit": unit, "doc": doc, "includes": [doc]})}, {"name": axis}
    )
    made = Lut("x", "made-up", {"t": table}, {"note": doc})
    with TemporaryDirectory() as name:
        made.save(name)
        read = Lut.load(name)
    xr.testing.assert_identical(read.tables["t"], made.tables["t"])
    assert read.tables["t"]["n"].attrs == {"unit": unit, "doc": doc, "includes": [doc]}
    assert read.tables["t"]["n"].values.tolist() == [count] * len(axis)
    assert read.attrs == {"note": doc}


def test_infinity_and_a_table_without_axes(tmp_path: Path) -> None:
    table = xr.Dataset({"snr_a": ((), np.inf, {"unit": "dB"})})
    Lut("x", "made-up", {"t": table}, {}).save(tmp_path)
    assert (tmp_path / "t.csv").read_text() == "snr_a [dB]\ninf\n"
    assert Lut.load(tmp_path).lookup()["snr_a"] == np.inf


def test_the_files_read_without_bitline(folder: Path) -> None:
    manifest = json.loads((folder / "lut.json").read_text())
    assert manifest["schema_version"] == 2
    entry = manifest["tables"]["nominal"]
    assert entry["sha256"] == hashlib.sha256((folder / "nominal.csv").read_bytes()).hexdigest()
    assert [axis["name"] for axis in entry["axes"]] == ["code", "corner", "vdd", "temperature"]
    with (folder / entry["file"]).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[:5] == ["code", "corner", "vdd [V]", "temperature [degC]", "v_line [V]"]
    table = make_column_lut().tables["nominal"]
    assert bits([float(row["v_line [V]"]) for row in rows]) == bits(table["v_line"])
    assert bits([float(row["dnl [LSB]"]) for row in rows]) == bits(table["dnl"])
    assert [row["corner"] for row in rows] == [*["tt"] * 9, *["ss"] * 9, *["ff"] * 9] * 17


def test_a_dimensionless_column_has_a_bare_header(tmp_path: Path) -> None:
    table = xr.Dataset({"n_ok": ("code", [3], {"unit": "1"})}, {"code": ("code", [0], {"unit": "1"})})
    Lut("x", "made-up", {"t": table}, {}).save(tmp_path)
    assert (tmp_path / "t.csv").read_text() == "code,n_ok\n0,3\n"
    assert Lut.load(tmp_path).tables["t"]["n_ok"].attrs["unit"] == "1"


def test_saving_twice_writes_the_same_bytes_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    paths = Lut.load(folder).save(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert {path.name for path in paths} == set(before)


def test_a_failed_write_leaves_the_old_lut_readable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    write = Path.write_bytes

    def full_disk(self: Path, data: bytes) -> int:
        if self.name == "noise.csv":
            raise OSError(28, "No space left on device")
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(StorageError, match=r"cannot write into .*lut: No space left on device"):
        make_column_lut(codes=9).save(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert Lut.load(folder).tables["nominal"].sizes["code"] == 17


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"cannot write into .*file"):
        make_column_lut().save(tmp_path / "file")
    with pytest.raises(StorageError, match=r"cannot write into .*file/lut"):
        make_column_lut().save(tmp_path / "file" / "lut")


def test_a_newer_schema_says_so(folder: Path) -> None:
    edit(folder, lambda m: m.update(schema_version=3, tables="something new"))
    with pytest.raises(LutFileError, match=r"lut.json: schema_version = 3: .* up to 2; upgrade bitline"):
        Lut.load(folder)


def one_axis(m: dict[str, Any]) -> dict[str, Any]:
    axis: dict[str, Any] = m["tables"]["noise"]["axes"][1]
    return axis


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.update(schema_version="1"), r"\$.schema_version"),
        (lambda m: m.update(schema_version=0), r"\$.schema_version"),
        (lambda m: m.pop("kind"), "'kind' is a required property"),
        (lambda m: m.update(extra=1), "'extra' was unexpected"),
        (lambda m: m.update(name="../up"), r"\$.name"),
        (lambda m: m["tables"]["noise"].update(file="../../noise.csv"), r"\$.tables.noise.file"),
        (lambda m: m["tables"]["noise"].update(sha256="0" * 64), "noise.csv: sha256 differs"),
        (lambda m: m["tables"]["noise"].update(variables=[]), r"\$.tables.noise.variables"),
        (lambda m: one_axis(m).update(dtype="complex"), "'complex' is not one of"),
        (lambda m: one_axis(m).update(values=["a"]), r"\$.tables.noise.axes.*'a' is not of type 'number'"),
        (lambda m: one_axis(m).update(values=[1.62, 1.8]), "noise.csv: 27 rows, the axes .* make 18"),
        (
            lambda m: one_axis(m).update(values=[1.62, 1.8, 1.9]),
            "line 8: vdd = 1.98, by the manifest it is 1.9",
        ),
        (lambda m: one_axis(m).update(values=[10**400, 1.8, 1.9]), "vdd: a number is too large"),
        (lambda m: one_axis(m).update(name="corner"), "names a column twice"),
        (lambda m: one_axis(m).update(doc="a\nb"), "lut.json: table noise: doc of vdd = .*: must be printable"),
        (lambda m: one_axis(m).update(unit="mV"), r"header is .*vdd \[V\].*must be .*vdd \[mV\]"),
    ],
)
def test_a_damaged_manifest_names_the_field(folder: Path, change: Any, message: str) -> None:
    edit(folder, change)
    for reads in (Lut.load, read_tables):
        with pytest.raises(LutFileError, match=message) as caught:
            reads(folder)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 400 + len(str(folder))


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "nul", '{"schema_version": NaN}', "[" * 100_000, "\xff"])
def test_a_manifest_that_is_no_json_object(folder: Path, text: str) -> None:
    (folder / "lut.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(LutFileError, match=r"lut\.json: "):
        Lut.load(folder)


@pytest.mark.parametrize(
    ("replace", "message"),
    [
        (("v_thermal [V]", "v_thermal [mV]"), r"header is .*\[mV\]"),
        (("v_thermal [V]\n", "v_thermal [V],more\n"), "header is"),
        (("tt,1.62,-40.0,", "tt,1.62,-40.0,abc"), "line 2, v_thermal = 'abc.*': must be float64"),
        (("tt,1.62,-40.0,", "tt,1.62,-40.0,,"), "line 2 has 5 cells, must be 4"),
        (("tt,1.62,-40.0,", "tt,1.62,"), "line 2 has 3 cells, must be 4"),
        (("tt,1.62,-40.0,", "ff,1.62,-40.0,"), "line 2: corner = ff, by the manifest it is tt"),
        (("tt,1.62,-40.0,", "tt,1.62,-41.0,"), "line 2: temperature = -41.0"),
        (("tt,1.62,27.0,", "tt,1.62,27.0,1\ntt,1.62,27.0,"), "28 rows, the axes in the manifest make 27"),
        (("tt,1.62,-40.0,", '"tt,1.62,-40.0,'), "not a CSV table"),
    ],
)
def test_a_damaged_table_names_the_line(folder: Path, replace: tuple[str, str], message: str) -> None:
    edit(folder, None, "noise", replace)
    for reads in (Lut.load, read_tables):
        with pytest.raises(LutFileError, match=f"noise.csv: {message}"):
            reads(folder)


def test_a_count_that_is_none(folder: Path) -> None:
    edit(folder, None, "mismatch", (",0,200,0\n", ",0,200.5,0\n"))
    with pytest.raises(LutFileError, match=r"mismatch.csv: line 2, n_ok = '200.5': must be int64"):
        Lut.load(folder)


def test_one_changed_digit_is_found(folder: Path) -> None:
    text = (folder / "line.csv").read_text()
    (folder / "line.csv").write_text(text.replace("0.02\n", "0.03\n").replace("7", "8", 1))
    with pytest.raises(LutFileError, match=r"line.csv: sha256 differs from the one in lut.json"):
        Lut.load(folder)


def test_missing_files(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(LutFileError, match=r"nowhere/lut\.json: no such file; a LUT is a folder"):
        Lut.load(tmp_path / "nowhere")
    (folder / "snr.csv").unlink()
    with pytest.raises(LutFileError, match=r"snr\.csv: no such file"):
        Lut.load(folder)
    with pytest.raises(LutFileError, match="no such file"):
        Lut.load(folder / "line.csv")


def test_a_file_that_cannot_be_read(folder: Path) -> None:
    (folder / "lut.json").unlink()
    (folder / "lut.json").mkdir()
    with pytest.raises(StorageError, match=r"cannot read .*lut\.json"):
        Lut.load(folder)


@given(st.integers(0, 10**6), st.integers(0, 255))
def test_any_changed_byte_is_refused_or_harmless(position: int, byte: int) -> None:
    made = make_column_lut(codes=3, corners=["tt"], vdds=[1.8], temperatures=[27.0])
    with TemporaryDirectory() as name:
        made.save(name)
        path = Path(name) / "lut.json"
        raw = bytearray(path.read_bytes())
        raw[position % len(raw)] = byte
        path.write_bytes(bytes(raw))
        try:
            read = Lut.load(name)
        except LutFileError:
            return
        # What can change without notice is prose and provenance, never a number of a table.
        for key, table in read.tables.items():
            for variable in table.data_vars:
                assert bits(table[variable]) == bits(made.tables[key][variable])


@pytest.mark.parametrize("turned", [False, True], ids=["as it is", "an axis that runs backwards"])
def test_tables_by_themselves_are_those_of_the_lut(folder: Path, turned: bool) -> None:
    whole = Lut.load(folder).tables
    plain = read_tables(folder)
    assert list(plain) == list(whole)
    for name, table in plain.items():
        if turned:
            backwards = table.dataset().isel(temperature=slice(None, None, -1))
            table = PlainTable.of(backwards).normalised(name)
        assert table.dataset().identical(whole[name])


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(manifest._schema())
