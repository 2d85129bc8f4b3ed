"""Draw the shift-and-add unit: ``python docs/schematics/shift_adder.py``."""

from __future__ import annotations

from kit import Drawings, Sheet, save
from parts import gate


def unit() -> Sheet:
    """Return a full adder and a flip-flop for each bit of the sum, the digits that leave, the clock's buffer."""
    s = Sheet()
    for k in range(6):
        y = -2.4 * k
        addend, carry = f"b{k}" if k < 5 else "0", f"c{k}" if k else "0"
        gate(s, (0, y), f"fa{k}", "fa_1", [f"h{k}", addend, carry], [f"s{k}", f"c{k + 1}"])
        saved = f"s{k + 1}" if k < 5 else "c6"
        gate(s, (4.2, y), f"fh{k}", "dfrtp_1", [saved, "ckd", "rstb"], [f"h{k}"])
        left = f"d{k + 1}" if k < 5 else "s0"
        gate(s, (8.4, y), f"fd{k}", "dfxtp_1", [left, "ckd"], [f"d{k}"])
    gate(s, (12.6, 0), "ck", "clkbuf_4", ["clk"], ["ckd"])
    s.write("adders", (0, 1.5), "middle")
    s.write("sum, shifted", (4.2, 1.5), "middle")
    s.write("digits", (8.4, 1.5), "middle")
    s.write("clock", (12.6, 1.5), "middle")
    s.write("nodes of one name are joined; behind a cell each has a wire's capacitance", (-1.2, -14), "right")
    return s


DRAWINGS: Drawings = {"shift-adder": unit}

if __name__ == "__main__":
    save(DRAWINGS)
