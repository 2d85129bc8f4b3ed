"""Lut: a circuit's measured tables in memory and on disk, looked up without extrapolation."""
