"""Random operands in SPICE against the columns' tables: the short form of `benchmarks/snr_direct.py`."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest
from scipy import stats
from snr_direct import Direct, direct, qr_deck, qs_deck

from bitline.benches.accuracy import with_accuracy
from bitline.benches.acim import qr_transfer, qs_transfer
from bitline.benches.base import Conditions
from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.deck import Deck
from bitline.engine.waveforms import Waveforms
from bitline.lut.lut import Lut
from bitline.pdk.descriptor import Pdk
from bitline.sweep.sweep import Sweep

Run = Callable[[Deck], Waveforms]
SPICE = [pytest.mark.ngspice, pytest.mark.pdk]


def spice(test: Callable[..., None]) -> Callable[..., None]:
    for mark in SPICE:
        test = mark(test)
    return test


def sampled(w: Waveforms) -> float:
    return w.at("v(line)", w.marks["sample"])


@spice
@pytest.mark.parametrize(
    ("circuit", "own", "bench"),
    [
        (AcimColumnQS(rows=4, active=4), qs_deck, qs_transfer),
        (AcimColumnQR(inputs=4), qr_deck, qr_transfer),
    ],
    ids=["qs", "qr"],
)
def test_with_the_bench_s_pattern_it_is_the_bench_s_voltage(
    circuit: AcimColumnQS | AcimColumnQR, own: Callable[..., Deck], bench: ModuleType, sky130: Pdk, run: Run
) -> None:
    """The first rows store 1 and all are pulsed, on the same chip."""
    chip = Conditions(sample=3, seed=1)
    found = run(own(circuit, chip, np.ones(4, int), np.array([1, 1, 0, 0]), sky130))
    expected = run(with_accuracy(bench.BENCH.deck(circuit, chip, bench.BENCH.inputs(code=2), sky130), "default"))
    assert sampled(found) == pytest.approx(sampled(expected), abs=0.1e-3)


@spice
def test_which_rows_conduct_is_another_chip_s_draw(sky130: Pdk, run: Run) -> None:
    """Without mismatch the same code in other rows is the same voltage: within a tenth of an LSB."""
    circuit = AcimColumnQS(rows=8, active=8)
    near, far = np.repeat([1, 0], 4), np.repeat([0, 1], 4)
    pulsed = [sampled(run(qs_deck(circuit, Conditions(), np.ones(8, int), w, sky130))) for w in (near, far)]
    stored = sampled(run(qs_deck(circuit, Conditions(), near, np.ones(8, int), sky130)))
    none = sampled(run(qs_deck(circuit, Conditions(), np.ones(8, int), np.zeros(8, int), sky130)))
    lsb = (none - pulsed[0]) / 4
    assert pulsed[1] == pytest.approx(pulsed[0], abs=0.1 * lsb)
    # zeros by the input in place of the weight
    assert stored == pytest.approx(pulsed[0], abs=0.1 * lsb)


@spice
@pytest.mark.parametrize(("name", "vectors"), [("acim-qs", 5), ("acim-qr", 16)])
def test_random_chips_and_operands_scatter_as_the_table_says(name: str, vectors: int, sky130: Pdk, run: Run) -> None:
    """Sum of squares over the table's sigma, about the table's mean: chi-square, 1e-3 either side."""
    table = Lut.load(name).tables["mismatch"].sel(corner="tt", vdd=1.8, temperature=27.0)
    found = direct(Sweep.load(name).base, vectors, 0.0, sky130, run)
    at = table.sel(code=found.codes)
    z = (found.volts - at["v_mean"].values) / np.hypot(at["v_sigma"].values, at["v_mean_se"].values)
    low, high = stats.chi2(vectors).ppf([1e-3, 1 - 1e-3])
    assert low < (z**2).sum() < high, z


def test_the_estimate_is_that_of_noise_that_was_put_in() -> None:
    """SNR_a of 4000 made-up vectors: var(m) = 3, noise 0.5 and 0.3 LSB of its own and of time."""
    rng = np.random.default_rng(8)
    codes = rng.binomial(16, 0.25, 4000)
    volts = 1.8 - 0.03 * (codes + 0.5 * rng.standard_normal(codes.size))
    found = Direct(codes, volts, 0.3 * 0.03)
    expected = 3 / (0.5**2 + 0.3**2)
    assert found.snr_a() == pytest.approx(expected, rel=0.1)
    low, high = found.interval(300)
    assert low < expected < high
