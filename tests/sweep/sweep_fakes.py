"""A small circuit with two benches, and evaluations that sleep, hang, crash and raise."""

from __future__ import annotations

import hashlib
import math
import os
import signal
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from bitline.benches.base import Bench
from bitline.circuits.base import Circuit
from bitline.errors import InputError, PdkMissingError, SetupError, UnknownNameError
from bitline.parameters import parameter, validated
from bitline.sweep.outcome import Outcome
from bitline.sweep.point import Grid, Point
from bitline.sweep.store import Store


@validated
class Cell(Circuit):
    name: ClassVar[str] = "fake-cell"
    template: ClassVar[str] = "fake"

    width: float = parameter(0.14e-6, "width", unit="m", source="choice", gt=0, le=1e-3)


@validated
class Column(Circuit):
    name: ClassVar[str] = "fake-column"
    template: ClassVar[str] = "fake"

    mismatch_groups: ClassVar[Mapping[str, tuple[str, ...]]] = {"cells": ("m*",), "driver": ("d*",)}

    rows: int = parameter(64, "cells", source="choice", ge=1, le=1024)
    active: int = parameter(16, "rows pulsed at once", source="choice", ge=1, le=1024)
    kind: Literal["a", "b"] = parameter("a", "a choice", source="choice")
    cell: Cell = Cell()

    def check(self) -> None:
        if self.active > self.rows:
            raise InputError(f"Column: active = {self.active}: must be <= rows = {self.rows}")


@validated
class CodeInput:
    code: int = parameter(1, "cells that conduct", source="choice", ge=0, le=1024)


@validated
class NoInput:
    pass


def _bench(name: str, inputs: type) -> Bench:
    def never(*_: Any) -> Any:
        raise AssertionError("the sweep itself calls no bench function")

    return Bench(name, 1, "fake", (Column,), inputs, (), never, never, never)


TRANSFER = _bench("transfer", CodeInput)
NOISE = _bench("noise", NoInput)


def circuit_class(name: str) -> type[Circuit]:
    if name != Column.name:
        raise UnknownNameError("circuit", name, [Column.name])
    return Column


def bench(name: str, circuit: type[Circuit]) -> Bench:
    known = {"transfer": TRANSFER, "noise": NOISE}
    if name not in known:
        raise UnknownNameError("bench", name, known, f"of {circuit.name}")
    return known[name]


def points(count: int) -> Iterable[Point]:
    return Grid(TRANSFER, Column(), {"code": tuple(range(count))}).points()


def code(point: Point) -> int:
    return int(point.inputs.code)


def key_of(point: Point) -> str:
    return hashlib.sha256(f"code {code(point)}".encode()).hexdigest()


def values_of(point: Point) -> dict[str, float]:
    return {"v": math.sin(code(point)) / 3, "i": 1e-300 * code(point)}


@dataclass(frozen=True)
class Context:
    """Where the evaluations find the store, and where they leave traces."""

    folder: Path
    store: Path | None = None
    seconds: float = 0.0
    victims: tuple[int, ...] = ()

    def trace(self, name: str, text: object) -> None:
        with (self.folder / name).open("a") as file:
            file.write(f"{text}\n")

    def traces(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text().split() if path.exists() else []


def evaluate(point: Point, context: Context) -> Outcome:
    key = key_of(point)
    if context.store is not None:
        with Store(context.store, read_only=True) as store:
            if found := store.get(key, point.index):
                return found
    context.trace("evaluated", code(point))
    # later points are faster, so that they do not come back in their order
    time.sleep(context.seconds * (1 + (code(point) * 7) % 5) / 3)
    return Outcome(point.index, key, "ok", values_of(point), "default", seconds=0.01)


def statuses(point: Point, context: Context) -> Outcome:
    """Each status once, by the way it comes about in earnest."""
    match code(point):
        case 1:
            time.sleep(60)
        case 2:
            os.kill(os.getpid(), signal.SIGKILL)
        case 3:
            raise ZeroDivisionError("a bench with a bug")
        case 4:
            return Outcome(point.index, key_of(point), "no_convergence", log="gmin failed")
        case 5:
            return Outcome(point.index, key_of(point), "bad_measure", log="nan")
    return evaluate(point, context)


def dies_once(point: Point, context: Context) -> Outcome:
    """Kill the worker the first time a victim is tried."""
    tries = context.traces("tries").count(str(code(point)))
    context.trace("tries", code(point))
    if code(point) in context.victims and not tries:
        os.kill(os.getpid(), signal.SIGKILL)
    return evaluate(point, context)


def no_memory(point: Point, context: Context) -> Outcome:
    """Find no memory left: the first victim once, the others always."""
    if code(point) in context.victims:
        before = context.traces("exhausted").count(str(code(point)))
        context.trace("exhausted", code(point))
        if not before or code(point) != context.victims[0]:
            raise MemoryError
    return evaluate(point, context)


def no_pdk(point: Point, context: Context) -> Outcome:
    if code(point) == 7:
        raise PdkMissingError("run: bitline pdk install sky130")
    return evaluate(point, context)


class BrokenDisk(SetupError):
    """An error that pickle cannot rebuild, for it takes other arguments than its message."""

    def __init__(self, disk: str, number: int) -> None:
        super().__init__(f"disk {disk} is broken at {number}")


def broken_disk(point: Point, context: Context) -> Outcome:
    raise BrokenDisk("sda", 7)


def contradicts_itself_at_7(point: Point, context: Context) -> Outcome:
    if code(point) == 7:
        raise UnknownNameError("device", "nfet", ["nmos", "pmos"])
    return evaluate(point, context)


def note_pid(folder: Path) -> None:
    (folder / f"pid-{os.getpid()}").touch()


def noted_pids(folder: Path) -> list[int]:
    """Return the workers' process ids, the latest last."""
    notes = sorted(folder.glob("pid-*"), key=lambda path: path.stat().st_mtime_ns)
    return [int(path.name[4:]) for path in notes]


def alive(pid: int) -> bool:
    """Whether that process still works; one that is dead but not yet reaped does not (Linux)."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def broken_start() -> None:
    raise OSError("no library")


def square(x: int) -> int:
    return x * x


def slow_square(x: int, seconds: float) -> int:
    time.sleep(seconds)
    return x * x


def pid() -> int:
    return os.getpid()


def environment(name: str) -> str | None:
    return os.environ.get(name)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
