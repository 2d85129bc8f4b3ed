"""The page of OSA-HCIM's headline figure: the gain of a hybrid MAC over all digital, from the shipped tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import get_args

import numpy as np
from pages import MEASURED, SCALED, SCALES, Page, load, prose, table

from bitline.plot import tornado_figure
from bitline.plot.tornado import Panel, quantity
from bitline.system.efficiency import OPERATIONS
from bitline.system.hybrid.account import DigitalOperands, HybridAccount, Parts, Reads
from bitline.system.hybrid.assumptions import ASSUMPTIONS, COLUMNS
from bitline.system.sensitivity import SAMPLES, Bar, Model, hypercube, nominal, tornado

CLAIM = 1.95
"""Energy efficiency over digital CIM, abstract of arXiv 2308.15040 (65 nm; paper)."""
SHOWN = 9
"""Boundary of the tornado: with 4 bits and no noise it lost less than 0.61 % of 4,000 pictures (docs/hybrid.md)."""
SALIENCY = 9.43
"""Mean boundary of the signed saliency that is the first past 1.95 times (docs/hybrid.md)."""
CONVERTERS = (3, 4, 5, 6)
"""Bits; the headline is of 4."""
READS: tuple[Reads, ...] = get_args(Reads)


@cache
def account(bits: int = 4) -> HybridAccount:
    units = {5: load("shift-adder"), 4: load("shift-adder-4")}
    tables = [load(name) for name in ("acim-qr-144", "acim-qr-inputs", "column-dac", "sar-adc-forms")]
    return HybridAccount.of(*tables, bits, units, load("sram-cell"))


def osa_hcim() -> Page:
    """OSA-HCIM: 1.95 times the energy efficiency of digital CIM."""
    bars = {reads: tornado(gain(reads), ASSUMPTIONS) for reads in READS}
    panels = [
        Panel(f"({letter}) {reads} row reads, B = {SHOWN}", bars[reads], gain(reads)(nominal(ASSUMPTIONS)), CLAIM)
        for letter, reads in zip("ab", READS, strict=True)
    ]
    parts = [
        "# OSA-HCIM: what SKY130 makes of 1.95 times",
        verdict(),
        "## Gain by boundary",
        gains(),
        "## Where the energy goes",
        breakdown(),
        "## Scaled to 65 nm",
        scaled(),
        "## What decides the gain",
        decisive(bars),
        "![What each assumption alone does to the gain](osa-hcim.png)",
        "## Every assumption",
        assumptions(bars),
    ]
    figure = tornado_figure(panels, f"All digital / hybrid at B = {SHOWN}, converter of 4 bits")
    return Page("\n\n".join(parts) + "\n", {"osa-hcim.png": figure})


def gain(reads: Reads, boundary: float = SHOWN) -> Model:
    """The gain with the 4-bit converter as a function of the assumptions."""
    return lambda values: account().gain(boundary, reads, values)


def verdict() -> str:
    at, needed = {}, {}
    for reads in READS:
        low, high = np.quantile(hypercube(gain(reads), ASSUMPTIONS), (0.05, 0.95))
        at[reads] = f"{gain(reads)(nominal(ASSUMPTIONS)):.2f} ({low:.2f} to {high:.2f})"
        needed[reads] = boundary_text(reads)
    return "\n\n".join(
        [
            prose(
                "Written by `make headline` from the shipped tables (tt, 1.8 V, 27 °C, no layout, 130 nm).",
                "*Paper*: 1.95 times over digital CIM at 65 nm (abstract of arXiv 2308.15040).",
                f"**At a boundary of {SHOWN} the gain is {at['shared']} where one row read serves both ports, and",
                f"{at['separate']} where the analog port reads its own row**: nominal, and the middle 90 % of",
                f"{SAMPLES} points of a Latin hypercube over all assumptions below. 1.95 takes a mean boundary of",
                f"{needed['shared']} or of {needed['separate']}.",
            ),
            prose(
                "The digital operands are those of the network whose loss is known, the pairs of digits of",
                f"[hybrid products](../../docs/hybrid.md). A fixed boundary of {SHOWN} lost +0.30 % (-0.01 to +0.61)",
                f"of 4,000 pictures there; signed saliency of mean boundary {SALIENCY:.2f} (half of the outputs at 9,",
                "half at 10) lost +0.55 % (+0.17 to +0.93), and its gain is",
                f"{gain('shared', SALIENCY)(nominal(ASSUMPTIONS)):.2f} with shared reads and",
                f"{gain('separate', SALIENCY)(nominal(ASSUMPTIONS)):.2f} with separate ones, both with four bits and",
                "without mismatch or noise. So 1.95 times is reached with shared reads, nominally, at a loss below 1 %",
                "(95 %, these pictures); with separate reads it is not. With the comparator's offset and noise the",
                "losses are +0.38 % (+0.08 to +0.67) and +0.70 % (+0.33 to +1.07). **It hangs on rows",
                "that stay while the saliency is made**: where they are read again once it has told the boundary,",
                f"these gains are {read_again('shared'):.2f} and {read_again('separate'):.2f}. For CIFAR-100, the",
                "paper's task, nothing is shown.",
                f"With half-normal operands the gain at {SHOWN} would be {others('half-normal')}, with uniform ones",
                f"{others('uniform')} (shared and separate reads): a digital operation then takes about twice as much.",
            ),
            prose(
                "Not counted on either side: clock tree, control, reference buffers, leakage. The digital tree is",
                "that of an event model, times 0.96: over two draws SPICE takes so much of it for this tree with",
                "uniform bits ([digital path](../../docs/digital-path.md)). DACs and columns take what 200 operations",
                "of the network take in SPICE ([certificate](../certificate/certificate.md)).",
            ),
        ]
    )


def read_again(reads: Reads) -> float:
    """The gain of the signed saliency if every row that waits for the boundary takes a second read."""
    return gain(reads, SALIENCY)({**nominal(ASSUMPTIONS), "second_read": 1.0})


def others(operands: DigitalOperands) -> str:
    """The gains with other digital operands."""
    return " and ".join(f"{account().gain(SHOWN, reads, operands=operands):.2f}" for reads in READS[::-1])


def boundary_text(reads: Reads, bits: int = 4, values: Mapping[str, float] | None = None) -> str:
    found = account(bits).boundary_of(CLAIM, reads, values)
    return "none" if found is None else f"{found:.1f}"


def gains() -> str:
    boundaries = range(5, 12)
    kinds = [(bits, "self-timed", {}) for bits in CONVERTERS] + [(4, "synchronous", {"synchronous": 1.0})]
    rows = [
        [
            f"{bits} bits, {logic}",
            reads,
            *(f"{account(bits).gain(b, reads, values):.2f}" for b in boundaries),
            boundary_text(reads, bits, values),
        ]
        for bits, logic, values in kinds
        for reads in READS
    ]
    head = ["converter", "row reads", *(f"B = {b}" for b in boundaries), f"mean B for {CLAIM:g}"]
    return "\n\n".join(
        [
            "A mean boundary between two integers is a mix of both. Nominal assumptions.",
            table(head, rows),
            prose(
                "Converters of 3 to 6 bits were simulated with both kinds of logic and 1 fF a net; what adds their",
                "codes up is extrapolated for 3 and 6 bits. **Synchronous logic gains nothing**: with 4 bits its",
                f"conversion takes {account().synchronous:.3f} of a self-timed one, although five share its register",
                "(estimated).",
            ),
        ]
    )


def breakdown() -> str:
    cases = [("all digital", 0, "separate"), *((f"B = {b}, {reads}", b, reads) for b in (8, SHOWN) for reads in READS)]
    parts = [account().parts(b, reads) for _, b, reads in cases]
    rows = [
        [one.name.replace("_", " "), *(f"{1e12 * getattr(part, one.name):.1f}" for part in parts)]
        for one in fields(Parts)
    ]
    rows.append(["total", *(f"{1e12 * part.total:.0f}" for part in parts)])
    head = ["pJ of a dot product of 144", *(words for words, _, _ in cases)]
    return "\n\n".join(["Converter of 4 bits, nominal assumptions.", table(head, rows)])


def scaled() -> str:
    unit = account()
    share = unit.converter_logic
    cases = [("all digital", 0, READS[0]), *((f"B = {SHOWN}, {reads} reads", SHOWN, reads) for reads in READS)]
    parts = [unit.parts(b, reads) for _, b, reads in cases]
    columns = [[part.total for part in parts]]
    columns += [[part.scaled(scale, share).total for part in parts] for scale in SCALES]
    rows = [
        [f"{words}: a MAC", *(f"{1e12 * totals[k] / COLUMNS:.3g} pJ" for totals in columns)]
        for k, (words, _, _) in enumerate(cases)
    ]
    rows += [
        [f"{words}: efficiency", *(f"{OPERATIONS * COLUMNS / totals[k] / 1e12:.3g} TOPS/W" for totals in columns)]
        for k, (words, _, _) in enumerate(cases)
    ]
    rows += [
        [f"gain at {SHOWN}, {reads} reads", *(f"{totals[0] / totals[k]:.2f}" for totals in columns)]
        for k, reads in enumerate(READS, start=1)
    ]
    fitted, kept = SCALES[0], columns[-1][0] / columns[-1][1 + READS.index("shared")]
    head = ["converter of 4 bits, 8 x 8 bits", MEASURED, *(f"{scale.name} (assumed)" for scale in SCALES)]
    return "\n\n".join(
        [
            SCALED,
            table(head, rows),
            prose(
                f"The gain falls because logic keeps {fitted.logic:.2f} of its energy and capacitors keep",
                f"{fitted.analog:.2f}: what the analog part replaces gets cheaper than the analog part, of which only",
                f"row reads, shift-and-adds and the converter's logic ({100 * share:.0f} % of a conversion) follow.",
                f"With noise that holds the analog part's energy, the last column, it is {kept:.2f} with shared reads.",
            ),
        ]
    )


def decisive(bars: dict[Reads, list[Bar]]) -> str:
    items = []
    for reads in READS:
        widest = "; ".join(f"{bar.assumption.doc} ({bar.at_low:.2f} to {bar.at_high:.2f})" for bar in bars[reads][:5])
        items.append(prose(f"With {reads} row reads, from the widest: {widest}.", bullet="- "))
    return "\n".join(items)


def assumptions(bars: dict[Reads, list[Bar]]) -> str:
    by_name = {reads: {bar.assumption.name: bar for bar in bars[reads]} for reads in READS}
    rows = []
    for one in ASSUMPTIONS:
        ends = [quantity(value, one.unit) for value in (one.nominal, one.low, one.high)]
        moved = [f"{bar.at_low:.2f}, {bar.at_high:.2f}" for bar in (by_name[reads][one.name] for reads in READS)]
        rows.append([one.doc, *ends, *moved, one.source])
    head = ["assumption", "nominal", "from", "to", *(f"gain at both, {reads} reads" for reads in READS), "source"]
    return "\n\n".join(["One is changed at a time, the others are nominal.", table(head, rows)])
