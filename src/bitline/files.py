"""Writing files: all of it is written beside the old files first and moved over them at the end.

Writing is what fails, on a full disk or by a bug; moving within one folder is quick and needs no space. Whoever
reads a file of bitline's finds the old one or the new one, whole.
"""

from __future__ import annotations

import difflib
import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bitline.errors import InputError, StorageError


@contextmanager
def staged(folder: str | Path, last: str = "", obsolete: Sequence[str] = ()) -> Iterator[Path]:
    """Give a temporary folder inside `folder`; its files move up when the block ends well, those of folders too.

    Parameters
    ----------
    folder : path
        Made if need be.
    last : str
        The file to move after all others, such as a manifest with their hashes.
    obsolete : sequence of str
        Old files of the group, by their names: those that have no successor are removed, before `last` is moved.

    Raises
    ------
    StorageError
        If anything in the block or in moving fails with an `OSError`.
    """
    target = Path(folder)
    made = not target.exists()
    try:
        target.mkdir(parents=True, exist_ok=True)
        # It lies inside the folder, because a move within one file system cannot stop half-way.
        with TemporaryDirectory(prefix=".bitline-", dir=target) as stage:
            yield Path(stage)
            files = [path.relative_to(stage) for path in sorted(Path(stage).rglob("*")) if path.is_file()]
            for file in files:
                if str(file) != last:
                    (target / file).parent.mkdir(parents=True, exist_ok=True)
                    (Path(stage) / file).replace(target / file)
            # As long as the old `last` is there, it names what is left over, and the next write removes it.
            for name in set(obsolete) - {str(file) for file in files}:
                (target / name).unlink(missing_ok=True)
            if Path(last) in files:
                (Path(stage) / last).replace(target / last)
    except OSError as error:
        raise StorageError(f"cannot write into {target}: {error.strerror or error}") from error
    finally:
        # A refusal leaves no empty folder behind; where there are files, this fails.
        if made:
            with suppress(OSError):
                target.rmdir()


@contextmanager
def netcdf_on_disk() -> Iterator[None]:
    """Raise what netCDF meets while it writes a file as the `OSError` that other writers raise."""
    try:
        yield
    # Its C library has one error for all that the disk refuses, and does not say which: "NetCDF: HDF error".
    except RuntimeError as error:
        raise OSError(errno.EIO, f"{error}, as on a full disk") from error


def write_file(path: str | Path, content: str | bytes) -> None:
    """Write a file, making its folder; raises `StorageError`, and then leaves an old file as it was."""
    # Text is written as UTF-8 with its own newlines on every machine.
    if isinstance(content, str):
        content = content.encode()
    try:
        # A link goes on to lead to the file, and what is no file, such as /dev/stdout, cannot be replaced.
        target = Path(path).resolve()
        if target.exists() and not target.is_file():
            target.write_bytes(content)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".bitline-", dir=target.parent) as stage:
            new = Path(stage) / target.name
            new.write_bytes(content)
            if target.exists():
                new.chmod(target.stat().st_mode)
            new.replace(target)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error


def why_not_read(path: Path, error: OSError) -> str:
    """Return in words why a file cannot be read; of one that is missing, the nearest of its folder and kind."""
    reason = error.strerror or str(error)
    if not isinstance(error, FileNotFoundError) or not path.parent.is_dir():
        return reason
    # Stems: names that share a suffix would all be near one another.
    beside = {other.stem: other for other in sorted(path.parent.glob(f"*{path.suffix}"))}
    near = difflib.get_close_matches(path.stem, beside, n=1)
    return reason + (f"; did you mean {str(beside[near[0]])!r}?" if near else "")


def path_of(name: str, path: Any) -> Path:
    """Return the path of a file or folder, given as text or as a path; raises `InputError` for anything else."""
    # An empty text would be the folder that one happens to be in.
    if not isinstance(path, str | PathLike) or not path:
        raise InputError(f"{name} = {path!r}: must be a path")
    return Path(path)


def check_suffix(path: Path, allowed: Sequence[str]) -> None:
    """Raise `InputError` unless the file's suffix is one that can be written."""
    if path.suffix.lower() not in allowed:
        raise InputError(f"{str(path)!r}: the suffix must be one of {', '.join(allowed)}")
