"""The gate-level event model against SPICE: adder trees of three widths and two structures, with and without wire.

    python benchmarks/event_model.py simulate   # an hour of processor time; writes event_model.csv beside this file
    python benchmarks/event_model.py            # model over SPICE, as Markdown

The first runs the bench `popcount` at tt, 1.8 V, 27 degC, preset fast: twenty operations up to 36 wide, eight of 144.
Weights and inputs are of seed 1, with which the model was made, and of seed 2, on which it was tried then. Trees that
are in the file already are not run again. The second takes the shipped tables of the cells.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from bitline.benches.base import Setup
from bitline.benches.logic.popcount import Popcount, energies, event_model, levels
from bitline.circuits.adder_tree import AdderTree
from bitline.lut.lut import Lut
from bitline.parameters import assemble
from bitline.pdk.descriptor import load_pdk
from bitline.sweep.runner import Runner
from bitline.system.logic.events import Operations
from bitline.system.logic.library import CellLibrary, load_library

Array = NDArray[np.float64]

CELLS = tuple(f"logic-cell-{name}" for name in ("and2", "fa", "ha", "inv", "nor2"))
CORNERS = tuple(f"{name}-corners" for name in CELLS)
PAIRS = tuple(f"logic-pair-{name}" for name in ("and2", "fa", "ha"))
FILE = Path(__file__).with_name("event_model.csv")
WIDTHS, STRUCTURES, WIRES = (16, 36, 144), ("compressor", "ripple"), (0.0, 2e-15)
SEEDS = (1, 2)
COLUMNS = (
    *("width", "structure", "c_net [F]", "seed", "operation"),
    *("energy_logic [J]", "energy_drivers [J]", "t_critical [s]"),
)


@cache
def library(corner: str = "tt", vdd: float = 1.8) -> CellLibrary:
    """Return the shipped tables at a condition, read once."""
    return load_library(CELLS if corner == "tt" else CORNERS, PAIRS, corner=corner, vdd=vdd)


@dataclass(frozen=True, eq=False)
class Tree:
    """A tree and what SPICE says of its operations.

    Parameters
    ----------
    circuit : AdderTree
    seed : int
        Of weights and inputs.
    logic, drivers : array, shape (operations,)
        Energy of each operation [J].
    t_critical : float
        The last change of the result after the inputs [s], the longest of all operations.
    """

    circuit: AdderTree
    seed: int
    logic: Array
    drivers: Array
    t_critical: float

    @property
    def operands(self) -> Popcount:
        """The operations' inputs and weights."""
        return Popcount(operations=len(self.logic), operand_seed=self.seed)

    def model(self) -> Operations:
        """Return what the event model says of the same operations."""
        run = event_model(self.circuit, library()).run
        return run(levels(self.circuit, self.operands)[:-1], self.circuit.t_operation)


def trees() -> Iterator[tuple[AdderTree, int]]:
    """Yield every tree that is compared, with the seed of its operands."""
    for seed, width, structure, wire in product(SEEDS, WIDTHS, STRUCTURES, WIRES):
        # 144 wide with wire needs more than the default 6 ns.
        period = 6e-9 if width < 144 else 14e-9
        yield AdderTree(width=width, structure=structure, c_net=wire, t_operation=period), seed


def simulate(circuit: AdderTree, seed: int) -> Tree:
    """Simulate a tree; raises `SystemExit` if a count is wrong."""
    operations = 20 if circuit.width < 144 else 8
    settings = {"operations": operations, "operand_seed": seed}
    point = Runner(timeout=7200.0).simulate(circuit, "popcount", accuracy="fast", **settings)
    if point.values["errors"]:
        raise SystemExit(f"{circuit}: {point.values['errors']:.0f} counts are wrong")
    setup = Setup(circuit, point.point.conditions, point.point.inputs, load_pdk("sky130"))
    logic, drivers = (energies(point.waveforms, setup, supply)[:-1] for supply in ("vdd", "vdrv"))
    return Tree(circuit, seed, logic, drivers, point.values["t_critical"])


def rows(tree: Tree) -> Iterator[tuple[object, ...]]:
    """Yield a row for each operation."""
    circuit = tree.circuit
    for operation, (logic, drivers) in enumerate(zip(tree.logic, tree.drivers, strict=True)):
        numbers = (f"{value:.6g}" for value in (logic, drivers, tree.t_critical))
        yield circuit.width, circuit.structure, f"{circuit.c_net:g}", tree.seed, operation, *numbers


def load() -> list[Tree]:
    """Return the trees of the file."""
    if not FILE.exists():
        return []
    with FILE.open(newline="") as file:
        lines = list(csv.DictReader(file))
    kept = []
    for circuit, seed in trees():
        key = (str(circuit.width), circuit.structure, f"{circuit.c_net:g}", str(seed))
        own = [line for line in lines if tuple(line[name] for name in COLUMNS[:4]) == key]
        if own:
            logic, drivers = (np.array([float(line[name]) for line in own]) for name in COLUMNS[5:7])
            kept.append(Tree(circuit, seed, logic, drivers, float(own[0][COLUMNS[7]])))
    return kept


def save(kept: list[Tree]) -> None:
    """Write the file."""
    with FILE.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(row for tree in kept for row in rows(tree))


def table(kept: list[Tree]) -> Iterator[str]:
    """Yield the lines of the comparison."""
    yield "| width, structure, wire, seed | SPICE | mean | single, rms over mean | drivers | last change | glitches |"
    yield "|---|---|---|---|---|---|---|"
    for tree in kept:
        model, circuit = tree.model(), tree.circuit
        drivers, logic = model.energy.T
        rms = float(np.sqrt(np.mean((logic - tree.logic) ** 2)) / tree.logic.mean())
        yield (
            f"| {circuit.width}, {circuit.structure}, {circuit.c_net * 1e15:g} fF, {tree.seed}"
            f" | {tree.logic.mean() * 1e15:.0f} fJ | {logic.mean() / tree.logic.mean():.3f} | {rms:.0%}"
            f" | {drivers.mean() / tree.drivers.mean():.3f} | {model.settled.max() / tree.t_critical:.2f}"
            f" | {model.glitch_share:.0%} |"
        )


def conditions() -> Iterator[str]:
    """Yield the lines that compare trees 16 wide at other supplies and corners with the shipped tables of popcounts."""
    yield "| table | condition | trees, operations of each | model over SPICE, mean | least, largest | last change |"
    yield "|---|---|---|---|---|---|"
    for name, axis in (("dcim-popcount", "vdd"), ("dcim-popcount-corners", "corner")):
        nominal = Lut.load(name).tables["nominal"].squeeze()
        for place in nominal[axis].values.tolist():
            ratios = np.array(list(_ratios(name, nominal.sel({axis: place}), library(**{axis: place}))))
            (low, energy, high), last = (of(ratios[:, 0]) for of in (np.min, np.mean, np.max)), ratios[:, 1].mean()
            condition = f"{place} V" if axis == "vdd" else place
            yield (
                f"| `{name}` | {condition} | {len(ratios)}, {int(nominal['operations'])} | {energy:.3f} "
                f"| {low:.3f}, {high:.3f} | {last:.2f} |"
            )


def _ratios(name: str, spice: xr.Dataset, cells: CellLibrary) -> Iterator[tuple[float, float]]:
    """Yield the model's mean energy and last change over those of SPICE, for each tree and draw of a table."""
    fixed = Lut.load(name).attrs["parameters"]
    flat = spice.stack(tree=[*spice.dims])
    for k in range(flat.sizes["tree"]):
        one = flat.isel(tree=k)
        varied = {axis: one[axis].item() for axis in spice.dims}
        inputs = Popcount(operations=int(one["operations"]), operand_seed=int(varied.pop("operand_seed", 1)))
        circuit = assemble(AdderTree(), {**fixed, **varied})
        model = event_model(circuit, cells)
        run = model.run(levels(circuit, inputs)[:-1], circuit.t_operation)
        yield run.energy[:, 1].mean() / float(one["energy_logic"]), run.settled.max() / float(one["t_critical"])


def main() -> None:
    """Simulate what is missing, or compare."""
    kept = load()
    if sys.argv[1:] == ["simulate"]:
        present = {(tree.circuit, tree.seed) for tree in kept}
        for circuit, seed in trees():
            if (circuit, seed) not in present:
                kept.append(simulate(circuit, seed))
                save(kept)
                print(f"{circuit.width} {circuit.structure} {circuit.c_net:g} seed {seed}", flush=True)
    print("\n".join([*table(kept), "", *conditions()]))


if __name__ == "__main__":
    main()
