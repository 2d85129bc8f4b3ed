"""What holds for every format that writes for a simulator; docs/export.md lists it.

One level of noise: test_aihwkit, crosssim_contract. Static and temporal apart: test_neurosim, test_aihwkit,
test_analog_cim_sim. A ternary zero: test_analog_cim_sim. Nothing extrapolated: each format's own tests.
Restore reliability: test_needs, test_hwcomponents.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from luts.column import make_column_lut

from bitline.export import Outline, exporters

COLUMN = Outline.from_lut(make_column_lut())
OF_A_COLUMN = [name for name, exporter in exporters().items() if exporter.needs and not exporter.refusal(COLUMN)]
OPTIONS = {"accelforge": {"activity": 0.25}, "hwcomponents": {"activity": 0.25}}


@pytest.fixture(params=OF_A_COLUMN)
def files(request: pytest.FixtureRequest, tmp_path: Path) -> list[Path]:
    """Return what a format writes of a column, without the LUT itself, which one of them ships."""
    written = make_column_lut().export(request.param, tmp_path, **OPTIONS.get(request.param, {}))
    return [path for path in written if path.parent.name != "lut"]


def test_the_formats_are_these() -> None:
    assert sorted(OF_A_COLUMN) == ["accelforge", "aihwkit", "crosssim", "hwcomponents", "neurosim"]


def test_no_simulator_gets_an_snr(files: list[Path]) -> None:
    snr = make_column_lut().tables["snr"]
    values = {repr(float(value))[:8] for value in snr.to_dataarray().values.ravel()}
    for path in files:
        text = path.read_text()
        assert not any(value in text for value in values), path
        if path.name != "README.md":
            assert not re.search(r"\bsnr", text, re.IGNORECASE), path


def test_code_has_no_data_and_data_no_code(files: list[Path]) -> None:
    for path in files:
        assert path.suffix in {".py", ".json", ".csv", ".yaml", ".toml", ".md"}
        if path.suffix == ".py":
            tree = ast.parse(path.read_text())
            floats = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, float)}
            assert floats <= {0.0, 1e-3}, path  # of arithmetic and rounding, none of a LUT
            imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names}
            assert not imported & {"pickle", "joblib", "shelve", "marshal"}


def test_where_energies_are_it_says_what_they_contain(files: list[Path]) -> None:
    for path in files:
        text = path.read_text()
        if re.search(r"\benergy\b", text) and path.suffix in {".json", ".yaml", ".md"} and path.name != "README.md":
            assert "wl_driver" in text, path
