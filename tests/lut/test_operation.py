from __future__ import annotations

import dataclasses
import json
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luts.column import make_column_lut

from bitline.errors import InputError, LutFileError
from bitline.lut.lut import Lut
from bitline.lut.operation import (
    Choices,
    Energy,
    LeftOut,
    Operation,
    Pins,
    Products,
    Success,
    Supplies,
    parse_operation,
)
from bitline.parameters import Source

ENERGY = Energy("energy_total", "one cycle", ("cell",), ("adc",), "supply integrals", {"cells": "cells"}, ("the ADC",))
FULL = Operation(
    "one MAC cycle of a column",
    ENERGY,
    Products("code", 16, 0.25),
    cycle=4e-9,
    latency="",
    success=Success("flips", 0.0),
    pins=Pins("MAC", "begin of the pulse", ("LINE",), "swing", analog=True),
)
words = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
texts = st.lists(st.text(max_size=8), max_size=3).map(tuple)
chances = st.floats(0, 0.5)
operands = st.one_of(
    st.none(),
    st.builds(Products, words, st.integers(1, 1000), chances, chances, words | st.just(""), st.booleans(), words),
    st.builds(Choices, st.lists(words, min_size=1, max_size=3).map(tuple), st.sampled_from(get_args(Source))),
)
sizes = st.floats(0, 1)
left_out = st.lists(st.builds(LeftOut, words, st.text(), sizes, st.text(), words), max_size=2).map(tuple)
supplies = st.builds(Supplies, st.dictionaries(words, texts, max_size=3), left_out)
contents = st.dictionaries(words, st.text())
energies = st.builds(Energy, words, st.text(), texts, texts, st.text(), contents, texts, st.none() | supplies)
pins = st.builds(Pins, words, st.text(), texts, words, texts, st.integers(0, 64), st.booleans(), st.none() | chances)
operations = st.builds(
    Operation,
    st.text(),
    energies,
    operands,
    words,
    st.one_of(st.none(), st.floats(0, 1), words),
    words | st.just(""),
    st.none() | st.builds(Success, words, st.floats(-1e9, 1e9)),
    st.none() | pins,
)


@given(operations)
def test_every_operation_comes_back_from_json(operation: Operation) -> None:
    form = json.loads(json.dumps(operation.as_json()))
    assert parse_operation("x", form) == operation


@given(operations)
def test_the_schema_takes_every_operation(operation: Operation) -> None:
    import jsonschema

    schema = json.loads(files("bitline.lut").joinpath("lut.schema.json").read_text())
    part = {"$ref": "#/$defs/operation", "$defs": schema["$defs"]}
    jsonschema.validate(json.loads(json.dumps(operation.as_json())), part)


@pytest.mark.parametrize(
    ("cls", "name"),
    [
        (Operation, "operation"),
        (Energy, "energy"),
        (Products, "products"),
        (Choices, "choices"),
        (Pins, "pins"),
        (Supplies, "supplies"),
        (LeftOut, "left_out"),
    ],
)
def test_the_schema_names_every_field(cls: Any, name: str) -> None:
    schema = json.loads(files("bitline.lut").joinpath("lut.schema.json").read_text())
    assert list(schema["$defs"][name]["properties"]) == [field.name for field in dataclasses.fields(cls)]


def test_a_lut_keeps_its_operation(tmp_path: Path) -> None:
    lut = dataclasses.replace(make_column_lut(), operation=FULL)
    lut.save(tmp_path)
    assert Lut.load(tmp_path).operation == FULL


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"table": "nominel"}, "table = nominel"),
        ({"latency": "delay"}, "delay is no variable of table nominal"),
        ({"cycle": "t_cycle"}, "t_cycle is no variable"),
        ({"success": Success("ok", 1.0)}, "ok is no variable"),
    ],
)
def test_what_it_names_must_be_there(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        dataclasses.replace(make_column_lut(), operation=dataclasses.replace(FULL, **change))


def test_a_wrong_field_is_named(tmp_path: Path) -> None:
    dataclasses.replace(make_column_lut(), operation=FULL).save(tmp_path)
    path = tmp_path / "lut.json"
    manifest = json.loads(path.read_text())
    manifest["operation"]["operands"]["plus"] = 2
    path.write_text(json.dumps(manifest))
    with pytest.raises(LutFileError, match=r"\$\.operation\.operands"):
        Lut.load(tmp_path)


def test_signs_and_activity() -> None:
    trits = Products("mac", 16, 2 / 9, 2 / 9, pairs="extra")
    assert (trits.signed, trits.axes) == (True, ("mac", "extra"))
    assert trits.activity == 4 / 9
    assert (FULL.operands.signed, FULL.operands.axes) == (False, ("code",))  # type: ignore[union-attr]
