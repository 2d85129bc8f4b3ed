"""The command line: `main` runs a command and turns every error into one line and an exit code.

Exit codes: 0 fine, 1 points failed, 2 wrong usage or input, 3 environment, 70 a mistake of bitline's own, and
for a run that a signal ended 128 and its number: 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP.
Data go to stdout, messages to stderr. What a command needs is imported when it runs, so that ``--help`` and the
worker processes start at once.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from typing import NoReturn

from bitline.cli import output, process
from bitline.errors import BitlineError, SetupError, Stopped

INTERRUPTED = 130
# EX_SOFTWARE of sysexits.h; Python's own 1 would be taken for "points failed".
INTERNAL = 70


def main() -> NoReturn:
    """Run bitline's command line and leave the process with its exit code."""
    process.prepare()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; every error becomes one line on stderr."""
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _say_warning
            code = _invoke(arguments)
        _flush()
    except BrokenPipeError:
        process.drop(sys.stdout)
        return 0
    except BitlineError as error:
        return _say_error(error, str(error), error.exit_code)
    except KeyboardInterrupt as error:
        return _say_error(error, "interrupted", INTERRUPTED)
    except Stopped as error:
        return _say_error(error, str(error), error.exit_code)
    except OSError as error:
        # The usual cause is a full disk below stdout or a temporary folder.
        process.drop(sys.stdout)
        return _say_error(error, str(error), SetupError.exit_code)
    except Exception as error:  # noqa: BLE001 (the last place that can tell the user)
        # A designer has no use for a traceback; whoever mends bitline asks for it by the switch.
        hint = "this is a mistake in bitline; set BITLINE_DEBUG=1 to see where"
        return _say_error(error, f"{type(error).__name__}: {error} ({hint})", INTERNAL)
    return code


def _invoke(arguments: Sequence[str]) -> int:
    import typer

    from bitline.cli.app import command

    try:
        code = command().main(list(arguments), prog_name="bitline", standalone_mode=False)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        message = error.format_message().replace("Value error, ", "")
        if context:
            message += f" (see: {context.command_path} --help)"
        return _say_error(error, message, error.exit_code)
    except typer.Abort as error:
        return _say_error(error, "interrupted", INTERRUPTED)
    except SystemExit as error:
        # This is typer's way out of a broken pipe, after it silenced stdout. A `head` that has read enough is fine.
        process.drop(sys.stdout)
        if isinstance(error.__context__, BrokenPipeError):
            return 0
        return int(error.code or 0)
    # typer catches KeyboardInterrupt itself and says nothing.
    if code == INTERRUPTED:
        output.say("bitline: error: interrupted")
    return int(code or 0)


def _say_warning(message: Warning | str, *_: object, **__: object) -> None:
    """Say a warning as one line on stderr, without the place in the code that gave it."""
    output.say(f"bitline: warning: {' '.join(str(message).split())}")


def _say_error(error: BaseException, message: str, code: int) -> int:
    if os.environ.get("BITLINE_DEBUG", "0") not in ("", "0"):
        import traceback

        output.say("".join(traceback.format_exception(error)).rstrip())
    output.say(f"bitline: error: {' '.join(message.split())}")
    return code


def _flush() -> None:
    # Python would flush only as it ends, when an error can no longer become an exit code.
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # A `head` that has read enough is fine, and does not change how the command ended.
        process.drop(sys.stdout)
