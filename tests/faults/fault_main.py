"""`bitline`, with a store that waits for 2 s only, and whose clock jumps when it gets SIGUSR1."""

from __future__ import annotations

import random
import signal
import sys
import time
from typing import Any

import bitline.sweep.store
from bitline.cli import main

LOCK_SECONDS = 2.0
_true, _jump = time.time, [0.0]


def jump(*_: Any) -> None:
    """Set the clock, as a time server does: by up to a year to either side."""
    _jump[0] += random.Random(_true()).uniform(-3e7, 3e7)
    time.time = lambda: _true() + _jump[0]


if __name__ == "__main__":
    bitline.sweep.store._LOCK_SECONDS = LOCK_SECONDS
    # A shell's background job ignores Ctrl-C, and so would this.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGUSR1, jump)
    sys.exit(main())
