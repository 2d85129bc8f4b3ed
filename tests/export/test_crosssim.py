"""What is written for CrossSim, in a stub of the methods it meets; the real program is in tests/consumers."""

from __future__ import annotations

import ast
import hashlib
import json
import math
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import crosssim_stub
import numpy as np
import pytest
from crosssim_contract import CONTRACT, every_code_edge
from luts.column import make_column_lut
from luts.converter import BITS, EDGE_SIGMA, STEP, STEP_SIGMA, edges, make_sar_lut
from luts.store import LN_SIGMA, make_store_lut
from luts.ternary import make_ternary_lut

from bitline.errors import InputError, OutsideGridError, SetupError
from bitline.export.crosssim import EXPORTER as crosssim
from bitline.lut.lut import Lut

LUTS = {lut.name: lut for lut in (make_store_lut(), make_ternary_lut(), make_sar_lut())}


@pytest.fixture(autouse=True)
def seeded(monkeypatch: pytest.MonkeyPatch) -> None:
    crosssim_stub.install(monkeypatch)
    np.random.seed(7)  # noqa: NPY002 - CrossSim draws from numpy's global generator


@pytest.mark.parametrize("holds", CONTRACT, ids=lambda holds: holds.__name__)
def test_contract(holds: Callable[[Path], None], tmp_path: Path) -> None:
    holds(tmp_path)


def exported(lut: Lut, folder: Path, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    _, data, params, _ = crosssim.write(lut, folder, **options)
    return json.loads(data.read_text()), json.loads(params.read_text())


@pytest.mark.parametrize("lut", LUTS.values(), ids=LUTS)
def test_one_folder_holds_all_of_it(lut: Lut, tmp_path: Path) -> None:
    paths = crosssim.write(lut, tmp_path)
    stem = f"crosssim_{lut.name.replace('-', '_')}"
    assert [path.name for path in paths] == [f"{stem}.py", f"{stem}.json", "params.json", "README.md"]
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in paths}
    code, data, params, readme = (path.read_text() for path in paths)
    assert hashlib.sha256(data.encode()).hexdigest() in code
    numbers = {n.value for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Constant) and type(n.value) is float}
    assert numbers <= {1e-5, 1e-3, 1.0, 0.5}  # tolerances and formulas, no data
    name = json.loads(data)["class"]
    assert f"class {name}(" in code
    assert f'"model": "{name}"' in params
    assert "until the module is imported" in readme
    assert "made_up_driver" in readme
    assert "made_up_driver" in json.loads(data)["energy_scope"]


def test_a_changed_data_file_is_refused(tmp_path: Path) -> None:
    from bitline.errors import ExportCheckError
    from bitline.export.generated import load_module

    code, data, _, _ = crosssim.write(make_store_lut(), tmp_path)
    data.write_text(data.read_text().replace("lrs", "LRS"))
    with pytest.raises(ExportCheckError, match="sha256 differs"):
        load_module(tmp_path, code.stem)


def test_units_of_a_device(tmp_path: Path) -> None:
    data, params = exported(make_store_lut(), tmp_path, condition={"verify": "off"})
    assert data["ln_sigma"] == list(LN_SIGMA["off"])
    assert data["g_norm"][0] == 1.0
    assert [data["r_ohm"][0] / r for r in data["r_ohm"]] == pytest.approx(data["g_norm"], rel=1e-12)
    # the mean of 1/R of the first level: exp(-1/17 + (1/37)^2/2) / 65536 Ohm
    assert params["xbar"]["device"]["Rmin"] == pytest.approx(65536 * math.exp(1 / 17 - 1 / (2 * 37**2)), rel=1e-12)
    assert params["xbar"]["device"]["programming_error"]["enable"] is True
    assert params["xbar"]["device"]["clip_conductance"] is False
    assert "read_noise" not in params["xbar"]["device"]  # static and temporal go to different fields


def test_units_of_a_converter(tmp_path: Path) -> None:
    data, params = exported(make_sar_lut(), tmp_path)
    assert data["edges_volt"] == edges().tolist()
    assert data["lsb_volt"] == pytest.approx(STEP, rel=1e-12)
    assert data["edges_lsb"] == pytest.approx((edges() - edges()[0]) / STEP + 0.5, rel=1e-9)
    assert data["sigma_lsb"] == pytest.approx(np.array(EDGE_SIGMA) / STEP, rel=1e-9)
    a, b = np.array(EDGE_SIGMA[1:5]) / STEP, np.array(EDGE_SIGMA[2:6]) / STEP
    rho = (a**2 + b**2 - np.array(STEP_SIGMA[1:5]) ** 2) / (2 * a * b)
    assert data["neighbour_correlation"] == pytest.approx([0, *rho, 0], rel=1e-9)
    assert params["xbar"]["adc"]["mvm"]["calibrated_range"] == [-4.0, 3.0]
    assert params["xbar"]["adc"]["mvm"]["bits"] == BITS
    assert params["xbar"]["adc"]["vmm"]["model"] == "IdealADC"


def test_a_range_may_be_given(tmp_path: Path) -> None:
    every_code_edge(tmp_path, low=0.0, high=0.7)


def test_transitions_at_another_corner(tmp_path: Path) -> None:
    with pytest.raises(OutsideGridError, match="corner = ss"):
        crosssim.write(make_sar_lut(), tmp_path, condition={"corner": "ss"})
    every_code_edge(tmp_path, condition={"corner": "ss"}, mismatch=False)


def test_an_unsigned_column_has_unsigned_inputs(tmp_path: Path) -> None:
    data, params = exported(make_column_lut(), tmp_path)
    assert data["codes"] == list(range(17))
    assert params["core"]["rows_max"] == 16
    assert params["xbar"]["dac"]["mvm"]["signed"] is False
    assert params["core"]["mapping"]["inputs"]["mvm"] == {"min": 0.0, "max": 1.0, "percentile": None}
    assert params["xbar"]["adc"]["mvm"]["bits"] == 5  # 17 codes


@pytest.mark.parametrize(
    ("lut", "options", "message"),
    [
        (make_sar_lut(), {"low": 1.0, "high": 1.0}, "low = 1.0, high = 1.0: must be finite, low < high"),
        (make_sar_lut(), {"high": math.inf}, "must be finite"),
        (make_sar_lut(), {"line": "best-fit"}, "option line is for columns"),
        (make_sar_lut(), {"condition": {"transition": 3}}, "condition names transition"),
        (make_store_lut(), {"mismatch": False}, "option mismatch is for converters"),
        (make_store_lut(), {"line": "best-fit"}, "option line is for columns"),
        (make_ternary_lut(), {"low": 0.0}, "option low is for converters"),
        (make_ternary_lut(), {"name": "no name"}, "name = 'no name'"),
    ],
)
def test_options_that_are_refused(lut: Lut, options: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        crosssim.write(lut, tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_transitions_with_gaps_or_falling(tmp_path: Path) -> None:
    made = make_sar_lut()

    def changed(change: Any) -> Lut:
        moved = {name: change(made.tables[name]) for name in ("transitions", "mismatch")}
        return replace(made, tables={**made.tables, **moved})

    with pytest.raises(InputError, match=r"transitions are \[1, 2, 3, 4, 5, 6\]: must be 1..2\^b - 1"):
        crosssim.write(changed(lambda t: t.isel(transition=slice(0, 6))), tmp_path)
    with pytest.raises(InputError, match="must rise"):
        crosssim.write(changed(lambda t: -t), tmp_path)


def test_a_converter_without_mismatch_table(tmp_path: Path) -> None:
    made = make_sar_lut()
    bare = replace(made, tables={name: made.tables[name] for name in ("nominal", "transitions")})
    with pytest.raises(InputError, match="has no table 'mismatch': with mismatch=False"):
        crosssim.write(bare, tmp_path)
    assert exported(bare, tmp_path, condition={"corner": "tt"}, mismatch=False)[0]["sigma_lsb"] == []


def test_without_crosssim_the_check_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crosssim.write(make_store_lut(), tmp_path)
    for name in [name for name in sys.modules if name.split(".")[0] == "simulator"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SetupError, match="it is in no index; pip install a clone of sandialabs/cross-sim"):
        crosssim.check(make_store_lut(), tmp_path)
