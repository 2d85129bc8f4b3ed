"""Analysis: what the simulator works out of a deck, and all that depends on which one it is.

Each type knows its ngspice line, the plot that its vectors come back in, the axis they are over, and when it has
reached its end. Engines, verdict, waveforms, files and plots ask the type and never compare names.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from bitline.numbers import number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True)
class Axis:
    """The independent variable of an analysis: its name, its unit, and whether it is drawn on a logarithmic scale."""

    name: str
    unit: str
    logarithmic: bool = False


@dataclass(frozen=True)
class Transient:
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
    complex_valued: ClassVar[bool] = False

    @property
    def line(self) -> str:
        """The line of the deck that asks for it."""
        step = number(self.max_step)
        return f".tran {step} {number(self.stop)} 0 {step}"

    def in_steps(self, count: int) -> Transient:
        """Return the same analysis cut into at least `count` time steps."""
        return replace(self, max_step=self.stop / count)

    def reached(self, axis: Array) -> bool:
        """Return whether the axis goes to the end."""
        return bool(axis[-1] >= self.stop * (1 - 1e-9))


@dataclass(frozen=True)
class Noise:
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
    """

    output: str
    source: str
    stop: float
    start: float = 1.0
    points_per_decade: int = 20

    axis: ClassVar[Axis] = Axis("frequency", "Hz", logarithmic=True)
    plot: ClassVar[str] = "noise1"
    vector: ClassVar[str] = "frequency"
    complex_valued: ClassVar[bool] = False

    @property
    def line(self) -> str:
        """The line of the deck that asks for it."""
        grid = f"dec {self.points_per_decade} {number(self.start)} {number(self.stop)}"
        return f".noise {self.output} {self.source} {grid} 1"

    def in_steps(self, count: int) -> Noise:
        """Return the analysis itself: its grid is given, no solver chooses it."""
        return self

    def reached(self, axis: Array) -> bool:
        """Return whether the axis goes to the end."""
        return bool(axis[-1] >= self.stop * (1 - 1e-9))


@dataclass(frozen=True)
class Ac:
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

    def in_steps(self, count: int) -> Ac:
        """Return the analysis itself: its grid is given, no solver chooses it."""
        return self

    def reached(self, axis: Array) -> bool:
        """Return whether the axis goes to the end."""
        return bool(axis[-1] >= self.stop * (1 - 1e-9))


@dataclass(frozen=True)
class Dc:
    """Operating points over the value of one source.

    Parameters
    ----------
    source : str
        The source that is swept: ``"vin"``, a voltage source.
    start, stop, step : float
        Its values [V].
    """

    source: str
    start: float
    stop: float
    step: float

    axis: ClassVar[Axis] = Axis("v-sweep", "V")
    plot: ClassVar[str] = "dc"
    vector: ClassVar[str] = "v-sweep"
    complex_valued: ClassVar[bool] = False

    @property
    def line(self) -> str:
        """The line of the deck that asks for it."""
        return f".dc {self.source} {number(self.start)} {number(self.stop)} {number(self.step)}"

    def in_steps(self, count: int) -> Dc:
        """Return the analysis itself: its grid is given, no solver chooses it."""
        return self

    def reached(self, axis: Array) -> bool:
        """Return whether the axis comes within a step of the end; ngspice may leave the last value out."""
        return bool(abs(axis[-1] - self.stop) < abs(self.step) * (1 - 1e-6))


@dataclass(frozen=True)
class OperatingPoint:
    """One operating point: every vector is one number, and there is no axis."""

    axis: ClassVar[Axis] = Axis("point", "1")
    plot: ClassVar[str] = "op"
    vector: ClassVar[None] = None
    stop: ClassVar[float] = 0.0
    complex_valued: ClassVar[bool] = False
    line: ClassVar[str] = ".op"

    def in_steps(self, count: int) -> OperatingPoint:
        """Return the analysis itself: it has no axis."""
        return self

    def reached(self, axis: Array) -> bool:
        """Return whether there is an operating point."""
        return len(axis) == 1


Analysis = Transient | Noise | Ac | Dc | OperatingPoint
