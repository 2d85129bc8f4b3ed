"""Tables of schema version 1 are read as version 2.

The manifests in ``version1/`` are shipped ones of that time, cut down to what the upgrade looks at; ``whole/`` is
one table as it was.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bitline.lut.lut import Lut
from bitline.lut.manifest import read_manifest
from bitline.lut.operation import Choices, Operation, Products, parse_operation
from bitline.lut.version1 import upgraded

MANIFESTS = Path(__file__).parent / "version1"
NAMES = sorted(path.stem for path in MANIFESTS.glob("*.json"))


def old(name: str) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((MANIFESTS / f"{name}.json").read_text())
    return manifest


def operation(name: str) -> Operation:
    return parse_operation(name, upgraded(old(name))["operation"])


@pytest.mark.parametrize("name", NAMES)
def test_the_upgrade_is_valid_under_the_schema(name: str) -> None:
    manifest = read_manifest(MANIFESTS / f"{name}.json")
    assert manifest["schema_version"] == 2
    assert not {"energy_event", "operand_statistics"} & manifest["attrs"].keys() or manifest["operation"] is None
    for table, entry in manifest["tables"].items():
        assert entry["variables"] == old(name)["tables"][table]["variables"]


def test_unsigned_products() -> None:
    assert operation("acim-qs").operands == Products("code", 16, 0.25)
    assert operation("acim-qr").operands == Products("code", 16, 0.25, sharing=True)


def test_signed_products() -> None:
    assert operation("ternary-column").operands == Products("mac", 16, 2 / 9, 2 / 9, pairs="extra", output="v_diff")


def test_choices() -> None:
    assert operation("sar-adc").operands == Choices(("v_diff",))
    assert operation("nsnr-restore").operands == Choices(("level",))


def test_cycles_by_hand() -> None:
    """From the timing parameters of circuits.md's columns, edges counted."""
    assert operation("acim-qs").cycle == pytest.approx(0.3e-9 + 0.3e-9 + 0.4e-9 + 3e-9 + 3 * 20e-12, rel=1e-12)
    assert operation("ternary-column").cycle == pytest.approx(0.3e-9 + 0.28e-9 + 0.4e-9 + 3e-9 + 60e-12, rel=1e-12)


def test_pins_take_width_and_setup_from_the_parameters() -> None:
    pins = operation("sar-adc").pins
    assert pins is not None
    parameters = old("sar-adc")["attrs"]["parameters"]
    assert (pins.width, pins.setup) == (parameters["bits"], parameters["t_sample"])


def test_a_store_states_the_resistances_it_aims_at() -> None:
    manifest = upgraded(old("nsnr-store"))
    reram = old("nsnr-store")["attrs"]["parameters"]["reram"]
    expected = {level: reram[f"r_{level}"] for level in ("lrs", "mrs", "hrs")}
    assert manifest["tables"]["placement"]["attrs"]["resistance"] == expected


def test_an_own_circuit_of_that_time_keeps_what_it_said() -> None:
    manifest = old("acim-qs") | {"kind": "lab-column"}
    known = parse_operation("lab", upgraded(manifest)["operation"])
    assert known.operands == Products("code", 16, 0.25)
    assert known.energy.includes == ("cell", "precharge", "wl_driver", "control")
    assert known.pins is None


@pytest.mark.parametrize("damage", [{"attrs": 3}, {"tables": []}, {"attrs": {}, "tables": {}}])
def test_a_damaged_manifest_is_left_for_the_schema(damage: dict[str, Any], tmp_path: Path) -> None:
    manifest = old("acim-qs") | damage
    assert upgraded(manifest)["operation"] is None


def test_a_saved_upgrade_reads_back_the_same(tmp_path: Path) -> None:
    first = Lut.load(Path(__file__).parent / "version1" / "whole")
    first.save(tmp_path)
    again = Lut.load(tmp_path)
    assert again.operation == first.operation
    assert again.attrs == first.attrs
    assert json.loads((tmp_path / "lut.json").read_text())["schema_version"] == 2
