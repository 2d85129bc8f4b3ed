"""Simulators: shared and batch engines, the verdict on a run, the convergence ladder."""
