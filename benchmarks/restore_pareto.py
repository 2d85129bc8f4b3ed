"""What a restore of a trit costs against how often it errs: ramped latches, with and without a foot, half-rail latches.

    python benchmarks/restore_pareto.py [-j N] [--samples N] [--chips N] [--store FILE]

writes results/restore-pareto.md and results/figures/restore-pareto.png. With three times the usual spread of the
memory some hundred restores tell the variants apart; at the usual spread half-rail latches err so rarely that the
share comes from where each of some chips turns (`restore_turning`), that of the others by counting.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from restore_turning import error_rates, turning_points

import bitline as bl
from bitline.benches.restore.sizing import Restore
from bitline.circuits.base import Circuit
from bitline.circuits.nvsram_trit import NvSramTrit
from bitline.circuits.nvsram_trit_half_rail import NvSramTritHalfRail
from bitline.devices.reram import LEVELS
from bitline.parameters import assemble
from bitline.plot import save, style
from bitline.statistics.intervals import clopper_pearson

RESULTS = Path(__file__).parents[1] / "results"
USUAL, WIDE = 0.1, 0.3
# HOLD changes neither what is restored nor its energy; it is kept short.
HOLD = {"t_hold": 1e-9}
LEVELS_1V1 = {"v_start": 1.1, "v_low": 0.1, "v_boost": 1.95, **HOLD}
LEVELS_1V65 = {"v_start": 1.65, "v_low": 0.6, "v_boost": 2.5, **HOLD}
LEVELS_1V8 = {"v_start": 1.8, "v_low": 0.65, "v_boost": 2.7, **HOLD}
# The foot lets the start level be higher, for which the selectors must hold off more (assumed, as all of theirs).
FOOTED = assemble(NvSramTrit(), {"w_foot": 0.42e-6, "v_th": 0.6, "v_on": 1.0})
# Logic transistors of twice the width: the junctions grow as the widths, over the foundry's lengths of diffusion
# (assumed). The capacitances are fitted to the deck as those of the default are: a latch at its own threshold has its
# sides within 6 mV of what the design says, at 1, 16 and 128 branches.
LARGE = assemble(
    NvSramTritHalfRail(),
    {
        **{"pull_down_device": "nmos", "w_pull_down": 0.42e-6, "area_n": 0.08e-12, "edge_n": 0.8e-6},
        **{"pull_up_device": "pmos", "w_pull_up": 0.42e-6, "area_p": 0.09e-12, "edge_p": 0.85e-6},
        **{"c_latch": 1.2e-15, "c_kick": 0.031e-15, "c_close": 0.0605e-15, "c_skew_2": 0.0067e-15},
        "sigma_vos": 0.029,
    },
)
# Name, circuit and levels [V] of each variant; what is not named has its default.
VARIANTS: Mapping[str, tuple[Circuit, Mapping[str, float]]] = {
    "ramped": (NvSramTrit(), {}),
    "ramped, footed": (FOOTED, {"v_start": 1.05, "v_boost": 2.2}),
    "half-rail, 1.4 V": (NvSramTritHalfRail(), {"v_start": 1.4, "v_low": 0.35, "v_boost": 2.25, **HOLD}),
    "half-rail, 1.65 V (A)": (NvSramTritHalfRail(), LEVELS_1V65),
    "half-rail, 1.8 V (B)": (NvSramTritHalfRail(), LEVELS_1V8),
    "half-rail, 1.1 V, larger": (LARGE, LEVELS_1V1),
    "half-rail, 1.8 V, larger": (LARGE, LEVELS_1V8),
}


@dataclass(frozen=True)
class Share:
    """A share of wrong restores over all levels, with both ends of its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        digits = [f"{100 * share:.2g}" for share in (self.value, self.low, self.high)]
        return "{} ({} to {}) %".format(*digits)


@dataclass(frozen=True)
class Result:
    """One variant: boost [V], nominal margin [V], energy [J] and latency [s] of all levels, and wrong restores.

    `wrong` has the restores counted at the wide spread, by level, each of so many; `usual` is the share at the
    usual one, and `how` how it was found.
    """

    boost: float
    margin: float
    energy: float
    latency: float
    wrong: tuple[int, ...]
    each: int
    usual: Share
    how: str

    @property
    def wide(self) -> Share:
        """Share of wrong restores at the wide spread."""
        return counted(sum(self.wrong), len(self.wrong) * self.each)


def counted(wrong: int, n: int) -> Share:
    """Return the share of wrong restores by counting."""
    interval = clopper_pearson(wrong, n)
    return Share(wrong / n, interval.low, interval.high)


def measured(name: str, runner: bl.Runner, samples: int, chips: int) -> Result:
    """Measure a variant at tt, 1.8 V, 27 degC, without mismatch and with all of it."""
    circuit, levels = VARIANTS[name]
    axes = {key: [value] for key, value in levels.items()}
    spreads = [USUAL, WIDE]
    sweep = bl.Sweep(circuit, bench="restore", level=list(LEVELS), sigma_lnr=spreads, samples=samples, seed=1, **axes)
    lut = runner.characterize(sweep)
    nominal, yields = lut.tables["nominal"], lut.tables["yield"].squeeze()
    wrong = {
        spread: [int(yields["wrong"].sel(level=level, sigma_lnr=spread)) for level in LEVELS] for spread in spreads
    }
    usual, how = counted(sum(wrong[USUAL]), samples * len(LEVELS)), "counted"
    if isinstance(circuit, NvSramTritHalfRail):
        usual, how = turning(circuit, levels, runner, chips), f"{chips} chips"
    return Result(
        boost=levels.get("v_boost", Restore().v_boost),
        margin=min(float(nominal[f"margin_{latch}"].min()) for latch in (1, 2)),
        energy=float(nominal["energy_total"].mean()),
        latency=float(nominal["latency"].max()),
        wrong=tuple(wrong[WIDE]),
        each=samples,
        usual=usual,
        how=how,
    )


def turning(circuit: NvSramTritHalfRail, levels: Mapping[str, float], runner: bl.Runner, chips: int) -> Share:
    """Return the share at the usual spread by where chips turn; its ends are the means of the levels' own."""
    # From a low start level latches decide late.
    tau = 1e-10 if levels["v_start"] > 1.5 else 2e-10
    ln_r = turning_points(circuit, runner, chips, **{"tau_lead": tau, **levels})
    reram = circuit.cluster.reram
    rates = error_rates(ln_r, [reram.resistance(level) for level in LEVELS], USUAL)
    return Share(*np.mean(rates, axis=0).tolist())


def table(results: Mapping[str, Result]) -> Iterator[str]:
    """Yield a row per variant."""
    yield (
        "| variant | boost | least margin | energy, mean of the levels | latency "
        f"| wrong of all, spread {USUAL} (95 %) | wrong LRS / MRS / HRS, spread {WIDE} | of all |"
    )
    yield "|---" * 8 + "|"
    for name, one in results.items():
        wrong = " / ".join(map(str, one.wrong))
        yield (
            f"| {name} | {one.boost:.2f} V | {1e3 * one.margin:.0f} mV | {1e15 * one.energy:.1f} fJ "
            f"| {1e9 * one.latency:.1f} ns | {one.usual}, {one.how} "
            f"| {wrong} of {one.each} each | {one.wide} |"
        )


def figure(results: Mapping[str, Result]) -> Figure:
    """Draw the share of wrong restores at the usual spread with its interval over the energy, a point a variant."""
    with style.context():
        made = style.new_figure(style.COLUMN_WIDTH, 75)
        axes = made.subplots()
        for (name, one), marker in zip(results.items(), "osvD^<>", strict=True):
            share = one.usual
            # What was counted and never wrong has an upper end only.
            at = share.value or share.high
            bars = [[at - share.low], [share.high - at]]
            axes.errorbar([1e15 * one.energy], [at], yerr=bars, fmt=marker, label=name, capsize=2)
        axes.set_yscale("log")
        axes.set_xlabel("energy of a restore [fJ]")
        axes.set_ylabel("share of wrong restores")
        axes.set_xlim(right=1.6 * max(1e15 * one.energy for one in results.values()))
        axes.legend(loc="upper right")
        axes.set_title(f"sigma of ln R {USUAL}, tt, 1.8 V, 27 °C, n = 16", loc="left")
    return made


def main() -> None:
    """Measure all variants and write the table and the figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-j", "--jobs", type=int, default=1)
    parser.add_argument("--samples", type=int, default=150)
    parser.add_argument("--chips", type=int, default=40)
    parser.add_argument("--store", type=Path)
    given = parser.parse_args()
    runner = bl.Runner(jobs=given.jobs, store=given.store)
    results = {name: measured(name, runner, given.samples, given.chips) for name in VARIANTS}
    (RESULTS / "restore-pareto.md").write_text("\n".join(table(results)) + "\n", encoding="utf-8")
    save(figure(results), RESULTS / "figures" / "restore-pareto.png")


if __name__ == "__main__":
    main()
