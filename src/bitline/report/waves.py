"""Waveforms as the report's script reads them: strips as the figure has them, numbers to seven digits."""

from __future__ import annotations

from typing import Any

import numpy as np

from bitline.engine.waveforms import Array, Waveforms
from bitline.errors import InputError
from bitline.plot.waveform import drawn, groups, interesting, real_signals, unit

_DIGITS = 7
"""Far below the solver's error, and half as long as all digits."""


def wave_data(name: str, waveforms: Waveforms) -> dict[str, Any]:
    """Return waveforms for the report's script, JSON-able.

    Parameters
    ----------
    name : str
        What an error calls them.
    waveforms : Waveforms
        Of any analysis but an operating point. Of a source's current, what the source delivers is drawn.

    Raises
    ------
    InputError
        If there is nothing to draw over an axis.
    """
    if len(waveforms.axis) < 2:
        raise InputError(f"{name}: has {len(waveforms.axis)} points: waveforms of a report have two or more")
    real = real_signals(waveforms)
    panels = real.panels or groups(real)
    names = {signal for members in panels.values() for signal in members}
    axis = real.abscissa
    return {
        "axis": {"name": axis.name, "unit": axis.unit, "logarithmic": axis.logarithmic},
        "x": _numbers(real.axis),
        "stop": float(interesting(real)),
        "panels": [_panel(real, panel, members) for panel, members in panels.items()],
        "phases": [{"name": phase.name, "start": phase.start, "stop": phase.stop} for phase in real.phases],
        "marks": dict(real.marks),
        "readings": [[signal, at, _drawn_at(real, signal, at)] for signal, at in real.readings if signal in names],
    }


def _panel(waveforms: Waveforms, name: str, members: tuple[str, ...]) -> dict[str, Any]:
    signals = [{"name": signal, "values": _numbers(drawn(waveforms, signal))} for signal in members]
    return {"name": name, "unit": unit(waveforms, members[0]), "signals": signals}


def _drawn_at(waveforms: Waveforms, signal: str, position: float) -> float:
    # Over a descending axis, as of a sweep back, `at` turns both round.
    order = np.argsort(waveforms.axis, kind="stable")
    return float(np.interp(position, waveforms.axis[order], drawn(waveforms, signal)[order]))


def _numbers(values: Array) -> list[float]:
    return [float(f"{value:.{_DIGITS}g}") for value in values.tolist()]
