"""Draw the adder tree, and the same in the hybrid slice: ``python docs/schematics/adder_tree.py``."""

from __future__ import annotations

from functools import partial

from kit import Drawings, Sheet, save
from parts import gate

from bitline.circuits.adder_tree import AdderTree

# The adders by the weight of what they add; those of weight 1 stand in two columns.
_COLUMNS = ((1, range(32, 37)), (1, range(37, 40)), (2, range(40, 44)), (4, range(44, 46)), (8, range(46, 47)))


def tree(weight: str) -> Sheet:
    """Return the product of the first pair of bits, and all adders behind the products.

    Parameters
    ----------
    weight
        Node of the first weight.
    """
    s = Sheet()
    gate(s, (0, 2), "d0", "inv_2", ["i0"], ["x0"])
    gate(s, (4, 2), "m0", "and2_1", ["x0", weight], ["p0"])
    s.write("one of 16 products; the drivers, here d0, are on the supply vdrv", (6, 2), "right")
    network = AdderTree().network
    cells = {cell.name: cell for cell in network.gates}
    for place, (worth, numbers) in enumerate(_COLUMNS):
        x = place * 4
        s.write(f"weight {worth}", (x, 0.2), "middle")
        for row, number in enumerate(numbers):
            cell = cells[f"a{number}"]
            nodes = cell.nets
            inputs = [nodes[pin] for pin in ("A", "B", "CIN") if pin in nodes]
            gate(s, (x, -1.2 - 2.3 * row), cell.name, cell.cell, inputs, [nodes["SUM"], nodes["COUT"]])
    result = ", ".join(network.result)
    s.write(f"count, from bit 0: {result}", (3.4, -12), "right")
    s.write("nodes of one name are joined; behind a cell each has a wire's capacitance", (3.4, -11.4), "right")
    return s


DRAWINGS: Drawings = {"adder-tree": partial(tree, "w0"), "hybrid-slice.tree": partial(tree, "bl0")}

if __name__ == "__main__":
    save(DRAWINGS)
