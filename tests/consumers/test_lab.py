"""The table of a laboratory's own column (examples/lab) in every program that takes it.

`make test-consumers` installs the package beside bitline; no program is told of it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import bitline as bl
from bitline.export import exporter
from bitline.sweep.sweep import shipped

pytestmark = [
    pytest.mark.ngspice,
    pytest.mark.pdk,
    # what AccelForge and hwcomponents do with pandas and logging is theirs
    pytest.mark.filterwarnings("ignore:The inplace keyword"),
    pytest.mark.filterwarnings("ignore:The 'warn' method is deprecated"),
]
if "lab-8t" not in shipped():
    pytest.skip("bitline-lab is not installed", allow_module_level=True)

PROGRAMS = [
    ("aihwkit", "aihwkit"),
    ("simulator", "crosssim"),
    ("hwcomponents", "hwcomponents"),
    ("accelforge", "accelforge"),
    ("opensta", "liberty"),
]


@pytest.fixture(scope="module")
def lut(tmp_path_factory: pytest.TempPathFactory) -> bl.Lut:
    """Characterize the quick form of its own sweep."""
    return bl.characterize(bl.Sweep.load("lab-8t").quick(), store=tmp_path_factory.mktemp("store") / "runs.sqlite")


@pytest.mark.parametrize(("program", "name"), PROGRAMS)
def test_the_program_has_the_numbers_of_the_table(
    consumer: Callable[[str], Any], lut: bl.Lut, tmp_path: Path, program: str, name: str
) -> None:
    consumer(program)
    lut.export(name, tmp_path)
    assert exporter(name).check(lut, tmp_path)
