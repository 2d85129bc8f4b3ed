"""Sweeps: axes, points, the store of what is finished, and the pool that works on the rest."""

from __future__ import annotations

from bitline.sweep.axis import Axis, LinearAxis, ListAxis, LogAxis, parse_axis
from bitline.sweep.outcome import FINAL, STATUSES, Outcome, Status
from bitline.sweep.point import Grid, Point
from bitline.sweep.pool import Executor, LocalExecutor
from bitline.sweep.report import Report
from bitline.sweep.run import Interrupted, run_points
from bitline.sweep.store import Store
from bitline.sweep.sweep import Mismatch, Sweep, shipped

__all__ = [
    "FINAL",
    "STATUSES",
    "Axis",
    "Executor",
    "Grid",
    "Interrupted",
    "LinearAxis",
    "ListAxis",
    "LocalExecutor",
    "LogAxis",
    "Mismatch",
    "Outcome",
    "Point",
    "Report",
    "Status",
    "Store",
    "Sweep",
    "parse_axis",
    "run_points",
    "shipped",
]
