"""The noise bench on spectra of made-up networks, whose capacitance is known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from setups import at_kelvin, setup_of

from bitline.benches.acim import qr_noise, qs_noise, thermal
from bitline.benches.acim.thermal import R_PROBE, line_noise
from bitline.benches.base import Conditions, NoInputs
from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.analysis import Noise
from bitline.engine.waveforms import Array, Waveforms
from bitline.errors import BadMeasureError
from bitline.pdk.descriptor import Pdk

FREQUENCY = np.logspace(0, 13, 261)
K_B = 1.380649e-23


def network(r: float, c: float, *branches: tuple[float, float]) -> Array:
    """Return |Z| of R and C to ground with branches of R_k and C_k in series beside them [Ohm]."""
    s = 2j * np.pi * FREQUENCY
    admittance = 1 / r + s * c + sum(s * ck / (1 + s * rk * ck) for rk, ck in branches)
    return np.abs(1 / admittance)


def spectra(impedance: Array, kelvin: float = 300.0, **signals: float) -> Waveforms:
    probe = math.sqrt(4 * K_B * kelvin / R_PROBE) * impedance
    flat = {name: np.full_like(FREQUENCY, value) for name, value in signals.items()}
    return Waveforms(
        axis=FREQUENCY,
        signals={"onoise_rprobe": probe, **flat},
        scalars={"onoise_total": 9.0, "onoise_total.msw": 3.0, "onoise_total.msw.id": 7e-5},
        abscissa=Noise.axis,
    )


def setup(kelvin: float = 300.0) -> Any:
    return setup_of(AcimColumnQS(t_pulse=0.3e-9), NoInputs(), at_kelvin(kelvin))


def test_one_picofarad_at_300_kelvin_keeps_64_microvolts() -> None:
    values = line_noise(spectra(network(1e3, 1e-12)), setup())
    assert values["v_thermal"] == pytest.approx(64.36e-6, rel=1e-3)
    assert values["c_line"] == pytest.approx(1e-12, rel=1e-3)
    assert values["r_switch"] == pytest.approx(1e3, rel=1e-6)
    assert values["v_switch_model"] == 7e-5


@settings(max_examples=50)
@given(st.floats(1e2, 1e5), st.floats(1e-14, 1e-11), st.floats(218.5, 448.0))
def test_the_capacitance_is_found_whatever_the_switch(r: float, c: float, kelvin: float) -> None:
    values = line_noise(spectra(network(r, c), kelvin), setup(kelvin))
    assert values["c_line"] == pytest.approx(c, rel=5e-3)
    assert values["v_thermal"] == pytest.approx(math.sqrt(K_B * kelvin / c), rel=3e-3)


def test_what_lies_behind_wires_and_drivers_counts_in_full() -> None:
    """Sixteen unit capacitors behind their drivers, as in the QR column, and one behind a long wire."""
    units = [(3e3, 2e-15)] * 16
    values = line_noise(spectra(network(2e3, 11.6e-15, *units)), setup())
    assert values["c_line"] == pytest.approx(11.6e-15 + 16 * 2e-15, rel=5e-3)
    values = line_noise(spectra(network(1e3, 10e-15, (2e4, 60e-15))), setup())
    assert values["c_line"] == pytest.approx(70e-15, rel=5e-3)


def test_the_noise_of_a_discharging_cell_is_its_white_current_over_the_pulse() -> None:
    """Two current sources of 1e-24 and 3e-24 A2/Hz on 1 kOhm, integrated for 0.3 ns on 1 pF."""
    densities = zip(qs_noise.CELL, (1e-24, 3e-24), strict=True)
    voltages = {f"onoise.{name}.id": 1e3 * math.sqrt(density) for name, density in densities}
    values = qs_noise.measure(spectra(network(1e3, 1e-12), **voltages), setup())
    assert values["v_discharge"] == pytest.approx(math.sqrt(4e-24 * 0.3e-9 / 2) / 1e-12, rel=2e-3)
    assert list(values) == [output.name for output in thermal.DISCHARGE_OUTPUTS]


def test_a_missing_spectrum_is_named() -> None:
    waves = spectra(network(1e3, 1e-12))
    with pytest.raises(BadMeasureError, match=r"onoise\.mpgr0\.id"):
        qs_noise.measure(waves, setup())
    with pytest.raises(BadMeasureError, match="onoise_rprobe"):
        line_noise(Waveforms(FREQUENCY, {}, waves.scalars), setup())


@pytest.mark.pdk
def test_decks_ask_for_the_line_s_noise_at_their_temperature(sky130: Pdk) -> None:
    at = Conditions(temperature=-40.0)
    qs = qs_noise.deck(AcimColumnQS(rows=2, active=1), at, NoInputs(), sky130)
    qr = qr_noise.deck(AcimColumnQR(inputs=2), at, NoInputs(), sky130)
    for deck, source in ((qs, "vpre"), (qr, "vcm")):
        assert isinstance(deck.analysis, Noise)
        assert f"\n.noise v(line) {source} dec 20 1.0 {deck.analysis.stop!r} 1\n" in deck.text
        assert f" {source} 0 dc " in deck.body and " ac 1\n" in deck.body
        assert f"rprobe line 0 {R_PROBE!r}\n" in deck.body
        assert at.kelvin == pytest.approx(233.15)
        assert ".temp -40.0\n" in deck.text
        assert "onoise_rprobe" in deck.saves
    assert {"vin0 in0 0 0.0", "vpreg pre 0 1.8"} <= set(qs.body.splitlines())  # one row on, precharge on
