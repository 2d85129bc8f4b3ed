"""Benches by name and circuit: bitline's own and those of installed plug-ins."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from bitline.benches import contention, hold, iv, noise, read, restore, store, transfer
from bitline.benches.base import Bench
from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.base import Circuit
from bitline.circuits.nsnr_cluster import NsnrCluster
from bitline.circuits.nvsram_contention import NvSram8T2R, NvSramSlc
from bitline.circuits.nvsram_trit import NvSramTrit
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.errors import UnknownNameError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


# Reducing needs pandas and xarray, which workers never load: they would take longer to start.
def _noise_tables(results: pd.DataFrame, circuit: Circuit) -> dict[str, xr.Dataset]:
    from bitline.benches.tables import grid

    return {"noise": grid(results, noise.OUTPUTS)}


def _qs_noise_tables(results: pd.DataFrame, circuit: Circuit) -> dict[str, xr.Dataset]:
    from bitline.benches.tables import grid

    return {"noise": grid(results, noise.QS_OUTPUTS)}


def _read_tables(results: pd.DataFrame, circuit: Circuit) -> dict[str, xr.Dataset]:
    from bitline.benches.tables import grid

    return {"read": grid(results, read.OUTPUTS)}


def _qs_tables(results: pd.DataFrame, circuit: Circuit) -> dict[str, xr.Dataset]:
    from bitline.benches.tables import transfer_tables

    return transfer_tables(results, transfer.QS_OUTPUTS)


def _qr_tables(results: pd.DataFrame, circuit: Circuit) -> dict[str, xr.Dataset]:
    from bitline.benches.tables import transfer_tables

    return transfer_tables(results, transfer.QR_OUTPUTS)


def _restore_tables(results: pd.DataFrame, circuit: NvSramTrit) -> dict[str, xr.Dataset]:
    from bitline.benches.yields import restore_tables

    return restore_tables(results, circuit)


def _store_tables(results: pd.DataFrame, circuit: NsnrCluster) -> dict[str, xr.Dataset]:
    from bitline.benches.store_tables import store_tables

    return store_tables(results, circuit)


def _iv_tables(results: pd.DataFrame, circuit: Circuit) -> dict[str, xr.Dataset]:
    from bitline.benches.tables import grid

    return {"iv": grid(results, iv.OUTPUTS)}


def _hold_tables(results: pd.DataFrame, circuit: NvSramTrit) -> dict[str, xr.Dataset]:
    from bitline.benches.tables import grid

    return {"hold": grid(results, hold.OUTPUTS)}


def _contention_tables(results: pd.DataFrame, circuit: Circuit) -> dict[str, xr.Dataset]:
    from bitline.benches.tables import grid

    return {"nominal": grid(results, contention.OUTPUTS)}


_TRANSFER_DOC = "one MAC cycle per code: line voltage, energy by supply, read disturb"
_NOISE_DOC = "line capacitance and the thermal noise sampled with it (kT/C)"
_OWN = (
    Bench(
        name="read",
        version=1,
        doc="single-ended read through one port: swing, current, read disturb",
        circuits=(SplitPort6T,),
        inputs=read.Read,
        outputs=read.OUTPUTS,
        deck=read.deck,
        measure=read.measure,
        reduce=_read_tables,
    ),
    Bench(
        name="transfer",
        version=1,
        doc=_TRANSFER_DOC,
        circuits=(AcimColumnQS,),
        inputs=transfer.MacCode,
        outputs=transfer.QS_OUTPUTS,
        deck=transfer.qs_deck,
        measure=transfer.qs_measure,
        reduce=_qs_tables,
        scope=transfer.QS_SCOPE,
    ),
    Bench(
        name="transfer",
        version=1,
        doc=_TRANSFER_DOC,
        circuits=(AcimColumnQR,),
        inputs=transfer.MacCode,
        outputs=transfer.QR_OUTPUTS,
        deck=transfer.qr_deck,
        measure=transfer.qr_measure,
        reduce=_qr_tables,
        scope=transfer.QR_SCOPE,
    ),
    Bench(
        name="noise",
        version=3,
        doc=_NOISE_DOC,
        circuits=(AcimColumnQS,),
        inputs=noise.Nothing,
        outputs=noise.QS_OUTPUTS,
        deck=noise.qs_deck,
        measure=noise.qs_measure,
        reduce=_qs_noise_tables,
    ),
    Bench(
        name="noise",
        version=3,
        doc=_NOISE_DOC,
        circuits=(AcimColumnQR,),
        inputs=noise.Nothing,
        outputs=noise.OUTPUTS,
        deck=noise.qr_deck,
        measure=noise.measure,
        reduce=_noise_tables,
    ),
    Bench(
        name="restore",
        version=1,
        doc="restore of a trit from its ReRAM: right or wrong, margins, latency, energy, static current",
        circuits=(NvSramTrit,),
        inputs=restore.Restore,
        outputs=restore.OUTPUTS,
        deck=restore.deck,
        measure=restore.measure,
        reduce=_restore_tables,
        scope=restore.SCOPE,
    ),
    Bench(
        name="hold",
        version=1,
        doc="leakage of a trit that holds, the static term of a restore and what powering down saves",
        circuits=(NvSramTrit,),
        inputs=hold.Hold,
        outputs=hold.OUTPUTS,
        deck=hold.deck,
        measure=hold.measure,
        reduce=_hold_tables,
    ),
    Bench(
        name="restore",
        version=1,
        doc="restore of a bit by contention with the supply up, for comparison: energy and DC current",
        circuits=(NvSram8T2R, NvSramSlc),
        inputs=contention.Contention,
        outputs=contention.OUTPUTS,
        deck=contention.deck,
        measure=contention.measure,
        reduce=_contention_tables,
        scope=contention.SCOPE,
    ),
    Bench(
        name="store",
        version=1,
        doc="programming a branch to a level with pulses: energy, time, placement, disturb of the others",
        circuits=(NsnrCluster,),
        inputs=store.Store,
        outputs=store.OUTPUTS,
        deck=store.deck,
        measure=store.measure,
        reduce=_store_tables,
        scope=store.SCOPE,
    ),
    Bench(
        name="iv",
        version=1,
        doc="triangular voltage over one branch: hysteresis loop, SET and RESET voltages",
        circuits=(NsnrCluster,),
        inputs=iv.Triangle,
        outputs=iv.OUTPUTS,
        deck=iv.deck,
        measure=iv.measure,
        reduce=_iv_tables,
    ),
)


@cache
def benches() -> tuple[Bench, ...]:
    """Return every bench; plug-ins register under the group ``bitline.benches``."""
    return (*_OWN, *(point.load() for point in entry_points(group="bitline.benches")))


def benches_of(circuit: type[Circuit]) -> dict[str, Bench]:
    """Return the benches that can measure a circuit, by name; the first is its default."""
    return {bench.name: bench for bench in benches() if issubclass(circuit, bench.circuits)}


def bench(name: str, circuit: type[Circuit]) -> Bench:
    """Return a circuit's bench of that name; `UnknownNameError` if it has none."""
    known = benches_of(circuit)
    if name not in known:
        raise UnknownNameError(f"bench of {circuit.name}", name, known)
    return known[name]
