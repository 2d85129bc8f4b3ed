"""Operands of one cycle of a hybrid slice, and what it must make of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bitline.circuits.hybrid_slice import HybridSlice
from bitline.errors import InputError
from bitline.parameters import parameter, validated

Bits = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Operands:
    """What is stored and what comes in.

    Parameters
    ----------
    bits : array of int, shape (active, columns)
        Bits Q of the real cells.
    inputs : array of int, shape (columns,)
        One-bit inputs of the digital part.
    words : array of int, shape (columns,)
        DAC words of the analog part.
    digital, analog : int
        Rows that are read on BL and on BLB.
    """

    bits: Bits
    inputs: Bits
    words: Bits
    digital: int
    analog: int

    @property
    def count(self) -> int:
        """The popcount: columns whose input and digital weight are both 1."""
        return int(self.inputs @ self.bits[self.digital])

    @property
    def level_sum(self) -> int:
        """Sum of the DAC words of the columns whose analog weight is 1."""
        return int(self.words @ self.bits[self.analog])


@validated
class BothPorts:
    """What the bench varies."""

    ports: Literal["both", "digital", "analog"] = parameter(
        "both", "ports that are on: digital is BL with the tree, analog BLB with the accumulate line", source="choice"
    )
    row_digital: int = parameter(0, "real row that is read on BL", source="choice", ge=0, le=63)
    row_analog: int = parameter(
        1, "real row that is read on BLB; the digital one's number is the same row", source="choice", ge=0, le=63
    )
    p_input: float = parameter(0.5, "probability that a digital input is 1", source="assumed", ge=0, le=1)
    p_digital: float = parameter(
        0.5, "probability that a bit of the digital row, or of one that is not read, is 1", source="assumed", ge=0, le=1
    )
    p_analog: float = parameter(0.5, "probability that a bit of the analog row is 1", source="assumed", ge=0, le=1)
    p_word: float = parameter(0.5, "probability that a bit of a DAC word is 1", source="assumed", ge=0, le=1)
    operand_seed: int = parameter(1, "seed of bits, inputs and words", source="choice", ge=0)

    def operands(self, circuit: HybridSlice) -> Operands:
        """Draw the operands, the same for all `ports`.

        Raises
        ------
        InputError
            If a row is none of the real ones.
        """
        for name in ("row_digital", "row_analog"):
            row = getattr(self, name)
            if row >= circuit.active:
                raise InputError(f"both-ports: {name} = {row}: must be < active = {circuit.active}")
        generator = np.random.Generator(np.random.PCG64(self.operand_seed))
        inputs = generator.random(circuit.columns) < self.p_input
        places = generator.random((circuit.columns, circuit.dac_bits)) < self.p_word
        chances = np.full((circuit.active, 1), self.p_digital)
        # A row that is read on both ports has the digital row's bits.
        if self.row_analog != self.row_digital:
            chances[self.row_analog] = self.p_analog
        bits = generator.random((circuit.active, circuit.columns)) < chances
        return Operands(
            bits.astype(np.int64),
            inputs.astype(np.int64),
            places.astype(np.int64) @ 2 ** np.arange(circuit.dac_bits),
            self.row_digital,
            self.row_analog,
        )
