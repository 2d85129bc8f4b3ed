"""The slim fold gives what the full library gives, for many libraries that nobody wrote, or it refuses them.

Each library of `madeup` is simulated twice: through `.lib` with calls of its devices, and with the folded cards alone.
`--libraries 5000` compares that many instead of the 200 of every run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from madeup import MadeUpLibrary, made_up_library

from bitline.circuits.analysis import Transient
from bitline.circuits.deck import Deck
from bitline.engine.answer import Plot
from bitline.engine.batch import BatchSimulator
from bitline.engine.verdict import judge
from bitline.errors import BitlineError, SimulationError
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import load_pdk
from bitline.pdk.slim import Geometry, SlimPdk, Transistor

GROUPS = 8
ODD_SHARE, INVALID_SHARE = 0.05, 0.1  # of all libraries, half of which are odd
DIFFUSION = 0.2e-6  # as in the descriptor of every made-up library
BIASES = ((1.0, 0.05), (0.6, 1.0))  # gate and drain [V], of the PMOS the same below zero


@dataclass(frozen=True)
class Instance:
    """One device of the deck, on its own two sources."""

    role: str
    w: float
    l: float  # noqa: E741 (the name SPICE uses)
    gate: float
    drain: float


@dataclass
class Verdict:
    """What came of one library."""

    kind: str  # equal, different, refused, or invalid: ngspice itself refuses what was folded
    refusals: list[str] = field(default_factory=list)
    detail: str = ""


def compared(library: MadeUpLibrary, folder: Path) -> Verdict:
    """Fold each device, and simulate those that were not refused both ways."""
    folded, refusals, options = _folded(library, folder)
    if not folded:
        return Verdict("refused", refusals)
    try:
        full = _plot(full_lines(library, folder, list(folded)), list(folded))
    except SimulationError as error:
        return Verdict("invalid", refusals, str(error))
    try:
        slim = _plot([*options, *slim_lines(library, folded)], list(folded))
    except SimulationError as error:
        return Verdict("different", refusals, f"the folded cards do not run: {error}")
    wrong = _differences(full, slim)
    return Verdict("different" if wrong else "equal", refusals, wrong)


def _folded(library: MadeUpLibrary, folder: Path) -> tuple[dict[Instance, Transistor], list[str], list[str]]:
    """Return the folded devices, what was refused, and the options that go with the cards."""
    folded: dict[Instance, Transistor] = {}
    refusals: list[str] = []
    options: list[str] = []
    try:
        slim = SlimPdk(load_pdk(library.write(folder)), Corner.tt)
        if slim.tnom is not None:
            options.append(f".option tnom={slim.tnom!r}")
        for role, sign in (("nmos", 1), ("pmos", -1)):
            for w, length in library.sizes:
                for gate, drain in BIASES:
                    instance = Instance(role, w, length, sign * gate, sign * drain)
                    folded[instance] = slim.transistor(role, Geometry(w, length))
    except BitlineError as error:
        refusals.append(str(error))
    return folded, refusals, options


def full_lines(library: MadeUpLibrary, folder: Path, instances: list[Instance]) -> list[str]:
    """Call each device by the library's own name, terminals drain, gate, source, bulk."""
    lines = [f'.lib "{folder / library.library}" {library.section}']
    for k, one in enumerate(instances):
        area, edge = one.w * DIFFUSION, 2 * (one.w + DIFFUSION)
        metres = {"w": one.w, "l": one.l, "pd": edge, "ps": edge}
        values = {name: value / library.unit for name, value in metres.items()}
        values |= {"ad": area / library.unit**2, "as": area / library.unit**2}
        letter, name = "X", {"nmos": "nch", "pmos": "pch"}[one.role]
        if one.role in library.bare:
            # bitline's contract for bare cards: no squares of diffusion.
            letter, values = "M", {**values, "nrd": 0.0, "nrs": 0.0}
        parameters = " ".join(f"{key}={value:.10g}" for key, value in values.items())
        lines.append(f"{letter}{k} d{k} g{k} 0 0 {name} {parameters}")
    return lines


def slim_lines(library: MadeUpLibrary, folded: Mapping[Instance, Transistor]) -> list[str]:
    lines = [f".option scale={library.unit!r}"]
    for k, transistor in enumerate(folded.values()):
        lines.append(f"M{k} d{k} g{k} 0 0 card{k} {transistor.line}")
        lines.append(f".model card{k} {transistor.type} {transistor.card}")
    return lines


def _plot(lines: list[str], instances: list[Instance]) -> Plot:
    """Simulate a ramp of gate and drain: its start is an operating point, and the rest shows the charges."""
    for k, one in enumerate(instances):
        for node, level in (("g", one.gate), ("d", one.drain)):
            lines.append(f"v{node}{k} {node}{k} 0 pwl(0 {level} 1e-10 {1.1 * level:.6g})")
    saves = tuple(f"i(v{node}{k})" for node in "dg" for k in range(len(instances)))
    deck = Deck("made-up library", "\n".join([*lines, ""]), saves, Transient(5e-11, 1e-11))
    answer = BatchSimulator(timeout=20).answer(deck)
    judge(deck, answer)
    return answer.plots["tran"]


def _differences(full: Plot, slim: Plot) -> str:
    for name, values in full.items():
        if values.shape != slim[name].shape:
            return f"{len(slim[name])} time points, not {len(values)}"
        if not np.isclose(slim[name][0], values[0], rtol=1e-9, atol=1e-18):
            return f"{name} at rest {slim[name][0]}, not {values[0]}"
        # A charge over a short time step is a small difference of large sums: the ramp has fewer digits than the rest.
        if not np.allclose(slim[name], values, rtol=0, atol=1e-6 * float(np.max(np.abs(values)))):
            return f"{name} {slim[name]}, not {values}"
    return ""


@pytest.mark.ngspice
@pytest.mark.parametrize("group", range(GROUPS))
def test_a_library_is_read_as_ngspice_reads_it_or_refused(
    group: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    monkeypatch.setenv("BITLINE_CACHE_DIR", str(tmp_path / "cache"))
    kinds: Counter[tuple[str, bool]] = Counter()
    faults: list[str] = []
    total = pytestconfig.getoption("--libraries")
    for seed in range(group * total // GROUPS, (group + 1) * total // GROUPS):
        library = made_up_library(seed)
        verdict = compared(library, tmp_path / str(seed))
        plain = not library.oddities
        kinds[verdict.kind, plain] += 1
        if verdict.kind == "different" or (plain and (verdict.refusals or verdict.kind == "invalid")):
            faults.append(f"{seed} {library.oddities}: {verdict}")
    assert not faults, f"{len(faults)} of {kinds.total()}:\n" + "\n".join(faults)
    # Every plain library was compared, and so was a share of the odd ones; next to none was no library for ngspice.
    assert kinds["equal", True] == sum(count for (_, plain), count in kinds.items() if plain) > 0
    assert kinds["equal", False] >= kinds.total() * ODD_SHARE
    assert kinds["invalid", False] <= kinds.total() * INVALID_SHARE
