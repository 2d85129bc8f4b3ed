"""Keeping the user's own ngspice settings out of results.

libngspice reads a `.spiceinit` from the working folder, else from the home folder, and has no switch
against it. It takes the home from the password database, not from ``$HOME``, so a worker moves to a
folder that holds nothing but an empty `.spiceinit` of its own before the library is loaded.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path


def quiet_environment(home: Path) -> dict[str, str]:
    """Return this process's environment: home moved, one thread per simulation, raw files binary."""
    fixed = {"HOME": str(home), "LC_ALL": "C", "SPICE_ASCIIRAWFILE": "0"}
    # ngspice asks for two threads whatever OMP_NUM_THREADS says; only the limit holds it.
    threads = {"OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"}
    return {**os.environ, **fixed, **threads}


def isolate() -> None:
    """Move this process to a folder of its own that is also its home; called once per worker."""
    home = Path(tempfile.mkdtemp(prefix="bitline-worker-"))
    (home / ".spiceinit").write_text("* found first: the one in the user's home is not read\n")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    # Caches must stay where they are although the home moves.
    os.environ.setdefault("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    os.environ.setdefault("XDG_DATA_HOME", str(Path.home() / ".local/share"))
    os.environ.update(quiet_environment(home))
    os.chdir(home)
