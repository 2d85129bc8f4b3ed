"""``bitline snr``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bitline.cli import options, output
from bitline.cli.lut import coordinates, open_lut
from bitline.errors import InputError

if TYPE_CHECKING:
    from bitline.lut.lut import Lut
    from bitline.system.compute_snr import Adc, ComputeSnr
    from bitline.system.measured_column import MeasuredColumn
    from bitline.system.operand_sums import OperandSums

# Each as its attribute, its name in the literature, and what it says.
_RATIOS = (
    ("snr_a", "SNR_a", "analog core: nonlinearity, mismatch and temporal noise"),
    ("sqnr_qiy", "SQNR_qiy", "operands quantised; inf where they are bits or codes"),
    ("snr_A", "SNR_A", "both, before the ADC"),
    ("sqnr_qy", "SQNR_qy", "ADC, by the formula of an error spread evenly over a step, clipping counted"),
    ("snr_T", "SNR_T", "SNR_A and SQNR_qy together"),
    ("csnr", "CSNR", "at the ADC's output, its codes as they are, against exact hardware"),
)

OperandNames = Annotated[
    str | None,
    typer.Option(
        "--operands",
        metavar="NAME|CSV",
        help="uniform (codes), bits (as the LUT says), half-normal (activations times Gaussian weights, 8 bits each, "
        "bit by bit), gaussian (codes), or a CSV with the columns code and count. [default: bits]",
    ),
]
PmfFile = Annotated[
    Path | None,
    typer.Option("--pmf", metavar="F.csv", help="Operands: how often each code occurs, columns code and count."),
]
Activity = Annotated[
    float | None,
    typer.Option("--activity", metavar="P", parser=options.real, help="Operands: each product is 1 with this chance."),
]
AdcBits = Annotated[
    int | None, typer.Option("--adc-bits", metavar="B", parser=options.positive, help="Bits of an ideal ADC.")
]
AdcRange = Annotated[
    str | None,
    typer.Option(
        "--range", metavar="RANGE", help="Of the ADC: 4sigma (or another number), full, or LOW:HIGH in V. [4sigma]"
    ),
]
AtCondition = Annotated[
    list[str] | None,
    typer.Option("--at", metavar="NAME=VALUE", help="Condition, where the LUT has several; repeatable."),
]
Over = Annotated[
    str | None,
    typer.Option("--over", metavar="AXIS", help="SNR at each value of an axis along which chips were sampled."),
]
By = Annotated[str | None, typer.Option("--by", metavar="AXIS", help="With --over: a second axis, a curve a value.")]
Figure = Annotated[
    Path | None,
    typer.Option(
        "--plot",
        metavar="FILE",
        help="Draw SNR against products, ADC bits and range, or SNR_a over --over: .png, .svg or .pdf.",
    ),
]


def snr(
    lut: options.LutName,
    operands: OperandNames = None,
    pmf: PmfFile = None,
    activity: Activity = None,
    adc_bits: AdcBits = None,
    adc_range: AdcRange = None,
    at: AtCondition = None,
    over: Over = None,
    by: By = None,
    figure: Figure = None,
    as_json: options.Json = False,
) -> None:
    """Compute SNR_a, SQNR, SNR_A, SNR_T and CSNR of a column, for random operands.

    Each is given with gain and offset removed, and with both kept. The energy of one operation, mean over the same
    operands, stands below them.
    """
    from bitline.system.compute_snr import compute_snr, parse_adc
    from bitline.system.measured_column import measured_column
    from bitline.system.operand_sums import operand_sums

    operands = _operands(operands, pmf, activity)
    if adc_range is not None and adc_bits is None:
        raise InputError(f"--range {adc_range}: needs --adc-bits")
    adc = None
    if adc_bits is not None:
        adc = parse_adc(adc_bits, adc_range or "4sigma")
    opened = open_lut(lut)
    condition = coordinates(opened, at or [], "--at")
    if by is not None and over is None:
        raise InputError(f"--by {by}: needs --over")
    if over is not None:
        _over(opened, over, by, condition, operands, adc, figure, as_json=as_json)
        return
    column = measured_column(opened, condition)
    sums = operand_sums(operands, column.products)
    found = compute_snr(column, sums, adc)
    energy = _energy(column, sums)
    if as_json:
        output.data_json({**_as_json(column, found), "energy": energy})
    else:
        _show(column, found)
        _show_energy(energy)
    if figure is not None:
        from bitline.plot import compute_snr_figure, save

        output.check_folder(figure.parent)
        output.say(f"figure: {save(compute_snr_figure(column, operands), figure)}")


def _operands(operands: str | None, pmf: Path | None, activity: float | None) -> str:
    """Return the operands as `operand_sums` reads them; two ways of saying them contradict each other."""
    from bitline.system.operand_sums import ACTIVITY

    told = {"--operands": operands, "--pmf": pmf, "--activity": activity}
    names = [name for name, value in told.items() if value is not None]
    if len(names) > 1:
        raise InputError(f"{' and '.join(names)}: say the operands one way")
    if pmf is not None and pmf.suffix.lower() != ".csv":
        raise InputError(f"--pmf {pmf}: must be a .csv file with the columns code and count")
    if activity is not None:
        return f"{ACTIVITY}{activity!r}"
    return str(pmf or operands or "bits")


def _over(
    lut: Lut,
    over: str,
    by: str | None,
    condition: dict[str, float | str],
    operands: str,
    adc: Adc | None,
    figure: Path | None,
    *,
    as_json: bool,
) -> None:
    """Show the ratios at each value of one axis or two, gain and offset removed."""
    from bitline.statistics.snr import to_db
    from bitline.system.compute_snr import conditions_by, snr_over

    names = [name for name in (by, over) if name is not None]
    rows: list[dict[str, float | str]] = []
    for at in conditions_by(lut, by, condition):
        for value, found in snr_over(lut, over, operands, adc, at).items():
            ratios = {name: getattr(found.removed, attribute) for attribute, name, _ in _RATIOS}
            known = {name: float(to_db(ratio)) for name, ratio in ratios.items() if ratio is not None}
            place = {**at, over: value}
            rows.append({**{name: place[name] for name in names}, **known})
    if as_json:
        output.data_json({"lut": lut.name, "operands": operands, "unit": "dB", "removed": rows})
    else:
        output.say(f"{lut.name}; operands: {operands}; ratios in dB, gain and offset removed")
        header = [*names, *(name for name in rows[0] if name not in names)]
        output.table(tuple(header), [tuple(_cell(row[name], name in names) for name in header) for row in rows])
    if figure is not None:
        from bitline.plot import save, snr_axis_figure

        output.check_folder(figure.parent)
        output.say(f"figure: {save(snr_axis_figure(lut, over, by, condition, operands), figure)}")


def _cell(value: float | str, exact: bool) -> str:
    if exact or isinstance(value, str):
        return str(value)
    return f"{value:.2f}"


def _show(column: MeasuredColumn, found: ComputeSnr) -> None:
    from bitline.statistics.snr import to_db

    condition = ", ".join(f"{name} = {value}" for name, value in column.condition.items())
    output.say(f"{column.lut.name}, {condition}; operands: {found.operands}")
    output.say(f"removed: gain {found.line.gain:.5g} and offset {found.line.offset:.5g} of the end-point line's output")
    if found.range_volts is not None:
        low, high = found.range_volts
        output.say(
            f"ADC: {found.bits} bits over {low:.5g} .. {high:.5g} V; clipped: {found.clipped:.3g} of all outputs"
        )
    rows = []
    for attribute, name, meaning in _RATIOS:
        ratios = [getattr(found.removed, attribute), getattr(found.kept, attribute)]
        if None in ratios:
            continue
        (removed, unit), (kept, _) = (output.value_and_unit(float(to_db(ratio)), "dB") for ratio in ratios)
        rows.append((name, removed, kept, unit, meaning))
    output.table(("ratio", "gain, offset removed", "kept", "unit", "meaning"), rows)


def _energy(column: MeasuredColumn, sums: OperandSums) -> dict[str, Any] | None:
    """Return the mean energy of one operation with its unit, event and scope; None, with the reason said, without."""
    from bitline.system.compute_snr import mean_energy

    operation = column.lut.operation
    if operation is None:
        return None
    try:
        value = mean_energy(column, sums)
    except InputError as error:
        output.say(f"no mean energy: {error}")
        return None
    stated = operation.energy
    return {"name": stated.variable, "value": value, "unit": "J", "event": stated.event, "includes": stated.includes}


def _show_energy(energy: dict[str, Any] | None) -> None:
    if energy is None:
        return
    value, unit = output.value_and_unit(energy["value"], energy["unit"])
    meaning = f"{energy['event']}, mean over these operands; it includes {', '.join(energy['includes'])}"
    output.data("")
    output.table(("energy", "value", "unit", "meaning"), [(energy["name"], value, unit, meaning)])


def _as_json(column: MeasuredColumn, found: ComputeSnr) -> dict[str, Any]:
    from bitline.statistics.snr import to_db

    def ratios(kind: str) -> dict[str, float | None]:
        values = {name: getattr(getattr(found, kind), attribute) for attribute, name, _ in _RATIOS}
        return {name: None if value is None else float(to_db(value)) for name, value in values.items()}

    return {
        "lut": column.lut.name,
        "condition": dict(column.condition),
        "operands": found.operands,
        "unit": "dB",
        "removed": {**ratios("removed"), **asdict(found.line)},
        "kept": ratios("kept"),
        "adc": {name: getattr(found, name) for name in ("bits", "range_volts", "range_lsb", "clipped")},
    }
