"""The command as a process: signals end it in good order, and streams may be closed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bitline.errors import StorageError
from bitline.sweep.store import Store

MAIN = (sys.executable, "-m", "bitline")


def left_over(mark: str) -> list[str]:
    """Return the command lines of the processes that have a mark in their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:  # it has ended, or is somebody else's
            continue
    return found


@pytest.mark.ngspice
@pytest.mark.pdk
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are looked for in /proc")
@pytest.mark.parametrize("engine", ["shared", "batch"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
@pytest.mark.parametrize("group", [True, False], ids=["group", "process"])
def test_a_signal_ends_a_run_as_ctrl_c_does(
    number: signal.Signals, engine: str, group: bool, sweep: Path, tmp_path: Path
) -> None:
    sweep.write_text(sweep.read_text().replace("[0, 1, 2]", "[0, 1, 2]\ntemperature = {start=-40, stop=125, step=1}"))
    store, mark = tmp_path / "s.sqlite", f"BITLINE_TEST_MARK={tmp_path}\0"
    arguments = ("--store", str(store), "-o", "out", "-j", "2", "--engine", engine)
    running = subprocess.Popen(
        (*MAIN, "characterize", str(sweep), *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "BITLINE_TEST_MARK": str(tmp_path)},
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 60
        while stored(store) < 2 and running.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert left_over(mark)
        send = os.killpg if group else os.kill
        send(running.pid, number)
        out, err = running.communicate(timeout=60)
    finally:
        running.kill()
    assert (running.returncode, out) == (128 + number, ""), err
    finished = stored(store)
    line = f"bitline: error: stopped by {number.name}: {finished} points have finished and are stored: "
    assert err.splitlines()[-1] == f"{line}the same command goes on from there"
    assert "Traceback" not in err
    assert not left_over(mark)


def stored(path: Path) -> int:
    try:
        with Store(path, read_only=True) as store:
            return len(store)
    except StorageError:  # it is not there, or being made
        return 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_outside_a_run_is_one_line_too(number: signal.Signals) -> None:
    program = (
        f"import os; from bitline import cli; cli._invoke = lambda _: os.kill(os.getpid(), {number:d}); cli.main()"
    )
    done = subprocess.run((sys.executable, "-c", program), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (128 + number, "")
    assert done.stderr == f"bitline: error: stopped by {number.name}\n"


def test_nohup_keeps_a_hang_up_away() -> None:
    program = (
        "import os, signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); from bitline import cli;"
        f"cli._invoke = lambda _: os.kill(os.getpid(), {signal.SIGHUP:d}) or 5; cli.main()"
    )
    assert subprocess.run((sys.executable, "-c", program), check=False).returncode == 5


CLOSED = [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", "2>&1 | head -0", "2>&1 >/dev/null | head -0"]


@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize(
    ("arguments", "code"), [("list circuits", 0), ("list circuits --json", 0), ("--help", 0), ("list nope", 2)]
)
def test_closed_streams_do_not_change_the_exit_code(arguments: str, code: int, closed: str) -> None:
    command = f'"$0" -c "from bitline.cli import main; main()" {arguments} {closed}'
    done = subprocess.run(
        ("bash", "-c", f"{command}; exit ${{PIPESTATUS[0]}}", sys.executable),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert "mistake in bitline" not in done.stderr


def test_a_file_is_never_taken_for_a_closed_stream(tmp_path: Path) -> None:
    program = (
        "from bitline import cli, errors; cli._invoke = lambda _: print(open('f', 'w').fileno(), file=open('n', 'w'))"
    )
    command = f'"$0" -c "{program}; cli.main()" <&- >&- 2>&-'
    subprocess.run(("bash", "-c", command, sys.executable), cwd=tmp_path, check=True)
    assert int((tmp_path / "n").read_text()) > 2


@pytest.mark.ngspice
@pytest.mark.pdk
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_run_goes_on_when_its_reader_has_gone(stream: str, sweep: Path, tmp_path: Path) -> None:
    """The exit code still says that points failed, and the LUT is there."""
    reader, writer = os.pipe()
    os.close(reader)
    streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: writer}
    arguments = ("characterize", str(sweep), "--timeout", "0.001", "-o", "out", "-j", "1")
    done = subprocess.run((*MAIN, *arguments), cwd=tmp_path, check=False, **streams)
    os.close(writer)
    assert done.returncode == 1
    assert (tmp_path / "out" / "lut.json").exists()
