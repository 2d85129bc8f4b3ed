"""What one operation takes: means, cycles and conditions, against independent sums and the benches' own decks."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from luts.column import make_column_lut
from luts.primes import prime_lut

from bitline import content
from bitline.benches.acim import qr_transfer, qs_transfer
from bitline.benches.acim.operands import MacCode, QrCode
from bitline.benches.base import Conditions
from bitline.benches.baseline import reram_transfer, sram_transfer
from bitline.benches.baseline.operands import BinaryMac
from bitline.benches.sar import convert as sar
from bitline.benches.ternary import transfer
from bitline.benches.ternary.operands import TernaryMac
from bitline.circuits.registry import circuit_class
from bitline.circuits.sar_adc import SarAdc
from bitline.errors import InputError, OutsideGridError, UnknownNameError
from bitline.export.characterised import cautions, sizes
from bitline.lut.lut import Lut
from bitline.lut.operation import Choices, uniform_bits
from bitline.lut.version1 import _KINDS
from bitline.pdk.descriptor import Pdk
from bitline.system.measured_operation import measured_operation
from bitline.system.ratios import signed_array


def shipped(name: str) -> Lut:
    return Lut.load(content.folder("luts") / name)


def changed(lut: Lut, **operation: Any) -> Lut:
    assert lut.operation is not None
    return replace(lut, operation=replace(lut.operation, **operation))


@pytest.mark.parametrize(("p", "stated"), [(0.25, None), (0.6, 0.6), (0.0, 0.0), (1.0, 1.0)])
def test_the_mean_over_binary_products(p: float, stated: float | None) -> None:
    op = measured_operation(make_column_lut(), activity=stated)
    # the energy of tests/synthetic.py by hand, at tt, 1.8 V, 27 degC
    energies = [20e-15 * 1.8 * (0.04 * m / (1 + 0.02 * m)) + (5e-15 + 2e-15 * m + 1e-15) * 1.8**2 for m in range(17)]
    expected = sum(math.comb(16, m) * p**m * (1 - p) ** (16 - m) * e for m, e in enumerate(energies))
    assert op.mean_energy() == pytest.approx(expected, rel=1e-12)
    assert op.mean_energy(activity=0.0) == pytest.approx(energies[0], rel=1e-12)
    assert op.energy(code=3) == pytest.approx(energies[3], rel=1e-12)
    assert (op.macs, op.activity) == (16, p)


def test_the_mean_over_trits_by_activity() -> None:
    lut = shipped("ternary-column")
    op = measured_operation(lut)
    # independently of `Lut.lookup`: gather the table's cells by the number of products that are not 0
    table = lut.tables["nominal"].sel(corner="tt", vdd=1.8, temperature=27.0)
    active = (abs(table["mac"]) + 2 * table["extra"]).broadcast_like(table["energy_total"]).values.ravel()
    energy = table["energy_total"].values.ravel()
    known = np.isfinite(energy)
    measured = np.unique(active[known])
    means = [energy[known & (active == a)].mean() for a in measured]
    chances = [math.comb(16, k) * (4 / 9) ** k * (5 / 9) ** (16 - k) for k in range(17)]
    assert op.mean_energy() == pytest.approx(chances @ np.interp(range(17), measured, means), rel=1e-12)
    assert signed_array(lut) == op.mean_energy()
    assert op.activity == 4 / 9
    assert "assumed" in op.statistics
    at = {"corner": "ss", "vdd": 1.62}
    assert op.mean_energy(activity=0.0, **at) == lut.lookup(temperature=27.0, mac=0, extra=0, **at)["energy_total"]


def test_the_mean_over_levels_and_leakage() -> None:
    lut = prime_lut("nvsram-trit")
    op = measured_operation(lut)
    at = {"corner": "tt", "vdd": 1.8}
    levels = [lut.lookup(level=level, **at) for level in ("lrs", "mrs", "hrs")]
    assert op.mean_energy() == pytest.approx(sum(point["energy_total"] for point in levels) / 3, rel=1e-12)
    assert op.latency() == pytest.approx(sum(point["latency"] for point in levels) / 3, rel=1e-12)
    assert op.leakage() == pytest.approx(sum(point["p_leak"] for point in levels) / 3, rel=1e-12)
    assert op.mean_energy(vdd=1.71) == pytest.approx((op.mean_energy(vdd=1.62) + op.mean_energy()) / 2, rel=1e-12)
    assert (op.macs, op.activity, op.cycle) == (0, None, None)
    assert "assumed" in op.statistics


def test_conditions_have_the_values_that_monte_carlo_had() -> None:
    op = measured_operation(make_column_lut())
    assert op.conditions == {"corner": "tt", "vdd": 1.8, "temperature": 27.0}
    assert op.complete() == op.conditions
    assert measured_operation(make_column_lut(), {"vdd": 1.7}).conditions["vdd"] == 1.7
    lut = prime_lut("nvsram-trit")
    alone = Lut(lut.name, lut.kind, {"nominal": lut.tables["nominal"]}, lut.attrs, lut.operation)
    with pytest.raises(InputError, match=r"LUT prime-lut: condition must name corner \(tt, ss\)"):
        measured_operation(alone).complete()
    with pytest.raises(InputError, match=r"LUT prime-lut: condition must name vdd \(1.62..1.98\)"):
        measured_operation(alone, {"corner": "tt"}).complete()


@pytest.mark.parametrize(
    ("lut", "options", "error", "message"),
    [
        (make_column_lut(), {"condition": {"code": 3}}, InputError, "condition names code: energies are means over it"),
        (make_column_lut(), {"condition": {"temp": 3}}, UnknownNameError, "unknown axis 'temp'"),
        (make_column_lut(), {"activity": 1.5}, InputError, r"activity = 1.5: must be within 0..1"),
        (
            prime_lut("nvsram-trit"),
            {"activity": 0.5},
            InputError,
            "one restore of a trit .* has no products; its mean is over level",
        ),
        (changed(make_column_lut(), operands=None), {}, InputError, "its operation states no operands"),
        (
            changed(make_column_lut(codes=9), operands=uniform_bits("code", 16)),
            {},
            InputError,
            "code reaches 8: must reach 16",
        ),
        (Lut("x", "strongarm", make_column_lut().tables, {}), {}, InputError, "its tables describe no operation"),
        (changed(make_column_lut(), operands=Choices(("v_diff",))), {}, InputError, "have the operands' axis 'v_diff'"),
    ],
)
def test_refusals(lut: Lut, options: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        measured_operation(lut, **options)


def test_a_swept_size_is_refused() -> None:
    """An operation must have one number of products: where an axis changes it, it states no operands."""
    made = changed(make_column_lut(), operands=None)
    nominal = made.tables["nominal"].expand_dims(active=[8, 16])
    with pytest.raises(InputError, match="states no operands"):
        measured_operation(replace(made, tables={"nominal": nominal}))


def test_outside_and_missing_values() -> None:
    with pytest.raises(OutsideGridError, match=r"vdd = 2.5: outside the grid \(1.62..1.98\)"):
        measured_operation(make_column_lut(), {"vdd": 2.5}).mean_energy()
    made = make_column_lut()
    nominal = made.tables["nominal"].copy(deep=True)
    nominal["energy_total"][{"code": 5}] = np.nan
    with pytest.raises(OutsideGridError, match="energy_total has no value here"):
        measured_operation(
            replace(made, tables={"nominal": nominal}), {"corner": "tt", "vdd": 1.8, "temperature": 27}
        ).mean_energy()


@pytest.mark.parametrize("value", [-1.0, math.inf, math.nan])
def test_sizes_must_be_numbers(value: float) -> None:
    with pytest.raises(InputError, match="area = "):
        sizes(value, None)
    with pytest.raises(InputError, match="leakage = "):
        sizes(0.0, value)


def test_what_is_not_characterised_is_said() -> None:
    assumed = " ".join(cautions(measured_operation(make_column_lut()), 0.0, None))
    for part in ("Area is NOT characterised: 0.0 m2", "Leakage is NOT characterised: 0.0 W", "Time is NOT", "assumed"):
        assert part in assumed
    given = cautions(measured_operation(prime_lut("nvsram-trit"), {"vdd": 1.8}), 2e-9, 3e-6)
    assert given[0] == "Area is NOT characterised: 2e-09 m2 in all (set by option)."
    assert given[1].startswith("Leakage is NOT characterised: 3e-06 W in all (set by option). An operation's energy")
    assert "table hold" in cautions(measured_operation(prime_lut("nvsram-trit"), {"vdd": 1.8}), 0.0, None)[1]


def test_cycles_by_hand() -> None:
    times = {
        "acim-qs": 0.3 + 0.3 + 0.4 + 3 + 3 * 0.02,
        "acim-qr": 1.5 + 2 + 3 + 10 * 0.05,
        "baseline-sram": 3.96,
        "baseline-reram": 0.3 + 1.2 + 0.4 + 1 + 0.02,
        "ternary-column": 0.3 + 0.28 + 0.4 + 3 + 3 * 0.02,
        "sar-adc": 6 + 14 + 0.02 + 6,
    }
    assert {name: measured_operation(shipped(name)).cycle for name in times} == pytest.approx(
        {name: 1e-9 * time for name, time in times.items()}, rel=1e-9
    )


DECKS = {
    "acim-column-qs": (qs_transfer.deck, MacCode(code=3)),
    "acim-column-qr": (qr_transfer.deck, QrCode(code=3)),
    "binary-sram-column": (sram_transfer.deck, BinaryMac(code=3)),
    "reram-column": (reram_transfer.deck, BinaryMac(code=3)),
    "ternary-column": (transfer.deck, TernaryMac(mac=3)),
    "sar-adc": (sar.deck, sar.Convert()),
}


@pytest.mark.pdk
@pytest.mark.parametrize("kind", DECKS)
def test_cycles_are_those_that_are_simulated(kind: str, sky130: Pdk) -> None:
    deck, inputs = DECKS[kind]
    circuit = circuit_class(kind)()
    if isinstance(circuit, SarAdc):
        circuit = circuit.replace(logic="ideal")  # what tables of version 1 are of
    timing = {name: getattr(circuit, name) for name in _KINDS[kind].timing}
    cycle = _KINDS[kind].cycle
    assert cycle is not None
    made: Any = deck(circuit, Conditions(), inputs, sky130)  # type: ignore[arg-type, operator]
    assert cycle(timing) == pytest.approx(made.analysis.stop, rel=1e-12)


def test_a_swept_timing_is_no_cycle() -> None:
    made = shipped("acim-qs")
    assert measured_operation(made).cycle == pytest.approx(4.06e-9, rel=1e-9)
    nominal = made.tables["nominal"].expand_dims(t_pulse=[3e-10])
    swept = replace(changed(made, cycle=None), tables={**made.tables, "nominal": nominal})
    assert measured_operation(swept).cycle is None
    assert measured_operation(swept).latency() == 0.0


def test_a_cycle_may_be_measured() -> None:
    """Where a variable holds it, it is looked up at the condition, mean over operands."""
    lut = prime_lut("sar-adc")
    measured = changed(lut, cycle="latency")
    assert measured_operation(measured).cycle == pytest.approx(
        np.mean([lut.lookup(v_diff=v, corner="tt", vdd=1.8)["latency"] for v in (-0.2, 0.0, 0.3)]), rel=1e-12
    )
    alone = replace(measured, tables={"nominal": measured.tables["nominal"]})
    assert measured_operation(alone).cycle is None
