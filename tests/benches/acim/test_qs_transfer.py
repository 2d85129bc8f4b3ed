"""The transfer bench of the QS column: measures of made-up waveforms, and what the decks promise."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from setups import pulsed, setup_of

from bitline.benches.acim import qr_transfer, qs_transfer
from bitline.benches.acim.operands import MacCode
from bitline.benches.base import Conditions
from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.deck import Deck
from bitline.engine.waveforms import Array, Waveforms
from bitline.errors import BadMeasureError, InputError
from bitline.pdk.descriptor import Pdk

STOP, PULSE, SAMPLE = 4e-9, 1e-9, 2e-9
TIME = np.linspace(0.0, STOP, 401)


def pulse(amperes: float, start: float, stop: float) -> Array:
    """Return a supply current of that charge per second; a supply that delivers has a negative one."""
    return np.where((start - 1e-15 <= TIME) & (stop + 1e-15 >= TIME), -amperes, 0.0)


def qs_waves(active: int = 2, **changed: Array) -> Waveforms:
    """Return a line that falls from 1.8 V at 0.1 V/ns, supplies with rectangular currents, quiet cells."""
    signals = {
        "v(line)": 1.8 - 1e8 * TIME,
        "v(wl0)": word_line(),
        "i(vdd)": pulse(1e-6, 0.0, STOP),
        "i(vpre)": pulse(2e-6, 2e-9, STOP),
        "i(vwl)": pulse(3e-6, 0.0, 2e-9),
        "i(vwd)": pulse(4e-6, 0.0, STOP),
        "i(vctl)": pulse(5e-6, 0.0, STOP),
        **pulsed(TIME, {f"vin{r}": f"in{r}" for r in range(active)}, 1e-7),
        **pulsed(TIME, {"vpreg": "pre"}, 2e-7),
    }
    for r in range(active):
        signals |= {f"v(q{r})": np.full_like(TIME, 1.8), f"v(qb{r})": np.zeros_like(TIME)}
    return Waveforms(
        axis=TIME,
        signals=signals | changed,
        marks={"pulse": PULSE, "sample": SAMPLE},
    )


def word_line(fall: float = 1.6e-9) -> Array:
    """Return a word line of 1.2 V that rises from 1 ns on, falls from `fall` on, each within 0.1 ns."""
    return np.interp(TIME, [0.0, PULSE, PULSE + 1e-10, fall, fall + 1e-10, STOP], [0, 0, 1.2, 1.2, 0, 0])


def test_the_word_line_s_pulse_is_measured_at_half_its_level() -> None:
    values = qs_transfer.measure(qs_waves(), setup())
    assert values["t_wordline"] == pytest.approx(0.6e-9)
    assert values["headroom"] == pytest.approx(1.6 - 1.2)
    never = qs_transfer.measure(qs_waves(**{"v(wl0)": 0.4 * word_line()}), setup())
    assert never["t_wordline"] == 0


def replica_waves(fall: float) -> tuple[Waveforms, Any]:
    gates = pulsed(TIME, {"vrpre": "rpre", "vstart": "start"}, 1e-7)
    supplies = {"i(vrep)": pulse(6e-6, 0.0, STOP), "i(vrwl)": pulse(7e-6, 0.0, STOP)}
    circuit = AcimColumnQS(active=2, columns=10, timing="replica", t_pulse=0.8e-9, t_settle=0.1e-9)
    return qs_waves(**gates, **supplies, **{"v(wl0)": word_line(fall)}), setup_of(circuit, MacCode())


def test_a_replica_starts_the_sampler_and_its_energy_is_shared_by_all_columns() -> None:
    values = qs_transfer.measure(*replica_waves(1.4e-9))
    assert values["v_line"] == pytest.approx(1.8 - 1e8 * 1.55e-9)  # 0.1 ns after half of the word line's fall
    by_hand = (1.8 * 6e-6 + 1.2 * 7e-6 + 1.8 * 1e-7) * STOP / 10
    assert values["energy_timing"] == pytest.approx(by_hand)
    assert qs_transfer.measure(qs_waves(), setup())["energy_timing"] == 0


def test_a_replica_that_does_not_end_the_pulse_is_no_result() -> None:
    with pytest.raises(BadMeasureError, match="the replica did not end the pulse within t_pulse = 8e-10"):
        qs_transfer.measure(*replica_waves(1.85e-9))


def setup(active: int = 2, vdd: float = 1.8) -> Any:
    return setup_of(AcimColumnQS(v_wl=1.2, active=active, columns=10), MacCode(), Conditions(vdd=vdd))


def test_the_line_is_read_at_its_marks() -> None:
    values = qs_transfer.measure(qs_waves(), setup())
    assert values["v_line"] == pytest.approx(1.6)
    assert values["swing"] == pytest.approx(0.1)


def test_each_supply_gives_its_volts_times_its_charge() -> None:
    values = qs_transfer.measure(qs_waves(), setup())
    edge = TIME[1] / 2  # a rectangle's edge is half a step wide
    assert values["energy_array"] == pytest.approx(1.8 * 1e-6 * STOP)
    assert values["energy_precharge"] == pytest.approx(1.8 * 2e-6 * (2e-9 + edge))
    assert values["energy_control"] == pytest.approx(1.8 * (5e-6 + 2e-7 / 2) * STOP)
    rows = 1.2 * 3e-6 * (2e-9 + edge) + 1.8 * (4e-6 + 2 * 1e-7 / 2) * STOP
    assert values["energy_wordline"] == pytest.approx(rows / 10)  # one column of ten


@given(st.floats(-1e-3, 1e-3), st.floats(0.1, 3.0))
def test_a_supply_that_takes_back_what_it_gave_has_spent_nothing(amperes: float, volts: float) -> None:
    current = amperes * np.sin(2 * np.pi * TIME / STOP)
    waves = qs_waves(**{"i(vdd)": current})
    values = qs_transfer.measure(waves, setup(vdd=volts))
    assert abs(values["energy_array"]) <= 1e-12 * abs(amperes) * volts * STOP


def test_disturb_is_the_largest_excursion_of_any_node_of_any_cell() -> None:
    dip = 0.3 * np.exp(-(((TIME - SAMPLE) / 1e-10) ** 2))
    values = qs_transfer.measure(qs_waves(**{"v(q0)": 1.8 - dip / 3, "v(qb1)": dip}), setup())
    assert values["disturb"] == pytest.approx(0.3, rel=1e-6)
    assert values["flips"] == 0


def test_cells_that_end_in_the_other_state_are_counted() -> None:
    ramp = 1.8 * TIME / STOP
    flipped = {"v(q1)": 1.8 - ramp, "v(qb1)": ramp, "v(q2)": 1.8 - ramp, "v(qb2)": ramp}
    values = qs_transfer.measure(qs_waves(active=3, **flipped), setup(active=3))
    assert (values["flips"], values["disturb"]) == (2, pytest.approx(1.8))


def test_a_cell_that_comes_back_has_not_flipped() -> None:
    bump = 1.8 * np.sin(np.pi * TIME / STOP)
    values = qs_transfer.measure(qs_waves(**{"v(q0)": 1.8 - bump, "v(qb0)": bump}), setup())
    assert (values["flips"], values["disturb"]) == (0, pytest.approx(1.8))


def test_a_vector_that_is_missing_is_named() -> None:
    with pytest.raises(BadMeasureError, match=r"v\(q2\)"):
        waves = qs_waves(active=2)
        qs_transfer.measure(waves, setup(active=3))


def test_measures_return_what_is_announced() -> None:
    assert list(qs_transfer.measure(qs_waves(), setup())) == [output.name for output in qs_transfer.OUTPUTS]


@pytest.mark.parametrize(
    ("circuit", "code", "message"),
    [
        (AcimColumnQS(rows=8, active=4), 5, "code = 5: must be <= active = 4"),
        (AcimColumnQS(t_pulse=2e-11), 1, "t_pulse = 2e-11: must be > t_edge = 2e-11"),
        (AcimColumnQS(t_precharge=2e-11), 1, "t_precharge = 2e-11: must be >= 1.5 t_edge = 3e-11"),
        (AcimColumnQR(inputs=4), 5, "code = 5: must be <= inputs = 4"),
    ],
)
def test_what_the_circuit_cannot_do_is_refused_before_any_deck_is_made(
    circuit: AcimColumnQS | AcimColumnQR, code: int, message: str
) -> None:
    bench = qs_transfer if isinstance(circuit, AcimColumnQS) else qr_transfer
    with pytest.raises(InputError, match=message):
        bench.deck(circuit, Conditions(), MacCode(code=code), None)  # type: ignore[arg-type]


def check_times(deck: Deck) -> None:
    starts = [phase.start for phase in deck.phases]
    assert starts == sorted(starts)
    assert all(0 <= phase.start < phase.stop <= deck.analysis.stop for phase in deck.phases)
    assert deck.phases[-1].stop == deck.analysis.stop
    assert deck.marks["pulse"] < deck.marks["sample"] <= deck.phases[-1].start


def sources(deck: Deck, pattern: str) -> list[list[str]]:
    lines = re.findall(rf"^{pattern} .*$", deck.body, re.MULTILINE)
    return [line.replace("(", " ").replace(")", " ").split() for line in lines]


@pytest.mark.pdk
def test_a_qs_deck_stores_the_code_and_pulses_every_active_row(sky130: Pdk) -> None:
    column = AcimColumnQS(rows=6, active=4)
    deck = qs_transfer.deck(column, Conditions(vdd=1.62), MacCode(code=3), sky130)
    check_times(deck)
    stored = re.findall(r"^\.ic v\(q(\w+)\)=(\S+) v\(qb\w+\)=(\S+)$", deck.body, re.MULTILINE)
    ones = [cell for cell, q, qb in stored if float(q) > float(qb)]
    assert len(stored) == 6
    assert ones == ["0", "1", "2", "i1x0"]  # three discharge; idle rows are a checkerboard
    pulses = sources(deck, r"vin\d in\d")
    assert [line[4:6] for line in pulses] == [["1.62", "0"]] * 4
    for line in pulses:
        start, rise, fall, high = map(float, line[6:10])
        assert start == deck.marks["pulse"]
        assert high + (rise + fall) / 2 == pytest.approx(column.t_pulse)  # between the middles of its edges
    assert {f"v(q{r})" for r in range(4)} <= set(deck.saves)
    assert "v(q4)" not in deck.saves
