"""The store bench: its deck, its measures on made-up waveforms, its tables on made-up rows."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from setups import at_kelvin, setup_of

from bitline.benches.base import Conditions
from bitline.benches.netlist import netlist
from bitline.benches.store import store
from bitline.benches.store.staircase import Store
from bitline.benches.store.store import deck, measure, start_resistance
from bitline.benches.store.tables import store_tables
from bitline.circuits.nsnr_cluster import NsnrCluster
from bitline.devices.reram import LEVELS, ReRam
from bitline.devices.selector import Selector
from bitline.engine.waveforms import Array, Waveforms
from bitline.errors import InputError
from bitline.pdk.descriptor import Pdk

SET, PERIOD, PULSES = 30e-9, 10e-9, 4
TIME = np.linspace(0.0, SET + PULSES * PERIOD, 701)  # a point every 0.1 ns
NM_PER_E = 0.2751
HRS = math.log(4)  # ln(R / target) of the high level


def waves(ln_r: list[float]) -> Waveforms:
    """Return an erase to 30 ns and four pulses; ln(R / target) is `ln_r[k]` after k pulses.

    The select driver gives 1 uA in the pulses and takes 1 uA between; the cluster line gives 2 uA in
    the erase; the unselected lines give 3 uA in the erase and 4 uA in the first pulse.
    """
    after = SET + PERIOD * np.arange(len(ln_r))
    steps = np.stack([after - 1e-9, after + 1e-9]).T.ravel()  # at rest 1 ns before and after each read
    grown = np.interp(TIME, steps, np.repeat(-NM_PER_E * (np.array(ln_r) - ln_r[0]), 2))
    place = (TIME - SET) / PERIOD
    erase, pulse = TIME < SET - 10e-9, (TIME >= SET) & (place % 1 < 0.5)
    first = pulse & (place < 1)
    signals: dict[str, Array] = {
        "v(d0)": grown,
        "v(h0)": np.where(TIME > SET + 2 * PERIOD, 100.0, 50.0),
        "i(vdrive)": np.where(pulse, -1e-6, 1e-6),
        "i(vcl)": np.where(erase, -2e-6, 0.0),
        "i(vslu)": np.where(erase, -3e-6, np.where(first, -4e-6, 0.0)),
    }
    for k, level in enumerate(LEVELS):
        signals[f"v(d{level})"] = (k + 1) * np.interp(TIME, [0, SET, SET + PERIOD], [0.0, -1e-6, 2e-6])
    return Waveforms(axis=TIME, signals=signals)


def setup(*, verify: str = "on", others: str = "on", idle: bool = False) -> Any:
    """Return a store of MRS at 100 kOhm, its window from 50 to 200 kOhm: from HRS with an erase, or from MRS."""
    inputs = Store(
        **{"start": "mrs" if idle else "hrs", "target": "mrs", "erase": "needed" if idle else "always"},
        **{"verify": verify, "others": others, "scheme": "third", "v_store": 3.0},
        **{"n_mrs": PULSES if verify == "off" else PULSES - 1, "n_spare": 1},
        **{"t_erase": SET - 3.2e-9, "t_rest": 3e-9, "t_pulse": PERIOD - 3.2e-9},
    )
    reram = ReRam(r_lrs=2.5e4, r_mrs=1e5, r_hrs=4e5)
    return setup_of(NsnrCluster(reram=reram), inputs, at_kelvin(300.0))


def test_a_verify_stops_after_the_first_pulse_that_reaches_the_target() -> None:
    values = measure(waves([HRS, 1.0, -0.1, -1.0, -2.0]), setup())
    assert list(values) == [output.name for output in store.OUTPUTS]
    assert (values["pulses"], values["verified"], values["in_window"]) == (2.0, 1.0, 1.0)
    assert values["ln_ratio"] == pytest.approx(-0.1, abs=1e-9)
    assert values["r_final"] == pytest.approx(1e5 * math.exp(-0.1))
    assert values["time"] == pytest.approx(SET + 2 * PERIOD)
    assert values["kelvin_peak"] == 350.0  # the hotter third pulse is not used


def test_energy_is_counted_up_to_the_stop_and_what_comes_back_is_lost() -> None:
    values = measure(waves([HRS, 1.0, -0.1, -1.0, -2.0]), setup())
    assert values["energy_select"] == pytest.approx(3.0 * 1e-6 * 2 * PERIOD / 2, rel=0.03)
    assert values["energy_line"] == pytest.approx(3.0 * 2e-6 * 20e-9, rel=0.03)
    # the erase holds the unselected lines at two thirds, a pulse at one third, and each pulse costs what the first does
    erase, pulse = 2.0 * 3e-6 * 20e-9, 1.0 * 4e-6 * PERIOD / 2
    assert values["energy_unselected"] == pytest.approx(erase + 2 * pulse, rel=0.03)
    parts = ("energy_select", "energy_line", "energy_unselected")
    assert values["energy"] == pytest.approx(sum(values[name] for name in parts))


def test_a_staircase_that_ends_too_early_is_not_verified() -> None:
    values = measure(waves([HRS, 1.3, 1.2, 1.1, 0.9]), setup())
    assert (values["pulses"], values["verified"], values["in_window"]) == (4.0, 0.0, 0.0)
    assert values["ln_ratio"] == pytest.approx(0.9, abs=1e-6)


def test_without_verify_every_pulse_is_used() -> None:
    values = measure(waves([HRS, 1.0, -0.1, -0.5, -1.0]), setup(verify="off"))
    assert (values["pulses"], values["verified"], values["in_window"]) == (4.0, 0.0, 0.0)
    assert values["ln_ratio"] == pytest.approx(-1.0, abs=1e-6)
    assert values["kelvin_peak"] == 400.0


@pytest.mark.parametrize("verify", ["off", "on"])
def test_a_branch_that_holds_its_target_is_left_alone(verify: str) -> None:
    values = measure(waves([0.0, -1.0, -2.0, -3.0, -4.0]), setup(verify=verify, idle=True))
    assert [values[name] for name in ("pulses", "time", "energy", "ln_ratio")] == [0.0, 0.0, 0.0, 0.0]
    assert values["in_window"] == 1.0


def test_disturb_is_the_change_of_ln_r_by_the_first_pulse_and_by_the_erase() -> None:
    values = measure(waves([HRS, 1.0, -0.1, -1.0, -2.0]), setup())
    for k, level in enumerate(LEVELS):
        assert values[f"disturb_{level}"] == pytest.approx(-(k + 1) * 3e-6 / NM_PER_E)
        assert values[f"disturb_erase_{level}"] == pytest.approx((k + 1) * 1e-6 / NM_PER_E)
    alone = measure(waves([HRS, 1.0, -0.1, -1.0, -2.0]), setup(others="off"))
    assert {alone[f"disturb_{level}"] for level in LEVELS} == {0.0}
    assert alone["energy_unselected"] == 0.0


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"target": "high"}, "target = 'high'"),
        ({"scheme": "quarter"}, "scheme = 'quarter'"),
        ({"t_pulse": 0.4e-9}, "t_pulse = 4e-10 s: must be > 4e-10"),
        ({"i_step": 1.0}, "i_step = 1"),
        ({"n_mrs": 0}, "n_mrs = 0"),
    ],
)
def test_inputs_out_of_range_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Store(**values)


def test_the_staircase_rises_by_a_constant_ratio() -> None:
    given = Store(target="mrs", i_first=10e-6, i_step=1.1, n_mrs=3, n_spare=2)
    assert given.compliances == pytest.approx([10e-6, 11e-6, 12.1e-6, 13.31e-6, 14.641e-6])
    assert len(Store(target="mrs", verify="off", n_mrs=3).compliances) == 3


@pytest.mark.pdk
@pytest.mark.parametrize("start", LEVELS)
@pytest.mark.parametrize("target", LEVELS)
def test_only_a_thicker_filament_is_erased(start: str, target: str, sky130: Pdk) -> None:
    thicker = LEVELS.index(start) < LEVELS.index(target)
    for erase in ("needed", "always"):
        given = Store(start=start, target=target, erase=erase)
        made = deck(NsnrCluster(), Conditions(), given, sky130)
        erased = thicker or erase == "always"
        assert ("vcl cl 0 pwl(" in made.body) == erased
        assert [phase.name for phase in made.phases] == (["erase", "set"] if erased else ["set"])
        assert given.idle == (start == target and erase == "needed")
        assert made.phases[-1].stop == made.analysis.stop
        assert made.analysis.stop - made.phases[-1].start == pytest.approx(len(given.compliances) * 13.2e-9)


@pytest.mark.pdk
@pytest.mark.parametrize(("scheme", "part"), [("half", 0.5), ("third", 1 / 3)])
def test_unselected_lines_see_their_part_in_the_erase_and_in_a_pulse(scheme: str, part: float, sky130: Pdk) -> None:
    made = deck(NsnrCluster(), Conditions(), Store(start="lrs", target="hrs", scheme=scheme, v_store=3.0), sky130)
    found = re.search(r"^vslu slu 0 pwl\(0 0 (.*)\)$", made.body, re.MULTILINE)
    assert found is not None
    levels = sorted({float(text) for text in found[1].split()[1::2]})
    # across a branch: the selected cluster line, at v_store in an erase and at 0 in a pulse, less this
    assert sorted({0.0, 3.0 * part, 3.0 * (1 - part)}) == pytest.approx(levels)


@pytest.mark.pdk
def test_the_others_are_there_by_weight_or_left_out(sky130: Pdk) -> None:
    body = deck(NsnrCluster(n_per_cluster=16), Conditions(), Store(), sky130).body
    assert all(re.search(rf"^bre{level} slu m{level} i=5\.0\*", body, re.MULTILINE) for level in LEVELS)
    for circuit, given in ((NsnrCluster(), Store(others="off")), (NsnrCluster(n_per_cluster=1), Store())):
        alone = deck(circuit, Conditions(), given, sky130)
        assert "slu" not in alone.body
        assert not any("slu" in name for name in alone.saves)


@pytest.mark.pdk
def test_a_static_selector_is_on_where_a_pulse_exceeds_its_threshold(sky130: Pdk) -> None:
    selector = Selector(v_on=2.0, v_th=1.5)
    body = deck(NsnrCluster(selector=selector), Conditions(), Store(), sky130).body
    resistance = {name: float(ohms) for name, ohms in re.findall(r"^rsel(\w+) cl m\w+ (\S+)$", body, re.MULTILINE)}
    assert resistance["0"] == pytest.approx(1 / selector.g_on)  # 2.6 V
    assert resistance["lrs"] == pytest.approx(1 / (5 * selector.g_off))  # 1.3 V, five of them


@pytest.mark.pdk
def test_a_sample_draws_its_start_then_its_filaments(sky130: Pdk) -> None:
    made = deck(NsnrCluster(), Conditions(sample=1), Store(), sky130)
    names = ["start.lnr", "re0.lnr", "relrs.lnr", "remrs.lnr", "rehrs.lnr"]
    assert list(made.deviates) == names
    expected = 1e6 * math.exp(0.1 * made.deviates["start.lnr"])
    drawn = start_resistance(NsnrCluster(), Store(), netlist(Conditions(sample=1), sky130))
    assert drawn == pytest.approx(expected)
    alone = deck(NsnrCluster(), Conditions(sample=1), Store(others="off"), sky130)
    assert dict(alone.deviates) == {name: made.deviates[name] for name in names[:2]}


def rows() -> pd.DataFrame:
    """Return transitions at two schemes, and 20 samples for two targets, one of each failed."""
    made: list[dict[str, Any]] = []
    outputs = {output.name: 1.0 for output in store.OUTPUTS}
    for scheme in ("half", "third"):
        for start in LEVELS:
            for target in LEVELS:
                row = {"scheme": scheme, "verify": "on", "start": start, "target": target, "sample": 0, "status": "ok"}
                size = {"half": 1e-6, "third": 1e-9}[scheme]
                disturb = {f"disturb_{level}": -size for level in LEVELS}
                erase = {f"disturb_erase_{level}": 2 * size * (start != "hrs") for level in LEVELS}
                made.append(row | outputs | disturb | erase)
    for target, centre in (("lrs", 8e4), ("mrs", 2.8e5)):
        for sample in range(1, 21):
            row = {"scheme": "half", "verify": "on", "start": "lrs", "target": target, "sample": sample}
            ln = 0.01 * (sample - 10)
            values = {"r_final": centre * math.exp(ln), "ln_ratio": ln, "in_window": float(sample != 3)}
            made.append(row | outputs | values | {"status": "timeout" if sample == 20 else "ok"})
    return pd.DataFrame(made)


def test_tables_of_transitions_and_disturb() -> None:
    tables = store_tables(rows(), NsnrCluster())
    assert tables["nominal"].sizes == {"scheme": 2, "verify": 1, "start": 3, "target": 3}
    disturb = tables["disturb"]
    assert disturb.sizes == {"scheme": 2, "level": 3}
    at = disturb.sel(scheme="half", level="mrs")
    assert float(at["pulses_1000"]) == pytest.approx(-1e-3)
    assert float(at["erases_1000"]) == pytest.approx(2e-3)  # transitions without an erase hold 0 and do not count
    assert "extrapolated" in disturb["pulses_1000"].attrs["doc"]


def test_placement_counts_with_intervals() -> None:
    placement = store_tables(rows(), NsnrCluster())["placement"]
    assert placement.attrs["resistance"] == {"lrs": 80e3, "mrs": 280e3, "hrs": 1e6}
    at = placement.sel(target="mrs", verify="on")
    ln = 0.01 * (np.arange(1, 20) - 10)
    assert (int(at["n_ok"]), int(at["n_failed"]), int(at["n_window"])) == (19, 1, 18)
    assert float(at["ln_mean"]) == pytest.approx(ln.mean(), abs=1e-12)
    assert float(at["ln_sigma"]) == pytest.approx(ln.std(ddof=1))
    assert float(at["ln_sigma_low"]) < ln.std(ddof=1) < float(at["ln_sigma_high"])
    # Clopper-Pearson of 18 in 19: the binomial tails at its ends are 2.5 %
    low, high = float(at["window_low"]), float(at["window_high"])
    assert 19 * low**18 * (1 - low) + low**19 == pytest.approx(0.025, rel=1e-6)
    assert sum(math.comb(19, k) * high**k * (1 - high) ** (19 - k) for k in range(19)) == pytest.approx(0.025, rel=1e-6)


def test_histogram_holds_every_good_sample_once() -> None:
    histogram = store_tables(rows(), NsnrCluster())["histogram"]
    counts = histogram["count"].sel(verify="on")
    assert int(counts.sum()) == 2 * 19
    assert np.allclose(np.diff(histogram["ln_r"]), 0.05)
    mrs = counts.sel(target="mrs")
    filled = histogram["ln_r"].values[mrs.values > 0]
    assert abs(filled - math.log(2.8e5)).max() < 0.1 + 0.05


def test_a_sweep_without_samples_or_others_has_the_nominal_table_only() -> None:
    frame = rows()
    nominal = frame[frame["sample"] == 0].assign(
        **{f"disturb_{erase}{level}": 0.0 for erase in ("", "erase_") for level in LEVELS}
    )
    assert list(store_tables(nominal, NsnrCluster())) == ["nominal"]
