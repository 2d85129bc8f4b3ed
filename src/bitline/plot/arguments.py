"""What the public drawings take, checked by the names of their arguments before anything is drawn."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bitline.engine.waveforms import Waveforms
from bitline.errors import InputError
from bitline.lut.lut import Lut

P = ParamSpec("P")
R = TypeVar("R")


def _runs(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value) and all(isinstance(run, Waveforms) for run in value.values())


def _behind(value: Any) -> bool:
    return isinstance(value, Sequence) and all(isinstance(run, Waveforms) for run in value)


def _groups(value: Any) -> bool:
    return value is None or isinstance(value, Mapping)


_SORTS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "lut": (lambda value: isinstance(value, Lut), "a Lut"),
    "axes": (lambda value: isinstance(value, Axes), "Matplotlib's Axes"),
    "figure": (lambda value: isinstance(value, Figure), "a Matplotlib Figure"),
    "waveforms": (lambda value: isinstance(value, Waveforms), "Waveforms, such as a Simulation has"),
    "runs": (_runs, "a table with Waveforms by name, one at least"),
    "behind": (_behind, "a sequence of Waveforms"),
    "groups": (_groups, "a table with the names of signals"),
}


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Return the function, which then refuses a LUT, Axes or Waveforms that is none by an `InputError`."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def draw(*args: P.args, **kwargs: P.kwargs) -> R:
        for name, value in signature.bind(*args, **kwargs).arguments.items():
            fits, wanted = _SORTS.get(name, (None, ""))
            if fits is not None and not fits(value):
                raise InputError(f"{function.__name__}: {name} = {value!r}: must be {wanted}")
        return function(*args, **kwargs)

    return draw
