"""Whole figures: panels of a LUT on one page, and files."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from bitline.errors import InputError, StorageError
from bitline.plot import adc, column, restore, store, style, ternary
from bitline.plot.select import Lut

_PANEL_HEIGHT = 54.0
"""Height of a LUT panel with its labels [mm]."""
_METADATA: Mapping[str, dict[str, None]] = {
    # Without date and program version the same figure is the same bytes, today and tomorrow.
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


def figure(lut: Lut) -> Figure:
    """Compose every panel a LUT has data for on one page, two columns wide.

    Parameters
    ----------
    lut : Lut
        Any LUT with a table that a panel of `ternary`, `adc`, `column`, `restore` or `store` draws.

    Returns
    -------
    matplotlib.figure.Figure
        178 mm wide; write it with `save`.

    Raises
    ------
    InputError
        If no table of the LUT has a panel.
    """
    # Tables of one name differ between kinds: those of a ternary column or an ADC are no other column's.
    panels = ternary.panels(lut) or adc.panels(lut)
    panels = panels or column.panels(lut) | restore.panels(lut) | store.panels(lut)
    if not panels:
        raise InputError(f"LUT {lut.name!r}: nothing to plot in {', '.join(sorted(lut.tables)) or 'no tables'}")
    # An odd panel out gets the whole first row.
    names = list(panels)
    first = [[names[0]] * 2] if len(names) % 2 else []
    rest = names[len(first) :]
    rows = first + [rest[k : k + 2] for k in range(0, len(rest), 2)]
    with style.context():
        made = style.new_figure(style.PAGE_WIDTH, 8 + _PANEL_HEIGHT * len(rows))
        axes = made.subplot_mosaic(cast(Any, rows))
        for letter, name in zip("abcdefghijklmnop", names, strict=False):
            panels[name](axes[name], lut, f"({letter}) {name}")
        made.suptitle(_headline(lut), x=0.01, ha="left")
        cast(ConstrainedLayoutEngine, made.get_layout_engine()).set(wspace=0.04, hspace=0.05)
    return made


def _headline(lut: Lut) -> str:
    head = lut.name if lut.name == lut.kind else f"{lut.name}: {lut.kind}"
    table = lut.tables.get("snr")
    if table is None or table["snr_a"].size != 1:
        return head
    value, low, high = (table[name].values.item() for name in ("snr_a", "snr_a_low", "snr_a_high"))
    return f"{head}, SNR_a {value:.1f} dB ({low:.1f} to {high:.1f} dB)"


def save(figure: Figure, path: str | Path) -> Path:
    """Write a figure; the same figure gives the same bytes.

    Parameters
    ----------
    figure : Figure
        As `figure` or `simulation_figure` made it.
    path : str or Path
        Ends in ``.png`` (300 dpi), ``.svg`` or ``.pdf``.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    InputError
        If the suffix is none of these.
    StorageError
        If the file cannot be written.
    """
    target = Path(path)
    suffix = target.suffix.lower().removeprefix(".")
    if suffix not in _METADATA:
        allowed = ", ".join(f".{known}" for known in _METADATA)
        raise InputError(f"figure {str(target)!r}: suffix {target.suffix!r} is not one of {allowed}")
    content = io.BytesIO()
    with style.context():
        figure.savefig(content, format=suffix, metadata=_METADATA[suffix])
    try:
        target.write_bytes(content.getvalue())
    except OSError as error:
        raise StorageError(f"figure {str(target)!r} cannot be written: {error.strerror}") from error
    return target
