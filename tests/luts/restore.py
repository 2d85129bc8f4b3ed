"""A restore's LUT made from formulas, shaped as the bench reduces it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from bitline.benches.restore.theory import best_time, device_bound, geometric_means, predicted
from bitline.lut.lut import Lut
from bitline.statistics.intervals import clopper_pearson

LEVELS = ("lrs", "mrs", "hrs")
R = (80e3, 280e3, 1e6)
N = 1000
SIGMAS = (0.0, 0.1, 0.2, 0.3, 0.4)
COUNTS = (1, 4, 16, 60, 64)
UNITS = {"vdd": "V", "temperature": "degC", "v_start": "V"}
C = 4e-15


def coordinates(**grids: Any) -> dict[str, Any]:
    return {name: ((name,), list(grid), {"unit": UNITS.get(name, "1"), "doc": name}) for name, grid in grids.items()}


def dataset(variables: dict[str, tuple[Any, str]], **grids: Any) -> xr.Dataset:
    dims = tuple(grids)
    return xr.Dataset(
        {name: (dims, values, {"unit": unit, "doc": name}) for name, (values, unit) in variables.items()},
        coordinates(**grids),
    )


def make_nominal(n_failed: int = 0) -> xr.Dataset:
    grids = {
        "level": LEVELS,
        "n_per_cluster": COUNTS,
        "corner": ("tt", "ss", "ff"),
        "vdd": (1.62, 1.8, 1.98),
        "temperature": (-40.0, 27.0, 125.0),
    }
    shape = tuple(map(len, grids.values()))
    level, n, corner, vdd, temperature = np.indices(shape)
    n_values = np.array(COUNTS)[n]
    margin_1 = np.array([0.08, 0.11, 0.3])[level] - 4e-4 * n_values + 0.01 * (corner - 1) * (temperature - 1)
    margin_2 = np.array([0.3, 0.12, 0.1])[level] - 9e-4 * n_values - 0.02 * (vdd - 1)
    parts = {"init": 3e-15, "select": 1e-15, "reference": 1.5e-15, "wordline": 6e-15, "switch": 5e-15, "array": 20e-15}
    energies = {f"energy_{name}": value * (1 + 0.05 * level) for name, value in parts.items()}
    energies["energy_reference"] = np.where(level == 0, -0.5e-15, energies["energy_reference"])
    variables = {
        "margin_1": (margin_1, "V"),
        "margin_2": (margin_2, "V"),
        "latency": ((4 + 0.02 * n_values + 0.1 * level) * 1e-9, "s"),
        **{name: (values, "J") for name, values in energies.items()},
        "energy_total": (sum(energies.values()), "J"),
        "energy_discharge": (0.1 * energies["energy_select"], "J"),
        "n_ok": (np.ones(shape, dtype=int), "1"),
        "n_failed": (np.full(shape, n_failed), "1"),
    }
    return dataset(variables, **grids)


def make_yield(counted: Sequence[int] = COUNTS, sigmas: Sequence[float] = SIGMAS, **others: Any) -> xr.Dataset:
    """Draw counts from the prediction with offset; without it where only the memory varies."""
    low, high = geometric_means(R)
    grids = {"level": LEVELS, "n_per_cluster": counted, "sigma_lnr": sigmas, "mismatch": ("all", "memory"), **others}
    shape = tuple(map(len, grids.values()))
    shares = {name: np.zeros(shape) for name in ("yield", "yield_low", "yield_high", "bound", "predicted")}
    counts = {name: np.zeros(shape, dtype=int) for name in ("wrong", "to_lrs", "to_mrs", "to_hrs", "n_ok", "n_failed")}
    rng = np.random.default_rng(1)
    for place in np.ndindex(*shape):
        level, n, sigma, mismatch = (grids[name][k] for name, k in zip(list(grids)[:4], place[:4], strict=True))
        k = LEVELS.index(level)
        c = C * (1 + 0.01 * n)
        stretch = others["stretch"][place[4]] if "stretch" in others else 1.0
        t = best_time(low, high, c)
        references = tuple(0.6 * np.exp(-t / (r * c)) for r in (low, high))
        offset = 0.03 if mismatch == "all" else 0.0
        expected = predicted(sigma, R, offset, 0.6, t * stretch, c, g_leak=3e-11 * (n - 1), references=references)[k]
        wrong = int(rng.binomial(N, np.clip(1 - expected, 0, 1)))
        interval = clopper_pearson(wrong, N)
        shares["yield"][place], shares["predicted"][place] = 1 - wrong / N, expected
        shares["yield_low"][place], shares["yield_high"][place] = 1 - interval.high, 1 - interval.low
        shares["bound"][place] = device_bound(sigma, R)[k]
        counts["wrong"][place], counts["n_ok"][place] = wrong, N
        neighbour = {"lrs": "mrs", "mrs": "hrs", "hrs": "mrs"}[level]
        counts[f"to_{level}"][place], counts[f"to_{neighbour}"][place] = N - wrong, wrong
    return dataset({name: (values, "1") for name, values in {**shares, **counts}.items()}, **grids)


def make_restore_lut() -> Lut:
    tables = {"nominal": make_nominal(), "yield": make_yield()}
    return Lut(name="nsnr-restore", kind="nvsram-trit", tables=tables, attrs={})


def make_shmoo_lut() -> Lut:
    full = make_yield((16,), (0.1,), stretch=(0.5, 0.7, 0.85, 1.0, 1.2, 1.4, 1.7), v_start=(0.5, 0.55, 0.6))
    table = full.isel(mismatch=[0])
    return Lut(name="nsnr-shmoo", kind="nvsram-trit", tables={"yield": table}, attrs={})
