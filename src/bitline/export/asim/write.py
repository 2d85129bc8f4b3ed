"""ASiM (Keio-CSG/ASiM, read at commit 4119e52): the arguments of ``ASiMConv2d`` and ``ASiMLinear``, by boundary."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bitline.export.asim.tables import BITS, PRECISION, Layer, layers, place, products
from bitline.export.readme import listed, write_readme
from bitline.lut.lut import Lut
from bitline.system.measured_operation import Condition

CONFIG = "asim.json"
_LEFT_OUT = """
- The dynamic boundary: a layer of ASiM has one. Mixes are in table `mix` of the LUT.
- The mean error, which the dropped orders make (`error_mean` in the file): a constant to be added to the outputs.
- What errors depend on: they are one normal error here, the same for every sum; static ones are drawn anew each time.
- Energy and latency: no field.
"""


def write(
    lut: Lut,
    folder: Path,
    *,
    condition: Condition | None = None,
    adc_bits: int = 4,
    adc_range: str = "4sigma",
    operands: str = "half-normal",
) -> list[Path]:
    """Write ``asim.json`` and ``README.md``.

    Parameters
    ----------
    lut : Lut
        With a table ``accuracy`` over the boundary.
    folder : Path
    condition : mapping, optional
        Values of ``corner``, ``vdd`` and ``temperature``; by default those at which all tables of the LUT hold.
    adc_bits : int
        Of the macro's converter.
    adc_range : str
        Its range, ``4sigma`` or ``full``.
    operands : str
        The distribution at which the error was taken; errors of others differ by several dB.

    Raises
    ------
    InputError
        If the LUT does not have them.
    StorageError
        If the folder cannot be written.
    """
    where = place(lut, condition)
    rows, by_boundary = products(lut), layers(lut, adc_bits, adc_range, operands, where)
    facts = {
        "lut": lut.name,
        "kind": lut.kind,
        "adc_bits": adc_bits,
        "adc_range": adc_range,
        "operands": operands,
        "condition": where,
        "errors": {
            str(boundary): {"error_sigma": layer.error_sigma, "error_mean": layer.error_mean}
            for boundary, layer in by_boundary.items()
        },
        "energy": "no energy is in this file",
    }
    boundaries = {str(boundary): _arguments(layer, rows) for boundary, layer in by_boundary.items()}
    text = json.dumps({"boundaries": boundaries, "bitline": facts}, indent=2, allow_nan=False)
    (folder / CONFIG).write_text(text + "\n", encoding="utf-8")
    write_readme(
        folder,
        lut,
        title=f"{lut.name} for ASiM",
        holds=[
            f"`{CONFIG}`: for each boundary the arguments of a layer in mode Simulation, {rows} rows, bit-serial",
            "`hybrid_levels`: levels without noise, counted from the highest order: 15 less the boundary",
            f"`rand_noise_sigma`: in percent of the full scale; {adc_bits} bits over {adc_range}, {operands} operands, "
            f"{listed(where)}: it gives a product the standard deviation of the macro's error, "
            "quantisation and dropped orders included",
            f"`adc_prec` = {PRECISION}: ASiM rounds digital levels too; a coarser one would count quantisation twice",
        ],
        energy="No energy is in this file.",
        load=(
            "import json\nfrom pathlib import Path\n\n"
            f'layer = json.loads(Path("{CONFIG}").read_text("utf-8"))["boundaries"]["8"]\n'
            '# ASiMConv2d(in_planes, out_planes, kernel_size, mode="Simulation", **layer)'
        ),
        left_out=_LEFT_OUT,
    )
    return [folder / CONFIG, folder / "README.md"]


def _arguments(layer: Layer, rows: int) -> dict[str, Any]:
    """Return what ASiM's constructors of a layer take."""
    return {
        "wbit": BITS,
        "xbit": BITS,
        "nrow": rows,
        "adc_prec": PRECISION,
        "rand_noise_sigma": layer.rand_noise_sigma,
        "non_linear_sigma": 0.0,
        "act_enc": None,
        "signed_act": False,
        "hybrid_levels": layer.hybrid_levels,
    }
