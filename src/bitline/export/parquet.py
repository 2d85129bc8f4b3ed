"""One Parquet file per table, units in the schema's metadata."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import xarray as xr

from bitline.errors import SetupError
from bitline.export.readme import contents, energy_scope, write_readme
from bitline.lut.lut import Lut
from bitline.lut.table import axes

_LEFT_OUT = """
Checksums of the tables. A missing result (NaN) is a Parquet null. Units, descriptions and provenance
are JSON in the file's metadata under `PANDAS_ATTRS`, for programs other than pandas.
"""


def write(lut: Lut, folder: Path) -> list[Path]:
    """Write ``<table>.parquet`` for each table, and ``README.md``.

    pandas keeps ``DataFrame.attrs`` in the file's schema metadata: ``units`` and ``docs``
    per column, and ``lut`` with the operation and the provenance.

    Raises
    ------
    SetupError
        If the library is missing.
    StorageError
        If the folder cannot be written.
    """
    first = next(iter(lut.tables), "table")
    for name, table in lut.tables.items():
        try:
            _frame(lut, table).to_parquet(folder / f"{name}.parquet", engine="pyarrow", index=False)
        except ImportError as error:
            raise SetupError("Parquet export needs pyarrow: pip install bitline[parquet]") from error
    frame = f'{first} = pd.read_parquet("{first}.parquet")'
    write_readme(
        folder,
        lut,
        title=f"{lut.name} as Parquet",
        holds=[f"{line}, in `{t}.parquet`" for t, line in zip(lut.tables, contents(lut), strict=True)],
        energy=energy_scope(lut),
        load=f'import pandas as pd\n\n{frame}\n{first}.attrs["units"]',
        left_out=_LEFT_OUT,
    )
    return [folder / name for name in (*(f"{table}.parquet" for table in lut.tables), "README.md")]


def _frame(lut: Lut, table: xr.Dataset) -> pd.DataFrame:
    grids = list(axes(table))
    fields = [*grids, *map(str, table.data_vars)]
    # rows in the order of the CSV tables
    frame = table.to_dataframe(dim_order=grids).reset_index()[fields]
    frame.attrs = {
        "units": {field: table[field].attrs["unit"] for field in fields},
        "docs": {field: table[field].attrs["doc"] for field in fields},
        "lut": {
            "name": lut.name,
            "kind": lut.kind,
            "energy_scope": energy_scope(lut),
            "operation": None if lut.operation is None else lut.operation.as_json(),
            "attrs": lut.attrs,
        },
    }
    return frame
