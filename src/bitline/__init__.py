"""SPICE netlists of compute-in-memory circuits in, lookup tables for system simulators out.

Names are loaded when they are first used, so that `import bitline` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from bitline.benches.base import Bench as Bench
    from bitline.benches.base import Conditions as Conditions
    from bitline.circuits.acim_column_qr import AcimColumnQR as AcimColumnQR
    from bitline.circuits.acim_column_qs import AcimColumnQS as AcimColumnQS
    from bitline.circuits.base import Circuit as Circuit
    from bitline.circuits.nsnr_cluster import NsnrCluster as NsnrCluster
    from bitline.circuits.nvsram_trit import NvSramTrit as NvSramTrit
    from bitline.circuits.nvsram_trit_half_rail import NvSramTritHalfRail as NvSramTritHalfRail
    from bitline.circuits.sar_adc import SarAdc as SarAdc
    from bitline.circuits.split_port_6t import SplitPort6T as SplitPort6T
    from bitline.circuits.ternary_column import TernaryColumn as TernaryColumn
    from bitline.engine.waveforms import Waveforms as Waveforms
    from bitline.errors import BitlineError as BitlineError
    from bitline.lut.lut import Lut as Lut
    from bitline.pdk.corner import Corner as Corner
    from bitline.pdk.descriptor import Pdk as Pdk
    from bitline.pdk.descriptor import load_pdk as load_pdk
    from bitline.sweep.characterize import Characterization as Characterization
    from bitline.sweep.point import Point as Point
    from bitline.sweep.report import Report as Report
    from bitline.sweep.runner import Runner as Runner
    from bitline.sweep.runner import characterize as characterize
    from bitline.sweep.runner import simulate as simulate
    from bitline.sweep.simulate import Simulation as Simulation
    from bitline.sweep.sweep import Sweep as Sweep
    from bitline.sweep.tail import Estimator as Estimator
    from bitline.sweep.tail import Limit as Limit
    from bitline.sweep.tail import Tail as Tail

# The public names and where they live; the block above tells type checkers the same.
_PUBLIC = {
    "AcimColumnQR": "bitline.circuits.acim_column_qr",
    "AcimColumnQS": "bitline.circuits.acim_column_qs",
    "Bench": "bitline.benches.base",
    "BitlineError": "bitline.errors",
    "Characterization": "bitline.sweep.characterize",
    "Circuit": "bitline.circuits.base",
    "Conditions": "bitline.benches.base",
    "Corner": "bitline.pdk.corner",
    "Estimator": "bitline.sweep.tail",
    "Limit": "bitline.sweep.tail",
    "Lut": "bitline.lut.lut",
    "NsnrCluster": "bitline.circuits.nsnr_cluster",
    "NvSramTrit": "bitline.circuits.nvsram_trit",
    "NvSramTritHalfRail": "bitline.circuits.nvsram_trit_half_rail",
    "Pdk": "bitline.pdk.descriptor",
    "Point": "bitline.sweep.point",
    "Report": "bitline.sweep.report",
    "Runner": "bitline.sweep.runner",
    "SarAdc": "bitline.circuits.sar_adc",
    "Simulation": "bitline.sweep.simulate",
    "SplitPort6T": "bitline.circuits.split_port_6t",
    "Sweep": "bitline.sweep.sweep",
    "Tail": "bitline.sweep.tail",
    "TernaryColumn": "bitline.circuits.ternary_column",
    "Waveforms": "bitline.engine.waveforms",
    "characterize": "bitline.sweep.runner",
    "load_pdk": "bitline.pdk.descriptor",
    "simulate": "bitline.sweep.runner",
}
__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    try:
        module = _PUBLIC[name]
    except KeyError:
        raise AttributeError(f"module 'bitline' has no attribute {name!r}") from None
    value = getattr(import_module(module), name)
    # From now on the name is an ordinary attribute, and this function is not asked again.
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
