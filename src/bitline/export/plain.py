"""The formats that hold any LUT as it is: csv, netcdf and parquet.

They are declared apart from the modules that write them, which load xarray.
"""

from __future__ import annotations

from bitline.export.base import Exporter, Writer


def _csv() -> Writer:
    from bitline.export.csv import write

    return write


def _netcdf() -> Writer:
    from bitline.export.netcdf import write

    return write


def _parquet() -> Writer:
    from bitline.export.parquet import write

    return write


CSV = Exporter(name="csv", doc="one tidy CSV per table, units in the headers", writer=_csv)
NETCDF = Exporter(name="netcdf", doc="one netCDF-4 file with a group per table", writer=_netcdf)
PARQUET = Exporter(name="parquet", doc="one Parquet file per table, units in its metadata", writer=_parquet)
