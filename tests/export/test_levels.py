from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr

from bitline.errors import InputError, OutsideGridError
from bitline.export.levels import levels_of
from bitline.lut.lut import Lut

AIMED = {"lrs": 7e4, "mrs": 3e5, "hrs": 1.1e6}
SHIFT = {"on": np.array([-0.05, -0.07, -0.11]), "off": np.array([0.02, 0.03, 0.13])}
SPREAD = {"on": np.array([0.02, 0.03, 0.05]), "off": np.array([0.04, 0.06, 0.4])}


def made(resistance: Any = AIMED) -> Lut:
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
        {} if resistance is None else {"resistance": resistance},
    )
    return Lut("store", "lab-cluster", {"placement": table}, {})


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


def test_levels_may_be_any_number_and_have_any_name() -> None:
    levels = levels_of(made({"hrs": 1.1e6, "lrs": 7e4}))
    assert levels.names == ("lrs", "hrs")  # ascending, whatever their order
    assert levels.ln_sigma == pytest.approx(SPREAD["on"][[0, 2]], rel=1e-12)


def test_what_is_missing_or_wrong_is_named() -> None:
    with pytest.raises(InputError, match=r"table placement: resistance = None: must be \{level: Ohm\}"):
        levels_of(made(None))
    with pytest.raises(InputError, match="has no table 'placement'"):
        levels_of(Lut("store", "nsnr-cluster", {}, {}))
    with pytest.raises(InputError, match="condition names target"):
        levels_of(made(), {"target": "lrs"})
    with pytest.raises(OutsideGridError, match="verify = maybe"):
        levels_of(made(), {"verify": "maybe"})
