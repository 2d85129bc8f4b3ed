"""The sizing of a restore against the decay it stands for."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nearness import near
from restores import inputs, trit

from bitline.benches.restore.sizing import size_restore
from bitline.devices.selector import Selector
from bitline.engine.waveforms import Array

# Explicit numbers throughout: the defaults are choices that may change.
# Thresholds of levels at 80 k, 280 k and 1 M, with the 6 k of a selector that is on.
R_1, R_2 = math.sqrt(80e3 * 280e3) + 6e3, math.sqrt(280e3 * 1e6) + 6e3


def left(r: float, t: float, c: float, v: float) -> float:
    """Return what is left of `v` after discharging `c` through `r`."""
    return v * math.exp(-t / (r * c))


def test_capacitance_and_kicks_add_up_by_hand() -> None:
    circuit = trit(n=16, n_clusters=4)
    line = 0.5e-15 + 16 * (0.05e-15 + 0.05e-15)
    side = 0.8e-15 + 3 * 0.05e-15
    assert circuit.cluster.c_all == near(line)
    assert circuit.c_node == near(2 * side + line)
    assert circuit.kick == near(2 * 0.05e-15 / circuit.c_node)
    assert circuit.skew(2.0) == near((2 * 0.16e-15 / circuit.c_node, 2 * 0.1e-15 / circuit.c_node))
    alone = trit(n=16, n_clusters=4, clustered=False)  # one latch, one cluster, no switch
    assert alone.c_node == near(0.8e-15 + line)
    assert alone.skew(2.0) == near((-2.0 * alone.kick,) * 2)


def test_references_are_what_the_thresholds_leave() -> None:
    circuit = trit()
    sized = size_restore(circuit, inputs())
    v_eff = 0.6 - circuit.kick * 2.0
    for r, reference, skew, level in zip(
        (R_1, R_2), (sized.ref_1, sized.ref_2), circuit.skew(2.0), sized.levels, strict=True
    ):
        at = left(r, sized.t_discharge, circuit.c_node, v_eff)
        assert level == near(at)
        assert reference == near(at - skew)
    assert sized.ref_1 == near(0.02)  # the lowest there may be sets the time here
    assert (sized.v_select, sized.v_idle) == (0.0, near(0.3))


def test_with_room_below_the_time_makes_both_thresholds_as_sensitive_as_can_be() -> None:
    """By search: of all times the one at which the smaller slope dV/d(ln R) of the two is largest."""
    circuit = trit(n=60)
    sized = size_restore(circuit, inputs(v_start=1.2))
    assert sized.ref_1 > 0.03
    times = np.linspace(0.2e-9, 6e-9, 58_001)

    def slope(r: float) -> Array:
        return np.exp(-times / (r * 1.001 * circuit.c_node)) - np.exp(-times / (r / 1.001 * circuit.c_node))

    best = times[np.argmax(np.minimum(slope(R_1), slope(R_2)))]
    assert sized.t_discharge == near(best, rel=1e-3)


def test_offset_moves_the_references_towards_the_middle_of_the_voltages() -> None:
    circuit = trit(n=60).replace(sigma_vos=0.5)  # so large that the ReRAM's spread counts little
    sized, narrow = size_restore(circuit, inputs()), size_restore(trit(n=60), inputs())
    assert sized.t_discharge == narrow.t_discharge
    v_eff = 0.6 - circuit.kick * 2.0
    levels = [left(r + 6e3, sized.t_discharge, circuit.c_node, v_eff) for r in (80e3, 280e3, 1e6)]
    middles = [(low + high) / 2 for low, high in pairwise(levels)]
    assert sized.levels == pytest.approx(middles, abs=1e-3)
    assert np.max(np.abs(np.subtract(narrow.levels, middles))) > 0.01


@given(n=st.integers(1, 128), v_start=st.floats(0.3, 1.6), clusters=st.integers(1, 16), clustered=st.booleans())
def test_no_reference_is_negative_and_the_levels_ascend(n: int, v_start: float, clusters: int, clustered: bool) -> None:
    circuit = trit(n, clusters, clustered)
    sized = size_restore(circuit, inputs(v_start=v_start))
    v_eff = v_start - circuit.kick * 2.0
    assert sized.t_discharge > 0
    # the lowest reference there may be, up to rounding; without a switch latch 1 compares at another level
    assert sized.ref_1 >= 0.02 * (1 - 1e-9) or not clustered
    assert 0 <= sized.ref_1 < sized.ref_2 < v_start
    assert 0 < sized.levels[0] < sized.levels[1] < v_eff
    for r, level in zip((R_1, R_2), sized.levels, strict=True):
        assert -sized.t_discharge / (circuit.c_node * math.log(level / v_eff)) == near(r, rel=1e-6)


@pytest.mark.parametrize("given_", [{"ref_1": 0.11}, {"ref_2": 0.41}, {"t_discharge": 0.7e-9}], ids=str)
def test_what_is_given_is_kept_and_the_rest_designed(given_: dict[str, float]) -> None:
    circuit = trit()
    free, sized = size_restore(circuit, inputs()), size_restore(circuit, inputs(**given_))
    for name in ("ref_1", "ref_2", "t_discharge"):
        if name in given_:
            assert getattr(sized, name) == given_[name]
        elif "t_discharge" not in given_:
            assert getattr(sized, name) == getattr(free, name)
    if "t_discharge" in given_:  # the references follow it
        v_eff = 0.6 - circuit.kick * 2.0
        skew = circuit.skew(2.0)[1]
        assert sized.ref_2 == near(left(R_2, 0.7e-9, circuit.c_node, v_eff) - skew)
    skews = circuit.skew(2.0)
    assert sized.levels == near((sized.ref_1 + skews[0], sized.ref_2 + skews[1]))


def test_all_three_given_are_kept() -> None:
    sized = size_restore(trit(), inputs(ref_1=0.1, ref_2=0.4, t_discharge=0.8e-9))
    assert (sized.ref_1, sized.ref_2, sized.t_discharge) == (0.1, 0.4, 0.8e-9)


def test_a_reference_that_would_be_negative_is_zero() -> None:
    assert size_restore(trit(), inputs(t_discharge=5e-9)).ref_1 == 0.0


def test_an_exponential_selector_lowers_the_select_line_by_its_drop() -> None:
    selector = Selector(kind="exponential", v_on=0.6)
    circuit = trit(selector=selector)
    sized = size_restore(circuit, inputs())
    drop = -sized.v_select
    current = (0.6 - circuit.kick * 2.0) / math.e / 280e3  # MRS, after one time constant
    assert selector.i_0 * math.sinh(drop / selector.v_s) == near(current, rel=1e-9)
    assert 0.3 < drop < 0.6
    assert sized.v_idle == near((0.6 - drop) / 2)  # half way between select line and node
    v_eff = 0.6 - circuit.kick * 2.0
    assert sized.levels[1] == near(left(R_2 - 6e3, sized.t_discharge, circuit.c_node, v_eff))
