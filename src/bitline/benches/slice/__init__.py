"""Benches of arrays whose cells are read on both ports at once."""
