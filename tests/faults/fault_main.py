"""`bitline`, with a store that waits for 2 s only, and a clock that SIGUSR1 sets forward and SIGUSR2 back."""

from __future__ import annotations

import signal
import sys
import time
from typing import Any

import bitline.sweep.store
from bitline.cli import main

LOCK_SECONDS = 2.0
_true, _jump = time.time, [0.0]


def jump(number: int, _: Any) -> None:
    """Set the clock by a year."""
    _jump[0] += 3e7 if number == signal.SIGUSR1 else -3e7
    time.time = lambda: _true() + _jump[0]


if __name__ == "__main__":
    bitline.sweep.store._LOCK_SECONDS = LOCK_SECONDS
    # A shell's background job ignores Ctrl-C, and so would this.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, jump)
    sys.exit(main())
