"""Sweeps: axes, points, the store of what is finished, and the pool that works on the rest."""
