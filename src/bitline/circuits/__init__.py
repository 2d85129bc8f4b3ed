"""Circuits: validated parameters, and their rendering into SPICE."""
