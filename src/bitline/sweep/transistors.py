"""The transistors of a process one by one: what they are worth, and whether they are folded as ngspice reads them.

A library in a form that bitline misreads would give wrong numbers that look right. So each device is
simulated twice at every corner that is used for the first time: by its folded card, and through the full library.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from bitline import content
from bitline.cache import is_remembered, remember
from bitline.circuits.analysis import Dc, OperatingPoint
from bitline.circuits.deck import Deck
from bitline.circuits.netlist import Netlist
from bitline.circuits.render import render_circuit
from bitline.engine.isolation import isolate
from bitline.engine.ladder import climb
from bitline.engine.selftest import Engine, preferred_engine
from bitline.engine.waveforms import Waveforms
from bitline.errors import PdkDamagedError, SimulationError
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk
from bitline.pdk.slim import Geometry, SlimPdk, slim_pdk
from bitline.sweep.pool import LocalExecutor
from bitline.sweep.simulate import simulator_of

# Folded numbers reach ngspice as its own parameter pass would write them: what differs more is another transistor.
_TOLERANCE = 1e-6
# Below it the solver's own abstol is what differs [A].
_SMALLEST = 1e-11
_SECONDS = 120.0
# The threshold: the gate voltage at which W/L times this flows [A], at this drain voltage [V].
_THRESHOLD_CURRENT, _THRESHOLD_DRAIN, _GATE_STEP = 100e-9, 50e-3, 5e-3
# Raised when folding changes.
_FORMAT = 1


@dataclass(frozen=True)
class Placement:
    """A transistor in a deck of this module: its role, kind and size [m]."""

    role: str
    kind: str
    w: float
    l: float  # noqa: E741 (the name SPICE uses)


@dataclass(frozen=True)
class Figures:
    """What a device of the smallest size is worth at one corner.

    Parameters
    ----------
    i_on : float
        Drain current at V_GS = V_DS = VDD [A].
    v_t : float
        Gate voltage at which 100 nA W/L flows at V_DS = 50 mV, magnitude [V].
    sigma_v_t : float
        Standard deviation of `v_t` by the mismatch that a sample draws [V].
    sigma_as_library, sigma_by_slope : float, optional
        The same by the library's own draws, and by Pelgrom's law with the descriptor's slope; None without these.
    """

    i_on: float
    v_t: float
    sigma_v_t: float
    sigma_as_library: float | None
    sigma_by_slope: float | None

    @property
    def sigmas(self) -> tuple[float, float | None, float | None]:
        """The standard deviations: of a sample, as the library draws it, by slope."""
        return self.sigma_v_t, self.sigma_as_library, self.sigma_by_slope


def smallest(pdk: Pdk, role: str) -> Placement:
    """Return a device at its smallest size; where the descriptor names none, 1 um."""
    device = pdk.device(role)
    return Placement(role, device.kind, _least(device.w, device.w_min), _least(device.l, device.l_min))


def _least(listed: Sequence[float], least: float) -> float:
    if listed:
        return min(listed)
    return least or 1e-6


def check_folding(pdk: Pdk, corners: Iterable[Corner], engine: Engine | None = None) -> None:
    """Fold every device at its smallest size, with one sample, and compare a current with the full library's.

    A corner that was compared before is remembered, here or in the shipped ``models/compared.txt``, by the hash of
    its library and of what acts in the descriptor.

    Raises
    ------
    PdkDamagedError
        If a device cannot be folded, the full library cannot be simulated, or the two differ.
    """
    wanted = [corner for corner in dict.fromkeys(corners) if not _was_compared(pdk, corner)]
    if not wanted:
        return
    if (engine or preferred_engine()) == "batch":
        # Without workers: a script may simulate at its top level, where none could start.
        for corner in wanted:
            _check_corner(pdk, corner, partial(_compare, pdk, corner, "batch"))
        return
    with LocalExecutor(min(len(wanted), os.cpu_count() or 1), timeout=_SECONDS, initializer=isolate) as executor:
        home = os.environ.get("HOME", "")
        running = {corner: executor.submit(_compare, pdk, corner, "shared", home) for corner in wanted}
        for corner, comparison in running.items():
            _check_corner(pdk, corner, comparison.result)


def _check_corner(pdk: Pdk, corner: Corner, compare: Callable[[], None]) -> None:
    try:
        compare()
    except SimulationError as error:
        raise PdkDamagedError(
            f"PDK {pdk.name}, corner {corner}: ngspice does not simulate its transistors: {error.args[0]}"
        ) from None
    remember("compared", comparison_key(pdk, corner))


def figures(pdk: Pdk, corner: Corner, engine: Engine | None = None) -> dict[str, Figures]:
    """Return the key figures of every device of a process at one corner; errors as of `check_folding`."""
    wanted = (pdk, _as_library(pdk))
    if (engine or preferred_engine()) == "batch":
        measured = [_measured(process, corner, "batch") for process in wanted]
    else:
        with LocalExecutor(1, timeout=_SECONDS, initializer=isolate) as executor:
            measured = [executor.submit(_measured, process, corner, "shared").result() for process in wanted]
    (on, v_t, drawn), (_, _, by_library) = measured
    sizes = {role: smallest(pdk, role) for role in pdk.devices}
    slopes = {role: pdk.device(role).a_vt / math.sqrt(size.w * size.l) or None for role, size in sizes.items()}
    return {
        role: Figures(on[role], v_t[role], drawn[role], by_library[role] or None, slopes[role]) for role in pdk.devices
    }


def _as_library(pdk: Pdk) -> Pdk:
    """Return a process whose devices take their mismatch from the library alone."""
    own = {"mismatch": "as_library", "a_vt": 0.0, "sigmas": {}}
    devices = {role: device.model_copy(update=own) for role, device in pdk.devices.items()}
    # Its name tells the two apart where folded devices are kept.
    return pdk.model_copy(update={"devices": devices, "name": f"{pdk.name}-as-library"})


def _compare(pdk: Pdk, corner: Corner, engine: Engine, home: str = "") -> None:
    slim = slim_pdk(pdk, corner)
    devices = {role: smallest(pdk, role) for role in pdk.devices}
    folded = _currents(_operating_point(slim, devices, pdk.vdd), devices, engine)
    draws = _draws(slim, devices)
    if draws:
        ones = [1.0] * sum(map(len, draws.values()))
        _currents(_operating_point(slim, devices, pdk.vdd, ones), devices, engine)
    if home:
        # A library's ~ is the user's home, not the worker's.
        os.environ["HOME"] = home
    with _plain_path(pdk) as reachable:
        full = _currents(_operating_point(SlimPdk(reachable, corner), devices, pdk.vdd, full=True), devices, engine)
    for role, current in folded.items():
        # Draws of a library that no switch turns off are drawn by ngspice and not by bitline.
        by_library = role in draws and draws[role] != ("delvto",) and not pdk.device(role).sigmas
        always_drawn = not pdk.mismatch_switch and by_library
        if not always_drawn and abs(current - full[role]) > max(_TOLERANCE * abs(full[role]), _SMALLEST):
            raise PdkDamagedError(
                f"PDK {pdk.name}, corner {corner}, device {role}: {current:.6g} A by the folded card,"
                f" {full[role]:.6g} A by the full library: bitline reads this library otherwise than ngspice"
            )


@contextmanager
def _plain_path(pdk: Pdk) -> Iterator[Pdk]:
    """Give a process whose library lies at a path without blanks, which ngspice's `.lib` cannot read."""
    if " " not in str(pdk.library_path()):
        yield pdk
        return
    scratch = tempfile.gettempdir()
    if " " in scratch:
        scratch = "/tmp"
    with tempfile.TemporaryDirectory(prefix="bitline-", dir=scratch) as folder:
        link = Path(folder) / "library"
        link.symlink_to(pdk.library_path().parent, target_is_directory=True)
        yield pdk.model_copy(update={"root": link, "library": pdk.library_path().name})


def _draws(slim: SlimPdk, devices: dict[str, Placement]) -> dict[str, tuple[str, ...]]:
    draws = {name: slim.draws(device.role, Geometry(device.w, device.l)) for name, device in devices.items()}
    return {name: names for name, names in draws.items() if names}


def _operating_point(
    slim: SlimPdk,
    devices: dict[str, Placement],
    vdd: float,
    deviates: Sequence[float] | None = None,
    *,
    full: bool = False,
) -> Deck:
    netlist = Netlist(slim, full=full)
    if deviates is not None:
        netlist.deviates = iter(deviates)
    body = render_circuit("benches/transistors.cir.j2", netlist, devices=devices, v_ds=vdd, v_gs=vdd, swept=False)
    saves = tuple(f"i(vd_{name})" for name in devices)
    return Deck(f"transistors of {slim.pdk.name}, {slim.corner}", body, saves, OperatingPoint())


def _currents(deck: Deck, devices: dict[str, Placement], engine: Engine) -> dict[str, float]:
    waveforms = climb(simulator_of(engine, _SECONDS), deck).waveforms
    return {name: abs(waveforms.value(f"i(vd_{name})")) for name in devices}


def _measured(pdk: Pdk, corner: Corner, engine: Engine) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    """Return I_on [A], V_t [V] and its standard deviation [V] of each device."""
    slim = slim_pdk(pdk, corner)
    devices = {role: smallest(pdk, role) for role in pdk.devices}
    on = _currents(_operating_point(slim, devices, pdk.vdd), devices, engine)
    draws = _draws(slim, devices)
    # Each device without mismatch, then once for each of its draws at one sigma.
    moved = {f"{role}_{k}": devices[role] for role, names in draws.items() for k in range(len(names))}
    everything = {**devices, **moved}
    deviates = [0.0] * sum(map(len, draws.values()))
    for names in draws.values():
        deviates += np.eye(len(names)).ravel().tolist()
    body = render_circuit(
        "benches/transistors.cir.j2",
        Netlist(slim, iter(deviates)),
        devices=everything,
        v_ds=_THRESHOLD_DRAIN,
        swept=True,
    )
    deck = Deck(
        f"thresholds of {pdk.name}, {corner}",
        body,
        tuple(f"i(vd_{name})" for name in everything),
        Dc("vgate", 0.0, pdk.vdd, _GATE_STEP),
    )
    waveforms = climb(simulator_of(engine, _SECONDS), deck).waveforms
    v_t = {name: _threshold(waveforms, name, device) for name, device in everything.items()}
    sigma = {
        role: math.sqrt(sum((v_t[f"{role}_{k}"] - v_t[role]) ** 2 for k in range(len(draws.get(role, ())))))
        for role in devices
    }
    return on, {role: v_t[role] for role in devices}, sigma


def _threshold(waveforms: Waveforms, name: str, device: Placement) -> float:
    """Return the gate voltage at which 100 nA W/L flows [V]; nan where it never does."""
    current = np.log(np.maximum(np.abs(waveforms[f"i(vd_{name})"]), 1e-30))
    target = math.log(_THRESHOLD_CURRENT * device.w / device.l)
    above = np.flatnonzero(current >= target)
    if above.size == 0 or above[0] == 0:
        return math.nan
    last = above[0]
    return float(np.interp(target, current[last - 1 : last + 1], waveforms.axis[last - 1 : last + 1]))


def comparison_key(pdk: Pdk, corner: Corner) -> str:
    """Return the hash of all that folding a process at a corner depends on."""
    identity = [_FORMAT, slim_pdk(pdk, corner).library.sha256, str(corner), pdk.acting]
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:32]


def _was_compared(pdk: Pdk, corner: Corner) -> bool:
    key = comparison_key(pdk, corner)
    return is_remembered("compared", key) or key in (content.folder("models") / "compared.txt").read_text().split()
