"""The certificate: its page is that of its records, its predictions agree with the charges solved by hand."""

from __future__ import annotations

from pathlib import Path

import certificate_draw
import hybrid_network
import numpy as np
import pytest
from certificate import CODES, COLUMNS, PAGE, extend, load, page, tables
from certificate_deck import groups
from certificate_draw import Operation, draw
from certificate_tables import Tables
from hybrid.digits import Pictures
from test_hybrid_example import strokes


@pytest.fixture(scope="module")
def shipped() -> Tables:
    return tables()


@pytest.fixture
def operation() -> Operation:
    return Operation.of_row(load(COLUMNS)[0])


def test_the_page_is_that_of_the_records() -> None:
    assert PAGE.read_text(encoding="utf-8").splitlines() == list(page())


def test_the_records_are_of_the_same_200_operations() -> None:
    numbers = [[int(row["number"]) for row in load(path)] for path in (COLUMNS, CODES)]
    assert numbers == 2 * [list(range(1, 201))]


def squared(task: int) -> dict[str, str]:
    return {"task": str(task), "square": str(task**2)}


def test_a_record_that_goes_on_with_more_jobs_has_the_same_bytes(tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole.csv", tmp_path / "parts.csv"
    extend(whole, squared, range(6), jobs=1)
    extend(parts, squared, range(2), jobs=1)
    extend(parts, squared, range(len(load(parts)), 6), jobs=2)
    assert parts.read_bytes() == whole.read_bytes()


def test_an_operation_is_read_as_it_was_written(operation: Operation) -> None:
    row = operation.row()
    assert {name: load(COLUMNS)[0][name] for name in row} == row
    assert operation.total == sum(int(w) * int(x, 16) for w, x in zip(row["weights"], row["words"], strict=True))


def test_every_row_is_in_one_group_and_varies_if_it_drives_the_line(operation: Operation) -> None:
    made = groups(operation.weights, operation.words)
    assert sorted(row for group in made for row in group.rows) == list(range(144))
    for group in made:
        assert set(operation.weights[list(group.rows)]) == {group.weight}
        assert set(operation.words[list(group.rows)]) == {group.word}
        assert group.varies == bool(group.weight and group.word)
        assert len(group.rows) == 1 or not group.varies


def solved(levels: np.ndarray, behind: float, units: np.ndarray, on: np.ndarray, par: float) -> float:
    """How far the line moves by the charges of all nodes, one linear system: plates of weight 1, and the line.

    levels : of the DACs without load [V]; behind : their capacitance with the plate's parasitic; units : C_u by row
    """
    count = int(on.sum())
    matrix, charge = np.zeros((count + 1, count + 1)), np.zeros(count + 1)
    matrix[range(count), range(count)] = behind + units[on]
    matrix[:count, -1] = matrix[-1, :count] = -units[on]
    matrix[-1, -1], charge[:count] = units.sum() + par, behind * levels
    return float(np.linalg.solve(matrix, charge)[-1])


def test_line_and_spread_are_those_of_the_charges(shipped: Tables, operation: Operation) -> None:
    """Constant capacitances that beta and M stand for; 4,000 draws of the units know a sigma to 1.1 %."""
    on, unit = operation.weights == 1, shipped.c_unit
    beta = shipped.beta[8]
    behind = unit / beta - unit
    levels = shipped.held[operation.words[on]] / (1 - beta)
    par = (shipped.units - 144) * unit
    expected = solved(levels, behind, np.full(144, unit), on, par)
    line, _ = shipped.line(operation.weights, operation.words)
    assert line - shipped.rest == pytest.approx(expected, rel=2e-3)
    rng = np.random.default_rng(1)
    draws = unit * (1 + shipped.parts.kappa * rng.standard_normal((4000, 144)))
    capacitors = np.std([solved(levels, behind, one, on, par) for one in draws])
    own = shipped.parts.dac_sigma[operation.words[on]] ** 2 - shipped.parts.dac_sigma[0] ** 2
    sigma = np.sqrt(capacitors**2 + own.sum() / shipped.units**2 + shipped.parts.reset**2)
    assert shipped.predict(operation.weights, operation.words).sigma == pytest.approx(sigma, rel=0.04)


def test_a_word_of_0_leaves_the_line_and_takes_no_reference(shipped: Tables) -> None:
    none = shipped.predict(np.ones(144, dtype=np.int64), np.zeros(144, dtype=np.int64))
    assert none.line == pytest.approx(shipped.rest, abs=1e-6)
    assert none.reference == pytest.approx(0, abs=1e-16)
    assert none.sigma == pytest.approx(shipped.parts.reset, rel=1e-3)


def test_the_converter_sees_its_whole_range(shipped: Tables) -> None:
    low, high = 20.0, 340.0
    ends = [shipped.input(shipped.rest + shipped.lsb * each, low, high) for each in (low, high)]
    assert ends == pytest.approx([-8 * shipped.converter_lsb, 8 * shipped.converter_lsb])
    middles = (np.arange(16) - 7.5) * shipped.converter_lsb
    assert shipped.codes(middles).tolist() == list(range(16))


def test_a_draw_does_not_depend_on_those_before(monkeypatch: pytest.MonkeyPatch) -> None:
    def few(_task: str, _part: str, _count: int) -> Pictures:
        return strokes(4, 40)

    monkeypatch.setattr(hybrid_network, "pictures", few)
    every, last = list(draw(1, 6)), list(draw(5, 6))
    assert [one.row() for one in every[4:]] == [one.row() for one in last]
    for one in every:
        assert set(one.weights) <= {0, 1}
        assert 0 <= one.words.min() <= one.words.max() <= 15
        assert one.boundary in certificate_draw.SHARES
        assert one.low < one.high
