"""Benches of programming a ReRAM cluster."""
