"""Parameters say where their values come from, and read on their own."""

from __future__ import annotations

import re
from typing import get_args

import pytest

import bitline.system.account
import bitline.system.area
import bitline.system.efficiency
import bitline.system.operands
from bitline.benches.registry import benches
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.registry import circuits
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.parameters import ParameterInfo, Source, describe_all
from bitline.sweep.provenance import assumed, parameter_sources

_SYSTEM = (
    bitline.system.account.Account,
    bitline.system.area.AreaModel,
    bitline.system.efficiency.ColumnEnergy,
    bitline.system.efficiency.Precision,
    bitline.system.operands.Operands,
)
OWNERS: tuple[type, ...] = (*circuits().values(), *_SYSTEM, *dict.fromkeys(bench.inputs for bench in benches()))
INFOS = [(owner.__name__, info) for owner in OWNERS for info in describe_all(owner())]
IDS = [f"{owner}.{info.name}" for owner, info in INFOS]


@pytest.mark.parametrize(("owner", "info"), INFOS, ids=IDS)
def test_a_parameter_has_a_source_and_a_doc_that_reads_on_its_own(owner: str, info: ParameterInfo) -> None:
    assert info.source in get_args(Source)
    assert len(info.doc.split()) >= 2
    # The source is a field. A pronoun refers to a neighbour that a list by name does not show.
    assert not re.search(r"\((assumed|choice|measured|transcribed|SkyWater|estimated)\)", info.doc)
    assert not re.match(r"(its|it|their|likewise|the same)\b", info.doc)


def test_what_no_source_gives_is_listed_with_its_doc() -> None:
    texts = assumed(SplitPort6T())
    assert texts == [
        "c_wire_bl: bit-line wire per cell (assumed)",
        "c_wl: word line per cell, gate and wire (assumed)",
    ]
    assert texts == [text for text in assumed(AcimColumnQS()) if text.startswith("c_w")]


def test_sources_go_by_dotted_names() -> None:
    sources = parameter_sources(AcimColumnQS())
    assert sources["t_pulse"] == "choice"
    assert sources["cell.w_pass"] == "foundry"
    assert sources["cell.c_wire_bl"] == "assumed"
