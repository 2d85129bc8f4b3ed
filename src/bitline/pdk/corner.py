"""Process corners, NMOS first.

The first letter is the NMOS and the second the PMOS: `sf` is a slow NMOS and a fast
PMOS. A PDK that names its sections otherwise (SKY130 does) is mapped in its descriptor.
"""

from __future__ import annotations

from enum import StrEnum


# Strings, because corners stand on axes of tables, in TOML files and on the command line.
class Corner(StrEnum):
    """A global process corner."""

    tt = "tt"
    ss = "ss"
    ff = "ff"
    sf = "sf"
    fs = "fs"
