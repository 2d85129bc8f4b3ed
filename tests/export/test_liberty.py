"""Liberty: delays in ns, energies in pJ, leakage in nW, each read back with its declared unit."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from luts.timed import AT, CONDITIONS, OPERANDS, OPERATIONS, made, mean_energy, numbers

from bitline.errors import ExportCheckError, InputError, LutFileError, OutsideGridError, SetupError
from bitline.export.liberty import EXPORTER as liberty
from bitline.export.liberty.tables import cell_name
from bitline.lut.lut import Lut
from bitline.system.macro import macro_at


def parsed(text: str) -> dict[str, Any]:
    """Read Liberty into nested dicts: ``cell(x)`` -> attributes and groups; comments are left out."""
    tokens = re.findall(r'"[^"]*"|[\w.+-]+|[(){}:;,]', re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))

    def group(k: int) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}
        while k < len(tokens) and tokens[k] != "}":
            name, after = tokens[k], tokens[k + 1]
            if after == ":":
                assert tokens[k + 3] == ";", name
                found[name], k = tokens[k + 2].strip('"'), k + 4
                continue
            assert after == "("
            end = tokens.index(")", k)
            arguments = "".join(tokens[k + 2 : end]).replace('"', "")
            if tokens[end + 1] == "{":
                inner, k = group(end + 2)
                found[f"{name}({arguments})" if f"{name}({arguments})" not in found else f"{name} again"] = inner
            else:
                assert tokens[end + 1] == ";", name
                found[name], k = arguments, end + 2
        return found, k + 1

    root, used = group(0)
    assert used == len(tokens) + 1
    ((_, library),) = root.items()
    assert isinstance(library, dict)
    return library


def cell_of(folder: Path, lut: Lut, suffix: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
    library = parsed((folder / f"{cell_name(lut)}{suffix}.lib").read_text("utf-8"))
    return library, library[f"cell({cell_name(lut)})"]


def export(kind: str, folder: Path, **options: Any) -> Lut:
    lut = made(kind)
    lut.export("liberty", folder, **{"condition": AT, **options})
    return lut


@pytest.mark.parametrize("kind", list(OPERANDS))
def test_every_number_in_its_declared_unit(kind: str, tmp_path: Path) -> None:
    lut, pins = export(kind, tmp_path, area=2.3e-10, capacitance=1.7e-14), OPERATIONS[kind].pins
    assert pins is not None
    latency = numbers(lut, pins.delay, AT)
    outputs = {"sar-adc": ["bus(D)"], "nvsram-trit": ["bus(T)"]}.get(kind, [f"pin({pin})" for pin in pins.outputs])
    for suffix, delay in (("", latency.max()), ("_fast", latency.min())):
        library, cell = cell_of(tmp_path, lut, suffix)
        ns = {"1ns": 1e-9}[library["time_unit"]]
        farad = {"1,pf": 1e-12}[library["capacitive_load_unit"]]
        joule = farad * {"1V": 1.0}[library["voltage_unit"]] ** 2
        for output in outputs:
            timing = cell[output]["timing()"]
            assert (timing["related_pin"], timing["timing_type"]) == (pins.start, "rising_edge")
            for edge in ("cell_rise(scalar)", "cell_fall(scalar)"):
                assert float(timing[edge]["values"]) * ns == pytest.approx(delay, rel=1e-14)
        start = cell[f"pin({pins.start})"]
        power = start["internal_power()"]
        assert float(power["rise_power(scalar)"]["values"]) * joule == pytest.approx(mean_energy(lut, AT), rel=1e-12)
        assert float(power["fall_power(scalar)"]["values"]) == 0  # one operation, one rising edge
        assert (start["direction"], start["clock"]) == ("input", "true")
        assert float(start["capacitance"]) * farad == pytest.approx(1.7e-14, rel=1e-14)
        assert float(cell["area"]) == pytest.approx(230, rel=1e-14)  # um^2
        assert (float(library["nom_voltage"]), float(library["nom_temperature"])) == (1.62, -40)
    assert len(set(latency)) == len(latency)


def test_leakage_in_nanowatts_where_the_lut_has_it(tmp_path: Path) -> None:
    lut = export("nvsram-trit", tmp_path)
    library, cell = cell_of(tmp_path, lut)
    expected = float(lut.tables["hold"]["p_leak"].sel(**AT).mean())
    watt = {"1nW": 1e-9}[library["leakage_power_unit"]]
    assert float(cell["cell_leakage_power"]) * watt == pytest.approx(expected, rel=1e-12)
    with pytest.raises(InputError, match=r"leakage = 1e-09: LUT made-nvsram-trit has its own"):
        export("nvsram-trit", tmp_path, leakage=1e-9)


def test_what_is_not_characterised_is_left_out_unless_given(tmp_path: Path) -> None:
    lut = export("sar-adc", tmp_path / "out")
    _, cell = cell_of(tmp_path / "out", lut)
    assert not {"area", "cell_leakage_power"} & set(cell)
    export("sar-adc", tmp_path / "given", leakage=4.1e-8)
    _, cell = cell_of(tmp_path / "given", lut)
    assert float(cell["cell_leakage_power"]) == pytest.approx(41, rel=1e-14)
    readmes = [(tmp_path / name / "README.md").read_text("utf-8") for name in ("out", "given")]
    assert "Leakage: not characterised." in readmes[0]
    assert "Leakage: 4.1e-08 W, given by whoever exported (assumed)." in readmes[1]


def test_a_converter_has_a_setup_time_and_a_bus(tmp_path: Path) -> None:
    lut = export("sar-adc", tmp_path)
    library, cell = cell_of(tmp_path, lut)
    for pin in ("pin(INP)", "pin(INN)"):
        timing = cell[pin]["timing()"]
        assert (timing["related_pin"], timing["timing_type"]) == ("CONVERT", "setup_rising")
        for edge in ("rise_constraint(scalar)", "fall_constraint(scalar)"):
            assert float(timing[edge]["values"]) == pytest.approx(1.3, rel=1e-14)
    bus = library["type(bus_5)"]
    assert (bus["bit_width"], bus["bit_from"], bus["bit_to"]) == ("5", "4", "0")
    _, comparator = cell_of(tmp_path, export("strongarm", tmp_path))
    assert "timing()" not in comparator["pin(INP)"]  # its inputs were not characterised


def test_the_lines_without_which_opensta_warns_or_fails(tmp_path: Path) -> None:
    library, cell = cell_of(tmp_path, export("strongarm", tmp_path))
    edges = [
        f"{threshold}_pct_{edge}" for edge in ("rise", "fall") for threshold in ("input_threshold", "output_threshold")
    ]
    edges += [f"slew_{end}_threshold_pct_{edge}" for edge in ("rise", "fall") for end in ("lower", "upper")]
    assert set(edges) <= set(library)
    assert {"rise_transition(scalar)", "fall_transition(scalar)"} <= set(cell["pin(QP)"]["timing()"])
    assert library["delay_model"] == "table_lookup"
    assert f"operating_conditions({library['default_operating_conditions']})" in library


def test_both_libraries_have_the_cell_under_other_library_names(tmp_path: Path) -> None:
    lut = export("binary-sram-column", tmp_path)
    texts = [(tmp_path / f"made_binary_sram_column{suffix}.lib").read_text() for suffix in ("", "_fast")]
    names = [re.findall(r"^library \((\w+)\)", text, re.MULTILINE) for text in texts]
    assert names == [["made_binary_sram_column"], ["made_binary_sram_column_fast"]]
    assert [cell_of(tmp_path, lut, suffix)[1]["is_macro_cell"] for suffix in ("", "_fast")] == ["true", "true"]


def test_what_every_file_says(tmp_path: Path) -> None:
    lut = made("nvsram-trit")
    paths = liberty.write(lut, tmp_path, condition=AT)
    assert {path.name for path in paths} == {path.name for path in tmp_path.iterdir()}
    for name in ("made_nvsram_trit.lib", "made_nvsram_trit_fast.lib", "README.md"):
        text = (tmp_path / name).read_text("utf-8")
        for part in ("event: one thing", "corner = ss", "RESTORE rises: begin of INIT", "assumed", "the latency"):
            assert part in text
    facts = json.loads((tmp_path / "made_nvsram_trit.json").read_text("utf-8"))
    assert facts["condition"] == AT
    assert facts["energy_scope"].startswith("event: one thing")
    assert facts["energy_j"] == pytest.approx(mean_energy(lut, AT), rel=1e-12)
    assert facts["delay_slowest_s"] == numbers(lut, "latency", AT).max()
    assert "no field for a code, a sigma or an SNR" in (tmp_path / "README.md").read_text("utf-8")


def test_text_of_a_lut_cannot_end_the_comment(tmp_path: Path) -> None:
    lut = export("strongarm", tmp_path)
    text = (tmp_path / "made_strongarm.lib").read_text("utf-8")
    assert text.count("*/") == 1
    assert "evil" in text
    assert set(parsed(text)) >= {"time_unit", f"cell({cell_name(lut)})"}


def test_a_name_is_an_identifier(tmp_path: Path) -> None:
    lut = made("strongarm")
    named = replace(lut, name="5-bit.adc")
    assert cell_name(named) == "lut_5_bit_adc"
    paths = named.export("liberty", tmp_path, condition=AT)
    assert [path.name for path in paths[:2]] == ["lut_5_bit_adc.lib", "lut_5_bit_adc_fast.lib"]


def test_outside_the_grid_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(OutsideGridError, match="temperature = 125"):
        made("nvsram-trit").export("liberty", tmp_path, condition={**AT, "temperature": 125})
    assert not list(tmp_path.iterdir())


def test_what_liberty_cannot_state(tmp_path: Path) -> None:
    some = {axis: values for axis, values in CONDITIONS.items() if axis != "temperature"}
    with pytest.raises(InputError, match="temperature is no axis of table nominal, nor stated: a Liberty"):
        macro_at(made("nvsram-trit", axes=some), {"corner": "tt", "vdd": 1.8})
    made_up = made("nvsram-trit")
    acim = Lut("acim", "acim-column-qs", made_up.tables, made_up.attrs)
    with pytest.raises(InputError, match="has no latency"):
        acim.export("liberty", tmp_path)
    with pytest.raises(InputError, match="a macro needs a latency"):
        macro_at(acim)


@pytest.mark.parametrize("option", ["area", "leakage", "capacitance"])
@pytest.mark.parametrize("value", [-1e-15, 230.0, math.nan])
def test_options_that_cannot_be_in_si(option: str, value: float, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"{option} = {value}: must be in SI units"):
        export("sar-adc", tmp_path, **{option: value})


def opensta(folder: Path, lut: Lut, scale: dict[str, float] | None = None, twice: int = 1, last: str = "") -> Path:
    """Write a program that answers as OpenSTA 2.0.17 does, its numbers off by the factors in `scale`."""
    off = {"slow": 1.0, "fast": 1.0, "setup": 1.0, "energy": 1.0, "leakage": 1.0, **(scale or {})}
    macro = macro_at(lut, AT)
    leak = (macro.leakage or 0.0) * off["leakage"]
    path = "{0:>14.9f} {0:>14.9f} ^ q\n{0:>32.9f}   data arrival time\n\n{1:>32.9f}   data arrival time\n"
    slow, fast = macro.slowest * 1e9 * off["slow"], macro.fastest * 1e9 * off["fast"]
    text = "".join(
        path.format(ns, -ns) for _ in range(macro.pins.width or len(macro.pins.outputs)) for ns in (slow, fast)
    )
    if macro.pins.setup is not None:
        text += f"{-macro.pins.setup * 1e9 * off['setup']:>14.9f} {998.0:>14.9f}   library setup time\n"
    for name, joule, watt in (("macro", macro.energy * off["energy"], leak), ("reference", 1e-12, 0.0)):
        power = twice * joule / 1e-6
        text += f" {power:.9e} {0:.9e} {watt:.9e} {power + watt:.9e} {name}\n"
    folder.mkdir(exist_ok=True)
    (folder / "answer").write_text(text + last)
    program = folder / "sta"
    program.write_text(f'#!/bin/sh\nif [ "$1" = -version ]; then echo 2.0.17; else cat "{folder}/answer"; fi\n')
    program.chmod(0o755)
    return folder


@pytest.mark.parametrize("kind", list(OPERANDS))
@pytest.mark.parametrize("twice", [1, 2])
def test_the_check_reads_what_opensta_reports(
    kind: str, twice: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lut = export(kind, tmp_path)
    monkeypatch.setenv("PATH", f"{opensta(tmp_path / 'bin', lut, twice=twice)}:/usr/bin:/bin")
    line = liberty.check(lut, tmp_path)
    assert line.startswith(f"OpenSTA 2.0.17: delays, energy and leakage of {cell_name(lut)} equal to 1e-06")
    assert ("counts internal power twice" in line) == (twice == 2)


@pytest.mark.parametrize("wrong", ["slow", "fast", "setup", "energy", "leakage"])
@pytest.mark.parametrize("factor", [1e3, 1e-3, 1 + 1e-5])
def test_the_check_fails_where_a_number_differs(
    wrong: str, factor: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lut = export("nvsram-trit" if wrong == "leakage" else "sar-adc", tmp_path)
    monkeypatch.setenv("PATH", f"{opensta(tmp_path / 'bin', lut, {wrong: factor})}:/usr/bin:/bin")
    with pytest.raises(ExportCheckError, match=r"OpenSTA has .*, the LUT"):
        liberty.check(lut, tmp_path)


@pytest.mark.parametrize(
    ("twice", "last", "message"),
    [
        (3, "", "counts an internal energy 3 times: once or twice is known"),
        (1, "Warning: x.lib, line 3 unknown.\n", "OpenSTA refuses the export: Warning: x.lib, line 3 unknown."),
    ],
)
def test_the_check_trusts_no_opensta_that_complains(
    twice: int, last: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lut = export("strongarm", tmp_path)
    monkeypatch.setenv("PATH", f"{opensta(tmp_path / 'bin', lut, twice=twice, last=last)}:/usr/bin:/bin")
    with pytest.raises(ExportCheckError, match=message):
        liberty.check(lut, tmp_path)


def test_the_check_without_opensta_or_without_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lut = export("strongarm", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match="needs OpenSTA: apt-get install opensta"):
        liberty.check(lut, tmp_path)
    with pytest.raises(LutFileError, match="not what the liberty export writes"):
        liberty.check(lut, tmp_path / "elsewhere")
