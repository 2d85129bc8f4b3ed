"""Keeping the user's own ngspice settings out of results.

libngspice reads a `.spiceinit` from the working folder or the home folder and has no switch against
it, so a worker moves to an empty folder and points its home there before the library is loaded.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path


def quiet_environment(home: Path) -> dict[str, str]:
    """Return this process's environment with its home moved and one thread per simulation."""
    return {**os.environ, "HOME": str(home), "OMP_NUM_THREADS": "1", "LC_ALL": "C"}


def isolate() -> None:
    """Move this process to an empty folder that is also its home; called once per worker."""
    home = Path(tempfile.mkdtemp(prefix="bitline-worker-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    # Caches must stay where they are although the home moves.
    os.environ.setdefault("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    os.environ.setdefault("XDG_DATA_HOME", str(Path.home() / ".local/share"))
    os.environ.update(quiet_environment(home))
    os.chdir(home)
