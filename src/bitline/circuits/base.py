"""Circuit: a frozen, validated set of parameters that a template turns into SPICE."""

from __future__ import annotations

from typing import ClassVar

from bitline.parameters import Parameters, validated


@validated
class Circuit(Parameters):
    """A circuit family's parameters. Sub-classes add fields and name their template.

    Attributes
    ----------
    name : str
        Kebab-case name on the command line.
    template : str
        Path below ``templates/``.
    """

    name: ClassVar[str]
    template: ClassVar[str]
