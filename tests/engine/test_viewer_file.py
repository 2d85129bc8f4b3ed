"""Files for waveform viewers: read back by other code than that which wrote them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from bitline.circuits.analysis import Ac, Axis, OperatingPoint
from bitline.engine.batch import read_raw
from bitline.engine.waveform_file import write
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError

TIME = np.array([0.0, 1e-12, 2.5e-12, 1e-9])
WAVES = Waveforms(TIME, {"v(line)": np.array([1.8, 1 / 3, 1 / 3, 0.1]), "i(vdd)": -1e-6 * TIME / 1e-9}, title="made up")


@pytest.mark.parametrize(
    ("waves", "plot", "axis"),
    [
        (WAVES, "tran", "time"),
        (Waveforms(TIME, {"v(out)": 1 / (1 + 1j * TIME)}, abscissa=Ac.axis), "ac", "frequency"),
        (Waveforms(TIME, {"v(out)": 1.8 - TIME}, abscissa=Axis("vin", "V")), "dc", "v-sweep"),
        (Waveforms(np.zeros(1), {"v(out)": np.array([1 / 3])}, abscissa=OperatingPoint.axis), "op", None),
    ],
)
def test_a_raw_file_reads_as_ngspice_writes_it(waves: Waveforms, plot: str, axis: str | None, tmp_path: Path) -> None:
    write(waves, tmp_path / "w.raw")
    (vectors,) = [vectors for kind, vectors in read_raw(tmp_path / "w.raw").items() if kind == plot]
    for name, values in waves.signals.items():
        np.testing.assert_array_equal(vectors[name], values)
    assert len(vectors) == len(waves.signals) + (axis is not None)
    if axis is not None:
        np.testing.assert_array_equal(vectors[axis].real, waves.axis)


@pytest.mark.ngspice
def test_ngspice_loads_a_raw_file(tmp_path: Path) -> None:
    write(WAVES, tmp_path / "w.raw")
    (tmp_path / "load.cir").write_text(
        "* load\n.control\nset numdgt=15\nload w.raw\nprint v(line)[1]\nquit\n.endc\n.end\n"
    )
    said = subprocess.run(
        ["ngspice", "-n", "-b", "load.cir"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    (value,) = re.findall(r"v\(line\)\[1\] = (\S+)", said.stdout)
    assert float(value) == pytest.approx(1 / 3, rel=1e-14)


def test_a_vcd_has_every_change_at_its_femtosecond(tmp_path: Path) -> None:
    write(WAVES, tmp_path / "w.vcd")
    head, _, body = (tmp_path / "w.vcd").read_text().partition("$enddefinitions $end\n")
    codes = dict(re.findall(r"\$var real 64 (\S+) (\S+) \$end", head))
    assert "$timescale 1 fs $end" in head
    assert set(codes.values()) == set(WAVES.signals)
    seen: dict[str, list[tuple[int, float]]] = {name: [] for name in WAVES.signals}
    step = -1
    for line in body.splitlines():
        if line.startswith("#"):
            assert int(line[1:]) > step
            step = int(line[1:])
        else:
            value, code = line[1:].split()
            seen[codes[code]].append((step, float(value)))
    assert seen["v(line)"] == [(0, 1.8), (1000, 1 / 3), (1_000_000, 0.1)]
    assert [value for _, value in seen["i(vdd)"]] == WAVES["i(vdd)"].tolist()


def test_many_signals_have_different_codes(tmp_path: Path) -> None:
    write(Waveforms(TIME, {f"v(q{k})": TIME for k in range(300)}), tmp_path / "w.vcd")
    codes = re.findall(r"\$var real 64 (\S+) ", (tmp_path / "w.vcd").read_text())
    assert len(set(codes)) == 300


def test_a_vcd_over_anything_but_time_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="over vin"):
        write(Waveforms(TIME, {"v(out)": TIME}, abscissa=Axis("vin", "V")), tmp_path / "w.vcd")
