"""The hwcomponents package: its code run without hwcomponents, against the LUT and independent sums."""

from __future__ import annotations

import ast
import json
import math
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from luts.changes import with_event
from luts.column import ENERGY, make_column_lut
from luts.primes import OPERANDS, prime_lut

from bitline import content
from bitline.errors import InputError, OutsideGridError, SetupError
from bitline.export.hwcomponents import EXPORTER as hwcomponents
from bitline.lut.interpolation import refusals
from bitline.lut.lut import Lut

SHIPPED = ("acim-qs", "acim-qr", "baseline-sram", "baseline-reram", "ternary-column", "sar-adc", "nsnr-conditions")


class ComponentModel:
    """What a component uses of hwcomponents' base class."""

    def __init__(self, area: float, leak_power: float) -> None:
        self.area, self.leak_power = area, leak_power


@pytest.fixture(autouse=True)
def contract(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for hwcomponents with the three names that the package imports."""
    stub = ModuleType("hwcomponents")
    parts = {"ComponentModel": ComponentModel, "ActionCost": SimpleNamespace, "action": lambda method: method}
    vars(stub).update(parts)
    monkeypatch.setitem(sys.modules, "hwcomponents", stub)


def run(folder: Path) -> Any:
    """Return the component's class."""
    (file,) = folder.glob("hwcomponents_*/component.py")
    scope: dict[str, Any] = {"__file__": str(file), "__name__": "component"}
    exec(compile(file.read_text(), str(file), "exec"), scope)
    (found,) = (v for v in scope.values() if isinstance(v, type) and v is not ComponentModel and hasattr(v, "read"))
    return found


def shipped(name: str) -> Lut:
    return Lut.load(content.folder("luts") / name)


def every_point(lut: Lut) -> Iterator[dict[str, Any]]:
    table = lut.tables["nominal"]
    grids = {str(axis): table[axis].values.tolist() for axis in table["energy_total"].dims}
    for values in product(*grids.values()):
        yield dict(zip(grids, values, strict=True))


def off_grid(lut: Lut) -> Iterator[dict[str, Any]]:
    first, *_ = every_point(lut)
    table = lut.tables["nominal"]
    refused = {
        axis for name in ("energy_total", "latency") if name in table for axis in refusals(table[name], table.coords)
    }
    for share in (0.1, 0.5, 0.77):
        point = dict(first)
        for axis in first:
            grid = table[axis].values.tolist()
            if not isinstance(grid[0], str) and len(grid) > 1 and axis not in refused:
                i = len(grid) // 2
                point[axis] = grid[i - 1] + share * (grid[i] - grid[i - 1])
        yield point


def compare(lut: Lut, component: Any, point: dict[str, Any]) -> bool:
    """Compare the energy at a point; say whether there is one."""
    operands = {axis: value for axis, value in point.items() if axis in ("code", "mac", "extra", "v_diff", "level")}
    at = {axis: value for axis, value in point.items() if axis not in operands}
    try:
        expected = lut.lookup(**point)["energy_total"]
    except OutsideGridError:
        with pytest.raises(ValueError, match="energy_total has no value"):
            component(130e-9, **at).read(**operands)
        return False
    assert component(130e-9, **at).read(**operands).energy == expected  # to the last bit
    return True


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_luts_on_and_off_the_grid(name: str, tmp_path: Path) -> None:
    lut = shipped(name)
    lut.export("hwcomponents", tmp_path)
    component = run(tmp_path)
    on = sum(compare(lut, component, point) for point in every_point(lut))
    assert on == lut.tables["nominal"]["energy_total"].count()
    assert sum(compare(lut, component, point) for point in off_grid(lut)) == 3


def test_between_values_that_are_not_interpolated_the_component_refuses_as_the_lut_does(tmp_path: Path) -> None:
    lut = shipped("acim-qs")
    lut.export("hwcomponents", tmp_path)
    component = run(tmp_path)
    with pytest.raises(OutsideGridError, match=r"vdd = 1\.7: not interpolated"):
        lut.lookup(corner="tt", vdd=1.7, temperature=27, code=3)["energy_total"]
    with pytest.raises(ValueError, match=r"vdd = 1\.7: not interpolated between 1\.62, 1\.8, 1\.98"):
        component(130e-9, corner="tt", vdd=1.7, temperature=27)
    column = component(130e-9, corner="tt", vdd=1.8, temperature=27)
    # Along the code the energy is a straight line, although the disturb of the same table is not.
    expected = lut.lookup(corner="tt", vdd=1.8, temperature=27, code=2.5)
    assert column.read(code=2.5).energy == expected["energy_total"]
    assert "not interpolated" in expected.left_out["nominal.disturb"]


@pytest.mark.parametrize("kind", OPERANDS)
def test_every_prime_arrives(kind: str, tmp_path: Path) -> None:
    lut = prime_lut(kind)
    lut.export("hwcomponents", tmp_path)
    component = run(tmp_path)
    points = [point for point in every_point(lut) if compare(lut, component, point)]
    energies = [lut.lookup(**point)["energy_total"] for point in points]
    assert len(set(energies)) == len(energies) > 17


def test_a_mac_is_its_share_of_a_column_operation(tmp_path: Path) -> None:
    make_column_lut().export("hwcomponents", tmp_path)
    column = run(tmp_path)(tech_node=130e-9)
    energies = [20e-15 * 1.8 * (0.04 * m / (1 + 0.02 * m)) + (5e-15 + 2e-15 * m + 1e-15) * 1.8**2 for m in range(17)]
    for p in (0.25, 0.7):
        mean = sum(math.comb(16, m) * p**m * (1 - p) ** (16 - m) * e for m, e in enumerate(energies))
        assert column.read(activity=p).energy == pytest.approx(mean, rel=1e-12)
        assert column.compute(activity=p).energy == pytest.approx(mean / 16, rel=1e-12)
    assert column.read().energy == column.read(activity=0.25).energy
    assert column.compute(code=8).energy == pytest.approx(energies[8] / 16, rel=1e-12)
    assert (column.read().latency, column.read().throughput) == (0, math.inf)  # the LUT tells no times


def test_the_mean_over_trits(tmp_path: Path) -> None:
    lut = prime_lut("ternary-column")
    lut.export("hwcomponents", tmp_path)
    column = run(tmp_path)(130e-9, corner="ss", vdd=1.98)

    def energy(mac: int, extra: int) -> float:
        return lut.lookup(corner="ss", vdd=1.98, mac=mac, extra=extra)["energy_total"]

    # by the number of products that are not 0: all mixes that have it, equally often
    mixes = [[(0, 0)], [(1, 0), (-1, 0)], [(2, 0), (-2, 0), (0, 1)], [(3, 0), (-3, 0), (1, 1), (-1, 1)]]
    mixes.append([(4, 0), (-4, 0), (2, 1), (-2, 1), (0, 2)])
    means = [sum(energy(*mix) for mix in group) / len(group) for group in mixes]
    for activity in (4 / 9, 0.1):
        chances = [math.comb(4, k) * activity**k * (1 - activity) ** (4 - k) for k in range(5)]
        expected = sum(chance * mean for chance, mean in zip(chances, means, strict=True))
        assert column.read(activity=activity).energy == pytest.approx(expected, rel=1e-12)
    assert column.read().energy == column.read(activity=4 / 9).energy


@pytest.mark.parametrize(("kind", "axis"), [("sar-adc", "v_diff"), ("nvsram-trit", "level")])
def test_the_mean_over_a_grid(kind: str, axis: str, tmp_path: Path) -> None:
    lut = prime_lut(kind)
    lut.export("hwcomponents", tmp_path)
    energies = [lut.lookup(corner="ss", vdd=1.62, **{axis: value})["energy_total"] for value in OPERANDS[kind][axis]]
    assert run(tmp_path)(130e-9, corner="ss", vdd=1.62).read().energy == pytest.approx(sum(energies) / 3, rel=1e-12)


def test_times(tmp_path: Path) -> None:
    prime_lut("acim-column-qs").export("hwcomponents", tmp_path / "column")
    column = run(tmp_path / "column")(130e-9)
    cycle = 4 * 1e-9 + 3 * 2e-10
    assert (column.read().latency, column.compute().latency) == pytest.approx((cycle, cycle), rel=1e-12)
    assert column.read().throughput == pytest.approx(1 / cycle, rel=1e-12)
    assert column.compute().throughput == pytest.approx(4 / cycle, rel=1e-12)
    lut = prime_lut("sar-adc")
    lut.export("hwcomponents", tmp_path / "adc")
    cost = run(tmp_path / "adc")(130e-9, corner="ss", vdd=1.62).read(v_diff=0.3)
    assert cost.latency == lut.lookup(corner="ss", vdd=1.62, v_diff=0.3)["t_conversion"]
    assert cost.throughput == pytest.approx(1 / (2e-9 + 1e-9 + 3 * 2e-9 - 0.5e-9 + 6e-10), rel=1e-12)
    lut = prime_lut("nvsram-trit")
    lut.export("hwcomponents", tmp_path / "trit")
    cost = run(tmp_path / "trit")(130e-9).read(level="mrs")
    assert cost.latency == 1 / cost.throughput == lut.lookup(corner="tt", vdd=1.8, level="mrs")["latency"]
    assert not hasattr(run(tmp_path / "trit"), "compute")


def test_area_and_leakage(tmp_path: Path) -> None:
    lut = prime_lut("nvsram-trit")
    lut.export("hwcomponents", tmp_path / "own")
    at = {"corner": "ss", "vdd": 1.71}
    leak = sum(lut.lookup(level=level, **at)["p_leak"] for level in ("lrs", "mrs", "hrs")) / 3
    assert run(tmp_path / "own")(130e-9, **at).leak_power == pytest.approx(leak, rel=1e-12)
    lut.export("hwcomponents", tmp_path / "given", area=3e-12, leakage=7e-9)
    given = run(tmp_path / "given")(130e-9)
    assert (given.area, given.leak_power) == (3e-12, 7e-9)
    make_column_lut().export("hwcomponents", tmp_path / "none")
    none = run(tmp_path / "none")(130e-9)
    assert (none.area, none.leak_power) == (0, 0)
    for text in (none.__doc__, (tmp_path / "none" / "README.md").read_text()):
        assert "Area is NOT characterised: 0.0 m2 in all (assumed)" in text
        assert "Leakage is NOT characterised: 0.0 W in all (assumed" in text


@pytest.mark.parametrize(
    ("build", "call", "message"),
    [
        ({"tech_node": 65e-9}, {}, "tech_node = 6.5e-08: must be 1.3e-07; bitline never scales technology"),
        ({"rows": 8}, {}, "rows = 8: must be 4, as simulated"),
        ({"vdd": 2.0}, {}, r"vdd = 2.0: outside the grid \(1.62..1.98\); nothing is extrapolated or scaled"),
        ({"vdd": 1.6}, {}, r"vdd = 1.6: outside the grid \(1.62..1.98\)"),
        ({"vdd": math.nan}, {}, "vdd = nan: outside the grid"),
        ({"corner": "ff"}, {}, "corner = ff: must be one of tt, ss"),
        ({}, {"mac": 5}, r"mac = 5: outside the grid \(-4..4\)"),
        ({}, {"mac": 1, "extra": 3}, r"extra = 3: outside the grid \(0..2\)"),
        ({}, {"mac": 4, "extra": 1}, "energy_total has no value at"),
        ({}, {"extra": 1}, "mac must be given: -4..4"),
        ({}, {"activity": 1.1}, r"activity = 1.1: must be within 0..1"),
        ({}, {"activity": 0.5, "mac": 1}, "activity = 0.5: give either it or mac"),
    ],
)
def test_what_a_component_refuses(build: Any, call: Any, message: str, tmp_path: Path) -> None:
    prime_lut("ternary-column").export("hwcomponents", tmp_path)
    with pytest.raises(ValueError, match=message):
        run(tmp_path)(**{"tech_node": 130e-9, **build}).read(**call)
    run(tmp_path)(130e-9, rows=4, corner="ss", vdd=1.98).read(mac=-4)


def test_an_axis_without_a_default_is_asked_for(tmp_path: Path) -> None:
    lut = prime_lut("acim-column-qs")
    alone = replace(lut, tables={"nominal": lut.tables["nominal"]})
    alone.export("hwcomponents", tmp_path / "open")
    with pytest.raises(TypeError, match="vdd"):
        run(tmp_path / "open")(130e-9, corner="tt")
    assert "- vdd: made-up vdd, 1.62..1.98 V (must be given)" in (tmp_path / "open" / "README.md").read_text()
    alone.export("hwcomponents", tmp_path / "closed", condition={"corner": "ss", "vdd": 1.7})
    column = run(tmp_path / "closed")(130e-9)
    assert column.conditions == {"corner": "ss", "vdd": 1.7}
    assert column.read(code=3).energy == lut.lookup(corner="ss", vdd=1.7, code=3)["energy_total"]


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("component.json", lambda raw: raw.replace(b'"area": 0.0', b'"area": 1.0')),
        ("lut/lut.json", lambda raw: raw.replace(b"1.62", b"1.63")),
        ("lut/nominal.csv", lambda raw: raw.replace(b"2.0", b"2.5", 1)),
        ("lut/mismatch.csv", lambda raw: raw + b"\n"),
    ],
)
def test_changed_data_are_refused(file: str, change: Callable[[bytes], bytes], tmp_path: Path) -> None:
    prime_lut("acim-column-qs").export("hwcomponents", tmp_path)
    path = tmp_path / "hwcomponents_prime_lut" / file
    assert change(path.read_bytes()) != path.read_bytes()
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(ValueError, match=rf"{path.name}: sha256 differs"):
        run(tmp_path)


def test_code_without_data(tmp_path: Path) -> None:
    hostile = with_event(prime_lut("acim-column-qs", description="{{ 7 * 7 }}"), '"""\nraise SystemExit\n')
    hostile.export("hwcomponents", tmp_path)
    (file,) = tmp_path.glob("hwcomponents_*/component.py")
    tree = ast.parse(file.read_text())
    nodes = list(ast.walk(tree))
    numbers = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, int | float)}
    assert numbers == {0, 1, 2}
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    assert imported == {"__future__", "csv", "hashlib", "hwcomponents", "itertools", "json", "math", "pathlib"}
    run(tmp_path)


def test_the_files_and_what_they_say(tmp_path: Path) -> None:
    lut = make_column_lut(name="my-2.lut")
    paths = lut.export("hwcomponents", tmp_path)
    lut.export("hwcomponents", tmp_path)  # over the old one
    assert sorted(paths) == sorted(path for path in tmp_path.rglob("*") if path.is_file())
    package = tmp_path / "hwcomponents_my_2_lut"
    project = tomllib.loads((tmp_path / "pyproject.toml").read_text())
    assert project["project"]["name"] == "hwcomponents-my-2-lut"
    assert project["tool"]["setuptools"]["packages"] == [package.name]
    assert "from hwcomponents_my_2_lut.component import My2Lut" in (package / "__init__.py").read_text()
    for name, table in Lut.load(package / "lut").tables.items():
        assert table.identical(lut.tables[name])
    facts = json.loads((package / "component.json").read_text())
    assert set(facts["names"]) == {"my2lut", "my-2.lut", "my_2_lut"}
    component = run(tmp_path)
    for text in (facts["energy_scope"], facts["doc"], component.__doc__, (tmp_path / "README.md").read_text()):
        for part in (*ENERGY.includes, *ENERGY.excludes):
            assert part in text
    readme = (tmp_path / "README.md").read_text()
    assert "RowDrivers (word or input lines), ColumnDrivers (precharge) and CimUnit (cells); not the ADC" in readme
    assert 0 <= component.priority <= 1


def test_restore_reliability_stays_in_the_lut(tmp_path: Path) -> None:
    shipped("nsnr-conditions").export("hwcomponents", tmp_path)
    package = tmp_path / "hwcomponents_nsnr_conditions"
    assert (package / "lut" / "yield.csv").is_file()
    assert json.loads((package / "component.json").read_text())["tables"] == ["nominal"]
    assert [name for name in vars(run(tmp_path)) if not name.startswith("_")] == ["component_name", "priority", "read"]


@pytest.mark.parametrize(
    ("lut", "options", "message"),
    [
        (make_column_lut(), {"area": -1.0}, "area = -1.0: must be finite and >= 0"),
        (make_column_lut(), {"tech_node": 65e-9}, r"tech_node = 6.5e-08: must be 1.3e-07, never scaled .PDK sky130"),
        (prime_lut("sar-adc", pdk="mine"), {}, r"tech_node = None: must be given \[m\] .PDK mine"),
        (prime_lut("sar-adc", pdk="mine"), {"tech_node": 65.0}, "tech_node = 65.0: must be in metres"),
        (prime_lut("sar-adc"), {"activity": 0.5}, "one conversion has no products"),
        (make_column_lut(), {"condition": {"vdd": 3.0}}, "vdd = 3.0: outside the grid"),
    ],
)
def test_what_is_not_written(lut: Lut, options: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        lut.export("hwcomponents", tmp_path, **options)
    assert not list(tmp_path.iterdir())


def test_another_pdk_has_the_node_it_is_given(tmp_path: Path) -> None:
    prime_lut("sar-adc", pdk="mine").export("hwcomponents", tmp_path, tech_node=65e-9)
    component = run(tmp_path)
    assert component(65e-9).read(v_diff=0.0).energy > 0
    with pytest.raises(ValueError, match=r"must be 6.5e-08"):
        component(130e-9)


def test_without_hwcomponents_the_check_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hwcomponents", None)
    make_column_lut().export("hwcomponents", tmp_path)
    with pytest.raises(SetupError, match=r"pip install hwcomponents==1.0.114"):
        hwcomponents.check(make_column_lut(), tmp_path)


def test_writing_imports_no_consumer() -> None:
    code = (
        "import sys; import bitline.export.hwcomponents, bitline.export.accelforge, bitline.export.hwcomponents.check,"
        " bitline.export.accelforge.check; print({'hwcomponents', 'accelforge'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"
