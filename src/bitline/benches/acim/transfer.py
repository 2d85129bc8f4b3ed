"""Transfer bench of the analog columns: one full MAC cycle per code, its voltage, energy and disturb."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

from bitline.benches.base import Conditions, Output, Setup
from bitline.benches.disturb import excursion
from bitline.benches.netlist import netlist
from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck, Phase
from bitline.circuits.render import render_circuit
from bitline.errors import InputError
from bitline.parameters import parameter, validated
from bitline.pdk.descriptor import Pdk
from bitline.simulate.waveforms import Waveforms


@validated
class MacCode:
    """What the transfer bench varies."""

    code: int = parameter(8, "MAC code: number of products that are 1", source="choice", ge=0, le=1024)


_COMMON = (
    Output("v_line", "V", "line at the sampling instant"),
    Output("swing", "V", "line before the pulse minus line at the sampling instant"),
)
QS_OUTPUTS = (
    *_COMMON,
    Output("energy_array", "J", "cell supply over one cycle"),
    Output("energy_precharge", "J", "precharge supply over one cycle"),
    Output("energy_wordline", "J", "word-line supply over one cycle: this column's share of all active rows"),
    Output("energy_control", "J", "supply of the precharge driver over one cycle"),
    Output("disturb", "V", "largest excursion of a storage node of an active row"),
    Output("flips", "1", "active cells that changed state"),
)
QR_OUTPUTS = (
    *_COMMON,
    Output("energy_drive", "J", "supply of the plate drivers over one cycle"),
    Output("energy_reset", "J", "reset supply V_CM over one cycle"),
    Output("energy_control", "J", "supply of the reset drivers over one cycle"),
)


_CONVENTION = "supply integrals over the whole cycle, state restored at its end; ideal gate sources excluded"
QS_SCOPE = {
    "energy_event": "one MAC cycle of one column: `active` rows pulsed, line precharged again",
    "energy_includes": ["cell", "precharge", "wl_driver", "control"],
    "energy_excludes": ["dac", "sense", "adc", "timing generation"],
    "energy_convention": f"{_CONVENTION}; word-line energy is the column's share, 1/columns of the rows'",
    "sigma": "static mismatch of every transistor; temporal noise is in table noise",
    "solver_error": "default preset: line 0.011 LSB, supply energies 0.4 % (docs/engine.md)",
}
QR_SCOPE = {
    "energy_event": "one MAC cycle of one column: plates driven and returned, line reset again",
    "energy_includes": ["drive", "reset", "control"],
    "energy_excludes": ["cell", "dac", "sense", "adc", "timing generation"],
    "energy_convention": _CONVENTION,
    "sigma": "static mismatch of every transistor and unit capacitor; temporal noise is in table noise",
    "solver_error": "default preset: line below 0.001 LSB, supply energies 0.2 % (docs/engine.md)",
}


def qs_deck(circuit: AcimColumnQS, conditions: Conditions, inputs: MacCode, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one QS MAC cycle with `inputs.code` discharging cells."""
    if inputs.code > circuit.active:
        raise InputError(f"transfer: code = {inputs.code}: must be <= active = {circuit.active}")
    c, t = circuit, SimpleNamespace()
    if c.t_pulse <= c.t_edge:  # a SPICE pulse of width zero never ends
        raise InputError(f"transfer: t_pulse = {c.t_pulse:g}: must be > t_edge = {c.t_edge:g}")
    if c.t_precharge < 1.5 * c.t_edge:
        raise InputError(f"transfer: t_precharge = {c.t_precharge:g}: must be >= 1.5 t_edge = {1.5 * c.t_edge:g}")
    t.release = c.t_precharge / 3
    t.released = t.release + c.t_edge
    t.pulse = c.t_precharge
    t.pulsed = t.pulse + c.t_pulse + c.t_edge
    t.sample = t.pulsed + c.t_settle
    t.restore = t.sample + c.t_edge
    t.restored = t.restore + c.t_edge
    t.stop = t.restored + c.t_restore
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/acim_qs_transfer.cir.j2", devices, circuit=c, t=t, vdd=conditions.vdd, code=inputs.code
    )
    cells = [f"v({node}{r})" for r in range(c.active) for node in ("q", "qb")]
    return Deck(
        title=f"{c.name} transfer, code {inputs.code}, {conditions}",
        body=body,
        saves=("v(line)", "v(preb)", "v(wl0)", "i(vdd)", "i(vpre)", "i(vwl)", "i(vwd)", "i(vctl)", *cells),
        analysis=Transient(t.stop),
        phases=(
            Phase("precharge", 0.0, t.released),
            Phase("evaluate", t.pulse, t.pulsed),
            Phase("settle", t.pulsed, t.sample),
            Phase("restore", t.restore, t.stop),
        ),
        marks={"pulse": t.pulse, "sample": t.sample},
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def qs_measure(w: Waveforms, setup: Setup[AcimColumnQS, MacCode]) -> dict[str, float]:
    """Measure one QS cycle; energies are supply integrals over the whole cycle, state restored."""
    stop, vdd, circuit = float(w.axis[-1]), setup.conditions.vdd, setup.circuit
    disturb, flips = _cells(w, circuit.active)
    rows = w.energy("vwl", circuit.v_wl, 0.0, stop) + w.energy("vwd", vdd, 0.0, stop)
    return {
        **_voltages(w),
        "energy_array": w.energy("vdd", vdd, 0.0, stop),
        "energy_precharge": w.energy("vpre", vdd, 0.0, stop),
        "energy_wordline": rows / circuit.columns,
        "energy_control": w.energy("vctl", vdd, 0.0, stop),
        "disturb": disturb,
        "flips": flips,
    }


def qr_deck(circuit: AcimColumnQR, conditions: Conditions, inputs: MacCode, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one QR MAC cycle with `inputs.code` driven plates."""
    if inputs.code > circuit.inputs:
        raise InputError(f"transfer: code = {inputs.code}: must be <= inputs = {circuit.inputs}")
    c, t = circuit, SimpleNamespace()
    t.release = c.t_reset
    t.released = t.release + c.t_edge
    t.evaluate = t.released + c.t_reset / 2
    t.sample = t.evaluate + c.t_evaluate
    t.high = t.sample + 2 * c.t_edge - t.evaluate
    t.restore = t.evaluate + t.high + 6 * c.t_edge
    t.restored = t.restore + c.t_edge
    t.stop = t.restored + c.t_restore
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/acim_qr_transfer.cir.j2", devices, circuit=c, t=t, vdd=conditions.vdd, code=inputs.code
    )
    return Deck(
        title=f"{c.name} transfer, code {inputs.code}, {conditions}",
        body=body,
        saves=("v(line)", "v(rsti)", "v(plate0)", "i(vin)", "i(vcm)", "i(vctl)"),
        analysis=Transient(t.stop),
        phases=(
            Phase("reset", 0.0, t.released),
            Phase("evaluate", t.evaluate, t.sample),
            Phase("restore", t.restore, t.stop),
        ),
        marks={"pulse": t.evaluate, "sample": t.sample},
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def qr_measure(w: Waveforms, setup: Setup[AcimColumnQR, MacCode]) -> dict[str, float]:
    """Measure one QR cycle; energies are supply integrals over the whole cycle, state restored."""
    stop = float(w.axis[-1])
    return {
        **_voltages(w),
        "energy_drive": w.energy("vin", setup.circuit.v_in, 0.0, stop),
        "energy_reset": w.energy("vcm", setup.circuit.v_cm, 0.0, stop),
        "energy_control": w.energy("vctl", setup.conditions.vdd, 0.0, stop),
    }


def _voltages(w: Waveforms) -> Mapping[str, float]:
    v_line = w.at("v(line)", w.marks["sample"])
    return {"v_line": v_line, "swing": w.at("v(line)", w.marks["pulse"]) - v_line}


def _cells(w: Waveforms, active: int) -> tuple[float, float]:
    """Return the largest excursion of any active cell's nodes [V], and how many cells changed state."""
    cells = [excursion(w, f"v(q{r})", f"v(qb{r})") for r in range(active)]
    return max(moved for moved, _ in cells), float(sum(flipped for _, flipped in cells))
