"""The evaluator's comparisons are those of Python; its energies are those of the committed files, and near SPICE's."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import saliency_energy
from hypothesis import given
from hypothesis import strategies as st

from bitline.errors import InputError
from bitline.system.hybrid.analog import full_ranges
from bitline.system.hybrid.mac import HybridMac
from bitline.system.hybrid.operands import operands
from bitline.system.logic.comparison import comparison_levels, comparison_network

numbers = st.integers(-128, 127)


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


@given(numbers, st.lists(numbers, min_size=1, max_size=3))
def test_a_network_compares(number: int, constants: list[int]) -> None:
    network = comparison_network(8, len(constants))
    expected = sum((number >= constant) << k for k, constant in enumerate(constants))
    assert network.value(comparison_levels(number, constants, 8, enable=True)) == expected


def test_without_enable_the_number_does_not_reach_the_chains() -> None:
    network = comparison_network(8, 1)
    states = [network.settled(comparison_levels(number, [5], 8, enable=False)) for number in (-128, -1, 0, 127)]
    assert len({tuple(state[net] for net in network.nets if net != "offset") for state in states}) == 1


def test_numbers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match=r"number = 128: must be -128..127, of 8 bits"):
        comparison_levels(0, [128], 8, enable=True)
    with pytest.raises(InputError, match="constants = 0: must be an integer >= 1"):
        comparison_network(8, 0)


def test_the_last_partial_sum_is_the_saliency_and_fits_its_bits() -> None:
    """All ones where a weight bit counts negative, and where none does: -4464 and 3744, by hand."""
    sample = operands("half-normal")
    exact = HybridMac(sample.weights, full_ranges(144)).digital(sample.activations, 10)
    sums = saliency_energy.sums_of("half-normal")
    assert [run[-1] << 10 for run in sums] == np.diag(exact)[: len(sums)].astype(int).tolist()
    ones = np.ones(144, dtype=np.int64)
    ends = [saliency_energy.partial_sums(weight * ones, 255 * ones)[-1] for weight in (-128, 127)]
    assert ends == [-4464, 3744]
    assert max(map(abs, ends)) < 2 ** (saliency_energy.BITS - 1)


def test_the_committed_energies_are_those_of_the_model() -> None:
    sums = saliency_energy.sums_of("half-normal")
    whole, sources = saliency_energy.energy(saliency_energy.states_of(sums, 2, gated=True), 2, 2e-15)
    (row,) = (
        row
        for row in rows(saliency_energy.FILE)
        if (row["operands"], row["thresholds"], row["c_net [F]"], row["gated"]) == ("half-normal", "2", "2e-15", "1")
    )
    assert whole.mean() == pytest.approx(float(row["energy [J]"]), rel=1e-3)
    assert sources.mean() == pytest.approx(float(row["sources [J]"]), rel=1e-3)


def test_the_model_is_near_spice() -> None:
    """Four outputs: the mean within 3 %, what the accumulator gives within 10 %."""
    outputs = rows(saliency_energy.SPICE)
    assert len(outputs) == saliency_energy.SIMULATED
    columns = (("model [J]", "spice [J]", 0.03), ("sources, model [J]", "sources, spice [J]", 0.1))
    for model, spice, tolerance in columns:
        ratio = sum(float(row[model]) for row in outputs) / sum(float(row[spice]) for row in outputs)
        assert ratio == pytest.approx(1, abs=tolerance)
