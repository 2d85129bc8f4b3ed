from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bitline.circuits.analysis import Ac, Axis, Noise, OperatingPoint
from bitline.circuits.deck import Phase
from bitline.engine.waveform_file import FORMATS, read, write
from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError, SetupError, StorageError

RISE = 1 - np.exp(-np.linspace(0, 5, 101))


@pytest.fixture
def waveforms() -> Waveforms:
    return Waveforms(
        axis=np.linspace(0, 5e-9, 101),
        signals={"v(line)": RISE, "i(vdd)": -RISE / 3e5},
        scalars={"total": 1 / 3},
        title="made up",
        phases=(Phase("rise", 0.0, 1e-9), Phase("rest", 1e-9, 5e-9)),
        marks={"sample": 3e-9},
    )


@pytest.mark.parametrize("suffix", FORMATS)
def test_signals_come_back_to_the_last_bit(suffix: str, waveforms: Waveforms, tmp_path: Path) -> None:
    path = tmp_path / f"w{suffix}"
    write(waveforms, path)
    back = read(path)
    assert list(back.signals) == list(waveforms.signals)
    np.testing.assert_array_equal(back.axis, waveforms.axis)
    for name, values in waveforms.signals.items():
        np.testing.assert_array_equal(back[name], values)


@pytest.mark.parametrize("suffix", [".parquet", ".nc"])
def test_phases_and_marks_come_back(suffix: str, waveforms: Waveforms, tmp_path: Path) -> None:
    path = tmp_path / f"w{suffix}"
    write(waveforms, path)
    back = read(path)
    assert (back.title, back.phases, back.marks, back.scalars) == (
        waveforms.title,
        waveforms.phases,
        waveforms.marks,
        waveforms.scalars,
    )


def test_csv_headers_have_units(waveforms: Waveforms, tmp_path: Path) -> None:
    write(waveforms, tmp_path / "w.csv")
    assert list(pd.read_csv(tmp_path / "w.csv").columns) == ["time [s]", "v(line) [V]", "i(vdd) [A]"]


OTHERS = {
    "dc": Waveforms(
        np.array([1.8, 0.9, 0.0]), {"v(out)": np.array([0.1, 1 / 3, 1.7])}, title="falling", abscissa=Axis("vin", "V")
    ),
    "ac": Waveforms(
        np.array([1.0, 10.0]),
        {"v(out)": np.array([1 / 3 - 0.0j, complex(-0.0, -1e-3)]), "i(vdd)": np.array([1j, 2e-9])},
        abscissa=Ac.axis,
    ),
    "noise": Waveforms(np.array([1.0, 10.0]), {"onoise_spectrum": np.array([2e-9, 1e-9])}, abscissa=Noise.axis),
    "point": Waveforms(
        np.zeros(1), {"v(out)": np.array([1 / 3]), "v(@m1[gm])": np.array([6e-5])}, abscissa=OperatingPoint.axis
    ),
    "states": Waveforms(np.array([0.0, 1e-9]), {"v(kelvin)": np.array([300.0, 310.0])}, units={"v(kelvin)": "K"}),
}


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("name", OTHERS)
def test_every_analysis_comes_back_to_the_last_bit(name: str, suffix: str, tmp_path: Path) -> None:
    waves = OTHERS[name]
    write(waves, tmp_path / f"w{suffix}")
    back = read(tmp_path / f"w{suffix}")
    assert (back.abscissa, back.units) == (waves.abscissa, waves.units)
    assert back.axis.tobytes() == waves.axis.tobytes()
    assert list(back.signals) == list(waves.signals)
    for signal, values in waves.signals.items():
        assert back.signals[signal].dtype == values.dtype
        assert back.signals[signal].tobytes() == values.tobytes()


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("dc", '"vin [V]",v(out) [V]'),
        ("ac", '"frequency [Hz]",v(out) real [V],v(out) imaginary [V],i(vdd) real [A],i(vdd) imaginary [A]'),
        ("point", '"point [1]",v(out) [V],v(@m1[gm]) [S]'),
        ("states", '"time [s]",v(kelvin) [K]'),
    ],
)
def test_headers_of_every_analysis(name: str, header: str, tmp_path: Path) -> None:
    write(OTHERS[name], tmp_path / "w.csv")
    assert (tmp_path / "w.csv").read_text().splitlines()[0] == header


def test_noise_spectra(tmp_path: Path) -> None:
    noise = Waveforms(np.array([1.0, 10.0]), {"onoise_spectrum": np.array([2e-9, 1e-9])}, abscissa=Noise.axis)
    write(noise, tmp_path / "n.csv")
    assert (tmp_path / "n.csv").read_text().startswith('"frequency [Hz]",onoise_spectrum [V/sqrt(Hz)]\n')
    assert read(tmp_path / "n.csv").abscissa == Noise.axis


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_saved_file_is_plotted(suffix: str, waveforms: Waveforms, bitline: Any, tmp_path: Path) -> None:
    write(waveforms, tmp_path / f"w{suffix}")
    assert bitline("plot", f"w{suffix}").fine() == "w.png\n"
    assert (tmp_path / "w.png").stat().st_size > 1000


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("w.csv", "", ["w.csv"]),
        ("w.csv", "a,b\n1,2\n3,4\n", ["'a'", "time or frequency"]),
        ("w.csv", "time,v(a)\n0,x\n1,2\n", ["w.csv", "'x'"]),
        ("w.csv", "time,v(a)\n1,1\n0,2\n", ["time is not ascending"]),
        ("w.csv", "time,v(a)\n0,1_0\n1,2\n", ["'1_0'"]),
        ("w.csv", "time,v(a)\n0,٣\n1,2\n", ["'٣'"]),
        ("w.csv", "time,v(a)\n0,1\n1\n", ["row 2 has 1 cells, must be 2"]),
        ("w.csv", "time,v(a)\n0,1\n1,2.5", ["cut off"]),
        ("w.csv", "time [s]\n0\n1\n", ["time"]),
        ("w.csv", "vin [V],v(a)\n0,1\n1,0\n0,1\n", ["vin is not ascending"]),
        ("w.csv", "point [1],v(a) [V]\n0,1\n1,2\n", ["one row, not 2"]),
        ("w.parquet", "no parquet", ["w.parquet"]),
        ("w.nc", "no netcdf", ["w.nc"]),
    ],
)
def test_a_file_that_holds_no_waveforms(
    name: str, content: str, words: list[str], bitline: Any, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(content)
    bitline("plot", name).refuses(2, *words)


def test_no_part_of_a_file_passes_for_the_whole(waveforms: Waveforms, tmp_path: Path) -> None:
    short = Waveforms(waveforms.axis[:9], {"v(line)": waveforms["v(line)"][:9]})
    write(short, tmp_path / "whole.csv")
    content = (tmp_path / "whole.csv").read_bytes()
    for length in range(len(content)):
        (tmp_path / "part.csv").write_bytes(content[:length])
        with pytest.raises(InputError, match=r"part\.csv"):
            read(tmp_path / "part.csv")


@pytest.mark.parametrize("text", ["time [s],v(a) [V]\n0.0,1.0\n1.0,2.0\n", '"time","v(a)"\r\n0, 1\r\n1, 2\r\n'])
def test_files_of_other_programs_and_of_the_first_release_are_read(text: str, tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text(text, newline="")
    assert read(str(tmp_path / "w.csv"))["v(a)"].tolist() == [1.0, 2.0]


def test_a_missing_number_comes_back(tmp_path: Path) -> None:
    write(Waveforms(np.array([0.0, 1.0]), {"v(a)": np.array([np.nan, -np.inf])}), tmp_path / "w.csv")
    assert np.array_equal(read(tmp_path / "w.csv")["v(a)"], [np.nan, -np.inf], equal_nan=True)


def test_a_file_that_is_not_there(bitline: Any) -> None:
    for suffix in FORMATS:
        bitline("plot", f"none{suffix}").refuses(2, f"none{suffix}", "no such file")


def test_a_library_that_is_missing(waveforms: Waveforms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: Any, **__: Any) -> None:
        raise ImportError

    monkeypatch.setattr(pd.DataFrame, "to_parquet", missing)
    with pytest.raises(SetupError, match=r"pyarrow.*bitline\[parquet\]"):
        write(waveforms, tmp_path / "w.parquet")


def test_a_suffix_or_place_that_will_not_do(waveforms: Waveforms, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.csv, \.parquet, \.nc"):
        write(waveforms, tmp_path / "w.txt")
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="file"):
        write(waveforms, tmp_path / "file" / "w.csv")


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_full_disk_is_said_as_such(suffix: str, tmp_path: Path) -> None:
    axis = np.linspace(0, 1e-9, 200)
    waveforms = Waveforms(axis, {"v(out)": np.random.default_rng(1).random(200)})
    allowed = resource.getrlimit(resource.RLIMIT_FSIZE)
    # A file that takes no more for its size is what a program sees of a full disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, allowed[1]))
    try:
        with pytest.raises(StorageError, match=rf"cannot write .*w\{suffix}: "):
            write(waveforms, tmp_path / f"w{suffix}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, allowed)
