"""Assumptions of the hybrid account: what its tables do not hold, each with an interval and where that comes from.

The tree has no shipped table. Its energies are those of `docs/digital-path.md` (event model, tt, 1.8 V, 27 degC):
`python examples/digital_energy.py cells --width 144`.
"""

from __future__ import annotations

from bitline.system.sensitivity import Assumption

COLUMNS = 144
"""Products of a one-bit operation."""
TABLE_LINE = 10e-15
"""Load of a bit line [F] at which the cell's table has the whole swing in a pulse of 2 ns."""
TREE = 3.68e-12
"""One-bit operation of 144 products and their compressor tree, uniform bits, no wire [J] (measured, event model)."""
TREE_WIRE = 1e14
"""Rise of that energy per wire of a net [1/F]: 20 % at 2 fF, 50 % at 5 fF, at 36 wide (measured)."""
DRIVERS = 4 * 84e-15
"""Drivers of 144 inputs [J]: four times those of 36 (measured, no wire)."""
DRIVER_GATES = 4 * 117e-15
"""The gates of these drivers and of the weights [J]: four times those of 36 (measured)."""

ASSUMPTIONS = (
    Assumption(
        "tree",
        "energy of a one-bit digital operation without wire, mean over orders",
        "J",
        TREE,
        1.3e-12 / 1.2,
        TREE,
        "measured with uniform bits; layers of a trained CNN take 1.3 to 2.9 pJ with 2 fF a net (hand decks)",
        (1e-13, 2e-11),
    ),
    Assumption(
        "slope",
        "how much less than the mean the highest order takes",
        "",
        0.0,
        0.0,
        0.84,
        "none with uniform bits; a CNN has 28 % of the energy left at B = 8 (hand decks; linear in the order)",
        (0.0, 1.0),
    ),
    Assumption(
        "c_net", "wire of a net in the tree", "F", 2e-15, 0.0, 5e-15, "assumed; 10 um of wire or so", (0.0, 2e-14)
    ),
    Assumption(
        "wire",
        "rise of the tree's energy per wire of a net",
        "1/F",
        TREE_WIRE,
        0.9 * TREE_WIRE,
        1.1 * TREE_WIRE,
        "measured at 36 wide, taken for 144",
        (0.0, 1e15),
    ),
    Assumption(
        "drivers",
        "input drivers of a digital operation",
        "J",
        DRIVERS + DRIVER_GATES,
        DRIVERS + DRIVER_GATES / 8,
        DRIVERS + DRIVER_GATES,
        "measured at 36 wide, times four; their gates shared by 8 units",
        (0.0, 1e-11),
    ),
    Assumption(
        "count_add",
        "shift-and-add of a count over that extrapolated to 8 bits",
        "",
        1.0,
        1.0,
        1.5,
        "extrapolated from 4 and 5 bits; 1.1 pJ by a count of flip-flops (hand)",
        (0.0, 10.0),
    ),
    Assumption(
        "c_line",
        "capacitance of a bit line of 64 rows",
        "F",
        21.6e-15,
        17e-15,
        28e-15,
        "70 fJ a line (hand deck); met1 without and with neighbours",
        (1e-15, 2e-13),
    ),
    Assumption(
        "swing",
        "fall of a bit line in a read over the supply",
        "",
        1.0,
        0.3,
        1.0,
        "assumed: an inverter senses it; a sense amplifier, whose own energy is not counted",
        (0.01, 1.0),
    ),
    Assumption(
        "held",
        "input bits applied to a row per digital read",
        "",
        8.0,
        1.0,
        8.0,
        "assumed: the row is held for all of them; every operation reads",
        (1.0, 8.0),
    ),
    Assumption(
        "dac_shared",
        "units that share a column DAC",
        "",
        8.0,
        1.0,
        8.0,
        "assumed; its table has one unit as load, and outputs of different boundaries cannot share words",
        (1.0, 64.0),
    ),
    Assumption(
        "activity",
        "sum of an analog operation over the largest",
        "",
        0.25,
        0.125,
        0.5,
        "uniform weights and words; half and twice as much",
        (0.0, 1.0),
    ),
    Assumption(
        "conversion",
        "energy of a conversion over the measured one",
        "",
        1.0,
        0.42,
        1.0,
        "measured at 1.8 V; a converter at 1.2 V beside an array at 1.8 V",
        (0.01, 10.0),
    ),
    Assumption(
        "saliency",
        "saliency evaluator per output",
        "J",
        1e-12,
        0.0,
        5e-12,
        "assumed: two comparisons of 16 bits, about two shift-and-adds; no circuit was made",
        (0.0, 1e-10),
    ),
)
"""In the order in which a page lists them: tree, reads, analog operation, evaluator."""
