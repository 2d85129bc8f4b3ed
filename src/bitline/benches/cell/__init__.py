"""Benches of the SRAM cell."""
