"""Tables of the converter from made-up rows whose answer is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from nearness import near

from bitline.benches.sar import convert as sar
from bitline.benches.sar.tables import measured_transitions, sar_tables
from bitline.circuits.sar_adc import SarAdc
from bitline.statistics.linearity import dnl, inl
from bitline.system.converter import codes, drawn_steps, transitions

BITS = 4
LSB = 2 * 0.7 / 2**BITS
# Sampling with a gain of 3 % too much: levels are seen through it.
GAIN = 1.03


def conversions(
    plus: np.ndarray, minus: np.ndarray, sample: int = 0, offset: float = 0.0, **axes: object
) -> list[dict[str, object]]:
    """Convert the middle of every code; steps are what the top plates do, GAIN what the inputs become on them."""
    rows = []
    for k in range(2**BITS):
        v = (k - 2 ** (BITS - 1) + 0.5) * LSB
        code = int(codes(GAIN * v, plus, minus, offset))
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
    rows.loc[[2, 3], "status"] = "no_convergence"  # transition 3 is met by these alone
    found = measured_transitions(rows, BITS)
    assert np.flatnonzero(np.isnan(found)).tolist() == [2]


@pytest.mark.parametrize("shift", [-0.9, -0.6, 0.6, 0.9])
def test_a_comparator_s_offset_loses_no_converter(shift: float) -> None:
    """The DAC's levels are the same, and transitions that all conversions came to from one side are measured too."""
    steps = drawn(3)
    shifted = pd.DataFrame(conversions(*steps, offset=shift * LSB))
    assert measured_transitions(shifted, BITS) == near(transitions(*steps) / GAIN, abs=1e-12)


def test_tables_of_a_converter() -> None:
    samples = 40
    rows = [row for corner in ("tt", "ss") for row in conversions(*drawn(0, 0.0), corner=corner)]
    rows += [row for k in range(samples) for row in conversions(*drawn(k), sample=k + 1, corner="tt")]
    results = pd.DataFrame(rows)[["corner", "v_diff", *(c for c in rows[0] if c not in ("corner", "v_diff"))]]
    tables = sar_tables(results, SarAdc(bits=BITS))
    assert set(tables) == {"nominal", "transitions", "line", "mismatch", "chips"}
    assert dict(tables["nominal"].sizes) == {"corner": 2, "v_diff": 16}
    line = tables["line"].sel(corner="ss")
    assert float(line["lsb"]) == near(LSB / GAIN)
    assert float(line["inl_max"]) < 1e-9
    assert float(line["enob"]) == near(BITS)
    assert tables["transitions"]["v"].sel(corner="tt", transition=12).item() == near(4 * LSB / GAIN)
    found = np.array([transitions(*drawn(k)) / GAIN for k in range(samples)])
    spread = tables["mismatch"].sel(corner="tt")
    assert spread["n_ok"].values.tolist() == [samples] * 15
    # None of 40 failed: up to 1 - 0.05^(1/40) of all converters could all the same.
    assert spread["failed_high"].values == near(1 - 0.05 ** (1 / samples))
    assert spread["v_sigma"].values == near(found.std(axis=0, ddof=1), abs=1e-12)
    assert spread["inl_sigma"].values == near(inl(found).std(axis=0, ddof=1), abs=1e-9)
    assert spread["dnl_sigma"].values[:-1] == near(dnl(found).std(axis=0, ddof=1), abs=1e-9)
    assert tables["mismatch"]["v_sigma"].attrs["unit"] == "V"
    chips = tables["chips"].sel(corner="tt")
    assert chips["inl_max"].values == near(np.abs(inl(found)).max(axis=1), abs=1e-9)
    assert chips["middle"].values == near(found[:, 7], abs=1e-12)


def test_too_few_inputs_give_the_grid_alone() -> None:
    rows = [row for row in conversions(*drawn(0)) if row["v_diff"] > 0]
    assert set(sar_tables(pd.DataFrame(rows), SarAdc(bits=BITS))) == {"nominal"}
