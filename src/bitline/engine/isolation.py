"""Keeping all settings but bitline's own out of ngspice: variables, start-up files, code models.

ngspice takes settings from three places before it reads a deck. Environment variables (``SPICE_SCRIPTS``,
``SPICE_LIB_DIR``, ``NGSPICE_INPUT_DIR`` and more, each with the prefix SPICE or NGSPICE) say where its files lie
and how it writes. A file `spinit`, found by these variables or where ngspice was installed, can set any option.
So can a `.spiceinit`: libngspice reads it from the working folder, else from the home folder that the password
database names, and has no switch against it. None of them is left to chance: ngspice starts without these
variables, in a folder with a `spinit` and a `.spiceinit` of bitline's own.

The code models (XSPICE's devices, of which a POLY source is one) are loaded by the installed `spinit`. bitline's
own loads the same files and takes nothing else over.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

# ngspice's variables and those of its threads. The one exception is PySpice's, and names the library itself.
_FOREIGN = ("SPICE_", "NGSPICE_", "OMP_", "GOMP_")
_LIBRARY = "NGSPICE_LIBRARY_PATH"
_ASK = "* where are the start-up files?\n.control\necho $sourcepath\n.endc\n.end\n"


def quiet_environment(home: Path) -> dict[str, str]:
    """Return this process's environment for an ngspice whose home and start-up files lie in a folder."""
    kept = {name: value for name, value in os.environ.items() if name == _LIBRARY or not name.startswith(_FOREIGN)}
    fixed = {"HOME": str(home), "LC_ALL": "C", "SPICE_SCRIPTS": str(home)}
    # ngspice asks for two threads whatever OMP_NUM_THREADS says; only the limit holds it.
    threads = {"OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"}
    return {**kept, **fixed, **threads}


def write_start_up_files(home: Path, code_models: tuple[str, ...] = ()) -> None:
    """Write the start-up files that ngspice finds first in its home and working folder."""
    # BSIM's check puts parameters right, but in a living libngspice only once for each model's name: a result would
    # depend on the decks before. So neither engine checks.
    # Without the list of a transient's initial voltages: nobody reads it, and the verdict would look through it.
    lines = ["* bitline's own: the installed one is not read", "set ng_nomodcheck", "set noinit"]
    lines += [f"codemodel {path}" for path in code_models]
    (home / "spinit").write_text("\n".join([*lines, ""]))
    (home / ".spiceinit").write_text("* found first: the one in the user's home is not read\n")


@contextmanager
def quiet_start() -> Iterator[None]:
    """Give this process, for the block, the folder and the environment in which libngspice may start."""
    before, folder = dict(os.environ), Path.cwd()
    with tempfile.TemporaryDirectory(prefix="bitline-start-") as name:
        home = Path(name)
        write_start_up_files(home)
        try:
            _replace_environment(quiet_environment(home))
            os.chdir(home)
            yield
        finally:
            os.chdir(folder)
            _replace_environment(before)


def isolate() -> None:
    """Move this process to a folder of its own that is also its home; called once per worker."""
    home = Path(tempfile.mkdtemp(prefix="bitline-worker-"))
    write_start_up_files(home)
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    # Caches must stay where they are although the home moves.
    os.environ.setdefault("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    os.environ.setdefault("XDG_DATA_HOME", str(Path.home() / ".local/share"))
    _replace_environment(quiet_environment(home))
    os.chdir(home)


@cache
def code_models(program: str) -> tuple[str, ...]:
    """Return the files of the code models that an installed ngspice loads as it starts; none if it has none."""
    with tempfile.TemporaryDirectory(prefix="bitline-") as name:
        home = Path(name)
        (home / "ask.cir").write_text(_ASK)
        environment = quiet_environment(home)
        # Only this once ngspice looks where it was installed; that it reads the `spinit` there does no harm.
        del environment["SPICE_SCRIPTS"]
        answer = subprocess.run(
            [program, "-b", "-n", "ask.cir"],
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    # The line is ". FOLDER": the working folder comes first on the path.
    folders = [line[2:] for line in os.fsdecode(answer.stdout).splitlines() if line.startswith(". /")]
    spinits = [Path(folder) / "spinit" for folder in folders]
    lines = [line.split() for path in spinits if path.is_file() for line in path.read_text("latin-1").splitlines()]
    files = [words[1] for words in lines if len(words) == 2 and words[0] == "codemodel"]
    return tuple(file for file in files if Path(file).is_file())


def _replace_environment(environment: dict[str, str]) -> None:
    # Not cleared first: a thread that looks up its home in between should find one.
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)
