"""Parameters of what is inside a circuit: by dotted and by short names, as axes, and for the Monte Carlo alone."""

from __future__ import annotations

from functools import reduce
from pathlib import Path
from typing import Any, ClassVar

import pytest

from bitline.benches.base import Conditions
from bitline.benches.restore.sizing import Restore
from bitline.circuits.base import Circuit
from bitline.circuits.nsnr_cluster import NsnrCluster
from bitline.circuits.nvsram_trit import NvSramTrit
from bitline.circuits.nvsram_trit_half_rail import NvSramTritHalfRail
from bitline.devices.reram import ReRam
from bitline.devices.selector import Selector
from bitline.errors import InputError, UnknownNameError
from bitline.parameters import (
    Parameters,
    assemble,
    changed_parameters,
    field_names,
    parameter,
    parameter_paths,
    validated,
)
from bitline.sweep.point import Point
from bitline.sweep.sweep import Sweep


@validated
class Leaf(Parameters):
    width: float = parameter(1.0, "width", source="choice", gt=0)
    depth: int = parameter(2, "depth", source="choice", ge=1)


@validated
class Branch(Parameters):
    width: float = parameter(3.0, "width, as a leaf has one", source="choice", gt=0)
    count: int = parameter(4, "leaves", source="choice", ge=1)
    leaf: Leaf = Leaf()


@validated
class Tree(Circuit):
    name: ClassVar[str] = "fake-tree"
    template: ClassVar[str] = "fake"

    height: float = parameter(10.0, "height", source="choice", gt=0)
    left: Branch = Branch()
    twig: Leaf = Leaf(width=0.5)


def test_every_parameter_has_its_dotted_name_and_a_short_one_where_that_is_unique() -> None:
    paths = parameter_paths(Tree())
    assert paths["left.leaf.width"] == ("left", "leaf", "width")
    assert paths["left.width"] == ("left", "width")
    assert paths["count"] == paths["left.count"] == ("left", "count")
    assert paths["height"] == ("height",)
    assert "width" not in paths  # three of them
    assert "depth" not in paths
    assert paths["leaf"] == ("left", "leaf")  # what is inside can be named too
    for path in paths.values():
        reduce(getattr, path, Tree())


def test_a_circuits_own_parameter_keeps_its_name_beside_one_inside() -> None:
    @validated
    class Outer(Parameters):
        width: float = parameter(7.0, "width", source="choice", gt=0)
        leaf: Leaf = Leaf()

    paths = parameter_paths(Outer())
    assert paths["width"] == ("width",)
    assert assemble(Outer(), {"width": 8.0, "leaf.width": 9.0}) == Outer(width=8.0, leaf=Leaf(width=9.0))


CHOICES = {"threshold": "exponential", "latch_n": "nmos", "latch_p": "pmos", "pass_n": "nmos"}
"""Another choice for each text inside a trit: the kind of selector, the devices of a cell."""


def another(value: Any) -> Any:
    """Return another value of a parameter that is allowed too."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case float():
            return 0.999 * value if value else 1e-6
        case str():
            return CHOICES[value]
        case Leaf() | Branch():
            return value.replace(width=9.0)
        case Parameters():
            inner = field_names(value)[0]
            return value.replace(**{inner: another(getattr(value, inner))})
    raise AssertionError(value)


@pytest.mark.parametrize("base", [Tree(), NvSramTrit()], ids=lambda base: base.name)
def test_every_name_writes_the_place_it_reads_and_nothing_else(base: Circuit) -> None:
    for name, path in parameter_paths(base).items():
        value = reduce(getattr, path, base)
        made = assemble(base, {name: another(value)})
        assert reduce(getattr, path, made) == another(value) != value
        for other in parameter_paths(base).values():
            if other[: len(path)] != path and path[: len(other)] != other:
                assert reduce(getattr, other, made) == reduce(getattr, other, base), (name, other)


def test_the_names_that_the_restores_sweeps_use() -> None:
    made = assemble(NvSramTrit(), {"n_per_cluster": 60, "sigma_lnr": 0.3, "on_off": 1e6, "r_mrs": 300e3})
    assert made.cluster.n_per_cluster == 60
    assert (made.cluster.reram.sigma_lnr, made.cluster.reram.r_mrs) == (0.3, 300e3)
    assert made.cluster.selector.on_off == 1e6
    assert changed_parameters(made) == {
        "cluster": {"n_per_cluster": 60, "reram": {"r_mrs": 300e3, "sigma_lnr": 0.3}, "selector": {"on_off": 1e6}}
    }


@pytest.mark.parametrize(
    "form",
    [
        {"n_per_cluster": 4, "sigma_lnr": 0.2},
        {"cluster.n_per_cluster": 4, "cluster.reram.sigma_lnr": 0.2},
        {"cluster": {"n_per_cluster": 4, "reram": {"sigma_lnr": 0.2}}},
        {"cluster": {"n_per_cluster": 4, "reram.sigma_lnr": 0.2}},
        {"cluster": {"n_per_cluster": 4}, "sigma_lnr": 0.2},
        {"sigma_lnr": 0.2, "cluster": {"n_per_cluster": 4}},
        {"cluster": NsnrCluster(n_per_cluster=4, reram=ReRam(sigma_lnr=0.2))},
        {"n_per_cluster": 4, "reram": ReRam(sigma_lnr=0.2)},
    ],
    ids=str,
)
def test_all_ways_to_write_it_give_one_circuit(form: dict[str, object]) -> None:
    assert assemble(NvSramTrit(), form) == NvSramTrit(cluster=NsnrCluster(n_per_cluster=4, reram=ReRam(sigma_lnr=0.2)))


def test_what_is_changed_can_be_assembled_again() -> None:
    made = assemble(NvSramTrit(), {"cluster.reram.filament.window": 0.03e-9, "w_pass": 0.14e-6, "n_clusters": 2})
    assert assemble(NvSramTrit(), changed_parameters(made)) == made


def test_a_device_whose_usual_value_is_not_its_class_s_can_be_set_back_to_that() -> None:
    usual = NvSramTritHalfRail()
    assert changed_parameters(usual) == {}
    made = assemble(usual, {"selector": Selector()})
    assert changed_parameters(made) == {
        "cluster": {"selector": {name: getattr(Selector(), name) for name in ("v_on", "i_off", "on_off", "v_th")}}
    }
    assert assemble(usual, changed_parameters(made)) == made


def test_wrong_names_and_values_are_refused_where_they_belong() -> None:
    with pytest.raises(UnknownNameError, match="sigma_lnr"):
        assemble(NvSramTrit(), {"sigma_lnrr": 0.1})
    with pytest.raises(UnknownNameError, match="parameter 'sigma' of ReRam; did you mean 'sigma_lnr'"):
        assemble(NvSramTrit(), {"cluster": {"reram": {"sigma": 0.1}}})
    with pytest.raises(InputError, match="n_per_cluster"):
        assemble(NvSramTrit(), {"n_per_cluster": 0})
    with pytest.raises(InputError, match="r_lrs < r_mrs < r_hrs"):
        assemble(NvSramTrit(), {"r_mrs": 2e6})
    with pytest.raises(UnknownNameError):
        assemble(Tree(), {"width": 1.0})  # of which one?


def test_a_point_tells_the_value_of_an_inner_parameter() -> None:
    circuit = assemble(NvSramTrit(), {"sigma_lnr": 0.3})
    point = Point(0, circuit, "restore", Conditions(), Restore(level="hrs"))
    assert point.value("sigma_lnr") == point.value("cluster.reram.sigma_lnr") == 0.3
    assert point.value("level") == "hrs"
    with pytest.raises(UnknownNameError, match="did you mean 'sigma_lnr'"):
        point.value("sigma_ln")


# -- in a sweep ------------------------------------------------------------------------------------

SWEEP = """
circuit = "nvsram-trit"
benches = ["restore", "hold"]
[parameters]
n_clusters = 2
cluster = { c_fixed = 0.6e-15 }
[axes]
level = ["lrs", "mrs", "hrs"]
n_per_cluster = [4, 16]
corner = ["tt", "ss"]
[mismatch]
samples = 5
seed = 3
benches = ["restore"]
at = { corner = "tt" }
[mismatch.axes]
sigma_lnr = [0.0, 0.2]
mismatch = ["all", "memory"]
[quick.mismatch.axes]
sigma_lnr = [0.1]
"""


def load(folder: Path, text: str = SWEEP) -> Sweep:
    path = folder / "mine.toml"
    path.write_text(text)
    return Sweep.load(path)


def test_axes_of_the_monte_carlo_leave_the_nominal_grid_alone(tmp_path: Path) -> None:
    sweep = load(tmp_path)
    points = list(sweep.points())
    assert len(points) == len(sweep) == 3 * 2 * 2 + 5 * (3 * 2 * 2 * 2) + 3 * 2 * 2
    nominal = [p for p in points if p.bench == "restore" and p.conditions.sample == 0]
    drawn = [p for p in points if p.conditions.sample]
    default = NvSramTrit().cluster.reram.sigma_lnr
    assert {(p.value("sigma_lnr"), p.inputs.mismatch) for p in nominal} == {(default, "all")}
    assert {(p.value("sigma_lnr"), p.inputs.mismatch) for p in drawn} == {
        (s, m) for s in (0.0, 0.2) for m in ("all", "memory")
    }
    assert {p.conditions.corner for p in drawn} == {"tt"}
    assert {p.conditions.corner for p in nominal} == {"tt", "ss"}
    assert {p.bench for p in drawn} == {"restore"}
    places = {(p.inputs.level, p.value("n_per_cluster"), p.value("sigma_lnr"), p.inputs.mismatch) for p in drawn}
    assert len(places) == 24


def test_parameters_of_any_depth_are_fixed_for_all_points(tmp_path: Path) -> None:
    for point in load(tmp_path).points():
        assert (point.circuit.cluster.n_clusters, point.circuit.cluster.c_fixed) == (2, 0.6e-15)


def test_axes_of_a_bench_have_those_of_its_monte_carlo_last(tmp_path: Path) -> None:
    sweep = load(tmp_path)
    assert sweep.axes_of("restore") == ("level", "n_per_cluster", "corner", "sigma_lnr", "mismatch")
    assert sweep.axes_of("hold") == ("level", "n_per_cluster", "corner")


def test_quick_replaces_an_axis_of_the_monte_carlo(tmp_path: Path) -> None:
    quick = load(tmp_path).quick()
    drawn = [p for p in quick.points() if p.conditions.sample]
    assert {p.value("sigma_lnr") for p in drawn} == {0.1}
    assert {p.inputs.mismatch for p in drawn} == {"all", "memory"}


def test_dotted_axes_are_the_short_ones(tmp_path: Path) -> None:
    dotted = SWEEP.replace("\nn_per_cluster =", '\n"cluster.n_per_cluster" =').replace(
        "\nsigma_lnr = [0.0", '\n"cluster.reram.sigma_lnr" = [0.0'
    )
    ours, theirs = load(tmp_path).points(), load(tmp_path, dotted.split("[quick")[0]).points()
    assert [(p.circuit, p.inputs, p.conditions) for p in ours] == [(p.circuit, p.inputs, p.conditions) for p in theirs]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("sigma_lnr = [0.0, 0.2]", "sigma_lnrr = [0.0]", "did you mean 'sigma_lnr'"),
        ("sigma_lnr = [0.0, 0.2]", "n_clusters = [1, 2]", "n_clusters is both in"),
        ("sigma_lnr = [0.0, 0.2]", 'corner = ["tt"]', "corner is both in"),
        ("sigma_lnr = [0.0, 0.2]", "sigma_lnr = [0.0, 3.0]", "sigma_lnr"),
        ("n_per_cluster = [4, 16]", "n_per_cluster = [4, 999]", "n_per_cluster"),
        ("n_per_cluster = [4, 16]", "n_clusters = [1, 2]", "n_clusters is both in"),
    ],
)
def test_a_wrong_axis_is_refused_when_the_sweep_is_made(old: str, new: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        load(tmp_path, SWEEP.replace(old, new))


def test_from_python_a_circuit_with_changes_inside_is_the_base() -> None:
    circuit = assemble(NvSramTrit(), {"n_per_cluster": 4, "sigma_lnr": 0.2})
    sweep = Sweep(circuit, bench="restore", level=["lrs", "hrs"], r_mrs=[250e3, 300e3], samples=1)
    points = list(sweep.points())
    assert {p.value("n_per_cluster") for p in points} == {4}
    assert {p.value("sigma_lnr") for p in points} == {0.2}
    assert {p.value("r_mrs") for p in points} == {250e3, 300e3}
    assert len(points) == 8
