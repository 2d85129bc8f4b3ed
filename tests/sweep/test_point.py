from __future__ import annotations

import time

import pytest
from sweep_fakes import NOISE, TRANSFER, Cell, CodeInput, Column

from bitline.benches.base import Conditions
from bitline.errors import InputError, UnknownNameError
from bitline.parameters import assemble, changed_parameters
from bitline.sweep.point import Grid, Point


def test_a_point_says_where_it_is() -> None:
    where = Conditions(corner="ss", vdd=1.62)
    assert (
        str(Point(0, Column(), "transfer", where, CodeInput(code=3)))
        == "fake-column code=3 corner=ss vdd=1.62 temperature=27 sample=0"
    )
    assert str(Point(0, Column(rows=128), "noise", where, NOISE.inputs())).startswith("fake-column rows=128 corner=ss")


def test_a_point_has_a_value_on_every_axis() -> None:
    point = Point(0, Column(rows=32), "transfer", Conditions(vdd=1.6), CodeInput(code=3))
    assert [point.value(axis) for axis in ("rows", "vdd", "code", "sample")] == [32, 1.6, 3, 0]
    with pytest.raises(UnknownNameError, match="unknown axis 'cod'; did you mean 'code'"):
        point.value("cod")


def test_the_last_axis_is_fastest_and_the_sample_slowest() -> None:
    grid = Grid(TRANSFER, Column(), {"vdd": (1.6, 1.8), "code": (1, 2)}, {"corner": "ff"}, range(1, 3), seed=9)
    made = [(p.index, p.conditions.sample, p.conditions.vdd, p.inputs.code) for p in grid.points(first=10)]
    assert len(grid) == len(made) == 8
    assert made[:3] == [(10, 1, 1.6, 1), (11, 1, 1.6, 2), (12, 1, 1.8, 1)]
    assert made[4] == (14, 2, 1.6, 1)
    assert {(p.conditions.corner, p.conditions.seed) for p in grid.points()} == {("ff", 9)}


def test_more_samples_only_add_points() -> None:
    def some(samples: int) -> list[Point]:
        return list(Grid(TRANSFER, Column(), {"code": (1, 2, 3)}, samples=range(1, samples + 1)).points())

    assert some(5)[: len(some(2))] == some(2)


def test_a_circuit_is_built_once_per_set_of_parameters() -> None:
    grid = Grid(TRANSFER, Column(), {"rows": (32, 64), "code": tuple(range(10)), "vdd": (1.6, 1.8)})
    assert len({id(point.circuit) for point in list(grid.points())}) == 2


def test_ten_thousand_points_take_under_half_a_second() -> None:
    grid = Grid(TRANSFER, Column(), {"rows": (32, 64), "vdd": (1.6, 1.8), "code": (1, 2, 3, 4, 5)}, {}, range(500))
    began = time.process_time()
    assert sum(1 for _ in grid.points()) == len(grid) == 10_000
    assert time.process_time() - began < 0.5


def test_check_tries_circuit_parameters_together() -> None:
    Grid(TRANSFER, Column(), {"rows": (8, 32), "active": (4, 8)}).check()  # each alone would not do
    with pytest.raises(InputError, match="active = 16: must be <= rows = 8"):
        Grid(TRANSFER, Column(), {"rows": (8, 32), "active": (4, 16)}).check()


def test_parameters_of_an_inner_circuit_are_a_table() -> None:
    column = assemble(Column(), {"rows": 32, "cell": {"width": 0.2e-6}})
    assert column == Column(rows=32, cell=Cell(width=0.2e-6))
    assert changed_parameters(column) == {"rows": 32, "cell": {"width": 0.2e-6}}
    assert changed_parameters(Column()) == {}
    with pytest.raises(UnknownNameError, match="parameter 'widht' of Cell; did you mean 'width'"):
        assemble(Column(), {"cell": {"widht": 1.0}})
