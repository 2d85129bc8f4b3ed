"""Benches by name and circuit: bitline's own and those of installed plug-ins."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from bitline.benches.acim import noise, transfer
from bitline.benches.base import Bench, Output
from bitline.benches.baseline import reram as current_sum
from bitline.benches.baseline import sram as binary
from bitline.benches.cell import read
from bitline.benches.comparator import decide as comparator
from bitline.benches.comparator import noise as comparator_noise
from bitline.benches.comparator import offset as comparator_offset
from bitline.benches.restore import contention, hold, restore
from bitline.benches.sar import convert as sar
from bitline.benches.store import iv, store
from bitline.benches.ternary import transfer as ternary
from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.base import Circuit
from bitline.circuits.binary_sram_column import BinarySramColumn
from bitline.circuits.nsnr_cluster import NsnrCluster
from bitline.circuits.nvsram_contention import NvSram8T2R, NvSramSlc
from bitline.circuits.nvsram_trit import NvSramTrit
from bitline.circuits.reram_column import ReramColumn
from bitline.circuits.sar_adc import SarAdc
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.circuits.strongarm import StrongArm
from bitline.circuits.ternary_column import TernaryColumn
from bitline.errors import UnknownNameError
from bitline.plugins import plugged

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    import xarray as xr

    Reduce = Callable[[pd.DataFrame, Any], dict[str, xr.Dataset]]


# Reducing needs pandas and xarray, which workers never load: they would take longer to start.
def _by(module: str, function: str) -> Reduce:
    """Reduce by a function of a module below `bitline.benches`, imported when it is called."""

    def reduce(results: pd.DataFrame, circuit: Circuit) -> dict[str, xr.Dataset]:
        tables: dict[str, xr.Dataset] = getattr(import_module(f"bitline.benches.{module}"), function)(results, circuit)
        return tables

    return reduce


def _grid(table: str, outputs: Sequence[Output]) -> Reduce:
    """Reduce to one table of the points without mismatch."""

    def reduce(results: pd.DataFrame, circuit: Circuit) -> dict[str, xr.Dataset]:
        from bitline.benches.tables import grid

        return {table: grid(results, outputs)}

    return reduce


def _transfer(outputs: Sequence[Output]) -> Reduce:
    """Reduce to the tables of a column whose codes are unsigned."""

    def reduce(results: pd.DataFrame, circuit: Circuit) -> dict[str, xr.Dataset]:
        from bitline.benches.tables import transfer_tables

        return transfer_tables(results, outputs)

    return reduce


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
        reduce=_grid("read", read.OUTPUTS),
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
        reduce=_transfer(transfer.QS_OUTPUTS),
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
        reduce=_transfer(transfer.QR_OUTPUTS),
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
        reduce=_grid("noise", noise.QS_OUTPUTS),
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
        reduce=_grid("noise", noise.OUTPUTS),
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
        reduce=_by("restore.yields", "restore_tables"),
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
        reduce=_grid("hold", hold.OUTPUTS),
    ),
    Bench(
        name="restore",
        version=1,
        doc="restore of a bit by contention with the supply up, for comparison: energy and DC current",
        circuits=(
            NvSram8T2R,
            NvSramSlc,
        ),
        inputs=contention.Contention,
        outputs=contention.OUTPUTS,
        deck=contention.deck,
        measure=contention.measure,
        reduce=_grid("nominal", contention.OUTPUTS),
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
        reduce=_by("store.tables", "store_tables"),
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
        reduce=_grid("iv", iv.OUTPUTS),
    ),
    Bench(
        name="transfer",
        version=1,
        doc="one signed MAC cycle: both lines, their difference and common fall, energy by supply",
        circuits=(TernaryColumn,),
        inputs=ternary.TernaryMac,
        outputs=ternary.OUTPUTS,
        deck=ternary.deck,
        measure=ternary.measure,
        reduce=_by("ternary.tables", "ternary_tables"),
        scope=ternary.SCOPE,
        canonical=ternary.canonical,
    ),
    Bench(
        name="product",
        version=1,
        doc="one row: the product of a weight and an input trit",
        circuits=(TernaryColumn,),
        inputs=ternary.Product,
        outputs=ternary.OUTPUTS,
        deck=ternary.product_deck,
        measure=ternary.measure,
        reduce=_by("ternary.tables", "product_tables"),
        scope=ternary.SCOPE,
    ),
    Bench(
        name="noise",
        version=1,
        doc=_NOISE_DOC,
        circuits=(TernaryColumn,),
        inputs=noise.Nothing,
        outputs=ternary.NOISE_OUTPUTS,
        deck=ternary.noise_deck,
        measure=ternary.noise_measure,
        reduce=_grid("noise", ternary.NOISE_OUTPUTS),
    ),
    Bench(
        name="transfer",
        version=1,
        doc=_TRANSFER_DOC,
        circuits=(BinarySramColumn,),
        inputs=binary.BinaryMac,
        outputs=binary.OUTPUTS,
        deck=binary.deck,
        measure=binary.measure,
        reduce=_transfer(binary.OUTPUTS),
        scope=binary.SCOPE,
    ),
    Bench(
        name="noise",
        version=1,
        doc=_NOISE_DOC,
        circuits=(BinarySramColumn,),
        inputs=noise.Nothing,
        outputs=binary.NOISE_OUTPUTS,
        deck=binary.noise_deck,
        measure=binary.noise_measure,
        reduce=_grid("noise", binary.NOISE_OUTPUTS),
    ),
    Bench(
        name="transfer",
        version=1,
        doc="one MAC cycle per code: integrated current as a voltage, energy by supply",
        circuits=(ReramColumn,),
        inputs=binary.BinaryMac,
        outputs=current_sum.OUTPUTS,
        deck=current_sum.deck,
        measure=current_sum.measure,
        reduce=_transfer(current_sum.OUTPUTS),
        scope=current_sum.SCOPE,
    ),
    Bench(
        name="noise",
        version=1,
        doc="thermal noise of the summed current, integrated over the window",
        circuits=(ReramColumn,),
        inputs=noise.Nothing,
        outputs=current_sum.NOISE_OUTPUTS,
        deck=current_sum.noise_deck,
        measure=current_sum.noise_measure,
        reduce=_grid("noise", current_sum.NOISE_OUTPUTS),
    ),
    Bench(
        name="decide",
        version=1,
        doc="one decision of the comparator: latency, energy, kickback",
        circuits=(StrongArm,),
        inputs=comparator.Decide,
        outputs=comparator.OUTPUTS,
        deck=comparator.deck,
        measure=comparator.measure,
        reduce=_by("sar.tables", "decide_tables"),
        scope=comparator.SCOPE,
    ),
    Bench(
        name="offset",
        version=1,
        doc="input-referred offset of one comparator, searched within one run",
        circuits=(StrongArm,),
        inputs=comparator_offset.Search,
        outputs=comparator_offset.OUTPUTS,
        deck=comparator_offset.deck,
        measure=comparator_offset.measure,
        reduce=_by("sar.tables", "offset_tables"),
        scope=comparator_offset.SCOPE,
    ),
    Bench(
        name="noise",
        version=1,
        doc="input-referred noise of the comparator, by transient noise and by formula",
        circuits=(StrongArm,),
        inputs=comparator_noise.Noisy,
        outputs=comparator_noise.OUTPUTS,
        deck=comparator_noise.deck,
        measure=comparator_noise.measure,
        reduce=_by("sar.tables", "noise_tables"),
    ),
    Bench(
        name="convert",
        version=1,
        doc="one conversion: code, energy, time",
        circuits=(SarAdc,),
        inputs=sar.Convert,
        outputs=sar.OUTPUTS,
        deck=sar.deck,
        measure=sar.measure,
        reduce=_by("sar.tables", "sar_tables"),
        scope=sar.SCOPE,
    ),
)


@cache
def benches() -> tuple[Bench, ...]:
    """Return every bench; plug-ins register under the group ``bitline.benches``."""
    return (*_OWN, *plugged("bitline.benches").values())


def benches_of(circuit: type[Circuit]) -> dict[str, Bench]:
    """Return the benches that can measure a circuit, by name; the first is its default."""
    return {bench.name: bench for bench in benches() if issubclass(circuit, bench.circuits)}


def bench(name: str, circuit: type[Circuit]) -> Bench:
    """Return a circuit's bench of that name; `UnknownNameError` if it has none."""
    known = benches_of(circuit)
    if name not in known:
        raise UnknownNameError(f"bench of {circuit.name}", name, known)
    return known[name]
