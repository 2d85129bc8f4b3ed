"""Rendering: the only place where parameters become SPICE text.

Templates are Jinja, sandboxed, with undefined names refused. Every number passes through one filter
that writes exact SI floats; the only strings that reach a deck are names from bitline's own code and
identifiers that the PDK descriptor has checked, so no user text can open a `.control` block.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any

from jinja2 import Template

from bitline.circuits.base import ALL_GROUPS
from bitline.circuits.deck import Deck
from bitline.circuits.netlist import Netlist
from bitline.circuits.skeleton import body_text
from bitline.errors import InputError, NoModelError
from bitline.numbers import number
from bitline.parameters import Parameters, describe_all
from bitline.templates import environment

_NAME = re.compile(r"[A-Za-z0-9_]+")


def render_circuit(template: str | Template, netlist: Netlist, **values: Any) -> str:
    """Render a template, with the model cards its transistors need after it.

    Raises
    ------
    InputError
        If the netlist's mismatch group is not the circuit's, or none of its devices is in the deck.
    """
    if netlist.group != ALL_GROUPS:
        netlist.varying = values["circuit"].mismatch_group(netlist.group)
    try:
        body = body_text(environment().get_template(template), netlist, values)
    except NoModelError as error:
        raise InputError(f"{error}{_remedy(values.get('circuit'), error)}") from None
    if netlist.group != ALL_GROUPS and not any(netlist.deviates_taken.values()):
        groups = ", ".join(values["circuit"].mismatch_groups)
        raise InputError(
            f"group = {netlist.group}: nothing of it varies in this deck of {values['circuit'].name} (groups: {groups})"
        )
    # After the body, which decides what cards there are.
    cards = (
        environment()
        .get_template("mosfet_cards.cir.j2")
        .render(
            # Plain texts: to look an attribute up costs a template more than to write it.
            cards=[(name, card.type, card.card) for name, card in netlist.cards.items()],
            full=netlist.full,
            library=str(netlist.slim.pdk.library_path()),
            section=netlist.slim.section,
            unit=netlist.slim.pdk.unit,
            includes=[str(path) for path in netlist.slim.pdk.include_paths()],
            parameters=netlist.slim.settings,
            tnom=netlist.slim.tnom,
        )
    )
    return body + cards


def _remedy(circuit: Any, error: NoModelError) -> str:
    """Return which parameter of a circuit takes a device of the wanted size, or "": its role alone would not tell."""
    infos = describe_all(circuit) if isinstance(circuit, Parameters) else ()
    choices = {info.name: info.choices for info in infos if info.default == error.role}
    fitting = {name: [role for role in error.others if role in roles] for name, roles in choices.items()}
    settings = [f"{name} = {' or '.join(roles)}" for name, roles in fitting.items() if roles]
    return f"; set {', '.join(settings)}" if settings else ""


def render_deck(deck: Deck) -> str:
    """Render the whole text of a deck: title, options, temperature, body, saves."""
    # Names of options come from benches and users alike, and go into SPICE text as they are.
    for name in deck.options:
        if not _NAME.fullmatch(name):
            raise InputError(f"ngspice option {name!r} is not a name")
    # A template can read the options but not change them.
    options = MappingProxyType({name: _option(value) for name, value in deck.options.items()})
    return environment().get_template("deck.cir.j2").render(deck=deck, options=options)


def _option(value: Any) -> str:
    """Return an option's value as SPICE text; anything but a name is written by the number filter, or refused."""
    if isinstance(value, str) and _NAME.fullmatch(value):
        return value
    return number(value)
