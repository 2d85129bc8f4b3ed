"""Orderings and trends of the cell in the committed table, at every corner, supply and temperature."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import xarray as xr

from bitline import content
from bitline.lut.lut import Lut

CORNERS = ("tt", "ss", "ff", "sf", "fs")


@pytest.fixture(scope="module")
def lut() -> Lut:
    return Lut.load(content.folder("luts") / "sram-cell")


def falling(values: xr.DataArray, axis: str, order: tuple[str, ...]) -> bool:
    """Return whether values fall along an axis in that order, everywhere else."""
    return all(bool((values.sel({axis: a}) > values.sel({axis: b})).all()) for a, b in pairwise(order))


def test_hold_has_more_margin_than_one_port_and_one_port_no_less_than_both(lut: Lut) -> None:
    snm = lut.tables["snm"]["snm"]
    for port in ("digital", "analog"):
        assert bool((snm.sel(access="none") > snm.sel(access=port) + 0.05).all())
        # Without mismatch each port costs its own bit, and both cost no more than one.
        assert bool((snm.sel(access=port) >= snm.sel(access="both") - 1e-3).all())
    sampled = lut.tables["snm_mismatch"]
    mean, error = sampled["snm_mean"], sampled["snm_mean_se"]
    for port in ("digital", "analog"):
        assert bool((mean.sel(access=port) - mean.sel(access="both") > 3 * error.sel(access=port)).all())


def test_hold_margins_fall_with_the_supply(lut: Lut) -> None:
    assert bool((lut.tables["snm"]["snm"].sel(access="none").diff("vdd") > 0).all())


def test_the_trip_point_follows_the_corner(lut: Lut) -> None:
    """A fast NMOS with a slow PMOS (fs) lowers it: less margin in hold and reads, more in a write."""
    tables = lut.tables
    assert falling(tables["snm"]["snm"], "corner", ("sf", "tt", "fs"))
    differential = tables["write_margin"]["write_margin"].sel(ports="both")
    assert falling(differential, "corner", ("fs", "tt", "sf"))
    # At 125 degC the subthreshold currents of sf alone make its supply as high as that of tt.
    assert falling(tables["retention"]["drv"].sel(temperature=[-40, 27]), "corner", ("fs", "tt", "sf"))


def test_leakage_rises_with_temperature_and_supply_and_from_slow_to_fast(lut: Lut) -> None:
    leak = lut.tables["leakage"]["i_leak"]
    assert bool((leak.diff("temperature") > 0).all()) and bool((leak.diff("vdd") > 0).all())
    assert falling(leak, "corner", ("ff", "tt", "ss"))
    paths = ("i_pull_up", "i_pull_down", "i_access_bl", "i_access_blb", "i_junction", "i_other")
    total = sum(lut.tables["leakage"][path] for path in paths)
    np.testing.assert_allclose(total, leak, rtol=1e-9)


def test_a_fast_process_reads_and_writes_faster_than_a_slow_one(lut: Lut) -> None:
    reads = lut.tables["read"]["t_read"].sel(t_pulse=2e-9)
    for port, stored in (("right", 1), ("left", 0)):
        assert falling(reads.sel(port=port, stored=stored), "corner", ("ss", "tt", "ff"))
    writes = lut.tables["write"].sel(t_pulse=2e-9, ports="both")
    assert bool((writes["written"] == 1).all())
    assert falling(writes["t_flip"], "corner", ("ss", "tt", "ff"))


def test_no_port_writes_a_1_into_its_own_side(lut: Lut) -> None:
    for port, stored in (("digital", 0), ("analog", 1)):
        assert float(lut.tables["write"]["written"].sel(ports=port, stored=stored).max()) == 0
        own = lut.tables["write"]["written"].sel(ports=port, stored=1 - stored, t_pulse=2e-9)
        assert float(own.min()) == 1


def test_nothing_flips_a_cell_that_is_read_or_half_selected(lut: Lut) -> None:
    for name in ("read", "half_select", "two_port"):
        assert float(lut.tables[name]["flips"].max()) == 0
        assert float(lut.tables[f"{name}_mismatch"]["flips_mean"].max()) == 0


def test_a_heavier_line_and_a_longer_pulse_disturb_more(lut: Lut) -> None:
    disturb = lut.tables["read"]["disturb"]
    for port, stored in (("right", 1), ("left", 0)):
        read = disturb.sel(port=port, stored=stored)
        assert bool((read.diff("c_line") > 0).all()) and bool((read.diff("t_pulse") > -2e-3).all())
    half = lut.tables["half_select"]["disturb"]
    assert bool((half.sel(select="row") > 20 * half.sel(select=["bl", "blb"])).all())


def test_each_line_tells_the_bit_of_its_own_row(lut: Lut) -> None:
    table = lut.tables["two_port"].sel(ports="both", c_line=10e-15, t_pulse=2e-9)
    supply = table["vdd"]
    for a in (0, 1):
        for b in (0, 1):
            cycle = table.sel(stored_a=a, stored_b=b)
            for rows, right in (("same", a), ("different", b)):
                for line, falls in (("swing_bl", a == 0), ("swing_blb", right == 1)):
                    swing = cycle[line].sel(rows=rows)
                    assert bool((swing > 0.8 * supply).all()) if falls else bool((abs(swing) < 0.03).all())


def test_a_cycle_of_two_ports_costs_its_two_accesses_less_one_precharge_driver(lut: Lut) -> None:
    table = lut.tables["two_port"]
    alone = table["energy_total"].sel(ports="digital") + table["energy_total"].sel(ports="analog")
    control = table["energy_control"].sel(ports=["digital", "analog"]).min("ports")
    np.testing.assert_allclose(table["energy_total"].sel(ports="both"), alone - control, rtol=5e-3)


def test_either_side_is_the_mirror_of_the_other(lut: Lut) -> None:
    swing = lut.tables["read"]["swing"]
    left, right = swing.sel(port="left", stored=0), swing.sel(port="right", stored=1)
    np.testing.assert_allclose(left, right, rtol=1e-3)
    leak = lut.tables["leakage"]["i_leak"]
    # Below 1e-15 A the tolerance of the solver's currents shows.
    np.testing.assert_allclose(leak.sel(stored=0), leak.sel(stored=1), rtol=1e-6, atol=1e-19)
