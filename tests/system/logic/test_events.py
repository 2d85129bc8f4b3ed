"""The event model against hand calculation on small networks, with made-up tables."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from bitline.errors import InputError
from bitline.system.logic.cell_table import CellTable, cell_table, load_cells
from bitline.system.logic.cells import LOGIC_CELLS, logic_cell
from bitline.system.logic.events import ADDER_DELAY, INERTIA, EventModel, inertial_time
from bitline.system.logic.network import Gate, Network
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
        EventModel(chain(), {"inv_2": TABLES["inv_2"]}, vdd=VDD, c_net=0.0, t_edge=T_EDGE, inertia=0.0)
    with pytest.raises(InputError, match="inertia = -1: must be 0 or more"):
        EventModel(chain(), TABLES, vdd=VDD, c_net=0.0, t_edge=T_EDGE, inertia=-1.0)


def chain(length: int = 3) -> Network:
    """Return inverters in a row behind one input, whose last and first net a half adder adds: it makes a glitch."""
    gates = [Gate(f"d{k}", "inv_2", {"A": "i" if k == 0 else f"x{k - 1}", "Y": f"x{k}"}) for k in range(length)]
    adder = Gate("h", "ha_1", {"A": "x0", "B": f"x{length - 1}", "COUT": "c", "SUM": "s"})
    return Network(("i",), (*gates, adder), ("s", "c"))


def test_a_row_of_inverters_by_hand() -> None:
    """One input falls: the nets rise, fall, rise; loads and delays as in the table, in `drivers` only the first."""
    tables = {**TABLES, "ha_1": table("ha_1", energy=0.0)}
    wire, inertia = 3e-15, 0.0
    run = EventModel(chain(), tables, vdd=VDD, c_net=wire, t_edge=T_EDGE, inertia=inertia).run([[1], [0]], PERIOD)
    leak = 1e-9 * PERIOD
    # x0 drives an inverter and the half adder, x2 the half adder alone.
    assert run.energy[0, 0] == pytest.approx(10e-15 + (wire + 2 * PIN) * VDD**2 + leak)
    stage = DELAY + 1e-12 / 1e-15 * np.array([wire + 2 * PIN, wire + PIN, wire + PIN])
    # The carry rises from 0 to 1 as both bits become 1; the sum rises and falls between them.
    assert run.settled[0] == pytest.approx(stage.sum() + DELAY + 1e-12 / 1e-15 * wire)


def glitch(inertia: float, tables: dict[str, CellTable] = TABLES) -> float:
    run = EventModel(chain(), tables, vdd=VDD, c_net=0.0, t_edge=T_EDGE, inertia=inertia).run([[1], [0]], PERIOD)
    return run.glitch_share


def test_a_pulse_longer_than_the_inertial_time_passes_and_costs() -> None:
    """The sum's pulse is two inverters long: its first edge comes before the second is known, so it always passes."""
    assert glitch(0.0) == glitch(1e-9) > 0


def test_a_pulse_shorter_than_the_inertial_time_does_not_come() -> None:
    """Fast inverters make a pulse of the sum of 2 x 60 ps and their loads' delay, less than the adder's own delay."""
    tables = {**TABLES, "inv_2": table("inv_2", delay=60e-12)}
    shares = [
        EventModel(chain(), tables, vdd=VDD, c_net=0.0, t_edge=T_EDGE, inertia=inertia)
        .run([[1], [0]], PERIOD)
        .glitch_share
        for inertia in (0.0, 100e-12, 200e-12, 1e-9)
    ]
    assert shares[0] > shares[1] > shares[2] > shares[3] > 0


def test_the_second_edge_of_a_short_pulse_comes_sooner() -> None:
    """A pulse of the sum as long as the output's edge loses 1/e of the adder's delay, which is more than its width."""
    for inverter, there in ((45e-12, False), (120e-12, True)):
        tables = {**TABLES, "inv_2": table("inv_2", delay=inverter)}
        model = EventModel(chain(), tables, vdd=VDD, c_net=0.0, t_edge=T_EDGE, inertia=0.0)
        assert (model.run([[1], [0]], PERIOD).glitch_share > 0) == there


def test_the_inertial_time_follows_the_full_adders_delay() -> None:
    slow = {"fa_1": table("fa_1", delay=2 * ADDER_DELAY)}
    assert inertial_time(slow) == pytest.approx(2 * INERTIA)
    with pytest.raises(InputError, match="inertial_time: tables: must have fa_1; there are inv_2"):
        inertial_time({"inv_2": TABLES["inv_2"]})


def test_the_inertial_time_is_the_fitted_one_at_the_condition_of_the_fit() -> None:
    assert inertial_time(load_cells(["logic-cell-fa"])) == pytest.approx(INERTIA, rel=1e-3)


bits = st.integers(0, 1)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(bits, bits, bits), min_size=8, max_size=24),
    st.sampled_from(["compressor", "arrival", "ripple"]),
    st.sampled_from([0.0, 275e-12, 1e-9]),
)
def test_every_net_settles_at_its_function(
    rows: list[tuple[int, int, int]], structure: Structure, inertia: float
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
    run = EventModel(network, tables, vdd=VDD, c_net=2e-15, t_edge=T_EDGE, inertia=inertia).run(levels, PERIOD)
    assert run.energy[-1].sum() == pytest.approx(len(network.gates) * 1e-9 * PERIOD)
    assert run.settled[-1] == 0.0
    # Drivers never glitch.
    assert run.energy[:, 0] == pytest.approx(run.least[:, 0])
