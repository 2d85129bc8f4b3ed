"""Panels are chosen by what a LUT holds: an own circuit's tables have whole figures, and nothing is dropped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from luts import reduced_ternary
from luts import restore as restore_luts
from luts.changes import changed
from luts.sampled_column import make_sampled_column_lut
from matplotlib.axes import Axes

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.lut.operation import Choices, Energy, Operation, Products
from bitline.plot import figure, figures, not_drawn
from bitline.plot.registry import PANELS, chosen

ENERGY = Energy("energy_total", "one cycle", (), (), "made up")


def titles(lut: Lut) -> list[str]:
    """Return the titles of all pages, without letters and conditions."""
    return [title(axes) for page in figures(lut) for axes in page.axes]


def title(axes: Axes) -> str:
    text = axes.get_title(loc="left").replace("\n", " ")
    return text.split(") ", 1)[1].replace(";", ":").split(":")[0]


def renamed(lut: Lut, names: dict[str, str], operation: Operation) -> Lut:
    """Return the LUT of an own circuit: other names of LUT, circuit, operand axes and output."""
    tables = {
        name: table.rename({old: new for old, new in names.items() if old in table})
        for name, table in lut.tables.items()
    }
    return Lut("my-table", "my-cell", tables, {}, operation)


@pytest.mark.parametrize("sharing", [False, True])
def test_an_own_column_has_the_panels_of_the_shipped_ones(sharing: bool) -> None:
    shipped = make_sampled_column_lut("acim-column-qr" if sharing else "acim-column-qs")
    products = Products("total", 64, plus=0.5, sharing=sharing, output="v_out")
    own = renamed(shipped, {"code": "total", "v_line": "v_out"}, Operation("one cycle", ENERGY, products))
    assert titles(own) == titles(shipped)
    mismatch = figure(own).axes[2]
    assert [line.get_label() for line in mismatch.lines] == [line.get_label() for line in figure(shipped).axes[2].lines]
    legend = " ".join(text.get_text() for text in mismatch.get_legend().get_texts())
    assert ("m (1 − m/" in legend) == sharing
    assert mismatch.get_xlabel() == "Total"


def test_an_own_ternary_column_has_the_panels_of_the_shipped_one() -> None:
    shipped = reduced_ternary.make_reduced_ternary_lut()
    products = Products("dot", reduced_ternary.ROWS, plus=2 / 9, minus=2 / 9, pairs="cancelled", output="v_pair")
    names = {"mac": "dot", "extra": "cancelled", "v_diff": "v_pair"}
    own = renamed(shipped, names, Operation("one cycle", ENERGY, products))
    assert titles(own) == titles(shipped)


def test_an_own_memory_has_the_panels_of_the_shipped_one() -> None:
    shipped = restore_luts.make_restore_lut()
    own = renamed(shipped, {}, Operation("one restore", ENERGY, Choices(("level",))))
    assert titles(own) == titles(shipped)


def test_an_own_converter_is_drawn_over_its_input() -> None:
    v = np.linspace(0, 1, 9)
    table = restore_luts.dataset({"code": (np.floor(8 * v), "1"), "energy_logic": (1e-12 * (1 + v), "J")}, v_in=v)
    operation = Operation("one conversion", replace(ENERGY, variable="energy_logic"), Choices(("v_in",)))
    own = Lut("flash", "my-flash", {"nominal": table}, {}, operation)
    codes, energy = figure(own).axes
    assert (title(codes), title(energy)) == ("Codes", "Energy")
    assert codes.get_xlabel() == "V in"


def test_an_own_variable_is_drawn_with_its_unit_and_interval(lut: Lut) -> None:
    own = lut.tables["nominal"].rename(swing="glitch")
    own = own.assign(glitch_low=own["glitch"] - 1e-3, glitch_high=own["glitch"] + 2e-3)
    axes = figures(changed(lut, nominal=own))[1].axes[0]
    assert axes.get_title(loc="left") == "(f) glitch (nominal): 1.8\u00a0V, 27\u00a0°C"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("MAC code", "Glitch (V)")
    lines = {line.get_gid(): np.asarray(line.get_ydata()) for line in axes.lines if line.get_gid()}
    at = own["glitch"].sel(vdd=1.8, temperature=27.0)
    for corner in ("tt", "ss", "ff"):
        np.testing.assert_array_equal(lines[f"line {corner}"], at.sel(corner=corner))
    spans = np.array([segment[:, 1] for segment in axes.collections[0].get_segments()])
    np.testing.assert_allclose(np.diff(spans)[:, 0], 3e-3)


def test_a_dc_table_is_drawn_as_curves() -> None:
    v = np.linspace(0, 1.8, 181)
    out = np.stack([1.8 / (1 + np.exp((v - threshold) / 0.05)) for threshold in (0.8, 0.9)])
    table = restore_luts.dataset({"v_out": (out, "V"), "i_supply": (out * 1e-6, "A")}, corner=("tt", "ss"), v_in=v)
    table["v_in"].attrs["unit"] = "V"
    voltage, current = figure(Lut("inverter", "my-inverter", {"dc": table}, {})).axes
    assert (voltage.get_xlabel(), voltage.get_ylabel()) == ("V in (V)", "V out (V)")
    assert current.get_ylabel() == "Supply current (µA)"
    np.testing.assert_array_equal(voltage.lines[1].get_ydata(), out[1])
    assert voltage.lines[0].get_marker() in {"", "None"}  # a curve of many points has no markers
    assert [text.get_text() for text in voltage.texts] == ["tt", "ss"]


def test_every_variable_has_a_panel_however_many_there_are() -> None:
    x = np.arange(5.0)
    many = restore_luts.dataset({f"v_{k}": (k + x, "V") for k in range(40)}, step=x)
    pages = figures(Lut("many", "my-cell", {"own": many}, {}))
    assert [len(page.axes) for page in pages] == [16, 16, 8]
    letters = [axes.get_title(loc="left").split(")")[0] for page in pages for axes in page.axes]
    assert len(set(letters)) == 40
    assert (letters[0], letters[25], letters[26], letters[39]) == ("(a", "(z", "(aa", "(an")


def test_the_first_page_grows_with_the_panels_it_has(lut: Lut) -> None:
    heights = [figure(changed(lut, snr=None)).get_figheight(), figure(lut).get_figheight()]
    assert heights[0] < heights[1]


def test_counts_are_no_panels_and_what_never_varies_is_named() -> None:
    x = np.arange(5.0)
    table = restore_luts.dataset({"gain": (x, "1"), "offset": (0 * x, "V"), "n_ok": (x.astype(int), "1")}, step=x)
    counts = restore_luts.dataset({"n_ok": (x.astype(int), "1")}, step=x)
    lut = Lut("small", "my-cell", {"own": table, "runs": counts}, {})
    assert titles(lut) == ["gain (own)"]
    assert not_drawn(lut) == ["own.offset"]
    with pytest.raises(InputError, match="nothing to plot"):
        figures(Lut("small", "my-cell", {"runs": counts}, {}))


def test_the_single_snr_of_the_headline_is_drawn() -> None:
    lut = make_sampled_column_lut(sampled_snr=False)
    assert "SNR_a" in figure(lut).get_suptitle()
    assert not [name for name in not_drawn(lut) if name.startswith("snr.")]


def test_a_table_of_text_axes_is_spaced_evenly() -> None:
    table = restore_luts.dataset({"energy": (np.array([1.0, 2.0]) * 1e-15, "J")}, scheme=("half", "third"))
    (axes,) = figure(Lut("schemes", "my-cell", {"own": table}, {})).axes
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["V/2 scheme", "V/3 scheme"]


def test_a_panel_is_not_chosen_without_one_of_its_needs(lut: Lut) -> None:
    names = [panel.title for panel, _ in chosen(lut)]
    assert names == ["Transfer", "Linearity", "Mismatch", "Energy", "SNR"]
    assert all(panel.choices(Lut("own", "own", {"own": lut.tables["snr"]}, {})) is None for panel in PANELS)
    fewer = changed(lut, nominal=lut.tables["nominal"].drop_vars("dnl"), snr=None)
    assert [panel.title for panel, _ in chosen(fewer)] == ["Transfer", "Mismatch", "Energy"]


def test_all_failed_points_of_an_own_variable_are_named(lut: Lut) -> None:
    own = xr.Dataset({"v_own": lut.tables["nominal"]["v_line"] * np.nan})
    assert not_drawn(changed(lut, own=own)) == ["own.v_own"]


def failed(lut: Lut, status: dict[str, int]) -> Lut:
    """Return a LUT of the same form in which no point gave a result."""
    tables = {name: table.copy(deep=True) for name, table in lut.tables.items()}
    for table in tables.values():
        for variable in table.data_vars.values():
            if variable.dtype.kind == "f":
                variable[...] = np.nan
    return replace(lut, tables=tables, attrs={**lut.attrs, "status": status})


@pytest.mark.parametrize("make", [make_sampled_column_lut, reduced_ternary.make_reduced_ternary_lut])
def test_a_lut_whose_points_all_failed_is_refused(make: Any) -> None:
    lut = failed(make(), {"crashed": 12, "timeout": 1})
    for draw in (figure, figures):
        with pytest.raises(InputError, match=r"no point gave a result \(12 crashed, 1 timeout\): nothing to plot"):
            draw(lut)


def test_the_headline_says_how_many_points_failed() -> None:
    lut = make_sampled_column_lut()
    page = figure(replace(lut, attrs={**lut.attrs, "status": {"bad_measure": 2, "ok": 9}}))
    assert "(points that failed: 2 bad_measure)" in page.get_suptitle()
    assert "failed" not in figure(lut).get_suptitle()


def test_a_table_without_a_result_has_no_panel() -> None:
    lut = make_sampled_column_lut()
    whole = titles(lut)
    nothing = failed(lut, {}).tables["mismatch"]
    assert set(titles(replace(lut, tables={**lut.tables, "mismatch": nothing}))) < set(whole)
