"""SarAdc: a differential successive-approximation converter of 3 to 6 bits."""

from __future__ import annotations

from typing import ClassVar, Literal

from bitline.circuits.base import Circuit
from bitline.circuits.sar_sequencer import SarSequencer
from bitline.circuits.strongarm import StrongArm
from bitline.errors import InputError
from bitline.parameters import parameter, validated


@validated
class SarAdc(Circuit):
    """SAR converter with top-plate sampling, monotonic switching and a StrongARM comparator.

    Monotonic switching (Liu, Chang, Huang and Lin, IEEE JSSC 45, 2010) decides the first bit on the sampled inputs.
    Each decision then moves one capacitor of one side, so that `bits` need 2^(bits-1) units a side and nothing is
    switched back. With ``down`` the bottom plates wait at `v_ref` and the higher side falls to ground, for inputs
    near the supply, such as precharged lines. With ``up`` they wait at ground and the lower side rises, for inputs
    near ground. An LSB is v_ref C_u / C_top, where C_top is all the capacitance of a top plate. To convert one line
    against a level, hold one input.

    With `logic` ideal a behavioural register takes each decision while its strobe is high. The energy that its gates
    would need is estimated from SKY130's standard cells by counting, and labelled so. With ``self-timed`` all of the
    logic is of transistors (`SarSequencer`), and the converter needs no clock but that of sampling. With
    ``synchronous`` the bit cells are, while clock and enables come from a shift register that `shared_by` converters
    share: its drivers' gates are counted, the register itself is estimated by counting.
    """

    name: ClassVar[str] = "sar-adc"
    template: ClassVar[str] = "periphery/sar_adc.cir.j2"

    bits: int = parameter(5, "resolution in bits", source="choice", ge=3, le=6)
    switching: Literal["down", "up"] = parameter(
        "down",
        "direction of the bottom plates: down for inputs near the supply, up for inputs near ground",
        source="choice",
    )
    logic: Literal["self-timed", "synchronous", "ideal"] = parameter(
        "self-timed",
        "sequencing: of transistors that clock themselves, of transistors that are clocked, or behavioural",
        source="choice",
    )
    # With ideal decisions the codes show the capacitors alone, without offset, kickback or delay.
    decisions: Literal["strongarm", "ideal"] = parameter(
        "strongarm", "comparator of transistors, or one without error", source="choice"
    )
    v_ref: float = parameter(
        0.7, "reference voltage: about the full scale, either sign", unit="V", source="choice", gt=0, le=1.8
    )
    # 16 units of it are the 60 fF with which the columns' lines are loaded.
    c_unit: float = parameter(3.75e-15, "capacitance of a unit capacitor", unit="F", source="choice", gt=0, le=1e-12)
    kappa: float = parameter(
        0.0664,
        "capacitor spread at 28 nm, sigma_C = kappa sqrt(C/fF) fF",
        unit="sqrt(fF)",
        source="assumed",
        ge=0,
        le=1,
    )
    c_par_ratio: float = parameter(
        0.1, "parasitic of a top plate per unit capacitor, over C_u", source="assumed", ge=0, le=10
    )
    # Twice as wide, the charge that these switches leave behind bends INL to 0.017 LSB instead of 0.004.
    w_sample_n: float = parameter(
        1e-6, "width of a sampling switch's NMOS, a low-threshold device", unit="m", source="choice", gt=0, le=1e-4
    )
    w_sample_p: float = parameter(2e-6, "width of a sampling switch's PMOS", unit="m", source="choice", gt=0, le=1e-4)
    w_plate: float = parameter(
        0.84e-6,
        "width of a plate driver's NMOS; its pull-up is twice as wide",
        unit="m",
        source="choice",
        gt=0,
        le=1e-4,
    )
    length: float = parameter(
        0.15e-6, "channel length of switches and drivers", unit="m", source="choice", gt=0, le=1e-5
    )
    t_edge: float = parameter(
        20e-12, "rise and fall time of the control signals", unit="s", source="choice", gt=0, le=1e-9
    )
    t_sample: float = parameter(
        1e-9, "time of sampling, before and after the conversion", unit="s", source="choice", gt=0, le=1e-6
    )
    t_hold: float = parameter(
        0.2e-9, "time from the end of sampling to the first decision", unit="s", source="choice", gt=0, le=1e-6
    )
    # 0.4 ns of it lie before the strobe: one decision in 55,000 is not made by then (docs/adc.md).
    t_evaluate: float = parameter(0.5e-9, "time for one decision", unit="s", source="choice", gt=0, le=1e-6)
    t_settle: float = parameter(
        0.6e-9,
        "time for one capacitor to settle, in which the comparator is reset",
        unit="s",
        source="choice",
        gt=0,
        le=1e-6,
    )
    t_strobe: float = parameter(
        0.1e-9, "time at the end of a decision in which the register takes it", unit="s", source="choice", gt=0, le=1e-7
    )
    # The widths in sky130_fd_sc_hd__dfxtp_1 and and2_1, at 1.75 fF per um of gate and 1 fF per um of drain.
    c_flop_clock: float = parameter(
        11e-15,
        "load of a flip-flop per clock, from its transistors' widths",
        unit="F",
        source="assumed",
        ge=0,
        le=1e-12,
    )
    c_flop_data: float = parameter(
        21e-15,
        "load of a flip-flop per data change, from its transistors' widths",
        unit="F",
        source="assumed",
        ge=0,
        le=1e-9,
    )
    c_gate: float = parameter(
        9e-15,
        "load of a two-input gate per change, from its transistors' widths",
        unit="F",
        source="assumed",
        ge=0,
        le=1e-12,
    )
    comparator: StrongArm = StrongArm()
    sequencer: SarSequencer = SarSequencer()

    def check(self) -> None:
        """Refuse a strobe that does not fit into its decision, and transistors that have no decision to keep."""
        if self.logic != "ideal" and self.decisions == "ideal":
            raise InputError(f"SarAdc: decisions = ideal: must be strongarm with logic = {self.logic}")
        if self.t_strobe + 4 * self.t_edge > self.t_evaluate:
            limit = self.t_evaluate - 4 * self.t_edge
            raise InputError(f"SarAdc: t_strobe = {self.t_strobe:g}: must be <= t_evaluate - 4 t_edge = {limit:g}")
        if self.t_settle < 4 * self.t_edge:
            raise InputError(f"SarAdc: t_settle = {self.t_settle:g}: must be >= 4 t_edge = {4 * self.t_edge:g}")

    @property
    def weights(self) -> tuple[int, ...]:
        """Unit capacitors of each switched capacitor, the largest first; one more unit never moves."""
        return tuple(2**k for k in reversed(range(self.bits - 1)))

    @property
    def clocked(self) -> bool:
        """Whether the comparator's clock comes from outside."""
        return self.decisions == "strongarm" and self.logic != "self-timed"

    @property
    def c_sequencer(self) -> float:
        """Capacitance [F] that a synchronous converter's share of the shift register charges (estimated).

        bits + 2 flip-flops pass one token, all clocked bits + 2 times, each rising and falling once.
        """
        steps = self.bits + 2
        return (self.c_flop_clock * steps**2 + self.c_flop_data * steps) / self.sequencer.shared_by

    @property
    def c_logic(self) -> float:
        """Capacitance [F] that the sequencing logic charges per conversion, by counting (estimated).

        bits + 2 flip-flops pass one token, all clocked bits + 2 times, each rising and falling once; bits
        flip-flops keep the code, clocked once, every second changing; one gate per switched capacitor.
        """
        # Standard flip-flops, all clocked at every step: logic made for the purpose would take a fraction.
        steps = self.bits + 2
        clocks = self.c_flop_clock * (steps**2 + self.bits)
        return clocks + self.c_flop_data * (steps + self.bits / 2) + self.c_gate * (self.bits - 1)
