"""A window for a figure, where there is a display: the one place that uses pyplot."""

from __future__ import annotations

from matplotlib.figure import Figure

from bitline.errors import SetupError
from bitline.plot.arguments import checked


@checked
def show(figure: Figure) -> None:
    """Show a figure until its window is closed, with the zoom and the read-out of Matplotlib's tool bar.

    Parameters
    ----------
    figure : Figure
        As `bitline.plot.figure` or `bitline.plot.simulation_figure` made it.

    Raises
    ------
    SetupError
        If there is no display, or no toolkit that draws windows.
    """
    from matplotlib import pyplot

    # Matplotlib itself falls back to a backend that only writes files.
    backend = str(pyplot.get_backend())
    if backend.lower() in {"agg", "cairo", "pdf", "pgf", "ps", "svg", "template"}:
        raise SetupError(f"no window: there is no display, or no toolkit for one (Matplotlib's backend is {backend})")
    manager = pyplot.figure().canvas.manager
    assert manager is not None
    manager.canvas.figure = figure
    figure.set_canvas(manager.canvas)
    pyplot.show()
