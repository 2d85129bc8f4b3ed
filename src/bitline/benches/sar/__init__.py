"""Benches of the SAR converter, and tables of converter and comparator."""
