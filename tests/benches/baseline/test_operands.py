"""Operands of the baseline columns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bitline.benches.baseline.operands import BinaryMac
from bitline.benches.ternary.operands import Zeros


@given(st.integers(1, 64), st.data(), st.sampled_from(["weight", "input", "mixed"]))
def test_operands_add_up_to_the_code(rows: int, data: st.DataObject, zeros: Zeros) -> None:
    code = data.draw(st.integers(0, rows))
    operands = BinaryMac(code=code, zeros=zeros).operands(rows)
    assert len(operands) == rows
    assert sum(w * x for w, x in operands) == code
    inputs = sum(x for _, x in operands) - code
    others = rows - code
    assert inputs == {"weight": others, "input": 0, "mixed": (others + 1) // 2}[zeros]
