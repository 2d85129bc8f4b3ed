"""Table error_budget: from the samples of a sweep over groups of devices to errors by source, at each condition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd
import xarray as xr

from bitline.benches.base import Output
from bitline.benches.tables import annotate
from bitline.circuits.base import Circuit
from bitline.errors import InputError
from bitline.lut.operation import Products
from bitline.parameters import assemble, parameter_paths
from bitline.statistics.distributions import binomial_pmf
from bitline.statistics.error_budget import ALL, Budget, Measured, budget

GROUP = "group"
"""Axis of the devices that vary."""
_VALUES = (
    Output("error", "LSB", "rms error by this source, against the level that the line is reset to"),
    Output("error_low", "LSB", "lower end of its 95 % interval over chips"),
    Output("error_high", "LSB", "upper end of it"),
    Output("calibrated", "LSB", "the same without offset and gain of the line, which all chips share"),
    Output("calibrated_low", "LSB", "lower end of its 95 % interval over chips"),
    Output("calibrated_high", "LSB", "upper end of it"),
)


@runtime_checkable
class ResetLine(Protocol):
    """A circuit that says which level [V] its line is reset to."""

    def reset_level(self, vdd: float) -> float: ...  # noqa: D102


def has_budget(tables: Mapping[str, xr.Dataset], circuit: Circuit) -> bool:
    """Return whether a sweep measured what a budget is made of: chips by group, and noise."""
    groups = tables["mismatch"][GROUP].size if "mismatch" in tables and GROUP in tables["mismatch"].dims else 0
    return groups > 1 and "noise" in tables and isinstance(circuit, ResetLine)


def error_budget(
    tables: Mapping[str, xr.Dataset], results: pd.DataFrame, circuit: Circuit, products: Products, vdd: float
) -> xr.Dataset:
    """Return the error by source at each condition of the Monte Carlo.

    Parameters
    ----------
    tables : mapping of str to Dataset
        ``nominal`` with every code, ``mismatch`` and ``noise``.
    results : DataFrame
        Rows of the bench that sampled the chips, with the axis `GROUP`.
    circuit : Circuit
        A `ResetLine`, where no axis says otherwise.
    products : Products
        Operands: their axis and their probabilities.
    vdd : float
        Supply where it is no axis [V].

    Raises
    ------
    InputError
        If a condition of the Monte Carlo or a code is not in the nominal grid, or the first or last code was not
        sampled.
    """
    mismatch = tables["mismatch"]
    dims = [str(dim) for dim in mismatch["v_mean"].dims if dim not in (products.axis, GROUP)]
    shape = tuple(mismatch.sizes[dim] for dim in dims)
    coords: dict[str, Any] = {dim: mismatch[dim] for dim in dims}
    cells = np.empty(shape, dtype=object)
    for index in np.ndindex(*shape):
        place = {dim: mismatch[dim].values.tolist()[k] for dim, k in zip(dims, index, strict=True)}
        cells[index] = _budget(tables, results, circuit, products, {"vdd": vdd, **place}, place)
    sources = list(cells.flat[0].error)
    names = dict(zip((output.name for output in _VALUES), Budget.__dataclass_fields__, strict=True))
    arrays = {
        name: np.array([[getattr(cell, field)[source] for source in sources] for cell in cells.flat])
        for name, field in names.items()
    }
    variables = {name: ((*dims, "source"), array.reshape(*shape, -1)) for name, array in arrays.items()}
    return annotate(xr.Dataset(variables, {**coords, "source": sources}), _VALUES)


def _budget(
    tables: Mapping[str, xr.Dataset],
    results: pd.DataFrame,
    circuit: Circuit,
    products: Products,
    conditions: Mapping[str, Any],
    place: Mapping[str, Any],
) -> Budget:
    column = assemble(circuit, {name: place[name] for name in place if name in parameter_paths(circuit)})
    if not isinstance(column, ResetLine):
        raise InputError(f"{circuit.name} does not say which level its line is reset to")
    nominal = _at(tables["nominal"], place).transpose(products.axis, ...)
    sums = np.arange(products.count + 1)
    if nominal[products.axis].values.tolist() != sums.tolist():
        raise InputError(f"{products.axis}: the nominal grid must have every sum from 0 to {products.count}")
    noise = _at(tables["noise"], place)
    discharge = float(noise["v_discharge"]) if "v_discharge" in noise else 0.0
    end = nominal[products.output].values
    chips, codes = _chips(results, products, place)
    measured = Measured(
        pmf=binomial_pmf(products.count, products.plus),
        reset=column.reset_level(conditions["vdd"]),
        start=end + nominal["swing"].values,
        end=end,
        codes=codes,
        chips=chips,
        thermal=np.sqrt(float(noise["v_thermal"]) ** 2 + sums * discharge**2),
    )
    return budget(measured)


def _at(table: xr.Dataset, place: Mapping[str, Any]) -> xr.Dataset:
    """Return a table at a condition, as far as it has its axes."""
    known = {dim: value for dim, value in place.items() if dim in table.dims}
    for dim, value in known.items():
        if value not in table[dim].values:
            raise InputError(f"{dim} = {value}: chips were sampled there, but the nominal grid does not have it")
    return table.sel(known)


def _chips(
    results: pd.DataFrame, products: Products, place: Mapping[str, Any]
) -> tuple[dict[str, np.ndarray[Any, np.dtype[np.float64]]], np.ndarray[Any, np.dtype[np.float64]]]:
    """Return the sampled line by group, a row per chip, and the codes of its columns."""
    rows = results[results["sample"] > 0]
    for dim, value in place.items():
        rows = rows[rows[dim] == value]
    groups = list(dict.fromkeys(rows[GROUP]))
    wide = {
        group: rows[rows[GROUP] == group].pivot(index="sample", columns=products.axis, values=products.output)
        for group in groups
    }
    return {group: frame.to_numpy() for group, frame in wide.items()}, wide[ALL].columns.to_numpy(dtype=np.float64)
