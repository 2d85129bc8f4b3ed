from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from bitline.cli import output
from bitline.errors import StorageError


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Call it in the test itself: pytest changes stdout between a fixture and its test."""
    made = Terminal()
    monkeypatch.setattr(sys, "stdout", made)
    return made


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (1.2345678e-14, "J", ("12.346", "fJ")),
        (0.8123456, "V", ("812.35", "mV")),
        (-3.0, "V", ("-3", "V")),
        (2954.6, "Ohm", ("2.9546", "kOhm")),
        (1e-25, "J", ("1e-07", "aJ")),
        (0.0, "V", ("0", "V")),
        (14.96123, "dB", ("14.961", "dB")),
        (3.0, "1", ("3", "")),
    ],
)
def test_numbers_on_a_terminal(
    value: float, unit: str, shown: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    on_terminal(monkeypatch)
    assert output.value_and_unit(value, unit) == shown


def test_numbers_elsewhere_are_exact() -> None:
    assert output.value_and_unit(0.1 + 0.2, "V") == ("0.30000000000000004", "V")


def test_a_table_on_a_terminal_takes_brackets_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    output.table(("name", "what"), [("v_line", "line [V]"), ("x", "[bold]not bold[/bold]")])
    assert "line [V]" in terminal.getvalue()
    assert "[bold]not bold[/bold]" in terminal.getvalue()


def test_a_table_elsewhere_is_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("a", "b"), [("long", "1"), ("x", "")])
    assert capsys.readouterr().out == "a     b\nlong  1\nx\n"


def test_json_has_only_json_s_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    output.data_json({"a": [float("nan"), 1.5], "b": (float("inf"),)})
    assert '"a": [\n    null,\n    1.5\n  ]' in capsys.readouterr().out


def test_a_folder_that_takes_no_files(tmp_path: Path) -> None:
    output.check_folder(tmp_path / "a" / "b")
    assert not list((tmp_path / "a" / "b").iterdir())
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="file"):
        output.check_folder(tmp_path / "file")
