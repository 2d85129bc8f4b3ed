"""From the shipped tables of standard cells to the energy of the digital path, for any width, in seconds.

python examples/digital_energy.py [--width 144] [--structure arrival] [--c-net 2e-15] [--vdd 1.2] [--p-input 0.5]
"""

from __future__ import annotations

import argparse

import numpy as np

from bitline.benches.logic.popcount import Popcount, event_model, levels
from bitline.circuits.adder_tree import AdderTree
from bitline.system.logic.library import load_library

CELLS = tuple(f"logic-cell-{name}" for name in ("and2", "fa", "ha", "inv", "nor2"))
PAIRS = tuple(f"logic-pair-{name}" for name in ("and2", "fa", "ha"))


def main() -> None:
    """Print mean and spread over draws of the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--structure", default="compressor", choices=["compressor", "arrival", "ripple"])
    parser.add_argument("--c-net", type=float, default=0.0, help="F")
    parser.add_argument("--vdd", type=float, default=1.8, choices=[1.2, 1.5, 1.8], help="V; tt, 27 degC")
    parser.add_argument("--p-input", type=float, default=0.5)
    parser.add_argument("--p-redraw", type=float, default=1.0)
    parser.add_argument("--operations", type=int, default=20)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(12)))
    options = parser.parse_args()
    circuit = AdderTree(width=options.width, structure=options.structure, c_net=options.c_net)
    model = event_model(circuit, load_library(CELLS, PAIRS, vdd=options.vdd))
    means, glitches, settled = [], [], []
    for seed in options.seeds:
        operands = Popcount(
            operations=options.operations, p_input=options.p_input, p_redraw=options.p_redraw, operand_seed=seed
        )
        run = model.run(levels(circuit, operands)[:-1], circuit.t_operation)
        means.append(run.energy[:, 1].mean())
        glitches.append(run.glitch_share)
        settled.append(run.settled.max())
    print(f"logic   {np.mean(means) * 1e15:.0f} fJ per operation, {np.std(means) * 1e15:.0f} fJ between seeds")
    print(f"glitches {np.mean(glitches):.0%}, last change after {max(settled) * 1e9:.2f} ns")


if __name__ == "__main__":
    main()
