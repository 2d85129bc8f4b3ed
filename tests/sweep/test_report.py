from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from bitline.sweep import Outcome, Report

OUTCOMES = [Outcome(0, "k", "ok"), Outcome(1, "k", "ok", cached=True), Outcome(2, "k", "timeout")]


def told(*, terminal: bool, **options: Any) -> str:
    text = io.StringIO()
    console = Console(file=text, force_terminal=terminal, width=120, color_system=None)
    with Report(4, label="acim-qs", console=console, **options) as report:
        for outcome in OUTCOMES:
            report(outcome)
    return text.getvalue()


def test_a_log_gets_plain_lines() -> None:
    assert told(terminal=False).count("\n") == 1
    lines = told(terminal=False, interval=0.0).splitlines()
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
