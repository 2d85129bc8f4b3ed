"""Densities of digits against drawn numbers, and against another module's chances of one-bit products."""

from __future__ import annotations

import numpy as np
import pytest

from bitline.system.digit_density import UNIFORM_BIT, UNIFORM_TRIT, Density, network_bits, network_trits
from bitline.system.operand_sums import BitSliced
from bitline.system.operands import Operands
from bitline.system.trits import to_trits


@pytest.mark.parametrize("sigma", [0.02, 45 / 255, 0.6])
def test_trits_are_as_dense_as_those_of_drawn_numbers(sigma: float) -> None:
    operands = Operands(input_sigma=sigma)
    weights, inputs = operands.draw(2000, np.random.default_rng(1))
    drawn = [float(np.mean(to_trits(numbers, operands.trits) != 0)) for numbers in (weights, inputs)]
    assert network_trits(operands) == pytest.approx(drawn, abs=2e-3)


def test_bits_are_as_dense_as_the_chances_of_their_products() -> None:
    density = network_bits()
    assert density.product == pytest.approx(BitSliced().chances().mean(), rel=1e-9)
    assert density.weight == pytest.approx(0.5, abs=0.01)  # two's complement: signs fill the upper bits


def test_a_density_between_two_is_linear() -> None:
    assert UNIFORM_TRIT.product == pytest.approx(4 / 9)
    assert UNIFORM_BIT.towards(Density(0.1, 0.3), 0.5) == pytest.approx((0.3, 0.4))
    assert UNIFORM_BIT.towards(Density(0.1, 0.3), 0.0) == UNIFORM_BIT
