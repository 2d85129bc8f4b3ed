"""AccelForge itself: literals and mapped energies of every kind, the class instead of literals, and the example."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from luts.primes import OPERANDS, prime_lut

import bitline as bl
from bitline import content
from bitline.errors import ExportCheckError
from bitline.export.accelforge import EXPORTER as accelforge
from bitline.export.hwcomponents import EXPORTER as hwcomponents
from bitline.lut.lut import Lut

SHIPPED = ("acim-qs", "acim-qr", "baseline-sram", "baseline-reram", "ternary-column", "sar-adc", "nsnr-restore")
EXAMPLES = Path(__file__).parents[2] / "examples"
Consumer = Callable[[str], Any]
pytestmark = [  # what AccelForge and hwcomponents do with pandas and logging is theirs
    pytest.mark.filterwarnings("ignore:The inplace keyword"),
    pytest.mark.filterwarnings("ignore:The 'warn' method is deprecated"),
]


def shipped(name: str) -> Lut:
    return Lut.load(content.folder("luts") / name)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_luts(name: str, consumer: Consumer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    consumer("accelforge")
    monkeypatch.chdir(tmp_path)
    lut = shipped(name)
    condition = {"n_per_cluster": 60} if name == "nsnr-restore" else None
    # leakage that is a good part of the energy: it must be subtracted rightly
    lut.export("accelforge", tmp_path / "out", condition=condition, area=3e-11, leakage=1e-6)
    tolerance = "1e-06" if lut.kind in ("sar-adc", "nvsram-trit") else "1e-09"
    assert accelforge.check(lut, tmp_path / "out").endswith(f"actions of a mapped matmul equal to {tolerance}")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]  # nothing is left in the working folder


@pytest.mark.parametrize("kind", OPERANDS)
def test_primes(kind: str, consumer: Consumer, tmp_path: Path) -> None:
    consumer("accelforge")
    prime_lut(kind).export("accelforge", tmp_path, condition={"corner": "ss", "vdd": 1.71})
    assert "equal to 1e-12" in accelforge.check(prime_lut(kind), tmp_path)


@pytest.mark.parametrize("key", ["energy", "throughput", "area", "leak_power"])
def test_a_slip_of_a_thousand_is_found(key: str, consumer: Consumer, tmp_path: Path) -> None:
    consumer("accelforge")
    prime_lut("sar-adc").export("accelforge", tmp_path, area=2e-9, leakage=3e-9)
    arch = tmp_path / "arch.yaml"
    literal = re.compile(rf"(name: prime_lut\n.*?{key}: )([^\s,}}]+)", re.DOTALL)
    text, count = literal.subn(lambda m: f"{m[1]}{1e3 * float(m[2])!r}", arch.read_text(), count=1)
    assert count == 1
    arch.write_text(text)
    with pytest.raises(ExportCheckError, match=f"{key} of prime_lut is .*, by the LUT"):
        accelforge.check(prime_lut("sar-adc"), tmp_path)


def test_another_count_is_found(consumer: Consumer, tmp_path: Path) -> None:
    consumer("accelforge")
    prime_lut("acim-column-qs").export("accelforge", tmp_path)
    workload = tmp_path / "workload.yaml"
    workload.write_text(workload.read_text().replace("M: 8", "M: 16"))
    with pytest.raises(ExportCheckError, match=r"count of prime_lut is 512.*, by the LUT 256"):
        accelforge.check(prime_lut("acim-column-qs"), tmp_path)


def test_the_class_gives_what_the_literals_give(consumer: Consumer, tmp_path: Path) -> None:
    af = consumer("accelforge")
    lut, at = shipped("ternary-column"), {"corner": "ss", "vdd": 1.62}
    lut.export("accelforge", tmp_path, condition=at)
    lut.export("hwcomponents", tmp_path / "package")
    literal = af.Spec.from_yaml(str(tmp_path / "arch.yaml")).calculate_component_costs().arch.find("ternary_column")
    text = "arch:\n  nodes:\n  - !Compute\n    name: C\n    component_class: ternary_column\n"
    text += "    extra_attributes_for_component_model: {tech_node: 130e-9, rows: 16, vdd: VDD, corner: 'ss'}\n"
    for vdd in (1.62, 2.5):
        (tmp_path / "class.yaml").write_text(text.replace("VDD", repr(vdd)))
        spec = af.Spec.from_yaml(str(tmp_path / "class.yaml"))
        spec.config.add_component_models(str(tmp_path / "package" / "hwcomponents_ternary_column" / "component.py"))
        if vdd > 2:
            with pytest.raises(RuntimeError, match=r"vdd = 2.5: outside the grid \(1.62..1.98\)"):
                spec.calculate_component_costs()
        else:
            found = spec.calculate_component_costs().arch.find("C").actions["compute"]
            assert found.energy == pytest.approx(literal.actions["compute"].energy, rel=1e-12)
            assert found.throughput == pytest.approx(16 * literal.actions["compute"].throughput, rel=1e-12)


def test_the_readmes_loading_lines_run(consumer: Consumer, tmp_path: Path) -> None:
    consumer("accelforge")
    shipped("acim-qs").export("accelforge", tmp_path)
    code = (tmp_path / "README.md").read_text().split("```python\n")[1].split("```")[0]
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr


def test_the_example(consumer: Consumer, tmp_path: Path) -> None:
    consumer("accelforge")
    script = [sys.executable, str(EXAMPLES / "accelforge_layer.py")]
    done = subprocess.run(script, cwd=tmp_path, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    column, adc, by_hand, efficiency = done.stdout.splitlines()
    assert column.split()[:4] == ["Column", "131072", "x", "compute"]
    assert adc.split()[:4] == ["Adc", str(64 * 32 * 4), "x", "read"]
    assert column.split()[-2] == by_hand.split()[-2]
    assert float(efficiency.split()[0]) > 0
    assert not list(tmp_path.iterdir())


@pytest.mark.ngspice
@pytest.mark.pdk
def test_from_ngspice_to_the_consumers(consumer: Consumer, tmp_path: Path) -> None:
    consumer("accelforge")
    column = bl.AcimColumnQS(rows=4, active=4)
    lut = bl.characterize(bl.Sweep(column, bench="transfer", code=range(5), vdd=[1.62, 1.98]))
    energies = lut.tables["nominal"]["energy_total"]
    assert ((energies > 1e-15) & (energies < 1e-12)).all()
    lut.export("hwcomponents", tmp_path / "package", activity=0.25)
    assert "10 energies on and 3 off" in hwcomponents.check(lut, tmp_path / "package")
    lut.export("accelforge", tmp_path / "arch", condition={"vdd": 1.62}, activity=0.25)
    assert "equal to 1e-09" in accelforge.check(lut, tmp_path / "arch")
