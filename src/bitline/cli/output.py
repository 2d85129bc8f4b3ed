"""Where output goes: data to stdout, messages to stderr; a table on a terminal, aligned text elsewhere."""

from __future__ import annotations

import json
import math
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bitline.cli.process import drop
from bitline.errors import StorageError
from bitline.units import prefixed


def say(text: str) -> None:
    """Write one message to stderr; where nobody can read it any more, the work goes on without."""
    try:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    except OSError:
        drop(sys.stderr)


@contextmanager
def working(on: str) -> Iterator[None]:
    """Say on a terminal what takes long, as long as it does; nothing else may be written meanwhile."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(on):
        yield


def data(text: str) -> None:
    """Write data to stdout; where its reader has gone, the command goes on to its own end and exit code."""
    # A netlist ends in a newline of its own, a line of a table does not.
    if not text.endswith("\n"):
        text += "\n"
    try:
        sys.stdout.write(text)
    except BrokenPipeError:
        drop(sys.stdout)


def data_json(value: Any) -> None:
    """Write a value as JSON to stdout; numbers that JSON does not have become null."""
    data(json.dumps(_finite(value), indent=2, ensure_ascii=False, allow_nan=False, default=str))


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a table to stdout."""
    if sys.stdout.isatty():
        _rich_table(columns, rows)
        return
    cells = [list(columns), *(list(row) for row in rows)]
    widths = [max(len(row[k]) for row in cells) for k in range(len(columns))]
    for row in cells:
        data("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _rich_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    # Only a terminal needs rich, which is slow to import.
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        grid.add_column(column)
    for row in rows:
        # Without Text, rich would take a unit such as [V] for markup.
        grid.add_row(*map(Text, row))
    Console().print(grid)


def value_and_unit(value: float, unit: str) -> tuple[str, str]:
    """Return how to show a value: rounded with an engineering prefix on a terminal, else exact in SI."""
    # The unit 1 stands for no unit.
    if unit == "1":
        unit = ""
    # A program that reads a pipe needs exact numbers and no prefixes.
    if not sys.stdout.isatty():
        return repr(value), unit
    return prefixed(value, unit, 5)


def check_folder(folder: Path) -> None:
    """Make a folder and see that it takes files, before hours are spent on them; raises `StorageError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Only a trial tells: permissions do not show a disk that is mounted read-only.
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StorageError(f"cannot write into {folder}: {error.strerror or error}") from None
