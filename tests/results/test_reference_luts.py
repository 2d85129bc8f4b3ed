"""The committed LUTs are what their sweeps give: points drawn at random are simulated again."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bitline import content
from bitline.engine.isolation import isolate
from bitline.engine.selftest import ngspice_version
from bitline.lut.lut import Lut
from bitline.pdk.descriptor import load_pdk
from bitline.statistics.intervals import clopper_pearson
from bitline.sweep.outcome import Outcome
from bitline.sweep.point import Point
from bitline.sweep.pool import LocalExecutor
from bitline.sweep.simulate import Context, simulate_point
from bitline.sweep.solver_error import box_points
from bitline.sweep.sweep import Sweep

DRAWN = 4
# A point of these takes seconds.
DEAR = {
    **dict.fromkeys(("hybrid-slice", "shift-adder-trit", "dcim-popcount", "dcim-popcount-conditions"), 1),
    **dict.fromkeys(("shift-adder", "shift-adder-4", "shift-adder-conditions", "shift-adder-4-conditions"), 1),
    **dict.fromkeys(
        ("dcim-popcount-corners", "sar-adc-conditions", "strongarm-noise", "strongarm-noise-conditions"), 2
    ),
    **dict.fromkeys(("acim-qs-replica", "sar-adc-low", "sar-adc-1v62"), 3),
}
STATISTICS = {"snm_sigma", "write_margin_sigma", "svnm_sigma", "v_sigma", "offset_sigma", "ln_sigma", "yield"}
STATISTICS |= {"i_leak_sigma", "drv_sigma", "swing_sigma", "t_flip_sigma", "disturb_sigma", "disturb_a_sigma"}
COUNTED = ("n_ok", "n_failed", "failed_low", "failed_high")
# Made from other tables, by a script.
DERIVED = {"hybrid-boundary"}
LUTS = sorted(path.parent for path in content.folder("luts").glob("*/lut.json") if path.parent.name not in DERIVED)
TABLE_OF = {"transfer": "nominal", "noise": "noise", "restore": "nominal", "hold": "hold", "store": "nominal"}
TABLE_OF |= {"product": "product", "decide": "nominal", "convert": "nominal"}
TABLE_OF |= {"snm": "snm", "write-margin": "write_margin", "n-curve": "n_curve", "leakage": "leakage"}
TABLE_OF |= {"retention": "retention", "read": "read", "write": "write"}
TABLE_OF |= {"half-select": "half_select", "two-port": "two_port", "both-ports": "slice"}
TABLE_OF |= dict.fromkeys(("accumulate", "encode", "logic-cell", "logic-pair", "popcount"), "nominal")
ACIM = ["acim-qr", "acim-qr-144", "acim-qr-144-conditions", "acim-qr-budget", "acim-qr-capacitor", "acim-qr-corners"]
ACIM += ["acim-qr-inputs", "acim-qr-inputs-conditions", "acim-qs"]
ACIM += [f"acim-qs-{name}" for name in ("budget", "corners", "replica", "rows", "supply", "swing", "trim")]
DAC = ["column-dac", "column-dac-load"]
LOGIC = [
    "dcim-popcount",
    "dcim-popcount-conditions",
    "dcim-popcount-corners",
    "hybrid-slice",
    *(f"logic-cell-{name}{also}" for name in ("and2", "fa", "ha", "inv", "nor2") for also in ("", "-corners")),
    *(f"logic-pair-{name}" for name in ("and2", "fa", "ha")),
]
SAR = ["sar-adc", "sar-adc-1v62", "sar-adc-4", "sar-adc-conditions", "sar-adc-forms", "sar-adc-low"]
REST = [
    "shift-adder",
    "shift-adder-4",
    "shift-adder-4-conditions",
    "shift-adder-conditions",
    "shift-adder-trit",
    "sram-cell",
    "sram-write-supply",
    "strongarm",
    "strongarm-noise",
    "strongarm-noise-conditions",
    "strongarm-trim",
    "strongarm-trim-conditions",
]
# They compare conditions or are sums of gates: a column's error is stated where its own sweep is.
NO_SOLVER_ERROR = {
    *ACIM,
    *DAC,
    *LOGIC,
    *REST,
    "sar-adc-1v62",
    "sar-adc-conditions",
    "sar-adc-forms",
    "sar-adc-low",
    "ternary-encoder",
    "nsnr-half-rail-corners",
    "nsnr-half-rail-yield",
}
NO_SOLVER_ERROR -= {"acim-qr", "acim-qs", "column-dac", "strongarm", "strongarm-noise"}
BASELINES = ["baseline-reram", "baseline-reram-256", "baseline-sram", "baseline-sram-256", "baseline-sram-32"]
HALF_RAIL = ["nsnr-half-rail", "nsnr-half-rail-conditions", "nsnr-half-rail-corners", "nsnr-half-rail-yield"]
NSNR = ["nsnr-conditions", *HALF_RAIL, "nsnr-leakage", "nsnr-restore", "nsnr-shmoo", "nsnr-store"]
TERNARY = ["ternary-column", "ternary-column-256", "ternary-encoder", "ternary-margin"]


@pytest.fixture(scope="module")
def executor() -> Iterator[LocalExecutor]:
    with LocalExecutor(1, initializer=isolate) as one:
        yield one


def test_all_are_there() -> None:
    assert [folder.name for folder in LUTS] == [
        *ACIM,
        *BASELINES,
        *DAC,
        *LOGIC,
        *NSNR,
        *SAR,
        *REST,
        *TERNARY,
    ]


@pytest.mark.parametrize("folder", LUTS, ids=lambda folder: folder.name)
def test_sweep_file_and_lut_agree(folder: Path) -> None:
    lut, sweep = Lut.load(folder), Sweep.load(folder.name)
    for name, state in lut.attrs.get("adaptive", {}).items():
        assert state["reached"]
        assert sweep.adaptive[name].adaptive.tolerance == state["tolerance"]
    sweep = sweep.with_values({name: values_of(lut, name) for name in sweep.adaptive})
    assert lut.attrs["points"] == sum(lut.attrs["status"].values()) == len(sweep)
    assert lut.attrs["samples"] == sweep.mismatch.samples
    assert lut.attrs["status"].get("no_convergence", 0) == 0
    for name in {"corner", "vdd", "temperature"} & sweep.axes.keys():
        table = next(table for table in lut.tables.values() if name in table.dims)
        assert set(table[name].values.tolist()) == set(sweep.axes[name].values)


def values_of(lut: Lut, axis: str) -> list[float]:
    """Return the values that an adaptive axis has got."""
    table = next(table for table in lut.tables.values() if axis in table.dims)
    values: list[float] = table[axis].values.tolist()
    return values


@pytest.mark.parametrize("folder", LUTS, ids=lambda folder: folder.name)
def test_the_solver_s_error_is_stated_for_the_box_and_the_models_of_the_table(folder: Path) -> None:
    lut, sweep = Lut.load(folder), Sweep.load(folder.name)
    if not sweep.solver_error:
        assert "solver_error" not in lut.attrs
        assert folder.name in NO_SOLVER_ERROR
        return
    error = lut.attrs["solver_error"]
    assert (error["preset"], error["pdk"]) == (lut.attrs["accuracy"], lut.attrs["pdk"])
    assert error["library_sha256"] == lut.attrs["pdk_library_sha256"]
    assert error["points"] == len(list(box_points(sweep)))
    assert error["no_result"] <= error["points"] / 20
    for name, axis in sweep.axes.items():
        numbers = not any(isinstance(value, str | bool) for value in axis.values)
        ends = (min(axis.values), max(axis.values)) if numbers else axis.values
        assert error["box"][name] == list(dict.fromkeys(ends))
    for bench in error["outputs"].values():
        for name, output in bench.items():
            # The presets were chosen so: at no corner a tenth of an LSB, or 2 % of an energy. Headroom is a difference
            # of two voltages, one of them read within a pulse.
            assert output.get("lsb", 0.0) < (0.15 if name == "headroom" else 0.1)
            # A comparator's decision near its threshold: the longer it takes, the more depends on the solver's steps.
            assert output.get("energy", 0.0) < (0.025 if folder.name == "strongarm" else 0.02)


@pytest.mark.parametrize("folder", LUTS, ids=lambda folder: folder.name)
def test_statistics_over_samples_state_how_many_they_do_not_know(folder: Path) -> None:
    """Tables over mismatch samples: counts, and the interval of the share that gave no result."""
    sampled = {name: table for name, table in Lut.load(folder).tables.items() if set(table.data_vars) & STATISTICS}
    assert bool(sampled) == bool(Sweep.load(folder.name).mismatch.samples)
    for name, table in sampled.items():
        for n_ok, n_failed, low, high in np.nditer([table[column].values for column in COUNTED]):
            if n_ok + n_failed:  # else such a place does not exist
                share = clopper_pearson(int(n_failed), int(n_ok + n_failed))
                assert (float(low), float(high)) == (share.low, share.high), name


@pytest.mark.ngspice
@pytest.mark.pdk
@pytest.mark.parametrize("folder", LUTS, ids=lambda folder: folder.name)
def test_random_points_simulate_to_the_same_numbers(folder: Path, executor: LocalExecutor) -> None:
    lut, sweep = Lut.load(folder), Sweep.load(folder.name)
    nominal = [point for point in sweep.points() if not point.conditions.sample and point.bench in TABLE_OF]
    # The same table is asked for the same points on any machine, another table for others.
    seed = zlib.crc32((folder / "lut.json").read_bytes())
    count = min(DEAR.get(folder.name, DRAWN), len(nominal))
    drawn = np.random.default_rng(seed).choice(len(nominal), count, replace=False)
    context = Context(load_pdk(), accuracy=sweep.accuracy)
    futures = [(nominal[i], executor.submit(simulate_point, nominal[i], context)) for i in drawn]
    for point, future in futures:
        compare(lut, sweep, point, future.result(), f"seed {seed}: {point}")


def compare(lut: Lut, sweep: Sweep, point: Point, outcome: Outcome, where: str) -> None:
    # A converter's points are in table dac if it states how many were right; that of a column DAC sums them up.
    tables = [lut.tables[name] for name in ("dac", TABLE_OF[point.bench]) if name in lut.tables]
    table = next(one for one in tables if "n_ok" in one)
    place: dict[str, Any] = {axis: point.value(axis) for axis in sweep.axes_of(point.bench) if axis in table.dims}
    place = {axis: str(value) if isinstance(value, str) else value for axis, value in place.items()}
    cell = table.sel(place)
    # The same ngspice gives the same bits, but what a bench works out of them NumPy rounds otherwise on another
    # processor (offset of strongarm-noise: by 1e-15). Another release of ngspice may round otherwise itself.
    tolerance = 1e-12 if lut.attrs["ngspice"] == ngspice_version() else 1e-3
    if "mac" in place and not cell["n_ok"]:
        return  # more pairs than the column has rows: another point's deck
    assert outcome.ok == bool(cell["n_ok"]), where
    for name, value in outcome.values.items():
        assert value == pytest.approx(float(cell[name]), rel=tolerance, abs=0.0), f"{where}: {name}"
