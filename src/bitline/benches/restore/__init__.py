"""Benches of restores from ReRAM into SRAM, their yields, and the theory they are held against."""
