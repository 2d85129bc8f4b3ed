"""Exporter: what writes a LUT for another program, and may compare what that program reads with the LUT."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bitline.errors import BitlineError, ExporterError, InputError, StorageError
from bitline.export.needs import Need, Outline
from bitline.export.options import check
from bitline.files import path_of, staged
from bitline.lut.manifest import MANIFEST
from bitline.parameters import plain

if TYPE_CHECKING:
    from bitline.lut.lut import Lut

Writer = Callable[..., list[Path]]
"""Writes a LUT into a folder with options by name, and returns the paths."""

Check = Callable[["Lut", Path], str]
"""Compares an export with its LUT, and says in a line what was compared."""

# What a disk refuses: it is full or a quota used up, a file too large, read only or not the user's, or it is failing.
_STORAGE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO})


def _plain(value: Any) -> Any:
    """Return an option without NumPy's types; a condition, too."""
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    return plain(value)


@dataclass(frozen=True)
class Refusal:
    """A form of LUT that users may expect a format to express, and why it does not."""

    need: Need
    reason: str


@dataclass(frozen=True)
class Exporter:
    """Writes LUTs for one consumer.

    Parameters
    ----------
    name : str
        The format's name.
    doc : str
        What it writes, in a line.
    writer : callable
        Returns the function that writes: ``(lut, folder, **options) -> list[Path]``, whose keyword-only arguments
        are the format's options; ``condition`` is one where a single condition is written. It is called when a
        LUT is written and not before, so that whoever lists formats does not wait for numpy.
    needs : tuple of Need
        The forms of LUT that it expresses: one of them must be met. Empty: every LUT.
    refuses : tuple of Refusal
        Forms that it does not express, for a better reason than that no need is met.
    checker : callable, optional
        Returns the function that loads an export in the program it is for and compares it with the LUT.

    Raises
    ------
    InputError
        If what is declared is of another type: it may come from another package.
    """

    name: str
    doc: str
    writer: Callable[[], Writer]
    needs: tuple[Need, ...] = ()
    refuses: tuple[Refusal, ...] = ()
    checker: Callable[[], Check] | None = None

    def __post_init__(self) -> None:
        # A wrong declaration fails here, when its package is loaded, and not when somebody lists formats.
        declared: tuple[tuple[str, Any, type], ...] = (("needs", self.needs, Need), ("refuses", self.refuses, Refusal))
        for field, items, sort in declared:
            if not isinstance(items, tuple) or not all(isinstance(item, sort) for item in items):
                raise InputError(f"exporter {self.name}: {field} = {items!r}: must be a tuple of {sort.__name__}")

    def refusal(self, outline: Outline) -> str:
        """Return in a sentence why a LUT cannot be written; "" if it can. Raises `ExporterError` if it cannot tell."""
        return str(self._guarded(self._refusal, outline))

    def _refusal(self, outline: Outline) -> str:
        if not self.needs or any(need.met(outline) for need in self.needs):
            return ""
        for refusal in self.refuses:
            if refusal.need.met(outline):
                return refusal.reason
        # an operation of the right form, or one of the tables, says what was meant
        for need in self.needs:
            if need.suits(outline) and (need.operands or need.tables.keys() & outline.tables.keys()):
                return f"it is made from {need.missing(outline)}, which this LUT does not have"
        *others, last = [need.sentence for need in self.needs]
        if not others:
            return f"it takes {last}"
        return f"it takes {', '.join(others)} or {last}"

    def write(self, lut: Lut, folder: str | Path, **options: Any) -> list[Path]:
        """Write `lut` into `folder`, made if need be, and return the paths.

        The writer works in a folder of its own, whose files are moved over old ones when it is done.

        Raises
        ------
        InputError
            If the LUT cannot be expressed in the format, an option is not allowed, or the folder holds a LUT.
        SetupError
            If a library is missing, or the folder cannot be written (`StorageError`).
        ExporterError
            If the exporter itself fails, or does not return what it wrote.
        """
        self._check_lut(lut)
        options = {name: _plain(value) for name, value in options.items()}
        # asked here, so that a refusal never depends on how far a writer comes
        reason = self.refusal(Outline.from_lut(lut))
        if reason:
            raise InputError(f"LUT {lut.name} ({lut.kind}) cannot be written for {self.name}: {reason}")
        writer = self._guarded(self.writer)
        self._guarded(check, self.name, writer, options)
        target = path_of("folder", folder)
        self._spare(lut, target)
        with staged(target) as stage:
            paths = self._guarded(writer, lut, stage, **options)
            names = self._written(paths, stage)
            for file in names:
                self._spare(lut, (target / file).parent, of_any=False)
        return [target / file for file in names]

    def _check_lut(self, lut: Any) -> None:
        # The class itself is not imported: whoever lists formats does not wait for numpy.
        if not hasattr(lut, "tables"):
            raise InputError(f"exporter {self.name}: lut = {lut!r}: must be a Lut")

    def _spare(self, lut: Lut, folder: Path, *, of_any: bool = True) -> None:
        """Refuse a folder that holds the LUT, or `of_any` LUT: files of one name would replace its own."""
        own = lut.folder is not None and folder.resolve() == lut.folder.resolve()
        if own or (of_any and (folder / MANIFEST).exists()):
            raise InputError(f"{folder} holds a LUT, which {self.name} must not write into: give another folder")

    def _written(self, paths: Any, stage: Path) -> list[Path]:
        """Return the names, below the stage, of the files that a writer says it wrote there."""
        wrong = f"exporter {self.name} returned {paths!r}: must be the paths that it wrote, in the folder it was given"
        if not isinstance(paths, Sequence) or isinstance(paths, str) or not paths:
            raise ExporterError(wrong)
        if not all(isinstance(path, str | Path) for path in paths):
            raise ExporterError(wrong)
        files = [Path(path) for path in paths]
        if not all(file.is_relative_to(stage) and file.is_file() for file in files):
            raise ExporterError(wrong)
        return [file.relative_to(stage) for file in files]

    def required_checker(self) -> Callable[[], Check]:
        """Return the checker; raises `InputError` if exports in this format cannot be checked."""
        if self.checker is None:
            raise InputError(f"{self.name} has no check: no one program reads it, or none that can be installed")
        return self.checker

    def check(self, lut: Lut, folder: str | Path) -> str:
        """Compare what the program reads from `folder` with `lut`, and say in a line what was compared.

        Raises
        ------
        InputError
            If there is no such check.
        SetupError
            If the program is not installed in this Python.
        ExportCheckError
            If it has other numbers than the LUT.
        ExporterError
            If the check itself fails.
        """
        self._check_lut(lut)
        statement = self._guarded(self._guarded(self.required_checker()), lut, path_of("folder", folder))
        if not statement:
            raise ExporterError(f"exporter {self.name}: its check returned {statement!r}: must say what was compared")
        return str(statement)

    def _guarded(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Call a function of the exporter and name the exporter in whatever it raises that is no `BitlineError`."""
        try:
            return function(*arguments, **options)
        except BitlineError:
            raise
        except OSError as error:
            # Another error of the system, such as a file that is not there, may be the exporter's own mistake.
            if error.errno not in _STORAGE:
                raise self._failure(error) from error
            raise StorageError(f"exporter {self.name}: {error.filename or 'a file'}: {error.strerror}") from error
        except Exception as error:  # a plug-in may fail in any way
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> ExporterError:
        return ExporterError(f"exporter {self.name} failed: {type(error).__name__}: {error}")
