"""Python written for a consumer: a module of code without data, and beside it a data file whose sha256 it checks."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitline.errors import ExportCheckError, InputError, StorageError
from bitline.lut.lut import Lut
from bitline.templates import environment


def module_name(consumer: str, lut: Lut) -> str:
    """Return ``<consumer>_<lut>``, a name Python can import: ``aihwkit_nsnr_store``."""
    return f"{consumer}_{re.sub('[^a-z0-9]+', '_', lut.name.lower())}"


def identifier(name: str) -> str:
    """Return a LUT's name with letters, digits and ``_`` alone, a letter first: ``5-bit.adc`` is ``lut_5_bit_adc``."""
    text = re.sub("[^A-Za-z0-9_]", "_", name)
    if text[0].isalpha():
        return text
    return f"lut_{text}"


def class_name(lut: Lut, suffix: str, asked: str = "") -> str:
    """Return `asked`, or the LUT's name in CamelCase with `suffix`; raises `InputError` if no class can be named so."""
    name = asked or "".join(word.capitalize() for word in re.split("[^A-Za-z0-9]+", lut.name)) + suffix
    if not re.fullmatch("[A-Za-z][A-Za-z0-9]*", name):
        raise InputError(f"name = {name!r}: must be letters and digits, a letter first (it names a class)")
    return name


def only_for(lut: Lut, what: str, **changed: bool) -> None:
    """Refuse options that differ from their defaults although they have no meaning for this LUT."""
    for option, is_changed in changed.items():
        if is_changed:
            raise InputError(f"option {option} is for {what}; {lut.name} is of kind {lut.kind}: leave it out")


def write_module(folder: Path, name: str, template: str, data: Mapping[str, Any], **values: str) -> None:
    """Write ``<name>.json`` with `data` and ``<name>.py`` from a template of ``templates/exports``.

    The template gets `values`, ``data_file`` and ``sha256``. Floats are JSON's `repr`: all bits.
    """
    # the hash is in the code: a data file of another export, or an edited one, does not load
    raw = (json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
    (folder / f"{name}.json").write_bytes(raw)
    text = (
        environment()
        .get_template(f"exports/{template}")
        .render(data_file=f"{name}.json", sha256=hashlib.sha256(raw).hexdigest(), **values)
    )
    (folder / f"{name}.py").write_text(text, encoding="utf-8")


def read_data(folder: Path, name: str) -> dict[str, Any]:
    """Return what ``<name>.json`` holds; raises `StorageError` if it cannot be read."""
    path = folder / f"{name}.json"
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StorageError(f"cannot read {path}: {error}") from error
    return data


def load_module(folder: Path, name: str) -> ModuleType:
    """Run ``<name>.py`` and return it as a module, leaving no bytecode and no entry in `sys.modules`.

    Raises
    ------
    StorageError
        If the file cannot be read.
    ExportCheckError
        If it does not run: its data file was changed, say.
    """
    path = folder / f"{name}.py"
    # not imported, so that a second export of the same name does not get the first one's code
    module = ModuleType(name)
    module.__file__ = str(path)
    try:
        code = compile(path.read_text(encoding="utf-8"), str(path), "exec")
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror or error}") from error
    try:
        exec(code, module.__dict__)
    except (ImportError, ValueError, KeyError, AttributeError) as error:
        raise ExportCheckError(f"{path} does not run: {error}") from error
    return module


def compare(what: str, value: float, expected: float, tolerance: float) -> None:
    """Raise `ExportCheckError` unless the two differ by no more than `tolerance`, in their unit."""
    if not abs(value - expected) <= tolerance:
        raise ExportCheckError(f"{what} = {value!r}: the LUT has {expected!r}, allowed difference {tolerance:.3g}")


def compare_draws(what: str, draws: NDArray[np.float64], mean: float, sigma: float) -> None:
    """Raise `ExportCheckError` unless mean and deviation of independent draws agree within five standard errors."""
    compare(f"mean of {what}", float(draws.mean()), mean, 5 * sigma / math.sqrt(draws.size))
    compare(f"sd of {what}", float(draws.std()), sigma, 5 * sigma / math.sqrt(2 * draws.size))
