"""No ideal source delivers what nobody accounts for: every source of every bench's deck, by its own current.

Of each bench that measures an energy the sources are read from its deck, with those that expressions drive as voltages.
What one gives is `Waveforms.driver_energy`: its highest level times the charge from where it rises to where it falls.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache

import pytest

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Bench, Conditions, Setup
from bitline.benches.registry import benches_of
from bitline.circuits.adder_tree import AdderTree
from bitline.circuits.analysis import OperatingPoint, Transient
from bitline.circuits.base import Circuit
from bitline.circuits.deck import Deck
from bitline.circuits.nsnr_cluster import NsnrCluster
from bitline.circuits.nvsram_trit_half_rail import NvSramTritHalfRail
from bitline.circuits.registry import circuits
from bitline.circuits.shift_adder import ShiftAdder
from bitline.circuits.ternary_encoder import TernaryEncoder
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk

Run = Callable[[Deck], Waveforms]

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

#: A charge of this energy [J] is the solver's rounding.
NOTHING = 1e-22
_SOURCE = re.compile(r"^(v\S+|b\S+(?= \S+ \S+ v=)) (\S+) 0 ", re.MULTILINE)
_ANY_SOURCE = re.compile(r"^(?:v\S+|b\S+ \S+ \S+ v=.*|[eh]\S+) ?", re.MULTILINE)


def measuring() -> Iterator[tuple[type[Circuit], Bench]]:
    """Yield every circuit with each of its benches that measure an energy or a power."""
    for circuit in circuits().values():
        for bench in benches_of(circuit).values():
            if any(output.unit in ("J", "W") for output in bench.outputs):
                yield circuit, bench


@dataclass(frozen=True)
class Case:
    """One bench at its defaults, simulated with the voltage and the current of each of its sources."""

    bench: Bench
    setup: Setup[Circuit, object]
    waves: Waveforms
    nodes: Mapping[str, str]

    def gives(self, source: str) -> float:
        """Return what a source gives over the whole simulation [J]; of an operating point its power [W]."""
        if self.waves.abscissa == OperatingPoint.axis:
            return -self.waves.value(f"v({self.nodes[source]})") * self.waves.value(f"i({source})")
        return self.waves.driver_energy(source, self.nodes[source], 0.0, float(self.waves.axis[-1]))

    @property
    def giving(self) -> list[str]:
        """The sources that give a charge at all."""
        return [source for source in self.nodes if abs(self.gives(source)) > NOTHING]

    def measured(self, source: str = "") -> Mapping[str, float]:
        """Return what the bench measures; with the current of one source doubled, if it is named."""
        doubled = {f"i({source})": 2 * self.waves[f"i({source})"]} if source else {}
        return self.bench.measure(replace(self.waves, signals={**self.waves.signals, **doubled}), self.setup)

    def named(self, pattern: str) -> list[str]:
        """Return the sources that a name with * stands for."""
        return [source for source in self.nodes if fnmatchcase(source, pattern)]


def matching(source: str, patterns: Sequence[str]) -> list[str]:
    """Return the names with * that stand for a source."""
    return [pattern for pattern in patterns if fnmatchcase(source, pattern)]


def declared(bench: Bench) -> Mapping[str, tuple[str, ...]]:
    assert bench.supplies is not None
    return bench.supplies.counted


CASES = list(measuring())
each_bench = pytest.mark.parametrize("which", CASES, ids=lambda which: f"{which[0].name}-{which[1].name}")


@pytest.fixture(scope="module")
def simulate(sky130: Pdk, run: Run) -> Callable[[tuple[type[Circuit], Bench]], Case]:
    @cache
    def simulated(which: tuple[type[Circuit], Bench]) -> Case:
        circuit, bench = which
        setup = bench.setup(circuit(), Conditions(), bench.inputs(), sky130)
        deck = bench.deck(setup.circuit, setup.conditions, setup.inputs, sky130)
        nodes = dict(_SOURCE.findall(deck.body))
        assert len(nodes) == len(_ANY_SOURCE.findall(deck.body)), "a source is not between a node and ground"
        added = [vector for name, node in nodes.items() for vector in (f"i({name})", f"v({node})")]
        whole = replace(deck, saves=tuple(dict.fromkeys([*deck.saves, *added])))
        return Case(bench, setup, run(with_accuracy(whole, "default")), nodes)

    return simulated


Simulate = Callable[[tuple[type[Circuit], Bench]], Case]


@each_bench
def test_every_source_is_counted_or_left_out_by_name(which: tuple[type[Circuit], Bench], simulate: Simulate) -> None:
    case, supplies = simulate(which), which[1].supplies
    assert supplies is not None
    patterns = [pattern for sources in supplies.counted.values() for pattern in sources]
    patterns += [left.source for left in supplies.left_out]
    assert {source for source in case.giving if len(matching(source, patterns)) != 1} == set()


@each_bench
def test_an_energy_counts_the_sources_that_it_names(which: tuple[type[Circuit], Bench], simulate: Simulate) -> None:
    """Twice the current of a source moves the output that it is declared in, and none of the others declared."""
    case, counted = simulate(which), declared(which[1])
    plain = case.measured()
    for source in case.giving:
        twice = case.measured(source)
        moved = {output for output in counted if twice[output] != plain[output]}
        assert moved == {output for output, patterns in counted.items() if matching(source, patterns)}, source


@pytest.mark.parametrize(
    "which",
    [case for case in CASES if case[0] not in (AdderTree, NsnrCluster, NvSramTritHalfRail, ShiftAdder, TernaryEncoder)],
    ids=lambda which: f"{which[0].name}-{which[1].name}",
)
def test_a_source_counts_with_all_that_it_gives(which: tuple[type[Circuit], Bench], simulate: Simulate) -> None:
    """As large as the charge from its high level, of a row's driver the column's share: within 5 %.

    Sources that carry less than a hundredth of the largest are left to their own bench's tests, and so are the
    benches of the filament: one stops at the pulse that reaches the target, the other drives both polarities. Gates
    that rise to the supply first take that part of their charge from it, and not from their high level. Digital parts
    give a mean over several operations, without what comes before: test_standard_cells.py, test_adder_tree.py.
    """
    case, counted = simulate(which), declared(which[1])
    plain, largest = case.measured(), max(case.gives(source) for source in case.giving)
    for output, patterns in counted.items():
        share = 1.0
        if output == "energy_wordline":
            share /= getattr(case.setup.circuit, "columns", 1)
        for source in case.giving:
            if matching(source, patterns) and case.gives(source) > largest / 100:
                counts = (case.measured(source)[output] - plain[output]) * per_output(case, output)
                assert counts == pytest.approx(share * case.gives(source), rel=0.05), (source, output)


def per_output(case: Case, output: str) -> float:
    """Return how often what an output is counted for happens in the simulation."""
    if output == "p_leak" and case.waves.abscissa == Transient.axis:  # a power
        return float(case.waves.axis[-1])
    if case.setup.circuit.name == "strongarm":  # per decision, of three
        return 3.0
    return 1.0


def test_what_is_left_out_is_as_large_as_stated(simulate: Simulate) -> None:
    """Within 5 %, or 1e-21 J where there is next to nothing; and below 3 % of what the bench does count."""
    checked = 0
    for which in CASES:
        supplies = which[1].supplies
        for left in supplies.left_out if supplies else ():
            case = simulate(which)
            sources = case.named(left.source)
            assert sources and left.unit == "J" and left.at
            assert sum(map(case.gives, sources)) == pytest.approx(left.energy, rel=0.05, abs=1e-21)
            assert left.energy < 0.03 * sum(map(case.gives, case.giving))
            checked += 1
    assert checked


def test_a_bench_without_energies_declares_none() -> None:
    others = {bench for circuit in circuits().values() for bench in benches_of(circuit).values()}
    assert not any(bench.supplies for bench in others - {bench for _, bench in CASES})


@pytest.mark.parametrize(
    "which", [case for case in CASES if case[1].operation], ids=lambda which: f"{which[0].name}-{which[1].name}"
)
def test_an_operation_says_what_its_bench_does(which: tuple[type[Circuit], Bench], simulate: Simulate) -> None:
    """Both count the same sources of a deck: the bench may name one that only another form of the circuit has."""
    circuit, bench = which
    assert bench.operation is not None and bench.supplies is not None
    said, nodes = bench.operation(circuit()).energy.supplies, simulate(which).nodes
    assert said is not None
    assert present(said.counted, nodes) == present(declared(bench), nodes)
    assert said.left_out == bench.supplies.left_out


def present(counted: Mapping[str, tuple[str, ...]], sources: Iterable[str]) -> dict[str, list[str]]:
    """Return the sources of a deck that each output counts."""
    return {
        output: [source for source in sources if matching(source, patterns)] for output, patterns in counted.items()
    }
