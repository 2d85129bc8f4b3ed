"""The hybrid macro for architects: one component with both domains, whose parts add up to it once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bitline import content
from bitline.export.accelforge import EXPORTER as accelforge
from bitline.export.hwcomponents import EXPORTER as hwcomponents
from bitline.lut.lut import Lut

AT = {"boundary": 8, "adc_bits": 4, "reads": "shared", "operands": "network"}


@pytest.fixture(scope="module")
def lut() -> Lut:
    return Lut.load(content.folder("luts") / "hybrid-boundary")


def test_the_parts_of_the_node_add_up_to_it(lut: Lut, tmp_path: Path) -> None:
    accelforge.write(lut, tmp_path, condition=AT)
    facts = json.loads((tmp_path / "accelforge.json").read_text("utf-8"))
    own = float(lut.tables["energy"]["energy_total"].sel(AT).sel(corner="tt", vdd=1.8).squeeze())
    assert facts["energy"] == pytest.approx(own, rel=1e-12)
    assert sum(facts["breakdown"].values()) == pytest.approx(own, rel=1e-10)
    assert {"tree", "drivers", "digital_add", "dac", "column", "conversion", "saliency"} < set(facts["breakdown"])
    text = (tmp_path / "arch.yaml").read_text("utf-8")
    # One node takes energy, once for each output of 144 products; products and operands are free.
    assert text.count("fanout: 144") == 1
    assert text.count(f"energy: {own!r}") == 1
    assert text.count("energy: 0,") == 3


def test_the_component_asks_for_boundary_converter_and_reads(lut: Lut, tmp_path: Path) -> None:
    hwcomponents.write(lut, tmp_path)
    facts = json.loads((tmp_path / "hwcomponents_hybrid_boundary" / "component.json").read_text("utf-8"))
    assert set(facts["required"]) == {"boundary", "adc_bits", "reads", "operands"}
    assert facts["operands"] == []
    assert "Time is NOT characterised" in facts["doc"]
    for part in ("tree", "conversion", "saliency"):
        assert part in facts["energy_scope"]
