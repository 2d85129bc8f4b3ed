"""The AccelForge files: literal numbers against independent sums, and text that stays a comment."""

from __future__ import annotations

import json
import math
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from luts.changes import with_event
from luts.column import make_column_lut
from luts.primes import OPERANDS, OPERATIONS, prime_lut

from bitline import content
from bitline.errors import InputError, SetupError, StorageError
from bitline.export.accelforge import EXPORTER as accelforge
from bitline.export.parts import parts
from bitline.lut.lut import Lut

ACTIONS = {"acim-column-qs": "compute", "ternary-column": "compute", "sar-adc": "read", "nvsram-trit": "read"}


def node(folder: Path, name: str = "prime_lut") -> dict[str, Any]:
    """Return what arch.yaml says of a node: action, energy, throughput, area and leak_power."""
    text = (folder / "arch.yaml").read_text()
    (block,) = re.findall(rf"    name: {name}\n(.*?)(?:\n\n|\Z)", text, re.DOTALL)
    action, energy, throughput = re.findall(r"- {name: (\w+), energy: (\S+), throughput: (\S+)}", block)[0]
    sizes = {key: float(value) for key, value in re.findall(r"    (area|leak_power): (\S+)", block)}
    return {"action": action, "energy": float(energy), "throughput": float(throughput), **sizes}


def test_a_column_by_hand(tmp_path: Path) -> None:
    make_column_lut().export("accelforge", tmp_path, area=16e-12, leakage=3.2e-9)
    energies = [20e-15 * 1.8 * (0.04 * m / (1 + 0.02 * m)) + (5e-15 + 2e-15 * m + 1e-15) * 1.8**2 for m in range(17)]
    mean = sum(math.comb(16, m) * 0.25**m * 0.75 ** (16 - m) * e for m, e in enumerate(energies))
    found = node(tmp_path, "synthetic_qs")
    assert found["energy"] == pytest.approx(mean / 16, rel=1e-12)
    assert (found["area"], found["leak_power"]) == pytest.approx((1e-12, 0.2e-9), rel=1e-12)
    assert (found["action"], found["throughput"]) == ("compute", math.inf)  # the LUT tells no times
    assert "fanout: 16, reuse: Outputs" in (tmp_path / "arch.yaml").read_text()
    assert "K: 32}" in (tmp_path / "workload.yaml").read_text()
    facts = json.loads((tmp_path / "accelforge.json").read_text())
    assert facts["operation"] == pytest.approx(mean, rel=1e-12)
    assert (facts["energy"], facts["throughput"]) == (found["energy"], "inf")


def test_primes_at_one_condition(tmp_path: Path) -> None:
    at = {"corner": "ss", "vdd": 1.71}
    column, adc, trit = (prime_lut(kind) for kind in ("acim-column-qs", "sar-adc", "nvsram-trit"))
    for lut in (column, adc, trit):
        lut.export("accelforge", tmp_path / lut.kind, condition=at)
    energies = [column.lookup(code=code, **at)["energy_total"] for code in range(5)]
    mean = sum(math.comb(4, m) * 0.25**m * 0.75 ** (4 - m) * e for m, e in enumerate(energies))
    found = node(tmp_path / column.kind)
    assert found["energy"] == pytest.approx(mean / 4, rel=1e-12)
    assert found["throughput"] == pytest.approx(1 / 4.6e-9, rel=1e-12)
    found = node(tmp_path / adc.kind)
    mean = sum(adc.lookup(v_diff=v, **at)["energy_total"] for v in (-0.2, 0.0, 0.3)) / 3
    assert found["energy"] == pytest.approx(mean, rel=1e-12)
    found = node(tmp_path / trit.kind)
    levels = [trit.lookup(level=level, **at) for level in ("lrs", "mrs", "hrs")]
    for name, key in (("energy", "energy_total"), ("leak_power", "p_leak")):
        assert found[name] == pytest.approx(sum(point[key] for point in levels) / 3, rel=1e-12)
    assert 1 / found["throughput"] == pytest.approx(sum(point["latency"] for point in levels) / 3, rel=1e-12)


def test_the_activity_is_asked_for(tmp_path: Path) -> None:
    lut = prime_lut("ternary-column")
    lut.export("accelforge", tmp_path, activity=0.0)
    assert node(tmp_path)["energy"] == lut.lookup(corner="tt", vdd=1.8, mac=0, extra=0)["energy_total"] / 4
    assert "Binomial(4, 0.0), as asked for" in (tmp_path / "arch.yaml").read_text()
    lut.export("accelforge", tmp_path)
    assert "uniform random trits (assumed)" in (tmp_path / "arch.yaml").read_text()


@pytest.mark.parametrize("kind", OPERANDS)
def test_every_file_says_what_is_in_the_energy(kind: str, tmp_path: Path) -> None:
    lut = prime_lut(kind)
    paths = lut.export("accelforge", tmp_path)
    assert {path.name for path in paths} == {path.name for path in tmp_path.iterdir()}
    texts = [(tmp_path / name).read_text() for name in ("arch.yaml", "README.md", "accelforge.json")]
    for text in texts:
        for part in ("cell", "adc", parts(OPERATIONS[kind].energy)):
            assert part in text
    for text in texts[:2]:
        assert "Area is NOT characterised" in text
        assert ("Leakage is NOT characterised" in text) == (kind != "nvsram-trit")
    assert node(tmp_path)["action"] == ACTIONS[kind]


def test_free_text_stays_a_comment(tmp_path: Path) -> None:
    event = "{{ 1/0 }} {% raw %}\n  - !Compute\n    name: intruder"
    hostile = with_event(prime_lut("sar-adc"), event)
    hostile.export("accelforge", tmp_path)
    text = (tmp_path / "arch.yaml").read_text()
    assert "intruder" in text
    assert not re.search(r"^[^#]*intruder", text, re.MULTILINE)
    assert "{{" not in text
    assert "{%" not in text


def test_a_shipped_restore_needs_its_branches(tmp_path: Path) -> None:
    lut = Lut.load(content.folder("luts") / "nsnr-restore")
    with pytest.raises(InputError, match=r"condition must name n_per_cluster \(1..64\)"):
        lut.export("accelforge", tmp_path)
    lut.export("accelforge", tmp_path, condition={"n_per_cluster": 60})
    point = {"corner": "tt", "vdd": 1.8, "temperature": 27, "n_per_cluster": 60}
    mean = sum(lut.lookup(level=level, **point)["energy_total"] for level in ("lrs", "mrs", "hrs")) / 3
    assert node(tmp_path, "nsnr_restore")["energy"] == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"condition": {"vdd": 1.61}}, r"vdd = 1.61: outside the grid \(1.62..1.98\)"),
        ({"condition": {"corner": "ff"}}, "corner = ff: outside the grid"),
        ({"leakage": -1.0}, "leakage = -1.0: must be finite and >= 0"),
        ({"activity": -0.1}, "activity = -0.1: must be within 0..1"),
    ],
)
def test_what_is_not_written(options: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        prime_lut("ternary-column").export("accelforge", tmp_path, **options)
    assert not list(tmp_path.iterdir())


def test_the_check_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "accelforge", None)
    with pytest.raises(SetupError, match=r"pip install accelforge==1.0.467"):
        accelforge.check(make_column_lut(), tmp_path)
    monkeypatch.setitem(sys.modules, "accelforge", sys)
    with pytest.raises(StorageError, match=r"cannot read .*accelforge.json"):
        accelforge.check(make_column_lut(), tmp_path)
