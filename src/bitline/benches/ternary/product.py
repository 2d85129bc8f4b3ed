"""Product bench of the ternary column: the product of one weight and one input, in every row."""

from __future__ import annotations

from bitline.benches.base import Bench, Conditions
from bitline.benches.precharged import SUPPLIES
from bitline.benches.reducers import one_table
from bitline.benches.ternary.cycle import OUTPUTS, SCOPE, cycle_deck, measure
from bitline.circuits.deck import Deck
from bitline.circuits.ternary_column import TernaryColumn
from bitline.parameters import parameter, validated
from bitline.pdk.descriptor import Pdk


@validated
class Product:
    """What the product bench varies: one weight and one input, in every row."""

    weight: int = parameter(1, "trit stored in every row", source="choice", ge=-1, le=1)
    x: int = parameter(1, "trit on every row's input lines", source="choice", ge=-1, le=1)


def deck(circuit: TernaryColumn, conditions: Conditions, inputs: Product, pdk: Pdk, *, full: bool = False) -> Deck:
    """Build the deck of one MAC cycle with the same weight and input in every row."""
    title = f"{circuit.name} product {inputs.weight} x {inputs.x} in every row, {conditions}"
    return cycle_deck(circuit, conditions, [(inputs.weight, inputs.x)] * circuit.rows, pdk, title, full=full)


BENCH = Bench(
    name="product",
    version=2,
    doc="one row: the product of a weight and an input trit",
    circuits=(TernaryColumn,),
    inputs=Product,
    outputs=OUTPUTS,
    deck=deck,
    measure=measure,
    reduce=one_table("product", OUTPUTS),
    scope=SCOPE,
    supplies=SUPPLIES,
)
