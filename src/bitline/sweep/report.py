"""Report: how far a run has come, on stderr."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from bitline.parameters import whole_number
from bitline.sweep.outcome import Outcome

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

# Time until the first line that says how long the run will take [s].
_FIRST = 3.0


class Report:
    """Counts outcomes: a live bar on a terminal, else a line at once, one now and then and one at the end.

    Parameters
    ----------
    total : int
        Points to come.
    label : str
        Name of the sweep.
    quiet : bool
        Say nothing.
    console : rich Console, optional
        Where to write; default stderr.
    interval : float
        Between two lines where there is no terminal [s].
    """

    def __init__(
        self,
        total: int,
        *,
        label: str = "",
        quiet: bool = False,
        console: Console | None = None,
        interval: float = 30.0,
    ) -> None:
        total = whole_number("total", total, 0)
        self.total, self.label, self.quiet = total, label, quiet
        self.done = self.failed = self.cached = 0
        self._console = console
        self._interval = interval
        self._bar: Progress | None = None
        self._began = self._printed = self._first = time.monotonic()

    def __enter__(self) -> Self:
        self._began = self._printed = time.monotonic()
        if not self.quiet:
            self._console = self._console or _messages()
            # A bar draws over its own line, which in a log file would become thousands of lines.
            if self._console.is_terminal:
                self._bar = _bar(self._console)
                self._task = self._bar.add_task(self.label, total=self.total, counts="")
                self._bar.start()
            else:
                self._say(f"{self.label}: {self.total} points")
                # The first estimate of the time left comes soon: whoever reads that it is days can change the sweep.
                self._printed += min(_FIRST, self._interval) - self._interval
        return self

    def __call__(self, outcome: Outcome) -> None:
        """Count one outcome."""
        if not self.done:
            self._first = time.monotonic()
        self.done += 1
        self.failed += not outcome.ok
        self.cached += outcome.cached
        if self._bar is not None:
            self._bar.update(self._task, advance=1, counts=self._counts())
        # A log should show that the run is alive, and still be short enough to read afterwards.
        elif time.monotonic() - self._printed >= self._interval:
            self._line()

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
        else:
            self._line()

    def _counts(self) -> str:
        # The limit keeps the rate finite in the first moment.
        rate = self.done / max(time.monotonic() - self._began, 1e-3)
        return f"{self.failed} failed, {self.cached} cached, {rate:.3g}/s"

    def _line(self) -> None:
        if not self.quiet and self._console is not None:
            self._printed = time.monotonic()
            # From the first outcome on: before it workers start, which no later point waits for.
            left = (self.total - self.done) * (self._printed - self._first) / max(self.done - 1, 1)
            ahead = ""
            if 1 < self.done < self.total:
                ahead = f", {left:.0f} s left"
            self._say(f"{self.label}: {self.done} of {self.total} points, {self._counts()}{ahead}")

    def _say(self, line: str) -> None:
        if self._console is not None:
            self._console.print(line, highlight=False, markup=False, soft_wrap=True)


def _messages() -> Console:
    from rich.console import Console

    class Messages(Console):
        def on_broken_pipe(self) -> None:
            # rich would end the program; a run goes on although nobody reads how far it has come.
            self.quiet = True

    return Messages(stderr=True)


def _bar(console: Console) -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[counts]}", markup=False),
        TimeRemainingColumn(),
        console=console,
        # Drawing costs time of a processor that the workers need.
        refresh_per_second=4,
    )
