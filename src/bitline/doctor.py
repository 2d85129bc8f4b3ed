"""Doctor: what this machine has, what it lacks, and what will therefore not work.

Every check is made and reported, whatever fails: a diagnosis that ends at the first fault is none.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bitline import __version__, content
from bitline.engine.batch import BatchSimulator, ngspice_version
from bitline.engine.isolation import isolate
from bitline.engine.selftest import TOLERANCE, error_of
from bitline.engine.shared import shared_simulator
from bitline.errors import BitlineError
from bitline.pdk.descriptor import Pdk, load_pdk
from bitline.pdk.library_cache import cache_folder
from bitline.pdk.manifest import data_folder
from bitline.pdk.slim import slim_pdk
from bitline.sweep.pool import LocalExecutor
from bitline.sweep.transistors import check_folding

_SECONDS = 30.0  # for the self-test of one engine

# Name of each extra of the package, the module it brings, and what needs that module.
_EXTRAS = {
    "dask": ("distributed", "--executor dask"),
    "docs": ("mkdocs", "the documentation site"),
    "fast": ("numba", "the compiled path of hybrid products"),
    "netcdf": ("netCDF4", "export --to netcdf, simulate --save F.nc"),
    "parquet": ("pyarrow", "export --to parquet, simulate --save F.parquet"),
}


@dataclass(frozen=True)
class Check:
    """What was looked at, and the result.

    Parameters
    ----------
    name : str
        What was looked at.
    ok : bool
        Whether it is there and works.
    finding : str
        Version, place, or what is wrong.
    without : str
        What does not work if it is not ok, and how to mend it.
    needed : bool
        Whether bitline's main job needs it.
    """

    name: str
    ok: bool
    finding: str
    without: str = ""
    needed: bool = True

    @property
    def state(self) -> str:
        """The verdict in a word or two."""
        if self.ok:
            return "ok"
        return "MISSING" if self.needed else "not there"


def diagnose(pdk: str = "sky130") -> tuple[Check, ...]:
    """Look at the software, both engines, a PDK, the folders and the extras; raises nothing.

    Parameters
    ----------
    pdk : str
        Name or descriptor of the PDK to look at.
    """
    with LocalExecutor(timeout=_SECONDS, initializer=isolate) as executor:
        # Submitted first, because its process starts while the rest is looked at.
        shared = executor.submit(_try_shared)
        checks = [*_software(), *_ngspice(), *_pdk(pdk), *_folders(), *_extras()]
        return (*checks, _shared_engine(shared), _batch_engine())


def _software() -> Iterator[Check]:
    yield Check("python", True, f"{platform.python_version()}, {sys.executable}")
    supported = sys.platform != "win32"
    without = "worker processes: use Linux, macOS or the Windows Subsystem for Linux"
    yield Check("platform", supported, platform.platform(), without)
    try:
        for name in ("templates", "models", "characterize", "luts"):
            content.folder(name)
    except BitlineError as error:
        yield Check("bitline", False, str(error), "everything: reinstall bitline")
    else:
        yield Check("bitline", True, f"{__version__}, {Path(__file__).parent}")
    try:
        yield Check("PySpice", True, version("PySpice"))
    except PackageNotFoundError:
        yield Check("PySpice", False, "not installed", "the shared engine: pip install PySpice, or use --engine batch")


def _ngspice() -> Iterator[Check]:
    program = shutil.which("ngspice")
    without = "simulate, characterize: Debian: apt install ngspice libngspice0"
    if program is None:
        yield Check("ngspice", False, "not on the path", without)
        return
    try:
        yield Check("ngspice", True, f"{ngspice_version(program)}, {program}")
    except (BitlineError, OSError) as error:
        yield Check("ngspice", False, str(error), without)


def _pdk(name: str) -> Iterator[Check]:
    try:
        pdk = load_pdk(name)
    except BitlineError as error:
        yield Check(f"PDK {name}", False, str(error), "render, simulate, characterize: bitline pdk install sky130")
        return
    yield Check(f"PDK {name}", True, f"{pdk.origin}, {pdk.library_path()}")
    corners = _corners(name, pdk)
    yield corners
    if corners.ok:
        yield _devices(name, pdk)


def _corners(name: str, pdk: Pdk) -> Check:
    check_name, corner = f"corners of {name}", ""
    try:
        for corner in pdk.sections:
            digest = slim_pdk(pdk, corner).library.sha256
    except BitlineError as error:
        return Check(check_name, False, f"{corner}: {error}", "render, simulate, characterize at this corner")
    return Check(check_name, True, f"{', '.join(pdk.sections)}; {corner}: sha256 {digest[:16]}")


def _devices(name: str, pdk: Pdk) -> Check:
    """Fold every device with and without mismatch, and compare a current with the full library's."""
    check_name, without = f"devices of {name}", "render, simulate, characterize with these devices"
    try:
        check_folding(pdk, pdk.sections)
    except BitlineError as error:
        return Check(check_name, False, str(error), without)
    finding = f"{', '.join(pdk.devices)}: folded cards give the currents of the full library at every corner"
    return Check(check_name, True, finding)


def _folders() -> Iterator[Check]:
    for name, folder, override in (
        ("data folder", data_folder(), "BITLINE_DATA_DIR"),
        ("cache folder", cache_folder(), "BITLINE_CACHE_DIR"),
    ):
        without = f"keeping models: make {folder} writable, or name another folder in {override}"
        yield Check(name, _writable(folder), str(folder), without)


def _writable(folder: Path) -> bool:
    """Return whether files can be made in a folder, or the folder itself; leaves nothing behind."""
    # A folder that is not there yet can be made if the nearest one above it can be written to.
    existing = folder
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    try:
        with tempfile.TemporaryFile(dir=existing):
            return existing.is_dir()
    except OSError:
        return False


def _extras() -> Iterator[Check]:
    for extra, (module, purpose) in _EXTRAS.items():
        installed = importlib.util.find_spec(module) is not None
        finding = version(module) if installed else "not installed"
        yield Check(f"extra {extra}", installed, finding, f"{purpose}: pip install 'bitline[{extra}]'", needed=False)


def _try_shared() -> tuple[str, str, float]:
    """Run in a worker: return ngspice's version, the library's path and the self-test's error."""
    simulator = shared_simulator()
    return simulator.version, os.environ.get("NGSPICE_LIBRARY_PATH", ""), error_of(simulator)


def _shared_engine(self_test: Future[tuple[str, str, float]]) -> Check:
    name, without = "shared engine", "the default engine: apt install libngspice0, or use --engine batch"
    try:
        release, library, error = self_test.result()
    except Exception as problem:  # noqa: BLE001 (a diagnosis reports whatever it meets)
        return Check(name, False, str(problem), without)
    finding = f"libngspice {release}, {library}, self-test off by {error:.1e}"
    return Check(name, error < TOLERANCE, finding, without)


def _batch_engine() -> Check:
    name, without = "batch engine", "simulate, characterize with --engine batch: apt install ngspice"
    try:
        simulator = BatchSimulator(_SECONDS)
        error = error_of(simulator)
    except Exception as problem:  # noqa: BLE001 (a diagnosis reports whatever it meets)
        return Check(name, False, str(problem), without, needed=False)
    finding = f"ngspice {simulator.version}, self-test off by {error:.1e}"
    return Check(name, error < TOLERANCE, finding, without, needed=False)
