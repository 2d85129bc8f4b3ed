"""Waveforms on disk: CSV for anyone, Parquet and netCDF with phases and marks as well.

The first column is the axis, then a column per signal with its unit in the header. A complex signal has two
columns, ``v(out) real [V]`` and ``v(out) imaginary [V]``; an operating point is one row.

Each format shows whether it is whole. A CSV of bitline has its first header in quotes, and ends with an empty line.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bitline.circuits.analysis import Ac, Axis, OperatingPoint, Transient, axis_of
from bitline.circuits.deck import Phase
from bitline.engine.viewer_file import raw, vcd
from bitline.engine.waveforms import Array, ComplexArray, Waveforms
from bitline.errors import InputError, SetupError, StorageError
from bitline.files import check_suffix, netcdf_on_disk, path_of, write_file
from bitline.numbers import cell

if TYPE_CHECKING:
    import pandas as pd

FORMATS = (".csv", ".parquet", ".nc")
VIEWERS: Mapping[str, Callable[[Waveforms], bytes]] = {".raw": raw, ".vcd": vcd}
"""Formats of waveform viewers, which are written and not read."""
WRITTEN = (*FORMATS, *VIEWERS)
# Name and unit of a column; a header may have no unit.
_HEADER = re.compile(r"(.*?)(?: \[([^\]]*)\])?")
_PARTS = (" real", " imaginary")
_LINE = "\n"


def write(waveforms: Waveforms, target: str | Path) -> None:
    """Write waveforms.

    Raises
    ------
    InputError
        If the suffix is none of `WRITTEN`, or a VCD is asked for what is not over time.
    SetupError
        If the library for the format is missing.
    StorageError
        If the file cannot be written.
    """
    path = path_of("waveforms", target)
    check_suffix(path, WRITTEN)
    if path.suffix.lower() in VIEWERS:
        write_file(path, VIEWERS[path.suffix.lower()](waveforms))
        return
    frame = _frame(waveforms)
    encode: dict[str, Callable[[pd.DataFrame], bytes]] = {".csv": _csv, ".parquet": _parquet, ".nc": _netcdf}
    try:
        content = encode[path.suffix.lower()](frame)
    except ImportError as error:
        raise _missing(path.suffix.lower()) from error
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error
    write_file(path, content)


def read(source: str | Path) -> Waveforms:
    """Read waveforms that `write` wrote, or any CSV whose first column is time, frequency or a swept source.

    Raises
    ------
    InputError
        If it is not such a file.
    SetupError
        If the library for the format is missing, or the file cannot be read.
    """
    path = path_of("waveforms", source)
    check_suffix(path, FORMATS)
    try:
        frame = _read(path)
        return _waveforms(frame)
    except ImportError as error:
        raise _missing(path.suffix.lower()) from error
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except PermissionError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, TypeError, LookupError, OSError, AttributeError, csv.Error) as error:
        raise InputError(f"{path} holds no waveforms: {error}") from None


def _missing(suffix: str) -> SetupError:
    name, extra = {".parquet": ("pyarrow", "parquet"), ".nc": ("netCDF4", "netcdf")}.get(suffix, ("pandas", "dev"))
    return SetupError(f"{suffix} files need {name}: pip install 'bitline[{extra}]'")


def _frame(waveforms: Waveforms) -> pd.DataFrame:
    import pandas as pd

    columns: dict[str, Array] = {f"{waveforms.abscissa.name} [{waveforms.abscissa.unit}]": waveforms.axis}
    for name, values in waveforms.signals.items():
        unit = waveforms.unit(name)
        if np.iscomplexobj(values):
            columns |= {f"{name}{part} [{unit}]": v for part, v in zip(_PARTS, (values.real, values.imag), strict=True)}
        else:
            columns[f"{name} [{unit}]"] = waveforms[name]
    frame = pd.DataFrame(columns)
    frame.attrs.update(waveforms.annotations)
    return frame


def _csv(frame: pd.DataFrame) -> bytes:
    first, *others = map(str, frame.columns)
    # No reader of CSV minds the quotes or the empty line, but a file that was cut off is told from a whole one.
    header = ",".join([f'"{first}"', *others])
    return f"{header}\n{frame.to_csv(index=False, header=False, lineterminator=_LINE, na_rep='nan')}\n".encode()


def _read_csv(path: Path) -> pd.DataFrame:
    """Return a CSV's columns; raises `ValueError` for one that was cut off, or a cell that is no number."""
    import pandas as pd

    text = path.read_bytes().decode("utf-8-sig")
    _check_end(text)
    header, *rows = (row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row)
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise ValueError(f"row {number} has {len(row)} cells, must be {len(header)}")
    columns = zip(*rows, strict=True) if rows else [()] * len(header)
    return pd.DataFrame({name: [_number(c) for c in cells] for name, cells in zip(header, columns, strict=True)})


def _check_end(text: str) -> None:
    """Raise `ValueError` if the end of the text is missing."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    # Files of other programs, and of bitline 0.1, end after their last row.
    header = lines.partition("\n")[0]
    end = "\n"
    if header.startswith('"') and not header.endswith('"'):
        end = "\n\n"
    if not lines.endswith(end):
        raise ValueError("it was cut off: its end is missing")


def _number(text: str) -> float:
    # Some programs leave the cell of a missing number empty.
    return cell(text.strip() or "nan")


def _parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, engine="pyarrow", index=False)
    return buffer.getvalue()


def _netcdf(frame: pd.DataFrame) -> bytes:
    import netCDF4  # noqa: F401  (xarray's engine, asked for by name)

    headers = {str(column): _header(str(column)) for column in frame.columns}
    dataset = frame.set_index(str(frame.columns[0])).to_xarray().rename({c: name for c, (name, _) in headers.items()})
    for name, unit in headers.values():
        dataset[name].attrs = {"units": unit}
    dataset.attrs = {"bitline": json.dumps(frame.attrs)}
    # netCDF4 writes to files by their names only; the bytes are then written as every other format.
    with tempfile.TemporaryDirectory(prefix="bitline-") as folder:
        path = Path(folder) / "waveforms.nc"
        with netcdf_on_disk():
            dataset.to_netcdf(path, engine="netcdf4")
        return path.read_bytes()


def _read(path: Path) -> pd.DataFrame:
    if path.suffix.lower() == ".csv":
        return _read_csv(path)
    import pandas as pd

    if path.suffix.lower() == ".parquet":
        return pd.read_parquet(path, engine="pyarrow")
    import xarray as xr

    # An axis in s would be read as a duration in whole nanoseconds.
    with path.open("rb"), xr.open_dataset(path, engine="netcdf4", decode_times=False) as dataset:
        units = {str(name): variable.attrs.get("units", "") for name, variable in dataset.variables.items()}
        frame = dataset.to_dataframe().reset_index()
        frame.columns = [f"{name} [{units[name]}]" for name in frame.columns]
        frame.attrs = json.loads(dataset.attrs.get("bitline", "{}"))
    return frame


def _header(column: str) -> tuple[str, str]:
    """Split a header into name and unit: ``"v(bl) [V]"`` -> ``("v(bl)", "V")``."""
    match = _HEADER.fullmatch(column)
    assert match is not None  # every text matches
    return match[1], match[2] or ""


def _waveforms(frame: pd.DataFrame) -> Waveforms:
    headers = [_header(str(column)) for column in frame.columns]
    columns = [np.asarray(frame[column], dtype=np.float64) for column in frame.columns]
    (axis_name, axis_unit), axis = headers[0], columns[0]
    abscissa = axis_of(axis_name, axis_unit)
    if abscissa is None or len(headers) < 2:
        expected = "time or frequency, or a swept source, beside signals"
        raise ValueError(f"the first of its columns is {axis_name!r}, not {expected}")
    _check_axis(axis, abscissa)
    signals = _signals([name for name, _ in headers[1:]], columns[1:])
    extra: dict[Any, Any] = frame.attrs
    waveforms = Waveforms(
        axis=axis,
        signals=signals,
        scalars=extra.get("scalars", {}),
        abscissa=abscissa,
        title=str(extra.get("title", "")),
        phases=tuple(Phase(*phase) for phase in extra.get("phases", ())),
        marks=extra.get("marks", {}),
        readings=tuple((str(name), float(position)) for name, position in extra.get("readings", ())),
    )
    # Only units that a signal's name does not tell are the file's own.
    units = {name: unit for name, unit in headers[1:] if name in signals and unit not in {"", waveforms.unit(name)}}
    return replace(waveforms, units=units)


def _check_axis(axis: Array, abscissa: Axis) -> None:
    if abscissa == OperatingPoint.axis:
        if len(axis) != 1:
            raise ValueError(f"an operating point is one row, not {len(axis)}")
        return
    steps = np.diff(axis)
    # A source may be swept downwards; time and frequency cannot.
    descends = abscissa not in (Transient.axis, Ac.axis) and bool((steps <= 0).all())
    if len(axis) < 2 or not ((steps >= 0).all() or descends):
        raise ValueError(f"{abscissa.name} is not ascending")


def _signals(names: list[str], columns: list[Array]) -> dict[str, Array | ComplexArray]:
    """Join the two columns of each complex signal."""
    signals: dict[str, Array | ComplexArray] = {}
    by_name = dict(zip(names, columns, strict=True))
    for name, values in by_name.items():
        stem = name.removesuffix(_PARTS[0])
        imaginary = by_name.get(f"{stem}{_PARTS[1]}")
        if stem != name and imaginary is not None:
            # Not real + 1j * imaginary: that makes NaN of an infinite part, and loses the sign of a zero.
            joined = np.empty(len(values), dtype=np.complex128)
            joined.real, joined.imag = values, imaginary
            signals[stem] = joined
        elif name.removesuffix(_PARTS[1]) not in signals:
            signals[name] = values
    return signals
