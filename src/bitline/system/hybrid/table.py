"""The table of a hybrid MAC over its boundary: accuracy, energy by part, cycles, gain, and mixes of two boundaries.

One operation is a dot product of 144 activations of 8 bits with 144 weights of 8 bits. Accuracy and energy are over
corner and supply as well. Windows and mixes hold at tt and 1.8 V alone and have these axes with a single value, as all
have 27 degC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any, get_args

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from bitline.errors import InputError
from bitline.lut.lut import Lut
from bitline.lut.operation import Choices, Energy, Operation
from bitline.system.hybrid.account import DigitalOperands, HybridAccount, Parts, Reads
from bitline.system.hybrid.accuracy import Accuracy, AdcRange, accuracy, conversion_at, ranges_of
from bitline.system.hybrid.analog import Conversion
from bitline.system.hybrid.assumptions import ASSUMPTIONS, COLUMNS
from bitline.system.hybrid.boundary import BitOrders
from bitline.system.hybrid.cycles import cycles
from bitline.system.hybrid.measured import AnalogParts
from bitline.system.hybrid.mixes import WAYS, Mix, mixed
from bitline.system.hybrid.operands import Statistics, operands
from bitline.system.ratios import CONDITION

Array = NDArray[np.float64]
Place = tuple[str, float]
"""Corner, and supply [V]."""
NOMINAL: Place = (str(CONDITION["corner"]), float(CONDITION["vdd"]))

BOUNDARIES = tuple(range(12))
WINDOWS = (2, 3, 4, 5)
MEASURED_WINDOWS = (2, 3, 4)
"""Orders that the DAC's bits hold; a wider window is quantisation alone, for no DAC with more bits was measured."""
MIXED = tuple(range(6, 12))
"""The higher of two neighbours, of which half of the outputs have each."""
WINDOW_BITS = 4
"""Converter of the table over windows, and of mixes."""

TREE = "energy_"
DOCS = {
    "tree": "digital: products and compressor tree of 144, all one-bit operations",
    "drivers": "digital: input drivers and gates of the tree",
    "digital_add": "digital: shift-and-add of counts",
    "digital_read": "digital: rows read on the digital port",
    "analog_read": "analog: rows read for analog operations, beyond those that the digital port reads where shared",
    "dac": "analog: the unit's share of the column DACs",
    "column": "analog: columns, with the pass gates of their plates",
    "conversion": "analog: converters",
    "analog_add": "analog: shift-and-add of conversions",
    "saliency": "both: evaluator of the saliency, none at boundary 0",
}
_EACH = "a mean boundary is a mix of both: take energies and mean squares of errors"
_AXES = {
    "boundary": ("", "orders from here on are digital", {"interpolation": "none", "reason": _EACH}),
    "adc_bits": ("bit", "resolution of the converter", {"interpolation": "none", "reason": "whole bits"}),
    "adc_range": ("", "range of the converter: mean +- 4 sigma of each weight bit's sums, or every sum", {}),
    "reads": ("", "whether an analog operation reads its own row", {}),
    "operands": ("", "weights and activations: of assumed distributions, or of the network whose loss is known", {}),
    "window": ("bit", "orders below the boundary that are analog", {"interpolation": "none", "reason": "whole orders"}),
    "way": ("", "which outputs have the lower of two neighbouring boundaries", {}),
    "corner": ("", "process corner", {}),
    "vdd": ("V", "supply", {"interpolation": "none", "reason": "measured at these supplies"}),
    "temperature": ("degC", "temperature", {}),
}


@dataclass(frozen=True, eq=False)
class Macro:
    """What is known of the macro at one condition.

    Attributes
    ----------
    parts : AnalogParts
        For the errors of an analog operation.
    accounts : mapping of int to HybridAccount
        For the energies, by the bits of the converter: 4, whose mixes are shown, and others.
    """

    parts: AnalogParts
    accounts: Mapping[int, HybridAccount]


def boundary_lut(name: str, kind: str, macros: Mapping[Place, Macro], sources: Sequence[Lut]) -> Lut:
    """Return the table.

    Parameters
    ----------
    name, kind : str
        Of the LUT.
    macros : mapping of (corner, vdd) to Macro
        For each corner at each supply, all with converters of the same bits; the nominal condition among them.
    sources : sequence of Lut
        Every table that accounts and parts were made from, for the record.

    Raises
    ------
    InputError
        If the macros are no grid with the nominal condition, or their bits differ or lack 4.
    """
    _check_grid(macros)
    nominal = macros[NOMINAL]
    tables = {
        "accuracy": _accuracy(macros),
        "energy": _energy(macros),
        "window": _window(),
        "window_measured": _window_measured(nominal.parts, nominal.accounts[WINDOW_BITS]),
        "mix": _mix(nominal.parts, nominal.accounts[WINDOW_BITS]),
    }
    return Lut(name, kind, tables, _attrs(sources, macros), _operation())


def _check_grid(macros: Mapping[Place, Macro]) -> None:
    if NOMINAL not in macros or set(macros) != set(product(*_places(macros))):
        raise InputError(f"macros at {sorted(macros)}: must be each corner at each supply, {NOMINAL} among them")
    resolutions = {tuple(sorted(macro.accounts)) for macro in macros.values()}
    if len(resolutions) > 1 or WINDOW_BITS not in next(iter(resolutions)):
        raise InputError(
            f"accounts of {sorted(resolutions)} bits: must be the same everywhere, {WINDOW_BITS} among them"
        )


def _places(macros: Mapping[Place, Macro]) -> tuple[list[str], list[float]]:
    """Return the corners, in the order in which they come, and the supplies [V]."""
    return list(dict.fromkeys(corner for corner, _ in macros)), sorted({vdd for _, vdd in macros})


def _over(macros: Mapping[Place, Macro], **grids: Sequence[Any]) -> dict[str, Sequence[Any]]:
    """Return the axes of a table over corner and supply."""
    corners, supplies = _places(macros)
    return _grid(**grids) | {"corner": corners, "vdd": supplies}


def _grid(**grids: Sequence[Any]) -> dict[str, Sequence[Any]]:
    """Return the axes of a table: those given and the condition's, with a single value."""
    return {**grids, **{axis: (value,) for axis, value in CONDITION.items()}}


def _dataset(grids: Mapping[str, Sequence[Any]], variables: Mapping[str, tuple[Any, str, str]]) -> xr.Dataset:
    """Return a table of values in the order of its axes; variables are values, unit and doc."""
    shape = tuple(len(values) for values in grids.values())
    data = {
        key: (tuple(grids), _rounded(np.reshape(values, shape)), {"unit": unit, "doc": doc})
        for key, (values, unit, doc) in variables.items()
    }
    coords = {}
    for axis, values in grids.items():
        unit, doc, attrs = _AXES[axis]
        coords[axis] = (axis, np.array(values), {"unit": unit, "doc": doc, **attrs})
    return xr.Dataset(data, coords)


def _rounded(values: NDArray[Any]) -> NDArray[Any]:
    """Return values with 12 digits: the last ones of a sum depend on the processor, and the table's bytes must not."""
    if values.dtype.kind != "f":
        return values
    return np.array([float(f"{value:.12g}") for value in values.ravel()]).reshape(values.shape)


def _accuracy(macros: Mapping[Place, Macro]) -> xr.Dataset:
    rows, errors, ideal = [], [], []
    ranges_used: tuple[AdcRange, ...] = get_args(AdcRange)
    statistics: tuple[Statistics, ...] = get_args(Statistics)
    samples = {each: operands(each) for each in statistics}
    bits = sorted(macros[NOMINAL].accounts)
    each_place = [macros[place].parts for place in product(*_places(macros))]
    for boundary, width, rule, kind in product(BOUNDARIES, bits, ranges_used, statistics):
        sample = samples[kind]
        ranges = ranges_of(rule, sample, BitOrders(), boundary)
        # Quantisation alone knows no condition.
        ideal += [accuracy(sample, ranges, Conversion(adc_bits=width), boundary)] * len(each_place)
        for parts in each_place:
            errors.append(conversion_at(parts, width, ranges, sample, boundary))
            rows.append(accuracy(sample, ranges, errors[-1], boundary))
    return _dataset(
        _over(macros, boundary=BOUNDARIES, adc_bits=bits, adc_range=ranges_used, operands=statistics),
        {
            "snr_total": (
                [one.snr_total for one in rows],
                "1",
                "power of the product over that of its error",
            ),
            "csnr": ([one.csnr for one in rows], "1", "the same with the mean error kept in that"),
            "snr_quantised": ([one.snr_total for one in ideal], "1", "snr_total without mismatch and noise"),
            **_powers(rows),
            "static": ([one.static for one in errors], "", "static error of a column [LSB of the sum]"),
            "temporal": ([one.temporal for one in errors], "", "temporal error of a conversion [LSB of the sum]"),
        },
    )


def _powers(rows: Sequence[Accuracy]) -> dict[str, tuple[Any, str, str]]:
    return {
        "signal_sigma": ([one.signal**0.5 for one in rows], "1", "standard deviation of the exact product"),
        "error_sigma": ([one.sigma for one in rows], "1", "standard deviation of the error of the product"),
        "error_mean": ([one.bias for one in rows], "1", "mean error of the product"),
    }


def _energy(macros: Mapping[Place, Macro]) -> xr.Dataset:
    ways: tuple[Reads, ...] = get_args(Reads)
    kinds: tuple[DigitalOperands, ...] = get_args(DigitalOperands)
    resolutions = sorted(macros[NOMINAL].accounts)
    points = list(product(BOUNDARIES, resolutions, ways, kinds, product(*_places(macros))))
    accounts = [macros[place].accounts[bits] for _, bits, _, _, place in points]
    parts = [
        account.parts(b, reads, operands=kind) for account, (b, _, reads, kind, _) in zip(accounts, points, strict=True)
    ]
    gains = [
        account.gain(b, reads, operands=kind) for account, (b, _, reads, kind, _) in zip(accounts, points, strict=True)
    ]
    orders = BitOrders()
    variables: dict[str, tuple[Any, str, str]] = {
        TREE + one.name: ([getattr(part, one.name) for part in parts], "J", DOCS[one.name]) for one in fields(Parts)
    }
    variables["energy_total"] = ([part.total for part in parts], "J", "all parts of a dot product")
    variables["gain"] = (gains, "1", "energy of the all-digital dot product over energy_total")
    taken = [cycles(orders, b, reads) for b, _, reads, *_ in points]
    variables["latency_cycles"] = (taken, "1", "cycles of a dot product: one a digital or analog operation (assumed)")
    variables["digital"] = ([orders.counts(b).digital for b, *_ in points], "1", "one-bit digital operations")
    conversions = [orders.counts(b).conversions for b, *_ in points]
    variables["conversions"] = (conversions, "1", "analog operations, each with its conversion")
    return _dataset(_over(macros, boundary=BOUNDARIES, adc_bits=resolutions, reads=ways, operands=kinds), variables)


def _window() -> xr.Dataset:
    statistics: tuple[Statistics, ...] = get_args(Statistics)
    samples = [operands(each) for each in statistics]
    ratios = []
    for boundary in BOUNDARIES:
        for window in WINDOWS:
            for sample in samples:
                ranges = ranges_of("4sigma", sample, BitOrders(window=window), boundary)
                ratios.append(accuracy(sample, ranges, Conversion(adc_bits=WINDOW_BITS), boundary).snr_total)
    return _dataset(
        _grid(boundary=BOUNDARIES, window=WINDOWS, operands=statistics),
        {"snr_window": (ratios, "1", "snr_total of 4 bits over 4sigma, without mismatch and noise")},
    )


def _window_measured(parts: AnalogParts, account: HybridAccount) -> xr.Dataset:
    """Return accuracy and energy over the windows that the measured DAC has.

    That a narrower window's words take as much of the DAC as those of four orders is assumed.
    """
    kinds: tuple[Statistics, ...] = get_args(Statistics)
    points = list(product(BOUNDARIES, MEASURED_WINDOWS, kinds))
    samples = {kind: operands(kind) for kind in kinds}
    rows = []
    for boundary, window, kind in points:
        ranges = ranges_of("4sigma", samples[kind], BitOrders(window=window), boundary)
        conversion = conversion_at(parts, WINDOW_BITS, ranges, samples[kind], boundary)
        rows.append(accuracy(samples[kind], ranges, conversion, boundary))
    accounts = {window: replace(account, orders=BitOrders(window=window)) for window in MEASURED_WINDOWS}
    variables: dict[str, tuple[Any, str, str]] = {
        "snr_total": ([one.snr_total for one in rows], "1", "as in table accuracy, 4 bits over 4sigma"),
        "error_mean": ([one.bias for one in rows], "1", "mean error of the product"),
    }
    for reads in get_args(Reads):
        totals = [accounts[window].parts(b, reads, operands=kind).total for b, window, kind in points]
        gains = [accounts[window].gain(b, reads, operands=kind) for b, window, kind in points]
        variables[f"energy_{reads}"] = (totals, "J", f"energy_total with {reads} reads")
        variables[f"gain_{reads}"] = (gains, "1", f"gain with {reads} reads")
    return _dataset(_grid(boundary=BOUNDARIES, window=MEASURED_WINDOWS, operands=kinds), variables)


def _mix(parts: AnalogParts, account: HybridAccount) -> xr.Dataset:
    statistics: tuple[Statistics, ...] = get_args(Statistics)
    mixes: list[Mix] = list(_mixes(parts, statistics))
    energies = {
        reads: [
            _mixed_energy(account, boundary, mix.mean_boundary, reads, kind)
            for (boundary, _, kind), mix in zip(product(MIXED, WAYS, statistics), mixes, strict=True)
        ]
        for reads in get_args(Reads)
    }
    return _dataset(
        _grid(boundary=MIXED, way=WAYS, operands=statistics),
        {
            "mean_boundary": ([one.mean_boundary for one in mixes], "1", "mean over the outputs"),
            "snr_total": ([one.outputs.snr_total for one in mixes], "1", "as in table accuracy, 4 bits over 4sigma"),
            "snr_rectified": ([one.rectified.snr_total for one in mixes], "1", "the same of max(product, 0)"),
            **{
                f"energy_{reads}": (values, "J", f"energy_total with {reads} reads, mean over the outputs")
                for reads, values in energies.items()
            },
        },
    )


def _mixes(parts: AnalogParts, statistics: Sequence[Statistics]) -> Iterator[Mix]:
    samples = [operands(each) for each in statistics]
    for boundary in MIXED:
        for way in WAYS:
            for sample in samples:
                yield mixed(sample, parts, WINDOW_BITS, boundary, way)


def _mixed_energy(account: HybridAccount, boundary: int, mean: float, reads: Reads, kind: Statistics) -> float:
    below, above = (account.parts(b, reads, operands=kind).total for b in (boundary - 1, boundary))
    return below + (mean - (boundary - 1)) * (above - below)


def _attrs(sources: Sequence[Lut], macros: Mapping[Place, Macro]) -> dict[str, Any]:
    """Return where it all comes from: tables, process, assumptions."""
    logic = ", ".join(
        f"{corner} {vdd:g} V {macro.accounts[WINDOW_BITS].logic:.3f}" for (corner, vdd), macro in macros.items()
    )
    return {
        "description": "a hybrid dot product of 144 by 8 x 8 bits over the boundary between digital and analog orders",
        "sources": [lut.name for lut in sources],
        "pdk": sources[0].attrs["pdk"],
        "pdk_library_sha256": sources[0].attrs["pdk_library_sha256"],
        "conditions": dict(CONDITION),
        "products": COLUMNS,
        "assumed": [
            *(f"{one.name} = {one.nominal:g} {one.unit}: {one.doc} ({one.source})" for one in ASSUMPTIONS),
            f"logic: tree, drivers and evaluator at a condition over the nominal one, as a tree 16 wide: {logic}",
        ],
    }


def _operation() -> Operation:
    analog = "columns, conversions and their shift-and-adds, DACs, rows read for them"
    energy = Energy(
        variable="energy_total",
        event="one dot product of 144 activations with 144 weights, 8 x 8 bits",
        includes=tuple(DOCS),
        excludes=("clock tree", "control", "reference buffers", "leakage"),
        convention="sum of the parts, each an energy of its table or an assumption times how often it occurs",
        components={
            "cells": f"both domains: digital trees, drivers, shift-and-adds and rows; {analog}; saliency",
            "dac": "the unit's share",
            "adc": "all conversions",
        },
        beyond=("clock tree", "control"),
    )
    # The energies are means over operands already, so that no axis holds operands.
    return Operation(event="one hybrid dot product", energy=energy, operands=Choices(()), table="energy")
