from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bitline.cli import run
from bitline.doctor import Check, diagnose

NEEDED = {"ngspice", "PySpice", "PDK sky130", "corners of sky130", "shared engine", "data folder", "cache folder"}


def by_name(checks: tuple[Check, ...]) -> dict[str, Check]:
    return {check.name: check for check in checks}


def extras_of_the_package() -> set[str]:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return set(project["optional-dependencies"]) - {"dev"}


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away ngspice, libngspice, the models and a place to keep anything."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("NGSPICE_LIBRARY_PATH", "/nowhere/libngspice.so.0")
    monkeypatch.setenv("BITLINE_DATA_DIR", str(tmp_path / "file" / "data"))
    monkeypatch.setenv("BITLINE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("PDK_ROOT", raising=False)


@pytest.mark.ngspice
@pytest.mark.pdk
def test_a_whole_machine_has_all_that_is_needed() -> None:
    found = by_name(diagnose())
    assert not [check for check in found.values() if check.needed and not check.ok]
    assert found.keys() >= NEEDED | {"batch engine", "extra netcdf", "extra parquet"}
    assert "self-test off by" in found["shared engine"].finding
    assert "self-test off by" in found["batch engine"].finding
    assert "tt, ss, ff, sf, fs" in found["corners of sky130"].finding


@pytest.mark.usefixtures("bare")
def test_a_bare_machine_lacks_them_and_is_told_how_to_mend_it() -> None:
    found = by_name(diagnose())
    assert {name for name, check in found.items() if check.needed and not check.ok} == {
        "ngspice",
        "PDK sky130",
        "data folder",
        "shared engine",
    }
    assert "apt install" in found["ngspice"].without
    assert "bitline pdk install sky130" in found["PDK sky130"].without
    assert "BITLINE_DATA_DIR" in found["data folder"].without
    assert not found["batch engine"].ok
    assert found["cache folder"].ok


@pytest.mark.usefixtures("bare")
def test_the_command_ends_with_3_and_still_reports(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor"]) == 3
    out, err = capsys.readouterr()
    assert "what will not work:" in out
    assert "  ngspice: simulate, characterize" in out
    assert err.startswith("bitline: error: doctor: bitline needs ngspice, ")
    assert err.count("\n") == 1


@pytest.mark.ngspice
@pytest.mark.pdk
def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert found["ok"] is True
    assert all(check["name"] and isinstance(check["ok"], bool) for check in found["checks"])


def test_an_extra_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bitline.doctor.importlib.util.find_spec", lambda name: None)
    from bitline.doctor import _extras

    assert [(check.state, check.needed) for check in _extras()] == [("not there", False)] * len(extras_of_the_package())


def test_every_extra_of_the_package_is_looked_at_and_no_other() -> None:
    from bitline.doctor import _extras

    assert {check.name for check in _extras()} == {f"extra {name}" for name in extras_of_the_package()}


def test_an_unknown_pdk_is_a_finding_not_an_error() -> None:
    from bitline.doctor import _pdk

    (check,) = _pdk("sky13")
    assert (check.ok, check.state) == (False, "MISSING")
    assert "did you mean 'sky130'" in check.finding
