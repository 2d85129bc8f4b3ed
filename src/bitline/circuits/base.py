"""Circuit: a frozen, validated set of parameters that a template turns into SPICE."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from bitline.errors import InputError, UnknownNameError
from bitline.parameters import Parameters, validated

ALL_GROUPS = "all"
"""In place of a mismatch group: every device varies."""


@validated
class Circuit(Parameters):
    """A circuit family's parameters. Sub-classes add fields and name their template.

    Attributes
    ----------
    name : str
        Kebab-case name on the command line.
    template : str
        Path below ``templates/``.
    mismatch_groups : mapping of str to tuple of str
        Devices whose mismatch is looked at together: by the group's name the patterns (``*``, ``[0-9]``) of their
        names in the template. Each device that varies is in one group, so that the groups make up the whole.
    since : mapping of str to object
        Parameters that were added after results had been stored, with the value that these were simulated with: at
        that value a result keeps its key.
    """

    name: ClassVar[str]
    template: ClassVar[str]
    mismatch_groups: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    since: ClassVar[Mapping[str, object]] = {}

    @property
    def capacitors(self) -> tuple[str, ...]:
        """The process's capacitors that it is made of, by the names of the descriptor."""
        return ()

    @classmethod
    def mismatch_group(cls, name: str) -> tuple[str, ...]:
        """Return the patterns of a mismatch group's devices; of `ALL_GROUPS` one that fits every device.

        Raises
        ------
        InputError
            If the circuit has no groups.
        UnknownNameError
            If it has others; names the nearest.
        """
        if name == ALL_GROUPS:
            return ("*",)
        if not cls.mismatch_groups:
            raise InputError(f"group = {name}: {cls.name} names no mismatch groups; allowed: {ALL_GROUPS}")
        if name not in cls.mismatch_groups:
            raise UnknownNameError("mismatch group", name, (ALL_GROUPS, *cls.mismatch_groups), f"of {cls.name}")
        return cls.mismatch_groups[name]
