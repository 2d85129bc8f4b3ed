"""Benches by name and circuit: bitline's own, each from its module, and those of installed plug-ins."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from bitline.benches.acim import qr_noise, qr_transfer, qs_noise, qs_transfer
from bitline.benches.base import Bench, Output
from bitline.benches.baseline import reram_noise, reram_transfer, sram_noise, sram_transfer
from bitline.benches.cell import half_select, leakage, n_curve, read, retention, snm, two_port, write, write_margin
from bitline.benches.comparator import decide, offset
from bitline.benches.comparator import noise as comparator_noise
from bitline.benches.dac import transfer as dac_transfer
from bitline.benches.logic import accumulate, encode, logic_cell, logic_pair, popcount
from bitline.benches.restore import contention, half_rail, half_rail_hold, hold, restore
from bitline.benches.sar import convert
from bitline.benches.slice import both_ports
from bitline.benches.store import iv, store
from bitline.benches.ternary import noise as ternary_noise
from bitline.benches.ternary import product
from bitline.benches.ternary import transfer as ternary_transfer
from bitline.circuits.base import Circuit
from bitline.errors import UnknownNameError
from bitline.parameters import describe_all
from bitline.plugins import plugged

# The first of a circuit is its default.
_MODULES = (
    read,
    snm,
    write_margin,
    n_curve,
    leakage,
    retention,
    write,
    half_select,
    two_port,
    qs_transfer,
    qr_transfer,
    qs_noise,
    qr_noise,
    restore,
    half_rail,
    hold,
    half_rail_hold,
    contention,
    store,
    iv,
    ternary_transfer,
    product,
    ternary_noise,
    sram_transfer,
    sram_noise,
    reram_transfer,
    reram_noise,
    decide,
    offset,
    comparator_noise,
    convert,
    accumulate,
    encode,
    dac_transfer,
    popcount,
    logic_cell,
    logic_pair,
    both_ports,
)


@cache
def benches() -> tuple[Bench, ...]:
    """Return every bench; plug-ins register under the group ``bitline.benches``."""
    return (*_own(), *plugged("bitline.benches", _refusal).values())


def _own() -> tuple[Bench, ...]:
    return tuple(module.BENCH for module in _MODULES)


def _refusal(loaded: object, others: Collection[Bench]) -> str:
    """Return why a plug-in's object is no bench of its own; "" if it is one."""
    if not isinstance(loaded, Bench):
        return f"a {type(loaded).__name__} is not what bitline.benches holds"
    if reason := _wrong_part(loaded):
        return f"bench {loaded.name}: {reason}"
    # Of two benches with one name, a sweep's file would not say which was meant.
    for owner, known in (("bitline", _own()), ("another plug-in", others)):
        for bench in known:
            shared = set(bench.circuits) & set(loaded.circuits)
            if bench.name == loaded.name and shared:
                return f"{owner} has a bench {bench.name} of {shared.pop().name} of its own"
    return ""


def _wrong_part(bench: Bench) -> str:
    """Return which part of a bench is not what it must be; "" if all are."""
    sorts = (
        ("circuits", "a tuple of circuit classes", lambda item: isinstance(item, type) and issubclass(item, Circuit)),
        ("outputs", "a tuple of Output", lambda item: isinstance(item, Output)),
    )
    for name, wanted, fits in sorts:
        items = getattr(bench, name)
        if not isinstance(items, tuple) or not all(map(fits, items)):
            return f"{name} = {items!r}: must be {wanted}"
    for name in ("deck", "measure", "reduce"):
        if not callable(getattr(bench, name)):
            return f"{name} = {getattr(bench, name)!r}: must be a function"
    # They are listed and simulated at their defaults, which must be valid.
    for _ in describe_all(bench.inputs()):
        pass
    return ""


def benches_of(circuit: type[Circuit]) -> dict[str, Bench]:
    """Return the benches that can measure a circuit, by name; the first is its default.

    Those that measure a use of the circuit go first: build tools sort a plug-in's entry points by name, so their
    order says nothing.
    """
    suitable = [bench for bench in benches() if issubclass(circuit, bench.circuits)]
    suitable.sort(key=lambda bench: bench.operation is None)
    return {bench.name: bench for bench in suitable}


def bench(name: str, circuit: type[Circuit]) -> Bench:
    """Return a circuit's bench of that name; `UnknownNameError` if it has none."""
    known = benches_of(circuit)
    if name not in known:
        raise UnknownNameError("bench", name, known, f"of {circuit.name}")
    return known[name]
