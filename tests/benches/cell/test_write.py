"""The write bench on made-up waveforms, and what its deck promises."""

from __future__ import annotations

import numpy as np
import pytest
from setups import pulsed, setup_of

from bitline.benches.base import Conditions
from bitline.benches.cell import write
from bitline.benches.cell.write import Write, deck, measure, schedule
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.engine.waveforms import Array, Waveforms
from bitline.errors import InputError
from bitline.pdk.descriptor import Pdk

TIME = np.linspace(0.0, 4e-9, 401)
GATES = {f"v{name}": name for name in ("inl", "inr", "datal", "datar")}


def waves(**changed: Array) -> Waveforms:
    """Return a write of a 0: the word lines are at half at 1.5 ns, the nodes cross at 2 ns, QB rises until 2.5 ns."""
    rise = np.interp(TIME, [1.5e-9, 2.5e-9], [0.0, 1.8])
    word = np.interp(TIME, [1e-9, 2e-9], [0.0, 1.8])
    signals = {"v(q)": 1.8 - rise, "v(qb)": rise, "v(wll)": word, "v(wlr)": word}
    signals |= {f"i({source})": np.full_like(TIME, -1e-6) for source in ("vdd", "vwd", "vline")}
    signals |= {**pulsed(TIME, GATES, 1e-7)}
    return Waveforms(axis=TIME, signals=signals | changed)


def test_a_write_is_timed_from_its_word_line() -> None:
    values = measure(waves(), setup_of(SplitPort6T(), Write(stored=1)))
    assert list(values) == [output.name for output in write.OUTPUTS]
    supply, gate = 1.8 * 1e-6 * 4e-9, 1.8 * 1e-7 * 2e-9
    assert values == pytest.approx(
        {
            "written": 1.0,
            "t_flip": 0.5e-9,
            "t_write": 0.9e-9,
            "energy_array": supply,
            "energy_wordline": supply + 2 * gate,
            "energy_line": supply + 2 * gate,
        },
        rel=1e-6,
    )


@pytest.mark.parametrize("ports", ["digital", "analog"])
def test_one_port_is_timed_from_its_own_word_line(ports: str) -> None:
    own, other = ("v(wll)", "v(wlr)") if ports == "digital" else ("v(wlr)", "v(wll)")
    late = np.interp(TIME, [1.2e-9, 1.4e-9], [0.0, 1.8])
    moved = waves(**{own: late, other: np.zeros_like(TIME)})
    assert measure(moved, setup_of(SplitPort6T(), Write(ports=ports)))["t_flip"] == pytest.approx(0.7e-9)


def test_a_cell_that_is_not_written_took_the_whole_pulse() -> None:
    still = waves(**{"v(q)": np.full_like(TIME, 1.8), "v(qb)": np.zeros_like(TIME)})
    values = measure(still, setup_of(SplitPort6T(), Write(stored=1, t_pulse=3e-9)))
    assert (values["written"], values["t_flip"], values["t_write"]) == (0.0, 3e-9, 3e-9)


def test_the_line_is_driven_before_the_word_line_and_until_after_it() -> None:
    for c_line in (1e-15, 1e-12):
        t = schedule(Write(c_line=c_line, t_pulse=1e-9))
        assert t["drive"] < t["word"] < t["off"] < t["release"] < t.end
        assert t["word"] - t["drive"] >= 2e4 * c_line


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"ports": "none"}, "ports = 'none': must be 'digital', 'analog' or 'both'"),
        ({"w_driver": 0.1e-6}, "w_driver = 1e-07"),
        ({"t_pulse": 50e-12}, "t_pulse = 5e-11"),
    ],
)
def test_inputs_out_of_range_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Write(**values)


@pytest.mark.pdk
@pytest.mark.parametrize("ports", ["digital", "analog", "both"])
@pytest.mark.parametrize("stored", [0, 1])
def test_the_deck_drives_one_line_low_and_pulses_the_ports(ports: str, stored: int, sky130: Pdk) -> None:
    body = deck(SplitPort6T(), Conditions(), Write(ports=ports, stored=stored), sky130).body
    low, high = ("datal", "datar") if stored else ("datar", "datal")
    assert f"v{low} {low} 0 pulse(0 1.8 " in body and f"v{high} {high} 0 0\n" in body
    for source, port in (("inl", "digital"), ("inr", "analog")):
        assert (f"v{source} {source} 0 pulse(1.8 0 " in body) == (ports in (port, "both"))
