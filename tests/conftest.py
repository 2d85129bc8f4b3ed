"""Options, markers and fixtures that all tests share.

A missing simulator must never pass for a green run: with ``--ngspice required`` (what `make test`
and CI use) a test that needs ngspice or the PDK fails where they are missing, and does not skip.
"""

from __future__ import annotations

import ctypes.util
import functools
import os
import shutil
import signal
from typing import Any

import hypothesis
import pytest

from bitline.errors import SetupError
from bitline.pdk.descriptor import Pdk, load_pdk

#: Modules of tests that take a minute: they begin first.
LONG = {"test_same_bytes.py", "test_lab.py", "test_reference_luts.py"}

_approx = pytest.approx


def _approx_without_floor(expected: Any, rel: Any = None, abs: Any = None, nan_ok: bool = False) -> Any:
    """`pytest.approx`, but a relative tolerance alone means just that.

    Its hidden absolute tolerance of 1e-12 would let any two femtojoules, femtofarads or picoamperes pass.
    """
    return _approx(expected, rel, 0.0 if abs is None and rel is not None else abs, nan_ok)


pytest.approx = _approx_without_floor

# A shell's background job ignores Ctrl-C, and so would the programs that the tests of Ctrl-C start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--ngspice",
        choices=("required", "if_available", "disabled"),
        default="required" if os.environ.get("CI") else "if_available",
        help="what to do with tests that need ngspice or the PDK (default: if_available; in CI: required)",
    )
    parser.addoption(
        "--libraries",
        type=int,
        default=200,
        help="how many made-up PDK libraries are compared with ngspice (default: 200)",
    )
    parser.addoption(
        "--cells",
        type=int,
        default=2,
        help="in how many mismatch samples a margin is compared with the noise that flips the cell (default: 2)",
    )


def pytest_configure(config: pytest.Config) -> None:
    # The tests' numbers belong to the pinned models and to no display.
    for name in ("PDK_ROOT", "PDK"):
        os.environ.pop(name, None)
    os.environ["MPLBACKEND"] = "Agg"
    # Two busy cores are slow at random moments, and a run must be repeatable.
    hypothesis.settings.register_profile("bitline", deadline=None, derandomize=True)
    hypothesis.settings.load_profile("bitline")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # With two workers a long test that comes last leaves one of them idle.
    items.sort(key=lambda item: item.path.name not in LONG)


def pytest_runtest_setup(item: pytest.Item) -> None:
    needs = [name for name in ("ngspice", "pdk") if item.get_closest_marker(name)]
    policy = item.config.getoption("--ngspice")
    if "ngspice" in needs and policy == "disabled":
        pytest.skip("needs ngspice (--ngspice disabled)")
    for name in needs:
        missing = _missing(name)
        if missing and policy == "required":
            pytest.fail(f"{missing} (--ngspice required)", pytrace=False)
        elif missing:
            pytest.skip(missing)


@functools.cache
def _missing(name: str) -> str:
    """Say what is missing for a marker, or nothing."""
    if name == "pdk":
        try:
            load_pdk("sky130")
        except SetupError as error:
            return str(error)
        return ""
    if shutil.which("ngspice") is None:
        return "ngspice is not installed"
    return "" if ctypes.util.find_library("ngspice") else "libngspice is not installed"


@pytest.fixture(scope="session")
def sky130() -> Pdk:
    """Give the installed SKY130 to tests marked `pdk`."""
    return load_pdk("sky130")
