"""Arithmetic: multi-trit numbers and dot products, exact, and through a measured column with its ADC."""
