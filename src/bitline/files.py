"""Writing files: one, or a group so that a failure leaves the old ones."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bitline.errors import InputError, StorageError


@contextmanager
def staged(folder: str | Path, last: str = "") -> Iterator[Path]:
    """Give a temporary folder inside `folder`; its files move up when the block ends well.

    Writing is what fails on a full disk or by a bug, so nothing old is touched before all of
    it is done; moving within one folder is quick and needs no space.

    Parameters
    ----------
    folder : path
        Made if need be.
    last : str
        The file to move after all others, such as a manifest with their hashes.

    Raises
    ------
    StorageError
        If anything in the block or in moving fails with an `OSError`.
    """
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
        # It lies inside the folder, because a move within one file system cannot stop half-way.
        with TemporaryDirectory(prefix=".bitline-", dir=target) as stage:
            yield Path(stage)
            for new in sorted(Path(stage).iterdir(), key=lambda file: (file.name == last, file.name)):
                new.replace(target / new.name)
    except OSError as error:
        raise StorageError(f"cannot write into {target}: {error.strerror or error}") from error


@contextmanager
def netcdf_on_disk() -> Iterator[None]:
    """Raise what netCDF meets while it writes a file as the `OSError` that other writers raise."""
    try:
        yield
    # Its C library has one error for all that the disk refuses, and does not say which: "NetCDF: HDF error".
    except RuntimeError as error:
        raise OSError(errno.EIO, f"{error}, as on a full disk") from error


def write_file(path: Path, content: str | bytes) -> None:
    """Write a file, making its folder; raises `StorageError`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Text is written as UTF-8 with its own newlines on every machine.
        if isinstance(content, str):
            content = content.encode()
        path.write_bytes(content)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from None


def check_suffix(path: Path, allowed: Sequence[str]) -> None:
    """Raise `InputError` unless the file's suffix is one that can be written."""
    if path.suffix.lower() not in allowed:
        raise InputError(f"{str(path)!r}: the suffix must be one of {', '.join(allowed)}")
