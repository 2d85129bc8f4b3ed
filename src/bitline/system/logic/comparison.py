"""Comparison: a network that tells which constants a number in two's complement reaches, as a saliency evaluator does.

The number's bits pass AND gates, which keep the chains still until `enable` rises. Each constant then has a ripple of
full adders of its own: ``number >= constant`` where ``number + NOT(constant) + 1`` carries. The top bit counts
negative; inverted, it counts as any other, in the number by an inverter before its gate.
"""

from __future__ import annotations

from collections.abc import Sequence

from bitline.errors import InputError
from bitline.statistics.bounds import check_count
from bitline.system.logic.network import Gate, Network


def comparison_network(bits: int, constants: int) -> Network:
    """Return the network; its inputs are those of `comparison_levels`, its result a bit for each constant.

    Parameters
    ----------
    bits : int
        Of the number, 2 or more.
    constants : int
        That it is compared with, 1 or more.

    Raises
    ------
    InputError
        If a number is smaller than that.
    """
    check_count("bits", bits, 2)
    check_count("constants", constants, 1)
    top = bits - 1
    gates = [Gate("inv", "inv_2", {"A": f"s{top}", "Y": "offset"})]
    ahead = [*(f"s{k}" for k in range(top)), "offset"]
    gates += [Gate(f"g{k}", "and2_1", {"A": net, "B": "enable", "X": f"x{k}"}) for k, net in enumerate(ahead)]
    thresholds = []
    for constant in range(constants):
        carry = "one"
        for k in range(bits):
            name = f"{constant}_{k}"
            nets = {"A": f"x{k}", "B": f"t{name}", "CIN": carry, "COUT": f"c{name}", "SUM": f"y{name}"}
            gates.append(Gate(f"a{name}", "fa_1", nets))
            thresholds.append(f"t{name}")
            carry = f"c{name}"
    inputs = ("enable", "one", *(f"s{k}" for k in range(bits)), *thresholds)
    return Network(inputs, tuple(gates), tuple(f"c{constant}_{top}" for constant in range(constants)))


def comparison_levels(number: int, constants: Sequence[int], bits: int, *, enable: bool) -> list[int]:
    """Return the level of each of the network's inputs; raises `InputError` if a number does not fit the bits."""
    half = 1 << (bits - 1)
    for value in (number, *constants):
        if not -half <= value < half:
            raise InputError(f"number = {value}: must be {-half}..{half - 1}, of {bits} bits")
    levels = [int(enable), 1, *(number >> k & 1 for k in range(bits))]
    for constant in constants:
        # The constant's top bit is inverted as the number's is, and then all of it for the subtraction.
        inverted = ~(constant + half)
        levels += [inverted >> k & 1 for k in range(bits)]
    return levels
