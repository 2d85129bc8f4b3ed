"""Waveforms on disk: CSV for anyone, Parquet and netCDF with phases and marks as well."""

from __future__ import annotations

import io
import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bitline.circuits.analysis import Dc, Noise, Transient
from bitline.circuits.deck import Phase
from bitline.cli.output import check_suffix, write_file
from bitline.errors import InputError, SetupError, StorageError
from bitline.simulate.waveforms import Waveforms

if TYPE_CHECKING:
    import pandas as pd

FORMATS = (".csv", ".parquet", ".nc")
_UNIT = re.compile(r" \[[^\]]*\]$")
_AXES = {axis.name: axis for axis in (Transient.axis, Noise.axis, Dc.axis)}


def write(waveforms: Waveforms, path: Path) -> None:
    """Write waveforms: a column per signal, the unit in its header.

    Raises
    ------
    InputError
        If the suffix is none of `FORMATS`.
    SetupError
        If the library for the format is missing.
    StorageError
        If the file cannot be written.
    """
    check_suffix(path, FORMATS)
    frame = _frame(waveforms)
    encode: dict[str, Callable[[pd.DataFrame], bytes]] = {".csv": _csv, ".parquet": _parquet, ".nc": _netcdf}
    try:
        content = encode[path.suffix.lower()](frame)
    except ImportError as error:
        raise _missing(path.suffix.lower()) from error
    write_file(path, content)


def read(path: Path) -> Waveforms:
    """Read waveforms that `write` wrote, or any CSV whose first column is time or frequency.

    Raises
    ------
    InputError
        If it is not such a file.
    SetupError
        If the library for the format is missing, or the file cannot be read.
    """
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
    except (ValueError, TypeError, LookupError, OSError, AttributeError) as error:
        raise InputError(f"{path} holds no waveforms: {error}") from None


def _missing(suffix: str) -> SetupError:
    name, extra = {".parquet": ("pyarrow", "parquet"), ".nc": ("netCDF4", "netcdf")}.get(suffix, ("pandas", "dev"))
    return SetupError(f"{suffix} files need {name}: pip install 'bitline[{extra}]'")


def _frame(waveforms: Waveforms) -> pd.DataFrame:
    import pandas as pd

    columns = {f"{waveforms.abscissa.name} [{waveforms.abscissa.unit}]": waveforms.axis}
    columns |= {f"{name} [{_unit(name)}]": values for name, values in waveforms.signals.items()}
    frame = pd.DataFrame(columns)
    frame.attrs = {
        "title": waveforms.title,
        "phases": [[phase.name, phase.start, phase.stop] for phase in waveforms.phases],
        "marks": dict(waveforms.marks),
        "scalars": dict(waveforms.scalars),
    }
    return frame


def _unit(name: str) -> str:
    if name.startswith(("onoise", "inoise")):
        return "V/sqrt(Hz)"
    return "A" if name.startswith("i(") else "V"


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n").encode()


def _parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, engine="pyarrow", index=False)
    return buffer.getvalue()


def _netcdf(frame: pd.DataFrame) -> bytes:
    import netCDF4  # noqa: F401  (xarray's engine, asked for by name)

    axis = str(frame.columns[0])
    dataset = frame.set_index(axis).to_xarray().rename({column: _UNIT.sub("", column) for column in frame.columns})
    for column in frame.columns:
        dataset[_UNIT.sub("", column)].attrs = {"units": column.rpartition("[")[2].removesuffix("]")}
    dataset.attrs = {"bitline": json.dumps(frame.attrs)}
    with tempfile.TemporaryDirectory(prefix="bitline-") as folder:
        path = Path(folder) / "waveforms.nc"
        dataset.to_netcdf(path, engine="netcdf4")
        return path.read_bytes()


def _read(path: Path) -> pd.DataFrame:
    import pandas as pd

    if path.suffix.lower() == ".csv":
        return pd.read_csv(path)
    if path.suffix.lower() == ".parquet":
        return pd.read_parquet(path, engine="pyarrow")
    import xarray as xr

    with path.open("rb"), xr.open_dataset(path, engine="netcdf4", decode_times=False) as dataset:
        frame = dataset.to_dataframe().reset_index()
        frame.attrs = json.loads(dataset.attrs.get("bitline", "{}"))
    return frame


def _waveforms(frame: pd.DataFrame) -> Waveforms:
    names = [_UNIT.sub("", str(column)) for column in frame.columns]
    columns = [np.asarray(frame[column], dtype=np.float64) for column in frame.columns]
    if names[0] not in _AXES or len(names) < 2:
        raise ValueError(f"the first of its columns is {names[0]!r}, not time or frequency beside signals")
    axis = columns[0]
    if len(axis) < 2 or not (np.diff(axis) >= 0).all():
        raise ValueError(f"{names[0]} is not ascending")
    known: dict[Any, Any] = frame.attrs
    return Waveforms(
        axis=axis,
        signals=dict(zip(names[1:], columns[1:], strict=True)),
        scalars=known.get("scalars", {}),
        abscissa=_AXES[names[0]],
        title=str(known.get("title", "")),
        phases=tuple(Phase(*phase) for phase in known.get("phases", ())),
        marks=known.get("marks", {}),
    )
