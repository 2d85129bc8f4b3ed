"""Panels of a ternary column's LUT draw the numbers of its tables."""

from __future__ import annotations

import numpy as np
import pytest
from luts import reduced_ternary
from luts.changes import changed
from luts.reduced_ternary import DISCHARGE, ROWS, SAMPLES, SPREAD, THERMAL, fall
from matplotlib.axes import Axes

from bitline import content
from bitline.errors import InputError, OutsideGridError, UnknownNameError
from bitline.lut.lut import Lut
from bitline.plot import figure, ternary, ternary_levels


@pytest.fixture(scope="module")
def lut() -> Lut:
    return reduced_ternary.make_reduced_ternary_lut()


def drawn(axes: Axes) -> dict[str, np.ndarray]:
    return {line.get_gid(): np.asarray(line.get_ydata()) for line in axes.lines if line.get_gid()}


def at(lut: Lut, table: str, name: str, **where: object) -> np.ndarray:
    return lut.tables[table][name].sel(**{"corner": "tt", "vdd": 1.8, "temperature": 27.0, **where}).values


def test_overview_has_a_panel_per_kind_of_data(lut: Lut) -> None:
    titles = [axes.get_title(loc="left")[4:].split(":")[0] for axes in figure(lut).axes]
    expected = "Transfer, Common mode, Linearity, Mismatch, Sensing margin, Level histogram, Energy, Products, Latency"
    assert titles == expected.split(", ")


def test_a_sweep_of_few_mac_values_has_a_figure_too() -> None:
    lut = reduced_ternary.make_reduced_ternary_lut((-4, 0, 4), (0, 2))
    assert len(figure(lut).axes) == 9
    fewer = changed(lut, product=None, mismatch=None, margin=None, histogram=None)
    assert len(figure(fewer).axes) == 5


def test_transfer_is_without_pairs_and_odd_with_its_band(lut: Lut, axes: Axes) -> None:
    assert ternary.transfer(axes, lut, by="corner") is axes
    lines = drawn(axes)
    assert list(lines) == ["line tt", "line ss", "line ff"]
    expected = [np.sign(m) * fall("tt", abs(m)) for m in range(-ROWS, ROWS + 1)]
    np.testing.assert_allclose(lines["line tt"], expected, atol=1e-15)
    box = axes.collections[0].get_paths()[0].get_extents()
    assert box.y1 == pytest.approx(fall("tt", ROWS) + 3 * SPREAD * np.sqrt(ROWS))
    (told,) = axes.get_legend().get_texts()
    assert told.get_text() == f"mean ± 3σ of {SAMPLES} samples"
    assert "0 pairs" in axes.get_title(loc="left")


def test_zero_of_pairs_and_zero_of_nothing_differ_in_the_common_mode(lut: Lut, axes: Axes) -> None:
    ternary.common(axes, lut)
    for extra in (0, 1, 2):
        assert drawn(axes)[f"line {extra}"][ROWS] == pytest.approx(fall("tt", extra))
    assert axes.get_ylabel() == "Common fall of both lines (mV)"
    assert [text.get_text() for text in axes.texts] == ["0 pairs", "1 pair", "2 pairs"]


def test_linearity_names_the_peaks_of_all_mixes(lut: Lut, axes: Axes) -> None:
    ternary.linearity(axes, lut)
    inl = at(lut, "nominal", "inl")
    np.testing.assert_array_equal(drawn(axes)["line 1"], at(lut, "nominal", "inl", extra=1))
    told = [text.get_text() for text in axes.get_legend().get_texts()]
    assert told[0].endswith(f"peak {np.nanmax(np.abs(inl)):.2g}")
    assert told[1].endswith(f"peak {np.nanmax(np.abs(at(lut, 'nominal', 'dnl', extra=0))):.2g}")


def test_sigma_lies_on_the_root_of_the_activity(lut: Lut, axes: Axes) -> None:
    ternary.sigma(axes, lut)
    for container in axes.containers:
        n, values = (np.asarray(x) for x in container.lines[0].get_data())
        np.testing.assert_allclose(values, SPREAD * np.sqrt(n), atol=1e-12)
    assert sum(len(container.lines[0].get_xdata()) for container in axes.containers) == 9 + 5 + 1
    law = next(line for line in axes.lines if line.get_gid() == "law")
    np.testing.assert_allclose(law.get_ydata(), SPREAD * np.sqrt(law.get_xdata()))
    assert law.get_label() == "1 mV × √(n₊ + n₋)"
    assert drawn(axes)["noise"][-1] == pytest.approx(np.hypot(THERMAL, DISCHARGE * np.sqrt(ROWS)))


def test_margin_marks_zero_and_says_for_how_many_rows_it_holds(lut: Lut, axes: Axes) -> None:
    ternary_levels.margin(axes, lut, by="corner")
    lines = drawn(axes)
    np.testing.assert_array_equal(lines["line tt"], at(lut, "margin", "margin"))
    np.testing.assert_array_equal(lines["any ss"], at(lut, "margin", "margin_any", corner="ss"))
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), np.arange(-ROWS, ROWS) + 0.5)
    assert set(lines["zero"]) == {0}
    assert axes.get_ylim()[0] < 0 < axes.get_ylim()[1]
    rows = at(lut, "rows", "rows_any")
    assert f"tt: ≤ {rows:g} rows" in [text.get_text() for text in axes.texts]


def test_energy_is_the_mean_over_mixes_of_an_activity(lut: Lut, axes: Axes) -> None:
    ternary.energy(axes, lut)
    tops: dict[float, float] = {}
    for bars in (container for container in axes.containers if hasattr(container, "patches")):
        for bar in bars.patches:
            x = round(bar.get_x() + bar.get_width() / 2, 6)
            tops[x] = tops.get(x, 0.0) + bar.get_height()
    # activity 2: MAC 2 and -2, and 0 with a pair, of which 2, 0 and 1 products are +1
    assert tops[2.0] == pytest.approx((1 + 20 + 8 + 4 + 20 + 0.1 * (2 + 0 + 1) / 3) * 1e-15, rel=1e-9)
    assert sorted(tops) == [0, 1, 2, 3, 4]
    assert axes.get_ylabel() == "Energy per operation (fJ)"


def test_products_are_labelled_in_millivolts(lut: Lut, axes: Axes) -> None:
    ternary.products(axes, lut)
    texts = {text.get_position(): text.get_text() for text in axes.texts}
    most = f"{1e3 * fall('tt', ROWS):.1f}"
    assert (texts[0, 0], texts[2, 0], texts[1, 1], texts[2, 2]) == (most, f"−{most}", "0.0", most)
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["−1", "0", "+1"]


def test_what_is_not_there_is_named(lut: Lut, axes: Axes) -> None:
    with pytest.raises(OutsideGridError, match="extra = 3"):
        ternary.transfer(axes, lut, extra=3)
    with pytest.raises(InputError, match="common"):
        ternary.common(axes, changed(lut, nominal=lut.tables["nominal"].drop_vars("common")))
    with pytest.raises(InputError, match="margin"):
        ternary_levels.margin(axes, changed(lut, margin=None))


def test_a_lut_of_failed_points_still_gives_a_figure(lut: Lut) -> None:
    tables = {name: lut.tables[name] * np.nan for name in ("nominal", "margin", "rows", "product", "noise")}
    mismatch = lut.tables["mismatch"]
    tables["mismatch"] = mismatch.where(mismatch["mac"] < -ROWS).fillna({"n_ok": 0})
    assert figure(changed(lut, **tables)).axes


AT = {"corner": "tt", "vdd": 1.8, "temperature": 27.0}


@pytest.fixture(scope="module")
def shipped() -> Lut:
    return Lut.load(content.folder("luts") / "ternary-column")


def test_shipped_transfer_draws_the_difference(axes: Axes, shipped: Lut) -> None:
    ternary.transfer(axes, shipped, **AT, extra=0)
    (line,) = (line for line in axes.lines if line.get_gid())
    np.testing.assert_array_equal(line.get_ydata(), shipped.tables["nominal"]["v_diff"].sel({**AT, "extra": 0}))


def test_shipped_common_mode_has_a_line_for_each_mix(axes: Axes, shipped: Lut) -> None:
    ternary.common(axes, shipped, **AT)
    table = shipped.tables["nominal"]["common"].sel(AT)
    for extra in table["extra"].values:
        np.testing.assert_array_equal(drawn(axes)[f"line {extra}"], table.sel(extra=extra))


def test_shipped_margin_marks_zero(axes: Axes, shipped: Lut) -> None:
    ternary_levels.margin(axes, shipped)
    np.testing.assert_allclose(drawn(axes)["line None"], shipped.tables["margin"]["margin"].sel(AT))
    assert axes.get_ylim()[0] <= 0


def test_shipped_products_write_all_nine(axes: Axes, shipped: Lut) -> None:
    ternary.products(axes, shipped, **AT)
    values = shipped.tables["product"]["v_diff"].sel(AT).values.ravel()
    texts = [text.get_text() for text in axes.texts]
    assert len(texts) == 9
    assert texts.count("0.0") == int((np.abs(values) < 1e-5).sum()) == 5


def test_an_unknown_axis_is_refused(axes: Axes, shipped: Lut) -> None:
    with pytest.raises(UnknownNameError):
        ternary.transfer(axes, shipped, by="cornr")


def test_the_shipped_table_has_every_panel(shipped: Lut) -> None:
    titles = " ".join(axes.get_title(loc="left") for axes in figure(shipped).axes)
    for name in ("Transfer", "Common mode", "Linearity", "Mismatch", "Sensing margin", "Energy", "Products"):
        assert name in titles


def test_the_histogram_shows_the_share_of_chips(lut: Lut, axes: Axes) -> None:
    ternary_levels.histogram(axes, lut)
    counts = at(lut, "histogram", "count", extra=0)  # over mac, deviation
    mesh = axes.collections[0]
    np.testing.assert_allclose(mesh.get_array(), counts.T / SAMPLES)
    assert [line.get_ydata()[0] for line in axes.lines] == [-0.5, 0.5]
    assert f"{SAMPLES} chips" in axes.get_title(loc="left").replace("\n", " ")
    assert axes.get_xticklabels()[0].get_text() == f"−{ROWS}"
