"""Worker: what a worker process does before its first task, and how it ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

# Exit code of a worker that asks to be replaced; EX_TEMPFAIL of sysexits.h.
RETIRED = 75
# Exit code of a worker that has no memory left; EX_OSERR.
EXHAUSTED = 71


def prepare(scratch: str, initializer: Callable[..., object] | None, initargs: tuple[Any, ...]) -> None:
    """Make a new process ready for tasks.

    Parameters
    ----------
    scratch : str
        Folder for its temporary files.
    initializer, initargs :
        Called last.
    """
    # The executor removes this folder at its end, even if this worker was killed.
    tempfile.tempdir = scratch
    # pebble ends a worker by SIGTERM; its own Python handler would wait for a simulator's C code.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # A parent that was killed cannot end its workers, which would go on for a run that is gone.
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if initializer is not None:
        initializer(*initargs)


def end_if_starting() -> None:
    """End this process if it is a worker that runs the user's script as it starts, which has no main guard.

    It leaves a note for its parent, and says nothing: the parent says it once for all workers.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        with suppress(FileExistsError):
            os.close(os.open(unguarded_note(os.getppid()), os.O_CREAT | os.O_EXCL))
        os._exit(1)


def unguarded_note(parent: int) -> Path:
    """Return the file by which a worker tells the process that started it of a missing main guard."""
    # All that the two have in common so early is the number of the parent.
    return Path(tempfile.gettempdir(), f"bitline-unguarded-{parent}")


def retire() -> NoReturn:
    """End this worker at the begin of a task that only a new one can do; the task does not count it as a death."""
    os._exit(RETIRED)


def end_if_exhausted() -> None:
    """End this process if it is a worker, for it has no memory left: its next tasks would fail for want of it."""
    if multiprocessing.parent_process() is not None:
        os._exit(EXHAUSTED)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        # This returns when the parent is gone, however it went. A clean exit would wait for the simulator's C code.
        parent.join()
        os._exit(1)


def cause_of_death(exitcode: int) -> str:
    """Say how a process ended, from its exit code as `multiprocessing` gives it: below 0 for a signal."""
    if exitcode == EXHAUSTED:
        return "no memory left"
    if exitcode >= 0:
        return f"exit code {exitcode}"
    try:
        # A name says more than a number: SIGKILL mostly means that the machine had no memory left.
        return f"killed by {signal.Signals(-exitcode).name}"
    except ValueError:
        return f"killed by signal {-exitcode}"
