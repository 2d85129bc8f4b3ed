"""Which formats a LUT can be written in, and why not: decided by its kind and the tables it has."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

Needs = Mapping[str, tuple[str, ...]]

UNSIGNED = ("acim-column-qs", "acim-column-qr", "binary-sram-column", "reram-column")
COLUMNS = (*UNSIGNED, "ternary-column")
_RELIABILITY = "restore reliability has no field there, and stuck-at faults are something else; it stays in the LUT"
_TABLES = "only columns have a MAC output, and only a store its levels"


@dataclass(frozen=True)
class Rule:
    """What one format takes.

    Attributes
    ----------
    needs : mapping of kind to names of tables
        The kinds it can express, and which tables of theirs it is made from.
    refuses : mapping of kind to reason
        Kinds that users may expect to be there.
    otherwise : str
        The reason for every other kind.
    """

    needs: Needs = field(default_factory=dict)
    refuses: Mapping[str, str] = field(default_factory=dict)
    otherwise: str = ""


def _each(kinds: Collection[str], *tables: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(kinds, tables)


_ENERGIES = {
    **_each(COLUMNS, "nominal"),
    **_each(("sar-adc", "nvsram-trit"), "nominal"),
}
RULES: Mapping[str, Rule] = {
    "accelforge": Rule(_ENERGIES, otherwise="it takes the energy of a column, a conversion or a restore"),
    "aihwkit": Rule(
        {**_each(COLUMNS, "mismatch", "noise"), "nsnr-cluster": ("placement",)},
        {"nvsram-trit": _RELIABILITY, "sar-adc": "aihwkit has no ADC transfer, only a number of steps"},
        _TABLES,
    ),
    "analog-cim-sim": Rule(
        {"nsnr-cluster": ("placement",), "reram-column": ("nominal", "mismatch")},
        {"nvsram-trit": _RELIABILITY},
        "it computes with currents of ReRAM cells, which this LUT does not have",
    ),
    "crosssim": Rule(
        {
            **_each(COLUMNS, "mismatch", "noise"),
            **{"nsnr-cluster": ("placement",), "sar-adc": ("transitions", "mismatch")},
        },
        {"nvsram-trit": _RELIABILITY},
        "it takes a column's output, an ADC's edges or a store's levels",
    ),
    "hwcomponents": Rule(_ENERGIES, otherwise="it takes the energy of a column, a conversion or a restore"),
    "liberty": Rule(
        {
            **_each(("binary-sram-column", "ternary-column", "sar-adc", "nvsram-trit", "strongarm"), "nominal"),
        },
        otherwise="this LUT has no latency, and a cell without timing is of no use to a timer",
    ),
    "neurosim": Rule(
        {**_each(UNSIGNED, "mismatch", "noise"), "nsnr-cluster": ("placement",)},
        {
            "ternary-column": "NeuroSim's codes are unsigned, 0..2^b; a signed column has no place in its table",
            "nvsram-trit": _RELIABILITY,
        },
        _TABLES,
    ),
}


def refusal(format: str, kind: str, tables: Collection[str]) -> str:
    """Return why a LUT of that kind, with those tables, cannot be written in a format; "" if it can.

    Formats without a rule (csv, netcdf, parquet, those of other packages) take every LUT.
    """
    rule = RULES.get(format)
    if rule is None:
        return ""
    if kind not in rule.needs:
        return rule.refuses.get(kind, rule.otherwise)
    missing = [table for table in rule.needs[kind] if table not in tables]
    return f"it is made from table {', '.join(missing)}, which this LUT does not have" if missing else ""
