"""Panels of a yield: failures against spread, which level became which, shmoo.

Each takes an Axes and a LUT, fixes the axes it does not draw as `bitline.plot.select.cut` says, and
returns the Axes. Table ``yield`` holds counts over samples, with the device-only bound and a formula's
prediction.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from bitline.lut.lut import Lut
from bitline.plot import label, style
from bitline.plot.arguments import checked
from bitline.plot.draw import Array, abscissa, heat, lines, places, samples, variable
from bitline.plot.panel import Needs, Over, Panel
from bitline.plot.select import Cut, coordinate_unit, cut

_FORMULAS = {"bound": (style.DASHED, "device-only bound"), "predicted": ((None, None), "predicted")}
"""Variables that are drawn as curves: their dashes, and what the legend says."""
_CLEAN = 1e-9
"""A formula's failures below this are not drawn."""


@checked
def failures(
    axes: Axes,
    lut: Lut,
    axis: str = "sigma_lnr",
    *,
    by: str = "level",
    legend: bool = True,
    title: str | None = None,
    **condition: Any,
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
    **condition
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
    view = cut(lut, "yield", axis, by, condition)
    axes.set_yscale("log")
    heights, curves = [np.zeros(0)], [np.zeros(0)]
    for k, (value, line, colour, marker) in enumerate(lines(view, "yield")):
        x = places(line, axis)
        # The upper end of the yield is the lower end of its failures.
        shares = [1 - variable(lut, line, name) for name in ("yield_high", "yield", "yield_low")]
        heights.append(_points(axes, x, shares, shift=3 * k, color=colour, marker=marker))
        curves += _formulas(axes, lut, line, x, color=colour, value=value)
    _decades(axes, np.concatenate(heights), np.concatenate(curves))
    abscissa(axes, lut, lut.tables["yield"], axis)
    axes.set_ylabel("Wrong trits (1 − yield)")
    label.title(axes, view.title("yield", title))
    if legend:
        _legend(axes, view)
    return axes


def _formulas(axes: Axes, lut: Lut, line: xr.Dataset, x: Array, *, color: str, value: Any) -> list[Array]:
    """Draw the failures that the formulas give for one value of the lines' axis; return them."""
    curves = []
    for name in [name for name in _FORMULAS if name in line]:
        wrong = 1 - variable(lut, line, name)
        # A logarithmic axis has no 0, and 1e-300 would stretch it.
        wrong[wrong < _CLEAN] = np.nan
        axes.plot(x, wrong, color=color, dashes=_FORMULAS[name][0], linewidth=0.8, gid=f"{name} {value}")
        curves.append(wrong)
    return curves


def _points(axes: Axes, x: Array, shares: list[Array], *, shift: float, **looks: Any) -> Array:
    """Draw shares (low, estimate, high) with their bars, those of 0 as the upper end; return the heights.

    Levels often fail alike: each is moved aside by `shift` [pt].
    """
    root = axes.get_figure(root=True)
    assert root is not None
    # Moved on the paper, not in the data: on a linear and on a logarithmic axis by the same distance.
    looks["transform"] = axes.transData + ScaledTranslation(shift / 72, 0, root.dpi_scale_trans)
    low, share, high = shares
    some = share > 0
    reach = np.clip((share - low, high - share), 0, None)[:, some]
    axes.errorbar(x[some], share[some], yerr=reach, linestyle="none", elinewidth=0.7, **looks)
    # No failure in n samples is a bound, not 0: the arrow says that the truth lies below its tail.
    looks |= {"marker": "$↓$", "markersize": 5}
    axes.plot(x[~some], high[~some], linestyle="none", gid="none failed", **looks)
    return np.concatenate([share[some], high[~some]])


def _decades(axes: Axes, heights: Array, curves: Array) -> None:
    """Scale the y axis from the decade of the lowest point, or of a curve that is not far below it, to 1."""
    lowest = min(heights[heights > 0], default=1e-3)
    # A curve far below all points, such as a bound at 1e-8, would press the measured decades together.
    lowest = min(curves[curves > lowest / 30], default=lowest)
    axes.set_ylim(10 ** np.floor(np.log10(lowest / 1.5)), 1.5)


def _legend(axes: Axes, view: Cut) -> None:
    """Explain the levels' colours and the curves below the Axes."""
    handles = [
        Line2D([], [], color=colour, marker=marker, linestyle="none", label=view.name(str(view.by), value))
        for value, _, colour, marker in lines(view, "yield")
    ]
    handles += [
        Line2D([], [], color=style.GREY, dashes=dashes, linewidth=0.8, label=text)
        for name, (dashes, text) in _FORMULAS.items()
        if _is_drawn(axes, name)
    ]
    # 26 pt leave room for the ticks and the axis label.
    below = -26 / label.height(axes)
    columns = 2
    # A panel wider than 300 pt has a row for itself.
    if label.width(axes) > 300:
        columns = len(handles)
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, below), ncols=columns)


@checked
def errors(axes: Axes, lut: Lut, *, title: str | None = None, **condition: Any) -> Axes:
    """Draw which level became which, in percent of the samples of each stored level.

    A column "none" is added where some restored to the code that no level gives.
    Parameters, returns and errors are those of `failures`.
    """
    view = cut(lut, "yield", "level", None, condition)
    ((_, line),) = view.lines("yield")
    # Counts, not shares: 0 of 1000 is written as 0, not as 0 %.
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
    label.title(axes, f"{view.title('yield', title)}, {samples(n)} per level")
    return axes


@checked
def shmoo(axes: Axes, lut: Lut, x: str, y: str, *, title: str | None = None, **condition: Any) -> Axes:
    """Draw the yield over two axes, each cell labelled in percent; of the worst level unless `condition` names one.

    Parameters
    ----------
    x, y : str
        Axes of table ``yield``.
    axes, lut, title, **condition
        As in `failures`, which also says what is returned and raised.
    """
    # A trit is useful only if all of its levels restore, so the worst one counts.
    views = _views(lut, x, y, condition)
    rows = views[0].values("yield")
    cells = np.array([[variable(lut, line, "yield") for _, line in view.lines("yield")] for view in views])
    counts = np.array([[variable(lut, line, "n_ok") for _, line in view.lines("yield")] for view in views])
    # A cell without a result at one level has no worst level.
    worst = np.where(np.isnan(cells).any(axis=0), np.nan, cells.min(axis=0))
    # Colours follow the nines: no failure in n samples counts as half a failure.
    most = max(float(counts.max()), 2.0)
    nines = -np.log10(np.clip(1 - worst, 0.5 / most, 1))
    columns = [f"{value:.4g}" for value in lut.tables["yield"][x].values]
    names = [f"{value:.4g}" for value in rows]
    texts = [[_yield(value) for value in row] for row in worst]
    # The first row of a heat map is at the top, but an axis of numbers grows upwards.
    heat(axes, nines[::-1], texts[::-1], columns, names[::-1], limits=(0, float(np.log10(2 * most))))
    axes.set_xlabel(label.named(x, coordinate_unit(lut, x)))
    axes.set_ylabel(label.named(y, coordinate_unit(lut, y)))
    label.title(axes, f"{title or lut.kind}, {_worst(views, samples(counts))}")
    return axes


def _views(lut: Lut, x: str, y: str, condition: dict[str, Any]) -> list[Cut]:
    """Cut the yield at the level that `condition` names, else at each."""
    table = lut.tables.get("yield")
    if "level" in condition or table is None:
        return [cut(lut, "yield", x, y, condition)]
    return [cut(lut, "yield", x, y, {**condition, "level": level}) for level in table["level"].values.tolist()]


def _worst(views: list[Cut], count: str) -> str:
    """Say whose yield a shmoo shows, and where."""
    level = label.level(views[0].fixed["level"])
    condition = [part for part in views[0].condition("yield").split(", ") if part and part != level]
    whose = "worst level"
    if len(views) == 1:
        whose = level
    return f"yield in % of {whose}: {', '.join([*condition, count])}"


def _percent(share: float, count: int) -> str:
    if np.isnan(share):
        return "–"
    if count == 0:
        return "0"
    return f"{100 * share:.3g} %"


def _yield(value: float) -> str:
    """Write a yield in percent: 100 only where nothing failed."""
    if np.isnan(value):
        return "–"
    if value == 1:
        return "100"
    # As many digits as it takes not to round a failure away.
    texts = [f"{100 * value:.{digits}f}" for digits in (1, 2, 3)]
    return next((text for text in texts if float(text) < 100), "<100")


def _chosen_shmoo(axes: Axes, lut: Lut, *, axis: str, by: str, title: str, **condition: Any) -> Axes:
    return shmoo(axes, lut, axis, by, title=title, **condition)


def _most_branches(axes: Axes, lut: Lut, **options: Any) -> Axes:
    """Draw the failures over the leakage of a selector, in the largest cluster: there all others leak together."""
    most = lut.tables["yield"]["n_per_cluster"].values.max()
    return failures(axes, lut, "i_off", legend=False, **{"n_per_cluster": most, **options})


def _device(axes: Axes, lut: Lut, axis: str, **options: Any) -> Axes:
    """Draw the failures of the memory alone; the panel of all spread, where there is one, explains the colours."""
    # Both panels have the same colours and curves; the page has room to explain them once.
    explained = "all" in lut.tables["yield"]["mismatch"].values
    return failures(axes, lut, axis, legend=not explained, **options)


def _is_drawn(axes: Axes, name: str) -> bool:
    """Return whether a formula has any point in sight: a legend names nothing that is not there."""
    curves = [np.asarray(line.get_ydata(), float) for line in axes.lines if str(line.get_gid()).startswith(f"{name} ")]
    low, high = axes.get_ylim()
    return any(bool(((curve >= low) & (curve <= high)).any()) for curve in curves)


_SHMOO = Over(("i_off", "stretch", "v_start", "vdd", "temperature", "n_per_cluster", "sigma_lnr"), only=True)
_COUNTED = ("yield", "yield_low", "yield_high")
_SHOWN = (Needs("yield", (), ("bound",)), Needs("yield", (), ("predicted",)))
PANELS = (
    Panel(
        "Yield",
        (Needs("yield", ("level",), _COUNTED),),
        failures,
        beside=_SHOWN,
        x=Over(("sigma_lnr",)),
        fixed={"mismatch": "all"},
    ),
    Panel(
        "Device yield",
        (Needs("yield", ("level", "mismatch"), _COUNTED),),
        _device,
        beside=_SHOWN,
        x=Over(("sigma_lnr",)),
        fixed={"mismatch": "memory"},
    ),
    Panel(
        "Yield over n",
        (Needs("yield", ("sigma_lnr", "n_per_cluster"), _COUNTED, swept=True), Needs("yield", ("level",))),
        failures,
        options={"axis": "n_per_cluster", "legend": False},
    ),
    Panel(
        "Yield over leakage",
        (Needs("yield", ("i_off", "n_per_cluster"), _COUNTED, swept=True), Needs("yield", ("level",))),
        _most_branches,
        beside=_SHOWN,
    ),
    Panel("Errors", (Needs("yield", ("level",), (*(f"to_{level}" for level in style.LEVELS), "n_ok")),), errors),
    Panel(
        "Shmoo",
        (Needs("yield", ("level",), ("yield", "n_ok")),),
        _chosen_shmoo,
        x=_SHMOO,
        by=_SHMOO,
        matrix=True,
    ),
)
