"""SNR_a measured directly: SPICE columns with random operands, a random chip each, against the formula from the table.

    python benchmarks/snr_direct.py acim-qs 500

Each vector is a chip of its own with random inputs and random stored bits, so that the conducting cells lie anywhere
among the active ones; the tables' bench has them in the first rows and pulses every active row. A transient simulation
has no noise: the table's temporal noise is added to the power of the residual. Chips are of another seed than the
table's.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bitline.benches.accuracy import with_accuracy
from bitline.benches.acim import qr_transfer
from bitline.benches.base import Conditions
from bitline.benches.netlist import netlist
from bitline.benches.precharged import precharged_cycle
from bitline.benches.schedule import Schedule
from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.analysis import Transient
from bitline.circuits.base import Circuit
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.engine.ladder import climb
from bitline.engine.shared import shared_simulator
from bitline.engine.waveforms import Waveforms
from bitline.lut.lut import Lut
from bitline.pdk.descriptor import Pdk, load_pdk
from bitline.statistics.snr import to_db
from bitline.sweep.sweep import Sweep
from bitline.system.compute_snr import compute_snr
from bitline.system.measured_column import MeasuredColumn, measured_column
from bitline.system.operand_sums import random_bits
from bitline.templates import environment

Array = NDArray[np.float64]
Bits = NDArray[np.int64]
Run = Callable[[Deck], Waveforms]
SEED = 2

# One MAC cycle of the QS column with any inputs and any stored bits in the active rows.
QS = """
{% include "columns/acim_column_qs.cir.j2" %}
vdd vdd 0 {{ vdd }}
vpre vpre 0 {{ vdd }}
vwl vwl 0 {{ circuit.v_wl }}
vwd vwd 0 {{ vdd }}
vctl vctl 0 {{ vdd }}
vpreg pre 0 pwl(0 {{ vdd }} {{ t.release }} {{ vdd }} {{ t.released }} 0)
{% for r in range(circuit.active) %}
{% if inputs[r] %}
vin{{ r }} in{{ r }} 0 pulse({{ vdd }} 0 {{ t.pulse }} {{ circuit.t_edge }} {{ circuit.t_edge }} {{ high }} 1)
{% else %}
vin{{ r }} in{{ r }} 0 {{ vdd }}
{% endif %}
{% endfor %}
{% for r in range(circuit.rows) %}
{% set one = weights[r] if r < circuit.active else r % 2 == 0 %}
.ic v(q{{ r }})={{ vdd if one else 0.0 }} v(qb{{ r }})={{ 0.0 if one else vdd }}
{% endfor %}
"""
# One evaluation of the QR column with any products at its plates.
QR = """
{% include "columns/acim_column_qr.cir.j2" %}
vin vin 0 {{ circuit.v_in }}
vcm vcm 0 {{ circuit.v_cm }}
vctl vctl 0 {{ vdd }}
vrst rst 0 pwl(0 {{ vdd }} {{ t.release }} {{ vdd }} {{ t.released }} 0)
{% for k in range(circuit.inputs) %}
{% if products[k] %}
vd{{ k }} in{{ k }} 0 pwl(0 {{ vdd }} {{ t.evaluate }} {{ vdd }} {{ t.evaluate + circuit.t_edge }} 0)
{% else %}
vd{{ k }} in{{ k }} 0 {{ vdd }}
{% endif %}
{% endfor %}
"""


def qs_deck(circuit: AcimColumnQS, conditions: Conditions, inputs: Bits, weights: Bits, pdk: Pdk) -> Deck:
    """Return the deck of one QS cycle up to the sample."""
    t, devices = precharged_cycle(circuit), netlist(conditions, pdk)
    body = render_circuit(
        environment().from_string(QS),
        devices,
        circuit=circuit,
        t=t,
        vdd=conditions.vdd,
        high=circuit.t_pulse - circuit.t_edge,
        inputs=inputs.tolist(),
        weights=weights.tolist(),
    )
    return _deck(body, t, conditions)


def qr_deck(circuit: AcimColumnQR, conditions: Conditions, inputs: Bits, weights: Bits, pdk: Pdk) -> Deck:
    """Return the deck of one QR evaluation up to the sample; the products are made outside the column."""
    t, devices = qr_transfer.cycle(circuit), netlist(conditions, pdk)
    body = render_circuit(
        environment().from_string(QR),
        devices,
        circuit=circuit,
        t=t,
        vdd=conditions.vdd,
        products=(inputs & weights).tolist(),
    )
    return _deck(body, t, conditions)


def _deck(body: str, t: Schedule, conditions: Conditions) -> Deck:
    # Half a nanosecond beyond the sample: no time step ends exactly at it.
    deck = Deck(
        title="random operands",
        body=body,
        saves=("v(line)",),
        analysis=Transient(t["sample"] + 0.5e-9),
        marks=t.marks,
        temperature=conditions.temperature,
    )
    return with_accuracy(deck, "default")


COLUMNS = {"acim-column-qs": (qs_deck, "active"), "acim-column-qr": (qr_deck, "inputs")}


@dataclass(frozen=True, eq=False)
class Direct:
    """Codes and voltages of random operands, and the SNR_a that they show."""

    codes: Bits
    volts: Array
    thermal: float

    def snr_a(self, chosen: Bits | None = None) -> float:
        """Return the variance of the code over that of its error after the best line, as a power ratio."""
        every = np.arange(self.codes.size) if chosen is None else chosen
        m, v = self.codes[every], self.volts[every]
        dm, dv = m - m.mean(), v - v.mean()
        gain = (dm @ dv) / (dm @ dm)
        # Two parameters of the line are taken from the same vectors.
        noise = ((dv - gain * dm) ** 2).sum() / (m.size - 2) + self.thermal**2
        return float(dm @ dm / m.size * gain**2 / noise)

    def interval(self, times: int = 2000) -> tuple[float, float]:
        """Return the 95 % interval, by the bootstrap over vectors."""
        rng = np.random.default_rng(3)
        drawn = [self.snr_a(rng.integers(0, self.codes.size, self.codes.size)) for _ in range(times)]
        low, high = np.quantile(drawn, (0.025, 0.975))
        return float(low), float(high)


def direct(circuit: Circuit, vectors: int, thermal: float, pdk: Pdk, run: Run) -> Direct:
    """Simulate random uniform bits in chips of their own."""
    deck, count = COLUMNS[circuit.name]
    pairs = list(_simulated(circuit, vectors, getattr(circuit, count), deck, pdk, run))
    codes, volts = zip(*pairs, strict=True)
    return Direct(np.array(codes), np.array(volts), thermal)


def _simulated(
    circuit: Circuit, vectors: int, count: int, deck: Callable[..., Deck], pdk: Pdk, run: Run
) -> Iterator[tuple[int, float]]:
    rng = np.random.default_rng(SEED)
    for chip in range(1, vectors + 1):
        inputs, weights = rng.integers(0, 2, (2, count))
        w = run(deck(circuit, Conditions(sample=chip, seed=SEED), inputs, weights, pdk))
        yield int(inputs @ weights), w.at("v(line)", w.marks["sample"])


def thermal_of(column: MeasuredColumn) -> float:
    """Return the temporal noise of a table's column [V], its mean over the operands."""
    return abs(column.lsb) * column.rms(column.temporal)


def main(name: str, vectors: int) -> None:
    lut = Lut.load(name)
    column = measured_column(lut)
    circuit = Sweep.load(name).base
    predicted = to_db(compute_snr(column, random_bits(column.products)).removed.snr_a)
    table = lut.tables["snr"].sel(column.condition)
    begun = time.perf_counter()
    found = direct(
        circuit, vectors, thermal_of(column), load_pdk(), lambda deck: climb(shared_simulator(), deck).waveforms
    )
    low, high = to_db(np.array(found.interval()))
    print(
        f"{name}: {vectors} vectors in {time.perf_counter() - begun:.0f} s, codes {np.bincount(found.codes).tolist()}"
    )
    print(f"SNR_a direct    {to_db(found.snr_a()):.2f} dB, 95 % {low:.2f} .. {high:.2f}")
    print(
        f"SNR_a by table  {predicted:.2f} dB, 95 % {float(table['snr_a_low']):.2f} .. {float(table['snr_a_high']):.2f}"
    )
    line = np.polyfit(found.codes, found.volts, 1)
    print(f"line direct     {1e3 * line[0]:.3f} mV per code, {1e3 * line[1]:.2f} mV at code 0")
    residual = math.sqrt(float(np.var(found.volts - np.polyval(line, found.codes), ddof=2)))
    print(f"residual        {1e3 * residual:.3f} mV, temporal noise {1e3 * found.thermal:.3f} mV")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
