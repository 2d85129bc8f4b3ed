"""The N-curve of bench `n-curve`."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes

from bitline.circuits.analysis import Dc
from bitline.engine.waveforms import Waveforms
from bitline.errors import BadMeasureError
from bitline.plot import n_curve, simulation_figure

V = np.linspace(-0.01, 1.81, 1821)


def curve(lift: float = 0.0) -> Waveforms:
    """Return an N-curve with zeros at 0.2, 0.8 and 1.6 V, lifted by a current [A]."""
    current = 1e-4 * (V - 0.2) * (V - 0.8) * (V - 1.6) + lift
    return Waveforms(V, {"i(vforce)": -current}, title="cell", abscissa=Dc("vforce", -0.01, 1.81, 1e-3).axis)


def test_the_zeros_and_the_peaks_are_marked(axes: Axes) -> None:
    n_curve(axes, curve())
    marks = {str(line.get_gid()): float(np.ravel(line.get_xdata())[0]) for line in axes.lines}
    assert [marks[f"zero {name}"] for name in "ABC"] == pytest.approx([0.2, 0.8, 1.6], abs=1e-6)
    assert [text.get_text()[:4] for text in axes.texts] == ["A", "B", "C", "SINM", "WTI "]


def test_samples_lie_thin_behind_the_curve(axes: Axes) -> None:
    n_curve(axes, curve(), [curve(lift=1e-6), curve(lift=-1e-6)])
    assert [line.get_gid() for line in axes.lines[:3]] == ["sample", "sample", "n-curve"]


def test_a_cell_of_one_state_is_named(axes: Axes) -> None:
    with pytest.raises(BadMeasureError, match="crosses zero 1 times, not 3"):
        n_curve(axes, curve(lift=2e-5))


def test_a_simulation_of_the_bench_is_drawn_as_one() -> None:
    (axes,) = simulation_figure(curve()).axes
    assert any(line.get_gid() == "n-curve" for line in axes.lines)
