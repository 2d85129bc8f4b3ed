"""The sizing of half-rail latches against the decay it stands for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nearness import near
from scipy.integrate import solve_ivp

from bitline.benches.restore.half_rail_sizing import Decay, HalfRail, HalfRailSizing, size_half_rail
from bitline.circuits.nsnr_cluster import NsnrCluster
from bitline.circuits.nvsram_trit_half_rail import NvSramTritHalfRail
from bitline.devices.reram import ReRam
from bitline.devices.selector import Selector
from bitline.errors import InputError

# Explicit numbers throughout: the defaults are choices that may change.
PARTS: dict[str, Any] = {
    **{"c_latch": 0.8e-15, "c_switch": 0.05e-15, "c_kick": 0.04e-15, "c_close": 0.07e-15},
    **{"c_skew_1": 0.02e-15, "c_skew_2": 0.01e-15},
}


def trit(n: int = 16, sigma_vos: float = 0.0, *, sigma_lnr: float = 0.1, **cluster: Any) -> NvSramTritHalfRail:
    made = {
        **{"c_fixed": 0.5e-15, "c_branch": 0.05e-15, "reram": ReRam(sigma_lnr=sigma_lnr)},
        "selector": Selector(v_on=1.2, v_th=0.7, i_off=1e-11, on_off=1e7, c_off=0.05e-15),
    }
    return NvSramTritHalfRail(sigma_vos=sigma_vos, cluster=NsnrCluster(n_per_cluster=n, **made | cluster), **PARTS)


def inputs(**values: Any) -> HalfRail:
    return HalfRail(**{"v_start": 1.8, "v_low": 0.6, "v_boost": 2.5, "v_shut": 2.0, **values})


def test_capacitances_and_kicks_add_up_by_hand() -> None:
    circuit = trit()
    side, line = 0.8e-15 + 3 * 0.05e-15, 0.5e-15 + 16 * 0.1e-15
    assert (circuit.c_both, circuit.c_one) == near((2 * side + line, side + line))
    decay = Decay(circuit, inputs())
    assert decay.swing == near(1.2 - (2 * 0.04e-15 * 2.5 + 0.05e-15 * 1.2) / (2 * side + line))
    assert decay.kick == near(0.07e-15 * 2.5 / (side + line))
    assert decay.skews == near((0.02e-15 * 2.5 / side, 0.01e-15 * 2.5 / side))


@pytest.mark.parametrize("n", [1, 16, 128])
def test_the_node_is_that_of_the_differential_equation(n: int) -> None:
    """``C dV/dt = -V/R - G (V - Vu)`` integrated in both parts, with the kick between them."""
    circuit, given_ = trit(n), inputs(stretch=1.1)
    decay = Decay(circuit, given_)
    sized = size_half_rail(circuit, given_)
    selector, r = circuit.cluster.selector, 300e3
    leak, idle = (n - 1) * selector.g_off, sized.v_idle - 0.6

    def fall(volts: float, duration: float, c: float) -> float:
        made = solve_ivp(
            lambda _, v: (-v / r - leak * (v - idle)) / c, (0.0, duration), [volts], rtol=1e-10, atol=1e-12
        )
        return float(made.y[0, -1])

    t_1, t_2 = 1.1 * sized.t_close_1, 1.1 * sized.t_close_2
    first = fall(decay.swing, t_1, circuit.c_both)
    second = fall(first - decay.kick, t_2 - t_1, circuit.c_one)
    assert [float(v) for v in decay.nodes(sized, r)] == near([first, second], rel=1e-6)


@given(n=st.integers(1, 128), ratio=st.floats(2.0, 6.0), sigma_vos=st.floats(0.0, 0.08), shut=st.floats(0.2, 1.0))
def test_each_threshold_lies_between_its_levels(n: int, ratio: float, sigma_vos: float, shut: float) -> None:
    reram = ReRam(r_lrs=280e3 / ratio, r_mrs=280e3, r_hrs=280e3 * ratio)
    circuit, given_ = trit(n, sigma_vos, reram=reram), inputs(v_shut=shut)
    sized, decay = size_half_rail(circuit, given_), Decay(circuit, given_)
    assert 0 < sized.t_close_1 < sized.t_close_2
    assert sized.v_ref <= 0.6 + shut * (1 + 1e-12)
    above = sized.v_ref - 0.6
    latches = np.array([decay.nodes(sized, r + decay.series) for r in (280e3 / ratio, 280e3, 280e3 * ratio)])
    assert latches[0, 0] < above + decay.skews[0] < latches[1, 0]
    assert latches[1, 1] < above + decay.skews[1] < latches[2, 1]


def test_without_offset_the_thresholds_are_the_geometric_means() -> None:
    circuit, given_ = trit(), inputs()
    sized, decay = size_half_rail(circuit, given_), Decay(circuit, given_)
    for k, r in enumerate(circuit.cluster.reram.thresholds):
        level = sized.v_ref - 0.6 + decay.skews[k]
        # The circuit's leakage is left out of the sizing: 15 branches of 17 pS beside 1/150 kOhm.
        assert float(decay.nodes(sized, r + decay.series)[k]) == near(level, abs=2e-3)


def test_the_reference_is_where_neighbouring_levels_are_furthest_apart() -> None:
    """By search, with an ideal selector: of all times the one at which the voltages of both levels differ most."""
    reram = ReRam(r_lrs=80e3, r_mrs=280e3, r_hrs=980e3)  # equal ratios
    selector = Selector(v_on=1.2, v_th=0.7, on_off=1e12)
    circuit = trit(reram=reram, selector=selector)
    swing = Decay(circuit, inputs()).swing
    x = np.linspace(0.2, 3, 100_001)
    q = math.sqrt(3.5)
    best = x[np.argmax(np.exp(-x / q) - np.exp(-x * q))]
    middle = swing * (math.exp(-best / q) + math.exp(-best * q)) / 2
    assert size_half_rail(circuit, inputs()).v_ref == near(0.6 + middle, rel=1e-5)
    assert size_half_rail(circuit, inputs(v_shut=0.25)).v_ref == near(0.85)


@pytest.mark.parametrize(
    "given_", [{"v_ref": 0.9}, {"t_close_1": 0.7e-9}, {"t_close_2": 2e-9}, {"t_init": 3e-9}], ids=str
)
def test_what_is_given_is_kept(given_: dict[str, float]) -> None:
    sized = size_half_rail(trit(), inputs(**given_))
    for name, value in given_.items():
        assert getattr(sized, name) == value


def test_init_grows_with_what_it_charges() -> None:
    short, long = (size_half_rail(trit(n), inputs()).t_init for n in (1, 128))
    assert long - short == near(9 * 17e3 * 127 * 0.1e-15)


def test_an_exponential_selector_lowers_the_select_line_by_its_drop() -> None:
    selector = Selector(kind="exponential", v_on=1.2)
    circuit = trit(selector=selector)
    sized, swing = size_half_rail(circuit, inputs()), Decay(circuit, inputs()).swing
    drop = 0.6 - sized.v_select
    assert selector.i_0 * math.sinh(drop / selector.v_s) == near(swing / math.e / 280e3, rel=0.05)
    assert sized.v_idle == near((1.8 + sized.v_select) / 2)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"v_low": 1.9}, "v_low = 1.9: must be below v_start"),
        ({"t_init": 1e-10}, "t_init = 1e-10: must hold t_step and two edges"),
        ({"v_start": 0.65}, "the kicks leave"),
        ({"v_ref": 0.5}, "v_ref = 0.5: must lie between"),
        ({"v_ref": 1.79}, "v_ref = 1.79: must lie between"),
        ({"t_close_1": 3e-9, "t_close_2": 2e-9}, "must be later than t_close_1"),
    ],
)
def test_what_cannot_restore_is_refused(values: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        size_half_rail(trit(), inputs(**values))


def test_sizing_is_all_that_a_decay_reads() -> None:
    """Times given by hand decide at other resistances, in proportion."""
    circuit, given_ = trit(sigma_lnr=0.0), inputs()
    sized, decay = size_half_rail(circuit, given_), Decay(circuit, given_)
    twice = HalfRailSizing(sized.t_init, 2 * sized.t_close_1, 2 * sized.t_close_2, *(sized.v_ref, 0.6, sized.v_idle))
    assert float(decay.nodes(twice, 2 * 150e3)[0]) == near(float(decay.nodes(sized, 150e3)[0]), rel=1e-3)


def test_jitter_moves_a_node_by_its_slope() -> None:
    """``dV/dt = V/(R C)`` as a latch closes; at latch 2 the first time only swaps one capacitance for another."""
    circuit, given_ = trit(1), inputs(jitter=1e-13, stretch=1.2)
    decay, sized = Decay(circuit, given_), size_half_rail(circuit, given_)
    r = np.array([100e3, 300e3, 900e3])
    first, second = decay.nodes(sized, r)
    after = np.exp(-1.2 * (sized.t_close_2 - sized.t_close_1) / (r * circuit.c_one))
    by_1 = after * (-first / circuit.c_both + (first - decay.kick) / circuit.c_one) / r
    by_2 = second / circuit.c_one / r
    jitters = decay.jitters(sized, r)
    assert jitters[0] == near(1e-13 * first / (r * circuit.c_both), rel=1e-6)
    assert jitters[1] == near(1e-13 * np.hypot(by_1, by_2), rel=1e-6)


def test_jitter_that_could_swap_the_edges_is_refused() -> None:
    with pytest.raises(InputError, match=r"restore: jitter = 1e-10: must be <= \S+, or edges would change places"):
        size_half_rail(trit(), inputs(jitter=1e-10))
