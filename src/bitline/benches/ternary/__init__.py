"""Benches of the ternary differential column."""
