"""Operands of the ternary column's benches: which weight and input each row has."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from bitline.circuits.ternary_column import TernaryColumn
from bitline.errors import InputError
from bitline.parameters import parameter, validated

Zeros = Literal["weight", "input", "mixed"]
Trits = tuple[int, int]  # weight and input of a row


@validated
class TernaryMac:
    """What the transfer bench varies: the MAC value, and the mix of products that gives it.

    ``n_plus = max(mac, 0) + extra`` products are +1, ``n_minus = max(-mac, 0) + extra`` are -1, the
    others 0. Where there are no rows for so many pairs there are as many as fit, so that every pair of
    values is a point; those that are not one of their own share a deck and are left out of the tables.
    """

    mac: int = parameter(1, "MAC value: products +1 less products -1", source="choice", ge=-64, le=64)
    extra: int = parameter(
        0, "pairs of one product +1 and one -1 beside them, as many as fit", source="choice", ge=0, le=32
    )
    zeros: Zeros = parameter(
        "mixed", "what is 0 in a product 0: the weight, the input, or either in turn", source="choice"
    )

    def products(self, rows: int) -> tuple[int, int]:
        """Return n_plus and n_minus in a column of so many rows.

        Raises
        ------
        InputError
            If |mac| is more than there are rows.
        """
        if abs(self.mac) > rows:
            raise InputError(f"transfer: mac = {self.mac}: must be within -{rows}..{rows}, the column's rows")
        pairs = min(self.extra, (rows - abs(self.mac)) // 2)
        return max(self.mac, 0) + pairs, max(-self.mac, 0) + pairs

    def operands(self, rows: int) -> list[Trits]:
        """Return weight and input of each row: products +1, then -1, then 0, both ways to each in turn."""
        plus, minus = self.products(rows)
        operands = [(weight, weight) for weight in in_turn(plus)]
        operands += [(weight, -weight) for weight in in_turn(minus)]
        each = 2 if self.zeros == "mixed" else 1
        for k, trit in enumerate(in_turn(rows - len(operands), each)):
            operands.append((trit, 0) if stored_only(self.zeros, k) else (0, trit))
        return operands


def canonical(circuit: TernaryColumn, inputs: TernaryMac) -> TernaryMac:
    """Return the inputs with as many pairs as fit: those beyond do not change the products."""
    plus, minus = inputs.products(circuit.rows)
    return replace(inputs, extra=min(plus, minus))


def in_turn(count: int, each: int = 1) -> list[int]:
    """Return `count` trits +1 and -1 in turn, `each` of one after another."""
    return [-1 if k // each % 2 else 1 for k in range(count)]


def stored_only(zeros: Zeros, k: int) -> bool:
    """Say whether the k-th product 0 has an input of 0 (and a weight), or the other way about."""
    return zeros == "input" or (zeros == "mixed" and k % 2 == 1)
