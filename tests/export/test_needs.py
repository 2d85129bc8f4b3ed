from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from luts.column import make_column_lut
from luts.store import make_store_lut
from luts.ternary import make_ternary_lut

from bitline import content
from bitline.export import Exporter, Need, Outline, Refusal, exporter, exporters
from bitline.lut.lut import Lut
from bitline.lut.manifest import read_manifest
from bitline.lut.operation import Choices

SIMULATORS = ("accelforge", "aihwkit", "analog-cim-sim", "asim", "crosssim", "hwcomponents", "liberty", "neurosim")


def outline(lut: Lut, *without: str) -> Outline:
    made = Outline.from_lut(lut)
    return Outline(made.operation, {name: fields for name, fields in made.tables.items() if name not in without})


def test_every_simulators_format_declares_what_it_needs() -> None:
    for name, made in exporters().items():
        assert made.name == name
        assert made.doc
        assert bool(made.needs) == (name in SIMULATORS)


def test_a_format_without_needs_takes_everything() -> None:
    assert exporter("csv").refusal(Outline(None, {})) == ""


def test_a_missing_table_is_named() -> None:
    neurosim = exporter("neurosim")
    assert neurosim.refusal(outline(make_column_lut())) == ""
    assert neurosim.refusal(outline(make_column_lut(), "noise")) == (
        "it is made from table noise, which this LUT does not have"
    )


def test_a_missing_variable_is_named() -> None:
    lut = make_column_lut()
    tables = {**lut.tables, "mismatch": lut.tables["mismatch"].drop_vars("v_mean")}
    bare = Lut(lut.name, lut.kind, tables, lut.attrs, lut.operation)
    assert exporter("neurosim").refusal(Outline.from_lut(bare)) == (
        "it is made from v_mean in table mismatch, which this LUT does not have"
    )


def test_what_is_taken_is_said_where_no_need_is_near() -> None:
    assert exporter("neurosim").refusal(Outline(None, {"line": ()})) == (
        "it takes a column's output (tables mismatch and noise) or a memory's levels (table placement)"
    )
    assert "a cell without timing is of no use" in exporter("liberty").refusal(outline(make_column_lut()))


def test_a_signed_column_cannot_be_neurosims() -> None:
    assert "unsigned" in exporter("neurosim").refusal(outline(make_ternary_lut()))


def test_the_levels_of_a_memory_need_no_operation() -> None:
    store = Outline(None, outline(make_store_lut()).tables)
    assert [name for name in SIMULATORS if not exporter(name).refusal(store)] == [
        "aihwkit",
        "analog-cim-sim",
        "crosssim",
        "neurosim",
    ]


@pytest.mark.parametrize("format", ["aihwkit", "analog-cim-sim", "crosssim", "neurosim"])
def test_restore_reliability_goes_nowhere(format: str) -> None:
    operation = make_column_lut().operation
    assert operation is not None
    restored = Outline(replace(operation, operands=Choices(("level",))), {"nominal": ("level",), "yield": ("level",)})
    assert "restore reliability has no field" in exporter(format).refusal(restored)


def test_the_name_of_a_circuit_decides_nothing() -> None:
    lut = make_column_lut()
    other = Lut(lut.name, "lab-8t-column", lut.tables, lut.attrs, lut.operation)
    for made in exporters().values():
        assert made.refusal(Outline.from_lut(other)) == made.refusal(Outline.from_lut(lut))


def test_a_manifest_says_the_same_as_the_lut() -> None:
    only_tables = set()
    for path in content.folder("luts").glob("*/lut.json"):
        manifest = read_manifest(path)
        read, whole = Outline.from_manifest(manifest), Outline.from_lut(Lut.load(path.parent))
        reasons = {name: made.refusal(read) for name, made in exporters().items() if made.needs}
        assert reasons == {name: made.refusal(whole) for name, made in exporters().items() if made.needs}
        if all(reasons.values()):
            only_tables.add(manifest["name"])
    # Every other one has a format besides the tables.
    varied = {"acim-qr-144", "acim-qr-inputs", "acim-qr-inputs-conditions", "sar-adc-forms"}
    varied |= {"strongarm-trim", "strongarm-trim-conditions", "strongarm-noise-conditions"}
    cells = {name for name in only_tables if name.startswith(("logic-cell-", "logic-pair-"))}
    assert only_tables == {"sram-cell", "sram-write-supply", "strongarm-noise", *varied, *cells}


def test_a_refusal_comes_before_what_is_missing() -> None:
    need = Need("a column", ("unsigned products",), {"absent": ()})
    made = Exporter("made", "made up", lambda: lambda lut, folder: [], (need,))
    column = outline(make_column_lut())
    assert made.refusal(column) == "it is made from table absent, which this LUT does not have"
    refused = replace(made, refuses=(Refusal(Need("", tables={"noise": ()}), "because"),))
    assert refused.refusal(column) == "because"


def test_listing_loads_neither_exporters_nor_tables() -> None:
    code = (
        "import sys, json; from bitline.cli import run; assert run(['export', 'acim-qs', '--list']) == 0;"
        "print(json.dumps(sorted(m for m in sys.modules if m.split('.')[0] in ('numpy', 'xarray', 'pandas')"
        " or m.startswith('bitline.export.'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    declared = [*SIMULATORS, "base", "needs", "options", "plain", "refusals"]
    assert json.loads(done.stdout.splitlines()[-1]) == sorted(
        f"bitline.export.{name.replace('-', '_')}" for name in declared
    )


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
