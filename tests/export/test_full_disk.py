"""A disk that takes no more is the machine's fault, whatever writes: exit code 3, and nothing half written is left."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from bitline.errors import ExporterError, SetupError, StorageError
from bitline.export import Outline, exporters
from bitline.export.base import Exporter
from bitline.lut.lut import Lut

LUTS = Path(__file__).parents[2] / "results/luts"
MAIN = "from bitline.cli import main; main()"
# Bytes after which a file takes no more; the system calls it too large, and a full disk does the same.
LIMIT = 200


def first_lut(exporter: Exporter) -> Lut:
    """Return a shipped LUT that a format takes."""
    luts = (Lut.load(path.parent) for path in sorted(LUTS.glob("*/lut.json")))
    return next(lut for lut in luts if not exporter.refusal(Outline.from_lut(lut)))


@pytest.mark.parametrize("name", sorted(exporters()))
def test_every_format_says_that_the_disk_is_full(name: str, tmp_path: Path) -> None:
    lut = first_lut(exporters()[name])
    lut.save(tmp_path / "lut")
    done = subprocess.run(
        (sys.executable, "-c", MAIN, "export", str(tmp_path / "lut"), "--to", name, "-o", str(tmp_path / "out")),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT)),
        # Compiled modules are files as well.
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    assert done.stderr.startswith((f"bitline: error: exporter {name}: ", "bitline: error: cannot write into "))
    assert "File too large" in done.stderr or "as on a full disk" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES])
def test_an_exporter_of_another_package_need_not_know(number: int, tmp_path: Path) -> None:
    def write(lut: Lut, folder: Path) -> list[Path]:
        raise OSError(number, os.strerror(number), str(folder / "table"))

    with pytest.raises(StorageError, match=f"exporter lab: .*/table: {os.strerror(number)}"):
        Exporter("lab", "a lab's", lambda: write).write(first_lut(exporters()["csv"]), tmp_path)


def test_a_file_that_is_not_there_is_the_exporters_own_mistake(tmp_path: Path) -> None:
    def write(lut: Lut, folder: Path) -> list[Path]:
        return [Path((folder / "nowhere").read_text())]

    with pytest.raises(ExporterError, match="exporter lab failed: FileNotFoundError") as caught:
        Exporter("lab", "a lab's", lambda: write).write(first_lut(exporters()["csv"]), tmp_path)
    assert not isinstance(caught.value, SetupError)
