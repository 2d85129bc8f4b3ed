"""A sweep in ngspice on Dask workers of their own, each with an empty cache and no PDK: the bytes of a local run."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from clusters import Cluster
from test_same_bytes import COLUMN

from bitline.cli import run
from bitline.errors import SetupError
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk
from bitline.pdk.standard_cells import standard_cell
from bitline.sweep.cluster import DaskExecutor
from bitline.sweep.kit import check, kit, unpack
from bitline.sweep.pool import LocalExecutor
from bitline.sweep.session import Session
from bitline.sweep.simulate import Context
from bitline.sweep.sweep import Sweep

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("cluster")) as started:
        yield started


@pytest.fixture
def moved(sky130: Pdk, tmp_path: Path) -> Iterator[Pdk]:
    """Give the models at a place that the test takes away."""
    root = tmp_path / "models"
    shutil.copytree(sky130.root, root)
    yield sky130.model_copy(update={"root": root})
    shutil.rmtree(root, ignore_errors=True)


def test_bare_workers_give_the_bytes_of_a_local_run(
    tmp_path: Path, cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "small.toml").write_text(COLUMN)

    def characterize(name: str, store: str, *options: str) -> dict[str, int]:
        files = ("--store", str(tmp_path / store), "-o", str(tmp_path / name), "--json")
        capsys.readouterr()
        code = run(["characterize", str(tmp_path / "small.toml"), *files, *options])
        out, err = capsys.readouterr()
        assert code == 0, err
        summary: dict[str, int] = json.loads(out)
        return summary

    def lut(name: str) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}

    local = characterize("local", "local.sqlite", "-j", "1")
    remote = ("--executor", "dask", "--scheduler", cluster.address)
    bare = characterize("bare", "bare.sqlite", *remote)
    again = characterize("again", "bare.sqlite", *remote)
    assert lut("bare") == lut("again") == lut("local")
    assert (bare["simulated"], again["simulated"]) == (local["simulated"], 0)
    # A store whose fingerprints are lost, as where a run was killed: the workers are told which keys it has.
    with sqlite3.connect(tmp_path / "bare.sqlite") as file:
        file.execute("DELETE FROM fingerprints")
    assert characterize("lost", "bare.sqlite", *remote)["simulated"] == 0
    assert lut("lost") == lut("local")


def test_a_store_that_another_run_works_on_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = tmp_path / "store.sqlite"
    hold = (
        f"from bitline.sweep.store import Claims\nwith Claims({str(store)!r}).claim('00' * 32): print(input('held\\n'))"
    )
    with subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        (tmp_path / "small.toml").write_text(COLUMN)
        files = ("--store", str(store), "-o", str(tmp_path / "out"))
        assert run(["characterize", str(tmp_path / "small.toml"), *files, "--executor", "dask"]) == 3
        other.kill()
    assert "store.sqlite: another run is at work on it: wait for it, or give another" in capsys.readouterr().err


def test_workers_read_no_file_of_the_pdk(moved: Pdk, cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(COLUMN.replace("samples = 5", "samples = 1"))
    sweep = Sweep.load(str(tmp_path / "small.toml"))
    context = Context(moved)
    with LocalExecutor(1, initializer=unpack, initargs=(kit(context, sweep.corners),)) as executor:
        wanted = Session(context, executor).run(sweep.points())
    things = kit(context, sweep.corners)
    shutil.rmtree(moved.root)
    with DaskExecutor(cluster.address, initializer=unpack, initargs=(things,), common=context) as executor:
        made = Session(context, executor).run(sweep.points())
    assert made == wanted
    assert {outcome.status for outcome in made} == {"ok"}


def test_standard_cells_travel_too(moved: Pdk) -> None:
    wanted = standard_cell(moved, "fa_1")
    things = pickle.dumps(kit(Context(moved), [Corner("tt")]))
    shutil.rmtree(moved.root)
    with LocalExecutor(1, initializer=unpack, initargs=(pickle.loads(things),)) as executor:
        assert executor.submit(standard_cell, moved, "fa_1").result() == wanted
        with pytest.raises(Exception, match="did you mean 'fa_1'"):
            executor.submit(standard_cell, moved, "fa_11").result()


def test_another_ngspice_or_pdk_or_bitline_is_refused_and_both_are_named(moved: Pdk) -> None:
    things = kit(Context(moved, "batch"), [Corner("tt")])
    check(things)
    for name in ("ngspice", "numpy", "bitline's sources"):
        other = replace(things, installation={**things.installation, name: "0.1"})
        with pytest.raises(SetupError, match=rf"^{name}: the worker on .* has {things.installation[name]}, this mach"):
            check(other)
    file = Path(next(iter(things.libraries[Corner("tt")].files)))
    file.write_text(file.read_text() + "* edited\n")
    with pytest.raises(SetupError, match=r"^PDK sky130 at tt \(.*\): the worker on .* has [0-9a-f]{12}, this machine"):
        check(things)


def test_a_worker_with_another_ngspice_ends_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    real = shutil.which("ngspice")
    program = tmp_path / "bin" / "ngspice"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\n{real} "$@" | sed "s/ngspice-[0-9.]*/ngspice-99/"\n')
    program.chmod(0o755)
    (tmp_path / "small.toml").write_text(COLUMN)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    with Cluster(tmp_path / "cluster", 1, {"PATH": path}) as cluster:
        arguments = ["--store", str(tmp_path / "store"), "-o", str(tmp_path / "out"), "--engine", "batch"]
        arguments += ["--executor", "dask", "--scheduler", cluster.address]
        code = run(["characterize", str(tmp_path / "small.toml"), *arguments])
    assert code == 3
    assert "ngspice: the worker on" in capsys.readouterr().err
    assert not list((tmp_path / "out").iterdir())


def test_a_kit_is_some_megabytes(sky130: Pdk) -> None:
    assert len(pickle.dumps(kit(Context(sky130), [Corner("tt")]))) < 3_000_000
