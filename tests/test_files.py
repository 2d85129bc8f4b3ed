"""Files are replaced whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from luts.column import make_column_lut

from bitline.errors import InputError, StorageError
from bitline.files import path_of, staged, why_not_read, write_file
from bitline.plot import figure, save


def full_disk(*_: Any, **__: Any) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_file(tmp_path / "a.txt", "old")
    picture = figure(make_column_lut())
    save(picture, tmp_path / "a.png")
    old = (tmp_path / "a.png").read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full_disk)
        for write in (lambda: write_file(tmp_path / "a.txt", "new"), lambda: save(picture, tmp_path / "a.png")):
            with pytest.raises(StorageError, match="No space left"):
                write()
    assert (tmp_path / "a.txt").read_text() == "old"
    assert (tmp_path / "a.png").read_bytes() == old
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "a.txt"]


def test_a_write_that_is_interrupted_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_file(tmp_path / "a.txt", "old")

    def half(self: Path, content: bytes) -> int:
        with self.open("wb") as file:
            file.write(content[: len(content) // 2])
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", half)
        with pytest.raises(KeyboardInterrupt):
            write_file(tmp_path / "a.txt", "new")
    assert (tmp_path / "a.txt").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_link_goes_on_to_lead_to_the_file_and_rights_stay(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "real.txt").chmod(0o640)
    (tmp_path / "link.txt").symlink_to("real.txt")
    write_file(tmp_path / "link.txt", "new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"
    assert stat.S_IMODE((tmp_path / "real.txt").stat().st_mode) == 0o640


def test_what_is_no_file_is_written_to(tmp_path: Path) -> None:
    write_file("/dev/null", "gone")
    assert not Path("/dev/null").is_file()
    with pytest.raises(StorageError, match="cannot write"):
        write_file(tmp_path, "a folder")


def test_a_group_moves_as_a_whole_with_its_folders(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b").write_text("the user's")
    with staged(tmp_path, last="deep/a") as stage:
        (stage / "deep").mkdir()
        (stage / "deep" / "a").write_text("1")
        (stage / "c").write_text("2")
        assert not (tmp_path / "c").exists()
    assert {path.name for path in tmp_path.rglob("*")} == {"deep", "a", "b", "c"}


def test_a_block_that_fails_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    for folder in (tmp_path, tmp_path / "new"):
        with pytest.raises(InputError), staged(folder) as stage:
            (stage / "a").write_text("new")
            raise InputError("no")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a", "old")]


def test_a_path_is_text_or_a_path() -> None:
    assert path_of("file", "a/b") == path_of("file", Path("a/b")) == Path("a/b")
    for wrong in (None, 3, "", b"a", ["a"]):
        with pytest.raises(InputError, match=r"file = .*: must be a path"):
            path_of("file", wrong)


def test_a_missing_file_suggests_the_nearest_of_its_kind(tmp_path: Path) -> None:
    (tmp_path / "sweep.toml").touch()
    (tmp_path / "sweeps.csv").touch()
    for name, words in (
        ("sweeps.toml", f"No such file or directory; did you mean {str(tmp_path / 'sweep.toml')!r}?"),
        ("other.toml", "No such file or directory"),
        ("none/sweeps.toml", "No such file or directory"),
    ):
        with pytest.raises(OSError, match="No such file") as caught:
            (tmp_path / name).read_text()
        assert why_not_read(tmp_path / name, caught.value) == words


def test_a_folder_in_place_of_a_file_suggests_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="directory") as caught:
        tmp_path.read_text()
    assert why_not_read(tmp_path, caught.value) == "Is a directory"
