"""Energy of a saliency evaluator per output: by the event model of its comparisons, and a few outputs by SPICE.

    python benchmarks/saliency_energy.py simulate     # minutes of processor time; writes saliency_spice.csv
    python benchmarks/saliency_energy.py              # half a minute; writes saliency_energy.csv

The saliency S is the sum of all orders from 10 on, which the accumulator of the digital path makes anyway: operation by
operation, weight bits and activation bits descending. In units of 2^10 it has 14 bits. The evaluator hangs on that
accumulator: AND gates that keep it still, and an adder chain for each threshold (`bitline.system.logic.comparison`). It
looks at the sum once an output. Counted are the cells, the wires between them and what the accumulator gives for the
pins and wires that hang on it, over all fifteen partial sums (tt, 1.8 V, 27 degC). Flip-flops are not in it.

Operands are the assumed distributions of `bitline.system.hybrid.operands`; thresholds give each boundary an equal share
of the outputs. Not gated, the chains follow every partial sum.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import get_args

import numpy as np
from event_model import library
from numpy.typing import NDArray

from bitline.benches.accuracy import LEAKAGE, with_accuracy
from bitline.benches.base import Conditions
from bitline.benches.netlist import netlist
from bitline.circuits.adder_tree import AdderTree
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.circuits.render import render_circuit
from bitline.engine.batch import BatchSimulator
from bitline.engine.ladder import climb
from bitline.parameters import validated
from bitline.pdk.descriptor import load_pdk
from bitline.system.hybrid.operands import Statistics, operands
from bitline.system.logic.comparison import comparison_levels, comparison_network
from bitline.system.logic.events import EventModel
from bitline.system.logic.network import Network

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

ORDER, BITS, OUTPUTS, OPERATIONS = 10, 14, 60, 15
SIMULATED = 4
VDD, PERIOD, EDGE = 1.8, 6e-9, 100e-12
STATES = OPERATIONS + 2
"""Of an output: the partial sums, a look at the last one, and the accumulator at 0 again."""
FILE, SPICE = (Path(__file__).with_name(f"saliency_{name}.csv") for name in ("energy", "spice"))
COLUMNS = ("operands", "thresholds", "c_net [F]", "gated", "outputs", "energy [J]", "error [J]", "sources [J]")
SPICE_COLUMNS = ("output", "spice [J]", "model [J]", "sources, spice [J]", "sources, model [J]")


def partial_sums(weights: Integers, activations: Integers) -> Integers:
    """Return the accumulator after each operation from order 10 on, in units of 2^10, shape (15,)."""
    # The top bit of a weight in two's complement counts negative.
    terms = [
        (-1) ** (i == 7) * (int(((weights >> i) & (activations >> j) & 1).sum()) << (i + j - ORDER))
        for i in range(7, -1, -1)
        for j in range(7, -1, -1)
        if i + j >= ORDER
    ]
    return np.cumsum(terms)


def sums_of(statistics: Statistics) -> list[Integers]:
    """Return the partial sums of dot products with weights and activations of their own."""
    sample = operands(statistics)
    w, x = sample.weights.astype(np.int64), sample.activations.astype(np.int64)
    return [partial_sums(w[:, k], x[k]) for k in range(OUTPUTS)]


def states_of(sums: Sequence[Integers], thresholds: int, *, gated: bool) -> list[list[int]]:
    """Return the levels of the network's inputs: the state before, then `STATES` of each output."""
    shares = np.arange(1, thresholds + 1) / (thresholds + 1)
    constants = [int(value) for value in np.quantile([run[-1] for run in sums], shares)]
    steps = [(0, False)]
    for run in sums:
        steps += [*((int(number), False) for number in run), (int(run[-1]), True), (0, False)]
    return [comparison_levels(number, constants, BITS, enable=looks or not gated) for number, looks in steps]


def energy(states: Sequence[Sequence[int]], thresholds: int, c_net: float) -> tuple[Array, Array]:
    """Return the energy of each output, and what of it the sources give, by the event model [J]."""
    tables, network = library().cells, comparison_network(BITS, thresholds)
    model = EventModel(network, library(), c_net=c_net, t_edge=EDGE)
    # The model leaves out what the sources charge: here the accumulator's outputs, which the evaluator loads.
    pins = [sum(tables[network.gates[g].cell].pins[pin] for g, pin in network.readers[net]) for net in network.inputs]
    rises = np.diff(np.array(states), axis=0) > 0
    sources = by_output(rises @ (np.array(pins) + c_net) * VDD**2)
    return by_output(model.run(states, PERIOD).energy.sum(axis=1)) + sources, sources


def by_output(energies: Array) -> Array:
    """Return the sums over the states of each output."""
    return np.asarray(energies.reshape(-1, STATES).sum(axis=1))


def rows() -> Iterator[tuple[object, ...]]:
    """Yield the cases of the event model."""
    for statistics in get_args(Statistics):
        sums = sums_of(statistics)
        for thresholds in (1, 2):
            for gated in (True, False):
                states = states_of(sums, thresholds, gated=gated)
                for c_net in (0.0, 2e-15, 5e-15):
                    whole, sources = energy(states, thresholds, c_net)
                    error = whole.std(ddof=1) / np.sqrt(len(whole))
                    numbers = (f"{value:.4g}" for value in (whole.mean(), error, sources.mean()))
                    yield statistics, thresholds, f"{c_net:g}", int(gated), len(sums), *numbers


@validated
class Comparison(AdderTree):
    """The comparisons with two thresholds, in place of a tree's cells."""

    @cached_property
    def network(self) -> Network:
        return comparison_network(BITS, 2)


def simulated() -> Iterator[tuple[object, ...]]:
    """Yield energies of the first outputs by SPICE and by the model: two thresholds, half-normal operands, 2 fF."""
    circuit = Comparison()
    states = states_of(sums_of("half-normal"), 2, gated=True)[: 1 + SIMULATED * STATES]
    sources = {f"v{net}": net for net in circuit.network.inputs}
    devices = netlist(Conditions(), load_pdk("sky130"))
    body = render_circuit("periphery/adder_tree.cir.j2", devices, circuit=circuit)
    lines = [f"{supply} {supply} 0 {VDD}" for supply in ("vdd", "vdrv")]
    for (source, net), levels in zip(sources.items(), zip(*states, strict=True), strict=True):
        # A point before each edge keeps the level until then; the result has stood there for a whole state.
        points = [f"0 {VDD * levels[0]}"]
        for k, (old, new) in enumerate(pairwise(levels), start=1):
            points.append(f"{k * PERIOD} {VDD * old} {k * PERIOD + EDGE} {VDD * new}")
        lines += [f"{source} {net} 0 pwl({' '.join(points)})", f"cw{net} {net} 0 {circuit.c_net}"]
    saves = ("i(vdd)", "i(vdrv)", *(v for s, net in sources.items() for v in (f"v({net})", f"i({s})")))
    results = tuple(f"v({net})" for net in circuit.network.result)
    deck = Deck(
        "comparison", body + "\n".join(["", *lines, ""]), saves + results, Transient(len(states) * PERIOD), LEAKAGE
    )
    w = climb(BatchSimulator(7200.0), with_accuracy(deck, "fast")).waveforms
    whole, given = energy(states, 2, circuit.c_net)
    for output in range(SIMULATED):
        start, stop = ((1 + (output + one) * STATES) * PERIOD for one in (0, 1))
        look = (1 + output * STATES + OPERATIONS + 1) * PERIOD - EDGE
        expected = [
            circuit.network.settled(states[1 + output * STATES + OPERATIONS])[net] for net in circuit.network.result
        ]
        if [int(w.at(vector, look) > VDD / 2) for vector in results] != expected:
            raise SystemExit(f"output {output}: a comparison is wrong")
        cells = sum(w.energy(supply, VDD, start, stop) for supply in ("vdd", "vdrv"))
        loads = sum(w.driver_energy(source, net, start, stop) for source, net in sources.items())
        yield output, *(f"{value:.4g}" for value in (cells + loads, whole[output], loads, given[output]))


def main() -> None:
    """Simulate, or run the event model."""
    file, columns, made = FILE, COLUMNS, rows()
    if sys.argv[1:] == ["simulate"]:
        file, columns, made = SPICE, SPICE_COLUMNS, simulated()
    with file.open("w", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(columns)
        for row in made:
            writer.writerow(row)
            print(*row, flush=True)


if __name__ == "__main__":
    main()
