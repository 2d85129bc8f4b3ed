"""Intervals, deviates, linearity and SNR: pure functions of arrays."""
