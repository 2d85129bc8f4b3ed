"""What the command line needs of its process: streams that are open, and signals that end it in good order."""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn, TextIO

from bitline.errors import Stopped

# How a batch system, a supervisor or a terminal that closes ends a program; Python itself handles Ctrl-C.
_STOPS = (signal.SIGTERM, signal.SIGHUP)


def prepare() -> None:
    """Make this process ready for a command; called once, as it starts."""
    _open_streams()
    for number in _STOPS:
        # nohup ignores SIGHUP, and means it.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def drop(stream: TextIO) -> None:
    """Send what is still to be written to a stream to nowhere: its reader has gone."""
    try:
        descriptor = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
    except (OSError, ValueError):  # no real file below, as in tests
        return
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _open_streams() -> None:
    """Open what a shell has closed (``>&-``), as if it had said ``>/dev/null``."""
    # The lowest free descriptor is taken: else the next file, such as the store, would be stdout.
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        if stream is None:
            stream = open(descriptor, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 (a descriptor)
            setattr(sys, name, stream)
        # A terminal that cannot show a µ must not end a run of hours.
        stream.reconfigure(errors="replace")


def _stop(number: int, _: object) -> NoReturn:
    # Some senders signal twice, the process and its group; the second must not cut the first's tidying short.
    for stop in _STOPS:
        signal.signal(stop, signal.SIG_IGN)
    raise Stopped(number)
