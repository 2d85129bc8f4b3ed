"""Analysis: what the simulator works out of a deck, and all that depends on which one it is.

Each type knows its ngspice line, the plot that its vectors come back in, the axis they are over, and when it has
reached its end. Engines, verdict, waveforms, files and plots ask the type and never compare names.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

from bitline.errors import InputError
from bitline.numbers import number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

# The first letter decides what an element is in SPICE.
_SOURCE = re.compile(r"[VvIi][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Axis:
    """The independent variable of an analysis: its name, its unit, and whether it is drawn on a logarithmic scale."""

    name: str
    unit: str
    logarithmic: bool = False


class _Analysis:
    """What is the same for most analyses.

    Attributes
    ----------
    plot : str
        ngspice's name for the plot that holds the vectors.
    vector : str or None
        The vector in it that is the axis; None where there is no axis.
    totals : str or None
        A second plot with one number a vector, such as integrals over the axis.
    complex_valued : bool
        Whether the vectors are complex.
    """

    totals: ClassVar[str | None] = None
    complex_valued: ClassVar[bool] = False

    def in_steps(self, count: int) -> Self:
        """Return the analysis with at least `count` steps, where the solver chooses the steps; else itself."""
        return self


@dataclass(frozen=True)
class Transient(_Analysis):
    """Signals over time.

    Parameters
    ----------
    stop : float
        Where the analysis must end [s].
    max_step : float
        Longest time step [s].
    """

    stop: float
    max_step: float = 1e-10

    axis: ClassVar[Axis] = Axis("time", "s")
    plot: ClassVar[str] = "tran"
    vector: ClassVar[str] = "time"

    @property
    def line(self) -> str:
        """The line of the deck that asks for it."""
        # The second step bounds the solver's. The first is for printing, but ngspice takes its initial step from it.
        step = number(self.max_step)
        return f".tran {step} {number(self.stop)} 0 {step}"

    def in_steps(self, count: int) -> Self:
        """Return the same analysis cut into at least `count` time steps."""
        return replace(self, max_step=self.stop / count)

    def reached(self, axis: Array) -> bool:
        """Return whether the axis goes to the end."""
        # Time is a sum of steps, and may miss the end by rounding.
        return bool(axis[-1] >= self.stop * (1 - 1e-9))


@dataclass(frozen=True)
class Noise(_Analysis):
    """Noise density of a vector over frequency, and its integral.

    Parameters
    ----------
    output : str
        Vector whose noise is worked out: ``"v(line)"``.
    source : str
        Input source that the noise is referred to.
    stop, start : float
        Last and first frequency [Hz].
    points_per_decade : int

    Raises
    ------
    InputError
        If the last frequency is not one of the points.
    """

    output: str
    source: str
    stop: float
    start: float = 1.0
    points_per_decade: int = 20

    axis: ClassVar[Axis] = Axis("frequency", "Hz", logarithmic=True)
    # One analysis, two plots: the density over frequency, and its integrals as single numbers.
    plot: ClassVar[str] = "noise1"
    vector: ClassVar[str] = "frequency"
    totals: ClassVar[str] = "noise2"

    def __post_init__(self) -> None:
        # ngspice multiplies the frequency from point to point, and would leave out what lies beyond the last one.
        # So much for a grid of whole steps: the end would be off by less than a millionth of one.
        steps = self.points_per_decade * math.log10(self.stop / self.start)
        if abs(steps - round(steps)) > 1e-6:
            raise InputError(f"Noise: stop = {self.stop:g}: is no whole number of steps above start = {self.start:g}")

    @property
    def line(self) -> str:
        """The line of the deck that asks for it."""
        # The 1 at the end has ngspice write the contribution of each device as well.
        grid = f"dec {self.points_per_decade} {number(self.start)} {number(self.stop)}"
        return f".noise {self.output} {self.source} {grid} 1"

    def reached(self, axis: Array) -> bool:
        """Return whether the axis goes to the end."""
        return bool(axis[-1] >= self.stop * (1 - 1e-9))


@dataclass(frozen=True)
class Ac(_Analysis):
    """Complex small-signal response over frequency.

    Parameters
    ----------
    stop, start : float
        Last and first frequency [Hz].
    points_per_decade : int
    """

    stop: float
    start: float = 1.0
    points_per_decade: int = 20

    axis: ClassVar[Axis] = Axis("frequency", "Hz", logarithmic=True)
    plot: ClassVar[str] = "ac"
    vector: ClassVar[str] = "frequency"
    complex_valued: ClassVar[bool] = True

    @property
    def line(self) -> str:
        """The line of the deck that asks for it."""
        return f".ac dec {self.points_per_decade} {number(self.start)} {number(self.stop)}"

    def reached(self, axis: Array) -> bool:
        """Return whether the axis goes to the end."""
        return bool(axis[-1] >= self.stop * (1 - 1e-9))


@dataclass(frozen=True)
class Dc(_Analysis):
    """Operating points over the value of one source: a transfer curve.

    Parameters
    ----------
    source : str
        The voltage or current source that is swept: ``"vin"``, ``"iref"``.
    start, stop : float
        Its first and last value [V] or [A].
    step : float
        From one value to the next; negative for a sweep downwards.

    Raises
    ------
    InputError
        If the source is neither a voltage nor a current source, or the step does not lead from start to stop.
    """

    source: str
    start: float
    stop: float
    step: float

    plot: ClassVar[str] = "dc"

    def __post_init__(self) -> None:
        # The name goes into SPICE text as it is.
        if not _SOURCE.fullmatch(self.source):
            raise InputError(f"Dc: source = {self.source!r}: must name a voltage or current source, such as vin")
        if self.step == 0 or (self.stop - self.start) * self.step < 0:
            raise InputError(f"Dc: step = {self.step:g}: does not lead from {self.start:g} to {self.stop:g}")

    @property
    def axis(self) -> Axis:
        """The value of the source, under the source's name."""
        name = self.source.lower()
        unit = "V"
        if name.startswith("i"):
            unit = "A"
        return Axis(name, unit)

    @property
    def vector(self) -> str:
        """The axis as ngspice calls it, by the first letter of the source."""
        return f"{self.source[0].lower()}-sweep"

    @property
    def line(self) -> str:
        """The line of the deck that asks for it."""
        return f".dc {self.source} {number(self.start)} {number(self.stop)} {number(self.step)}"

    def reached(self, axis: Array) -> bool:
        """Return whether the axis comes within a step of the end; ngspice may leave the last value out."""
        return bool(abs(axis[-1] - self.stop) < abs(self.step) * (1 - 1e-6))


@dataclass(frozen=True)
class OperatingPoint(_Analysis):
    """One operating point: every vector is one number, and there is no axis."""

    axis: ClassVar[Axis] = Axis("point", "1")
    plot: ClassVar[str] = "op"
    vector: ClassVar[None] = None
    stop: ClassVar[float] = 0.0
    complex_valued: ClassVar[bool] = False
    line: ClassVar[str] = ".op"

    def reached(self, axis: Array) -> bool:
        """Return whether there is an operating point."""
        return len(axis) == 1


Analysis = Transient | Noise | Ac | Dc | OperatingPoint


def axis_of(name: str, unit: str) -> Axis | None:
    """Return the axis of that name in a file of waveforms, or None if no analysis has such an axis."""
    for axis in (Transient.axis, Ac.axis, OperatingPoint.axis):
        if axis.name == name:
            return axis
    # Any other axis is the source that a DC sweep varies.
    if _SOURCE.fullmatch(name) and unit in {"V", "A"}:
        return Axis(name, unit)
    return None
