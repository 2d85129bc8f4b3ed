"""Reducers that several benches share: from a sweep's rows to tables.

They import pandas and xarray when they are called: workers only simulate and measure, and start faster without.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from bitline.benches.base import Output

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    Reduce = Callable[[pd.DataFrame, Any], dict[str, xr.Dataset]]


def one_table(name: str, outputs: Sequence[Output]) -> Reduce:
    """Reduce to one table of the points without mismatch."""

    def reduce(results: pd.DataFrame, circuit: object) -> dict[str, xr.Dataset]:
        from bitline.benches.tables import grid

        return {name: grid(results, outputs)}

    return reduce


def sampled_tables(name: str, outputs: Sequence[Output]) -> Reduce:
    """Reduce to a table of the points without mismatch and, where there are samples, one of their statistics."""

    def reduce(results: pd.DataFrame, circuit: object) -> dict[str, xr.Dataset]:
        from bitline.benches.tables import grid, sampled

        tables = {name: grid(results, outputs)}
        if (results["sample"] > 0).any():
            tables[f"{name}_mismatch"] = sampled(results, outputs)
        return tables

    return reduce


def code_tables(outputs: Sequence[Output]) -> Reduce:
    """Reduce to the tables of a column whose codes are unsigned: nominal, line and mismatch."""

    def reduce(results: pd.DataFrame, circuit: object) -> dict[str, xr.Dataset]:
        from bitline.benches.tables import transfer_tables

        return transfer_tables(results, outputs)

    return reduce
