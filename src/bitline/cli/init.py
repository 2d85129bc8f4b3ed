"""``bitline init``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bitline.cli import output
from bitline.errors import InputError
from bitline.files import write_file

_SKELETON = Path(__file__).resolve().parents[1] / "skeleton"
# Python and project files would be taken for bitline's own, and so have this suffix until they are written.
_GUARD = ".txt"


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write into; made if need be.")],
) -> None:
    """Write a sweep and a cell of your own to begin with.

    Both have comments and run as they are.
    The names of the files go to stdout; none that exists is overwritten.
    """
    sources = sorted(path for path in _SKELETON.rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"})
    targets = {folder / str(path.relative_to(_SKELETON)).removesuffix(_GUARD): path for path in sources}
    # All are looked at first: half a skeleton among somebody's files would help nobody.
    for target in targets:
        if target.exists():
            raise InputError(f"init: {target} exists already: give another folder")
    for target, source in targets.items():
        output.check_folder(target.parent)
        write_file(target, source.read_bytes())
        output.data(str(target))
    output.say(f"what to do with it: {folder / 'README.md'}")
