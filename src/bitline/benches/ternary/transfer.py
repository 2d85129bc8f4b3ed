"""Ternary column: one full MAC cycle, its lines, energy, disturb and latency; one product; its noise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Literal

import numpy as np

from bitline.benches.acim import noise
from bitline.benches.acim.noise import Nothing
from bitline.benches.base import Conditions, Output, Setup
from bitline.benches.disturb import excursion
from bitline.benches.netlist import netlist
from bitline.benches.restore.restore import LEAKAGE
from bitline.circuits.analysis import Noise, Transient
from bitline.circuits.binary_sram_column import BinarySramColumn
from bitline.circuits.deck import Deck, Phase
from bitline.circuits.render import render_circuit
from bitline.circuits.ternary_column import TernaryColumn
from bitline.errors import InputError
from bitline.parameters import parameter, validated
from bitline.pdk.descriptor import Pdk
from bitline.simulate.waveforms import Waveforms

Zeros = Literal["weight", "input", "mixed"]
Trits = tuple[int, int]  # weight and input of a row
STILL = 1e-3  # a line within this of what is sampled has settled [V]
R_PROBE = 1e12
F_MAX = 1e13


@validated
class TernaryMac:
    """What the transfer bench varies: the MAC value, and the mix of products that gives it.

    ``n_plus = max(mac, 0) + extra`` products are +1, ``n_minus = max(-mac, 0) + extra`` are -1, the
    others 0. Where there are no rows for so many pairs there are as many as fit, so that every pair of
    values is a point; those that are not one of their own share a deck and are left out of the tables.
    """

    mac: int = parameter(1, "MAC value: products +1 less products -1", source="choice", ge=-64, le=64)
    extra: int = parameter(
        0, "pairs of one product +1 and one -1 beside them, as many as fit", source="choice", ge=0, le=32
    )
    zeros: Zeros = parameter(
        "mixed", "what is 0 in a product 0: the weight, the input, or either in turn", source="choice"
    )

    def products(self, rows: int) -> tuple[int, int]:
        """Return n_plus and n_minus in a column of so many rows.

        Raises
        ------
        InputError
            If |mac| is more than there are rows.
        """
        if abs(self.mac) > rows:
            raise InputError(f"transfer: mac = {self.mac}: must be within -{rows}..{rows}, the column's rows")
        pairs = min(self.extra, (rows - abs(self.mac)) // 2)
        return max(self.mac, 0) + pairs, max(-self.mac, 0) + pairs

    def operands(self, rows: int) -> list[Trits]:
        """Return weight and input of each row: products +1, then -1, then 0, both ways to each in turn."""
        plus, minus = self.products(rows)
        found = [(w, product * w) for product, n in ((1, plus), (-1, minus)) for w in in_turn(n)]
        zeros = rows - len(found)
        return found + [
            (trit, 0) if stored_only(self.zeros, k) else (0, trit)
            for k, trit in enumerate(in_turn(zeros, 2 if self.zeros == "mixed" else 1))
        ]


def canonical(circuit: TernaryColumn, inputs: TernaryMac) -> TernaryMac:
    """Return the inputs with as many pairs as fit: those beyond do not change the products."""
    plus, minus = inputs.products(circuit.rows)
    return replace(inputs, extra=min(plus, minus))


def in_turn(count: int, each: int = 1) -> list[int]:
    """Return `count` trits +1 and -1 in turn, `each` of one after another."""
    return [-1 if k // each % 2 else 1 for k in range(count)]


def stored_only(zeros: Zeros, k: int) -> bool:
    """Say whether the k-th product 0 has an input of 0 (and a weight), or the other way about."""
    return zeros == "input" or (zeros == "mixed" and k % 2 == 1)


@validated
class Product:
    """What the product bench varies: one weight and one input, in every row."""

    weight: int = parameter(1, "trit stored in every row", source="choice", ge=-1, le=1)
    x: int = parameter(1, "trit on every row's input lines", source="choice", ge=-1, le=1)


OUTPUTS = (
    Output("v_cbl", "V", "CBL at the sampling instant"),
    Output("v_cblb", "V", "CBLB at the sampling instant"),
    Output("v_diff", "V", "v_cblb - v_cbl: positive for a positive MAC"),
    Output("common", "V", "mean fall of both lines"),
    Output("energy_array", "J", "cell supply over one cycle, all rows"),
    Output("energy_precharge", "J", "precharge supply of both lines over one cycle"),
    Output("energy_wordline", "J", "input drivers' supplies over one cycle: this column's share of all rows"),
    Output("energy_control", "J", "supply of the precharge driver over one cycle"),
    Output("disturb", "V", "largest excursion of a storage node of a latched row"),
    Output("flips", "1", "latches that changed state"),
    Output("latency", "s", "from the pulse's begin until both lines stay within 1 mV of what is sampled"),
)
NOISE_OUTPUTS = (
    Output("v_thermal", "V", "rms noise of v_diff sampled with both lines: sqrt(2kT/C)"),
    Output("c_line", "F", "capacitance of one line while its precharge is on"),
    Output("r_switch", "Ohm", "resistance of the precharge"),
    Output("v_switch_model", "V", "rms thermal noise of one precharge's channel by its BSIM model, for comparison"),
    Output("v_discharge", "V", "rms noise one discharging stack adds to v_diff; n of them add sqrt(n) times this"),
)
SCOPE = {
    "energy_event": "one MAC cycle of one pair of lines: inputs pulsed, both lines precharged again",
    "energy_includes": ["cell", "precharge", "wl_driver", "control"],
    "energy_excludes": ["sense", "adc", "timing generation", "ternary encoder", "idle drivers' leakage"],
    "energy_convention": "supply integrals over the whole cycle, state restored at its end; ideal gate sources "
    "excluded; input-line energy is the column's share, 1/columns of the rows'; cell supply of the latched rows "
    "times rows/latched",
    "sigma": "static mismatch of every transistor; temporal noise is in table noise",
    "solver_error": "default preset: v_diff 0.24 % of itself (a gain error), supply energies 0.4 % (docs/ternary.md)",
}
# Most transistors are off at any instant: one whose terminals have not moved is not evaluated again.
# 0.01 mV on v_diff, a fifth of the time.
OPTIONS = {**LEAKAGE, "bypass": 1}
_SUPPLIES = ("vdd", "vone", "vpre", "vwl", "vwd", "vctl")


def cycle(c: TernaryColumn | BinarySramColumn) -> SimpleNamespace:
    """Return the instants of one MAC cycle [s].

    Raises
    ------
    InputError
        If a pulse would have no width.
    """
    if c.t_pulse <= c.t_edge:  # a SPICE pulse of width zero never ends
        raise InputError(f"transfer: t_pulse = {c.t_pulse:g}: must be > t_edge = {c.t_edge:g}")
    if c.t_precharge < 1.5 * c.t_edge:
        raise InputError(f"transfer: t_precharge = {c.t_precharge:g}: must be >= 1.5 t_edge = {1.5 * c.t_edge:g}")
    t = SimpleNamespace(release=c.t_precharge / 3, pulse=c.t_precharge)
    t.released = t.release + c.t_edge
    t.pulsed = t.pulse + c.t_pulse + c.t_edge
    t.sample = t.pulsed + c.t_settle
    t.restore = t.sample + c.t_edge
    t.restored = t.restore + c.t_edge
    t.stop = t.restored + c.t_restore
    return t


def phases(t: SimpleNamespace) -> tuple[Phase, ...]:
    """Return the phases of a MAC cycle."""
    return (
        Phase("precharge", 0.0, t.released),
        Phase("evaluate", t.pulse, t.pulsed),
        Phase("settle", t.pulsed, t.sample),
        Phase("restore", t.restore, t.stop),
    )


def deck(circuit: TernaryColumn, conditions: Conditions, inputs: TernaryMac, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one MAC cycle."""
    plus, minus = inputs.products(circuit.rows)
    title = f"{circuit.name} transfer, products +1 {plus}, -1 {minus}, zeros by {inputs.zeros}, {conditions}"
    return _deck(circuit, conditions, inputs.operands(circuit.rows), pdk, title, full)


def product_deck(
    circuit: TernaryColumn, conditions: Conditions, inputs: Product, pdk: Pdk, *, full: bool = False
) -> Deck:
    """Build the deck of one MAC cycle with the same weight and input in every row."""
    title = f"{circuit.name} product {inputs.weight} x {inputs.x} in every row, {conditions}"
    return _deck(circuit, conditions, [(inputs.weight, inputs.x)] * circuit.rows, pdk, title, full)


def _deck(
    c: TernaryColumn, conditions: Conditions, operands: Sequence[Trits], pdk: Pdk, title: str, full: bool
) -> Deck:
    t, devices = cycle(c), netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/ternary_transfer.cir.j2",
        devices,
        circuit=c,
        t=t,
        vdd=conditions.vdd,
        weights=[weight for weight, _ in operands],
        pulsed=[f"{'p' if x > 0 else 'n'}{r}" for r, (_, x) in enumerate(operands) if x],
    )
    cells = [f"v({node}{side}{r})" for r in range(c.latched) for side in "pm" for node in ("q", "qb")]
    shown = ("v(cbl)", "v(cblb)", "v(preb)", "v(wlp0)", "v(wln0)")
    return Deck(
        title=title,
        body=body,
        saves=(*shown, *(f"i({source})" for source in _SUPPLIES), *cells),
        analysis=Transient(t.stop),
        options=OPTIONS,
        phases=phases(t),
        marks={"pulse": t.pulse, "sample": t.sample},
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def measure(w: Waveforms, setup: Setup[TernaryColumn, TernaryMac | Product]) -> dict[str, float]:
    """Measure one cycle; energies are supply integrals over the whole cycle, state restored."""
    circuit = setup.circuit
    before, sample = w.marks["pulse"], w.marks["sample"]
    v_cbl, v_cblb = (w.at(name, sample) for name in ("v(cbl)", "v(cblb)"))
    fell = w.at("v(cbl)", before) + w.at("v(cblb)", before) - v_cbl - v_cblb
    cells = [f"{side}{r}" for r in range(circuit.latched) for side in "pm"]
    disturb, flips = disturbed(w, cells)
    return {
        "v_cbl": v_cbl,
        "v_cblb": v_cblb,
        "v_diff": v_cblb - v_cbl,
        "common": fell / 2,
        **energies(w, setup, circuit.rows / circuit.latched),
        "disturb": disturb,
        "flips": flips,
        "latency": max(settled(w, name) for name in ("v(cbl)", "v(cblb)")),
    }


def energies(w: Waveforms, setup: Setup[TernaryColumn | BinarySramColumn, object], cells: float) -> dict[str, float]:
    """Return a cycle's energy by supply [J]; `cells` is how many rows each latched one stands for."""
    stop, vdd, circuit = float(w.axis[-1]), setup.conditions.vdd, setup.circuit
    rows = w.energy("vwl", circuit.v_wl, 0.0, stop) + w.energy("vwd", vdd, 0.0, stop)
    return {
        "energy_array": cells * w.energy("vdd", vdd, 0.0, stop) + w.energy("vone", vdd, 0.0, stop),
        "energy_precharge": w.energy("vpre", vdd, 0.0, stop),
        "energy_wordline": rows / circuit.columns,
        "energy_control": w.energy("vctl", vdd, 0.0, stop),
    }


def disturbed(w: Waveforms, cells: Sequence[str]) -> tuple[float, float]:
    """Return the largest excursion of any latch's nodes [V], and how many changed state."""
    moved = [excursion(w, f"v(q{cell})", f"v(qb{cell})") for cell in cells]
    return max(by for by, _ in moved), float(sum(flipped for _, flipped in moved))


def settled(w: Waveforms, line: str) -> float:
    """Return how long after the pulse's begin a line still is off what is sampled by more than 1 mV [s]."""
    pulse, sample = w.marks["pulse"], w.marks["sample"]
    off = np.abs(w[line] - w.at(line, sample)) > STILL
    late = np.flatnonzero(off & (w.axis > pulse) & (w.axis < sample))
    return float(w.axis[late[-1] + 1]) - pulse if len(late) else 0.0


def noise_deck(
    circuit: TernaryColumn, conditions: Conditions, inputs: Nothing, pdk: Pdk, *, full: bool = False
) -> Deck:
    """Build the noise deck: precharge on, a stack of CBL on."""
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/ternary_noise.cir.j2",
        devices,
        circuit=circuit,
        vdd=conditions.vdd,
        r_probe=R_PROBE,
        weights=[1] + [0] * (circuit.rows - 1),
        pulsed=["p0"],
    )
    return line_noise(circuit.name, body, "cbl", ("mtpp0", "mbpp0"), conditions, dict(devices.deviates_taken))


def line_noise(
    name: str,
    body: str,
    line: str,
    stack: tuple[str, str],
    conditions: Conditions,
    drawn: dict[str, float],
) -> Deck:
    """Return the noise deck of a precharged line, `stack` being the devices that are on (see benches/noise.py)."""
    return Deck(
        title=f"{name} noise, {conditions}",
        body=body,
        saves=("onoise_spectrum", "onoise_rprobe", "onoise_total.mprel.id", *(f"onoise.{m}.id" for m in stack)),
        analysis=Noise(f"v({line})", "vpre", stop=F_MAX),
        temperature=conditions.temperature,
        deviates=drawn,
    )


def stack_noise(
    w: Waveforms, setup: Setup[TernaryColumn | BinarySramColumn, Nothing], stack: tuple[str, str]
) -> dict[str, float]:
    """Return a line's kT/C noise, and what its discharging stack adds: white, over the pulse."""
    values = noise.measure(w, setup)
    current = sum(float(w[f"onoise.{m}.id"][0]) ** 2 for m in stack) / values["r_switch"] ** 2
    return {**values, "v_discharge": math.sqrt(current * setup.circuit.t_pulse / 2) / values["c_line"]}


def noise_measure(w: Waveforms, setup: Setup[TernaryColumn, Nothing]) -> dict[str, float]:
    """Measure the noise of the lines' difference."""
    values = stack_noise(w, setup, ("mtpp0", "mbpp0"))
    return {**values, "v_thermal": math.sqrt(2) * values["v_thermal"]}
