"""The table over the boundary: the committed one is what the script makes, and its numbers are those of their parts."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from bitline import content
from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.statistics.snr import to_db
from bitline.system.hybrid.analog import windows
from bitline.system.hybrid.boundary import BitOrders
from bitline.system.hybrid.cycles import cycles
from bitline.system.hybrid.operands import operands
from bitline.system.hybrid.table import DOCS, Macro, boundary_lut
from bitline.system.measured_operation import measured_operation

CHECKOUT = Path(__file__).parents[3]
COMMITTED = content.folder("luts") / "hybrid-boundary"


@pytest.fixture(scope="module")
def lut() -> Lut:
    return Lut.load(COMMITTED)


def nominal(lut: Lut, table: str) -> xr.Dataset:
    """Return a table at tt, 1.8 V and 27 degC."""
    return lut.tables[table].sel(corner="tt", vdd=1.8, temperature=27.0)


def test_the_committed_table_is_what_the_script_makes(lut: Lut, monkeypatch: pytest.MonkeyPatch) -> None:
    """At two corners and two supplies, to nine digits: another processor adds up in another order."""
    corners, supplies = ["tt", "ff"], [1.62, 1.8]
    monkeypatch.syspath_prepend(str(CHECKOUT / "examples"))
    spec = importlib.util.spec_from_file_location("hybrid_boundary", CHECKOUT / "examples" / "hybrid_boundary.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "hybrid_boundary", script)
    spec.loader.exec_module(script)
    made = script.table(corners, supplies)
    assert {**made.attrs, "assumed": made.attrs["assumed"][:-1]} == {**lut.attrs, "assumed": lut.attrs["assumed"][:-1]}
    assert made.operation == lut.operation
    assert made.tables.keys() == lut.tables.keys()
    for name, table in made.tables.items():
        own = lut.tables[name]
        if name in {"accuracy", "energy"}:
            own = own.sel(corner=corners, vdd=supplies)
        xr.testing.assert_allclose(table, own, rtol=1e-9, atol=0.0)


def test_boundary_0_is_exact_and_gains_nothing(lut: Lut) -> None:
    """An infinite SNR is written as inf, and comes back."""
    accuracy, energy = lut.tables["accuracy"].sel(boundary=0), lut.tables["energy"].sel(boundary=0)
    for name in ("snr_total", "csnr", "snr_quantised"):
        assert np.isposinf(accuracy[name]).all()
    for name in ("error_sigma", "error_mean", "static", "temporal"):
        assert (accuracy[name] == 0).all()
    assert (energy["gain"] == 1).all()
    assert (energy["latency_cycles"] == 64).all()
    point = {"adc_bits": 4, "adc_range": "full", "operands": "uniform", "reads": "shared", "corner": "ss", "vdd": 1.62}
    found = lut.lookup(boundary=0, **point)
    assert found["csnr"] == float("inf")


def test_energy_goes_with_the_supply_and_the_gain_hardly_does(lut: Lut) -> None:
    """V^2 within 6 % from 1.62 to 1.98 V; gains at boundary 9 within 5 % of that at tt, 1.8 V."""
    at = lut.tables["energy"].sel(boundary=9, adc_bits=4, operands="network").squeeze(drop=True)
    energy = at["energy_total"]
    for vdd in (1.62, 1.98):
        ratio = energy.sel(vdd=vdd) / energy.sel(vdd=1.8)
        np.testing.assert_allclose(ratio, (vdd / 1.8) ** 2, rtol=0.06)
    gain = at["gain"]
    assert (abs(gain / gain.sel(corner="tt", vdd=1.8) - 1) < 0.05).all()


def test_the_parts_add_up(lut: Lut) -> None:
    energy = lut.tables["energy"]
    assert set(energy.data_vars) >= {f"energy_{part}" for part in DOCS}
    total = sum(energy[f"energy_{part}"] for part in DOCS)
    np.testing.assert_allclose(total, energy["energy_total"], rtol=1e-10)
    np.testing.assert_allclose(
        energy["gain"] * energy["energy_total"], energy["energy_total"][:1] + 0 * energy["gain"].values, rtol=1e-10
    )


def test_the_gains_are_those_of_the_headline(lut: Lut) -> None:
    """Of the table by boundary in results/headline/osa-hcim.md."""
    gain = nominal(lut, "energy")["gain"].sel(adc_bits=4, operands="network")
    page = (content.folder("luts").parent / "headline" / "osa-hcim.md").read_text(encoding="utf-8")
    for reads in ("separate", "shared"):
        row = re.search(rf"^\| 4 bits, self-timed \| {reads} \| (.*) \|$", page, re.MULTILINE)
        assert row
        told = [float(cell) for cell in row[1].split(" | ")[:-1]]
        assert gain.sel(boundary=range(5, 12), reads=reads).values == pytest.approx(told, abs=0.0051)


@pytest.mark.parametrize("rule", ["4sigma", "full"])
@pytest.mark.parametrize("boundary", [8, 9, 10])
def test_the_error_is_the_sum_of_its_powers(lut: Lut, boundary: int, rule: str) -> None:
    """Dropped orders, quantisation, static and temporal errors as if independent, uniform operands, within 1 dB."""
    at = nominal(lut, "accuracy").sel(boundary=boundary, adc_bits=5, adc_range=rule, operands="uniform")
    sample, orders = operands("uniform"), BitOrders()
    power, scale = 0.0, 2.0 ** (boundary - orders.window)
    for _, i, shape in windows(orders, [boundary]):
        sums = shape.words(sample.held_out) @ ((sample.weights >> i) & 1).astype(np.float32)
        width = 8 * float(sums.std())
        if rule == "full":
            width = 144 * shape.largest + 1
        power += scale**2 * ((width / 32) ** 2 / 12 + float(at["static"]) ** 2 + float(at["temporal"]) ** 2)
    x, w = sample.activations.astype(int), sample.weights.astype(int)
    for i in range(8):
        bits = (w >> i) & 1
        kept = x & ((1 << orders.analog_from(boundary, i)) - 1)
        power += (4.0**i) * float((kept @ bits).var())
    assert float(to_db(power / float(at["error_sigma"]) ** 2)) == pytest.approx(0, abs=1)


def test_noise_only_lowers_the_snr(lut: Lut) -> None:
    """From four bits on; three over the full range are so coarse that noise as a dither may gain up to 1 %."""
    table = lut.tables["accuracy"].sel(boundary=slice(1, None))
    ratio = table["snr_total"] / table["snr_quantised"]
    assert (ratio.sel(adc_bits=[4, 5, 6]) < 1).all()
    assert (ratio.sel(adc_bits=3, adc_range="4sigma") < 1).all()
    assert (ratio < 1.01).all()
    assert (table["csnr"] <= table["snr_total"]).all()


def test_half_normal_operands_are_those_of_the_docs(lut: Lut) -> None:
    """The table of docs/hybrid.md, another sample: 4 bits, mean +- 4 sigma; within 1 dB."""
    table = nominal(lut, "accuracy")["snr_quantised"]
    for boundary, expected in {8: 33.1, 9: 27.4, 10: 22.1}.items():
        value = table.sel(boundary=boundary, adc_bits=4, adc_range="4sigma", operands="half-normal")
        assert float(to_db(float(value))) == pytest.approx(expected, abs=1)


def test_what_the_docs_say_of_a_bit_more(lut: Lut) -> None:
    """The differences in the table of docs/hybrid.md, half-normal operands, boundaries 8 to 10."""
    table = nominal(lut, "accuracy").sel(adc_range="4sigma", operands="half-normal", boundary=[8, 9, 10])
    steps = {
        name: 10 * np.log10(table[name].sel(adc_bits=more) / table[name].sel(adc_bits=fewer))
        for name, fewer, more in (("snr_total", 4, 6), ("snr_quantised", 4, 6))
    }
    fourth = 10 * np.log10(table["snr_total"].sel(adc_bits=4) / table["snr_total"].sel(adc_bits=3))
    energy = nominal(lut, "energy")["energy_total"].sel(boundary=9, reads="shared", operands="network")
    text = (CHECKOUT / "docs" / "hybrid.md").read_text(encoding="utf-8")
    spans = [f"{float(db.min()):.1f} to {float(db.max()):.1f} dB" for db in (*steps.values(), fourth)]
    assert f"together {spans[0]} of the {spans[1]} that" in text
    share = 100 * float(energy.sel(adc_bits=4) / energy.sel(adc_bits=3) - 1)
    assert f"worth {spans[2]} for {share:.0f} % of the energy" in text


def test_a_window_of_four_is_that_of_the_accuracy(lut: Lut) -> None:
    own = nominal(lut, "window")["snr_window"].sel(window=4)
    same = nominal(lut, "accuracy")["snr_quantised"].sel(adc_bits=4, adc_range="4sigma")
    np.testing.assert_array_equal(own.transpose(*same.dims), same)


def test_a_measured_window_of_four_is_that_of_the_other_tables(lut: Lut) -> None:
    own = nominal(lut, "window_measured").sel(window=4)
    same = nominal(lut, "accuracy")["snr_total"].sel(adc_bits=4, adc_range="4sigma")
    np.testing.assert_array_equal(own["snr_total"].transpose(*same.dims), same)
    energy = nominal(lut, "energy")["energy_total"].sel(adc_bits=4, operands=["uniform", "half-normal"])
    for reads in ("separate", "shared"):
        each = energy.sel(reads=reads)
        np.testing.assert_array_equal(own[f"energy_{reads}"].transpose(*each.dims), each)


def test_a_narrower_window_drops_more_and_takes_less(lut: Lut) -> None:
    """From a boundary of 6 on each order that is not dropped any more adds SNR; at 0 there is no window."""
    table = nominal(lut, "window_measured")
    assert (table["snr_total"].diff("window").sel(boundary=slice(6, None)) > 0).all()
    assert (table["energy_shared"].diff("window").sel(boundary=slice(1, None)) >= 0).all()
    assert np.isposinf(table["snr_total"].sel(boundary=0)).all()
    assert (table["gain_separate"].sel(boundary=0) == 1).all()


def test_a_boundary_is_a_whole_one(lut: Lut) -> None:
    between = measured_operation(lut, {"boundary": 8.5, "adc_bits": 4, "reads": "shared"})
    assert (between.conditions["corner"], between.conditions["vdd"]) == ("tt", 1.8)
    with pytest.raises(InputError, match="a mean boundary is a mix of both"):
        between.mean_energy()


def test_signed_saliency_gains_behind_a_rectifier(lut: Lut) -> None:
    """At the same mean boundary 2 to 6 dB over random; by magnitude no better than all outputs at the higher one."""
    mix = nominal(lut, "mix")
    db = 10 * np.log10(mix["snr_rectified"])
    over_random = (db.sel(way="signed") - db.sel(way="random")).values
    assert (over_random > 1.5).all()
    assert (over_random < 6).all()
    assert (abs(db.sel(way="magnitude") - db.sel(way="fixed")) < 2.2).all()
    fixed = mix["mean_boundary"].sel(way="fixed")
    assert (fixed == fixed["boundary"]).all()
    assert (abs(mix["mean_boundary"].sel(way="signed") - mix["boundary"] + 0.5) < 0.05).all()


def test_the_energy_of_a_mix_is_between_its_boundaries(lut: Lut) -> None:
    mix, energy = nominal(lut, "mix"), nominal(lut, "energy").sel(adc_bits=4)
    for reads in ("separate", "shared"):
        fixed = mix[f"energy_{reads}"].sel(way="fixed", operands="uniform")
        own = energy["energy_total"].sel(reads=reads, boundary=mix["boundary"], operands="uniform")
        np.testing.assert_allclose(fixed, own, rtol=1e-9)
        assert (mix[f"energy_{reads}"].sel(way="signed") > mix[f"energy_{reads}"].sel(way="fixed")).all()


def test_cycles_by_hand() -> None:
    """Boundary 8: 28 digital operations in rows 1..7, 8 analog ones; row 0 has an analog one alone."""
    orders = BitOrders()
    assert cycles(orders, 8) == 28
    assert cycles(orders, 8, "shared") == 29
    assert cycles(orders, 11) == 10
    assert cycles(orders, 11, "shared") == 14
    assert cycles(orders, 15) == 4
    with pytest.raises(InputError, match="reads = 'both': must be"):
        cycles(orders, 8, "both")  # type: ignore[arg-type]


def test_other_operands_and_accounts_are_refused() -> None:
    with pytest.raises(InputError, match="statistics = 'cnn': must be 'uniform' or 'half-normal'"):
        operands("cnn")  # type: ignore[arg-type]
    empty = Macro(None, {})  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"accounts of \[\(\)\] bits: must be the same everywhere, 4 among them"):
        boundary_lut("a", "b", {("tt", 1.8): empty}, [])
    with pytest.raises(InputError, match=r"must be each corner at each supply, \('tt', 1.8\) among them"):
        boundary_lut("a", "b", {("tt", 1.8): empty, ("ss", 1.62): empty}, [])
