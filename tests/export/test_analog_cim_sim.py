"""analog-cim-sim: currents in uA of two levels, in a configuration with the keys its config.cpp reads."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from luts.currents import I_HRS, I_LRS, S_HRS, S_LRS, N, make_current_lut
from luts.store import NARROW, NARROW_MEAN, NARROW_SIGMA, make_narrow_store_lut

from bitline.errors import ExportCheckError, InputError, LutFileError, OutsideGridError, SetupError, UnknownNameError
from bitline.export.analog_cim_sim import EXPORTER as analog_cim_sim
from bitline.export.analog_cim_sim.write import MAPPINGS, write
from bitline.lut.lut import Lut

ASSUMED = ["r_lrs: low resistance, +1 (assumed)", "t_ox: of the filament (published)"]


def store(v_sinh: float = 0.0) -> Lut:
    return make_narrow_store_lut(parameters={"reram": {"v_sinh": v_sinh}}, assumed=ASSUMED)


def config(folder: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((folder / "analog_cim_sim.json").read_text("utf-8"))
    return made


@pytest.mark.parametrize(("verify", "v_read"), [("on", 0.2), ("off", 0.13)])
def test_a_stores_currents_by_hand(verify: str, v_read: float, tmp_path: Path) -> None:
    store().export("analog-cim-sim", tmp_path, condition={"verify": verify}, v_read=v_read)
    made = config(tmp_path)
    for level, mean_key, sigma_key in (("lrs", "LRS", "LRS_NOISE"), ("hrs", "HRS", "HRS_NOISE")):
        k = list(NARROW).index(level)
        median, sigma = NARROW[level] * math.exp(NARROW_MEAN[verify][k]), NARROW_SIGMA[verify][k]
        mean = 1e6 * v_read / median * math.exp(sigma**2 / 2)
        assert made[mean_key] == pytest.approx(mean, rel=1e-12)
        assert made[sigma_key] == pytest.approx(mean * math.sqrt(math.exp(sigma**2) - 1), rel=1e-9)
    assert 0.05 < made["HRS"] < 0.5 < made["LRS"] < 5  # uA at some hundred kOhm and tenths of a volt
    assert made["V_read"] == -v_read


def test_a_columns_currents_by_hand(tmp_path: Path) -> None:
    analog_cim_sim.write(make_current_lut(), tmp_path, rows=N)
    made = config(tmp_path)
    assert made["LRS"] == pytest.approx(1e6 * I_LRS, rel=1e-12)
    assert made["HRS"] == pytest.approx(1e6 * I_HRS, rel=1e-12)
    assert made["LRS_NOISE"] == pytest.approx(1e6 * S_LRS, rel=1e-9)
    assert made["HRS_NOISE"] == pytest.approx(1e6 * S_HRS, rel=1e-9)
    assert made["bitline"]["condition"] == {"vdd": 1.8}


def test_the_keys_are_those_of_the_simulator(tmp_path: Path) -> None:
    paths = store().export("analog-cim-sim", tmp_path, rows=32, columns=64, bits=5, mapping="TNN_II")
    assert {path.name for path in paths} == {path.name for path in tmp_path.iterdir()}
    made = config(tmp_path)
    facts = made.pop("bitline")
    assert made == {
        **{"M": 64, "N": 32, "m_mode": "TNN_II", "digital_only": False, "verbose": False},
        **{key: made[key] for key in ("HRS", "LRS", "HRS_NOISE", "LRS_NOISE")},
        **{"adc_type": "SYM_RANGE_ADC", "resolution": 5, "adc_calib_mode": "MAX"},
        **{"d2d_var": True, "c2c_var": False, "read_disturb": False, "parasitics": False, "V_read": -0.2},
    }
    assert all(type(made[key]) is float for key in ("HRS", "LRS", "HRS_NOISE", "LRS_NOISE", "V_read"))
    assert facts["condition"] == {"verify": "on"}
    assert facts["assumed"] == ASSUMED[:1]
    assert "no energy" in facts["energy"]
    readme = (tmp_path / "README.md").read_text("utf-8")
    for part in ("in uA", "(assumed)", "Temporal noise", "middle level", "HRS - HRS"):
        assert part in readme


@pytest.mark.parametrize("mapping", MAPPINGS)
def test_static_spread_alone_and_a_zero_of_two_cells(mapping: str, tmp_path: Path) -> None:
    store().export("analog-cim-sim", tmp_path, mapping=mapping)
    made = config(tmp_path)
    # a current of one sign only would need POS_RANGE_ONLY_ADC: there a zero is not HRS - HRS
    assert (made["adc_type"], made["d2d_var"], made["c2c_var"]) == ("SYM_RANGE_ADC", True, False)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mapping": "TNN_IV"}, "mapping = 'TNN_IV': must be one of TNN_I, TNN_II"),
        ({"rows": 0}, r"rows = 0: must be within 1\.\.65536"),
        ({"columns": 70000}, r"columns = 70000: must be within 1\.\.65536"),
        ({"bits": 1}, r"bits = 1: must be within 2\.\.20"),
        ({"v_read": -0.2}, r"v_read = -0\.2: must be above 0 V"),
        ({"v_read": 200.0}, r"v_read = 200\.0: must be above 0 V, and at most 2 V"),
    ],
)
def test_options_out_of_range(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        store().export("analog-cim-sim", tmp_path, **options)
    assert not list(tmp_path.iterdir())


def test_a_column_is_not_extrapolated(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"rows = {N + 1}: the column of LUT made-column has {N}"):
        analog_cim_sim.write(make_current_lut(), tmp_path, rows=N + 1)
    with pytest.raises(InputError, match=r"v_read = 0\.3: LUT made-column was read at 0\.2 V"):
        analog_cim_sim.write(make_current_lut(), tmp_path, rows=N, v_read=0.3)
    with pytest.raises(OutsideGridError, match=r"vdd = 1\.62: outside the grid \(1\.8\)"):  # no spread there
        analog_cim_sim.write(make_current_lut(), tmp_path, rows=N, condition={"vdd": 1.62})
    with pytest.raises(UnknownNameError, match="unknown axis 'temp'"):
        analog_cim_sim.write(make_current_lut(), tmp_path, rows=N, condition={"temp": 27})
    with pytest.raises(InputError, match="condition names zeros: both levels are written"):
        analog_cim_sim.write(make_current_lut(), tmp_path, rows=N, condition={"zeros": "input"})


def test_what_cannot_be_a_current(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="v_sinh is not 0"):
        store(v_sinh=0.3).export("analog-cim-sim", tmp_path)
    made = make_current_lut()
    with pytest.raises(InputError, match="has no table 'mismatch'"):
        write(Lut("x", made.kind, {"nominal": made.tables["nominal"]}, made.attrs), tmp_path)


class Stub:
    """The few functions of ``acs_py`` that the check calls, as its mapper.cpp computes them."""

    def __init__(self, unit: float = 1.0, spread: float = 1.0) -> None:
        self.unit, self.spread = unit, spread
        self.rng = np.random.default_rng(3)

    def set_config(self, path: str) -> None:
        self.config = json.loads(Path(path).read_text("utf-8"))

    def cpy(self, matrix: Any, m: int, n: int) -> None:
        assert matrix.dtype == np.int32
        size = (self.config["M"], self.config["N"])
        assert (m, n) == size
        self.plus, self.minus = (self._draw(sign * matrix.reshape(size) > 0) for sign in (1, -1))

    def _draw(self, low: Any) -> Any:
        level = np.where(low, self.config["LRS"], self.config["HRS"])
        noise = self.spread * np.where(low, self.config["LRS_NOISE"], self.config["HRS_NOISE"])
        return (self.unit * np.maximum(level + noise * self.rng.standard_normal(low.shape), 0)).astype(np.float32)

    def module(self) -> Any:
        cells = {"ia_p": lambda: self.plus, "ia_m": lambda: self.minus}
        return SimpleNamespace(set_config=self.set_config, cpy=self.cpy, **cells)


@pytest.mark.parametrize("made", [store, make_current_lut])
def test_the_check_compares_cells(made: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    analog_cim_sim.write(made(), tmp_path, rows=N, columns=24)
    for unit, spread, message in ((1, 1, ""), (1e3, 1, "LRS: .* has a mean"), (1, 1.2, "LRS: .* has a sigma")):
        monkeypatch.setitem(sys.modules, "acs_py", Stub(unit, spread).module())
        if message:
            with pytest.raises(ExportCheckError, match=message):
                analog_cim_sim.check(made(), tmp_path)
        else:
            assert "cells in each level as in the LUT" in analog_cim_sim.check(made(), tmp_path)


def test_the_check_is_of_this_lut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "acs_py", Stub().module())
    analog_cim_sim.write(store(), tmp_path, condition={"verify": "off"})
    path = tmp_path / "analog_cim_sim.json"
    path.write_text(path.read_text().replace('"verify": "off"', '"verify": "on"'))
    with pytest.raises(ExportCheckError, match="LRS"):
        analog_cim_sim.check(store(), tmp_path)
    path.write_text("{}")
    with pytest.raises(LutFileError, match="not what the analog-cim-sim export writes"):
        analog_cim_sim.check(store(), tmp_path)


def test_without_the_simulator_the_check_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "acs_py", None)
    analog_cim_sim.write(store(), tmp_path)
    with pytest.raises(SetupError, match="needs its module acs_py, which is on no index"):
        analog_cim_sim.check(store(), tmp_path)
