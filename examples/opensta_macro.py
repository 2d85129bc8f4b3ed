"""A ternary column and the converter behind it, timed by OpenSTA from their Liberty exports.

python examples/opensta_macro.py [-o FOLDER] [--period NS]

Needs OpenSTA (Debian: apt-get install opensta). The column's lines must have settled for the converter's whole
sampling time before the next clock edge; the code must be there at the one after. What OpenSTA cannot know: the
column must be precharged again before its next cycle, which takes longer than its result.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bitline import content
from bitline.lut.lut import Lut

MACROS = ("ternary-column", "sar-adc")
AT = {"corner": "tt", "vdd": 1.8, "temperature": 27.0}
NETLIST = """\
module top (clk, code);
  input clk;
  output [4:0] code;
  wire cbl, cblb;
  ternary_column column (.MAC(clk), .CBL(cbl), .CBLB(cblb));
  sar_adc converter (.CONVERT(clk), .INP(cblb), .INN(cbl), .D(code));
endmodule
"""
SCRIPT = """\
read_liberty -max ternary_column.lib
read_liberty -min ternary_column_fast.lib
read_liberty -max sar_adc.lib
read_liberty -min sar_adc_fast.lib
read_verilog top.v
link_design top
create_clock -name clk -period {period} clk
set_output_delay 0 -clock clk [get_ports code*]
report_checks -to converter/INP -digits 6
report_checks -to [get_ports code*] -digits 6
report_power -instances [get_cells *] -digits 6
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, help="keep the files here")
    parser.add_argument("--period", type=float, default=6.0, help="of the clock [ns]")
    options = parser.parse_args()
    program = shutil.which("sta")
    if program is None:
        sys.exit("OpenSTA is not installed: apt-get install opensta")
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.output or Path(scratch)
        for name in MACROS:
            Lut.load(content.folder("luts") / name).export("liberty", folder / name, condition=AT)
            for library in (folder / name).glob("*.lib"):
                shutil.copy(library, folder)
        (folder / "top.v").write_text(NETLIST)
        (folder / "top.tcl").write_text(SCRIPT.format(period=options.period))
        report = subprocess.run(
            [program, "-no_splash", "-exit", "top.tcl"], cwd=folder, capture_output=True, text=True, check=True
        )
        print(report.stdout)
        energies = {name: json.loads(next((folder / name).glob("*.json")).read_text())["energy_j"] for name in MACROS}
    slacks = [float(slack) for slack in re.findall(r"(\S+)\s+slack", report.stdout)]
    for path, slack in zip(("column to converter", "converter to output"), slacks, strict=True):
        print(f"{path}: slack {slack:.6f} ns at {options.period:g} ns; fastest clock {options.period - slack:.6f} ns")
    # OpenSTA before 2020-05 reports twice this (see the README of an export)
    power = sum(energies.values()) / (options.period * 1e-9)
    print(f"power by the exports, one operation of each per clock: {power * 1e6:.6f} uW")


if __name__ == "__main__":
    main()
