"""Figures: which panels, which signals, which bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from luts.changes import changed

from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError, StorageError
from bitline.lut.lut import Lut
from bitline.plot import figure, label, save, waveform_figure


def test_overview_has_a_panel_per_kind_of_data(lut: Lut) -> None:
    titles = [axes.get_title(loc="left")[4:].split(":")[0] for axes in figure(lut).axes]
    assert titles == ["Transfer", "Linearity", "Mismatch", "Energy", "SNR"]


def test_a_lut_with_nothing_to_draw_is_refused(lut: Lut) -> None:
    with pytest.raises(InputError, match="nothing to plot"):
        figure(changed(lut, **dict.fromkeys(lut.tables)))


def test_a_lut_of_failed_points_still_gives_a_figure(lut: Lut) -> None:
    assert figure(changed(lut, nominal=lut.tables["nominal"] * np.nan)).axes


def test_waveforms_share_time_and_shade_phases(waveforms: Waveforms) -> None:
    voltage, current = waveform_figure(waveforms).axes
    assert voltage.get_ylabel() == "Voltage (V)"
    assert current.get_ylabel() == "Source current (µA)"
    assert current.get_xlabel() == "Time (ns)"
    assert voltage.get_shared_x_axes().joined(voltage, current)
    shaded = {p.get_gid(): p.get_extents().transformed(voltage.transData.inverted()) for p in voltage.patches}
    for phase in waveforms.phases:
        box = shaded[f"phase {phase.name}"]
        assert (box.x0, box.x1) == pytest.approx((phase.start, phase.stop), abs=1e-15)
    drawn = {line.get_gid() for axes in (voltage, current) for line in axes.lines}
    assert set(waveforms.signals) <= drawn


def test_many_signals_alike_share_one_label(waveforms: Waveforms) -> None:
    voltage = waveform_figure(waveforms).axes[0]
    assert "q0 … q7" in [text.get_text() for text in voltage.texts]


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_the_same_figure_is_the_same_bytes(lut: Lut, tmp_path: Path, suffix: str) -> None:
    first = save(figure(lut), tmp_path / f"a{suffix}").read_bytes()
    assert save(figure(lut), tmp_path / f"b{suffix}").read_bytes() == first


def test_a_figure_that_cannot_be_written_says_why(waveforms: Waveforms, tmp_path: Path) -> None:
    made = waveform_figure(waveforms)
    with pytest.raises(InputError, match=r"\.jpg"):
        save(made, tmp_path / "a.jpg")
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="file"):
        save(made, tmp_path / "file" / "a.png")


def test_spread_keeps_labels_apart_and_in_order() -> None:
    placed = label.spread(np.array([0.5, 0.5, 0.52]), 0.1)
    assert np.all(np.diff(placed) >= 0.1 - 1e-12)
    assert np.mean(placed) == pytest.approx(np.mean([0.5, 0.5, 0.52]), abs=1e-9)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(1.23e-3, "V", "1.23 mV"), (4.2e-14, "J", "42 fJ"), (27.0, "degC", "27 °C"), (0.0, "V", "0 V"), (64.0, "", "64")],
)
def test_numbers_carry_engineering_prefixes(value: float, unit: str, text: str) -> None:
    assert label.number(value, unit) == text
