"""Binary SRAM column: one full MAC cycle of one-bit weights and inputs, and its noise."""

from __future__ import annotations

from bitline.benches.acim.noise import QS_OUTPUTS as NOISE_OUTPUTS
from bitline.benches.acim.noise import Nothing
from bitline.benches.base import Conditions, Output, Setup
from bitline.benches.netlist import netlist
from bitline.benches.ternary.transfer import (
    OPTIONS,
    R_PROBE,
    Zeros,
    cycle,
    disturbed,
    energies,
    line_noise,
    phases,
    settled,
    stack_noise,
    stored_only,
)
from bitline.benches.ternary.transfer import (
    SCOPE as TERNARY_SCOPE,
)
from bitline.circuits.analysis import Transient
from bitline.circuits.binary_sram_column import BinarySramColumn
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.errors import InputError
from bitline.parameters import parameter, validated
from bitline.pdk.descriptor import Pdk
from bitline.simulate.waveforms import Waveforms

__all__ = ["NOISE_OUTPUTS", "OUTPUTS", "SCOPE", "BinaryMac", "deck", "measure", "noise_deck", "noise_measure"]


@validated
class BinaryMac:
    """What the transfer bench of a column of one-bit products varies."""

    code: int = parameter(1, "MAC code: number of products that are 1", source="choice", ge=0, le=1024)
    zeros: Zeros = parameter(
        "mixed", "what is 0 in a product 0: the weight, the input, or either in turn", source="choice"
    )

    def operands(self, rows: int) -> list[tuple[int, int]]:
        """Return weight and input of each row: products 1, then 0.

        Raises
        ------
        InputError
            If the code is more than there are rows.
        """
        if self.code > rows:
            raise InputError(f"transfer: code = {self.code}: must be <= active = {rows}")
        zeros = range(rows - self.code)
        return [(1, 1)] * self.code + [(1, 0) if stored_only(self.zeros, k) else (0, 1) for k in zeros]


OUTPUTS = (
    Output("v_line", "V", "line at the sampling instant"),
    Output("swing", "V", "line before the pulse minus line at the sampling instant"),
    Output("energy_array", "J", "cell supply over one cycle, all rows"),
    Output("energy_precharge", "J", "precharge supply over one cycle"),
    Output("energy_wordline", "J", "input drivers' supplies over one cycle: this column's share of all rows"),
    Output("energy_control", "J", "supply of the precharge driver over one cycle"),
    Output("disturb", "V", "largest excursion of a storage node of a latched row"),
    Output("flips", "1", "latches that changed state"),
    Output("latency", "s", "from the pulse's begin until the line stays within 1 mV of what is sampled"),
)
SCOPE = {
    **TERNARY_SCOPE,
    "energy_event": "one MAC cycle of one line: inputs pulsed, line precharged again",
    "energy_excludes": ["sense", "adc", "timing generation", "idle drivers' leakage"],
    "solver_error": "default preset: line 0.2 mV, supply energies 0.3 % (docs/ternary.md)",
}
_STACK = ("mt0", "mb0")


def deck(circuit: BinarySramColumn, conditions: Conditions, inputs: BinaryMac, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one MAC cycle with `inputs.code` discharging rows."""
    c, operands = circuit, inputs.operands(circuit.active)
    t, devices = cycle(c), netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/binary_transfer.cir.j2",
        devices,
        circuit=c,
        t=t,
        vdd=conditions.vdd,
        weights=[weight for weight, _ in operands],
        pulsed=[r for r, (_, x) in enumerate(operands) if x],
    )
    supplies = ("vdd", "vone", "vpre", "vwl", "vwd", "vctl")
    cells = [f"v({node}{r})" for r in range(c.latched) for node in ("q", "qb")]
    return Deck(
        title=f"{c.name} transfer, code {inputs.code}, zeros by {inputs.zeros}, {conditions}",
        body=body,
        saves=("v(line)", "v(preb)", "v(wl0)", *(f"i({source})" for source in supplies), *cells),
        analysis=Transient(t.stop),
        options=OPTIONS,
        phases=phases(t),
        marks={"pulse": t.pulse, "sample": t.sample},
        temperature=conditions.temperature,
        deviates=devices.deviates_taken,
    )


def measure(w: Waveforms, setup: Setup[BinarySramColumn, BinaryMac]) -> dict[str, float]:
    """Measure one cycle; energies are supply integrals over the whole cycle, state restored."""
    v_line = w.at("v(line)", w.marks["sample"])
    circuit = setup.circuit
    disturb, flips = disturbed(w, [str(r) for r in range(circuit.latched)])
    return {
        "v_line": v_line,
        "swing": w.at("v(line)", w.marks["pulse"]) - v_line,
        **energies(w, setup, circuit.active / circuit.latched),
        "disturb": disturb,
        "flips": flips,
        "latency": settled(w, "v(line)"),
    }


def noise_deck(
    circuit: BinarySramColumn, conditions: Conditions, inputs: Nothing, pdk: Pdk, *, full: bool = False
) -> Deck:
    """Build the noise deck: precharge on, one stack on."""
    devices = netlist(conditions, pdk, full=full)
    body = render_circuit(
        "benches/binary_noise.cir.j2",
        devices,
        circuit=circuit,
        vdd=conditions.vdd,
        r_probe=R_PROBE,
        weights=[1] + [0] * (circuit.active - 1),
        pulsed=[0],
    )
    return line_noise(circuit.name, body, "line", _STACK, conditions, dict(devices.deviates_taken))


def noise_measure(w: Waveforms, setup: Setup[BinarySramColumn, Nothing]) -> dict[str, float]:
    """Measure the line's noise."""
    return stack_noise(w, setup, _STACK)
