"""LSB of the charge-summing column over process, supply and temperature, by what sets the word line's pulse.

    python examples/qs_timing.py -o qs-timing.png

draws every condition of the shipped tables as a point: the fixed pulse, the fixed pulse with a word-line level
trimmed at each condition, and the pulse that a replica line ends.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from bitline import Lut
from bitline.lut.trim import trim
from bitline.plot import save, style

NOMINAL = {"corner": "tt", "vdd": 1.8, "temperature": 27.0}


def lsb_by_pulse() -> dict[str, xr.DataArray]:
    """Return the LSB [V] over corner, vdd and temperature of each way to set the pulse."""
    fixed, replica, levels = (
        abs(Lut.load(name).tables["line"]["lsb"]) for name in ("acim-qs", "acim-qs-replica", "acim-qs-trim")
    )
    target = float(levels.sel(NOMINAL).sel(v_wl=1.2, method="nearest"))
    return {
        "fixed, 0.3 ns\n16 active": fixed,
        "fixed, level trimmed\n4 active": trim(levels, "v_wl", target)["value"],
        "replica\n16 active": replica,
    }


def figure() -> Figure:
    """Draw each condition's LSB over its nominal one: a column of points per pulse, a colour per corner."""
    with style.context():
        made = style.new_figure(style.PAGE_WIDTH / 2, 70)
        axes = made.subplots()
        pulses = lsb_by_pulse()
        corners = next(iter(pulses.values()))["corner"].values.tolist()
        for place, lsb in enumerate(pulses.values()):
            relative = lsb / float(lsb.sel(NOMINAL))
            for k, (corner, colour) in enumerate(zip(corners, style.colours("corner", corners), strict=True)):
                values = relative.sel(corner=corner).to_numpy().ravel()
                x = np.full(values.size, place + 0.14 * (k - 2))
                axes.plot(x, values, "o", color=colour, markersize=2.5, label=corner if place == 0 else None)
        axes.set_yscale("log")
        axes.set_xticks(range(len(pulses)), list(pulses))
        axes.set_ylabel("LSB over the nominal one")
        axes.axhline(1.0, color=style.GREY, linewidth=0.6, zorder=0)
        axes.legend(loc="lower right")
        axes.set_title("1.62 to 1.98 V, -40 to 125 °C", loc="left")
    return made


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=Path("qs-timing.png"))
    print(save(figure(), parser.parse_args().output))
