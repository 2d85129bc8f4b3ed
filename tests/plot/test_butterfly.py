"""The butterfly of bench `snm`."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from bitline.circuits.analysis import Dc
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.plot import butterfly, simulation_figure

X = np.linspace(0, 1.8, 901)


def curves(low: float = 0.0) -> Waveforms:
    q = low + (1.8 - low) / (1 + np.exp((X - 0.8) / 0.05))
    qb = 1.8 / (1 + np.exp((X - 0.8) / 0.05))
    return Waveforms(X, {"v(q)": q, "v(qb)": qb}, title="cell", abscissa=Dc("vx", 0.0, 1.8, 2e-3).axis)


def squares_of(axes: Axes) -> dict[str, Rectangle]:
    return {str(patch.get_gid()): patch for patch in axes.patches if isinstance(patch, Rectangle)}


def test_the_squares_lie_between_the_curves(axes: Axes) -> None:
    butterfly(axes, curves(low=0.3))
    drawn = squares_of(axes)
    assert set(drawn) == {"square 1", "square 0"}
    assert drawn["square 0"].get_width() == drawn["square 0"].get_height() < drawn["square 1"].get_width()
    assert {text.get_text() for text in axes.texts} == {f"{1e3 * p.get_width():.0f} mV" for p in drawn.values()}


def test_a_bit_that_is_lost_has_no_square(axes: Axes) -> None:
    butterfly(axes, curves(low=0.9))
    assert set(squares_of(axes)) == {"square 1"}


def test_samples_lie_thin_behind_the_curves(axes: Axes) -> None:
    butterfly(axes, curves(), [curves(low=0.1), curves(low=0.2)])
    samples = [line for line in axes.lines if str(line.get_gid()).startswith("sample")]
    (nominal,) = (line for line in axes.lines if line.get_gid() == "curve q")
    assert len(samples) == 4
    assert all(line.get_zorder() < nominal.get_zorder() for line in samples)
    assert all(line.get_linewidth() < nominal.get_linewidth() for line in samples)
    assert len(squares_of(axes)) == 2


def test_samples_behind_another_figure_are_refused() -> None:
    time = Waveforms(X, {"v(q)": X})
    with pytest.raises(InputError, match="1 mismatch samples: can be drawn behind a butterfly or an N-curve"):
        simulation_figure(time, [time])
    with pytest.raises(InputError, match="behind = 'all'"):
        simulation_figure(time, "all")


def test_a_simulation_of_the_bench_is_drawn_as_one() -> None:
    (axes,) = simulation_figure(curves()).axes
    assert axes.get_aspect() == pytest.approx(1.0)
    assert set(squares_of(axes)) == {"square 1", "square 0"}
