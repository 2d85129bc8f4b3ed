"""Hybrid compute in memory: the high bit orders of a dot product exact and digital, the next ones analog."""
