"""Loads and drivers of the cell's benches whose edges are transistors'."""

from __future__ import annotations

from bitline.parameters import parameter, validated

EDGE = 50e-12
"""Edge of the drivers' inputs [s]."""
# What the driver or the precharge of a line needs, at the slowest corner: for itself, and per farad of the line.
_OWN, _PER_FARAD = 0.5e-9, 2e4


@validated
class Loads:
    """Line, word line and the inverters that drive them."""

    c_line: float = parameter(10e-15, "capacitance of each bit line", unit="F", source="choice", gt=0, le=1e-11)
    c_word: float = parameter(30e-15, "capacitance of each word line", unit="F", source="choice", ge=0, le=1e-11)
    t_pulse: float = parameter(2e-9, "word-line pulse width", unit="s", source="choice", gt=EDGE, le=1e-6)
    w_driver: float = parameter(
        1e-6, "NMOS width of each driver; its PMOS is twice as wide", unit="m", source="choice", ge=0.42e-6, le=1e-4
    )

    @property
    def t_line(self) -> float:
        """Time that a line is given to fall or to rise [s]."""
        return _OWN + _PER_FARAD * self.c_line

    @property
    def t_word(self) -> float:
        """Time that a word line is given to fall [s]."""
        return _OWN + _PER_FARAD * self.c_word
