"""From made-up restores to yield tables: what is counted, its interval, and the formulas beside it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from nearness import near
from scipy.stats import beta, norm

from bitline.benches.restore import restore
from bitline.benches.restore.sizing import Restore, size_restore
from bitline.benches.restore.theory import device_bound, predicted
from bitline.benches.restore.trit import NO_TRIT
from bitline.benches.restore.yields import YIELD, restore_tables, yields
from bitline.circuits.nsnr_cluster import NsnrCluster
from bitline.circuits.nvsram_trit import NvSramTrit
from bitline.devices.reram import LEVELS, TRITS, ReRam
from bitline.devices.selector import Selector

OUTPUTS = [output.name for output in restore.OUTPUTS]
NAMES = [output.name for output in YIELD]
NAN = float("nan")


def rows(trits: list[int], *, failed: int = 0, first: int = 1, level: str = "mrs", **axes: Any) -> list[dict[str, Any]]:
    """Return Monte Carlo rows that became `trits`, and `failed` points that gave none."""
    made = []
    for sample, trit in enumerate([*trits, *[None] * failed], first):
        values = dict.fromkeys(OUTPUTS, NAN)
        if trit is not None:
            values |= {"trit": float(trit), "correct": float(trit == TRITS[level])}
            values |= {"latency": 3e-9 + sample * 1e-12, "energy_total": 1e-14 * (1 + sample)}
        made.append({"level": level, **axes, "sample": sample, "status": "crashed" if trit is None else "ok", **values})
    return made


def table(frame: list[dict[str, Any]], axes: list[str], circuit: NvSramTrit | None = None) -> Any:
    return yields(pd.DataFrame(frame), axes, circuit or NvSramTrit())


def test_counts_of_what_became_what() -> None:
    made = table(rows([0] * 90 + [1] * 6 + [-1] * 3 + [NO_TRIT], failed=5), ["level"]).sel(level="mrs")
    counted = {name: int(made[name]) for name in ("n_ok", "n_failed", "wrong", "to_lrs", "to_mrs", "to_hrs", "to_none")}
    assert counted == {
        **{"n_ok": 100, "n_failed": 5, "wrong": 10},
        **{"to_lrs": 6, "to_mrs": 90, "to_hrs": 3, "to_none": 1},
    }
    assert float(made["yield"]) == near(0.9)  # of those that gave a result
    assert float(made["yield_low"]) == near(1 - beta.ppf(0.975, 11, 90))
    assert float(made["yield_high"]) == near(1 - beta.ppf(0.025, 10, 91))
    assert float(made["latency_max"]) == near(3.1e-9)
    assert float(made["energy_mean"]) == near(1e-14 * (1 + 50.5))


@pytest.mark.parametrize("level", LEVELS)
def test_each_row_of_the_error_matrix_sums_to_its_count(level: str) -> None:
    made = table(rows([1, 1, 0, -1, NO_TRIT, 0, -1], failed=2, level=level), ["level"]).sel(level=level)
    assert sum(int(made[name]) for name in ("to_lrs", "to_mrs", "to_hrs", "to_none")) == int(made["n_ok"]) == 7
    assert int(made["wrong"]) == 7 - int(made[f"to_{level}"])


def test_none_wrong_is_a_bound_and_never_certainty() -> None:
    made = table(rows([0] * 200), ["level"]).sel(level="mrs")
    assert (float(made["yield"]), float(made["yield_high"])) == (1.0, 1.0)
    assert float(made["yield_low"]) == near(0.05 ** (1 / 200))  # the rule of three
    assert 1 - float(made["yield_low"]) == near(3 / 200, rel=0.02)


def test_where_every_point_failed_nothing_is_known() -> None:
    made = table(rows([], failed=4), ["level"]).sel(level="mrs")
    assert (int(made["n_ok"]), int(made["n_failed"]), int(made["wrong"])) == (0, 4, 0)
    for name in ("yield", "yield_low", "yield_high", "latency_max", "energy_mean"):
        assert np.isnan(made[name])
    assert not np.isnan(made["bound"])


def test_every_variable_has_its_unit_and_the_axes_their_order() -> None:
    frame = [
        *rows([1], level="lrs", sigma_lnr=0.3, mismatch="memory"),
        *rows([1], level="lrs", sigma_lnr=0.1, mismatch="memory"),
        *rows([0], level="mrs", sigma_lnr=0.3, mismatch="memory"),
        *rows([1, 0], level="mrs", sigma_lnr=0.1, mismatch="memory"),
    ]
    made = table(frame, ["level", "sigma_lnr", "mismatch"])
    assert list(made.data_vars) == NAMES
    assert {name: made[name].attrs["unit"] for name in NAMES} == {output.name: output.unit for output in YIELD}
    assert list(made["level"].values) == ["lrs", "mrs"]
    assert list(made["sigma_lnr"].values) == [0.1, 0.3]
    assert made["wrong"].sel(mismatch="memory").values.tolist() == [[0, 0], [1, 0]]


def test_without_axes_there_is_one_number_each() -> None:
    frame = pd.DataFrame(rows([0, 0, 1])).drop(columns="level")
    made = yields(frame, [], NvSramTrit())
    assert made.sizes == {}
    assert (int(made["n_ok"]), int(made["wrong"])) == (3, 1)


def test_tables_part_nominal_from_drawn() -> None:
    nominal = rows([0], first=0, sigma_lnr=0.1, n_per_cluster=16)
    drawn = rows([0, 1], sigma_lnr=0.1, n_per_cluster=16)
    frame = pd.DataFrame(nominal + drawn)
    tables = restore_tables(frame, NvSramTrit())
    assert list(tables) == ["nominal", "yield"]
    assert list(tables["nominal"].sizes) == ["level", "n_per_cluster"]  # sigma does nothing there
    assert list(tables["yield"].sizes) == ["level", "sigma_lnr", "n_per_cluster"]
    assert int(tables["yield"]["n_ok"].squeeze()) == 2
    assert list(restore_tables(pd.DataFrame(nominal), NvSramTrit())) == ["nominal"]


# -- the formulas ----------------------------------------------------------------------------------


def formulas(circuit: NvSramTrit, **axes: Any) -> dict[str, tuple[float, float]]:
    """Return bound and prediction by level, as the table gives them."""
    found = {}
    for level in LEVELS:
        made = table(rows([TRITS[level]], level=level, **axes), ["level", *axes], circuit).squeeze()
        found[level] = (float(made["bound"]), float(made["predicted"]))
    return found


@pytest.mark.parametrize("sigma", [0.1, 0.2, 0.3, 0.4])
def test_the_bound_is_the_share_of_rerams_on_their_side(sigma: float) -> None:
    circuit = NvSramTrit(cluster=NsnrCluster(reram=ReRam(r_lrs=80e3, r_mrs=280e3, r_hrs=1e6)))
    found = formulas(circuit, sigma_lnr=sigma)
    low, high = math.log(280 / 80) / 2, math.log(1000 / 280) / 2  # from a level to its threshold
    assert found["lrs"][0] == near(norm.cdf(low / sigma))
    assert found["mrs"][0] == near(norm.cdf(high / sigma) - norm.cdf(-low / sigma))
    assert found["hrs"][0] == near(norm.cdf(high / sigma))
    for level in LEVELS:
        assert found[level][1] <= found[level][0] + 1e-4
    assert found["mrs"][0] == min(bound for bound, _ in found.values())
    assert [found[level][0] for level in LEVELS] == [float(x) for x in device_bound(sigma, (80e3, 280e3, 1e6))]


def quiet(sigma_vos: float = 0.0, **selector: float) -> NvSramTrit:
    """Return a trit with references at its thresholds, hardly any selector in series, and little leakage."""
    chosen = Selector(**{"i_off": 1e-13, "on_off": 1e11, **selector})
    return NvSramTrit(sigma_vos=sigma_vos, cluster=NsnrCluster(n_per_cluster=16, selector=chosen))


@pytest.mark.parametrize("mismatch", ["all", "memory"])
@pytest.mark.parametrize("sigma", [0.1, 0.25, 0.4])
def test_without_offset_and_leakage_the_prediction_is_the_bound(sigma: float, mismatch: str) -> None:
    for bound, right in formulas(quiet(), sigma_lnr=sigma, mismatch=mismatch).values():
        assert right == pytest.approx(bound, abs=1e-3)


@pytest.mark.parametrize("sigma", [0.3, 0.4])
def test_a_selector_in_series_does_not_spread(sigma: float) -> None:
    """Ideal latches whose levels are those of threshold + selector decide at the thresholds: that is the bound."""
    selector = Selector(v_on=0.75, i_off=1e-11, on_off=1e7)
    circuit = NvSramTrit(sigma_vos=0.0, cluster=NsnrCluster(selector=selector))
    for bound, right in formulas(circuit, sigma_lnr=sigma, mismatch="memory").values():
        assert right == pytest.approx(bound, abs=1e-3)


def test_an_offset_counts_where_transistors_have_mismatch() -> None:
    circuit = quiet(sigma_vos=0.05)
    every, memory = (formulas(circuit, sigma_lnr=0.2, mismatch=m) for m in ("all", "memory"))
    for level in LEVELS:
        assert every[level][1] < memory[level][1] - 0.005
        assert memory[level][1] <= memory[level][0] + 1e-4 or level != "mrs"
        assert every[level][0] == memory[level][0]
    # references that make room for the offset cost the ReRAMs alone a little, and no more
    assert sum(right for _, right in memory.values()) > sum(bound for bound, _ in memory.values()) - 0.02
    assert formulas(circuit, sigma_lnr=0.2) == every  # the bench's default


def test_the_prediction_is_the_formula_at_the_designed_levels() -> None:
    """Every argument written out, with an own draw of resistances and offsets as the second method."""
    circuit = NvSramTrit(
        sigma_vos=0.04, cluster=NsnrCluster(n_per_cluster=60, selector=Selector(i_off=3e-10, on_off=1e9))
    )
    inputs = Restore(level="hrs", stretch=1.2, v_start=0.8)
    own = circuit.replace(cluster=circuit.cluster.replace(reram=circuit.cluster.reram.replace(sigma_lnr=0.25)))
    sized = size_restore(own, inputs)
    selector, reram = circuit.cluster.selector, circuit.cluster.reram
    v_0 = 0.8 - circuit.kick * inputs.v_boost
    found = formulas(circuit, sigma_lnr=0.25, stretch=1.2, v_start=0.8)
    g_leak = 59 * selector.g_off  # a selector that is on is 2 Ohm
    levels = [reram.resistance(level) for level in LEVELS]
    t = 1.2 * sized.t_discharge
    by_hand = predicted(
        *(0.25, levels, 0.04, v_0, t, circuit.c_node), g_leak=g_leak, v_idle=sized.v_idle, references=sized.levels
    )
    rng, n = np.random.default_rng(1), 200_000
    for level, r, expected in zip(LEVELS, levels, by_hand, strict=True):
        assert found[level][1] == pytest.approx(float(expected), abs=1e-5)
        total = 1 / (r * np.exp(0.25 * rng.standard_normal(n))) + g_leak
        end = g_leak * sized.v_idle / total
        v = end + (v_0 - end) * np.exp(-t * total / circuit.c_node)
        highs = [v + 0.04 * rng.standard_normal(n) > reference for reference in sized.levels]
        right = np.mean((highs[0] == (level != "lrs")) & (highs[1] == (level == "hrs")))
        assert found[level][1] == pytest.approx(right, abs=4 * math.sqrt(0.25 / n))


def test_leakage_of_the_others_costs_yield_and_grows_with_them() -> None:
    """Their lines are half-way up: the node of HRS stands above them and is pulled down."""
    circuit = quiet(i_off=1e-8, on_off=1e6)
    found = [formulas(circuit, sigma_lnr=0.2, n_per_cluster=n)["hrs"][1] for n in (1, 16, 64)]
    bound = formulas(circuit, sigma_lnr=0.2)["hrs"][0]
    assert found[0] == pytest.approx(bound, abs=1e-3)
    assert found[0] > found[1] > found[2]


def test_axes_by_their_short_and_dotted_names_are_one() -> None:
    short = formulas(NvSramTrit(), sigma_lnr=0.3, n_per_cluster=4)
    dotted = formulas(NvSramTrit(), **{"cluster.reram.sigma_lnr": 0.3, "cluster.n_per_cluster": 4})
    assert short == dotted
    assert short != formulas(NvSramTrit(), sigma_lnr=0.3, n_per_cluster=64)
