"""The verdict on a run is bitline's own: ngspice's exit code and chatter are not trusted.

A run is good only if every requested vector came back finite, the analysis reached its end, and the
log has no line that refuses the deck.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitline.circuits.analysis import Analysis
from bitline.circuits.deck import Deck
from bitline.engine.answer import Answer, Plot
from bitline.engine.waveforms import Array, ComplexArray, Waveforms
from bitline.errors import BadMeasureError, NoConvergenceError, RefusedError, SimulationError, SimulatorCrashedError

# What ngspice says when it gives up. Warnings on the way (singular matrix, gmin or source stepping
# failed) count only where nothing came back: it then tries the next method, often with success.
# "True gmin stepping" comes after all else has failed, and ngspice 39 reports it as completed with nodes that are volts
# off: a precharged line at 0.13 V of 1.98 V, from which the transient then starts without a word.
_DIVERGED = re.compile(
    r"timestep too small|no convergence|iteration limit|doAnalyses: TRAN|true gmin stepping completed", re.IGNORECASE
)
_STRUGGLED = re.compile(r"singular matrix|(gmin|source) stepping failed", re.IGNORECASE)
_UNMEASURED = re.compile(r"no data saved|\.meas.* failed!|no \.measure possible", re.IGNORECASE)
# What it says of a deck that it does not accept. It would say the same again, whatever the options.
_REFUSED = re.compile(
    r"fatal error|unknown (model|subckt|parameter)|could not find a valid modelname|can't find model|"
    r"unable to find definition|syntax error|parse error|no such|circuit not parsed|error on line|"
    r"undefined parameter|too few parameters|could not find include file|closing .* not found|"
    r"check your input netlist|there aren't any circuits loaded",
    re.IGNORECASE,
)
# Lines of a refusal that name nothing: they come after the one that does.
_EMPTY_WORDS = re.compile(
    r"check your input netlist|there aren't any circuits loaded|circuit not parsed", re.IGNORECASE
)


def excerpt(log: str, lines: int = 6) -> str:
    """Return the lines of a log that tell why a run failed."""
    patterns = (_DIVERGED, _STRUGGLED, _UNMEASURED, _REFUSED)
    stripped = [line.strip() for line in log.splitlines()]
    # ngspice shows the line that it does not understand below the words "Error on line 6 or its substitute:".
    shown = [before.lower().startswith("error on line") for before in ["", *stripped]]
    telling = [
        line for line, below in zip(stripped, shown, strict=False) if below or any(p.search(line) for p in patterns)
    ]
    telling = [line for line in telling if not _EMPTY_WORDS.search(line)] or telling
    if not telling:  # then the last words may help
        telling = [line.strip() for line in log.splitlines() if line.strip()][-lines:]
    # A table keeps this for each failed point.
    return " | ".join(telling[:lines])[:600]


def judge(deck: Deck, answer: Answer) -> Waveforms:
    """Turn an answer into waveforms, or raise the `SimulationError` that says what is wrong.

    Raises
    ------
    NoConvergenceError
        If the analysis stopped short or the log says that it diverged.
    BadMeasureError
        If a requested vector is missing or not finite, or a ``.meas`` failed.
    RefusedError
        If the log says that ngspice does not accept the deck.
    SimulatorCrashedError
        If nothing came back and the log does not say why.
    """
    plot = _data(deck, answer)
    analysis, log = deck.analysis, answer.log
    axis = _axis(analysis, plot)
    # ngspice ends a sweep or a transient early without a word when a value does not converge.
    if not len(axis) or not analysis.reached(axis):
        last = 0.0
        if len(axis):
            last = axis[-1]
        raise NoConvergenceError(f"{deck.title}: stopped at {last:g} of {analysis.stop:g}", log)
    scalars = _totals(analysis, answer)
    _check_finite(deck, plot, scalars, log)
    return Waveforms(
        axis=axis,
        signals={name: _values(analysis, vector) for name, vector in plot.items() if name != analysis.vector},
        scalars=scalars,
        abscissa=analysis.axis,
        title=deck.title,
        phases=deck.phases,
        marks=deck.marks,
        units=deck.units,
        panels=deck.panels,
    )


def _data(deck: Deck, answer: Answer) -> Plot:
    """Return the vectors of the deck's analysis, or raise what the log says of their absence."""
    log = answer.log
    analysis = deck.analysis
    plot = answer.plots.get(analysis.plot)
    # First, because a run that diverges also lacks data and measurements, and the ladder may still mend it.
    if _DIVERGED.search(log) or (plot is None and _STRUGGLED.search(log)):
        raise NoConvergenceError(f"{deck.title}: ngspice did not converge: {excerpt(log)}", log)
    if _REFUSED.search(log):
        raise RefusedError(f"{deck.title}: ngspice refused the deck: {excerpt(log)}", log)
    if failed := _UNMEASURED.search(log):
        raise BadMeasureError(f"{deck.title}: not measured ({failed[0]}): {excerpt(log)}", log)
    if plot is None or (analysis.vector is not None and analysis.vector not in plot):
        raise SimulatorCrashedError(f"{deck.title}: ngspice returned no data: {excerpt(log)}", log)
    return plot


def _axis(analysis: Analysis, plot: Plot) -> Array:
    if analysis.vector is not None:
        return np.asarray(plot[analysis.vector].real, dtype=np.float64)
    points = max((len(vector) for vector in plot.values()), default=0)
    return np.arange(points, dtype=np.float64)


def _values(analysis: Analysis, vector: NDArray[Any]) -> Array | ComplexArray:
    if analysis.complex_valued:
        return np.asarray(vector, dtype=np.complex128)
    # ngspice may mark vectors as complex whose analysis never makes them so.
    return np.asarray(vector.real, dtype=np.float64)


def _totals(analysis: Analysis, answer: Answer) -> dict[str, float]:
    """Return the numbers that an analysis gives beside its vectors: noise integrated over frequency."""
    if analysis.totals is None:
        return {}
    vectors = answer.plots.get(analysis.totals, {})
    return {name: float(vector[-1]) for name, vector in vectors.items() if len(vector)}


def _check_finite(deck: Deck, plot: Plot, scalars: dict[str, float], log: str) -> None:
    for name in deck.saves:
        if name in scalars:
            finite = bool(np.isfinite(scalars[name]))
        elif name in plot:
            finite = bool(np.isfinite(plot[name]).all())
        else:
            raise BadMeasureError(f"{deck.title}: the vector {name} did not come back", log)
        if not finite:
            raise BadMeasureError(f"{deck.title}: the vector {name} is not finite", log)


__all__ = ["SimulationError", "excerpt", "judge"]
