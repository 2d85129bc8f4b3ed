"""From ngspice to the program that reads it, in one go: a quick sweep, its export, and the consumer's own numbers.

hwcomponents and AccelForge have theirs in test_accelforge.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import bitline as bl
from bitline.export import exporter

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]
RUNS = [
    ("aihwkit", "aihwkit", "acim-qs"),
    ("simulator", "crosssim", "acim-qs"),
    ("opensta", "liberty", "baseline-sram"),
    ("acs_py", "analog-cim-sim", "baseline-reram"),
]


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], bl.Lut]:
    """Return a function that runs the quick form of a shipped sweep, each once."""
    made: dict[str, bl.Lut] = {}

    def run(name: str) -> bl.Lut:
        if name not in made:
            short = bl.Sweep.load(name).quick().replace(mismatch={"samples": 3})
            made[name] = bl.characterize(short, store=tmp_path_factory.mktemp("store") / "runs.sqlite")
        return made[name]

    return run


@pytest.mark.parametrize(("program", "format", "sweep"), RUNS)
def test_the_consumer_has_what_ngspice_gave(
    program: str, format: str, sweep: str, consumer: Callable[[str], Any], swept: Any, tmp_path: Path
) -> None:
    consumer(program)
    lut = swept(sweep)
    lut.export(format, tmp_path)
    assert exporter(format).check(lut, tmp_path)


def test_neurosims_table_is_the_columns(swept: Any, tmp_path: Path) -> None:
    lut = swept("acim-qs")
    lut.export("neurosim", tmp_path)
    drawn = lut.tables["mismatch"].squeeze()
    first, last = (float(drawn["v_mean"].isel(code=k)) for k in (0, -1))
    with (tmp_path / "output_noise_static.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 9
    for row in rows:
        cell = drawn.sel(code=int(row["output"]))
        step = abs(last - first) / 8
        assert float(row["mean"]) == pytest.approx((first - float(cell["v_mean"])) / step, abs=1e-9)
        assert float(row["std"]) == pytest.approx(float(cell["v_sigma"]) / step, rel=1e-9)
