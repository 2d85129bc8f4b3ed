"""The parts of `benchmarks/high_sigma.py`, on margins with known answers and on made-up cards."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import high_sigma
import high_sigma_cells
import high_sigma_table
import numpy as np
import pytest
from high_sigma import COARSE, MOST, estimated, one_cell, plain
from high_sigma_cells import DRAWS, SLOTS, Array, Cells, Group, check_in_place, limit_at, process
from high_sigma_mnis import mnis
from high_sigma_table import PAGE, Run, of_group, page, runs
from scipy.special import ndtr, ndtri

from bitline.errors import InputError

CARDS = """
* made-up transistors
.model NMOS_VTG nmos level = 54 version = 4.8 toxe = 1.4n vth0 = 0.4 u0 = 0.04 voff = -0.1 k1 = 0.4 vsat = 1.2e5
.model PMOS_VTG pmos level = 54 version = 4.8 toxe = 1.4n vth0 = -0.4 u0 = 0.015 voff = -0.1 k1 = 0.4 vsat = 1e5
"""
DIRECTION = np.arange(1.0, DRAWS + 1) / np.linalg.norm(np.arange(1.0, DRAWS + 1))


def plane(deviates: Array) -> Array:
    """Return a margin whose every limit -b is missed by Phi(-b) of the cells."""
    return np.asarray(deviates @ DIRECTION)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "models_TT.spice").write_text(CARDS)
    return folder


@pytest.mark.parametrize("cells", [1, 6, 64])
def test_a_groups_target_and_the_law_of_one_cell_undo_each_other(cells: int) -> None:
    assert of_group(one_cell(1e-6, cells), cells) == pytest.approx(1e-6, rel=1e-12)
    assert of_group(0.1, cells) == pytest.approx(1 - 0.9**cells)


@pytest.mark.parametrize(("cells", "target"), [(1, 1e-5), (6, 1e-4)])
def test_the_estimator_finds_the_law_of_a_group_that_it_is_not_told(cells: int, target: float) -> None:
    limit = float(ndtri(one_cell(target, cells)))
    run = estimated("importance", "importance", Group(plane, cells, limit), (cells, target), COARSE, seed=1)
    assert (run.doubt, run.cells, run.of) == ("", cells, cells)
    assert run.points == cells
    assert run.low < of_group(float(ndtr(limit)), cells) < run.high
    assert run.evaluations < MOST


def test_equal_cells_of_a_batch_are_simulated_once() -> None:
    counts = []

    def counted(deviates: Array) -> Array:
        counts.append(len(deviates))
        return plane(deviates)

    group = Group(counted, 3, limit=-1.0)
    deviates = np.zeros((2, 3 * DRAWS))
    deviates[1, DRAWS : 2 * DRAWS] = -2 * DIRECTION
    assert group(deviates) == pytest.approx([1.0, -1.0])
    assert counts == [2]


def test_plain_samples_count_every_limit() -> None:
    limits = {(1, 1e-1): float(ndtri(0.1)), (6, 1e-1): float(ndtri(one_cell(0.1, 6)))}
    for run, p in zip(plain(plane, limits, 30_000), (0.1, one_cell(0.1, 6)), strict=True):
        assert (run.method, run.cells, run.evaluations) == ("plain", 1, 30_000)
        assert run.low < p < run.high
        assert run.probability == pytest.approx(p, rel=0.1)


def test_a_cell_without_a_margin_ends_plain_sampling() -> None:
    with pytest.raises(SystemExit, match="1000 cells have no operating point"):
        list(plain(lambda deviates: np.full(len(deviates), np.nan), {(1, 1e-1): 0.0}, 1000))


def test_minimum_norm_sampling_is_right_in_two_deviates_and_says_when_nothing_fails() -> None:
    found = mnis(lambda u: u[:, 0] + 2.5, 2, np.random.default_rng(1), search=1000, cov=0.03, most=50_000)
    assert found.cov <= 0.03
    assert found.probability == pytest.approx(ndtr(-2.5), rel=0.1)
    assert found.shift == pytest.approx(2.5, abs=0.2)
    with pytest.raises(ValueError, match="no failure among 1000 uniform samples"):
        mnis(lambda u: u[:, 0] + 9.0, 2, np.random.default_rng(1), search=1000, cov=0.03, most=50_000)


def test_what_is_in_the_file_is_not_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "runs.csv"
    monkeypatch.setattr(high_sigma, "RUNS", file)
    monkeypatch.setattr(high_sigma, "PAGE", tmp_path / "page.md")
    monkeypatch.setattr(high_sigma, "runs", lambda: runs(file))
    limits = {(1, 1e-2): float(ndtri(1e-2)), (2, 1e-2): float(ndtri(one_cell(1e-2, 2)))}
    high_sigma.measure(SimpleNamespace(margins=plane, simulated=0), limits, 2000)
    found = runs(file)
    assert [(run.method, run.cells, run.of) for run in found] == [
        ("plain", 1, 1), ("plain", 1, 2), ("reference", 1, 1), ("importance", 1, 1), ("subset", 1, 1), ("mnis", 1, 1),
        ("reference", 1, 2), ("importance", 2, 2),
    ]  # fmt: skip
    text = (tmp_path / "page.md").read_text()
    assert text == page(found)
    assert "| 36 | -2" in text
    high_sigma.measure(SimpleNamespace(margins=None, simulated=0), limits, 2000)
    assert runs(file) == found
    # A line that is taken out comes again, the same to the last bit.
    lines = file.read_text().splitlines()
    file.write_text("\n".join(lines[:-1]) + "\n")
    high_sigma.measure(SimpleNamespace(margins=plane, simulated=0), limits, 2000)
    assert file.read_text().splitlines() == lines


def test_the_page_is_made_of_the_file_and_its_runs_agree_with_their_references() -> None:
    found = runs()
    assert page(found) == PAGE.read_text(encoding="utf-8")
    references = {(run.of, run.target): run for run in found if run.method == "reference"}
    for run in found:
        reference = references[run.of, run.target].probability if (run.of, run.target) in references else None
        if reference is None:
            continue
        # The limit was set by first-order reliability: not far from the target, or it is another case's.
        assert 0.7 < of_group(reference, run.of) / run.target < 1.4
        if run.method == "plain":
            assert run.low < reference < run.high
        if run.method == "importance" and not run.doubt:
            assert 0.85 < run.probability / of_group(reference, run.of) < 1.15
            assert run.high / run.low < 1.1**2


def test_a_folder_without_cards_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"must be a folder with models_TT.spice"):
        process(tmp_path / "none", tmp_path)


@pytest.fixture
def cells(models: Path, tmp_path: Path) -> Iterator[Cells]:
    with Cells(process(models, tmp_path)) as cells:
        yield cells


@pytest.mark.ngspice
def test_cells_altered_in_place_are_those_of_decks_of_their_own(cells: Cells) -> None:
    assert check_in_place(cells, np.random.default_rng(1)) < 1e-9
    # Whatever stood in the deck before, and however many come at once.
    deviates = np.random.default_rng(2).standard_normal((2 * SLOTS + 3, DRAWS))
    together = cells.margins(deviates)
    assert cells.margins(deviates[-1:]) == pytest.approx(together[-1:], abs=1e-9)
    assert cells.margins(deviates) == pytest.approx(together, abs=1e-12)
    # A limit at a distance is missed by about as many as a plane there would be missed by.
    limit = limit_at(cells, 2.0)
    part = float((cells.margins(np.random.default_rng(3).standard_normal((2000, DRAWS))) < limit).mean())
    assert part == pytest.approx(ndtr(-2.0), rel=0.4)


@pytest.mark.ngspice
def test_the_spread_of_the_margin_is_that_of_the_sigmas(models: Path, tmp_path: Path) -> None:
    deviates = np.random.default_rng(1).standard_normal((10 * SLOTS, DRAWS))
    spreads = []
    for sigma in (0.01, 0.02):
        folder = tmp_path / f"{sigma}"
        folder.mkdir()
        with Cells(process(models, folder, sigma)) as cells:
            spreads.append(float(cells.margins(deviates).std()))
    assert spreads[0] > 1e-3
    assert spreads[1] / spreads[0] == pytest.approx(2, rel=0.02)


@pytest.mark.ngspice
def test_a_cell_without_an_operating_point_is_alone_in_it(cells: Cells) -> None:
    deviates = np.zeros((3, DRAWS))
    # What ngspice refuses at once: a cell that does not converge would keep it busy for seconds.
    deviates[1] = np.nan
    found = cells.margins(deviates)
    assert np.isnan(found).tolist() == [False, True, False]
    assert found[0] == pytest.approx(found[2], abs=1e-12)


@pytest.mark.ngspice
def test_margins_that_do_not_vary_are_an_error(cells: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(high_sigma_cells._Part, "altered", lambda part, deviate: "echo nothing")
    with pytest.raises(InputError, match="no margin varies"):
        check_in_place(cells, np.random.default_rng(1))


def test_the_interval_is_shown_as_a_factor() -> None:
    run = Run("importance", 1, 1, 1e-4, 0.25, 1e-4, 1e-4 / 1.1, 1.1e-4, 5000, 1, "")
    assert high_sigma_table._half_width(run) == "10.0 %"
    cov = math.log(1.1) / 1.96
    assert high_sigma_table._saved(run) == f"{1e4 / cov**2 / 5000:,.0f}"
