"""The table and the figure of docs/peers.md, from what `benchmarks/peers/compare.py` measured.

    python benchmarks/peer_table.py

draws the figure; `python benchmarks/doc_tables.py` writes the tables into the page.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bitline.plot import style

PEERS = Path(__file__).with_name("peers")
MEASURED, FIGURE = PEERS / "measured.csv", PEERS / "peers.png"
NAMES = {
    "bitline": "bitline",
    "ngspice": "`ngspice -b` per sample",
    "ngspice-loop": "one ngspice, `reset` and `run`",
    "pyspice": "PySpice",
    "inspice": "InSpice",
    "spicelib": "spicelib",
    "vlsirtools": "VlsirTools",
}
DECKS = {
    "": "its own",
    "slim": "bitline's, rendered before",
    "stock": "stock library",
    "whole": "stock library, every idle cell",
}
CASES = {"read": "6T read", "column": "QS column of 64 rows"}


@dataclass(frozen=True)
class Cost:
    """What a peer takes for a case: a straight line through its shortest and its longest run.

    Parameters
    ----------
    peer, decks : str
    start, sample : float
        CPU time of the start, and of each further sample [s].
    most : int
        Samples of the longest run.
    longest : Series
        That run.
    """

    peer: str
    decks: str
    start: float
    sample: float
    most: int
    longest: pd.Series

    @property
    def thousand(self) -> float:
        """CPU time of 1,000 samples [s]."""
        return self.start + 1000 * self.sample


def measured() -> pd.DataFrame:
    return pd.read_csv(MEASURED, comment="#", keep_default_na=False, na_values=["nan"])


def of_case(case: str) -> pd.DataFrame:
    table = measured()
    return table[table.case == case]


def costs(case: str) -> list[Cost]:
    """Return the costs of a case, bitline's first."""
    found = []
    for (peer, decks), runs in of_case(case).groupby(["peer", "decks"], sort=False):
        # Of one run alone the start is not known.
        if len(runs) < 2:
            continue
        short, long = runs.iloc[0], runs.iloc[-1]
        sample = (long.cpu - short.cpu) / (long.samples - short.samples)
        found.append(Cost(peer, decks, short.cpu - short.samples * sample, sample, int(long.samples), long))
    return found


def rows(case: str) -> Iterator[str]:
    """Yield a row per program and decks of a case."""
    yield (
        "| program | decks | start [s] | further sample [ms] | over bitline's | 1,000 samples [s] | memory [MiB] |"
        " fall: mean, sigma [mV] | apart [µV] |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    ours, *peers = costs(case)
    for cost in (ours, *peers):
        run = cost.longest
        ratio = "1" if cost is ours else f"{cost.sample / ours.sample:.3g}"
        thousand = f"{cost.thousand:.0f}" if cost.most >= 1000 else f"about {cost.thousand:.3g}"
        error = f" ± {1e3 * run.sigma / math.sqrt(run.samples):.1f}"
        apart = "" if math.isnan(run.apart) else f"{1e6 * run.apart:.1g}"
        yield (
            f"| {NAMES[cost.peer]} | {DECKS[cost.decks]} | {cost.start:.1f} | {1e3 * cost.sample:.3g} | {ratio} |"
            f" {thousand} | {run.memory:.0f} | {1e3 * run['mean']:.1f}{error}, {1e3 * run.sigma:.1f} ({cost.most}) |"
            f" {apart} |"
        )


def promises() -> Iterator[str]:
    """Yield what must hold of both cases, and whether it does."""
    yield "| CPU time of a further sample over bitline's | wanted | 6T read | QS column |"
    yield "|---|---|---|---|"
    cases = {case: costs(case) for case in CASES}
    per_sample = ("ngspice", "spicelib", "vlsirtools", "pyspice", "inspice")
    for words, wanted, peers, decks in (
        ("best peer that loads the stock library for each", (100, 100), per_sample, "stock"),
        ("stock library in a `reset` loop", (2, 3), ("ngspice-loop",), "stock"),
        ("the same, every idle cell written out", (None, 3), ("ngspice-loop",), "whole"),
        ("best peer with bitline's decks, rendered before", (1, 1), (*per_sample, "ngspice-loop"), "slim"),
    ):
        cells = []
        for (ours, *others), least in zip(cases.values(), wanted, strict=True):
            samples = [cost.sample for cost in others if cost.peer in peers and cost.decks == decks]
            if least is None or not samples:
                cells.append("")
                continue
            ratio = min(samples) / ours.sample
            cells.append(f"{ratio:.3g} ({'holds' if ratio >= least else 'does not hold'})")
        least = " and ".join(dict.fromkeys(f"{value}" for value in wanted if value))
        yield f"| {words} | >= {least} | {' | '.join(cells)} |"


def draw() -> None:
    """Draw the CPU time per sample over the number of samples, the start with it."""
    with style.context():
        figure = style.new_figure(style.PAGE_WIDTH, 75)
        colours = style.cycle(NAMES)
        for axes, (case, title) in zip(figure.subplots(1, 2), CASES.items(), strict=True):
            for (peer, decks), runs in of_case(case).groupby(["peer", "decks"], sort=False):
                if decks == "whole":
                    continue
                look = {"linestyle": "--" if decks == "slim" else "-", "marker": "o", "color": colours[peer]}
                # The name once: dashes say the decks.
                label = None if decks == "slim" else NAMES[peer].replace("`", "")
                axes.plot(runs.samples, 1e3 * runs.cpu / runs.samples, label=label, **look)
            axes.set(xscale="log", yscale="log", xlabel="samples", ylabel="CPU time per sample [ms]", title=title)
        handles = figure.axes[0].get_legend_handles_labels()
        figure.legend(*handles, loc="outside lower center", ncols=4)
        figure.savefig(FIGURE, metadata={"Software": None})


if __name__ == "__main__":
    draw()
