"""OpenSTA, asked what it makes of a Liberty export: delays, setup, power."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from bitline.errors import ExportCheckError, SetupError, StorageError
from bitline.system.macro import Macro

RTOL = 1e-6  # OpenSTA computes in single precision
_PERIOD = 1e-6  # s; far longer than any macro takes
_DIGIT = 1e-18  # s; the last that the script asks for
_TIMEOUT = 60.0  # s
_SCRIPT = """
read_liberty -max {cell}.lib
read_liberty -min {cell}_fast.lib
read_liberty reference.lib
read_verilog top.v
link_design top
create_clock -name start -period {period} start
set_output_delay 0 -clock start [all_outputs]
foreach port [all_outputs] {{
  report_checks -path_delay max -to $port -digits 9
  report_checks -path_delay min -to $port -digits 9
}}
{setup}
report_power -instances [get_cells macro] -digits 9
report_power -instances [get_cells reference] -digits 9
"""
_SETUP = """
set_input_delay 0 -clock start [get_ports x*]
report_checks -to macro/{input} -digits 9
"""


def compare(folder: Path, cell: str, macro: Macro, leakage: float, reference: str) -> str:
    """Time the exported `cell` in OpenSTA, compare with `macro` and say in one line what was equal.

    Parameters
    ----------
    folder : Path
        With ``<cell>.lib`` and ``<cell>_fast.lib``.
    cell : str
    macro : Macro
    leakage : float
        What the cell must have [W].
    reference : str
        A library with the cell ``reference``, of which a rising ``START`` takes 1 pJ.

    Raises
    ------
    SetupError
        If OpenSTA is not installed.
    ExportCheckError
        If it refuses the files, or a number differs by more than single precision.
    """
    program = shutil.which("sta") or shutil.which("opensta")
    if program is None:
        raise SetupError("the check of a Liberty export needs OpenSTA: apt-get install opensta")
    with TemporaryDirectory(prefix="bitline-") as scratch:
        work = Path(scratch)
        try:
            for name in (f"{cell}.lib", f"{cell}_fast.lib"):
                shutil.copy(folder / name, work)
        except OSError as error:
            raise StorageError(f"cannot read {folder / name}: {error.strerror or error}") from error
        (work / "reference.lib").write_text(reference, "utf-8")
        (work / "top.v").write_text(_netlist(cell, macro), "utf-8")
        (work / "top.tcl").write_text(_script(cell, macro), "utf-8")
        version = _run([program, "-version"], work).strip()
        text = _run([program, "-no_splash", "-exit", "top.tcl"], work)
    _compare_times(cell, macro, text)
    times = _energy(text, "reference") / 1e-12
    # a cell of 1 pJ tells how often this version counts an energy
    if not any(math.isclose(times, count, rel_tol=RTOL) for count in (1, 2)):
        raise ExportCheckError(f"OpenSTA {version} counts an internal energy {times:g} times: once or twice is known")
    _equal(f"{cell}: energy [J]", _energy(text, "macro") / times, macro.energy)
    _equal(f"{cell}: leakage [W]", _power(text, "macro")[1], leakage)
    statement = f"OpenSTA {version}: delays, energy and leakage of {cell} equal to {RTOL:g}"
    if times > 1.5:
        statement += "; this version counts internal power twice"
    return statement


def _script(cell: str, macro: Macro) -> str:
    setup = "" if macro.pins.setup is None else _SETUP.format(input=macro.pins.inputs[0])
    return _SCRIPT.format(cell=cell, period=_PERIOD * 1e9, setup=setup)


def _compare_times(cell: str, macro: Macro, text: str) -> None:
    pins = macro.pins
    ports = pins.width or len(pins.outputs)
    arrivals = [float(ns) * 1e-9 for ns in re.findall(r"^ +([\d.]+) +data arrival time", text, re.MULTILINE)]
    if len(arrivals) < 2 * ports:
        raise ExportCheckError(f"{cell}: OpenSTA found {len(arrivals)} paths, not two for each of {ports} outputs")
    for slowest, fastest in zip(arrivals[: 2 * ports : 2], arrivals[1 : 2 * ports : 2], strict=True):
        _equal(f"{cell}: slowest delay [s]", slowest, macro.slowest, _DIGIT)
        _equal(f"{cell}: fastest delay [s]", fastest, macro.fastest, _DIGIT)
    if pins.setup is not None:
        line = re.search(r"^ +-([\d.]+) .*library setup time", text, re.MULTILINE)
        if line is None:
            raise ExportCheckError(f"{cell}: setup: OpenSTA has none, the LUT {pins.setup!r} s")
        _equal(f"{cell}: setup [s]", float(line[1]) * 1e-9, pins.setup, _DIGIT)


def _run(command: list[str], folder: Path) -> str:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SetupError(f"{command[0]} cannot be run: {error}") from None
    # OpenSTA ends well after an error, too: what it writes counts
    complaint = re.search(r"^(Error|Warning).*", done.stdout + "\n" + done.stderr, re.MULTILINE)
    if complaint:
        raise ExportCheckError(f"OpenSTA refuses the export: {complaint[0]}")
    if done.returncode:
        raise ExportCheckError(f"OpenSTA refuses the export: {done.stderr}")
    return done.stdout


def _equal(what: str, value: float, expected: float, least: float = 0.0) -> None:
    if not math.isclose(value, expected, rel_tol=RTOL, abs_tol=least):
        raise ExportCheckError(f"{what}: OpenSTA has {value!r}, the LUT {expected!r}")


def _energy(text: str, instance: str) -> float:
    """Return the internal energy [J] per period."""
    return _power(text, instance)[0] * _PERIOD


def _power(text: str, instance: str) -> tuple[float, float]:
    """Return internal and leakage power [W] of an instance."""
    line = re.search(rf"^ *(\S+) +\S+ +(\S+) +\S+ +{instance}$", text, re.MULTILINE)
    if line is None:
        raise ExportCheckError(f"OpenSTA reports no power of {instance}")
    return float(line[1]), float(line[2])


def _netlist(cell: str, macro: Macro) -> str:
    pins = macro.pins
    outputs = {name: f"q{k}" for k, name in enumerate(pins.outputs)}
    inputs = {name: f"x{k}" for k, name in enumerate(pins.inputs)}
    size = f"[{pins.width - 1}:0] " if pins.width else ""
    connections = "".join(f", .{pin}({net})" for pin, net in {**inputs, **outputs}.items())
    return "\n".join(
        [
            f"module top ({', '.join(('start', *inputs.values(), *outputs.values()))});",
            "  input start;",
            *(f"  input {net};" for net in inputs.values()),
            *(f"  output {size}{net};" for net in outputs.values()),
            f"  {cell} macro (.{pins.start}(start){connections});",
            "  reference reference (.START(start));",
            "endmodule",
            "",
        ]
    )
