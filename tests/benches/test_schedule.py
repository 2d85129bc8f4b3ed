"""Schedules: instants by name, for templates and measures alike."""

from __future__ import annotations

import pytest

from bitline.benches.precharged import precharged_cycle
from bitline.benches.schedule import Schedule
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.binary_sram_column import BinarySramColumn
from bitline.circuits.deck import Phase
from bitline.circuits.precharged_column import PrechargedColumn
from bitline.circuits.ternary_column import TernaryColumn
from bitline.errors import InputError
from bitline.templates import environment

CONVERSION = Schedule(
    {"hold": 1e-9, "stop": 5e-9},
    9e-9,
    (Phase("sample", 0.0, 1e-9), Phase("bit 1", 1e-9, 2e-9), Phase("bit 2", 2e-9, 3e-9)),
    marked=("hold",),
)


def test_instants_are_read_by_name() -> None:
    assert (CONVERSION["hold"], CONVERSION.marks) == (1e-9, {"hold": 1e-9})
    assert [phase.start for phase in CONVERSION.named("bit")] == [1e-9, 2e-9]
    with pytest.raises(KeyError):
        CONVERSION["release"]


def test_a_template_reads_them_as_attributes() -> None:
    template = environment().from_string(
        '{{ t.stop }} {{ t.end }}{% for b in t.named("bit") %} {{ b.start }}{% endfor %}'
    )
    assert template.render(t=CONVERSION) == "5e-09 9e-09 1e-09 2e-09"


@pytest.mark.parametrize("circuit", [AcimColumnQS(), TernaryColumn(), BinarySramColumn()], ids=lambda c: c.name)
def test_a_precharged_cycle_is_in_order_and_adds_up(circuit: PrechargedColumn) -> None:
    t = precharged_cycle(circuit)
    order = ("release", "released", "pulse", "pulsed", "sample", "restore", "restored")
    instants = [t[name] for name in order]
    assert instants == sorted(instants) and instants[0] > 0
    whole = circuit.t_precharge + circuit.t_pulse + circuit.t_settle + circuit.t_restore + 3 * circuit.t_edge
    assert t.end == pytest.approx(whole, rel=1e-12)
    assert (t.phases[0].start, t.phases[-1].stop) == (0.0, t.end)


def test_a_precharge_that_is_too_short_is_refused() -> None:
    with pytest.raises(InputError, match=r"t_precharge = 2e-11: must be >= 1\.5 t_edge = 3e-11"):
        precharged_cycle(TernaryColumn(t_precharge=2e-11))
