"""Benches of digital parts made of standard cells."""
