"""What the records of `certificate.py` say beside the predictions, as lines of a page and as a figure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from certificate_draw import Operation
from certificate_tables import COLUMNS, SIGMAS, Predicted, Tables
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.special import ndtr

from bitline.plot import style
from bitline.statistics.intervals import clopper_pearson
from bitline.system.hybrid.account import HybridAccount
from bitline.system.hybrid.measured import contributions

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
Row = Mapping[str, str]

BITS = 4
PARTS = ("reference", "dac", "column")


@dataclass(frozen=True, eq=False)
class Certificate:
    """Operations, what the tables predict of each, and what SPICE made of them.

    Attributes
    ----------
    tables : Tables
    operations : sequence of Operation
    predicted : sequence of Predicted
    rows, conversions : sequence of mapping
        Rows of the records, of the same operations.
    """

    tables: Tables
    operations: Sequence[Operation]
    predicted: Sequence[Predicted]
    rows: Sequence[Row]
    conversions: Sequence[Row]

    @classmethod
    def of(cls, rows: Sequence[Row], conversions: Sequence[Row], tables: Tables) -> Certificate:
        """Predict every operation of a record."""
        operations = [Operation.of_row(dict(row)) for row in rows]
        predicted = [tables.predict(one.weights, one.words) for one in operations]
        return cls(tables, operations, predicted, rows, conversions)

    @cached_property
    def sums(self) -> Integers:
        """The operations' sums."""
        return np.array([one.total for one in self.operations])

    @cached_property
    def lines(self) -> Array:
        """The simulated lines [V]."""
        return np.array([float(row["v_line"]) for row in self.rows])

    @cached_property
    def sigmas(self) -> Array:
        """Predicted standard deviations of the lines [V]."""
        return np.array([one.sigma for one in self.predicted])

    @cached_property
    def errors(self) -> Array:
        """Lines less what is predicted [V]."""
        return self.lines - np.array([one.line for one in self.predicted])

    def energy(self, *parts: str) -> tuple[Array, Array]:
        """Return the simulated and the predicted energy of some parts [J]."""
        simulated = sum(np.array([float(row[f"energy_{part}"]) for row in self.rows]) for part in parts)
        predicted = sum(np.array([getattr(one, part) for one in self.predicted]) for part in parts)
        return np.asarray(simulated), np.asarray(predicted)

    @cached_property
    def converter_energy(self) -> tuple[Array, float]:
        """What conversions took, and the table's mean [J]."""
        taken = np.array([float(row["energy_total"]) for row in self.conversions])
        return taken, float(self.tables.converter.tables["nominal"]["energy_total"].mean())

    @cached_property
    def inputs(self) -> tuple[Array, Array]:
        """What the converters are predicted to see, and its standard deviation [V]."""
        places = [(one.low, one.high) for one in self.operations]
        seen = [self.tables.input(one.line, *place) for one, place in zip(self.predicted, places, strict=True)]
        spread = [self.tables.spread(one.sigma, *place) for one, place in zip(self.predicted, places, strict=True)]
        return np.array(seen), np.array(spread)

    @cached_property
    def codes(self) -> tuple[Integers, Integers]:
        """The codes of the converters, and those of the predicted inputs."""
        simulated = np.array([round(float(row["code"])) for row in self.conversions])
        return simulated, self.tables.codes(self.inputs[0])

    @cached_property
    def codes_inside(self) -> NDArray[np.bool_]:
        """Which codes lie between those of both ends of the predicted 95 % interval."""
        (seen, spread), (simulated, _) = self.inputs, self.codes
        low, high = (self.tables.codes(seen + side * SIGMAS * spread) for side in (-1, 1))
        return np.asarray((low <= simulated) & (simulated <= high))

    @cached_property
    def expected_equal(self) -> float:
        """How many codes are to be those of the predicted inputs, by the predicted spread."""
        (seen, spread), (_, nominal) = self.inputs, self.codes
        edges = np.concatenate([[-math.inf], self.tables.transitions, [math.inf]])
        return float((ndtr((edges[nominal + 1] - seen) / spread) - ndtr((edges[nominal] - seen) / spread)).sum())

    def of_sums(self, lsb: float) -> Array:
        """Return the lines less what an LSB [V] makes of the sum alone [LSB of the sum]."""
        return (self.lines - self.tables.rest) / lsb - self.sums

    @cached_property
    def system_sigma(self) -> float:
        """Static sigma of a line by `bitline.system.hybrid.measured` [LSB of the sum], no comparator or converter."""
        words = np.concatenate([one.words for one in self.operations])
        each = contributions(self.tables.parts, BITS, words, 1.0)
        return math.sqrt(sum(one.sigma**2 for one in each if one.name in ("capacitors", "reset", "dac")))


def table(of: Certificate, account: HybridAccount) -> Iterator[str]:
    """Yield what all operations say together, the lines of a table."""
    yield "| | simulated beside predicted |"
    yield "|---|---|"
    rows = {**_line(of), **_codes(of), **_energy(of), **_system(of, account)}
    yield from (f"| {name} | {text} |" for name, text in rows.items())


def share(hits: NDArray[np.bool_]) -> str:
    """Return how many of all, and the 95 % interval of their share."""
    found = clopper_pearson(int(hits.sum()), hits.size)
    return f"{int(hits.sum())} of {hits.size} ({found.low:.1%} to {found.high:.1%})".replace("%", " %")


def _rms(values: Array) -> float:
    return math.sqrt(float(np.mean(values**2)))


def _line(of: Certificate) -> dict[str, str]:
    lsb, errors = of.tables.lsb, of.errors
    alone = Certificate.of(of.rows, of.conversions, of.tables.alone())
    quartiles = np.quantile(of.sums, (0, 0.5, 1))
    steps = np.array([(one.high - one.low) / 2**BITS for one in of.operations])
    in_steps = errors / lsb / steps
    return {
        "sum: least, median, largest; LSB": f"{quartiles[0]:.0f}, {quartiles[1]:.0f}, {quartiles[2]:.0f}; "
        f"{1e3 * lsb:.3f} mV",
        "line inside the predicted 95 % interval": share(np.abs(errors) <= SIGMAS * of.sigmas),
        "line less prediction, LSB of the sum": f"mean {errors.mean() / lsb:+.3f}, rms {_rms(errors) / lsb:.3f}; "
        f"predicted rms {_rms(of.sigmas) / lsb:.3f}",
        "standard deviation of that over its own sigma": f"{np.std(errors / of.sigmas, ddof=1):.2f}",
        "the same without the plates, one unit as load": f"mean {alone.errors.mean() / lsb:+.2f}; "
        f"{share(np.abs(alone.errors) <= SIGMAS * alone.sigmas)} inside",
        "line less prediction in steps of the converter": f"rms {_rms(in_steps):.4f}, "
        f"largest {np.abs(in_steps).max():.4f}",
    }


def _codes(of: Certificate) -> dict[str, str]:
    simulated, nominal = of.codes
    apart = np.abs(simulated - nominal)
    return {
        "code inside the predicted 95 % interval": share(of.codes_inside),
        "code that of the predicted line": f"{(apart == 0).sum()}, {of.expected_equal:.0f} expected; "
        f"{(apart == 1).sum()} by one, {(apart > 1).sum()} by more",
    }


def _energy(of: Certificate) -> dict[str, str]:
    rows = {}
    names = {"DACs and column": PARTS, "reference": PARTS[:1], "DACs' gates": PARTS[1:2], "column": PARTS[2:]}
    for name, parts in names.items():
        simulated, predicted = of.energy(*parts)
        ratio = simulated / predicted
        rows[f"energy of {name}"] = (
            f"{1e12 * simulated.mean():.3f} beside {1e12 * predicted.mean():.3f} pJ; "
            f"ratio {ratio.mean():.4f}, {ratio.min():.4f} to {ratio.max():.4f}"
        )
    taken, mean = of.converter_energy
    rows["energy of the conversion"] = (
        f"{1e12 * taken.mean():.3f} beside {1e12 * mean:.3f} pJ; ratio {taken.mean() / mean:.4f}"
    )
    return rows


def _system(of: Certificate, account: HybridAccount) -> dict[str, str]:
    rows = {}
    loads = {"of one unit as load": of.tables.parts.unit_lsb, "under load": of.tables.lsb}
    for words, lsb in loads.items():
        errors = of.of_sums(lsb)
        rows[f"line by the sum alone, LSB {words}"] = (
            f"{1e3 * lsb:.4f} mV: mean {errors.mean():+.2f}, rms {_rms(errors):.2f} LSB; sigma {of.system_sigma:.2f}"
        )
    dacs, column = (of.energy(*parts)[0].mean() for parts in (PARTS[:2], PARTS[2:]))
    parts = account.parts(9, values={"dac_shared": 1.0})
    conversions = account.orders.counts(9).conversions
    return rows | {
        f"energy of {COLUMNS} DACs, beside the headline's": f"{1e12 * dacs:.2f} beside "
        f"{1e12 * parts.dac / conversions:.2f} pJ",
        "energy of the column, beside the headline's": f"{1e12 * column:.2f} beside "
        f"{1e12 * parts.column / conversions:.2f} pJ",
    }


def figure(of: Certificate) -> Figure:
    """Draw lines and energies, simulated over predicted, and codes."""
    lsb = of.tables.lsb
    with style.context():
        made = style.new_figure(style.PAGE_WIDTH, 60)
        line, energy, code = made.subplots(1, 3)
        order = np.argsort(of.sums)
        sums, errors, sigmas = of.sums[order], of.errors[order] / lsb, of.sigmas[order] / lsb
        line.errorbar(sums, 0 * sums, yerr=SIGMAS * sigmas, fmt="none", ecolor=style.GREY, elinewidth=0.6, capsize=0)
        line.plot(sums, errors, ".", color=style.BLUE)
        line.set(xlabel="sum [LSB]", ylabel="line less prediction [LSB]")
        line.set_title("(a) line; grey: predicted 95 %", loc="left")
        simulated, predicted = (1e12 * values for values in of.energy(*PARTS))
        ends = [0, 1.05 * max(simulated.max(), predicted.max())]
        energy.plot(ends, ends, color=style.BLACK, linewidth=0.5)
        energy.plot(predicted, simulated, ".", color=style.VERMILLION)
        energy.set(xlabel="predicted [pJ]", ylabel="simulated [pJ]", xlim=ends, ylim=ends)
        energy.set_title("(b) energy of DACs and column", loc="left")
        codes, _ = of.codes
        code.plot(of.inputs[0] / of.tables.converter_lsb, codes - 2 ** (BITS - 1) + 0.5, ".", color=style.GREEN)
        code.plot([-8, 8], [-8, 8], color=style.BLACK, linewidth=0.5)
        code.set(xlabel="predicted converter input [steps]", ylabel="middle of the code [steps]")
        code.set_title("(c) code", loc="left")
    return made
