"""Benches: how each circuit is measured, as a deck, a measure and a reduction."""
