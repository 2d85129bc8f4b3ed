"""The cycle of a precharged column, and what is measured of it whatever its rows are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bitline.benches.base import Output, Setup
from bitline.benches.disturb import excursion
from bitline.benches.schedule import Schedule
from bitline.circuits.deck import Phase
from bitline.circuits.precharged_column import PrechargedColumn
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.lut.operation import Supplies

ENERGY_OUTPUTS = (
    Output("energy_array", "J", "cell supply over one cycle, all rows"),
    Output("energy_precharge", "J", "precharge supply of all lines over one cycle"),
    Output("energy_wordline", "J", "row drivers, supplies and gates, over one cycle: this column's share of all rows"),
    Output("energy_control", "J", "precharge driver, supply and gates, over one cycle"),
)
# `vone` is the supply of ideal bits, where a column has them.
SUPPLIES = Supplies(
    {
        "energy_array": ("vdd", "vone"),
        "energy_precharge": ("vpre",),
        "energy_wordline": ("vwl", "vwd", "vin*"),
        "energy_control": ("vctl", "vpreg"),
    }
)
# A line that is nearer than this to what is sampled has settled [V].
STILL = 1e-3


def precharged_cycle(circuit: PrechargedColumn) -> Schedule:
    """Return the schedule of one MAC cycle: precharge off, pulse, settle, sample, precharge on.

    Raises
    ------
    InputError
        If the pulse would have no width, or the precharge no time to be let go before it.
    """
    c = circuit
    if c.t_pulse <= c.t_edge:  # a SPICE pulse of width zero never ends
        raise InputError(f"transfer: t_pulse = {c.t_pulse:g}: must be > t_edge = {c.t_edge:g}")
    if c.t_precharge < 1.5 * c.t_edge:
        raise InputError(f"transfer: t_precharge = {c.t_precharge:g}: must be >= 1.5 t_edge = {1.5 * c.t_edge:g}")
    # The precharge must be off before the first row conducts, or its current would be lost in the supply.
    t = {"release": c.t_precharge / 3, "pulse": c.t_precharge}
    t["released"] = t["release"] + c.t_edge
    t["pulsed"] = t["pulse"] + c.t_pulse + c.t_edge
    t["sample"] = t["pulsed"] + c.t_settle
    t["restore"] = t["sample"] + c.t_edge
    t["restored"] = t["restore"] + c.t_edge
    end = t["restored"] + c.t_restore
    phases = (
        Phase("precharge", 0.0, t["released"]),
        Phase("evaluate", t["pulse"], t["pulsed"]),
        Phase("settle", t["pulsed"], t["sample"]),
        Phase("restore", t["restore"], end),
    )
    return Schedule(t, end, phases, marked=("pulse", "sample"))


CONTROL_SAVES = ("v(pre)", "i(vpreg)", "i(vctl)")


def row_inputs(active: int) -> list[str]:
    """Return the nodes of the inputs of the active rows' drivers."""
    return [f"in{r}" for r in range(active)]


def row_saves(rows: Sequence[str]) -> tuple[str, ...]:
    """Return the vectors that `row_energy` reads; `rows` are the nodes of the row drivers' inputs."""
    return ("i(vwl)", "i(vwd)", *(f"v({row})" for row in rows), *(f"i(v{row})" for row in rows))


def row_energy(w: Waveforms, v_wl: float, vdd: float, rows: Sequence[str], columns: int) -> float:
    """Return this column's share of what the row drivers take [J]: from both supplies, and by their gates from VDD."""
    stop = float(w.axis[-1])
    supplies = w.energy("vwl", v_wl, 0.0, stop) + w.energy("vwd", vdd, 0.0, stop)
    gates = sum(w.driver_energy(f"v{row}", row, 0.0, stop) for row in rows)
    # A driver serves the cells of all columns on its line: this column's part is one of them.
    return (supplies + gates) / columns


def energies(
    w: Waveforms, setup: Setup[PrechargedColumn, object], array: float, rows: Sequence[str]
) -> dict[str, float]:
    """Return a cycle's energy by supply [J]: integrals over the whole cycle, the state restored at its end.

    Parameters
    ----------
    w : Waveforms
    setup : Setup
    array : float
        Energy of the cells' supplies [J]; how many cells a deck holds is the column's own matter.
    rows : sequence of str
        Nodes of the row drivers' inputs, each driven by the source ``v`` and the node's name.
    """
    circuit, vdd, stop = setup.circuit, setup.conditions.vdd, float(w.axis[-1])
    return {
        "energy_array": array,
        "energy_precharge": w.energy("vpre", vdd, 0.0, stop),
        "energy_wordline": row_energy(w, circuit.v_wl, vdd, rows, circuit.columns),
        "energy_control": w.energy("vctl", vdd, 0.0, stop) + w.driver_energy("vpreg", "pre", 0.0, stop),
    }


def disturbed(w: Waveforms, cells: Sequence[str]) -> tuple[float, float]:
    """Return the largest excursion of any cell's nodes [V], and how many cells changed state."""
    excursions = [excursion(w, f"v(q{cell})", f"v(qb{cell})") for cell in cells]
    return max(volts for volts, _ in excursions), float(sum(flipped for _, flipped in excursions))


def settling_time(w: Waveforms, line: str) -> float:
    """Return how long after the pulse's begin a line is still off what is sampled by more than 1 mV [s]."""
    pulse, sample = w.marks["pulse"], w.marks["sample"]
    # Backwards from the sample: a line that crosses its final value on the way has not settled there.
    off = np.abs(w[line] - w.at(line, sample)) > STILL
    late = np.flatnonzero(off & (w.axis > pulse) & (w.axis < sample))
    if not len(late):
        return 0.0
    return float(w.axis[late[-1] + 1]) - pulse
