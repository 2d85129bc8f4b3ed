"""Panels of a restore's LUT: failures against spread, errors, shmoo, margins, energy.

Each takes an Axes and a LUT, fixes the axes it does not draw as `bitline.plot.select.cut` says, and
returns the Axes. Tables: ``nominal`` (what the bench measures without mismatch) and ``yield`` (counts
over samples, with the device-only bound and the formula's prediction).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from bitline.plot import label, style
from bitline.plot.panel import (
    Array,
    Panel,
    abscissa,
    along,
    heat,
    lines,
    numeric,
    panel,
    places,
    stack,
    supplies,
    variable,
)
from bitline.plot.select import Lut, coordinate_unit, cut, swept
from bitline.system.power_gating import RESTORE_28NM

_SHMOO = ("stretch", "v_start", "vdd", "temperature", "n_per_cluster", "sigma_lnr")
"""Axes of a shmoo, the preferred ones first."""
_FORMULAS = {"bound": (style.DASHED, "device-only bound"), "predicted": ((None, None), "predicted")}
"""Variables that are drawn as curves: their dashes, and what the legend says."""
_CLEAN = 1e-9
"""A formula's failures below this are not drawn."""
_SPOKEN = {"n_per_cluster": "n"}


def failures(
    axes: Axes,
    lut: Lut,
    axis: str = "sigma_lnr",
    *,
    by: str = "level",
    legend: bool = True,
    title: str | None = None,
    **where: Any,
) -> Axes:
    """Draw the share of wrong trits along an axis, with its interval, the device-only bound and the prediction.

    A point without failures is drawn as the upper end of its interval, with an arrow down.

    Parameters
    ----------
    axes : Axes
        Where to draw; the y axis is logarithmic.
    lut : Lut
        With table ``yield``.
    axis : str
        What the x axis is.
    by : str
        An axis: one line per value.
    legend : bool
        Explain colours and curves beside the Axes.
    title : str, optional
        What the title says before the condition; the circuit by default.
    **where
        Coordinates of the other axes.

    Returns
    -------
    Axes
        The Axes given.

    Raises
    ------
    InputError
        If the LUT lacks the table or variable, or an axis or value is not on its grid.
    """
    view = cut(lut, "yield", axis, by, where)
    axes.set_yscale("log")
    root = axes.get_figure(root=True)
    assert root is not None
    handles: list[Line2D] = []
    seen: list[float] = []
    curves: list[float] = []
    for value, line, colour, marker in lines(view, "yield"):
        x = places(line, axis)
        shares = [1 - variable(lut, line, name) for name in ("yield_high", "yield", "yield_low")]
        aside = ScaledTranslation(3 * len(handles) / 72, 0, root.dpi_scale_trans)  # levels often fail alike
        seen += _points(axes, x, shares, color=colour, marker=marker, transform=axes.transData + aside)
        for name, (dashes, _) in _FORMULAS.items():
            if name in line:
                missed = 1 - variable(lut, line, name)
                missed[missed < _CLEAN] = np.nan
                axes.plot(x, missed, color=colour, dashes=dashes, linewidth=0.8, gid=f"{name} {value}")
                curves += missed[np.isfinite(missed)].tolist()
        handles.append(Line2D([], [], color=colour, marker=marker, linestyle="none", label=view.name(by, value)))
    table = lut.tables["yield"]
    for dashes, words in (told for name, told in _FORMULAS.items() if name in table):
        handles.append(Line2D([], [], color=style.GREY, dashes=dashes, linewidth=0.8, label=words))
    least = min((value for value in seen if value > 0), default=1e-3)
    least = min([value for value in curves if value > least / 30], default=least)
    axes.set_ylim(10 ** np.floor(np.log10(least / 1.5)), 1.5)
    abscissa(axes, lut, table, axis)
    axes.set_ylabel("Wrong trits (1 − yield)")
    label.title(axes, view.title("yield", title))
    if legend:
        below = -26 / label.height(axes)  # [pt] leaves room for the ticks and the axis label
        columns = len(handles) if label.width(axes) > 300 else 2
        axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, below), ncols=columns)
    return axes


def _points(axes: Axes, x: Array, shares: list[Array], **looks: Any) -> list[float]:
    """Draw shares (low, estimate, high) with their bars, those of 0 as the upper end; return the heights."""
    low, share, high = shares
    some = share > 0
    bars = np.clip((share - low, high - share), 0, None)[:, some]
    axes.errorbar(x[some], share[some], yerr=bars, linestyle="none", elinewidth=0.7, **looks)
    looks |= {"marker": "$↓$", "markersize": 5}
    axes.plot(x[~some], high[~some], linestyle="none", gid="none failed", **looks)
    return [*share[some].tolist(), *high[~some].tolist()]


def errors(axes: Axes, lut: Lut, *, title: str | None = None, **where: Any) -> Axes:
    """Draw which level became which, in percent of the samples of each stored level.

    A column "none" is added where some restored to the code that no level gives.
    Parameters, returns and errors are those of `failures`.
    """
    view = cut(lut, "yield", "level", None, where)
    ((_, line),) = view.lines("yield")
    counts = np.stack([variable(lut, line, f"to_{name}") for name in style.LEVELS], axis=1)
    n = variable(lut, line, "n_ok")
    columns = [label.level(name) for name in style.LEVELS]
    if (n > counts.sum(axis=1)).any():
        counts = np.column_stack([counts, n - counts.sum(axis=1)])
        columns.append("none")
    shares = counts / np.where(n > 0, n, np.nan)[:, None]
    texts = [
        [_percent(share, int(count)) for share, count in zip(*row, strict=True)]
        for row in zip(shares, counts, strict=True)
    ]
    # The fourth root: one error in a thousand is to be seen beside the rest.
    heat(axes, shares**0.25, texts, columns, [label.level(name) for name in line["level"].values], limits=(0, 1))
    axes.set_xlabel("Restored")
    axes.set_ylabel("Stored")
    label.title(axes, f"{view.title('yield', title)}, {_samples(n)} per level")
    return axes


def shmoo(axes: Axes, lut: Lut, x: str, y: str, *, title: str | None = None, **where: Any) -> Axes:
    """Draw the yield over two axes, each cell labelled in percent; of the worst level unless `where` names one.

    Parameters
    ----------
    x, y : str
        Axes of table ``yield``.
    axes, lut, title, **where
        As in `failures`, which also says what is returned and raised.
    """
    table = lut.tables.get("yield")
    pool = [where["level"]] if "level" in where or table is None else table["level"].values.tolist()
    views = [cut(lut, "yield", x, y, {**where, "level": level}) for level in pool]
    rows = views[0].values("yield")
    cells = np.array([[variable(lut, line, "yield") for _, line in view.lines("yield")] for view in views])
    counts = np.array([[variable(lut, line, "n_ok") for _, line in view.lines("yield")] for view in views])
    worst = np.where(np.isnan(cells).any(axis=0), np.nan, cells.min(axis=0))
    fewest = max(float(counts.max()), 2.0)
    nines = -np.log10(np.clip(1 - worst, 0.5 / fewest, 1))
    texts = [["–" if np.isnan(v) else _yield(v) for v in row] for row in worst]
    columns = lut.tables["yield"][x].values.tolist()
    heat(
        axes,
        nines[::-1],
        texts[::-1],
        [_tick(value) for value in columns],
        [_tick(value) for value in rows[::-1]],
        limits=(0, float(np.log10(2 * fewest))),
    )
    axes.set_xlabel(label.named(x, coordinate_unit(lut, x)))
    axes.set_ylabel(label.named(y, coordinate_unit(lut, y)))
    fixed = [part for part in views[0].title("yield", None).split(": ")[-1].split(", ") if part]
    whose = "worst level" if len(pool) > 1 else label.level(pool[0])
    told = [part for part in fixed if part != label.level(views[0].fixed["level"])]
    head = title if title is not None else lut.kind
    label.title(axes, f"{head}, yield in % of {whose}: {', '.join([*told, _samples(counts)])}")
    return axes


def margins(axes: Axes, lut: Lut, axis: str, *, by: str = "level", title: str | None = None, **where: Any) -> Axes:
    """Draw the smaller of both latches' margins along an axis; what lies below 0 restored wrong.

    Parameters, returns and errors are those of `failures`, of table ``nominal``.
    """
    view = cut(lut, "nominal", axis, by, where)
    ends = []
    for value, line, colour, marker in lines(view, "nominal"):
        least = np.minimum(variable(lut, line, "margin_1"), variable(lut, line, "margin_2"))
        axes.plot(places(line, axis), least, color=colour, marker=marker, gid=f"line {value}")
        if np.isfinite(least).any():
            ends.append((float(least[np.isfinite(least)][-1]), view.name(by, value), colour))
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    if axes.get_ylim()[0] < 0:
        axes.axhline(0, color=style.GREY, linewidth=0.6, zorder=0)
    abscissa(axes, lut, lut.tables["nominal"], axis)
    label.quantity(axes.yaxis, "smaller margin", "V")
    label.title(axes, view.title("nominal", title))
    label.ends(axes, ends)
    return axes


def energy(axes: Axes, lut: Lut, *, title: str | None = None, **where: Any) -> Axes:
    """Draw the energy of a restore of each level, stacked by supply, and the 28 nm macro's for comparison.

    Parameters, returns and errors are those of `failures`, of table ``nominal``.
    """
    view = cut(lut, "nominal", "level", None, where)
    ((_, line),) = view.lines("nominal")
    colours = supplies(line, sums=("total", "discharge"))
    parts = {name: variable(lut, line, f"energy_{name}") for name in colours}
    stack(axes, places(line, "level"), 0.6, parts, colours)
    axes.axhline(
        RESTORE_28NM,
        color=style.BLACK,
        dashes=(4, 2),
        linewidth=0.7,
        label=f"28 nm macro (transcribed), {label.number(RESTORE_28NM, 'J')}",
    )
    abscissa(axes, lut, line, "level")
    axes.set_ylim(top=1.2 * axes.get_ylim()[1])
    label.quantity(axes.yaxis, "energy per restore", "J")
    label.title(axes, view.title("nominal", title))
    axes.legend(handles=[axes.lines[-1]], loc="upper left")
    return axes


def panels(lut: Lut) -> dict[str, Panel]:
    """Choose the panels whose variables a LUT has."""
    found: dict[str, Panel] = {}
    if "yield" in lut.tables and "yield" in lut.tables["yield"]:
        found |= _yield_panels(lut.tables["yield"])
    nominal = lut.tables.get("nominal")
    if nominal is None or "margin_1" not in nominal or "level" not in nominal.dims:
        return found
    first = swept(nominal, ("n_per_cluster",), exclude="level")
    second = swept(nominal, ("corner", "vdd", "temperature"), exclude="level")
    for axis in dict.fromkeys(axis for axis in (first, second) if axis is not None):
        found[f"Margins over {_SPOKEN.get(axis, axis)}"] = panel(margins, axis)
    if any(str(name).startswith("energy_") for name in nominal.data_vars):
        found["Energy"] = panel(energy)
    if first is not None and "latency" in nominal:
        found["Latency"] = panel(along, "nominal", "latency", first, by="level")
    return found


def _yield_panels(table: xr.Dataset) -> dict[str, Panel]:
    found: dict[str, Panel] = {}
    candidates = [name for name in ("sigma_lnr", *map(str, table.dims)) if name not in ("level", "mismatch")]
    axis = next((name for name in candidates if table.sizes.get(name, 1) > 1), None)
    if axis is not None:
        for kind in sorted(table["mismatch"].values.tolist()) if "mismatch" in table.dims else [None]:
            at = {} if kind is None else {"mismatch": kind}
            name = "Device yield" if kind == "memory" else "Yield"
            found[name] = panel(failures, axis, legend=not found, **at)
    if axis == "sigma_lnr" and table.sizes.get("n_per_cluster", 1) > 1:
        found["Yield over n"] = panel(failures, "n_per_cluster", legend=False)
    if {f"to_{level}" for level in style.LEVELS} <= set(map(str, table.data_vars)) and "level" in table.dims:
        found["Errors"] = panel(errors)
    wide = [name for name in _SHMOO if table.sizes.get(name, 1) > 1 and numeric(table, name)]
    if len(wide) > 1 and "level" in table.dims:
        found["Shmoo"] = panel(shmoo, wide[0], wide[1])
    return found


def _percent(share: float, count: int) -> str:
    if np.isnan(share):
        return "–"
    return f"{100 * share:.3g} %" if count else "0"


def _yield(value: float) -> str:
    """Write a yield in percent: 100 only where nothing failed."""
    for digits in (1, 2, 3):
        text = f"{100 * value:.{digits}f}"
        if value == 1 or float(text) < 100:
            return "100" if value == 1 else text
    return "<100"


def _tick(value: float) -> str:
    return f"{value:.4g}"


def _samples(counts: Any) -> str:
    fewest, most = int(np.min(counts)), int(np.max(counts))
    return f"{fewest} samples" if fewest == most else f"{fewest} to {most} samples"
