"""One tidy CSV per table: a row per grid point, units in the header."""

from __future__ import annotations

from pathlib import Path

from bitline.export.readme import contents, energy_scope, write_readme
from bitline.lut.csv_table import table_text
from bitline.lut.lut import Lut

_LEFT_OUT = """
Provenance, descriptions of the variables and checksums: they are in the LUT's own `lut.json`.
The CSV text is the LUT's own, so no number was rounded; an older pandas needs
`float_precision="round_trip"` to read every bit. A missing result is `nan`.
"""


def write(lut: Lut, folder: Path) -> list[Path]:
    """Write ``<table>.csv`` for each table, and ``README.md``.

    Raises
    ------
    StorageError
        If the folder cannot be written.
    """
    first = next(iter(lut.tables), "table")
    for name, table in lut.tables.items():
        # the same text as in the LUT's own folder, so that both compare with diff
        (folder / f"{name}.csv").write_bytes(table_text(table).encode())
    write_readme(
        folder,
        lut,
        title=f"{lut.name} as CSV",
        holds=[f"{line}, in `{name}.csv`" for name, line in zip(lut.tables, contents(lut), strict=True)],
        energy=energy_scope(lut),
        load=f'import pandas as pd\n\n{first} = pd.read_csv("{first}.csv")  # units: in the headers',
        left_out=_LEFT_OUT,
    )
    return [folder / name for name in (*(f"{table}.csv" for table in lut.tables), "README.md")]
