from __future__ import annotations

from dataclasses import replace

import pytest

from bitline.benches.accuracy import LEAKAGE, MOSTLY_OFF, PRESETS, with_accuracy
from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.errors import InputError

DECK = Deck("t", "", ("v(a)",), Transient(1e-9, 1e-10), options={"gshunt": 1e-13, "reltol": 0.1})


def test_a_preset_gives_its_tolerances_and_cuts_the_time_but_a_deck_s_own_options_stay() -> None:
    for name, preset in PRESETS.items():
        deck = with_accuracy(DECK, name)
        assert deck.options == {**preset.options(), "gshunt": 1e-13, "reltol": 0.1}
        assert deck.analysis.max_step == DECK.analysis.stop / preset.steps
        assert (deck.body, deck.saves, deck.analysis.stop) == (DECK.body, DECK.saves, DECK.analysis.stop)


def test_presets_become_tighter_in_order() -> None:
    tolerances = [preset.options()["reltol"] for preset in PRESETS.values()]
    assert list(PRESETS) == ["fast", "bypass", "default", "reference"]
    assert tolerances == sorted(tolerances, reverse=True)
    assert len(set(tolerances)) == 3


def test_bypass_is_the_default_but_for_one_option_and_refused_where_leakage_is_measured() -> None:
    assert PRESETS["bypass"].options() == {**PRESETS["default"].options(), "bypass": 1}
    with pytest.raises(InputError, match="accuracy = bypass: t measures leakage"):
        with_accuracy(DECK.with_options(LEAKAGE), "bypass")
    chosen = DECK.with_options(MOSTLY_OFF)
    assert with_accuracy(chosen, "bypass").options == with_accuracy(chosen, "default").options


def test_a_deck_may_ask_for_tighter_tolerances_but_the_reference_stays() -> None:
    small = replace(DECK, options={}, tolerance=0.2)
    for name, factor in (("fast", 0.2), ("default", 0.2), ("reference", 1.0)):
        options, preset = with_accuracy(small, name).options, PRESETS[name]
        scaled = {key: factor * value for key, value in preset.tolerances.items()}
        assert options == {**scaled, **preset.others}
