from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.engine.batch import BatchSimulator, ngspice_version, read_raw
from bitline.errors import NgspiceMissingError, SimulationTimeoutError, SimulatorCrashedError

DECK = Deck("t", "r1 out 0 1\n", ("v(out)",), Transient(1e-9))


def raw_plot(name: str, vectors: dict[str, np.ndarray], *, flags: str = "real") -> bytes:
    """Write one plot of a raw file by the manual's description, section 'rawfile format'."""
    table = np.column_stack(list(vectors.values()))
    names = "".join(f"\t{i}\t{vector}\tvoltage\n" for i, vector in enumerate(vectors))
    header = f"Title: * t: with a colon\nDate: Sun Nov 22\nPlotname: {name}\nFlags: {flags}\n"
    header += f"No. Variables: {len(vectors)}\nNo. Points: {len(table)}     \nVariables:\n{names}Binary:\n"
    return header.encode("latin-1") + table.tobytes()


def test_a_raw_file_is_read_to_the_last_bit(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    vectors = {"time": np.cumsum(generator.random(7)), "v(out)": generator.normal(size=7)}
    # values that hold the bytes of "Binary:\n" must not open another plot
    vectors["vdd#branch"] = np.frombuffer(b"Binary:\n" * 7)
    path = tmp_path / "out.raw"
    path.write_bytes(raw_plot("Transient Analysis", vectors))
    plots = read_raw(path)
    assert plots.keys() == {"tran"}
    assert plots["tran"].keys() == {"time", "v(out)", "i(vdd)"}
    assert np.array_equal(plots["tran"]["v(out)"], vectors["v(out)"])
    assert np.array_equal(plots["tran"]["i(vdd)"], vectors["vdd#branch"])


def test_the_two_plots_of_a_noise_analysis_and_complex_data_are_read(tmp_path: Path) -> None:
    spectrum = {"frequency": np.array([1.0, 10.0]), "onoise_spectrum": np.array([2.0, 3.0])}
    total = {"v(onoise_total)": np.array([4.0])}
    response = {"frequency": np.array([1 + 0j, 2 + 0j]), "v(out)": np.array([1j, 2 - 1j])}
    path = tmp_path / "out.raw"
    path.write_bytes(
        raw_plot("Noise Spectral Density Curves", spectrum)
        + raw_plot("Integrated Noise", total)
        + raw_plot("AC Analysis", response, flags="complex")
    )
    plots = read_raw(path)
    assert np.array_equal(plots["noise1"]["onoise_spectrum"], [2.0, 3.0])
    assert np.array_equal(plots["noise2"]["onoise_total"], [4.0])
    assert np.array_equal(plots["ac"]["v(out)"], response["v(out)"])


@pytest.mark.ngspice
def test_a_run_without_end_is_stopped() -> None:
    # a current source that changes sign at every iteration keeps the time step at its smallest
    body = "b1 0 out i=(v(out)>0.5)?-1:1\nc1 out 0 1e-15\nr1 out 0 1\n"
    start = time.perf_counter()
    with pytest.raises(SimulationTimeoutError, match="endless: no end after 1 s"):
        BatchSimulator(timeout=1).answer(Deck("endless", body, ("v(out)",), Transient(2e-9)))
    assert time.perf_counter() - start < 10


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a shell script in ngspice's place."""
    program = tmp_path / "ngspice"
    program.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "** ngspice-41+ : x" && exit 0\nkill -SEGV $$\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return program


def test_a_process_that_dies_is_a_crash(stand_in: Path) -> None:
    simulator = BatchSimulator()
    assert simulator.version == "41"
    with pytest.raises(SimulatorCrashedError, match="t: ngspice died of signal 11"):
        simulator.answer(DECK)


def test_a_program_of_that_name_that_is_not_ngspice_is_refused(stand_in: Path) -> None:
    stand_in.write_text("#!/bin/sh\necho something else\n")
    ngspice_version.cache_clear()
    with pytest.raises(NgspiceMissingError, match="does not answer as ngspice does"):
        BatchSimulator()


def test_without_ngspice_the_message_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NgspiceMissingError, match="apt install ngspice"):
        BatchSimulator()
