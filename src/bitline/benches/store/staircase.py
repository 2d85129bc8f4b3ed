"""The pulses of a store: what the bench varies, when they come, and what each line sees."""

from __future__ import annotations

from typing import Literal

from bitline.benches.schedule import Schedule
from bitline.circuits.deck import Phase
from bitline.circuits.nsnr_cluster import NsnrCluster
from bitline.devices.reram import Level, ReRam
from bitline.devices.selector import Selector
from bitline.parameters import Parameters, parameter, validated

EDGE = 0.2e-9
# Of an erase, which is not limited: far above what flows [A].
_OPEN = 1e-2


@validated
class Store(Parameters):
    """What the store bench varies."""

    start: Level = parameter("hrs", "level before the store", source="choice")
    target: Level = parameter("lrs", "level to program", source="choice")
    verify: Literal["on", "off"] = parameter(
        "on", "on: read after every pulse and stop; off: the nominal number of pulses", source="choice"
    )
    erase: Literal["needed", "always"] = parameter(
        "needed", "when to erase: if the level before is thicker, or always", source="choice"
    )
    scheme: Literal["half", "third"] = parameter(
        "half", "voltage across the unselected branches, V/2 or V/3", source="choice"
    )
    others: Literal["on", "off"] = parameter("on", "whether the unselected branches are simulated", source="choice")
    selectors: Literal["static", "dynamic"] = parameter(
        "static", "state of a threshold selector: static, as the pulse's voltage has it, or its own", source="choice"
    )
    v_store: float = parameter(2.6, "amplitude of every pulse", unit="V", source="choice", gt=0, le=10)
    t_pulse: float = parameter(10e-9, "width of a SET pulse", unit="s", source="choice", gt=2 * EDGE, le=1e-3)
    t_erase: float = parameter(20e-9, "width of the erase pulse", unit="s", source="choice", gt=2 * EDGE, le=1e-3)
    t_rest: float = parameter(
        3e-9, "time after a pulse, for cooling and reading", unit="s", source="choice", ge=1e-9, le=1e-3
    )
    r_driver: float = parameter(
        3e3, "resistance of the select line's driver", unit="Ohm", source="assumed", gt=0, le=1e7
    )
    i_first: float = parameter(
        11e-6, "compliance current of the first SET pulse", unit="A", source="choice", gt=0, le=1e-2
    )
    i_step: float = parameter(
        1.08, "ratio of a pulse's compliance current to that of the pulse before", source="choice", gt=1, le=10
    )
    n_lrs: int = parameter(25, "SET pulses that give lrs nominally", source="measured", ge=1, le=500)
    n_mrs: int = parameter(13, "SET pulses that give mrs nominally", source="measured", ge=1, le=500)
    n_hrs: int = parameter(6, "SET pulses that give hrs nominally", source="measured", ge=1, le=500)
    n_spare: int = parameter(6, "pulses that a verify may use beyond the nominal number", source="choice", ge=0, le=500)
    c_select: float = parameter(5e-15, "capacitance of a select line", unit="F", source="assumed", ge=0, le=1e-12)

    @property
    def compliances(self) -> list[float]:
        """Compliance current [A] of each SET pulse."""
        count = {"lrs": self.n_lrs, "mrs": self.n_mrs, "hrs": self.n_hrs}[self.target]
        if self.verify == "on":
            count += self.n_spare
        return [self.i_first * self.i_step**k for k in range(count)]

    def state(self, selector: Selector, volts: float) -> str:
        """Return how a selector is rendered whose branch sees pulses of `volts`."""
        if self.selectors == "dynamic":
            return "dynamic"
        return "on" if volts > selector.v_th else "off"

    @property
    def period(self) -> float:
        """From one SET pulse to the next [s]."""
        return self.t_pulse + EDGE + self.t_rest

    def erases(self, reram: ReRam) -> bool:
        """Whether an erase comes first."""
        return self.erase == "always" or reram.resistance(self.start) < reram.resistance(self.target)

    def unselected(self, circuit: NsnrCluster) -> int:
        """Return how many unselected branches of a cluster are in the deck."""
        return 0 if self.others == "off" else circuit.n_per_cluster - 1

    @property
    def idle(self) -> bool:
        """Whether nothing is done, since the branch holds its target already."""
        return self.erase == "needed" and self.start == self.target

    @property
    def part(self) -> float:
        """What unselected branches see, as a part of v_store."""
        return {"half": 1 / 2, "third": 1 / 3}[self.scheme]


def schedule(inputs: Store, reram: ReRam) -> Schedule:
    """Return the schedule of one store: the erase if need be, then the SET pulses."""
    start = EDGE
    first = start
    if inputs.erases(reram):
        first = start + inputs.t_erase + inputs.t_rest
    end = first + len(inputs.compliances) * inputs.period
    phases = [Phase("set", first, end)]
    if inputs.erases(reram):
        phases.insert(0, Phase("erase", start, first))
    return Schedule({"start": start, "set": first}, end, tuple(phases))


def compliance(inputs: Store, reram: ReRam, t: Schedule) -> list[tuple[float, float]]:
    """Return the steps (time [s], compliance [A]) of the select line's driver, made while all lines rest."""
    first = _OPEN if inputs.erases(reram) else inputs.compliances[0]
    steps = [(0.0, first)]
    for k, current in enumerate(inputs.compliances):
        begin = t["set"] + k * inputs.period - EDGE
        if begin > 0.0 and current != steps[-1][1]:
            steps += [(begin - EDGE / 2, steps[-1][1]), (begin, current)]
    return steps


def unselected(inputs: Store, reram: ReRam, t: Schedule) -> list[tuple[float, float]]:
    """Return the corners (time [s], voltage [V]) of the unselected select lines: erase and first SET pulse."""
    pulse = _pulse(t["set"], inputs.t_pulse, inputs.part * inputs.v_store)
    if not inputs.erases(reram):
        return pulse
    return [*_pulse(t["start"], inputs.t_erase, (1 - inputs.part) * inputs.v_store), *pulse]


def _pulse(start: float, width: float, volts: float) -> list[tuple[float, float]]:
    return [(start, 0.0), (start + EDGE, volts), (start + width, volts), (start + width + EDGE, 0.0)]
