"""From outcomes to a LUT: made-up outcomes of which every table is known by hand."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from bitline.benches.registry import bench
from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.errors import OutsideGridError
from bitline.lut.lut import Lut
from bitline.lut.operation import Energy, Operation, Pins, Products, uniform_bits
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk, load_pdk
from bitline.pdk.slim import slim_pdk
from bitline.plot import column as column_plot
from bitline.plot import figures, style
from bitline.plot.registry import chosen
from bitline.sweep.build import build_lut, common_operation, results_frame, sweep_operation
from bitline.sweep.outcome import Outcome
from bitline.sweep.outcomes import Outcomes
from bitline.sweep.point import Point, column_name
from bitline.sweep.provenance import fixed_conditions, fixed_inputs
from bitline.sweep.sweep import Sweep, shipped

GAIN, SIGMA, V_THERMAL, V_DISCHARGE = 0.04, 2e-3, 0.5e-3, 0.3e-3
ACTIVE = 4
NOISE = bench("noise", AcimColumnQS)
Values = Callable[[Point], dict[str, float]]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITLINE_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def pdk() -> Pdk:
    return load_pdk(Path(__file__).parents[1] / "pdk/toy/toy.toml")


def column(**options: Any) -> Sweep:
    """Return a sweep of both benches over all codes of four, with two samples at 1.8 V."""
    given = {"code": list(range(ACTIVE + 1)), "vdd": [1.6, 1.8], "samples": 2, "at": {"vdd": 1.8}} | options
    return Sweep(AcimColumnQS(rows=8, active=ACTIVE), benches=["transfer", "noise"], **given)


def values(point: Point) -> dict[str, float]:
    """Return a straight line whose two samples lie SIGMA / sqrt(2) to either side: their sigma is SIGMA."""
    if point.bench == "noise":
        names = [output.name for output in bench("noise", type(point.circuit)).outputs]
        return dict.fromkeys(names, 1.0) | {"v_thermal": V_THERMAL, "v_discharge": V_DISCHARGE}
    code, sample = point.inputs.code, point.conditions.sample
    names = [output.name for output in bench("transfer", type(point.circuit)).outputs]
    aside = {0: 0.0, 1: 1.0, 2: -1.0}[sample] * SIGMA / math.sqrt(2)
    return dict.fromkeys(names, 1e-15) | {"v_line": point.conditions.vdd - GAIN * code + aside, "flips": 0.0}


def outcomes(sweep: Sweep, made: Values = values) -> list[Outcome]:
    return [
        Outcome(point.index, hashlib.sha256(str(point).encode()).hexdigest(), "ok", made(point), "plain")
        for point in sweep.points()
    ]


def failing(found: list[Outcome], **statuses: Any) -> list[Outcome]:
    """Return the outcomes with those at the given places failed: ``timeout=3`` or ``crashed=[1, 2]``."""
    bad = {place: status for status, where in statuses.items() for place in np.atleast_1d(where)}
    return [replace(one, status=bad[i], values={}, rung="") if i in bad else one for i, one in enumerate(found)]


def test_every_bench_gives_its_tables_on_the_axes_it_has(pdk: Pdk) -> None:
    sweep = column()
    lut = build_lut(sweep, outcomes(sweep), pdk, "39")
    assert (lut.name, lut.kind) == ("sweep", "acim-column-qs")
    sizes = {name: dict(table.sizes) for name, table in lut.tables.items()}
    assert sizes == {
        "nominal": {"code": 5, "vdd": 2},
        "line": {"vdd": 2},
        "mismatch": {"code": 5, "vdd": 1},
        "asim": {"vdd": 1},
        "noise": {"vdd": 2},
        "snr": {"vdd": 1},
    }
    found = lut.lookup(code=3, vdd=1.6)
    assert found["v_line"] == pytest.approx(1.6 - 3 * GAIN)
    assert found["v_thermal"] == V_THERMAL
    assert lut.lookup(code=2, vdd=1.8)["v_sigma"] == pytest.approx(SIGMA)


def snr_by_hand(sigma: float) -> float:
    """Return var(signal) / var(error) [dB] of a straight line: code ~ Binomial(4, 1/4)."""
    signal = ACTIVE * 0.25 * 0.75 * GAIN**2
    thermal = V_THERMAL**2 + ACTIVE * 0.25 * V_DISCHARGE**2  # each discharging cell adds its own
    return 10 * math.log10(signal / (sigma**2 + thermal))


def test_snr_is_that_of_the_formula_with_the_ends_of_sigma_s_interval(pdk: Pdk) -> None:
    sweep = column()
    snr = build_lut(sweep, outcomes(sweep), pdk, "39").tables["snr"]
    low, high = (SIGMA / math.sqrt(stats.chi2.ppf(q, 1)) for q in (0.975, 0.025))
    assert snr["vdd"].values.tolist() == [1.8]
    assert float(snr["snr_a"][0]) == pytest.approx(snr_by_hand(SIGMA), abs=1e-6)
    assert float(snr["snr_a_low"][0]) == pytest.approx(snr_by_hand(high), abs=1e-6)
    assert float(snr["snr_a_high"][0]) == pytest.approx(snr_by_hand(low), abs=1e-6)
    assert snr["snr_a"].attrs["unit"] == "dB"


def test_a_qr_column_has_no_discharge_noise(pdk: Pdk) -> None:
    sweep = Sweep(AcimColumnQR(inputs=4), benches=["transfer", "noise"], code=list(range(5)), samples=2)
    snr = build_lut(sweep, outcomes(sweep), pdk, "39").tables["snr"]
    expected = 10 * math.log10(4 * 0.25 * 0.75 * GAIN**2 / (SIGMA**2 + V_THERMAL**2))
    assert float(snr["snr_a"]) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    "options", [{"code": [0, 2, 4]}, {"samples": 0}, {"benches": ["transfer"]}, {"active": [4, 8]}]
)
def test_without_all_codes_samples_or_noise_of_one_column_there_is_no_snr(options: dict[str, Any], pdk: Pdk) -> None:
    sweep = column(**options) if "benches" not in options else column().replace(**options)
    assert "snr" not in build_lut(sweep, outcomes(sweep), pdk, "39").tables


def test_mismatch_where_no_noise_was_measured_has_no_snr_to_tell(pdk: Pdk) -> None:
    sweep = column(at={"vdd": 1.7})
    lut = build_lut(sweep, outcomes(sweep), pdk, "39")
    assert lut.tables["snr"]["vdd"].values.tolist() == [1.7]
    assert np.isnan(lut.tables["snr"]["snr_a"].values).all()


def operation(active: int, t_pulse: float = 1e-9, *, setup: float = 1e-9, event: str = "one cycle") -> Operation:
    return Operation(
        event,
        Energy("energy_total", "from begin to end", ("cell",), ("the ADC",), "supply integral"),
        uniform_bits("code", active),
        cycle=5 * t_pulse,
        latency="v_line",
        pins=Pins("MAC", "begin of the pulse", ("LINE",), "v_line", setup=setup),
    )


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the column's transfer bench say what an operation is."""
    own = bench("transfer", AcimColumnQS)
    changed = replace(own, operation=lambda circuit: operation(circuit.active, circuit.t_pulse))
    monkeypatch.setattr("bitline.sweep.sweep._bench", lambda name, circuit: changed if name == own.name else NOISE)


def test_the_operation_is_that_of_the_first_bench_that_declares_one(pdk: Pdk, declared: None, tmp_path: Path) -> None:
    sweep = column().replace(benches=["noise", "transfer"])
    lut = build_lut(sweep, outcomes(sweep), pdk, "39")
    assert lut.operation == operation(ACTIVE, AcimColumnQS().t_pulse)
    assert lut.operation is not None and lut.operation.products == Products("code", 4, 0.25)
    assert float(lut.tables["snr"]["snr_a"][0]) == pytest.approx(snr_by_hand(SIGMA), abs=1e-6)
    lut.save(tmp_path)
    assert Lut.load(tmp_path).operation == lut.operation


def test_what_an_axis_changes_of_the_operation_is_unknown(pdk: Pdk, declared: None) -> None:
    pulses = sweep_operation(column(t_pulse=[1e-10, 2e-10], samples=0))
    assert pulses is not None
    assert (pulses.cycle, pulses.operands) == (None, Products("code", 4, 0.25))
    sweep = column(active=[4, 8])
    lut = build_lut(sweep, outcomes(sweep), pdk, "39")
    assert lut.operation is not None and lut.operation.operands is None
    assert lut.operation.cycle == operation(4, AcimColumnQS().t_pulse).cycle
    assert "snr" not in lut.tables


def test_operations_have_in_common_what_they_agree_on() -> None:
    setups = common_operation([operation(4, setup=1e-9), operation(4, setup=2e-9)])
    assert setups is not None and setups.pins is not None
    assert (setups.pins.setup, setups.pins.outputs, setups.cycle) == (None, ("LINE",), 5e-9)
    assert common_operation([operation(4), operation(4, event="one decision")]) is None
    without_pins = common_operation([operation(4), replace(operation(4), pins=None)])
    assert without_pins is not None and without_pins.pins is None


def test_sums_below_zero_have_no_such_snr(pdk: Pdk, monkeypatch: pytest.MonkeyPatch) -> None:
    own = bench("transfer", AcimColumnQS)
    signed = replace(operation(ACTIVE), operands=Products("code", ACTIVE, 0.25, 0.25))
    changed = replace(own, operation=lambda circuit: signed)
    monkeypatch.setattr("bitline.sweep.sweep._bench", lambda name, circuit: changed if name == own.name else NOISE)
    assert "snr" not in build_lut(column(), outcomes(column()), pdk, "39").tables


def test_failed_points_are_counted_per_cell_and_in_all(pdk: Pdk) -> None:
    sweep = column()
    assert [point.conditions.sample for point in sweep.points()][9:12] == [0, 1, 1]
    some = failing(outcomes(sweep), no_convergence=[0, 10], timeout=3, crashed=4)
    lut = build_lut(sweep, some, pdk, "39")
    assert lut.attrs["status"] == {"crashed": 1, "no_convergence": 2, "ok": len(sweep) - 4, "timeout": 1}
    assert lut.attrs["rungs"] == {"plain": len(sweep) - 4}
    nominal, mismatch = lut.tables["nominal"], lut.tables["mismatch"]
    assert (int(nominal["n_ok"].sum()), int(nominal["n_failed"].sum())) == (7, 3)
    assert np.isnan(nominal["v_line"].values.ravel()).tolist() == [i in (0, 3, 4) for i in range(10)]
    assert mismatch["n_failed"].values.ravel().tolist() == [1, 0, 0, 0, 0]


def test_a_sweep_of_which_nothing_came_back_is_a_lut_all_the_same(pdk: Pdk, tmp_path: Path) -> None:
    sweep = column()
    lut = build_lut(sweep, failing(outcomes(sweep), timeout=range(len(sweep))), pdk, "39")
    lut.save(tmp_path / "lut")
    again = Lut.load(tmp_path / "lut")
    assert again.attrs["status"] == {"timeout": len(sweep)}
    assert int(again.tables["nominal"]["n_failed"].sum()) == 10
    assert np.isnan(again.tables["line"]["gain"].values).all()


def test_provenance_names_all_that_determines_the_numbers(pdk: Pdk) -> None:
    cell = SplitPort6T(c_wire_bl=3e-16)
    circuit = AcimColumnQS(rows=8, active=ACTIVE, cell=cell)
    sweep = Sweep(circuit, bench="transfer", corner=["tt", "ss"], t_pulse=[1e-10, 2e-10], code=[1], seed=7)
    found = outcomes(sweep)
    lut = build_lut(sweep, found, pdk, "39")
    attrs = lut.attrs
    assert (attrs["ngspice"], attrs["pdk"], attrs["circuit"], attrs["seed"]) == ("39", "toy", "acim-column-qs", 7)
    assert attrs["pdk_section"] == {"tt": "typical", "ss": "slow"}
    assert attrs["pdk_library_sha256"]["ss"] == slim_pdk(pdk, Corner.ss).library.sha256
    assert attrs["decks_sha256"] == hashlib.sha256("".join(one.key for one in found).encode()).hexdigest()
    assert attrs["parameters"]["rows"] == 8
    assert attrs["parameters"]["cell"]["c_wire_bl"] == 3e-16  # what the circuit inside was given counts too
    assert "t_pulse" not in attrs["parameters"]  # it is an axis
    assert attrs["conditions"] == {"vdd": 1.8, "temperature": 27.0}  # corner is an axis
    assert attrs["inputs"] == {}  # this bench has none but its axis
    assert attrs["benches"] == {"transfer": 3}
    assert any(line.startswith("c_wire_bl: ") for line in attrs["assumed"])
    assert lut.operation is not None and "cell" in lut.operation.energy.includes
    assert json.loads(json.dumps(attrs)) == attrs


def test_inputs_that_were_not_swept_are_named() -> None:
    sweep = Sweep.load("nsnr-shmoo")
    inputs = fixed_inputs(sweep)["restore"]
    assert (inputs["t_hold"], inputs["mismatch"]) == (1e-6, "all")
    assert not {"level", "v_start", "stretch"} & set(inputs)
    assert fixed_conditions(sweep) == {"corner": "tt", "vdd": 1.8, "temperature": 27.0}


def test_what_this_run_alone_did_is_not_in_the_lut(pdk: Pdk, tmp_path: Path) -> None:
    sweep = column()
    fresh = outcomes(sweep)
    resumed = [replace(one, cached=True, seconds=3.0, log="noise") for one in fresh]
    for name, found in (("fresh", fresh), ("resumed", resumed)):
        build_lut(sweep, found, pdk, "39").save(tmp_path / name)
    for file in (tmp_path / "fresh").iterdir():
        assert file.read_bytes() == (tmp_path / "resumed" / file.name).read_bytes()


def test_the_frame_has_a_row_per_point(pdk: Pdk) -> None:
    sweep = column(corner=["ss"], samples=0)
    own = bench("transfer", AcimColumnQS)
    made = outcomes(sweep)
    made[1] = replace(made[1], status="timeout", values={})
    frame = results_frame(sweep, own, Outcomes(made))
    assert list(frame.columns) == ["code", "vdd", "corner", "sample", "status", *(o.name for o in own.outputs)]
    assert frame["corner"].tolist() == ["ss"] * 10
    assert type(frame["corner"].iloc[0]) is str
    assert frame["status"].tolist()[:3] == ["ok", "timeout", "ok"]
    assert frame["v_line"].isna().tolist()[:3] == [False, True, False]


@pytest.mark.parametrize("name", sorted(shipped()))
def test_the_frame_by_columns_is_that_of_the_points(name: str) -> None:
    """What `Grid.column` works out against each point made and asked for its values."""
    sweep = Sweep.load(name)
    sweep = sweep.quick() if sweep.quick_form else sweep.replace(mismatch={"samples": min(2, sweep.mismatch.samples)})
    made, points = outcomes(sweep, numbered), list(sweep.points())
    made[2:3] = [replace(one, status="timeout", values={}) for one in made[2:3]]
    for name_of_bench in sweep.benches:
        own, axes = bench(name_of_bench, type(sweep.base)), sweep.axes_of(name_of_bench)
        rows = [
            {column_name(axis): _plain(point.value(axis)) for axis in axes}
            | {"sample": point.conditions.sample, "status": outcome.status}
            | {output.name: outcome.values.get(output.name, math.nan) for output in own.outputs}
            for point, outcome in zip(points, made, strict=True)
            if point.bench == own.name
        ]
        pd.testing.assert_frame_equal(results_frame(sweep, own, Outcomes(made)), pd.DataFrame(rows))
    index = len(points) * 2 // 3
    assert sweep.point(index) == points[index]
    with pytest.raises(IndexError, match=f"there is no point {len(points)}"):
        sweep.point(len(points))


def numbered(point: Point) -> dict[str, float]:
    names = [output.name for output in bench(point.bench, type(point.circuit)).outputs]
    return {name: float(point.index + place / 100) for place, name in enumerate(names)}


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str) else value


CHIPS = 40


def chip(point: Point) -> dict[str, float]:
    """Return a line whose access devices spread by 2 mV sqrt(m), its drivers by 0.5 mV m; ff has twice the step."""
    if point.bench == "noise":
        return values(point)
    conditions, code = point.conditions, point.inputs.code
    draws = np.random.default_rng([conditions.sample, 1]).standard_normal(ACTIVE + 1)
    own = {"access": SIGMA * draws[:code].sum(), "driver": 0.25 * SIGMA * code * draws[-1], "latch": 0.0}
    aside = own.get(conditions.group, sum(own.values())) if conditions.sample else 0.0
    step = GAIN * (2 if conditions.corner == "ff" else 1)
    names = [output.name for output in bench("transfer", AcimColumnQS).outputs]
    line = conditions.vdd + 0.01 - step * code
    # Before the pulse the line is 10 mV above the supply: the injection.
    swing = {"v_line": line + aside, "swing": step * code - aside}
    return dict.fromkeys(names, 1e-15) | swing | {"flips": 0.0}


def budget_sweep(**mismatch: Any) -> Sweep:
    axes = {"code": [0, 2, 4], "group": ["all", "access", "latch", "driver"], "corner": ["tt", "ff"]} | mismatch
    return column(corner=["tt", "ss", "ff"], samples=CHIPS, axes=axes, temperature=[27, 85], at={"temperature": 27})


def test_a_sweep_over_groups_gives_the_error_budget_at_every_corner(pdk: Pdk) -> None:
    sweep = budget_sweep()
    lut = build_lut(sweep, outcomes(sweep, chip), pdk, "39")
    assert lut.attrs.get("problems", []) == []
    table = lut.tables["error_budget"]
    assert dict(table.sizes) == {"vdd": 2, "corner": 2, "temperature": 1, "source": 10}
    assert table["source"].values.tolist() == [
        *("injection", "coupling", "headroom", "nonlinearity"),
        *("access", "latch", "driver", "thermal", "interaction", "total"),
    ]
    here = table["error"].sel(vdd=1.6, corner="tt", temperature=27)
    # One row conducts in the mean, E[m^2] = 1.75; the spreads are those of 40 chips.
    assert float(here.sel(source="injection")) == pytest.approx(0.01 / GAIN)
    assert float(here.sel(source="access")) == pytest.approx(SIGMA / GAIN, rel=0.25)
    assert float(here.sel(source="driver")) == pytest.approx(0.25 * SIGMA * math.sqrt(1.75) / GAIN, rel=0.25)
    assert float(here.sel(source="latch")) == pytest.approx(0, abs=1e-12)
    assert float(here.sel(source="thermal")) == pytest.approx(math.hypot(V_THERMAL, V_DISCHARGE) / GAIN)
    # Half the LSB of ff: the same volts are half the error.
    there = table["error"].sel(vdd=1.6, corner="ff", temperature=27)
    assert float(there.sel(source="access")) == pytest.approx(float(here.sel(source="access")) / 2, rel=1e-6)
    # Every panel is drawn: the chips of the transfer's band are those in which all devices vary.
    assert {panel.title for panel, _ in chosen(lut)} >= {"Transfer", "Error budget"}
    assert figures(lut)
    with pytest.raises(OutsideGridError, match="group = 'acces'"):
        column_plot.transfer(style.new_figure(80, 60).subplots(), lut, group="acces")
    calibrated = table["calibrated"].sel(vdd=1.6, corner="tt", temperature=27)
    assert float(calibrated.sel(source="injection")) == pytest.approx(0, abs=1e-9)
    parts = math.sqrt(float((calibrated.drop_sel(source=["interaction", "total"]) ** 2).sum()))
    total = float(calibrated.sel(source="total"))
    assert total == pytest.approx(parts + float(calibrated.sel(source="interaction")), rel=1e-9)


def test_mismatch_at_several_corners_has_a_table_and_an_snr_at_each(pdk: Pdk) -> None:
    at = {"vdd": 1.8, "temperature": 27}
    sweep = column(corner=["tt", "ss", "ff"], temperature=[27, 85], samples=CHIPS, axes={"corner": ["tt", "ff"]}, at=at)
    lut = build_lut(sweep, outcomes(sweep, chip), pdk, "39")
    assert dict(lut.tables["nominal"].sizes) == {"code": 5, "vdd": 2, "corner": 3, "temperature": 2}
    assert dict(lut.tables["mismatch"].sizes) == {"code": 5, "vdd": 1, "corner": 2, "temperature": 1}
    snr = lut.tables["snr"]["snr_a"].sel(vdd=1.8, temperature=27)
    assert snr["corner"].values.tolist() == ["tt", "ff"]
    # The same volts of error on twice the LSB: 6 dB.
    assert float(snr.sel(corner="ff") - snr.sel(corner="tt")) == pytest.approx(20 * math.log10(2), abs=0.1)
    assert "error_budget" not in lut.tables
    assert column_plot.transfer(style.new_figure(80, 60).subplots(), lut, by="corner").lines
    assert {panel.title for panel, _ in chosen(lut)} >= {"Transfer", "Mismatch", "SNR"}


def test_chips_at_a_corner_that_the_nominal_grid_lacks_make_no_budget_but_a_line(pdk: Pdk) -> None:
    sweep = budget_sweep(corner=["tt", "ff"]).replace(axes={"corner": ["tt", "ss"]})
    lut = build_lut(sweep, outcomes(sweep, chip), pdk, "39")
    assert "error_budget" not in lut.tables
    assert any("corner = ff: chips were sampled there" in problem for problem in lut.attrs["problems"])


def test_the_samples_of_a_design_are_named_in_the_provenance(pdk: Pdk) -> None:
    sweep = column()
    designed = sweep.replace(mismatch={"sampling": "sobol"})
    assert "sampling" not in build_lut(sweep, outcomes(sweep), pdk, "39").attrs
    assert build_lut(designed, outcomes(designed), pdk, "39").attrs["sampling"] == "sobol"
