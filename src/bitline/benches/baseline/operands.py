"""What the transfer benches of the baseline columns vary."""

from __future__ import annotations

from bitline.benches.ternary.operands import Zeros, stored_only
from bitline.errors import InputError
from bitline.parameters import parameter, validated


@validated
class BinaryMac:
    """What the transfer bench of a column of one-bit products varies."""

    code: int = parameter(1, "MAC code: number of products that are 1", source="choice", ge=0, le=1024)
    zeros: Zeros = parameter(
        "mixed", "what is 0 in a product 0: the weight, the input, or either in turn", source="choice"
    )

    def operands(self, rows: int) -> list[tuple[int, int]]:
        """Return weight and input of each row: products 1, then 0.

        Raises
        ------
        InputError
            If the code is more than there are rows.
        """
        if self.code > rows:
            raise InputError(f"transfer: code = {self.code}: must be <= active = {rows}")
        zeros = range(rows - self.code)
        return [(1, 1)] * self.code + [(1, 0) if stored_only(self.zeros, k) else (0, 1) for k in zeros]
