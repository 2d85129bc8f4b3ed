"""The column model: its shape, its line, and what it takes from a LUT made by formulas."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from luts.linear_ternary import EXTRA, MAC, OPERATION, ROWS, S0, S1, THERMAL, make_linear_ternary_lut, v_diff

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.statistics.distributions import trinomial_pmf
from bitline.system.column_model import ColumnModel, activity, column_model


def test_activity_is_the_products_that_are_not_zero() -> None:
    for i, j in np.ndindex(activity(ROWS).shape):
        plus, minus = max(MAC[i], 0) + EXTRA[j], max(-MAC[i], 0) + EXTRA[j]
        assert activity(ROWS)[i, j] == plus + minus


@pytest.mark.parametrize("step", [1, 2, 4])
def test_a_lut_gives_the_column_that_made_it(step: int) -> None:
    model = column_model(make_linear_ternary_lut(step), corner="tt", hold=step > 1)
    occurs = activity(ROWS) <= ROWS
    assert model.rows == ROWS
    assert model.thermal == THERMAL
    expected = v_diff(MAC[:, None], EXTRA, "tt")
    # with gaps in mac the last pairs have no neighbour on one side: there the value before is held
    inner = occurs & (activity(ROWS) <= ROWS - step + 1)
    np.testing.assert_allclose(model.mean[inner], expected[inner], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(model.mean[occurs], expected[occurs], atol=3e-3)
    np.testing.assert_allclose(model.sigma[occurs], np.sqrt(S0**2 + S1**2 * activity(ROWS)[occurs]), rtol=1e-6)
    assert np.isnan(model.sigma[~occurs]).all()


def test_what_was_not_measured_is_refused_or_held() -> None:
    lut = make_linear_ternary_lut(extras=np.arange(3))
    with pytest.raises(InputError, match="no value at mac = -2, extra = 3"):
        column_model(lut, corner="tt")
    held = column_model(lut, corner="tt", hold=True)
    assert held.mean[ROWS + 1, 3] == pytest.approx(held.mean[ROWS + 1, 2])
    assert held.sigma[ROWS + 1, 3] == pytest.approx(np.sqrt(S0**2 + 7 * S1**2), rel=1e-6)


def test_noise_of_discharging_stacks_grows_with_the_activity() -> None:
    lut, quiet = make_linear_ternary_lut(), column_model(make_linear_ternary_lut(), corner="tt")
    noise = lut.tables["noise"].assign(v_discharge=lut.tables["noise"]["v_thermal"] / 2)
    model = column_model(Lut("noisy", "lab-ternary", {**lut.tables, "noise": noise}, {}, OPERATION), corner="tt")
    assert model.thermal == THERMAL
    occurs = activity(ROWS) <= ROWS
    added = (model.sigma**2 - quiet.sigma**2)[occurs]
    np.testing.assert_allclose(added, (THERMAL / 2) ** 2 * activity(ROWS)[occurs], rtol=1e-6, atol=1e-18)
    silent = {name: table for name, table in lut.tables.items() if name != "noise"}
    assert column_model(Lut("silent", "lab-ternary", silent, {}, OPERATION), corner="tt").thermal == 0


def test_conditions_and_tables_are_asked_for() -> None:
    lut = make_linear_ternary_lut()
    for condition, message in (
        ({}, "corner = None: nominal has tt, ff"),
        ({"corner": "ss"}, "corner = ss: nominal has tt, ff"),
        ({"corner": "ff"}, "corner = ff: mismatch has tt"),
        ({"corner": "tt", "vvd": 1.8}, "unknown condition 'vvd'; did you mean 'vdd'"),
        ({"corner": "tt", "vdd": 1.7}, "vdd = 1.7: nominal has 1.8"),
    ):
        with pytest.raises(InputError, match=message):
            column_model(lut, **condition)  # type: ignore[arg-type]
    bare = Lut("bare", "lab-ternary", {"nominal": lut.tables["nominal"]}, {}, OPERATION)
    with pytest.raises(InputError, match=r"no mismatch\.v_sigma"):
        column_model(bare, corner="tt")
    table = xr.Dataset({"v_diff": ("mac", [0.0]), "energy_total": ("mac", [1e-15])}, {"mac": [0]})
    flat = Lut("flat", "lab-ternary", {"nominal": table}, {}, OPERATION)
    with pytest.raises(InputError, match="must be mac and extra"):
        column_model(flat)


def test_the_line_is_least_squares() -> None:
    rng = np.random.default_rng(1)
    pmf = trinomial_pmf(ROWS, 0.3, 0.1)
    mean = v_diff(MAC[:, None], EXTRA, "tt") + 1e-3 + 1e-4 * MAC[:, None] ** 2
    model = ColumnModel(mean, np.zeros_like(mean))
    drawn = rng.choice(pmf.size, 200_000, p=pmf.ravel())
    mac = np.broadcast_to(MAC[:, None], pmf.shape).ravel()[drawn]
    np.testing.assert_allclose(model.line(pmf), np.polyfit(mac, mean.ravel()[drawn], 1), rtol=0.01)
    with pytest.raises(InputError, match="one MAC value"):
        model.line(trinomial_pmf(ROWS, 0, 0))


def test_wrong_arrays_are_refused() -> None:
    mean = np.zeros(activity(ROWS).shape)
    for arguments, message in (
        ((mean[:-1], mean[:-1]), "shapes"),
        ((mean, mean[:, :-1]), "shapes"),
        ((0.0, 0.0), "shapes"),
        ((np.full_like(mean, np.nan), mean), "finite"),
        ((mean, mean - 1), "finite"),
        ((mean, mean, -1.0), "finite"),
    ):
        with pytest.raises(InputError, match=message):
            ColumnModel(*arguments)  # type: ignore[arg-type]
