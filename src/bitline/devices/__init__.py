"""Devices: memories, selectors and areas: parameters with their sources, and formulas."""
