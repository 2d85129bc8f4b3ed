"""Tables of comparator and converter from made-up rows whose answer is known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bitline.benches.comparator import decide as comparator
from bitline.benches.comparator import offset as comparator_offset
from bitline.benches.sar import convert as sar
from bitline.benches.sar.tables import decide_tables, measured_transitions, noise_tables, offset_tables, sar_tables
from bitline.circuits.sar_adc import SarAdc
from bitline.circuits.strongarm import StrongArm
from bitline.statistics.linearity import dnl, inl
from bitline.system.converter import codes, drawn_steps, transitions


def near(expected: Any, rel: float = 1e-6, abs: float = 0.0) -> Any:
    """pytest.approx without its absolute tolerance of 1e-12, which would pass any femtofarad and picojoule."""
    return pytest.approx(expected, rel=rel, abs=abs)


BITS = 4
LSB = 2 * 0.7 / 2**BITS
# Sampling with a gain of 3 % too much: levels are seen through it.
GAIN = 1.03


def conversions(plus: np.ndarray, minus: np.ndarray, sample: int = 0, **axes: object) -> list[dict[str, object]]:
    """Convert the middle of every code; steps are what the top plates do, GAIN what the inputs become on them."""
    rows = []
    for k in range(2**BITS):
        v = (k - 2 ** (BITS - 1) + 0.5) * LSB
        code = int(codes(GAIN * v, plus, minus))
        level, levels = 0.0, []
        for j in range(BITS):
            levels.append(v - (GAIN * v - level))
            if j < BITS - 1:
                level += plus[j] if code >> (BITS - 1 - j) & 1 else -minus[j]
        known = {f"level_{j + 1}": x for j, x in enumerate(levels)}
        values = {output.name: known.get(output.name, 0.0) for output in sar.OUTPUTS} | {"code": float(code)}
        rows.append({**axes, "v_diff": v, "sample": sample, "status": "ok", **values})
    return rows


def drawn(sample: int, sigma: float = 0.03) -> tuple[np.ndarray, np.ndarray]:
    plus, minus = (drawn_steps(BITS, 0.7, sigma, sample + 1, 5, side=side) for side in ("plus", "minus"))
    return plus[sample], minus[sample]


def test_transitions_are_found_behind_a_gain_error() -> None:
    for sample in range(5):
        steps = drawn(sample)
        found = measured_transitions(pd.DataFrame(conversions(*steps)), BITS)
        assert found == near(transitions(*steps) / GAIN, abs=1e-12)


def test_a_transition_nobody_came_by_is_not_made_up() -> None:
    rows = pd.DataFrame(conversions(*drawn(0)))
    rows.loc[3, "status"] = "no_convergence"  # transitions 3 and 4 lose a side; 4 is met by codes 4..7 and 0..2 too
    found = measured_transitions(rows, BITS)
    assert np.flatnonzero(np.isnan(found)).tolist() == [2]


def test_tables_of_a_converter() -> None:
    samples = 40
    rows = [row for corner in ("tt", "ss") for row in conversions(*drawn(0, 0.0), corner=corner)]
    rows += [row for k in range(samples) for row in conversions(*drawn(k), sample=k + 1, corner="tt")]
    results = pd.DataFrame(rows)[["corner", "v_diff", *(c for c in rows[0] if c not in ("corner", "v_diff"))]]
    tables = sar_tables(results, SarAdc(bits=BITS))
    assert set(tables) == {"nominal", "transitions", "line", "mismatch"}
    assert dict(tables["nominal"].sizes) == {"corner": 2, "v_diff": 16}
    line = tables["line"].sel(corner="ss")
    assert float(line["lsb"]) == near(LSB / GAIN)
    assert float(line["inl_max"]) < 1e-9
    assert float(line["enob"]) == near(BITS)
    assert tables["transitions"]["v"].sel(corner="tt", transition=12).item() == near(4 * LSB / GAIN)
    found = np.array([transitions(*drawn(k)) / GAIN for k in range(samples)])
    spread = tables["mismatch"].sel(corner="tt")
    assert spread["n_ok"].values.tolist() == [samples] * 15
    assert spread["v_sigma"].values == near(found.std(axis=0, ddof=1), abs=1e-12)
    assert spread["inl_sigma"].values == near(inl(found).std(axis=0, ddof=1), abs=1e-9)
    assert spread["dnl_sigma"].values[:-1] == near(dnl(found).std(axis=0, ddof=1), abs=1e-9)
    assert tables["mismatch"]["v_sigma"].attrs["unit"] == "V"


def test_too_few_inputs_give_the_grid_alone() -> None:
    rows = [row for row in conversions(*drawn(0)) if row["v_diff"] > 0]
    assert set(sar_tables(pd.DataFrame(rows), SarAdc(bits=BITS))) == {"nominal"}


def offset_rows(offsets: np.ndarray) -> pd.DataFrame:
    base = {output.name: 0.0 for output in comparator_offset.OUTPUTS}
    first = {"v_common": 1.4, "sample": 0, "status": "ok", **base, "sigma_pair": 9e-3}
    more = [{**first, "sample": k + 1, "offset": float(x)} for k, x in enumerate(offsets)]
    return pd.DataFrame([first, *more, {**first, "sample": 99, "status": "timeout", "offset": math.nan}])


def test_table_of_offsets() -> None:
    offsets = np.random.Generator(np.random.PCG64(1)).normal(1e-3, 1e-2, 50)
    cell = offset_tables(offset_rows(offsets), StrongArm())["offset"].sel(v_common=1.4)
    assert (int(cell["n_ok"]), int(cell["n_failed"]), float(cell["outside"])) == (50, 1, 0.0)
    assert float(cell["offset_mean"]) == near(offsets.mean())
    assert float(cell["offset_sigma"]) == near(offsets.std(ddof=1))
    assert float(cell["offset_sigma_low"]) < 1e-2 < float(cell["offset_sigma_high"])
    assert float(cell["sigma_pair"]) == near(9e-3)
    assert offset_tables(offset_rows(offsets).iloc[:1], StrongArm()) == {}


def test_table_of_decisions() -> None:
    row = {output.name: 1.0 for output in comparator.OUTPUTS}
    results = pd.DataFrame([{"v_diff": v, "sample": 0, "status": "ok", **row, "tau": v} for v in (0.01, 0.001)])
    assert decide_tables(results, StrongArm())["nominal"]["tau"].values.tolist() == [0.001, 0.01]


def test_table_of_noise() -> None:
    row = {"v_common": 1.4, "sample": 0, "status": "ok", "v_noise_transient": 1e-3, "v_noise_formula": 1.1e-3}
    tables = noise_tables(pd.DataFrame([{**row, "offset": 0.0, "counted": 99.0}]), StrongArm())
    assert float(tables["noise"]["v_noise_formula"].sel(v_common=1.4)) == 1.1e-3
