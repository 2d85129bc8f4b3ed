"""Assumptions of the hybrid account: what its tables do not hold, each with an interval and where that comes from.

The tree's energies are those of the event model (tt, 1.8 V, 27 degC, compressor tree, 2 fF of wire a net), by order and
for each kind of operands, the network whose loss is known among them: `benchmarks/order_energy*.csv`, by the script of
that name.
"""

from __future__ import annotations

from bitline.system.sensitivity import Assumption

COLUMNS = 144
"""Products of a one-bit operation."""
TABLE_LINE = 10e-15
"""Load of a bit line [F] at which the cell's table has the whole swing in a pulse of 2 ns."""
WIRE = 2e-15
"""Wire of a net in the tree at which the energies below hold [F]."""
TREES = {
    "uniform": (4.47, 4.55, 4.52, 4.60, 4.54, 4.54, 4.62, 4.65, 4.67, 4.72, 4.66, 4.80, 4.86, 5.01, 5.10),
    "half-normal": (4.82, 4.56, 4.63, 4.63, 4.61, 4.45, 4.10, 3.90, 3.81, 3.59, 3.43, 3.15, 2.68, 1.96, 2.36),
    "network": (2.55, 2.49, 2.46, 2.45, 2.45, 2.38, 2.20, 2.12, 2.02, 1.99, 1.93, 1.80, 1.52, 1.27, 1.56),
}
"""One-bit operation of 144 products and their tree by operands and by order from 0 on [pJ]: of the distributions of
`bitline.system.hybrid.operands`, and of the network `pairs`, mean over its dot products (event model)."""
DRIVER_SHARES = {"uniform": 1.0, "half-normal": 0.92, "network": 0.39}
"""Energy of the input drivers over that for uniform bits, mean over orders."""
WORD_SHARES = {"uniform": 0.93, "half-normal": 0.75, "network": 0.465}
"""Energy of the column DAC's words over equally frequent ones, at a boundary of 9: its table at the words that these
operands make. Those of the network are the 200 operations of `results/certificate`, where SPICE takes 0.466."""
TREE_WIRE = 0.93e14
"""Rise of the tree's energy per wire of a net [1/F]: 19 % at 2 fF, 144 wide (event model; SPICE 18 %)."""
DRIVERS = 570e-15
"""Drivers of 144 inputs, uniform bits [J] (event model)."""
DRIVER_GATES = 4 * 117e-15
"""The gates of these drivers and of the weights [J]: four times those of 36 (measured)."""
CONVERTER_WIRE = 1e-15
"""Wire of a net in the converter's logic [F] (assumed)."""
SALIENCY_ORDER = 10
"""The saliency of an output is the sum of all orders from here on (or from its boundary, where that is higher)."""
FLIP_FLOP = 48e-15
"""Flip-flop of a result, at most: what a bit more of code adds to a shift-and-add, an adder and a flip-flop [J]."""
LOOKS = (1.22e-12, 1.93e-12, 6.79e-12)
"""The evaluator's comparisons by the event model [J]: one threshold, two, and two whose chains no gates keep still;
half-normal operands, 2 fF of wire a net, with what hangs on the accumulator: `benchmarks/saliency_energy.csv`."""
LOOK_SPICE = 0.979
"""What SPICE takes of that, mean over four outputs with two thresholds: `benchmarks/saliency_spice.csv`."""

ASSUMPTIONS = (
    Assumption(
        "operands",
        "digital operands: uniform (0) or those of the network (1)",
        "",
        1.0,
        0.0,
        1.0,
        "event model; the network `pairs`, whose loss is known and whose activations are mostly small",
        (0.0, 1.0),
    ),
    Assumption(
        "tree",
        "energy of the tree over the event model's",
        "",
        0.96,
        0.92,
        1.0,
        "SPICE takes 0.94 and 0.98 of the model for two draws of this tree with uniform bits",
        (0.1, 10.0),
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
        "event model",
        (0.0, 1e15),
    ),
    Assumption(
        "drivers",
        "input drivers of a digital operation",
        "J",
        DRIVERS + DRIVER_GATES,
        DRIVERS + DRIVER_GATES / 8,
        DRIVERS + DRIVER_GATES,
        "event model; gates measured at 36 wide, times four, and shared by 8 units",
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
        "column",
        "energy of an analog column over that of its table",
        "",
        1.67,
        1.0,
        1.7,
        "200 operations of the network by SPICE: the table has of a pass gate the inverter, and drives the plates",
        (0.1, 10.0),
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
        "synchronous",
        "converter's logic: self-timed (0) or synchronous, a register shared by five (1)",
        "",
        0.0,
        0.0,
        1.0,
        "simulated at these bits with 1 fF a net; the shared register is estimated",
        (0.0, 1.0),
    ),
    Assumption(
        "saliency",
        "saliency evaluator per output",
        "J",
        LOOK_SPICE * LOOKS[1] + 2 * FLIP_FLOP,
        LOOK_SPICE * LOOKS[0] + FLIP_FLOP,
        LOOK_SPICE * LOOKS[2] + 2 * FLIP_FLOP,
        "event model, checked by SPICE: two thresholds; one; two without gates before their chains",
        (0.0, 1e-10),
    ),
    Assumption(
        "second_read",
        "rows that wait for the boundary: they stay (0) or are read again (1)",
        "",
        0.0,
        0.0,
        1.0,
        "assumed: latched, or the boundary is fixed; the saliency's orders of a row come before its others",
        (0.0, 1.0),
    ),
)
"""In the order in which a page lists them: tree, reads, analog operation, evaluator."""
