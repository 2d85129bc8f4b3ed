"""Liberty in OpenSTA, and its syntax by liberty-parser: the shipped LUTs, what must be refused, the example."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bitline import content
from bitline.errors import ExportCheckError
from bitline.export.liberty import EXPORTER as liberty
from bitline.lut.lut import Lut

AT = {"corner": "tt", "vdd": 1.8, "temperature": 27.0}
SHIPPED: dict[str, dict[str, Any]] = {
    "sar-adc": {},
    "strongarm": {"v_diff": 1e-3, "v_common": 1.4},
    "baseline-sram": {"zeros": "mixed"},
    "ternary-column": {},
    "nsnr-restore": {"n_per_cluster": 60},
    "nsnr-conditions": {},
}
EXAMPLE = Path(__file__).parents[2] / "examples" / "opensta_macro.py"


def shipped(name: str) -> Lut:
    return Lut.load(content.folder("luts") / name)


def export(name: str, folder: Path, **options: Any) -> Lut:
    lut = shipped(name)
    lut.export("liberty", folder, **{"condition": {**AT, **SHIPPED[name]}, **options})
    return lut


@pytest.mark.parametrize("name", list(SHIPPED))
def test_opensta_has_the_luts_numbers(name: str, consumer: Callable[[str], Any], tmp_path: Path) -> None:
    consumer("opensta")
    lut = export(name, tmp_path)
    assert re.match(r"OpenSTA \d\S*: delays, energy and leakage of \w+ equal to 1e-06", liberty.check(lut, tmp_path))


def test_options_arrive(consumer: Callable[[str], Any], tmp_path: Path) -> None:
    consumer("opensta")
    lut = export("sar-adc", tmp_path, leakage=3.7e-8, area=1.9e-9, capacitance=1.1e-14)
    assert liberty.check(lut, tmp_path).startswith("OpenSTA")


@pytest.mark.parametrize(
    ("what", "group"),
    [
        ("slowest delay", r'cell_(?:rise|fall) \(scalar\) \{ values \("(.*?)"\)'),
        ("setup", r'(?:rise|fall)_constraint \(scalar\) \{ values \("(.*?)"\)'),
        ("energy", r'rise_power \(scalar\) \{ values \("(.*?)"\)'),
        ("leakage", r"cell_leakage_power : (\S+);"),
    ],
)
def test_a_slip_of_a_thousand_is_found(what: str, group: str, consumer: Callable[[str], Any], tmp_path: Path) -> None:
    consumer("opensta")
    lut = export("sar-adc", tmp_path, leakage=3.7e-8)
    path = tmp_path / "sar_adc.lib"
    text, found = path.read_text("utf-8"), re.search(group, path.read_text("utf-8"))
    assert found
    path.write_text(text.replace(found[1], repr(1e3 * float(found[1]))), "utf-8")
    with pytest.raises(ExportCheckError, match=what):
        liberty.check(lut, tmp_path)


def test_damage_is_refused(consumer: Callable[[str], Any], tmp_path: Path) -> None:
    consumer("opensta")
    lut = export("sar-adc", tmp_path)
    path = tmp_path / "sar_adc.lib"
    path.write_text(path.read_text("utf-8").replace("output_threshold_pct_rise : 50;", ""), "utf-8")
    with pytest.raises(ExportCheckError, match="OpenSTA refuses the export"):
        liberty.check(lut, tmp_path)


@pytest.mark.parametrize("name", list(SHIPPED))
def test_another_parser_reads_it(name: str, consumer: Callable[[str], Any], tmp_path: Path) -> None:
    consumer("liberty")
    from liberty.parser import parse_liberty

    export(name, tmp_path, area=1.9e-9, leakage=0.0)
    for path in tmp_path.glob("*.lib"):
        library = parse_liberty(path.read_text("utf-8"))
        assert library["time_unit"].value == "1ns"
        (cell,) = library.get_groups("cell")
        assert cell.args == [path.stem.removesuffix("_fast")]
        assert cell["area"] == pytest.approx(1900, rel=1e-12)
        timings = [t for kind in ("pin", "bus") for pin in cell.get_groups(kind) for t in pin.get_groups("timing")]
        delays = [t.get_group("cell_rise").get_array("values").item() for t in timings if t.get_groups("cell_rise")]
        assert delays
        assert all(0 <= delay < 20 for delay in delays)  # ns


def test_the_example_times_column_and_converter(consumer: Callable[[str], Any], tmp_path: Path) -> None:
    consumer("opensta")
    command = [sys.executable, str(EXAMPLE), "-o", str(tmp_path), "--period", "7"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    slack = {path: float(ns) for path, ns in re.findall(r"^(.*): slack (\S+) ns at 7 ns", done.stdout, re.MULTILINE)}
    column, converter = (shipped(name).tables["nominal"].sel(**AT) for name in ("ternary-column", "sar-adc"))
    sampling = shipped("sar-adc").attrs["parameters"]["t_sample"]
    settled = 1e9 * (float(column["latency"].max()) + sampling)
    assert slack["column to converter"] == pytest.approx(7 - settled, abs=2e-6)
    assert slack["converter to output"] == pytest.approx(7 - 1e9 * float(converter["t_conversion"].max()), abs=2e-6)
