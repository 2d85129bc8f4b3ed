"""Selector: the two-terminal device in series with a ReRAM that keeps unselected branches off.

A selector of either form carries `i_off` at half the select voltage `v_on` and ``on_off * i_off`` at all of it.
The exponential selector is ``I = I_0 sinh(V/v_s)``. The threshold selector is a resistor that switches on above
`v_th` and off below `v_hold`, with the time constant `tau`. All numbers are assumed: the papers' selector is not
known.
"""

from __future__ import annotations

import math
from typing import Literal

from bitline.errors import InputError
from bitline.parameters import Parameters, parameter, validated


@validated
class Selector(Parameters):
    """A two-terminal selector; every default is assumed."""

    kind: Literal["threshold", "exponential"] = parameter("threshold", "how the selector switches", source="assumed")
    v_on: float = parameter(0.75, "full select voltage", unit="V", source="assumed", gt=0, le=5)
    i_off: float = parameter(
        1e-11, "current of an unselected branch, at half of v_on", unit="A", source="assumed", gt=0, le=1e-3
    )
    # The ReRAM, not the selector, has to set the current of a selected branch: 7.5 kOhm beside 80 kOhm and more.
    on_off: float = parameter(1e7, "current at v_on over i_off", source="assumed", gt=2, le=1e12)
    v_th: float = parameter(
        0.45, "threshold selector: voltage above which it switches on", unit="V", source="assumed", gt=0, le=5
    )
    v_hold: float = parameter(
        0.01, "threshold selector: voltage below which it switches off", unit="V", source="assumed", gt=0, le=5
    )
    tau: float = parameter(
        10e-12, "threshold selector: time constant of its switching", unit="s", source="assumed", gt=0, le=1e-6
    )
    c_off: float = parameter(0.05e-15, "capacitance across a selector", unit="F", source="assumed", gt=0, le=1e-12)

    def check(self) -> None:
        """Refuse a threshold selector that could not select."""
        # At half of v_on, where unselected branches lie in a write, it must be off, and at v_on on.
        if self.kind == "threshold" and not self.v_hold < self.v_on / 2 < self.v_th < self.v_on:
            raise InputError(
                f"Selector: v_hold < v_on/2 < v_th < v_on: {self.v_hold:g}, {self.v_on / 2:g}, {self.v_th:g},"
                f" {self.v_on:g} V"
            )

    @property
    def g_off(self) -> float:
        """Conductance of the threshold selector when off [S]."""
        return 2 * self.i_off / self.v_on

    @property
    def g_on(self) -> float:
        """Conductance of the threshold selector when on [S]."""
        return self.on_off * self.i_off / self.v_on

    @property
    def r_series(self) -> float:
        """Resistance of the threshold selector when on, in series with the ReRAM [Ohm]; 0 for the exponential one."""
        if self.kind == "threshold":
            return 1 / self.g_on
        return 0.0

    @property
    def ln_on_off(self) -> float:
        """Logarithm of the ratio of the two conductances."""
        return math.log(self.g_on / self.g_off)

    @property
    def v_s(self) -> float:
        """Voltage scale of the exponential selector [V]: sinh(v_on/v_s) = on_off sinh(v_on/(2 v_s))."""
        # sinh(2 x) = 2 sinh(x) cosh(x), which gives cosh(v_on/(2 v_s)) = on_off/2: hence on_off must be above 2.
        return self.v_on / (2 * math.acosh(self.on_off / 2))

    @property
    def i_0(self) -> float:
        """Current scale of the exponential selector [A]."""
        return self.i_off / math.sinh(self.v_on / (2 * self.v_s))

    def drop(self, current: float) -> float:
        """Return the voltage [V] across the selector when it is on and carries `current` [A]."""
        if self.kind == "threshold":
            return current / self.g_on
        return self.v_s * math.asinh(current / self.i_0)
