"""The QS column's parameters: which rows are lumped, where the column lies on the word line, what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.errors import InputError


@given(st.integers(1, 200), st.integers(0, 200), st.integers(1, 64))
def test_sections_hold_each_idle_row_once_and_its_checkerboard(active: int, idle: int, sections: int) -> None:
    column = AcimColumnQS(rows=active + idle, active=active, line_sections=sections)
    lumped = column.idle_sections()
    assert len(lumped) == min(sections, idle)
    assert sum(section.rows for section in lumped) == idle
    assert sum(section.ones for section in lumped) == len([r for r in range(active, active + idle) if r % 2 == 0])
    # From the last active row to the middle of the last section, as far as its middle row.
    if idle:
        assert sum(section.distance for section in lumped) == pytest.approx(idle + 0.5 - lumped[-1].rows / 2)


def test_a_section_of_one_row_is_one_wire_away() -> None:
    lumped = AcimColumnQS(rows=8, active=4, line_sections=4).idle_sections()
    assert [(s.rows, s.ones, s.distance) for s in lumped] == [(1, 1, 1.0), (1, 0, 1.0), (1, 1, 1.0), (1, 0, 1.0)]


@pytest.mark.parametrize(
    ("position", "spans"),
    [(0.0, [(0, 0), (143, 6)]), (0.5, [(72, 3), (71, 3)]), (0.99, [(142, 6), (1, 1)]), (1.0, [(143, 6), (0, 0)])],
)
def test_the_word_line_is_cut_at_the_column(position: float, spans: list[tuple[int, int]]) -> None:
    assert AcimColumnQS(position=position).spans() == spans


def test_a_word_line_of_one_cell_has_no_wire() -> None:
    assert AcimColumnQS(columns=1).spans() == [(0, 0), (0, 0)]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"active": 65}, "active = 65: must be <= rows = 64"),
        ({"c_bl_blb": 0.3e-15}, "c_bl_blb = 3e-16: must be <= cell.c_wire_bl = 2e-16"),
        ({"replica_cells": 4}, "replica_cells = 4: only replica timing has them"),
        ({"timing": "replica", "rows": 8, "active": 4}, "replica_cells = 12: must be <= rows = 8"),
    ],
)
def test_what_cannot_be_is_refused(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        AcimColumnQS(**changed)
