"""The few methods of CrossSim 3.2 that an export meets, so that its contract is tested where CrossSim is not installed.

Written from what CrossSim does, not a copy: models are found by class name among imported subclasses,
`create_device` tries every model on zeros(1), an ADC is made from parameter objects that know their
root, a balanced one-sided core is two conductances per weight. ``install(monkeypatch)`` puts it into
`sys.modules`; tests/consumers runs the same tests in the real one.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

_DEFAULTS = {
    "core": {
        "style": 1,
        "rows_max": 0,
        "weight_bits": 0,
        "balanced": {"subtract_current_in_xbar": True},
        "mapping": {"weights": {"min": -1.0, "max": 1.0, "percentile": None}, "inputs": {}},
    },
    "simulation": {},
    "xbar": {
        "device": {
            "cell_bits": 0,
            "Rmin": 1000.0,
            "Rmax": 10000.0,
            "infinite_on_off_ratio": False,
            "clip_conductance": False,
            **{error: {"enable": False, "model": "IdealDevice"} for error in ("programming_error", "read_noise")},
            "drift_error": {"enable": False, "model": "IdealDevice"},
        },
        "adc": {
            "_match": True,
            **{
                side: {
                    "model": "IdealADC",
                    "bits": 0,
                    "signed": True,
                    "stochastic_rounding": False,
                    "adc_per_ibit": False,
                    "calibrated_range": [],
                    "adc_range_option": 1,
                }
                for side in ("mvm", "vmm")
            },
        },
        "dac": {
            "_match": True,
            **{
                side: {"model": "IdealDAC", "bits": 0, "signed": True, "input_bitslicing": False, "slice_size": 1}
                for side in ("mvm", "vmm")
            },
        },
    },
}


class Parameters(SimpleNamespace):
    """A tree of parameters; every node knows its root, unknown keys are refused."""

    @classmethod
    def from_json(cls, path: Path) -> Parameters:
        return _tree(_merged(_DEFAULTS, json.loads(Path(path).read_text()), ""))

    def __eq__(self, other: object) -> bool:
        return _plain(self) == _plain(other)

    def to_json(self, path: Path) -> None:
        Path(path).write_text(json.dumps(_plain(self)))


def _merged(defaults: Any, given: Any, where: str) -> Any:
    if not (isinstance(defaults, dict) and isinstance(given, dict)):
        return given
    if unknown := set(given) - set(defaults) if defaults else set():
        raise KeyError(f"{where}: {unknown}")
    found = {key: _merged(defaults.get(key), value, f"{where}.{key}") for key, value in given.items()}
    return {**defaults, **found}


def _tree(values: dict[str, Any], root: Parameters | None = None) -> Parameters:
    node = Parameters()
    node.root = root or node
    for key, value in values.items():
        setattr(node, key, _tree(value, node.root) if isinstance(value, dict) else value)
    return node


def _plain(node: Any) -> Any:
    if not isinstance(node, Parameters):
        return node
    return {key: _plain(value) for key, value in vars(node).items() if key != "root"}


class Backend:
    """Numpy, once it was told so."""

    chosen = False

    def __init__(self, use_gpu: bool | None = None) -> None:
        if use_gpu is not None:
            Backend.chosen = True

    def __getattr__(self, name: str) -> Any:
        if not Backend.chosen:
            raise AttributeError(f"{name}: no backend was chosen")
        return getattr(np, name)


class EmptyDevice:
    def __init__(self, device_params: Any, weight_error_params: Any) -> None:
        self.device_params, self.weight_error_params = device_params, weight_error_params

    def programming_error(self, input_: Any) -> Any:
        raise NotImplementedError


class IdealDevice(EmptyDevice):
    def programming_error(self, input_: Any) -> Any:
        return input_


class Device:
    @staticmethod
    def create_device(params: Any) -> Device:
        made = Device()
        made.params = params  # type: ignore[attr-defined]
        made.model = _named(EmptyDevice, params.programming_error.model, "Unknown")(params, params.programming_error)  # type: ignore[attr-defined]
        made.model.programming_error(np.zeros(1))  # type: ignore[attr-defined]
        return made

    def programming_error(self: Any, conductance: Any) -> Any:
        if not self.params.programming_error.enable:
            return conductance
        drawn = self.model.programming_error(conductance.copy())
        low, high = (self.params.Rmin / self.params.Rmax, 1) if self.params.clip_conductance else (0, None)
        return drawn.clip(low, high)


class IADC:
    def __init__(
        self, adc_params: Any, dac_params: Any, core_params: Any, simulation_params: Any, bitslice: Any
    ) -> None:
        self.bits, self.adc_params, self.core_params = adc_params.bits, adc_params, core_params

    def set_limits(self, matrix: Any) -> None:
        self.min, self.max = self.adc_params.calibrated_range
        self.range = self.max - self.min


class IdealADC(IADC):
    def set_limits(self, matrix: Any) -> None: ...

    def convert(self, vector: Any) -> Any:
        return vector


class ADC:
    def __init__(self, adc: Any, dac: Any, core: Any, simulation: Any) -> None:
        for side in ("mvm", "vmm"):
            params = getattr(adc, side)
            made = _named(IADC, params.model, "Invalid")(params, getattr(dac, side), core, simulation, 0)
            setattr(self, side, made)

    def set_limits(self: Any, matrix: Any) -> None:
        self.mvm.set_limits(matrix)
        self.vmm.set_limits(matrix.T)


class AnalogCore:
    """One balanced core with ideal inputs: matrix times vectors."""

    def __init__(self, matrix: Any, params: Any) -> None:
        Backend(use_gpu=False)
        device, limits = params.xbar.device, params.core.mapping.weights
        largest = np.abs(matrix).max() if limits.percentile else limits.max
        low = 0.0 if device.infinite_on_off_ratio else device.Rmin / device.Rmax
        scaled = matrix / largest
        pair = [(low + (1 - low) * np.maximum(side, 0)).astype(np.float32) for side in (scaled, -scaled)]
        made = Device.create_device(device)
        plus, minus = (made.programming_error(side) for side in pair)
        self.cells, self.scale, self.bits = plus - minus, largest / (1 - low), params.xbar.adc.mvm.bits
        self.adc: Any = ADC(params.xbar.adc, params.xbar.dac, params.core, params.simulation)
        if self.bits > 0:
            self.adc.set_limits(matrix)

    def __matmul__(self, vectors: Any) -> Any:
        return self.scale * self.adc.mvm.convert(self.cells @ vectors)


def _named(base: type, name: str, word: str) -> Any:
    known = {found.__name__: found for found in base.__subclasses__()}
    if name not in known:
        raise ValueError(f"{word} model {name}: known are {list(known)}")
    return known[name]


def install(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Put the stub into `sys.modules` for one test."""
    contents: dict[str, dict[str, Any]] = {
        "simulator": {"CrossSimParameters": Parameters, "AnalogCore": AnalogCore},
        "simulator.backend": {"ComputeBackend": Backend},
        "simulator.devices": {},
        "simulator.devices.idevice": {"EmptyDevice": EmptyDevice},
        "simulator.devices.device": {"Device": Device},
        "simulator.circuits": {},
        "simulator.circuits.adc": {},
        "simulator.circuits.adc.iadc": {"IADC": IADC},
        "simulator.circuits.adc.adc": {"ADC": ADC},
        "simulator.parameters": {},
        "simulator.parameters.core_parameters": {"CoreStyle": SimpleNamespace(BALANCED=1, BITSLICED=2, OFFSET=3)},
    }
    monkeypatch.setattr(Backend, "chosen", False)
    for name, values in contents.items():
        module = ModuleType(name)
        vars(module).update(values)
        monkeypatch.setitem(sys.modules, name, module)
    return sys.modules["simulator"]
