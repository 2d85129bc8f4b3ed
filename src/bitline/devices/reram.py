"""ReRAM: a three-level resistive memory, as a programmed resistance and as a growing filament.

A restore reads the cell at low voltage, at which it is a resistor of its level's value; a store moves the
filament. The geometric means of the levels divide the resistances among them.
"""

from __future__ import annotations

import math
from typing import Literal, get_args

from bitline.errors import InputError
from bitline.parameters import Parameters, parameter, validated

Level = Literal["lrs", "mrs", "hrs"]
LEVELS: tuple[Level, ...] = get_args(Level)
#: The trit each level stands for (transcribed in circuits.md, section 2).
TRITS: dict[Level, int] = {"lrs": 1, "mrs": 0, "hrs": -1}
#: The voltage [V] at which a filament's resistance is read (choice).
READ_VOLTS = 0.1


@validated
class Filament(Parameters):
    """The two-state compact model of SkyWater's ReRAM library (Apache-2.0, HfO2).

    Filament thickness T and temperature K obey

    - ``I = i_k1 exp(-(t_ox - T)/(t_ox - t_ref)) sinh(V/v_ref)``
    - ``dT/dt = v_k1 [exp(-(e_grow - g a_0 V/t_ox)/kT) - exp(-(e_shrink + g a_0 V/t_ox)/kT)]``
      with ``g = g_0 - g_1 ((t_ox - T)/1 nm)^3``, times a smooth window that stops it at both ends
    - ``dK/dt = |V I|/c_th - (K - ambient)/tau_th``

    The constants are those of the published Verilog-A. The window is bitline's: the original clips, and with a
    hard switch a RESET undershot the lower bound.
    """

    i_k1: float = parameter(61.4e-6, "scale of the filament's current", unit="A", source="foundry", gt=0, le=1)
    t_ox: float = parameter(5e-9, "thickness of the oxide", unit="m", source="foundry", gt=0, le=1e-6)
    t_ref: float = parameter(
        4.7249e-9, "filament thickness of the reference current", unit="m", source="foundry", gt=0, le=1e-6
    )
    t_min: float = parameter(3.3e-9, "thickness of the thinnest filament", unit="m", source="foundry", gt=0, le=1e-6)
    t_max: float = parameter(4.9e-9, "thickness of the thickest filament", unit="m", source="foundry", gt=0, le=1e-6)
    v_ref: float = parameter(0.43, "voltage scale of the filament's current", unit="V", source="foundry", gt=0, le=10)
    v_k1: float = parameter(
        150.0, "velocity scale of the filament's growth", unit="m/s", source="foundry", gt=0, le=1e6
    )
    e_grow: float = parameter(
        1.501, "activation energy of the filament's growth", unit="eV", source="foundry", gt=0, le=10
    )
    e_shrink: float = parameter(
        1.500, "activation energy of the filament's dissolution", unit="eV", source="foundry", gt=0, le=10
    )
    a_0: float = parameter(0.25e-9, "hopping distance of the ions", unit="m", source="foundry", gt=0, le=1e-8)
    g_0: float = parameter(16.5, "field enhancement of a thick filament", source="foundry", ge=0, le=1e3)
    g_1: float = parameter(
        1.25, "loss of field enhancement with the cube of the gap in nm", source="foundry", ge=0, le=1e3
    )
    c_th: float = parameter(3.1825e-16, "heat capacity of the filament", unit="J/K", source="foundry", gt=0, le=1)
    tau_th: float = parameter(0.23e-9, "thermal time constant of the filament", unit="s", source="foundry", gt=0, le=1)
    # Smooth, so that there is no force at either end and a restoring one beyond: the original clips.
    window: float = parameter(
        0.02e-9, "width of the window that stops the growth at either end", unit="m", source="choice", gt=0, le=1e-9
    )
    # Both energies move together: one deviate per device.
    sigma_e: float = parameter(0.005, "device spread of both energies, relative", source="assumed", ge=0, le=0.2)

    def check(self) -> None:
        """Refuse thicknesses out of order."""
        if not self.t_min < self.t_max < self.t_ox or not self.t_ref < self.t_ox:
            raise InputError("Filament: t_min < t_max < t_ox and t_ref < t_ox must hold")

    @property
    def nm_per_e(self) -> float:
        """Growth [nm] that divides the resistance by e."""
        return (self.t_ox - self.t_ref) * 1e9

    def resistance(self, thickness: float, volts: float = READ_VOLTS) -> float:
        """Return V/I [Ohm] of a filament of `thickness` [m] at a read voltage [V]."""
        gap = math.exp(-(self.t_ox - thickness) / (self.t_ox - self.t_ref))
        return volts / (self.i_k1 * gap * math.sinh(volts / self.v_ref))

    def thickness(self, resistance: float, volts: float = READ_VOLTS) -> float:
        """Return the thickness [m] that has `resistance` [Ohm] at a read voltage [V].

        Raises
        ------
        InputError
            If it lies outside t_min..t_max.
        """
        # The current depends exponentially on the gap, so that the law is inverted in closed form.
        current = volts / resistance / (self.i_k1 * math.sinh(volts / self.v_ref))
        thickness = self.t_ox + (self.t_ox - self.t_ref) * math.log(current)
        if not self.t_min <= thickness <= self.t_max:
            low, high = self.resistance(self.t_max, volts), self.resistance(self.t_min, volts)
            raise InputError(f"Filament: {resistance:g} Ohm at {volts:g} V: allowed is {low:.3g} to {high:.3g}")
        return thickness


@validated
class ReRam(Parameters):
    """A three-level cell: its levels, their spread, and how it conducts when it is read.

    The level resistances come from a weak source and are nearly equidistant in the logarithm.
    """

    r_lrs: float = parameter(80e3, "low resistance, +1", unit="Ohm", source="assumed", gt=0, le=1e12)
    r_mrs: float = parameter(280e3, "middle resistance, 0", unit="Ohm", source="assumed", gt=0, le=1e12)
    r_hrs: float = parameter(1e6, "high resistance, -1", unit="Ohm", source="assumed", gt=0, le=1e12)
    sigma_lnr: float = parameter(0.1, "lognormal spread of every level: sigma of ln R", source="assumed", ge=0, le=2)
    spread_lrs: float = parameter(1.0, "spread of the low level in units of sigma_lnr", source="assumed", ge=0, le=10)
    spread_mrs: float = parameter(
        1.0, "spread of the middle level in units of sigma_lnr", source="assumed", ge=0, le=10
    )
    spread_hrs: float = parameter(1.0, "spread of the high level in units of sigma_lnr", source="assumed", ge=0, le=10)
    read_noise: float = parameter(0.0, "sigma of ln R from one read to the next", source="assumed", ge=0, le=1)
    v_sinh: float = parameter(
        0.0, "read I = (v_sinh/R) sinh(V/v_sinh); 0: linear", unit="V", source="assumed", ge=0, le=10
    )
    filament: Filament = Filament()

    def check(self) -> None:
        """Refuse levels out of order."""
        if not self.r_lrs < self.r_mrs < self.r_hrs:
            raise InputError(f"ReRam: r_lrs < r_mrs < r_hrs: {self.r_lrs:g}, {self.r_mrs:g}, {self.r_hrs:g}")

    def resistance(self, level: Level) -> float:
        """Return the median resistance [Ohm] of a level."""
        return {"lrs": self.r_lrs, "mrs": self.r_mrs, "hrs": self.r_hrs}[level]

    def sigma(self, level: Level) -> float:
        """Return the sigma of ln R at a read: device spread and read noise of that level together."""
        spread = {"lrs": self.spread_lrs, "mrs": self.spread_mrs, "hrs": self.spread_hrs}[level]
        return math.hypot(spread * self.sigma_lnr, self.read_noise)

    @property
    def thresholds(self) -> tuple[float, float]:
        """The geometric means [Ohm] between low and middle, and between middle and high level."""
        # The levels are nearly equidistant in ln R, and so is their spread: the middle is that of the logarithms.
        return math.sqrt(self.r_lrs * self.r_mrs), math.sqrt(self.r_mrs * self.r_hrs)
