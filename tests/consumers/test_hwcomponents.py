"""hwcomponents itself: every energy through its queries, refusals, the installed package, and slips that are found."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from luts.primes import OPERANDS, prime_lut

from bitline import content
from bitline.errors import ExportCheckError
from bitline.export.hwcomponents import EXPORTER as hwcomponents
from bitline.lut.lut import Lut

SHIPPED = ("acim-qs", "acim-qr", "baseline-sram", "baseline-reram", "ternary-column", "sar-adc", "nsnr-restore")
Consumer = Callable[[str], Any]


def shipped(name: str) -> Lut:
    return Lut.load(content.folder("luts") / name)


def changed(lut: Lut, factor: float, variable: str = "energy_total", **where: int) -> Lut:
    nominal = lut.tables["nominal"].copy(deep=True)
    nominal[variable][where] *= factor
    return replace(lut, tables={**lut.tables, "nominal": nominal})


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_luts(name: str, consumer: Consumer, tmp_path: Path) -> None:
    consumer("hwcomponents")
    lut = shipped(name)
    lut.export("hwcomponents", tmp_path)
    count = int(lut.tables["nominal"]["energy_total"].count())
    assert f"{count} energies on and 3 off the grid equal to 1e-12" in hwcomponents.check(lut, tmp_path)


@pytest.mark.parametrize("kind", OPERANDS)
def test_primes(kind: str, consumer: Consumer, tmp_path: Path) -> None:
    consumer("hwcomponents")
    prime_lut(kind).export("hwcomponents", tmp_path)
    assert "outside refused" in hwcomponents.check(prime_lut(kind), tmp_path)


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("acim-column-qs", {"factor": 1e3}, "energy at .* is .*, in the LUT"),
        ("acim-column-qs", {"factor": 1 + 1e-9, "code": 4, "corner": 1, "vdd": 2}, "'corner': 'ss', 'vdd': 1.98"),
        ("sar-adc", {"factor": 1e3, "variable": "t_conversion"}, "mean read latency is"),
    ],
)
def test_a_slip_is_found(kind: str, change: Any, message: str, consumer: Consumer, tmp_path: Path) -> None:
    consumer("hwcomponents")
    prime_lut(kind).export("hwcomponents", tmp_path)
    with pytest.raises(ExportCheckError, match=message):
        hwcomponents.check(changed(prime_lut(kind), **change), tmp_path)


def test_damaged_data_do_not_load(consumer: Consumer, tmp_path: Path) -> None:
    consumer("hwcomponents")
    prime_lut("sar-adc").export("hwcomponents", tmp_path)
    table = tmp_path / "hwcomponents_prime_lut" / "lut" / "nominal.csv"
    table.write_text(table.read_text().replace("3.0", "3000.0", 1))
    with pytest.raises(ExportCheckError, match=r"cannot load .*nominal.csv: sha256 differs"):
        hwcomponents.check(prime_lut("sar-adc"), tmp_path)


def test_a_component_that_answers_outside_is_found(consumer: Consumer, tmp_path: Path) -> None:
    consumer("hwcomponents")
    prime_lut("sar-adc").export("hwcomponents", tmp_path)
    code = tmp_path / "hwcomponents_prime_lut" / "component.py"
    guard = "if not math.isclose(float(tech_node)"
    assert guard in code.read_text()
    code.write_text(code.read_text().replace(guard, "if False and not math.isclose(float(tech_node)"))
    with pytest.raises(ExportCheckError, match=r"6.5e-08.* was answered all the same"):
        hwcomponents.check(prime_lut("sar-adc"), tmp_path)


@pytest.mark.parametrize(
    ("attributes", "action", "arguments", "reason"),
    [
        ({"vdd": 2.2}, "compute", {}, r"vdd = 2.2: outside the grid \(1.62..1.98\)"),
        ({"tech_node": 22e-9}, "compute", {}, "bitline never scales technology"),
        ({}, "read", {"code": 17}, r"code = 17: outside the grid \(0..16\)"),
    ],
)
def test_hwcomponents_reports_that_it_cannot_estimate(
    attributes: Any, action: str, arguments: Any, reason: str, consumer: Consumer, tmp_path: Path
) -> None:
    hwc = consumer("hwcomponents")
    shipped("acim-qs").export("hwcomponents", tmp_path)
    models = hwc.get_models(str(tmp_path / "hwcomponents_acim_qs" / "component.py"), include_installed=False)

    def energy(given: Any, passed: Any) -> float:
        query = {"tech_node": 130e-9, "corner": "tt", **given}
        return float(hwc.get_action_cost("acim_qs", query, action, passed, models=models).energy)

    assert energy({}, {}) > 0
    with pytest.raises(RuntimeError, match=reason):
        energy(attributes, arguments)


def test_the_installed_package_is_listed(consumer: Consumer, tmp_path: Path) -> None:
    consumer("hwcomponents")
    lut = shipped("acim-qs")
    lut.export("hwcomponents", tmp_path / "package")
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site)]
    subprocess.run([*install, str(tmp_path / "package")], check=True, capture_output=True, timeout=250)
    code = (
        "from hwcomponents.hwcomponents import list_components; list_components()\n"
        "from hwcomponents import get_action_cost\n"
        "print(repr(get_action_cost('acim-qs', {'tech_node': 130e-9}, 'read', {'code': 5}).energy))"
    )
    environment = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=100)
    assert "from class AcimQs" in done.stdout, done.stderr
    expected = lut.lookup(corner="tt", vdd=1.8, temperature=27.0, code=5)["energy_total"]
    assert done.stdout.splitlines()[-1] == repr(expected)


@pytest.mark.parametrize("name", ["ternary-column", "nsnr-restore"])
def test_the_readmes_loading_lines_run(name: str, consumer: Consumer, tmp_path: Path) -> None:
    consumer("hwcomponents")
    shipped(name).export("hwcomponents", tmp_path)
    code = (tmp_path / "README.md").read_text().split("```python\n")[1].split("```")[0]
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
