"""Benches of the StrongARM comparator."""
