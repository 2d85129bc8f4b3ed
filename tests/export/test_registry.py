from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from luts.column import make_column_lut

import bitline.export as registry
from bitline.errors import SetupError, StorageError, UnknownNameError
from bitline.export.options import offered
from bitline.lut.lut import Lut

TABLES = ("csv", "netcdf", "neurosim", "parquet")
OTHERS = ("accelforge", "aihwkit", "crosssim", "hwcomponents")  # that express the made-up column


def test_the_formats() -> None:
    assert set(registry.formats()) == {*TABLES, *OTHERS, "analog-cim-sim", "asim", "liberty"}


def test_the_docs_name_every_format_and_option() -> None:
    text = (Path(__file__).parents[2] / "docs" / "export.md").read_text()
    rows = {line.split("`")[1]: line for line in text.splitlines() if line.startswith("| `")}
    assert set(rows) == set(registry.formats())
    for name, row in rows.items():
        options = [word.strip() for word in row.split("|")[5].split(",") if word.strip()]
        assert options == [o for o in dict.fromkeys(options) if o in offered(registry.exporter(name).writer())]
        assert set(options) == set(offered(registry.exporter(name).writer())) - {"condition"}
        assert ("yes" in row.split("|")[6]) == (registry.exporter(name).checker is not None)


def test_an_unknown_format_is_suggested(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="unknown export format 'neurosin'; did you mean 'neurosim'"):
        make_column_lut().export("neurosin", tmp_path)


def test_an_option_that_a_format_does_not_have(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="unknown option 'lin' of neurosim; did you mean 'line'"):
        make_column_lut().export("neurosim", tmp_path, lin="best-fit")


@pytest.mark.parametrize("format", [*TABLES, *OTHERS])
def test_every_exporter_writes_what_it_returns_and_a_readme(format: str, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "out"
    paths = make_column_lut().export(format, str(folder))
    assert set(paths) == {path for path in folder.rglob("*") if path.is_file()}
    readme = (folder / "README.md").read_text()
    for part in ("## Contents", "## Energy", "## Load", "## Left out", "synthetic-qs", "acim-column-qs"):
        assert part in readme
    assert ("wl_driver" in readme) == (format != "neurosim")


@pytest.mark.parametrize("format", TABLES)
def test_the_readmes_loading_lines_run(format: str, tmp_path: Path) -> None:
    make_column_lut().export(format, tmp_path)
    code = (tmp_path / "README.md").read_text().split("```python\n")[1].split("```")[0]
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("format", [*TABLES, *OTHERS])
def test_a_folder_that_cannot_be_written(format: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"cannot write into .*file"):
        make_column_lut().export(format, tmp_path / "file")


@pytest.mark.parametrize(
    ("format", "library", "extra"), [("netcdf", "netCDF4", "netcdf"), ("parquet", "pyarrow", "parquet")]
)
def test_a_missing_library_names_the_extra(
    format: str, library: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(SetupError, match=rf"pip install bitline\[{extra}\]"):
        make_column_lut().export(format, tmp_path)
    assert not (tmp_path / "README.md").exists()


def test_an_energy_without_scope_says_so(tmp_path: Path) -> None:
    made = make_column_lut()
    Lut(made.name, made.kind, made.tables, {}).export("csv", tmp_path)
    assert "not stated in this LUT" in (tmp_path / "README.md").read_text()
