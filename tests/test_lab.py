"""examples/lab in an environment of its own: an own cell takes part in every command without a change in bitline."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk, pytest.mark.timeout(600)]

CHECKOUT = Path(__file__).parents[1]
#: Formats whose needs the column's table meets, and those that it cannot be written in.
FITTING = ("accelforge", "aihwkit", "crosssim", "csv", "hwcomponents", "liberty", "netcdf", "neurosim", "parquet")
REFUSED = ("analog-cim-sim", "asim")

EXPORTS = """
import json, sys
from bitline.cli import run
lut, *formats = sys.argv[1:]
print(json.dumps({name: run(["export", lut, "--to", name, "-o", f"out/{name}"]) for name in formats}))
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install bitline and the laboratory's package, neither editable; borrow the dependencies of this environment."""
    folder = tmp_path_factory.mktemp("lab")
    clean = clean_environment()
    env = folder / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", env], check=True, env=clean)
    (site,) = env.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    packages = [str(CHECKOUT), str(CHECKOUT / "examples" / "lab")]
    options = [
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--no-compile",
        "--disable-pip-version-check",
    ]
    install = [sys.executable, "-m", "pip", "--python", str(env / "bin/python"), "install", *options, *packages]
    done = subprocess.run(install, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def bitline(environment: Path) -> Run:
    """Run a command of the environment's bitline, in its folder, and expect an exit code."""
    clean = clean_environment()

    def run(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        command = [str(environment / "env/bin/bitline"), *arguments]
        done = subprocess.run(command, cwd=environment, env=clean, capture_output=True, text=True, check=False)
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    return run


@pytest.fixture(scope="module")
def lut(environment: Path, bitline: Run) -> str:
    summary = json.loads(bitline("characterize", "lab-8t", "--quick", "-j", "2", "-o", "lab-8t", "--json").stdout)
    assert summary["failed"] == {}
    return "lab-8t"


def test_what_it_brings_is_listed(bitline: Run) -> None:
    (circuit,) = [c for c in json.loads(bitline("list", "circuits", "--json").stdout) if c["name"] == "lab-8t"]
    assert list(circuit["benches"]) == ["transfer", "noise"]
    assert {parameter["name"]: parameter["source"] for parameter in circuit["parameters"]}["w_read"] == "choice"
    assert "lab-8t" in {sweep["name"] for sweep in json.loads(bitline("list", "sweeps", "--json").stdout)}
    formats = bitline("export", "acim-qs", "--list").stdout
    assert "table-model" in formats


def test_its_decks_are_rendered(bitline: Run) -> None:
    assert "read bit line" not in bitline("render", "lab-8t").stdout  # comments of templates stay in them
    deck = bitline("render", "lab-8t", "--bench", "transfer").stdout
    assert "* lab-8t: 16 8T cells, 8 of them pulsed" in deck
    assert "\n.tran " in deck
    assert "\n.noise v(rbl) vpre" in bitline("render", "lab-8t", "--bench", "noise").stdout


def test_it_is_simulated_and_drawn(environment: Path, bitline: Run) -> None:
    values = json.loads(bitline("simulate", "lab-8t", "--set", "code=5", "--plot", "wave.png", "--json").stdout)
    assert 0 < values["values"]["swing"] < 1.8
    assert (environment / "wave.png").stat().st_size > 10_000


def test_its_sweep_becomes_a_table_that_plots(environment: Path, bitline: Run, lut: str) -> None:
    manifest = json.loads((environment / lut / "lut.json").read_text())
    assert manifest["operation"]["operands"]["axis"] == "code"
    assert set(manifest["tables"]) == {"nominal", "line", "mismatch", "noise", "snr"}
    bitline("plot", lut, "-o", "table.png")
    assert (environment / "table.png").stat().st_size > 10_000


def test_every_format_says_whether_it_fits(bitline: Run, lut: str) -> None:
    lines = [line.split(maxsplit=1) for line in bitline("export", lut, "--list").stdout.splitlines()[1:]]
    answers = dict(lines)
    assert set(answers) == {*FITTING, *REFUSED, "table-model"}
    assert {name for name, answer in answers.items() if answer != "yes"} == set(REFUSED)


@pytest.fixture(scope="module")
def exit_codes(environment: Path, lut: str) -> dict[str, int]:
    """Give the exit code of each fitting format's export; one process writes them all, as starting one costs most."""
    done = subprocess.run(
        [environment / "env/bin/python", "-c", EXPORTS, lut, *FITTING],
        cwd=environment,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    codes: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return codes


@pytest.mark.parametrize("name", FITTING)
def test_every_fitting_format_is_written(environment: Path, exit_codes: dict[str, int], name: str) -> None:
    assert exit_codes[name] == 0
    assert (environment / "out" / name / "README.md").is_file()


def test_its_own_exporter_writes_and_checks(environment: Path, bitline: Run, lut: str) -> None:
    said = bitline("export", lut, "--to", "table-model", "-o", "out/table-model", "--check")
    assert "5 points are the LUT's to the last bit" in said.stdout + said.stderr
    assert (environment / "out/table-model/lab-8t-quick.tbl").is_file()
