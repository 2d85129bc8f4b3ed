"""Peers: how a user of each program runs decks today and reads one voltage difference back.

    python peers.py PEER FOLDER DECKS SAMPLES

runs SAMPLES samples of the decks that `decks.py` wrote into FOLDER and prints what it measured as JSON. It runs in an
environment that has the peers and not bitline. DECKS is ``stock``: the PDK's whole library with mismatch drawn by
ngspice; ``whole``: the same with every idle cell written out; or ``slim``: bitline's deck of each sample,
ready-rendered.
"""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

SEED = ".option setseed=1"
"""In a stock deck: the seed of its draws."""


@dataclass(frozen=True)
class Case:
    """Decks of one circuit: between which times [s] the fall of which line is measured."""

    folder: Path
    line: str
    before: float
    sample: float
    step: float
    stop: float

    @classmethod
    def of(cls, folder: Path) -> Case:
        return cls(folder, **json.loads((folder / "case.json").read_text()))

    def decks(self, kind: str, samples: int) -> Iterator[Path]:
        """Yield the file of each sample; but for slim decks it is the same, for ngspice draws the mismatch."""
        for sample in range(1, samples + 1):
            yield self.folder / (f"slim/{sample}.cir" if kind == "slim" else f"{kind}.cir")

    def fall(self, time: np.ndarray, voltage: np.ndarray) -> float:
        """Return the line's fall [V]."""
        first, last = np.interp([self.before, self.sample], time, voltage)
        return float(first - last)

    def text(self, deck: Path, sample: int) -> str:
        """Return a deck's text; that of a stock deck with a seed of its own, for ngspice would draw the same again."""
        return deck.read_text().replace(SEED, f".option setseed={sample}")

    @property
    def measures(self) -> str:
        """The same measurement as ngspice's own."""
        return "".join(
            f"meas tran {name} find v({self.line}) at={time!r}\n"
            for name, time in (("first", self.before), ("last", self.sample))
        )

    def printed(self, log: str) -> list[float]:
        """Return the falls that ngspice printed."""
        first, last = (
            [float(value) for value in re.findall(rf"^{name}\s+=\s+(\S+)", log, re.MULTILINE)]
            for name in ("first", "last")
        )
        return [one - other for one, other in zip(first, last, strict=True)]


def processes(case: Case, kind: str, samples: int) -> list[float]:
    """Start `ngspice -b` for each sample, in a loop."""
    falls = []
    for number, deck in enumerate(case.decks(kind, samples), 1):
        dot = re.sub("^", ".", case.measures.strip(), flags=re.MULTILINE)
        Path("sample.cir").write_text(case.text(deck, number).replace("\n.end\n", f"\n{dot}\n.end\n"))
        falls += case.printed(_ngspice("sample.cir"))
    return falls


def loop(case: Case, kind: str, samples: int) -> list[float]:
    """Start one ngspice that runs all samples: it loads the library once and draws anew at each `reset`."""
    if kind != "slim":
        one = f"run\n{case.measures}destroy all\n"
        each = f"setseed 1\n{one}repeat {samples - 1}\nreset\n{one}end\n"
        # The seed of the deck would be set again at each reset.
        text = case.folder.joinpath(f"{kind}.cir").read_text().replace(SEED, "")
        Path("loop.cir").write_text(text.replace("\n.end\n", f"\n.control\n{each}quit\n.endc\n.end\n"))
    else:
        each = "".join(
            f"source {deck}\nrun\n{case.measures}destroy all\nremcirc\n" for deck in case.decks(kind, samples)
        )
        Path("loop.cir").write_text(f"* all samples\n.control\n{each}quit\n.endc\n.end\n")
    return case.printed(_ngspice("loop.cir"))


def _ngspice(deck: str) -> str:
    return subprocess.run(["ngspice", "-b", "-n", deck], capture_output=True, text=True, check=False).stdout


def pyspice(case: Case, kind: str, samples: int) -> list[float]:
    """Hold libngspice in this process by PySpice, and load each sample's deck."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from PySpice.Spice.NgSpice import Shared

    return _shared(Shared, case, kind, samples)


def inspice(case: Case, kind: str, samples: int) -> list[float]:
    """Hold libngspice in this process by InSpice, PySpice's successor."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from InSpice.Spice.NgSpice import Shared

    return _shared(Shared, case, kind, samples)


def _shared(shared: object, case: Case, kind: str, samples: int) -> list[float]:
    logging.disable(logging.CRITICAL)
    ngspice = shared.NgSpiceShared.new_instance()
    # Notes on stderr are raised as errors, though the circuit is there.
    refusals = (shared.NgSpiceCommandError, shared.NgSpiceCircuitError, NameError)
    falls = []
    for number, deck in enumerate(case.decks(kind, samples), 1):
        for call in (partial(ngspice.load_circuit, case.text(deck, number)), ngspice.run):
            with suppress(*refusals):
                call()
        plot = ngspice.plot(None, ngspice.last_plot)
        falls.append(case.fall(plot["time"]._data, plot[case.line]._data))
        ngspice.destroy()
        ngspice.remove_circuit()
    return falls


def spicelib(case: Case, kind: str, samples: int) -> list[float]:
    """Run each sample by spicelib's runner, one at a time, and read its raw file."""
    from spicelib import RawRead, SimRunner
    from spicelib.simulators.ngspice_simulator import NGspiceSimulator

    logging.disable(logging.CRITICAL)
    # The mode that it asks for by itself reads libraries as LTspice does, and finds no section.
    NGspiceSimulator.set_compatibility_mode(None)
    runner = SimRunner(simulator=NGspiceSimulator, output_folder="spicelib", parallel_sims=1)
    falls = []
    for number, deck in enumerate(case.decks(kind, samples), 1):
        Path("sample.cir").write_text(case.text(deck, number))
        raw, _ = runner.run_now("sample.cir", run_filename=f"{number}.cir")
        read = RawRead(raw, verbose=False, dialect="ngspice")
        falls.append(case.fall(read.get_wave("time"), read.get_wave(f"v({case.line})")))
    return falls


def vlsirtools(case: Case, kind: str, samples: int) -> list[float]:
    """Run each sample by VlsirTools' runner, the netlist as literal text beside an empty top module."""
    import vlsir.circuit_pb2 as circuit
    import vlsir.spice_pb2 as spice
    from vlsirtools.spice import ResultFormat, SimOptions, SupportedSimulators, sim

    options = SimOptions(simulator=SupportedSimulators.NGSPICE, fmt=ResultFormat.SIM_DATA)
    ground = circuit.Port(direction=circuit.Port.Direction.NONE, signal="VSS")
    top = circuit.Module(name="top", ports=[ground], signals=[circuit.Signal(name="VSS", width=1)])
    transient = spice.Analysis(tran=spice.TranInput(analysis_name="tran", tstep=case.step, tstop=case.stop))
    falls = []
    for number, deck in enumerate(case.decks(kind, samples), 1):
        # The runner writes title, analysis and end itself.
        body = "\n".join(
            line for line in case.text(deck, number).splitlines()[1:] if not line.startswith((".tran", ".end"))
        )
        literal = spice.Control(literal=body)
        result = sim(
            spice.SimInput(pkg=circuit.Package(domain="", modules=[top]), top="top", an=[transient], ctrls=[literal]),
            options,
        )
        waves = result.an[0].data
        falls.append(case.fall(waves["time"], waves[f"v({case.line})"]))
    return falls


PEERS: dict[str, Callable[[Case, str, int], list[float]]] = {
    "ngspice": processes,
    "ngspice-loop": loop,
    "pyspice": pyspice,
    "inspice": inspice,
    "spicelib": spicelib,
    "vlsirtools": vlsirtools,
}


if __name__ == "__main__":
    peer, folder, kind, samples = sys.argv[1:]
    json.dump(PEERS[peer](Case.of(Path(folder)), kind, int(samples)), sys.stdout)
