"""Transfer bench of the QR column: one full MAC cycle per code, its voltage and energy."""

from __future__ import annotations

from bitline.benches.acim.operands import CONVENTION, LINE_OUTPUTS, TRANSFER_DOC, QrCode
from bitline.benches.acim.tables import acim_tables
from bitline.benches.base import Bench, Conditions, Output, Setup
from bitline.benches.netlist import netlist
from bitline.benches.schedule import Schedule
from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck, Phase
from bitline.circuits.render import render_circuit
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.lut.operation import Energy, Operation, Supplies, uniform_bits
from bitline.pdk.descriptor import Pdk

OUTPUTS = (
    *LINE_OUTPUTS,
    Output("injection", "V", "line before the pulse minus line before the reset switch opens: charge injection"),
    Output("energy_drive", "J", "plate drivers over one cycle: supply V_in, and gates from VDD"),
    Output("energy_reset", "J", "reset supply V_CM over one cycle"),
    Output("energy_control", "J", "reset drivers and, of pass gates, inverters: supply and gates, over one cycle"),
)
_SUPPLIES = Supplies({"energy_drive": ("vin", "vd*"), "energy_reset": ("vcm",), "energy_control": ("vctl", "vrst")})


def cycle(circuit: AcimColumnQR) -> Schedule:
    """Return the schedule of one MAC cycle: reset off, plates driven, sample, plates back, reset on."""
    c = circuit
    t = {"release": c.t_reset}
    t["released"] = t["release"] + c.t_edge
    t["evaluate"] = t["released"] + c.t_reset / 2
    t["sample"] = t["evaluate"] + c.t_evaluate
    # The plates stay driven beyond the sample, and are back well before the reset comes.
    t["restore"] = t["evaluate"] + _driven(t, c.t_edge) + 6 * c.t_edge
    t["restored"] = t["restore"] + c.t_edge
    end = t["restored"] + c.t_restore
    phases = (
        Phase("reset", 0.0, t["released"]),
        Phase("evaluate", t["evaluate"], t["sample"]),
        Phase("restore", t["restore"], end),
    )
    return Schedule({**t, "pulse": t["evaluate"]}, end, phases, marked=("release", "pulse", "sample"))


def _driven(t: Schedule | dict[str, float], t_edge: float) -> float:
    """Return for how long a plate is driven [s]."""
    return t["sample"] + 2 * t_edge - t["evaluate"]


def deck(circuit: AcimColumnQR, conditions: Conditions, inputs: QrCode, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one QR MAC cycle with `inputs.code` driven plates."""
    if inputs.code > circuit.inputs:
        raise InputError(f"transfer: code = {inputs.code}: must be <= inputs = {circuit.inputs}")
    top = 2**circuit.input_bits - 1
    if inputs.level > top:
        raise InputError(f"transfer: level = {inputs.level}: must be <= 2^input_bits - 1 = {top}")
    t, devices = cycle(circuit), netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/acim_qr_transfer.cir.j2",
        devices,
        circuit=circuit,
        t=t,
        high=_driven(t, circuit.t_edge),
        vdd=conditions.vdd,
        code=inputs.code,
        v_drive=circuit.drive_level(inputs.level),
    )
    return Deck(
        title=f"{circuit.name} transfer, code {inputs.code}, {conditions}",
        body=body,
        saves=(
            *("v(line)", "v(rsti)", "v(plate0)", "v(rst)", "i(vin)", "i(vcm)", "i(vctl)", "i(vrst)"),
            *(vector for k in range(circuit.inputs) for vector in (f"v(in{k})", f"i(vd{k})")),
        ),
        analysis=Transient(t.end),
        phases=t.phases,
        marks=t.marks,
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def measure(w: Waveforms, setup: Setup[AcimColumnQR, QrCode]) -> dict[str, float]:
    """Measure one QR cycle; energies are supply integrals over the whole cycle, state restored."""
    circuit, stop = setup.circuit, float(w.axis[-1])
    v_line = w.at("v(line)", w.marks["sample"])
    reset = w.at("v(line)", w.marks["pulse"])
    plates = sum(w.driver_energy(f"vd{k}", f"in{k}", 0.0, stop) for k in range(circuit.inputs))
    return {
        "v_line": v_line,
        "swing": reset - v_line,
        "injection": reset - w.at("v(line)", w.marks["release"]),
        "energy_drive": w.energy("vin", circuit.drive_level(setup.inputs.level), 0.0, stop) + plates,
        "energy_reset": w.energy("vcm", circuit.v_cm, 0.0, stop),
        "energy_control": w.energy("vctl", setup.conditions.vdd, 0.0, stop) + w.driver_energy("vrst", "rst", 0.0, stop),
    }


def operation(circuit: AcimColumnQR) -> Operation:
    """Return one MAC cycle as data."""
    energy = Energy(
        variable="energy_total",
        event="one MAC cycle of one column: plates driven and returned, line reset again",
        includes=("drive", "reset", "control"),
        excludes=("cell", "dac", "sense", "adc", "timing generation"),
        convention=CONVENTION,
        components={"row_drivers": "of the capacitors' plates", "column_drivers": "reset"},
        beyond=("the bits' cells", "the ADC"),
        supplies=_SUPPLIES,
    )
    return Operation(
        event="one MAC cycle of a column",
        energy=energy,
        # With levels as inputs a sum is no longer a count of products of 1.
        operands=uniform_bits("code", circuit.inputs, sharing=True) if circuit.input_bits == 1 else None,
        cycle=cycle(circuit).end,
    )


BENCH = Bench(
    name="transfer",
    version=3,
    doc=TRANSFER_DOC,
    circuits=(AcimColumnQR,),
    inputs=QrCode,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=acim_tables(OUTPUTS),
    scope={
        "sigma": "static mismatch of every transistor and unit capacitor; temporal noise is in table noise",
    },
    operation=operation,
    supplies=_SUPPLIES,
)
