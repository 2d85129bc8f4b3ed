"""The event model against hand calculation on small networks, with made-up tables."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from bitline.errors import InputError
from bitline.system.logic.cell_table import CellTable, cell_table
from bitline.system.logic.cells import LOGIC_CELLS, PLACES, logic_cell
from bitline.system.logic.events import EventModel, Operations
from bitline.system.logic.library import CellLibrary
from bitline.system.logic.network import Gate, Network
from bitline.system.logic.pairs import CellPairs, cell_pairs
from bitline.system.logic.popcount import Structure, popcount_levels, popcount_network

VDD, PERIOD, PIN, DELAY, T_EDGE = 1.8, 6e-9, 2e-15, 300e-12, 100e-12
SETTLE = 1e-9 - T_EDGE


def measured(name: str, energy: float = 10e-15, idle: float = 1e-18, delay: float = DELAY) -> xr.Dataset:
    """Return a table as the bench logic-cell gives it: every transition alike, 1 ps more per fF, edges of 100 ps."""
    cell = logic_cell(name)
    states = np.arange(cell.states)
    shape = (len(states), len(states), 2)
    outputs = np.array([cell.at(state) for state in states.tolist()])
    charged = (outputs[None] > outputs[:, None]).sum(axis=-1)[..., None]
    moved = (states[:, None] != states[None, :])[..., None]
    rises = np.array(
        [[(~b & a & (len(states) - 1)).bit_count() for a in range(len(states))] for b in range(len(states))]
    )
    loads = np.array([0.0, 10e-15])
    values = {
        "right": np.ones(shape),
        "energy_cell": energy * moved + idle + charged * loads * VDD**2,
        "energy_pins": np.broadcast_to(PIN * VDD**2 * rises[..., None], shape),
    }
    for output, key in enumerate(("delay_first", "delay_second")[: len(cell.outputs)]):
        switches = np.array(
            [[cell.at(b)[output] != cell.at(a)[output] for a in states.tolist()] for b in states.tolist()]
        )
        values[key] = switches[..., None] * (delay + 1e-12 / 1e-15 * loads)
        values[key.replace("delay", "slew")] = switches[..., None] * np.full(shape, T_EDGE)
    axes = ("before", "after", "c_load")
    measured = xr.Dataset(
        {key: (axes, value) for key, value in values.items()}, dict(zip(axes, (states, states, loads), strict=True))
    )
    return measured.expand_dims(t_edge=[T_EDGE])


def table(name: str, **values: float) -> CellTable:
    return cell_table(name, measured(name, **values), vdd=VDD, settle=SETTLE)


TABLES = {name: table(name) for name in LOGIC_CELLS}

WHOLE = 200e-12
"""Gap from which on a pulse of the made-up pairs is whole; half of it just comes."""


def measured_pairs(name: str, energy: float = 10e-15, shift: float = 0.0) -> xr.Dataset:
    """Return a table as the bench logic-pair gives it: pulses grow with the gap, an output that moves does at once."""
    cell = logic_cell(name)
    gaps, loads, states, inputs = (
        np.array([0, 0.5, 1, 10]) * WHOLE,
        np.array([0.0, 10e-15]),
        cell.states,
        len(cell.inputs),
    )
    axes = ("before", "first", "second", "t_gap", "c_load")
    shape = (states, inputs, inputs, len(gaps), len(loads))
    names = ["energy_cell", *(f"{kind}_{place}" for kind in ("swing", "width", "delay") for place in PLACES)]
    values = {key: np.zeros(shape) for key in names} | {"right": np.ones(shape)}
    swing = np.minimum(1, gaps / WHOLE)[:, None]
    for before, first, second in np.ndindex(states, inputs, inputs):
        here, between = (before, first, second), before ^ 1 << first
        after = between ^ 1 << second
        courses = list(zip(*(cell.at(state) for state in (before, between, after)), strict=True))
        rises = sum(b > a for course in courses for a, b in pairwise(course))
        at_once = energy * (before != after) + sum(end > start for start, _, end in courses) * loads * VDD**2
        values["energy_cell"][here] = at_once + swing * (2 * energy + rises * loads * VDD**2 - at_once)
        for place, (start, middle, end) in zip(PLACES, courses, strict=False):
            if start == end != middle:
                values[f"swing_{place}"][here] = swing
                values[f"width_{place}"][here] = (gaps * (gaps >= WHOLE / 2))[:, None]
            elif start != end:
                own = DELAY - (middle == end) * gaps + shift * (1 - swing[:, 0])
                values[f"delay_{place}"][here] = own[:, None]
    coords = dict(zip(axes, (range(states), range(inputs), range(inputs), gaps, loads), strict=True))
    return xr.Dataset({key: (axes, value) for key, value in values.items()}, coords)


@cache
def pairs_of(name: str, **values: float) -> CellPairs:
    return cell_pairs(name, measured_pairs(name, **values), t_edge=T_EDGE)


PAIRS = {name: pairs_of(name) for name in LOGIC_CELLS}


def library(cells: dict[str, CellTable] = TABLES, pairs: dict[str, CellPairs] = PAIRS) -> CellLibrary:
    return CellLibrary(VDD, cells, pairs)


def test_a_table_has_capacitance_delay_and_leakage() -> None:
    adder = TABLES["fa_1"]
    assert adder.pins == pytest.approx(3 * [PIN])
    assert adder.leakage == pytest.approx(8 * [1e-18 / 1e-9])
    loaded = adder.loaded([4e-15, 6e-15])
    # What charges the loads is the network's.
    assert loaded.energy(0, 7, T_EDGE) == pytest.approx(10e-15)
    assert np.diag(loaded.energies[0]) == pytest.approx(np.zeros(8), abs=1e-24)
    assert loaded.delay(1, 0, 1, T_EDGE) == pytest.approx(DELAY + 6e-12)
    assert loaded.slew(0, 0, 3, T_EDGE) == T_EDGE
    with pytest.raises(InputError, match=r"cell table of fa_1: load = 1\.1e-14 F: must be 0\.\.1e-14"):
        adder.loaded([1e-15, 11e-15])


def test_delays_and_energies_are_those_of_the_edge() -> None:
    """Between two edges of the table linear, beyond them as at the nearest."""
    short = measured("inv_2")
    long = short.assign_coords(t_edge=[3 * T_EDGE])
    long = long.assign({name: long[name] * 2 for name in ("delay_first", "slew_first")})
    inverter = cell_table("inv_2", xr.concat([short, long], "t_edge"), vdd=VDD, settle=SETTLE).loaded([0.0])
    delays = [inverter.delay(0, 0, 1, edge * T_EDGE) for edge in (0.5, 1, 2, 3, 9)]
    assert delays == pytest.approx([DELAY, DELAY, 1.5 * DELAY, 2 * DELAY, 2 * DELAY])
    assert inverter.slew(0, 1, 0, 2 * T_EDGE) == pytest.approx(1.5 * T_EDGE)


def test_tables_that_say_too_little_are_refused() -> None:
    whole = measured("and2_1")
    with pytest.raises(InputError, match=r"cell table of and2_1: before = \[0 1\]: must be 0..3"):
        cell_table("and2_1", whole.isel(before=[0, 1]), vdd=VDD, settle=SETTLE)
    with pytest.raises(InputError, match="c_load"):
        cell_table("and2_1", whole.isel(c_load=[0]), vdd=VDD, settle=SETTLE)
    with pytest.raises(InputError, match="did not end"):
        cell_table("and2_1", whole.assign(right=whole["right"] * 0), vdd=VDD, settle=SETTLE)
    with pytest.raises(InputError, match="has none of ha_1"):
        EventModel(chain(), library({"inv_2": TABLES["inv_2"]}), c_net=0.0, t_edge=T_EDGE)


def test_pairs_that_say_too_little_are_refused() -> None:
    whole = measured_pairs("ha_1")
    with pytest.raises(InputError, match=r"pairs of ha_1: second = \[0\]: must be 0..1"):
        cell_pairs("ha_1", whole.isel(second=[0]), t_edge=T_EDGE)
    with pytest.raises(InputError, match="pairs of ha_1: t_gap"):
        cell_pairs("ha_1", whole.isel(t_gap=slice(1, None)), t_edge=T_EDGE)
    with pytest.raises(InputError, match="did not end"):
        cell_pairs("ha_1", whole.assign(right=whole["right"] * 0), t_edge=T_EDGE)
    with pytest.raises(InputError, match=r"pairs of ha_1: load = 1\.1e-14 F: must be 0\.\.1e-14"):
        PAIRS["ha_1"].loaded([1e-15, 11e-15])


def chain(length: int = 3) -> Network:
    """Return inverters in a row behind one input, whose last and first net a half adder adds: it makes a glitch."""
    gates = [Gate(f"d{k}", "inv_2", {"A": "i" if k == 0 else f"x{k - 1}", "Y": f"x{k}"}) for k in range(length)]
    adder = Gate("h", "ha_1", {"A": "x0", "B": f"x{length - 1}", "COUT": "c", "SUM": "s"})
    return Network(("i",), (*gates, adder), ("s", "c"))


def test_a_row_of_inverters_by_hand() -> None:
    """One input falls: the nets rise, fall, rise; loads and delays as in the table, in `drivers` only the first."""
    tables = {**TABLES, "ha_1": table("ha_1", energy=0.0)}
    wire = 3e-15
    run = EventModel(chain(), library(tables), c_net=wire, t_edge=T_EDGE).run([[1], [0]], PERIOD)
    leak = 1e-9 * PERIOD
    # x0 drives an inverter and the half adder, x2 the half adder alone.
    assert run.energy[0, 0] == pytest.approx(10e-15 + (wire + 2 * PIN) * VDD**2 + leak)
    stage = DELAY + 1e-12 / 1e-15 * np.array([wire + 2 * PIN, wire + PIN, wire + PIN])
    # The carry rises from 0 to 1 as both bits become 1; the sum rises and falls between them.
    assert run.settled[0] == pytest.approx(stage.sum() + DELAY + 1e-12 / 1e-15 * wire)


def two_inputs(gap: float, pairs: dict[str, CellPairs] = PAIRS, wire: float = 0.0) -> Operations:
    """Run a half adder whose inputs change a gap apart: the second is the first behind an inverter of that delay."""
    tables = {**TABLES, "inv_2": table("inv_2", delay=gap - 1e-12 / 1e-15 * (wire + PIN))}
    adder = Gate("h", "ha_1", {"A": "i", "B": "x", "COUT": "c", "SUM": "s"})
    network = Network(("i",), (Gate("d", "inv_2", {"A": "i", "Y": "x"}), adder), ("s", "c"))
    return EventModel(network, library(tables, pairs), c_net=wire, t_edge=T_EDGE).run([[0], [1]], PERIOD)


@pytest.mark.parametrize("gap", [2e-12, 40e-12, 90e-12, 110e-12, 190e-12, 300e-12])
def test_a_pulse_costs_what_the_table_of_pairs_says(gap: float) -> None:
    """From 01 to 10 by way of 11: the sum falls and rises, the carry rises and falls, in part or not at all."""
    run = two_inputs(gap)
    swing = min(1.0, gap / WHOLE)
    # Both transitions apart, less what a pulse in part does not take; nothing hangs on the adder, and both leak.
    assert run.energy[0, 1] == pytest.approx(10e-15 + swing * 10e-15 + 1e-9 * PERIOD)


@pytest.mark.parametrize(("gap", "comes"), [(90e-12, False), (110e-12, True)])
def test_a_pulse_comes_from_half_the_supply_on(gap: float, comes: bool) -> None:
    assert (two_inputs(gap).settled[0] > 0) == comes


def test_the_width_of_a_pulse_is_the_table_s() -> None:
    """The first edge comes a delay after the first input; the last one the width after it, not a delay of its own."""
    gap = 150e-12
    wide = measured_pairs("ha_1")
    wide = wide.assign({name: wide[name] * 1.5 for name in ("width_first", "width_second")})
    run = two_inputs(gap, {**PAIRS, "ha_1": cell_pairs("ha_1", wide, t_edge=T_EDGE)})
    assert run.settled[0] == pytest.approx(DELAY + 1.5 * gap)


def test_a_load_is_charged_in_part_by_a_pulse_that_does_not_come() -> None:
    """Sum and carry each have a wire: of the pulse of either its swing's part is charged."""
    gap, wire = 60e-12, 3e-15
    run = two_inputs(gap, wire=wire)
    part = gap / WHOLE
    assert run.energy[0, 1] == pytest.approx(10e-15 + part * (10e-15 + 2 * wire * VDD**2) + 1e-9 * PERIOD)
    assert run.settled[0] == 0


def test_an_input_that_hastens_an_output_moves_its_edge() -> None:
    """A carry of three inputs that all rise: the third comes while it is on its way."""
    tables = {**TABLES, "inv_2": table("inv_2", delay=48e-12)}
    gates = [
        Gate("d", "inv_2", {"A": "i", "Y": "x"}),
        Gate("e", "inv_2", {"A": "x", "Y": "y"}),
        Gate("f", "fa_1", {"A": "i", "B": "one", "CIN": "y", "COUT": "c", "SUM": "s"}),
    ]
    network = Network(("i", "one"), tuple(gates), ("c",))
    times = [
        EventModel(network, library(tables, {**PAIRS, "fa_1": pairs_of("fa_1", shift=shift)}), c_net=0.0, t_edge=T_EDGE)
        .run([[0, 1], [1, 1]], PERIOD)
        .settled[0]
        for shift in (0.0, -40e-12)
    ]
    # The gap is half of what makes a pair apart.
    assert times == pytest.approx([DELAY, DELAY - 20e-12])


def test_a_cell_without_pairs_is_refused_where_it_needs_them() -> None:
    with pytest.raises(InputError, match="EventModel: no pairs of ha_1, whose inputs change before"):
        two_inputs(100e-12, {})
    # Inverters alone never need any.
    assert two_inputs(2e-9, {}).settled[0] > 0


bits = st.integers(0, 1)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(bits, bits, bits), min_size=8, max_size=24),
    st.sampled_from(["compressor", "arrival", "ripple"]),
    st.sampled_from([-100e-12, 0.0, 100e-12]),
)
def test_every_net_settles_at_its_function(
    rows: list[tuple[int, int, int]], structure: Structure, shift: float
) -> None:
    """`run` refuses a net that does not; nothing toggles at the end of it, and at rest only leakage is left."""
    first, second, weights = zip(*rows, strict=True)
    network = popcount_network(len(rows), structure)
    levels = [popcount_levels(row, weights) for row in (first, second, second)]
    # A carry that falls faster than it rises: a second edge can be due before the first.
    rising = np.arange(1, 9)[None, :, None] * 60e-12
    uneven = measured("fa_1")
    uneven["delay_first"] = uneven["delay_first"] + rising * (uneven["delay_first"] > 0)
    tables = {**TABLES, "fa_1": cell_table("fa_1", uneven, vdd=VDD, settle=SETTLE)}
    pairs = {name: pairs_of(name, shift=shift) for name in LOGIC_CELLS}
    run = EventModel(network, library(tables, pairs), c_net=2e-15, t_edge=T_EDGE).run(levels, PERIOD)
    assert run.energy[-1].sum() == pytest.approx(len(network.gates) * 1e-9 * PERIOD)
    assert run.settled[-1] == 0.0
    # Drivers never glitch.
    assert run.energy[:, 0] == pytest.approx(run.least[:, 0])
