"""The converter's energy account closes: what all sources deliver is what all transistors dissipate.

Nothing here uses the bench's own integrals but to compare them. Sources, transistors and capacitors are read from the
deck's text; a transistor's power is that of its channel, ``id v_ds``, and the work that its four charges take,
``sum v dq``. Over a whole conversion the capacitors give back what they took. The charges' work does not vanish over a
cycle, though the transistor's state is restored: BSIM4's charges are no gradient of an energy. An inverter alone shows
it, 1.5 fJ a pulse at a PMOS of 2 um with any load, and the converter's channels dissipate 4 % more than the sources
deliver.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray
from setups import setup_of

from bitline.benches.accuracy import with_accuracy
from bitline.benches.base import Conditions
from bitline.benches.sar import convert as sar
from bitline.circuits.deck import Deck
from bitline.circuits.sar_adc import SarAdc
from bitline.engine.waveforms import Waveforms
from bitline.pdk.descriptor import Pdk

pytestmark = [pytest.mark.ngspice, pytest.mark.pdk]

Array = NDArray[np.float64]
Run = Callable[[Deck], Waveforms]

_TRANSISTOR = re.compile(r"^(M\S+) (\S+) (\S+) (\S+) (\S+) (\S+) ", re.MULTILINE)
_CAPACITOR = re.compile(r"^c\S+ (\S+) (\S+) (\S+)$", re.MULTILINE)
_SOURCE = re.compile(r"^(v\S+) (\S+) 0 ", re.MULTILINE)
_CHARGES = ("qd", "qg", "qs", "qb")


@dataclass(frozen=True)
class Account:
    """A simulated deck, with the voltage of every node, the current of every source and all of every transistor."""

    deck: Deck
    w: Waveforms

    def volts(self, node: str) -> Array:
        if node == "0":
            return np.zeros_like(self.w.axis)
        return self.w[f"v({node})"]

    def delivered(self) -> dict[str, float]:
        """Return what each source gives, less what it takes back [J]."""
        return {
            source: -float(np.trapezoid(self.volts(node) * self.w[f"i({source})"], self.w.axis))
            for source, node in _SOURCE.findall(self.deck.body)
        }

    def channels(self) -> float:
        """Return what all channels dissipate [J]; their current has the sign of the voltage across them."""
        total = 0.0
        for name, drain, _, source, _, _ in _TRANSISTOR.findall(self.deck.body):
            power = self.w[_of(name, "id")] * (self.volts(drain) - self.volts(source))
            total += float(np.trapezoid(np.abs(power), self.w.axis))
        return total

    def charges(self) -> float:
        """Return the work that all transistors' charges take [J]; ngspice gives a PMOS's with the other sign."""
        total = 0.0
        for name, *nodes, model in _TRANSISTOR.findall(self.deck.body):
            sign = -1 if model.startswith("pmos") else 1
            for node, charge in zip(nodes, _CHARGES, strict=True):
                q, v = sign * self.w[_of(name, charge)], self.volts(node)
                # ngspice has no charges at its operating point, the first value.
                total += float(np.sum(np.diff(q[1:]) * (v[2:] + v[1:-1]) / 2))
        return total

    def stored(self) -> float:
        """Return by how much the energy of all capacitors has risen [J]."""
        total = 0.0
        for a, b, farads in _CAPACITOR.findall(self.deck.body):
            v = self.volts(a) - self.volts(b)
            total += float(farads) / 2 * float(v[-1] ** 2 - v[0] ** 2)
        return total


def _of(transistor: str, quantity: str) -> str:
    return f"v(@{transistor.lower()}[{quantity}])"


def accounted(made: Deck, run: Run) -> Account:
    deck = with_accuracy(made, "default")
    transistors, capacitors = _TRANSISTOR.findall(deck.body), _CAPACITOR.findall(deck.body)
    nodes = {node for _, *pins, _ in transistors for node in pins} | {n for a, b, _ in capacitors for n in (a, b)}
    saves = [*deck.saves, *(f"v({node})" for node in sorted(nodes - {"0"}))]
    saves += [f"i({source})" for source, _ in _SOURCE.findall(deck.body)]
    saves += [_of(name, quantity) for name, *_ in transistors for quantity in ("id", *_CHARGES)]
    return Account(deck, run(replace(deck, saves=tuple(dict.fromkeys(saves)))))


@pytest.fixture(scope="module")
def conversion(sky130: Pdk, run: Run) -> Account:
    return accounted(sar.deck(SarAdc(), Conditions(), sar.Convert(), sky130), run)


def test_the_deck_is_read_whole(conversion: Account) -> None:
    """Every line of the circuit is a transistor, a capacitor or a source: nothing else could take energy."""
    lines = conversion.deck.body.split("\n.")[0].splitlines()
    elements = [line for line in lines if line and line[0] not in "*+."]
    known = [_TRANSISTOR, _CAPACITOR, _SOURCE]
    assert len(elements) > 150
    assert [line for line in elements if not any(kind.match(line) for kind in known)] == []


def test_what_the_sources_deliver_is_what_the_transistors_take(conversion: Account) -> None:
    delivered = sum(conversion.delivered().values())
    taken = conversion.channels() + conversion.charges() + conversion.stored()
    assert taken == pytest.approx(delivered, rel=0.01)
    # The account would not close without any one part of it.
    assert conversion.channels() > 1.02 * delivered
    for source in ("vlog", "vcmp", "vdac", "vref"):
        assert conversion.delivered()[source] > 0.02 * delivered


def test_the_parts_add_up_to_all_that_the_sources_deliver(conversion: Account, sky130: Pdk) -> None:
    """Each source once; the one that pulses gates stands for a driver, which gets nothing back from them."""
    values = sar.measure(conversion.w, setup_of(SarAdc(), sar.Convert(), pdk=sky130))
    delivered = conversion.delivered()
    t, smp = conversion.w.axis, conversion.w["i(vsmp)"]
    # Of the gates' charge that the pulse brings, in at one edge and out at the other, the driver's rail gives all.
    given = 1.8 * float(np.trapezoid(np.maximum(-smp, 0.0), t))
    pulsed = delivered.pop("vsmp")
    parts = values["energy_total"] + values["energy_input"]
    assert 0 <= pulsed < given
    assert parts == pytest.approx(sum(delivered.values()) + given, rel=0.01)
    assert values["energy_total"] == pytest.approx(
        values["energy_comparator"] + values["energy_dac"] + values["energy_logic"], rel=1e-12
    )
