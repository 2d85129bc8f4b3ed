"""A small layer on the charge-summing column and its converter, mapped by AccelForge on their measured energies.

python examples/accelforge_layer.py        (Python >= 3.12: pip install accelforge==1.0.467; graphviz)
"""

from __future__ import annotations

import math
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

import accelforge as af

from bitline import content
from bitline.lut.lut import Lut
from bitline.lut.operation import UNIFORM_BITS

M, K, N = 64, 64, 32  # a 1x1 convolution of 8x8 pixels, 64 one-bit inputs, 32 one-bit outputs
ARCH = """
arch:
  extra_attributes_for_all_component_models: {tech_node: 130e-9, vdd: 1.8, temperature: 27}
  nodes:
  - !Memory  # free and without limit (assumed): your buffers here
    name: Buffer
    component_class: Dummy
    size: inf
    tensors: {keep: All}
  - !Toll  # every output of a column is converted
    name: Adc
    component_class: sar_adc
    tensors: {keep: output}
    direction: up
    values_per_action: {All: 1}
  - !Container  # a column: 16 products, one output
    name: Rows
    spatial: [{name: rows, fanout: 16, reuse: output}]
  - !Compute  # contains word lines, precharge and cells
    name: Column
    component_class: acim_qs
"""
WORKLOAD = f"""
workload:
  rank_sizes: {{M: {M}, N: {N}, K: {K}}}
  bits_per_value: {{All: 1}}
  einsums:
  - name: Layer
    tensor_accesses:
    - {{name: input, projection: [m, k]}}
    - {{name: weight, projection: [k, n]}}
    - {{name: output, projection: [m, n], output: True}}
"""


def components(folder: Path) -> list[str]:
    """Export both LUTs as hwcomponents packages and return their modules. Installed ones are found by themselves."""
    for name in ("acim-qs", "sar-adc"):
        Lut.load(content.folder("luts") / name).export("hwcomponents", folder / name)
    return [str(path) for path in folder.glob("*/hwcomponents_*/component.py")]


def layer(folder: Path) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], float]]:
    """Return how often each component acts, and its energy [J]."""
    for name, text in (("arch.yaml", ARCH), ("workload.yaml", WORKLOAD)):
        (folder / name).write_text(text)
    spec = af.Spec.from_yaml(folder / "arch.yaml", folder / "workload.yaml")
    spec.config.add_component_models(*components(folder))
    spec.mapper.metrics = af.Metrics.ENERGY
    af.set_n_parallel_jobs(1)  # more are slower for one small layer
    with chdir(folder):  # the mapper draws mapping.svg where it runs
        found = spec.map_workload_to_arch(print_progress=False)
    return found.actions(per_component=True), found.energy(per_component=True, per_action=True)


def main() -> None:
    with TemporaryDirectory() as folder:
        actions, energy = layer(Path(folder))
    at = {"corner": "tt", "vdd": 1.8, "temperature": 27.0}
    column = Lut.load(content.folder("luts") / "acim-qs")
    one = UNIFORM_BITS  # the probability of a product of 1
    cycle = sum(
        math.comb(16, m) * one**m * (1 - one) ** (16 - m) * column.lookup(code=m, **at)["energy_total"]
        for m in range(17)
    )
    macs = M * K * N
    for name, action in (("Column", "compute"), ("Adc", "read")):
        count, joules = actions[name, action], energy[name, action]
        print(f"{name:7}{count:9.0f} x {action:8}{1e15 * joules / count:10.3f} fJ  {1e9 * joules:10.4f} nJ")
    print(f"column by hand: {macs} MACs x {1e15 * cycle / 16:.3f} fJ = {1e9 * macs * cycle / 16:.4f} nJ")
    total = energy["Column", "compute"] + energy["Adc", "read"]
    print(f"{2 * macs / total / 1e12:.3f} TOPS/W of one-bit operations, column and converter at tt, 1.8 V, 27 degC")
    if not math.isclose(energy["Column", "compute"], macs * cycle / 16, rel_tol=1e-9):
        raise SystemExit("the mapper's energy is not MACs x energy per MAC")


if __name__ == "__main__":
    main()
