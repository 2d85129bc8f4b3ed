"""Files of figures."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

from matplotlib.figure import Figure

from bitline.errors import InputError
from bitline.files import path_of, write_file
from bitline.plot import style
from bitline.plot.arguments import checked

_METADATA: Mapping[str, dict[str, None]] = {
    # Without date and program version the same figure is the same bytes, today and tomorrow.
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


@checked
def save(figure: Figure, path: str | Path) -> Path:
    """Write a figure; the same figure gives the same bytes.

    Parameters
    ----------
    figure : Figure
        As `bitline.plot.figure` or `bitline.plot.simulation_figure` made it.
    path : str or Path
        Ends in ``.png`` (300 dpi), ``.svg`` or ``.pdf``.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    InputError
        If the suffix is none of these.
    StorageError
        If the file cannot be written.
    """
    target = path_of("figure", path)
    suffix = target.suffix.lower().removeprefix(".")
    if suffix not in _METADATA:
        allowed = ", ".join(f".{known}" for known in _METADATA)
        raise InputError(f"figure {str(target)!r}: suffix {target.suffix!r} is not one of {allowed}")
    # In memory first: a figure that cannot be drawn leaves no file behind.
    write_file(target, encoded(figure, suffix))
    return target


def encoded(figure: Figure, suffix: str) -> bytes:
    """Return the content of a figure's file; `suffix` is ``"png"``, ``"svg"`` or ``"pdf"``."""
    content = io.BytesIO()
    # Resolution, font type and hash salt are read when the file is written, not when the figure is drawn.
    with style.context():
        figure.savefig(content, format=suffix, metadata=_METADATA[suffix])
    return content.getvalue()
