"""Loads an exported architecture in AccelForge, maps the workload beside it and compares energies with the LUT."""

from __future__ import annotations

import json
import math
from contextlib import chdir
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bitline.errors import ExportCheckError, SetupError, StorageError
from bitline.export.accelforge.tables import MATMUL, ROWS_BEFORE_ADC, depth, per_instance
from bitline.export.accelforge.write import ARCH, FACTS, WORKLOAD
from bitline.lut.lut import Lut
from bitline.system.measured_operation import measured_operation

LITERAL_RTOL = 1e-12
MAPPED_RTOL = 1e-9
SINGLE_RTOL = 1e-6
"""AccelForge 1.0.467 computes in float32 what depends on tile shapes: latency, so leakage energy, and a Toll's."""


def check(lut: Lut, folder: Path) -> str:
    """Compare the literals with the LUT, and the mapper's dynamic energy with actions times energy.

    Raises
    ------
    SetupError
        If AccelForge or graphviz, which its mapper calls, is not installed.
    ExportCheckError
        If a number differs.
    StorageError
        If `folder` does not have the files.
    """
    try:
        accelforge = import_module("accelforge")
    except ImportError as error:
        raise SetupError(f"accelforge: {error}: pip install accelforge==1.0.467 (Python >= 3.12)") from None
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StorageError(f"cannot read {folder / FACTS}: {error}") from error
    op = measured_operation(lut, facts["condition"], facts["activity"])
    expected = per_instance(op, **facts["options"])
    files = [str((folder / name).resolve()) for name in (ARCH, WORKLOAD)]
    spec = accelforge.Spec.from_yaml(*files)
    _literals(spec, facts, expected)
    macs = depth(op) * math.prod(MATMUL.values())
    per_action = {"column": 1, "converter": ROWS_BEFORE_ADC, "macro": facts["rows"], "restore": MATMUL["M"]}
    actions = macs // per_action[facts["family"]]
    rtol = _mapped(accelforge, spec, facts, expected, actions)
    return (
        f"accelforge {version('accelforge')}: energy, throughput, area and leakage of {facts['node']} equal to "
        f"{LITERAL_RTOL:g}; {actions} actions of a mapped matmul equal to {rtol:g}"
    )


def _literals(spec: Any, facts: dict[str, Any], expected: dict[str, float]) -> None:
    """Compare what AccelForge has read of the node."""
    node = spec.calculate_component_costs().arch.find(facts["node"])
    # the export gives a node one action; a second one would be charged on top
    (action,) = node.actions
    values = {
        "energy": action.energy,
        "throughput": action.throughput,
        "area": node.area,
        "leak_power": node.leak_power,
    }
    for name, value in values.items():
        _compare(f"{name} of {facts['node']}", float(value), expected[name], LITERAL_RTOL)


def _mapped(accelforge: Any, spec: Any, facts: dict[str, Any], expected: dict[str, float], actions: int) -> float:
    """Map the workload and compare: count, actions times energy, and the total less leakage power times latency.

    Return the relative tolerance that the consumer's own arithmetic allows.
    """
    mappings = _map(accelforge, spec)
    node, name = facts["node"], "compute" if facts["macs"] else "read"
    rtol = MAPPED_RTOL if facts["macs"] else SINGLE_RTOL
    _compare(f"count of {node}", mappings.actions(per_component=True)[node, name], actions, 0.0)
    energy = mappings.energy(per_component=True, per_action=True)
    # leakage is an action of its own there, and is compared below
    dynamic = sum(value for (_, action), value in energy.items() if action != "leak")
    _compare(f"dynamic energy of {actions} actions of {node}", dynamic, actions * expected["energy"], rtol)
    # AccelForge has no total without leakage: what leaks in the mapping's time is taken off
    power = sum(spec.calculate_component_costs().arch.per_component_total_leak_power.values())
    leaked = power * mappings.latency()
    rest = mappings.energy() - leaked
    if not math.isclose(rest, dynamic, rel_tol=rtol, abs_tol=SINGLE_RTOL * leaked):
        raise ExportCheckError(f"accelforge: energy less leakage x latency is {rest} J: must be {dynamic} J")
    return rtol


def _map(accelforge: Any, spec: Any) -> Any:
    """Return the mapping of least energy. AccelForge draws it into the working folder, so that is another one."""
    parallel = import_module("accelforge.util.parallel")
    jobs = parallel.get_n_parallel_jobs()
    spec.mapper.metrics = accelforge.Metrics.ENERGY | accelforge.Metrics.LATENCY
    try:
        # the workload is tiny: starting workers would take longer than the mapping
        accelforge.set_n_parallel_jobs(1)
        with TemporaryDirectory() as elsewhere, chdir(elsewhere):
            mappings = spec.map_workload_to_arch(print_progress=False)
    except FileNotFoundError as error:
        if "dot" not in str(error):
            raise
        raise SetupError('accelforge: its mapper needs "dot": install graphviz') from None
    finally:
        accelforge.set_n_parallel_jobs(jobs)
    # several mappings may be on its Pareto front of energy and latency
    return mappings[int(mappings.data["Total<SEP>energy"].argmin())]


def _compare(what: str, value: float, expected: float, rtol: float) -> None:
    if not (value == expected or math.isclose(value, expected, rel_tol=rtol)):
        raise ExportCheckError(f"accelforge: {what} is {value}, by the LUT {expected}")
