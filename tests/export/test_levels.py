from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr

from bitline.errors import InputError, OutsideGridError
from bitline.export.levels import levels_of
from bitline.lut.lut import Lut

AIMED = {"r_lrs": 7e4, "r_mrs": 3e5, "r_hrs": 1.1e6}
SHIFT = {"on": np.array([-0.05, -0.07, -0.11]), "off": np.array([0.02, 0.03, 0.13])}
SPREAD = {"on": np.array([0.02, 0.03, 0.05]), "off": np.array([0.04, 0.06, 0.4])}


def made(attrs: dict[str, Any] | None = None) -> Lut:
    about = {"unit": "1", "doc": "made up"}
    axes = {
        "verify": ("verify", ["on", "off"], about),
        "target": ("target", ["lrs", "mrs", "hrs"], about),
    }
    table = xr.Dataset(
        {
            "ln_mean": (("verify", "target"), np.stack([*SHIFT.values()]), about),
            "ln_sigma": (("verify", "target"), np.stack([*SPREAD.values()]), about),
        },
        axes,
    )
    return Lut("store", "nsnr-cluster", {"placement": table}, attrs or {"parameters": {"reram": AIMED}})


@pytest.mark.parametrize("verify", ["on", "off"])
def test_conductances_are_those_of_drawn_resistances(verify: str) -> None:
    levels = levels_of(made(), {"verify": verify})
    assert levels.names == ("lrs", "mrs", "hrs")
    assert levels.resistance == pytest.approx(np.array([*AIMED.values()]) * np.exp(SHIFT[verify]), rel=1e-12)
    draws = np.random.default_rng(1).standard_normal(400_000)
    for k in range(3):
        g = 1 / (levels.resistance[k] * np.exp(SPREAD[verify][k] * draws))
        assert levels.conductance[k] == pytest.approx(g.mean(), abs=5 * g.std() / np.sqrt(len(g)))
        assert levels.sigma[k] == pytest.approx(g.std(), rel=10 / np.sqrt(2 * len(g)))


def test_verified_unless_asked_otherwise() -> None:
    assert levels_of(made()).ln_sigma == pytest.approx(SPREAD["on"], rel=1e-12)
    assert levels_of(made()).condition == {"verify": "on"}


def test_what_is_missing_or_wrong_is_named() -> None:
    with pytest.raises(InputError, match=r"attrs\.parameters\.reram\.r_lrs is missing"):
        levels_of(made({"seed": 1}))
    with pytest.raises(InputError, match="has no table 'placement'"):
        levels_of(Lut("store", "nsnr-cluster", {}, {}))
    with pytest.raises(InputError, match="condition names target"):
        levels_of(made(), {"target": "lrs"})
    with pytest.raises(OutsideGridError, match="verify = maybe"):
        levels_of(made(), {"verify": "maybe"})
