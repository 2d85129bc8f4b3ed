"""Lut: a circuit's measured tables in memory and on disk, looked up without extrapolation."""

from bitline.lut.lut import Lut

__all__ = ["Lut"]
