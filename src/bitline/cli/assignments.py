"""``name=value`` texts taken apart, whatever the names are of; commands that only read a table need no more."""

from __future__ import annotations

from collections.abc import Sequence

from bitline.errors import InputError


def split(texts: Sequence[str], option: str) -> dict[str, str]:
    """Split ``name=value`` texts; raises `InputError` for another form or a name given twice."""
    values: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (equals and name and value):
            raise InputError(f"{option} {shortened(text)}: must be NAME=VALUE")
        # Nobody can say which of two values was meant, and the last would win unnoticed.
        if name in values:
            raise InputError(f"{option} {name}: given twice")
        values[name] = value
    return values


def shortened(text: str) -> str:
    """Return a text quoted, and cut where it is long."""
    # By mistake a shell may have put a whole file here.
    if len(text) > 60:
        text = f"{text[:57]}..."
    return repr(text)
