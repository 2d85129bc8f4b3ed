"""The column DAC's bench: measures of made-up waveforms, what the deck drives, and its tables."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from setups import pulsed, setup_of

from bitline.benches.base import Conditions
from bitline.benches.dac import transfer
from bitline.benches.dac.tables import dac_tables
from bitline.benches.dac.transfer import DacCode
from bitline.circuits.column_dac import ColumnDac
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.pdk.descriptor import Pdk

STOP, CONVERT, USE = 4e-9, 1e-9, 3e-9
TIME = np.linspace(0.0, STOP, 401)


def test_a_conversion() -> None:
    """A ramp of 0.8 V in 1 ns ends at 2 ns; a quarter of an LSB of 0.3 V is 94 ps of it before."""
    waves = Waveforms(
        axis=TIME,
        signals={
            "v(out)": np.interp(TIME, [0, CONVERT, 2e-9, USE, STOP], [0, 0, 0.8, 0.8, 0]),
            "i(vref)": np.full_like(TIME, -1e-6),
            "i(vctl)": np.full_like(TIME, -2e-6),
            **pulsed(TIME, {"vg0": "g0", "vg1": "g1", "vrst": "rst"}, 1e-7),
        },
        marks={"convert": CONVERT, "use": USE},
    )
    values = transfer.measure(waves, setup_of(ColumnDac(bits=2, v_ref=1.2), DacCode(code=3)))
    assert values == pytest.approx(
        {
            "v_line": 0.8,
            "t_settle": 0.9e-9,
            "energy_reference": 1.2 * 1e-6 * STOP,
            "energy_control": 1.8 * (2e-6 + 3 * 1e-7 / 2) * STOP,
        }
    )


def test_a_code_beyond_the_resolution_is_refused(sky130: Pdk) -> None:
    with pytest.raises(InputError, match=r"code = 4: must be <= 2\^bits - 1 = 3"):
        transfer.deck(ColumnDac(bits=2), Conditions(), DacCode(code=4), sky130)


@pytest.mark.pdk
@pytest.mark.parametrize(
    ("topology", "pulsed_lines"), [("capacitive", ["g0", "g2"]), ("resistor-string", ["g0", "g5"])]
)
def test_the_code_says_which_gates_move(topology: str, pulsed_lines: list[str], sky130: Pdk) -> None:
    circuit = ColumnDac(topology=topology, bits=3)  # type: ignore[arg-type]
    deck = transfer.deck(circuit, Conditions(), DacCode(code=5), sky130)
    assert re.findall(r"^vg\d (g\d) 0 pwl", deck.body, re.MULTILINE) == pulsed_lines
    still = transfer.deck(circuit, Conditions(), DacCode(code=0), sky130)
    assert re.findall(r"^vg\d (g\d) 0 pwl", still.body, re.MULTILINE) == []


def test_tables_hold_the_worst_of_the_codes_and_their_spread_over_chips() -> None:
    """Chip 1 is straight; chip 2 has its middle code half an LSB high."""
    rows = [
        {"code": code, "sample": sample, "status": "ok", "v_line": v, "t_settle": code * 1e-10,
         "energy_reference": 1e-15, "energy_control": code * 1e-15}
        for sample, curve in ((0, [0, 0.1, 0.2]), (1, [0, 0.1, 0.2]), (2, [0, 0.15, 0.2]))
        for code, v in enumerate(curve)
    ]  # fmt: skip
    tables = dac_tables(pd.DataFrame(rows), transfer.OUTPUTS)
    dac, spread = tables["dac"], tables["dac_mismatch"]
    assert float(dac["inl_max"]) == pytest.approx(0, abs=1e-12)
    assert float(dac["t_settle_max"]) == pytest.approx(2e-10)
    assert float(dac["energy_mean"]) == pytest.approx(2e-15)
    assert float(spread["inl_max_mean"]) == pytest.approx(0.25)
    assert float(spread["dnl_max_mean"]) == pytest.approx(0.25)
    assert (int(spread["n_ok"]), int(spread["n_failed"])) == (2, 0)
