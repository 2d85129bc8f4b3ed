"""Devices: memories and selectors, as parameters with their sources and formulas."""
