"""Panels of a restore's LUT draw its counts, intervals, bounds and energies."""

from __future__ import annotations

import numpy as np
import pytest
from luts import restore as restore_luts
from luts.changes import changed
from matplotlib.axes import Axes

from bitline.errors import InputError, OutsideGridError
from bitline.lut.lut import Lut
from bitline.plot import errors, failures, figure, margins, restore, shmoo, style, yields


@pytest.fixture(scope="module")
def lut() -> Lut:
    return restore_luts.make_restore_lut()


def at(lut: Lut, level: str, name: str) -> np.ndarray:
    return lut.tables["yield"][name].sel(level=level, n_per_cluster=16, mismatch="all").values


def test_overview_has_a_panel_per_kind_of_data(lut: Lut) -> None:
    titles = [axes.get_title(loc="left")[4:].split(":")[0] for axes in figure(lut).axes]
    assert titles == [
        "Yield",
        "Device yield",
        "Yield over n",
        "Errors",
        "Shmoo, yield in % of worst level",
        "Margins over n",
        "Margins over corner",
        "Energy",
        "Latency",
    ]


def test_failures_are_the_complement_of_the_yield_with_bound_and_prediction(lut: Lut, axes: Axes) -> None:
    assert failures(axes, lut) is axes
    drawn = {line.get_gid(): line for line in axes.lines if line.get_gid()}
    for level in restore_luts.LEVELS:
        for name in ("bound", "predicted"):
            expected = 1 - at(lut, level, name)
            seen = drawn[f"{name} {level}"].get_ydata()
            np.testing.assert_array_equal(seen[np.isfinite(seen)], expected[expected >= 1e-9])
            assert drawn[f"{name} {level}"].get_color() == style.LEVELS[level]
    points = [np.asarray(container.lines[0].get_ydata()) for container in axes.containers]
    for level, seen in zip(restore_luts.LEVELS, points, strict=True):
        wrong = 1 - at(lut, level, "yield")
        np.testing.assert_array_equal(seen, wrong[wrong > 0])
    assert axes.get_yscale() == "log"
    assert axes.get_title(loc="left") == "nvsram-trit: n\u00a0=\u00a016, CMOS and ReRAM spread"


def test_no_failure_is_drawn_as_a_bound_never_as_nothing(lut: Lut, axes: Axes) -> None:
    failures(axes, lut, mismatch="memory")
    arrows = [line for line in axes.lines if line.get_gid() == "none failed"]
    # without spread nothing fails: the arrow stands at the upper end of the interval, about 3/n
    for line in arrows:
        assert line.get_xdata()[0] == 0.0
        assert line.get_ydata()[0] == pytest.approx(3 / restore_luts.N, rel=0.01)
    low, high = axes.get_ylim()
    assert all(low < y < high for line in arrows for y in line.get_ydata())


def test_error_bars_are_the_interval(lut: Lut, axes: Axes) -> None:
    failures(axes, lut)
    (bars,) = axes.containers[1].lines[2]
    ends = np.array([segment[:, 1] for segment in bars.get_segments()])
    some = at(lut, "mrs", "yield") < 1
    np.testing.assert_allclose(ends[:, 0], 1 - at(lut, "mrs", "yield_high")[some], atol=1e-12)
    np.testing.assert_allclose(ends[:, 1], 1 - at(lut, "mrs", "yield_low")[some], atol=1e-12)


def test_errors_say_which_level_became_which(lut: Lut, axes: Axes) -> None:
    errors(axes, lut, sigma_lnr=0.4)
    table = lut.tables["yield"].sel(sigma_lnr=0.4, n_per_cluster=16, mismatch="all")
    texts = {text.get_position(): text.get_text() for text in axes.texts}
    share = 100 * int(table["to_hrs"].sel(level="mrs")) / restore_luts.N
    assert texts[2, 1] == f"{share:.3g} %"
    assert texts[2, 0] == "0"
    assert "1000 samples per level" in axes.get_title(loc="left").replace("\n", " ")
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["LRS (+1)", "MRS (0)", "HRS (−1)"]


def test_a_code_that_no_level_gives_has_a_column_of_its_own(lut: Lut, axes: Axes) -> None:
    table = lut.tables["yield"].copy(deep=True)
    table["to_lrs"].loc[{"level": "lrs"}] -= 10
    errors(axes, changed(lut, **{"yield": table}))
    assert [tick.get_text() for tick in axes.get_xticklabels()][-1] == "none"
    assert {text.get_position(): text.get_text() for text in axes.texts}[3, 0] == "1 %"


def test_a_shmoo_shows_the_worst_level_and_grows_upwards(axes: Axes) -> None:
    lut = restore_luts.make_shmoo_lut()
    shmoo(axes, lut, "stretch", "v_start")
    table = lut.tables["yield"]["yield"].min("level").squeeze()
    texts = {text.get_position(): text.get_text() for text in axes.texts}
    rows = [tick.get_text() for tick in axes.get_yticklabels()]
    assert rows == ["0.6", "0.55", "0.5"]
    for k, stretch in enumerate(table["stretch"].values):
        assert float(texts[k, 2]) == pytest.approx(100 * float(table.sel(stretch=stretch, v_start=0.5)), abs=0.05)
    assert axes.get_ylabel() == "Start voltage (V)"


def test_a_yield_of_one_level_and_of_cells_without_result(axes: Axes) -> None:
    lut = restore_luts.make_shmoo_lut()
    lut.tables["yield"]["yield"].loc[{"level": "hrs", "stretch": 1.0}] = np.nan
    shmoo(axes, lut, "stretch", "v_start")
    assert {text.get_position(): text.get_text() for text in axes.texts}[3, 0] == "–"
    axes.clear()
    shmoo(axes, lut, "stretch", "v_start", level="lrs")
    assert "LRS (+1)" in axes.get_title(loc="left")
    assert "–" not in [text.get_text() for text in axes.texts]


@pytest.mark.parametrize(("value", "text"), [(1.0, "100"), (0.9999, "99.99"), (0.99999, "99.999"), (1 - 1e-9, "<100")])
def test_only_a_clean_cell_reads_100(value: float, text: str) -> None:
    assert yields._yield(value) == text


def test_margins_are_the_smaller_of_both_latches(lut: Lut, axes: Axes) -> None:
    margins(axes, lut, "n_per_cluster")
    table = lut.tables["nominal"].sel(corner="tt", vdd=1.8, temperature=27.0)
    lines = {line.get_gid(): line.get_ydata() for line in axes.lines}
    for level in restore_luts.LEVELS:
        expected = np.minimum(table["margin_1"], table["margin_2"]).sel(level=level).values
        np.testing.assert_array_equal(lines[f"line {level}"], expected)
    assert axes.get_ylabel() == "Smaller margin (mV)"


def test_energy_stacks_to_the_total_and_leaves_out_what_is_part_of_it(lut: Lut, axes: Axes) -> None:
    restore.energy(axes, lut)
    assert "discharge" not in [str(bars.get_label()) for bars in axes.containers]
    sums = np.zeros(3)
    for bars in axes.containers:
        sums += [bar.get_height() for bar in bars.patches]
    total = lut.tables["nominal"]["energy_total"].sel(n_per_cluster=16, corner="tt", vdd=1.8, temperature=27.0)
    np.testing.assert_allclose(sums, total.values)
    assert "transcribed" in axes.get_legend().get_texts()[0].get_text()


def test_what_is_not_there_is_named(lut: Lut, axes: Axes) -> None:
    with pytest.raises(OutsideGridError, match=r"sigma_lnr = 0\.15"):
        errors(axes, lut, sigma_lnr=0.15)
    with pytest.raises(InputError, match="to_mrs"):
        errors(axes, changed(lut, **{"yield": lut.tables["yield"].drop_vars("to_mrs")}))
    lut = changed(lut, **{"yield": None})
    with pytest.raises(InputError, match="yield"):
        failures(axes, lut)
