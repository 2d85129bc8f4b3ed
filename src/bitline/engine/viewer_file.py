"""Waveforms for viewers: ngspice's raw file (gaw, LTspice's and others' viewers) and VCD (GTKWave and digital tools).

Both are written only. Phases and readings have no place in them; `waveform_file` keeps them in Parquet and netCDF.
"""

from __future__ import annotations

import numpy as np

from bitline.circuits.analysis import Ac, Noise, OperatingPoint, Transient
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError

_TYPES = {"s": "time", "Hz": "frequency", "V": "voltage", "A": "current"}
"""ngspice's types of vectors by unit; a unit that it has no type for is ``notype``."""
_FEMTO = 1e-15
"""Resolution of a VCD's time [s], which it counts in whole steps."""


def raw(waveforms: Waveforms) -> bytes:
    """Return the waveforms as ngspice writes them: a header, then point after point in binary.

    Numbers keep every bit. Complex signals make all columns complex, the frequency among them.
    """
    names = {_axis_name(waveforms): waveforms.abscissa.unit} | {n: waveforms.unit(n) for n in waveforms.signals}
    columns = [waveforms.axis, *waveforms.signals.values()]
    if waveforms.abscissa == OperatingPoint.axis:
        del names[_axis_name(waveforms)], columns[0]
    kind = "complex" if any(map(np.iscomplexobj, columns)) else "real"
    table = np.stack(columns, axis=1).astype({"complex": "<c16", "real": "<f8"}[kind])
    header = [
        f"Title: {waveforms.title.encode('ascii', 'replace').decode()}",
        # A fixed date: the same waveforms are the same bytes.
        "Date: Thu Jan  1 00:00:00  1970",
        f"Plotname: {_plot_name(waveforms, kind)}",
        f"Flags: {kind}",
        f"No. Variables: {table.shape[1]}",
        f"No. Points: {len(table)}",
        "Variables:",
        *(f"\t{k}\t{name}\t{_TYPES.get(unit, 'notype')}" for k, (name, unit) in enumerate(names.items())),
        "Binary:",
    ]
    return "\n".join(header).encode() + b"\n" + table.tobytes()


def _axis_name(waveforms: Waveforms) -> str:
    """Return the axis as ngspice calls it: a swept source by its unit alone."""
    if _plot_name(waveforms, "real").startswith("DC"):
        return {"V": "v-sweep", "A": "i-sweep"}[waveforms.abscissa.unit]
    return waveforms.abscissa.name


def _plot_name(waveforms: Waveforms, kind: str) -> str:
    if waveforms.abscissa == Transient.axis:
        return "Transient Analysis"
    if waveforms.abscissa == OperatingPoint.axis:
        return "Operating Point"
    if waveforms.abscissa in (Ac.axis, Noise.axis):
        return {"complex": "AC Analysis", "real": "Noise Spectral Density Curves"}[kind]
    return "DC transfer characteristic"


def vcd(waveforms: Waveforms) -> bytes:
    """Return the waveforms of a transient as a value change dump: a real variable per signal, time in femtoseconds.

    Raises
    ------
    InputError
        If the axis is not the time: a VCD has no other.
    """
    if waveforms.abscissa != Transient.axis:
        raise InputError(
            f".vcd: holds signals over time, and these are over {waveforms.abscissa.name}: use .csv or .raw"
        )
    codes = {name: _code(k) for k, name in enumerate(waveforms.signals)}
    lines = ["$timescale 1 fs $end", "$scope module bitline $end"]
    # A blank would end the name.
    lines += [f"$var real 64 {code} {name.replace(' ', '_')} $end" for name, code in codes.items()]
    lines += ["$upscope $end", "$enddefinitions $end"]
    steps = np.rint(waveforms.axis / _FEMTO).astype(np.int64)
    written: dict[str, float] = {}
    # Of points that share a femtosecond the last one counts.
    for k in np.flatnonzero(np.append(np.diff(steps) > 0, True)):
        values = {name: float(waveforms[name][k]) for name in codes}
        changes = [f"r{value!r} {codes[name]}" for name, value in values.items() if written.get(name) != value]
        lines += [f"#{steps[k]}", *changes]
        written = values
    return "\n".join([*lines, ""]).encode()


def _code(k: int) -> str:
    """Return a short identifier of printable characters, as the format asks for."""
    first, last = divmod(k, 94)
    return (_code(first - 1) if first else "") + chr(33 + last)
