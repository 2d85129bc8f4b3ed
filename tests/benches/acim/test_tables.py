"""ASiM's constants among a column's tables: from chips made by formulas, in percent of the full scale."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from bitline.benches.acim.qs_transfer import BENCH
from bitline.benches.acim.tables import ASIM, acim_tables
from bitline.benches.base import Output
from bitline.benches.baseline import sram_transfer
from bitline.benches.reducers import code_tables
from bitline.benches.tables import transfer_tables
from bitline.lut.table import normalised
from bitline.statistics.asim import fit_asim

OUTPUTS = (Output("v_line", "V", "the line"), Output("energy_array", "J", "cells"))
LSB, ALPHA, CHIPS = -0.04, 0.01, 300


def rows(corners: dict[str, float], codes: int = 9, failed: int = 0) -> list[dict[str, Any]]:
    """Chips with independent noise of each code; `corners` are its sigmas [V]."""
    rng = np.random.default_rng(4)
    m = np.arange(codes)
    v = 1.8 + LSB * m / (1 + ALPHA * m)
    found = []
    for corner, sigma in corners.items():
        for sample in range(CHIPS + 1):
            noise = sigma * rng.standard_normal(codes) * (sample > 0)
            status = "no_convergence" if 0 < sample <= failed else "ok"
            for code, volts in zip(m, v + noise, strict=True):
                measured = volts if status == "ok" else np.nan
                at = {"corner": corner, "code": int(code), "sample": sample, "status": status}
                found.append({**at, "v_line": measured, "energy_array": 1e-15})
    return found


def test_constants_are_those_of_the_chips_at_each_condition() -> None:
    tables = acim_tables(OUTPUTS)(pd.DataFrame(rows({"tt": 2e-3, "ss": 4e-3})), None)
    asim = tables["asim"]
    normalised("asim", asim)
    assert asim["corner"].values.tolist() == ["tt", "ss"]
    scale = abs(LSB) * 8 / (1 + 8 * ALPHA)
    for corner, sigma in (("tt", 2e-3), ("ss", 4e-3)):
        at = asim.sel(corner=corner)
        assert float(at["sigma_rms"]) == pytest.approx(100 * sigma / scale, rel=0.05)
        assert float(at["rand_noise_sigma_low"]) < 100 * sigma / scale < float(at["rand_noise_sigma_high"])
        assert float(at["alpha_low"]) < ALPHA < float(at["alpha_high"])
        assert at["rand_noise_sigma"].attrs["unit"] == "%"


def test_they_are_the_fit_of_the_mismatch_table() -> None:
    tables = acim_tables(OUTPUTS)(pd.DataFrame(rows({"tt": 2e-3})), None)
    mismatch = tables["mismatch"].squeeze()
    fit = fit_asim(mismatch["code"], mismatch["v_mean"], mismatch["v_sigma"])
    asim = tables["asim"].squeeze()
    assert float(asim["rand_noise_sigma"]) == pytest.approx(100 * fit.sigma_r)
    assert float(asim["non_linear_sigma"]) == pytest.approx(100 * fit.sigma_nl)
    assert float(asim["alpha"]) == pytest.approx(fit.alpha)
    assert float(asim["sigma_residual"]) == pytest.approx(100 * fit.sigma_residual)


def test_chips_that_failed_are_left_out() -> None:
    tables = acim_tables(OUTPUTS)(pd.DataFrame(rows({"tt": 2e-3}, failed=CHIPS - 1)), None)
    assert all(np.isnan(tables["asim"][output.name]).all() for output in ASIM)
    tables = acim_tables(OUTPUTS)(pd.DataFrame(rows({"tt": 2e-3}, failed=100)), None)
    assert float(tables["asim"]["sigma_rms"].squeeze()) > 0


def test_the_other_tables_stay_as_they_were() -> None:
    frame = pd.DataFrame(rows({"tt": 2e-3}))
    found, before = acim_tables(OUTPUTS)(frame, None), transfer_tables(frame, OUTPUTS)
    assert list(found) == [*before, "asim"]
    assert all(found[name].identical(before[name]) for name in before)
    assert "asim" not in code_tables(OUTPUTS)(frame, None)
    assert "asim" not in acim_tables(OUTPUTS)(frame[frame["sample"] == 0], None)
    assert "asim" not in acim_tables(OUTPUTS)(pd.DataFrame(rows({"tt": 2e-3}, codes=2)), None)


def test_which_benches_have_them() -> None:
    assert BENCH.reduce.__qualname__.startswith("acim_tables")
    assert sram_transfer.BENCH.reduce.__qualname__.startswith("code_tables")
