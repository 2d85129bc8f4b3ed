"""Circuits by their command-line names: bitline's own and those of installed plug-ins."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from bitline.circuits.acim_column_qr import AcimColumnQR
from bitline.circuits.acim_column_qs import AcimColumnQS
from bitline.circuits.adder_tree import AdderTree
from bitline.circuits.base import Circuit
from bitline.circuits.binary_sram_column import BinarySramColumn
from bitline.circuits.column_dac import ColumnDac
from bitline.circuits.combinational_cell import CombinationalCell
from bitline.circuits.hybrid_slice import HybridSlice
from bitline.circuits.nsnr_cluster import NsnrCluster
from bitline.circuits.nvsram_contention import NvSram8T2R, NvSramSlc
from bitline.circuits.nvsram_trit import NvSramTrit
from bitline.circuits.nvsram_trit_half_rail import NvSramTritHalfRail
from bitline.circuits.reram_column import ReramColumn
from bitline.circuits.sar_adc import SarAdc
from bitline.circuits.shift_adder import ShiftAdder
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.circuits.strongarm import StrongArm
from bitline.circuits.ternary_column import TernaryColumn
from bitline.circuits.ternary_encoder import TernaryEncoder
from bitline.errors import UnknownNameError
from bitline.parameters import describe_all
from bitline.plugins import plugged

_OWN: tuple[type[Circuit], ...] = (
    SplitPort6T,
    AcimColumnQS,
    AcimColumnQR,
    NsnrCluster,
    NvSramTrit,
    NvSramTritHalfRail,
    NvSram8T2R,
    NvSramSlc,
    TernaryColumn,
    BinarySramColumn,
    ReramColumn,
    StrongArm,
    SarAdc,
    ShiftAdder,
    TernaryEncoder,
    ColumnDac,
    AdderTree,
    CombinationalCell,
    HybridSlice,
)


@cache
def circuits() -> dict[str, type[Circuit]]:
    """Return every circuit by name; plug-ins register under the group ``bitline.circuits``."""
    return {cls.name: cls for cls in (*_OWN, *plugged("bitline.circuits", _refusal).values())}


def _refusal(loaded: object, others: Collection[type[Circuit]]) -> str:
    """Return why a plug-in's object is no circuit of its own; "" if it is one."""
    if not (isinstance(loaded, type) and issubclass(loaded, Circuit)):
        return f"a {type(loaded).__name__} is not what bitline.circuits holds"
    for attribute in ("name", "template"):
        if not isinstance(getattr(loaded, attribute, None), str):
            return f"{loaded.__name__} has no {attribute}"
    # It is listed and rendered at its defaults, which must be valid.
    for _ in describe_all(loaded()):
        pass
    if loaded.name in {cls.name for cls in _OWN}:
        return f"bitline has a circuit {loaded.name} of its own"
    if loaded.name in {cls.name for cls in others}:
        return f"another plug-in has a circuit {loaded.name} already"
    return ""


def circuit_class(name: str) -> type[Circuit]:
    """Return the circuit class of that name; `UnknownNameError` if there is none."""
    if name not in circuits():
        raise UnknownNameError("circuit", name, circuits())
    return circuits()[name]
