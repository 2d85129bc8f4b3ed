"""analog-cim-sim itself, where its module `acs_py` was built: on no index, so by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bitline import content
from bitline.errors import ExportCheckError
from bitline.export.analog_cim_sim import EXPORTER as analog_cim_sim
from bitline.export.analog_cim_sim.write import CONFIG, MAPPINGS
from bitline.lut.lut import Lut


@pytest.mark.parametrize("mapping", MAPPINGS)
@pytest.mark.parametrize("name", ["nsnr-store", "baseline-reram"])
def test_its_cells_are_the_luts(name: str, mapping: str, consumer: Callable[[str], Any], tmp_path: Path) -> None:
    consumer("acs_py")
    lut = Lut.load(content.folder("luts") / name)
    analog_cim_sim.write(lut, tmp_path, mapping=mapping)
    assert "as in the LUT" in analog_cim_sim.check(lut, tmp_path)


def test_a_slip_of_a_thousand_is_found(consumer: Callable[[str], Any], tmp_path: Path) -> None:
    consumer("acs_py")
    lut = Lut.load(content.folder("luts") / "nsnr-store")
    lut.export("analog-cim-sim", tmp_path)
    path = tmp_path / CONFIG
    config = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**config, "HRS": 1e3 * config["HRS"]}), "utf-8")
    with pytest.raises(ExportCheckError, match="HRS"):
        analog_cim_sim.check(lut, tmp_path)


def test_products_are_exact_and_spread_as_the_cells_do(consumer: Callable[[str], Any], tmp_path: Path) -> None:
    acs_py = consumer("acs_py")
    rows, columns, writes = 1024, 64, 20
    lut = Lut.load(content.folder("luts") / "nsnr-store")
    lut.export("analog-cim-sim", tmp_path, rows=rows, columns=columns, bits=16)
    config = json.loads((tmp_path / CONFIG).read_text("utf-8"))
    rng = np.random.default_rng(1)
    w = rng.integers(-1, 2, (columns, rows)).astype(np.int32)
    x = rng.integers(-1, 2, rows).astype(np.int32)
    errors = {}
    for name, off in {"exact": {"HRS_NOISE": 0.0, "LRS_NOISE": 0.0}, "spread": {}}.items():
        (tmp_path / "used.json").write_text(json.dumps({**config, **off}), "utf-8")
        acs_py.set_config(str(tmp_path / "used.json"))
        drawn = []
        for _ in range(writes):
            found = np.zeros(columns, np.int32)
            acs_py.cpy(w.ravel(), columns, rows)
            acs_py.mvm(found, x, w.ravel(), columns, rows)
            drawn.append(found - w @ x)
        errors[name] = np.array(drawn)
    assert not errors["exact"].any()  # of a zero two cells in HRS, which cancel
    low, high = config["LRS_NOISE"] ** 2, config["HRS_NOISE"] ** 2
    cells = np.where(w == 0, 2 * high, low + high) * (x != 0)
    # the converter rounds to the MAC value: 1/12 of its square on top
    expected = cells.sum(axis=1).mean() / (config["LRS"] - config["HRS"]) ** 2 + 1 / 12
    n = errors["spread"].size
    assert abs(errors["spread"].var() / expected - 1) < 5 * np.sqrt(2 / n)
    assert abs(errors["spread"].mean()) < 5 * np.sqrt(expected / n)
