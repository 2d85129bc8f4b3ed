"""The page of a paper's headline figures, from the shipped tables: ratios with intervals, what decides them, density.

python examples/headline.py [-o results/headline]

`make headline` runs it. A page is a function that returns its Markdown and its figures; `PAGES` lists them.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from hybrid_headline import osa_hcim
from pages import MEASURED, SCALED, SCALES, Page, load, prose, table

from bitline.plot import save, tornado_figure
from bitline.plot.tornado import Panel, quantity
from bitline.statistics.distributions import binomial_pmf
from bitline.system import area
from bitline.system.account import CLAIMED, Account, Baseline, energies, gain
from bitline.system.area import AreaModel
from bitline.system.assumptions import ASSUMPTIONS
from bitline.system.efficiency import OPERATIONS, TERNARY_5, TRITS_ON_BINARY
from bitline.system.measured_system import SAFE_ROWS, SHARED_ROWS, MeasuredSystem
from bitline.system.products import products_of
from bitline.system.ratios import CONDITION, logic_share
from bitline.system.scaling import Scale
from bitline.system.sensitivity import SAMPLES, Bar, Model, hypercube, nominal, reach, tornado

NAMES: dict[Baseline, str] = {"sram": "SRAM-CIM", "reram": "ReRAM-CIM"}
NEVER = 1e15  # MACs per load of a weight that is never loaded again
HELD = 327_680  # sites that hold the default network
CLUSTERS, BRANCHES = 4, 60
MB_PER_MM2 = 1e12


@cache
def measured_system() -> MeasuredSystem:
    return MeasuredSystem.of(
        *(load(name) for name in ("ternary-column", "baseline-sram", "baseline-reram")),
        [load("sar-adc"), load("sar-adc-4")],
        {5: load("shift-adder"), 4: load("shift-adder-4")},
    )


def ratio(system: MeasuredSystem, baseline: Baseline, **fixed: float) -> Model:
    """The gain as a function of the assumptions, some of them fixed."""
    return lambda values: gain(system.account({**values, **fixed}), baseline)


def tl_nvsram() -> Page:
    """TL-nvSRAM-CIM: 2.9 times over SRAM-CIM, 1.9 times over ReRAM-CIM, 7.8 times the density."""
    system = measured_system()
    bars = {baseline: tornado(ratio(system, baseline), ASSUMPTIONS) for baseline in NAMES}
    panels = [
        Panel(f"({letter}) Over {name}", bars[baseline], gain(system.account(), baseline), CLAIMED[baseline])
        for letter, (baseline, name) in zip("ab", NAMES.items(), strict=True)
    ]
    parts = [
        "# TL-nvSRAM-CIM: what SKY130 makes of 2.9, 1.9 and 7.8 times",
        prose(
            "Written by `make headline` from the shipped tables. *Paper* is the abstract of",
            "arXiv 2307.02717 (28 nm); its baselines, network and reuse are not known. Circuits were simulated with",
            "SKY130's models at tt, 1.8 V and 27 °C, without layout; what is not of circuits is assumed, and listed.",
        ),
        headlines(system),
        "## What decides the ratios",
        decisive(system, bars),
        "![What each assumption alone does to the ratios](tl-nvsram.png)",
        "## Columns",
        columns(system),
        static_current(),
        "## Fair baselines",
        views(system),
        "## Scaled to 65 nm",
        scaled(system),
        "## Every assumption",
        assumptions(system, bars),
        "## Density",
        density(),
    ]
    return Page(
        "\n\n".join(parts) + "\n", {"tl-nvsram.png": tornado_figure(panels, "Baseline's energy / nvSRAM-CIM's")}
    )


def headlines(system: MeasuredSystem) -> str:
    rows, beyond = [], []
    for baseline, name in NAMES.items():
        cells = []
        for fixed in ({}, {"reuse": NEVER}):
            model = ratio(system, baseline, **fixed)
            sampled = hypercube(model, ASSUMPTIONS)
            low, middle, high = np.quantile(sampled, (0.05, 0.5, 0.95))
            cells += [f"**{model(nominal(ASSUMPTIONS)):.2f}**", f"{middle:.2f} ({low:.2f} to {high:.2f})"]
            if not fixed:
                share = 100 * np.mean(sampled >= CLAIMED[baseline])
                beyond.append(f"{share:.0f} % reach {CLAIMED[baseline]:g} over {name}")
        rows.append([f"energy over {name}", f"≤ {CLAIMED[baseline]:g}", *cells])
    gains = [area.LAYOUT_RULE.replace(branch=branch) for branch in (area.PITCH_HIGH**2, AreaModel().branch)]
    low, high = (model.density(BRANCHES, CLUSTERS) / model.reference_6t() for model in gains)
    rows.append(
        [
            "[density](#density) over 6T SRAM",
            f"{area.DENSITY_GAIN:g}",
            f"**{low:.1f}**",
            f"({low:.1f} to {high:.0f})",
            "",
            "",
        ]
    )
    head = ["", "paper", "nominal", "median (90 % interval)", "nothing reloaded", "median (90 % interval)"]
    return "\n\n".join(
        [
            table(head, rows),
            prose(
                f"Median and interval are of {SAMPLES} points of a Latin hypercube over all assumptions below,",
                "taken as independent and uniform within their intervals (in the logarithm from a decade on): no",
                "more is known of them. Nominal values stand at an end of many intervals, so that a nominal ratio",
                f"may lie outside. Of the points with reloading, {' and '.join(beyond)}. The density's interval is",
                "that of the ReRAM's pitch.",
            ),
        ]
    )


def decisive(system: MeasuredSystem, bars: Mapping[Baseline, Sequence[Bar]]) -> str:
    items = []
    for baseline, name in NAMES.items():
        widest = "; ".join(
            f"{bar.assumption.doc} ({bar.at_low:.2f} to {bar.at_high:.2f})" for bar in bars[baseline][:4]
        )
        items.append(prose(f"Over {name}, from the widest: {widest}.", bullet="- "))
    resident, usual = (energies(system.account({"reuse": reuse})) for reuse in (NEVER, 100.0))
    moved = 100 * (usual.nvsram.reload + usual.nvsram.restore) / usual.nvsram.compute
    digits = system.base.sram_at.pairs / TERNARY_5.pairs
    for baseline, name in NAMES.items():
        column = getattr(system.base, baseline).total / system.base.ternary.total
        without = getattr(resident, baseline).compute / resident.nvsram.compute
        reloaded = 100 * getattr(usual, baseline).reload / getattr(usual, baseline).compute
        items.append(
            prose(
                f"Without reloading {without:.2f} over {name} is {digits:.2f}, the digits ({system.base.sram_at.pairs}",
                f"column operations a MAC against {TERNARY_5.pairs}), times {column:.2f}, one of its column operations",
                f"over a ternary one. At a reuse of 100, moving weights adds {moved:.0f} % to nvSRAM-CIM and",
                f"{reloaded:.0f} % to {name}.",
                bullet="- ",
            )
        )
    filled = {baseline: gain(system.filled({"reuse": NEVER}), baseline) for baseline in NAMES}
    safe = {baseline: gain(system.filled({"reuse": NEVER}, SAFE_ROWS), baseline) for baseline in NAMES}
    items.append(
        prose(
            "How the baseline fills its converter decides as much: if one-bit columns added up 32 products for the",
            f"five bits that 16 ternary ones need, {filled['sram']:.2f} and {filled['reram']:.2f} are left;",
            f"with the {SAFE_ROWS} whose margins hold, {safe['sram']:.2f} and {safe['reram']:.2f} (fair baselines).",
            bullet="- ",
        )
    )
    held = {baseline: ratio(system, baseline, sites=HELD)(nominal(ASSUMPTIONS)) for baseline in NAMES}
    met = crossing(system, "sram", "reuse", sites=HELD)
    items.append(
        prose(
            f"Whether the network fits decides more than any circuit: {HELD:,} sites hold it, and the ratios are",
            f"{held['sram']:.2f} and {held['reram']:.2f}; {CLAIMED['sram']:g} over SRAM-CIM is then met at a reuse",
            f"of {met}.",
            bullet="- ",
        )
    )
    return "\n".join(items)


def crossing(system: MeasuredSystem, baseline: Baseline, name: str, **fixed: float) -> str:
    """The values of an assumption that give the paper's figure, or that there is none."""
    (one,) = (each for each in ASSUMPTIONS if each.name == name)
    found = reach(ratio(system, baseline, **fixed), ASSUMPTIONS, name, CLAIMED[baseline])
    if found:
        return ", ".join(quantity(value, one.unit) for value in found)
    return f"none in {quantity(one.reach[0], one.unit)} to {quantity(one.reach[1], one.unit)}"


def columns(system: MeasuredSystem) -> str:
    account = system.account()
    rows = []
    for name, column, precision in (
        ("ternary, 5 trits", account.ternary, account.ternary_at),
        ("SRAM, 8 bits", account.sram, account.sram_at),
        ("ReRAM 1T1R, 8 bits", account.reram, account.reram_at),
    ):
        parts = [f"{1e15 * part:.0f} fJ" for part in (column.array, column.adc, column.shift_add)]
        rows.append([name, *parts, str(precision.pairs), f"{1e12 * column.mac(precision):.2f} pJ"])
    return table(["column of 16 products", "array", "conversion", "shift-and-add", "operations a MAC", "a MAC"], rows)


def static_current() -> str:
    """What of the ReRAM column's energy is its static read current."""
    lut = load("baseline-reram")
    at = lut.tables["nominal"].sel({**CONDITION, "zeros": "mixed"})
    pmf = binomial_pmf(products_of(lut).count, products_of(lut).plus)
    read, mirror, rows = (
        f"{1e15 * float(pmf @ at[name].values):.1f} fJ"
        for name in ("energy_read", "energy_integrator", "energy_wordline")
    )
    return prose(
        f"**The ReRAM column's static read current is in its energy**: {read} from the read level of 0.2 V and",
        f"{mirror} as its mirror takes the same charge from the supply; row drivers take {rows}. The amplifier that",
        "holds the line is ideal, and takes nothing unless assumed (below).",
    )


def views(system: MeasuredSystem) -> str:
    values = {"reuse": NEVER}
    own = system.account(values)
    listed: tuple[tuple[str, str, Account], ...] = (
        ("16 products a conversion, each column its own converter", "5 bits for 33 sums, 4 bits for 17", own),
        ("16 products a conversion, one converter for all", "5 bits", system.same(values)),
        (f"one converter for all, {SAFE_ROWS} one-bit products", "5 bits", system.filled(values, SAFE_ROWS)),
        (f"one converter for all, {SHARED_ROWS} one-bit products", "5 bits for 33 sums each", system.filled(values)),
        (
            "as the first, 5 trits on one-bit columns as well",
            "5 bits for 33 sums, 4 bits for 17",
            own.replace(sram_at=TRITS_ON_BINARY, reram_at=TRITS_ON_BINARY),
        ),
    )
    rows = [[text, what, *(f"{gain(account, baseline):.2f}" for baseline in NAMES)] for text, what, account in listed]
    return "\n\n".join(
        [
            prose(
                "All tables are of one process and the same models of it, tt, 1.8 V, 27 °C, and uniform random",
                "digits; a table that differs is refused by name. Nothing is reloaded in this table.",
            ),
            table(["view", "converter", *(f"over {name}" for name in NAMES.values())], rows),
            prose(
                "**How many products a baseline puts into a conversion could take most of the gain**: five bits tell",
                "33 sums apart whatever the digits, and so would read 32 one-bit products where they read 16 ternary",
                "ones. The array is taken in proportion to the rows; one of 32 was simulated to take 1.6 times that of",
                "16.",
                "Against it stands the margin: 33 levels share one line's swing, where the ternary column has the",
                "difference of two. Of 150 chips of 32 rows (`baseline-sram-32`, tt, 1.8 V, 27 °C) the last sensing",
                "margin at 3 sigma is -0.20 LSB (-0.35 to -0.08), where the ternary column has 0.17. By that",
                f"spread the margins are positive up to {SAFE_ROWS} rows (estimated), whose sums still need five bits.",
                "ReRAM columns have other spreads, and their margins at more rows were not looked at.",
            ),
            prose(
                "SRAM-CIM reloads from DRAM what does not fit its cells, at the energies below; in each system only",
                "the excess moves, which is the best case for each.",
            ),
        ]
    )


def at_65nm(account: Account, scale: Scale) -> Account:
    """The account with scaled columns; memories and their transfers stay as they are."""
    wide, narrow = (logic_share(load(name)) for name in ("sar-adc", "sar-adc-4"))
    return account.replace(
        ternary=scale.column(account.ternary, wide),
        sram=scale.column(account.sram, narrow),
        reram=scale.column(account.reram, narrow),
    )


def scaled(system: MeasuredSystem) -> str:
    account, resident = system.account(), system.account({"reuse": NEVER})
    columns = [(account, resident), *((at_65nm(account, one), at_65nm(resident, one)) for one in SCALES)]
    rows = []
    systems = {"ternary": "nvSRAM-CIM, 5 trits", "sram": "SRAM-CIM, 8 bits", "reram": "ReRAM-CIM, 8 bits"}
    for name, words in systems.items():
        macs = [getattr(one, name).mac(getattr(one, f"{name}_at")) for one, _ in columns]
        rows.append([f"{words}: a MAC", *(f"{1e12 * mac:.3g} pJ" for mac in macs)])
        rows.append([f"{words}: efficiency", *(f"{OPERATIONS / mac / 1e12:.3g} TOPS/W" for mac in macs)])
    for baseline, name in NAMES.items():
        for k, what in enumerate((f"a reuse of {account.reuse:g}", "nothing reloaded")):
            rows.append([f"over {name}, {what}", *(f"{gain(pair[k], baseline):.2f}" for pair in columns)])
    moved = [100 * (1 - one.compute / one.total) for one in (energies(pair[0]).nvsram for pair in columns)]
    arrays = [[100 * column.split.array for column in (one.ternary, one.sram)] for one, _ in columns]
    return "\n\n".join(
        [
            SCALED,
            table(["reloading not in a MAC", MEASURED, *(f"{one.name} (assumed)" for one in SCALES)], rows),
            prose(
                "Memories stay as they are: DRAM, writes and restores were of other nodes before. So at a reuse of",
                f"{account.reuse:g} moving weights makes {moved[1]:.0f} % of nvSRAM-CIM's MAC instead of",
                f"{moved[0]:.0f} %, and the ratios fall. With nothing reloaded they move by the arrays alone, which",
                f"shrink less than logic: the ternary array makes {arrays[1][0]:.0f} % of its column instead of",
                f"{arrays[0][0]:.0f} %, the SRAM array {arrays[1][1]:.0f} % instead of {arrays[0][1]:.0f} %.",
            ),
        ]
    )


def assumptions(system: MeasuredSystem, bars: Mapping[Baseline, Sequence[Bar]]) -> str:
    by_name = {baseline: {bar.assumption.name: bar for bar in bars[baseline]} for baseline in NAMES}
    rows = []
    for one in ASSUMPTIONS:
        cells = [one.doc, *(quantity(value, one.unit) for value in (one.nominal, one.low, one.high))]
        for baseline in NAMES:
            bar = by_name[baseline][one.name]
            cells += [f"{bar.at_low:.2f}, {bar.at_high:.2f}", crossing(system, baseline, one.name)]
        rows.append([*cells, one.source])
    head = ["assumption", "nominal", "from", "to"]
    for baseline, name in NAMES.items():
        head += [f"over {name} at both", f"what gives {CLAIMED[baseline]:g}"]
    return "\n\n".join(
        [
            prose(
                "One is changed at a time, the others are nominal. What gives the paper's figure is looked for in a",
                "far wider range than the interval.",
            ),
            table([*head, "source"], rows),
            "Not counted for any system: activations, leakage, control, reference buffers.",
        ]
    )


def density() -> str:
    rule = area.LAYOUT_RULE
    rows = []
    for words, branch in (
        ("28 nm macro's 0.0265 µm² (transcribed)", AreaModel().branch),
        ("met1 and met2, 0.28 µm (rule; the cell's own lines are there)", area.PITCH_LOW**2),
        ("met3 and met4, 0.6 µm (rule)", area.PITCH_HIGH**2),
    ):
        model = rule.replace(branch=branch)
        dense = model.density(BRANCHES, CLUSTERS)
        references = (
            model.reference_6t(),
            model.reference_8t2r(),
            model.reference_binary(BRANCHES, CLUSTERS),
            model.reference_sram(),
        )
        site = f"{1e12 * model.site(BRANCHES, CLUSTERS):.1f} µm²"
        rows.append([words, site, f"{dense / MB_PER_MM2:.1f} Mb/mm²", *(f"{dense / each:.3g}" for each in references)])
    met = area.BITS_PER_TRIT / (area.DENSITY_GAIN * rule.reference_6t())
    head = [
        "pitch of a ReRAM",
        "site",
        "density",
        "over 6T",
        "over 8T2R",
        "over clusters of two levels",
        "over two 6T a trit",
    ]
    return "\n\n".join(
        [
            prose(
                f"A site of the half-rail trit has two split-port cells, {4 * CLUSTERS} switches and mirrors for",
                f"{CLUSTERS} clusters, its share of the drivers of its row's rails, and four compute stacks: by",
                f"SKY130's layout rules {1e12 * rule.silicon(CLUSTERS):.1f} µm² of silicon. Above it are",
                f"{CLUSTERS * BRANCHES} trits, each log2 3 bits. Nothing was laid out.",
            ),
            table(head, rows),
            prose(
                "**The reference is stated: the foundry's 6T cell**, one bit in",
                f"{1e12 * rule.plain:.3f} µm² ({rule.reference_6t() / MB_PER_MM2:.2f} Mb/mm²). The paper's is not",
                f"known; its own figures (transcribed) imply {area.reference_28nm() / MB_PER_MM2:.1f} Mb/mm². Over",
                f"6T cells {area.DENSITY_GAIN:g} is met where a ReRAM takes {1e12 * met:.2f} µm², a pitch of",
                f"{1e6 * math.sqrt(met):.2f} µm: that the pitch of met3 comes near is no confirmation of the paper's.",
            ),
            prose(
                "An 8T2R cell has two switches by the same rules; clusters of two levels have one cell, the same",
                f"cross-points and no compute stacks. Three levels gain log2 3 = {area.BITS_PER_TRIT:.2f} over two",
                "where the cross-points decide, and lose where the silicon does, for a trit needs a second cell.",
            ),
        ]
    )


PAGES: dict[str, Callable[[], Page]] = {"tl-nvsram": tl_nvsram, "osa-hcim": osa_hcim}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", type=Path, default=Path("results/headline"), help="folder of the pages")
    folder = parser.parse_args().o
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        text, figures = page()
        for file, figure in figures.items():
            save(figure, folder / file)
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
        print(folder / f"{name}.md")


if __name__ == "__main__":
    main()
