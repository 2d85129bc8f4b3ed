"""Selector parameters against what they are defined by: i_off at half of v_on, on_off times that at all of it."""

from __future__ import annotations

import math

import pytest

from bitline.devices.selector import Selector
from bitline.errors import InputError


@pytest.mark.parametrize("on_off", [1e3, 1e7])
def test_the_exponential_kind_has_its_two_currents(on_off: float) -> None:
    selector = Selector(kind="exponential", v_on=0.8, i_off=2e-12, on_off=on_off)
    at = [selector.i_0 * math.sinh(volts / selector.v_s) for volts in (0.4, 0.8)]
    assert at == pytest.approx([2e-12, 2e-12 * on_off], rel=1e-9)


def test_the_threshold_kind_has_its_two_currents() -> None:
    selector = Selector(v_on=0.8, i_off=2e-12, on_off=1e6, v_th=0.5)
    assert selector.g_off * 0.4 == pytest.approx(2e-12)
    assert selector.g_on * 0.8 == pytest.approx(2e-6)
    assert selector.g_off * math.exp(selector.ln_on_off) == pytest.approx(selector.g_on)


@pytest.mark.parametrize("current", [1e-9, 1e-6, 1e-4])
def test_drop_is_the_voltage_that_carries_a_current(current: float) -> None:
    threshold, exponential = Selector(), Selector(kind="exponential")
    assert threshold.g_on * threshold.drop(current) == pytest.approx(current)
    volts = exponential.drop(current)
    assert exponential.i_0 * math.sinh(volts / exponential.v_s) == pytest.approx(current)


@pytest.mark.parametrize("wrong", [{"v_th": 0.25}, {"v_th": 0.7}, {"v_hold": 0.35}])
def test_a_threshold_that_could_not_select_is_refused(wrong: dict[str, float]) -> None:
    given = {"v_on": 0.6, **wrong}
    with pytest.raises(InputError, match="v_hold < v_on/2 < v_th < v_on"):
        Selector(**given)
    Selector(kind="exponential", **given)  # which has no threshold
