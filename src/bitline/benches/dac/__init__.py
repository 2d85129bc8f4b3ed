"""Bench of the column DAC."""
