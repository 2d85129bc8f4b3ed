"""Benches of the columns that others are compared with: binary SRAM, ReRAM."""
