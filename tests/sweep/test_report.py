from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from bitline.sweep.outcome import Outcome
from bitline.sweep.report import Report

OUTCOMES = [Outcome(0, "k", "ok"), Outcome(1, "k", "ok", cached=True), Outcome(2, "k", "timeout")]


def told(*, terminal: bool, **options: Any) -> str:
    text = io.StringIO()
    console = Console(file=text, force_terminal=terminal, width=120, color_system=None)
    with Report(4, label="acim-qs", console=console, **options) as report:
        for outcome in OUTCOMES:
            report(outcome)
    return text.getvalue()


def test_a_log_gets_plain_lines() -> None:
    assert told(terminal=False).count("\n") == 2
    announced, *lines = told(terminal=False, interval=0.0).splitlines()
    assert announced == "acim-qs: 4 points"
    assert len(lines) == 4
    assert lines[0].startswith("acim-qs: 1 of 4 points, 0 failed, 0 cached, ")
    assert lines[-1].startswith("acim-qs: 3 of 4 points, 1 failed, 1 cached, ")
    assert "\x1b" not in "".join(lines)


def test_a_terminal_gets_a_bar() -> None:
    bar = told(terminal=True)
    assert "3/4" in bar
    assert "1 failed, 1 cached" in bar


@pytest.mark.parametrize("terminal", [True, False])
def test_quiet_says_nothing(terminal: bool) -> None:
    assert told(terminal=terminal, quiet=True) == ""


def test_it_writes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with Report(1, label="x") as report:
        report(OUTCOMES[0])
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "x: 1 of 1 points" in captured.err


def test_millions_of_points_are_announced_before_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    text = io.StringIO()
    now = 0.0
    monkeypatch.setattr("bitline.sweep.report.time.monotonic", lambda: now)
    with Report(12_000_000, label="vast", console=Console(file=text, width=120, color_system=None)) as report:
        assert text.getvalue() == "vast: 12000000 points\n"
        now = 2.0
        report(OUTCOMES[0])
        assert text.getvalue().count("\n") == 1
        now = 4.0
        report(OUTCOMES[0])
        assert text.getvalue().splitlines()[1].endswith("0.5/s, 23999996 s left")


def test_the_start_of_the_workers_is_not_in_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    text = io.StringIO()
    now = 0.0
    monkeypatch.setattr("bitline.sweep.report.time.monotonic", lambda: now)
    console = Console(file=text, width=120, color_system=None)
    with Report(100, label="x", console=console, interval=0.0) as report:
        for now in (9.0, 9.1, 9.2):  # noqa: B007 - the clock that the report reads
            report(OUTCOMES[0])
        _, first, _, third = text.getvalue().splitlines()
    assert "left" not in first
    assert third.endswith(", 10 s left")
