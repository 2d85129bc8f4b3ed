"""Waveforms: what a simulation returned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bitline.circuits.analysis import Axis, Transient
from bitline.circuits.deck import Phase
from bitline.errors import BadMeasureError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Waveforms:
    """Signals over one independent variable, with the phases and marks of their deck.

    Parameters
    ----------
    axis : ndarray, shape (n,)
        Time [s], frequency [Hz], or a source's value [V]; one point of an operating point.
    signals : mapping of str to ndarray, shape (n,)
        Complex of an AC analysis, else real; by ngspice's lower-case names: ``"v(bl)"`` [V], ``"i(vdd)"`` [A].
        A current is positive when it flows into the source's + terminal, so a
        supply that delivers has a negative current.
    scalars : mapping of str to float
        Single numbers an analysis gives, such as ``"onoise_total"`` [V].
    abscissa : Axis
        What `axis` is: name, unit, scale.
    """

    axis: Array
    signals: Mapping[str, Array]
    scalars: Mapping[str, float] = field(default_factory=dict)
    abscissa: Axis = Transient.axis
    title: str = ""
    phases: tuple[Phase, ...] = ()
    marks: Mapping[str, float] = field(default_factory=dict)
    constants: Mapping[str, float] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Array:
        try:
            return self.signals[name]
        except KeyError:
            have = ", ".join(sorted(self.signals))
            raise BadMeasureError(f"no vector {name!r} came back (have: {have})") from None

    def at(self, name: str, instant: float) -> float:
        """Return the signal at `instant`, linearly interpolated between time points."""
        if not self.axis[0] <= instant <= self.axis[-1]:
            raise BadMeasureError(f"{name} at {instant:g}: outside {self.axis[0]:g}..{self.axis[-1]:g}")
        return float(np.interp(instant, self.axis, self[name]))

    def integral(self, name: str, start: float, stop: float) -> float:
        """Return the trapezoidal integral of a signal from `start` to `stop`."""
        inside = (self.axis > start) & (self.axis < stop)
        x = np.concatenate(([start], self.axis[inside], [stop]))
        y = np.concatenate(([self.at(name, start)], self[name][inside], [self.at(name, stop)]))
        return float(np.trapezoid(y, x))

    def energy(self, source: str, volts: float, start: float, stop: float) -> float:
        """Return the energy [J] a constant supply delivered: -volts * integral of i(source)."""
        return -volts * self.integral(f"i({source})", start, stop)
