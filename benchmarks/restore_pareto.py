"""What a restore of a trit costs against how often it errs: ramped latches, and half-rail latches at three levels.

    python benchmarks/restore_pareto.py [-j N] [--samples N] [--store FILE]

writes results/restore-pareto.md and results/figures/restore-pareto.png. The memory's spread is three times the usual,
so that some hundred restores tell the variants apart.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

import bitline as bl
from bitline.circuits.base import Circuit
from bitline.circuits.nvsram_trit import NvSramTrit
from bitline.circuits.nvsram_trit_half_rail import NvSramTritHalfRail
from bitline.devices.reram import LEVELS
from bitline.lut.lut import Lut
from bitline.plot import save, style
from bitline.statistics.intervals import Interval, clopper_pearson

RESULTS = Path(__file__).parents[1] / "results"
SIGMA = 0.3
# HOLD changes neither what is restored nor its energy; it is kept short.
HOLD = {"t_hold": 1e-9}
# Name, circuit and levels [V] of each variant; what is not named has its default.
VARIANTS: Mapping[str, tuple[Circuit, Mapping[str, float]]] = {
    "ramped": (NvSramTrit(), {}),
    "half-rail, 1.4 V": (NvSramTritHalfRail(), {"v_start": 1.4, "v_low": 0.35, "v_boost": 2.25, **HOLD}),
    "half-rail, 1.65 V": (NvSramTritHalfRail(), {"v_start": 1.65, "v_low": 0.6, "v_boost": 2.5, **HOLD}),
    "half-rail, 1.8 V": (NvSramTritHalfRail(), {"v_start": 1.8, "v_low": 0.65, "v_boost": 2.7, **HOLD}),
}


@dataclass(frozen=True)
class Result:
    """One variant: boost [V], nominal margin [V], energy [J] and latency [s] of all levels, restores and the wrong."""

    boost: float
    margin: float
    energy: float
    latency: float
    wrong: tuple[int, ...]
    predicted: tuple[float, ...]
    n: int

    @property
    def interval(self) -> Interval:
        """Share of wrong restores over all levels, 95 %."""
        return clopper_pearson(sum(self.wrong), self.n)


def measured(name: str, runner: bl.Runner, samples: int) -> Result:
    """Measure a variant at tt, 1.8 V, 27 degC, without mismatch and with all of it."""
    circuit, levels = VARIANTS[name]
    axes = {key: [value] for key, value in levels.items()}
    sweep = bl.Sweep(circuit, bench="restore", level=list(LEVELS), sigma_lnr=[SIGMA], samples=samples, seed=1, **axes)
    lut: Lut = runner.characterize(sweep)
    nominal, yields = lut.tables["nominal"], lut.tables["yield"].squeeze()
    inputs = runner.point(circuit, "restore", **levels).inputs
    return Result(
        boost=inputs.v_boost,
        margin=min(float(nominal[f"margin_{latch}"].min()) for latch in (1, 2)),
        energy=float(nominal["energy_total"].mean()),
        latency=float(nominal["latency"].max()),
        wrong=tuple(int(yields["wrong"].sel(level=level)) for level in LEVELS),
        predicted=tuple(1 - float(yields["predicted"].sel(level=level)) for level in LEVELS),
        n=int(yields["n_ok"].sum()),
    )


def table(results: Mapping[str, Result]) -> Iterator[str]:
    """Yield a row per variant."""
    yield (
        "| variant | boost | least margin | energy, mean of the levels | latency | wrong LRS / MRS / HRS "
        "| wrong of all, 95 % | predicted |"
    )
    yield "|---" * 8 + "|"
    for name, one in results.items():
        wrong = " / ".join(map(str, one.wrong))
        low, high = (100 * end for end in (one.interval.low, one.interval.high))
        share, predicted = 100 * sum(one.wrong) / one.n, 100 * sum(one.predicted) / len(one.predicted)
        yield (
            f"| {name} | {one.boost:.2f} V | {1e3 * one.margin:.0f} mV | {1e15 * one.energy:.1f} fJ "
            f"| {1e9 * one.latency:.1f} ns | {wrong} of {one.n // len(LEVELS)} each "
            f"| {share:.1f} ({low:.1f} to {high:.1f}) % | {predicted:.1f} % |"
        )


def figure(results: Mapping[str, Result]) -> Figure:
    """Draw the share of wrong restores with its interval over the energy, a point a variant."""
    with style.context():
        made = style.new_figure(style.COLUMN_WIDTH, 65)
        axes = made.subplots()
        for (name, one), colour in zip(results.items(), style.CYCLE, strict=False):
            share, interval = sum(one.wrong) / one.n, one.interval
            bars = [[100 * (share - interval.low)], [100 * (interval.high - share)]]
            axes.errorbar([1e15 * one.energy], [100 * share], yerr=bars, fmt="o", color=colour, label=name, capsize=2)
        axes.set_xlabel("energy of a restore [fJ]")
        axes.set_ylabel("wrong restores [%]")
        axes.set_ylim(bottom=0)
        axes.legend(loc="upper right")
        axes.set_title(f"sigma of ln R {SIGMA}, tt, 1.8 V, 27 °C, n = 16", loc="left")
    return made


def main() -> None:
    """Measure all variants and write the table and the figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-j", "--jobs", type=int, default=1)
    parser.add_argument("--samples", type=int, default=60)
    parser.add_argument("--store", type=Path)
    given = parser.parse_args()
    runner = bl.Runner(jobs=given.jobs, store=given.store)
    results = {name: measured(name, runner, given.samples) for name in VARIANTS}
    (RESULTS / "restore-pareto.md").write_text("\n".join(table(results)) + "\n", encoding="utf-8")
    save(figure(results), RESULTS / "figures" / "restore-pareto.png")


if __name__ == "__main__":
    main()
