"""The text of a SPICE library: logical lines, the files and sections they come from, and assignments on them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from bitline.errors import PdkDamagedError, PdkMissingError

_INCLUDES = (".include", ".incl", ".inc")
# As in ngspice: ; and // anywhere, $ never inside a word. In the name of a file // and $ are part of it.
_COMMENT = re.compile(r";|//|(?:^|(?<=[\s,]))\$")
_COMMENT_AFTER_FILE = re.compile(r";|(?:^|(?<=\s))(?://|\$)")
_WORD = re.compile(r"""'[^']*'|"[^"]*"|\S+""")
_NAME = re.compile(r"[\s,]*([a-z_][\w.]*(?:\s*\([^()]*\))?)\s*=\s*", re.ASCII)
_FURTHER = re.compile(r"[\w)]\s*=(?!=)")
_PLAIN_VALUE = re.compile(r"(?:[^\s,(){}'\"=]+|'[^']*'|\{[^{}]*\})(?=[\s,]|$)")
_OPEN, _CLOSED = "({", ")}"


def section_statements(path: Path, section: str, files: dict[str, str]) -> list[str]:
    """Return the statements of a library's section, those of the files it includes among them.

    Parameters
    ----------
    path : Path
        The library.
    section : str
        In any case.
    files : dict of str to str
        Takes the SHA-256 of each file that was read, by its path.

    Raises
    ------
    PdkMissingError
        If a file is missing.
    PdkDamagedError
        If the section is not there or includes itself, or a statement that names a file cannot be read.
    """
    try:
        statements = list(_section(path, section.lower(), files))
    except RecursionError:
        raise PdkDamagedError(f"{path}: section {section!r} includes itself") from None
    if not statements:
        raise PdkDamagedError(f"{path}: no section {section!r} in the library")
    return statements


def file_statements(path: Path, files: dict[str, str]) -> list[str]:
    """Return the statements of a file without sections, as `.include` reads it; errors as `section_statements`."""
    try:
        return list(_file(path, files))
    except RecursionError:
        raise PdkDamagedError(f"{path} includes itself") from None


def blocks(statements: Iterable[str]) -> Iterator[list[str]]:
    """Yield single statements, and whole subcircuits as one block, those inside one among its lines."""
    block: list[str] = []
    depth = 0
    for line in statements:
        keyword = line.split(maxsplit=1)[0]
        depth += keyword in {".subckt", ".macro"}
        if depth == 0:
            yield [line]
            continue
        block.append(line)
        if keyword in {".ends", ".eom"}:
            depth -= 1
            if depth == 0:
                yield block[:-1]
                block = []


def assignments(text: str, *, commas: bool = True) -> dict[str, str]:
    """Split ``a = 1 b = {c + d} f(x)='2*x'`` into names and expressions; of two of one name the last counts.

    Parameters
    ----------
    text : str
    commas : bool
        Whether assignments may be parted by commas; ngspice hangs over those of a ``.param``.

    Raises
    ------
    PdkDamagedError
        If anything is left over: words without ``=``, or a value of several words.
    """
    values: dict[str, str] = {}
    place, end = 0, len(text.rstrip(" \t,"))
    while place < end:
        name = _NAME.match(text, place)
        if name is None or (not commas and "," in text[place : name.start(1)]):
            raise PdkDamagedError(f"cannot read {text[place:].strip()[:60]!r} of the PDK's library")
        place = _value_end(text, name.end())
        values[name[1]] = text[name.end() : place]
    return values


def parameter_assignments(text: str) -> dict[str, str]:
    """Split what stands behind ``.param``; errors as `assignments`.

    A value of several words, ``a = 1 + b``, is read as long as it stands alone: of two on a line ngspice cuts it
    off at the blank without a word.
    """
    name = _NAME.match(text)
    if name is not None and not _FURTHER.search(text, name.end()):
        return {name[1]: text[name.end() :].strip(" \t,")}
    return assignments(text, commas=False)


def _value_end(text: str, start: int) -> int:
    """Return where the value that begins at `start` ends: at a blank or comma outside all brackets and quotes."""
    plain = _PLAIN_VALUE.match(text, start)
    if plain is not None:
        return plain.end()
    depth, quoted = 0, False
    for place in range(start, len(text)):
        letter = text[place]
        quoted ^= letter == "'"
        depth += (letter in _OPEN) - (letter in _CLOSED)
        if not quoted and depth == 0 and (letter.isspace() or letter == ","):
            return place
    return len(text)


def _lines(text: str) -> Iterator[str]:
    """Yield logical lines: lower case, continuations joined, comments dropped."""
    pending = ""
    for raw in text.splitlines():
        # SPICE knows no case, but the names of files do.
        if raw.lstrip().lower().startswith((*_INCLUDES, ".lib")):
            line = _COMMENT_AFTER_FILE.split(raw, maxsplit=1)[0].strip()
        else:
            line = _COMMENT.split(raw, maxsplit=1)[0].strip().lower()
        if not line or line.startswith("*"):
            continue
        if line.startswith("+"):
            pending += " " + line[1:]
            continue
        if pending:
            yield pending
        pending = line
    if pending:
        yield pending


def _read(path: Path, files: dict[str, str]) -> list[str]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PdkMissingError(f"the PDK's library file {path} cannot be read: {error.strerror}") from None
    files[str(path)] = hashlib.sha256(data).hexdigest()
    # Comments may be in any encoding; what is read is ASCII.
    return list(_lines(data.decode("utf-8", "replace")))


def _file(path: Path, files: dict[str, str]) -> Iterator[str]:
    for line in _read(path, files):
        yield from _included(line, path, files)


def _section(path: Path, section: str, files: dict[str, str]) -> Iterator[str]:
    inside = False
    for line in _read(path, files):
        words = _words(line)
        if words[0].lower() == ".lib" and len(words) == 2:
            inside = words[1].lower() == section
        elif words[0].lower() == ".endl":
            # Of two sections of one name ngspice takes the first.
            if inside:
                return
        elif inside:
            yield from _included(line, path, files)


def _included(line: str, path: Path, files: dict[str, str]) -> Iterator[str]:
    words = _words(line)
    keyword = words[0].lower()
    if keyword in _INCLUDES and len(words) == 2:
        yield from _file(_target(path, words[1]), files)
    elif keyword == ".lib" and len(words) == 3:
        yield from _section(_target(path, words[1]), words[2].lower(), files)
    elif keyword in {*_INCLUDES, ".lib"}:
        raise PdkDamagedError(f"{path}: cannot read {line!r}")
    else:
        yield line


def _words(line: str) -> list[str]:
    """Split at blanks outside quotes, and take the quotes off."""
    return [word.strip("\"'") for word in _WORD.findall(line)] or [line]


def _target(path: Path, name: str) -> Path:
    try:
        file = Path(name).expanduser()
    except RecursionError:
        raise
    except RuntimeError:  # ~nobody
        raise PdkMissingError(f"{path}: {name} names no file") from None
    return (path.parent / file).resolve()
