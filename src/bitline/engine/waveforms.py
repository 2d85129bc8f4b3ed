"""Waveforms: what a simulation returned."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bitline.circuits.analysis import Axis, Transient
from bitline.circuits.deck import Phase
from bitline.errors import BadMeasureError
from bitline.parameters import finite_number

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Array = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]

# By the first letter of a device's own quantity: @m1[gm] is a conductance, @m1[id] a current.
_DEVICE_UNITS = {"i": "A", "v": "V", "g": "S", "c": "F", "q": "C", "p": "W"}


def _changes(values: Array, level: float) -> NDArray[np.intp]:
    """Return the points after which a signal changes from below a level to it or above, or back."""
    above = values >= level
    return np.flatnonzero(above[1:] != above[:-1])


@dataclass(frozen=True)
class Waveforms:
    """Signals over one independent variable, with the phases and marks of their deck.

    Parameters
    ----------
    axis : ndarray, shape (n,)
        Time [s], frequency [Hz], or the value of a source [V] or [A], which may descend; one point of an
        operating point.
    signals : mapping of str to ndarray, shape (n,)
        Real (float64), of an AC analysis complex (complex128), by ngspice's lower-case names: ``"v(bl)"`` [V],
        ``"i(vdd)"`` [A], ``"v(@m1[gm])"`` [S]. A current is positive when it flows into the source's + terminal, so
        a supply that delivers has a negative current.
    scalars : mapping of str to float
        Single numbers an analysis gives, such as ``"onoise_total"`` [V].
    abscissa : Axis
        What `axis` is: name, unit, scale.
    phases, marks :
        Named intervals and instants of a transient [s].
    units : mapping of str to str
        Units of nodes whose volts stand for something else: ``{"v(kelvin)": "K"}``.
    panels : mapping of str to tuple of str
        What a figure shows, as the deck says; waveforms that were read from a file have none.
    readings : tuple of (str, float)
        Signals, and the instants [s] (or other positions on the axis) at which the bench read them.
    """

    axis: Array
    signals: Mapping[str, Array | ComplexArray]
    scalars: Mapping[str, float] = field(default_factory=dict)
    abscissa: Axis = Transient.axis
    title: str = ""
    phases: tuple[Phase, ...] = ()
    marks: Mapping[str, float] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    panels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    readings: tuple[tuple[str, float], ...] = ()

    def __getitem__(self, name: str) -> Array:
        """Return a real signal; `BadMeasureError` if there is none of that name, or it is complex."""
        values = self._signal(name)
        if np.iscomplexobj(values):
            raise BadMeasureError(f"{name} is complex: ask for its response, magnitude_db or phase_degrees")
        return np.asarray(values, dtype=np.float64)

    def response(self, name: str) -> ComplexArray:
        """Return a signal of an AC analysis: complex, per unit of the source's AC magnitude."""
        return np.asarray(self._signal(name), dtype=np.complex128)

    def magnitude_db(self, name: str) -> Array:
        """Return 20 log10 of a signal's magnitude [dB]; minus infinity where the signal is zero."""
        with np.errstate(divide="ignore"):
            return 20 * np.log10(np.abs(self._signal(name)))

    def phase_degrees(self, name: str) -> Array:
        """Return the phase of a signal [degree], continuous over the axis."""
        # The angle jumps by a turn at -180 degrees, where the response of a circuit does not.
        return np.degrees(np.unwrap(np.angle(self._signal(name))))

    def value(self, name: str) -> float:
        """Return the one number that a signal of an operating point is."""
        values = self[name]
        if len(values) != 1:
            raise BadMeasureError(f"{name} has {len(values)} points: only an operating point is one number")
        return float(values[0])

    def at(self, name: str, position: float) -> float:
        """Return a signal at a position on the axis, such as an instant, linearly interpolated.

        Raises
        ------
        BadMeasureError
            If the position is outside the axis, the signal is complex, or there is only an operating point.
        """
        x, y = self._ascending(name)
        position = finite_number("position", position)
        if not x[0] <= position <= x[-1]:
            raise BadMeasureError(f"{name} at {position:g}: outside {x[0]:g}..{x[-1]:g}")
        return float(np.interp(position, x, y))

    def integral(self, name: str, start: float, stop: float) -> float:
        """Return the trapezoidal integral of a signal from `start` to `stop`; refuses what `at` refuses."""
        x, y = self._ascending(name)
        start, stop = finite_number("start", start), finite_number("stop", stop)
        inside = (x > start) & (x < stop)
        # The solver chooses its time points: as a rule neither end is one of them.
        positions = np.concatenate(([start], x[inside], [stop]))
        # The ends of a window are no readings (`Recorder`).
        values = np.concatenate(([Waveforms.at(self, name, start)], y[inside], [Waveforms.at(self, name, stop)]))
        return float(np.trapezoid(values, positions))

    def energy(self, source: str, volts: float, start: float, stop: float) -> float:
        """Return the energy [J] a constant supply delivered: -volts * integral of i(source)."""
        return -volts * self.integral(f"i({source})", start, stop)

    def driver_energy(self, source: str, node: str, start: float, stop: float) -> float:
        """Return the energy [J] that a driver in an ideal source's place takes from a rail at the source's top level.

        From where the source begins to rise to where it begins to fall the driver's pull-up conducts, and the charge
        comes from the rail; what the load gives back afterwards goes to ground and is lost. So a gate of capacitance C
        that is pulsed once costs C V^2, whereas the ideal source gets back most of what it gives. Of a constant
        source it is `energy`; a source that never rises above 0 V has a driver that only pulls down: 0.

        Parameters
        ----------
        source : str
            Name of a source from `node` to ground.
        node : str
            Of its voltage: ``"in0"``.
        start, stop : float
            Window [s]; refuses what `at` refuses.
        """
        x, volts = self._ascending(f"v({node})")
        inside = (x > start) & (x < stop)
        positions = np.concatenate(([start], x[inside], [stop]))
        level, current = (np.interp(positions, x, y) for y in (volts, self[f"i({source})"]))
        top = float(np.max(volts))
        if top <= 0:
            return 0.0
        # Rounding of a level at rest must not pass for an edge.
        moves = np.where(np.abs(np.diff(level)) > 1e-9 * top, np.sign(np.diff(level)), 0.0)
        last = np.maximum.accumulate(np.where(moves != 0, np.arange(len(moves)), -1))
        rising = np.where(last < 0, level[0] > top / 2, moves[last] > 0)
        charge = -np.diff(positions) * (current[1:] + current[:-1]) / 2
        return top * float(np.sum(charge[rising]))

    def crossing(self, signal: str | Array, level: float) -> float:
        """Return where a signal first reaches a level, along the direction of the axis.

        Parameters
        ----------
        signal : str or ndarray, shape (n,)
            A real signal's name, or values over the axis: ``magnitude_db("v(out)")``.
        level : float
            In the signal's unit.

        Returns
        -------
        float
            In the axis's unit, interpolated linearly, over the logarithm of a logarithmic axis.

        Raises
        ------
        BadMeasureError
            If the signal does not reach the level, or is complex.
        """
        level = finite_number("level", level)
        if isinstance(signal, str):
            name, values = signal, self[signal]
        else:
            name, values = "the signal", signal
        changes = _changes(values, level)
        if not len(changes):
            span = f"{np.min(values):g}..{np.max(values):g}"
            raise BadMeasureError(f"{name} does not cross {level:g}: it stays within {span}")
        return self._crossed(values, level, int(changes[0]))

    def crossings(self, name: str, level: float, *, rising: bool) -> list[float]:
        """Return every place where a real signal rises, or falls, through a level, as `crossing` interpolates it."""
        values, level = self[name], finite_number("level", level)
        return [self._crossed(values, level, int(k)) for k in _changes(values, level) if (values[k] < level) == rising]

    def _crossed(self, values: Array, level: float, before: int) -> float:
        """Return where `values` are at a level between a point and the next."""
        pair = slice(before, before + 2)
        # np.interp wants the values ascending, whichever way the signal crosses.
        order = np.argsort(values[pair])
        x, y = self.axis[pair][order], values[pair][order]
        if self.abscissa.logarithmic:
            return float(np.exp(np.interp(level, y, np.log(x))))
        return float(np.interp(level, y, x))

    def unit(self, name: str) -> str:
        """Return the unit of a signal: ``"V"``, ``"A"``, ``"V/sqrt(Hz)"``, or what the deck says in `units`."""
        if name in self.units:
            return self.units[name]
        if name.startswith(("onoise", "inoise")):
            return "V/sqrt(Hz)"
        if device := re.fullmatch(r"v\(@.*\[(\w).*\]\)", name):
            return _DEVICE_UNITS.get(device[1], "1")
        if name.startswith("i("):
            return "A"
        return "V"

    def to_dataframe(self) -> pd.DataFrame:
        """Return the signals as columns over the axis.

        Returns
        -------
        DataFrame
            Indexed by the axis; complex signals stay complex. ``attrs`` hold ``units`` by name, that of the axis
            among them, and the `annotations`.
        """
        import pandas as pd

        index = pd.Index(self.axis, name=self.abscissa.name)
        frame = pd.DataFrame(dict(self.signals), index=index)
        units = {self.abscissa.name: self.abscissa.unit, **{name: self.unit(name) for name in self.signals}}
        frame.attrs.update(self.annotations, units=units)
        return frame

    def to_xarray(self) -> xr.Dataset:
        """Return the signals as variables over the axis.

        Returns
        -------
        Dataset
            Every variable and the axis carry ``units``, as plots of xarray expect; ``attrs`` hold the `annotations`.
        """
        import xarray as xr

        axis = self.abscissa.name
        signals = {name: (axis, values, {"units": self.unit(name)}) for name, values in self.signals.items()}
        return xr.Dataset(signals, {axis: (axis, self.axis, {"units": self.abscissa.unit})}, self.annotations)

    @property
    def annotations(self) -> dict[str, Any]:
        """What belongs to the waveforms beside signals, JSON-able.

        These are ``title``, ``phases``, ``marks``, ``scalars`` and ``readings``.
        A phase is ``[name, start, stop]``, a reading ``[signal, position]``; marks and scalars are by name.
        """
        return {
            "title": self.title,
            "phases": [[phase.name, phase.start, phase.stop] for phase in self.phases],
            "marks": dict(self.marks),
            "scalars": dict(self.scalars),
            "readings": [list(reading) for reading in self.readings],
        }

    def _signal(self, name: str) -> Array | ComplexArray:
        try:
            return self.signals[name]
        except KeyError:
            have = ", ".join(sorted(self.signals))
            raise BadMeasureError(f"no vector {name!r} came back (have: {have})") from None

    def _ascending(self, name: str) -> tuple[Array, Array]:
        """Return axis and signal in ascending order; a DC sweep may run downwards."""
        values = self[name]
        if len(self.axis) < 2:
            raise BadMeasureError(f"{name}: an operating point has no axis: ask for its value")
        if self.axis[0] > self.axis[-1]:
            return self.axis[::-1], values[::-1]
        return self.axis, values


@dataclass(frozen=True)
class Recorder(Waveforms):
    """Waveforms that note where they are read, for a figure that shows where each number comes from.

    Parameters
    ----------
    noted : list of (str, float)
        Filled by `at`, `crossing` and `crossings`; windows of integrals are not noted.
    """

    noted: list[tuple[str, float]] = field(default_factory=list)

    @classmethod
    def of(cls, waveforms: Waveforms) -> Recorder:
        """Return a recorder of the same signals, which are not copied."""
        return cls(**{part.name: getattr(waveforms, part.name) for part in fields(waveforms)})

    def at(self, name: str, position: float) -> float:
        """Return what `Waveforms.at` does, and note it."""
        value = super().at(name, position)
        self.noted.append((name, float(position)))
        return value

    def crossing(self, signal: str | Array, level: float) -> float:
        """Return what `Waveforms.crossing` does, and note it where the signal has a name."""
        position = super().crossing(signal, level)
        if isinstance(signal, str):
            self.noted.append((signal, position))
        return position

    def crossings(self, name: str, level: float, *, rising: bool) -> list[float]:
        """Return what `Waveforms.crossings` does, and note it."""
        positions = super().crossings(name, level, rising=rising)
        self.noted.extend((name, position) for position in positions)
        return positions
