from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bitline import content
from bitline.circuits.registry import circuits
from bitline.export import formats
from bitline.export.applies import RULES, refusal
from bitline.lut.manifest import read_manifest

KINDS = set(circuits())


def test_the_rules_speak_of_circuits_that_exist() -> None:
    for name, rule in RULES.items():
        assert name in formats()
        assert set(rule.needs) | set(rule.refuses) <= KINDS
        assert not set(rule.needs) & set(rule.refuses)
        assert rule.otherwise


def test_a_format_without_rule_takes_everything() -> None:
    assert refusal("csv", "anything", ()) == ""


def test_a_missing_table_is_named() -> None:
    assert refusal("neurosim", "acim-column-qs", ("mismatch", "noise")) == ""
    assert refusal("neurosim", "acim-column-qs", ("nominal", "mismatch")) == (
        "it is made from table noise, which this LUT does not have"
    )


def test_a_signed_column_cannot_be_neurosims() -> None:
    assert "unsigned" in refusal("neurosim", "ternary-column", ("mismatch", "noise"))


@pytest.mark.parametrize("format", ["aihwkit", "analog-cim-sim", "crosssim", "neurosim"])
def test_restore_reliability_goes_nowhere(format: str) -> None:
    assert "restore reliability has no field" in refusal(format, "nvsram-trit", ("nominal", "yield"))


def test_every_shipped_lut_has_a_format_besides_the_tables() -> None:
    only_tables = set()
    for path in content.folder("luts").glob("*/lut.json"):
        manifest = read_manifest(path)
        if all(refusal(format, manifest["kind"], manifest["tables"]) for format in RULES):
            only_tables.add(manifest["name"])
    assert only_tables == {"strongarm-noise"}


def test_listing_loads_neither_exporters_nor_tables() -> None:
    code = (
        "import sys, json; from bitline.cli.lut import _formats; _formats('acim-qs');"
        "print(json.dumps(sorted(m for m in sys.modules if m.split('.')[0] in ('numpy', 'xarray', 'pandas')"
        " or m.startswith('bitline.export.'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    declared = [*RULES, "applies", "base", "plain"]
    assert json.loads(done.stdout) == sorted(f"bitline.export.{name.replace('-', '_')}" for name in declared)


def test_no_exporter_imports_its_consumer() -> None:
    package = Path(content.__file__).parent
    paths = [path.relative_to(package.parent) for path in (package / "export").rglob("*.py")]
    modules = [".".join(path.with_suffix("").parts) for path in paths if path.stem != "__init__"]
    code = (
        f"import sys, json; [__import__(m) for m in {modules!r}];"
        "print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    consumers = {"hwcomponents", "accelforge", "aihwkit", "torch", "simulator", "liberty"}
    assert not consumers & set(json.loads(done.stdout))
