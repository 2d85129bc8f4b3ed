from __future__ import annotations

import numpy as np
import pytest
from luts.store import NARROW, NARROW_MEAN, NARROW_SIGMA, make_narrow_store_lut

from bitline.errors import InputError, OutsideGridError
from bitline.export.levels import levels_of
from bitline.lut.lut import Lut


@pytest.mark.parametrize("verify", ["on", "off"])
def test_conductances_are_those_of_drawn_resistances(verify: str) -> None:
    levels = levels_of(make_narrow_store_lut(), {"verify": verify})
    assert levels.names == ("lrs", "mrs", "hrs")
    assert levels.resistance == pytest.approx(np.array([*NARROW.values()]) * np.exp(NARROW_MEAN[verify]), rel=1e-12)
    draws = np.random.default_rng(1).standard_normal(400_000)
    for k in range(3):
        g = 1 / (levels.resistance[k] * np.exp(NARROW_SIGMA[verify][k] * draws))
        assert levels.conductance[k] == pytest.approx(g.mean(), abs=5 * g.std() / np.sqrt(len(g)))
        assert levels.sigma[k] == pytest.approx(g.std(), rel=10 / np.sqrt(2 * len(g)))


def test_verified_unless_asked_otherwise() -> None:
    assert levels_of(make_narrow_store_lut()).ln_sigma == pytest.approx(NARROW_SIGMA["on"], rel=1e-12)
    assert levels_of(make_narrow_store_lut()).condition == {"verify": "on"}


def test_levels_may_be_any_number_and_have_any_name() -> None:
    levels = levels_of(make_narrow_store_lut({"hrs": 1.1e6, "lrs": 7e4}))
    assert levels.names == ("lrs", "hrs")  # ascending, whatever their order
    assert levels.ln_sigma == pytest.approx(np.array(NARROW_SIGMA["on"])[[0, 2]], rel=1e-12)


def test_what_is_missing_or_wrong_is_named() -> None:
    with pytest.raises(InputError, match=r"table placement: resistance = None: must be \{level: Ohm\}"):
        levels_of(make_narrow_store_lut(None))
    with pytest.raises(InputError, match="has no table 'placement'"):
        levels_of(Lut("store", "nsnr-cluster", {}, {}))
    with pytest.raises(InputError, match="condition names target"):
        levels_of(make_narrow_store_lut(), {"target": "lrs"})
    with pytest.raises(OutsideGridError, match="verify = maybe"):
        levels_of(make_narrow_store_lut(), {"verify": "maybe"})
