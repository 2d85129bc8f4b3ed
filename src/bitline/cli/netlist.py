"""``bitline render``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bitline.cli import options, output
from bitline.errors import InputError
from bitline.files import write_file


def render(
    circuit: options.CircuitOrAll = None,
    bench: options.Bench = None,
    settings: options.Settings = None,
    corner: options.AtCorner = None,
    vdd: options.Vdd = None,
    temperature: options.Temperature = 27.0,
    sample: options.Sample = 0,
    seed: options.Seed = 1,
    accuracy: options.AtAccuracy = "default",
    pdk: options.PdkName = "sky130",
    everything: Annotated[bool, typer.Option("--all", help="All at their defaults, into -o DIR.")] = False,
    target: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="File to write instead of stdout.")
    ] = None,
) -> None:
    """Write a circuit, or the deck of a bench, as SPICE text."""
    from bitline.pdk.descriptor import load_pdk

    if everything:
        # The reviewed netlists are those of the defaults, and any option would change them.
        if circuit or bench or settings or corner or vdd is not None or sample:
            raise InputError("render --all: everything is rendered at its defaults; leave the other options out")
        _render_all(pdk, target)
        return
    if circuit is None:
        raise InputError("render: name a CIRCUIT, or give --all")

    from bitline.cli.settings import choose, conditions_of
    from bitline.netlists import bench_text, circuit_text

    dut = choose(circuit, bench, settings or [])
    models = load_pdk(pdk)
    conditions = conditions_of(models, corner, vdd, temperature, sample=sample, seed=seed)
    if dut.bench is None:
        text = circuit_text(dut.circuit, conditions, models)
    else:
        text = bench_text(dut.circuit, dut.bench, dut.inputs, conditions, models, accuracy)
    _write(text, target)


def _write(text: str, target: Path | None) -> None:
    if target is None:
        output.data(text)
    else:
        write_file(target, text)
        output.say(f"wrote {target}")


def _render_all(pdk: str, folder: Path | None) -> None:
    if folder is None:
        raise InputError("render --all: say where to: -o DIR")

    from bitline.netlists import all_netlists
    from bitline.pdk.descriptor import load_pdk

    texts = all_netlists(load_pdk(pdk))
    for name, text in texts.items():
        write_file(folder / name, text)
    output.say(f"wrote {len(texts)} netlists into {folder}")
