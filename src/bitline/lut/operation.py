"""Operation: what one use of a measured circuit is, as data in ``lut.json``.

A consumer (an exporter, a plot, an energy account) reads here what it must know of a table besides the
table itself: what happens, over which axes the operands lie and how they are distributed, what the energy
contains, how long the cycle is, what the pins are. It never asks which circuit the table came from.
"""

from __future__ import annotations

import json
from dataclasses import asdict, field
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from bitline.errors import input_error
from bitline.parameters import Source

# A misspelt field or a NaN in a laboratory's own lut.json is refused where it is read. It also tells products from
# choices: no form has the fields of both.
_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, config=_STRICT)
class Products:
    """Operands of an operation that adds up products of weights and inputs.

    Parameters
    ----------
    axis : str
        Axis of the table with the sum: products +1 less products -1.
    count : int
        Products that one operation adds up.
    plus, minus : float
        Probability that a product is +1, and that it is -1; both independent from product to product.
    pairs : str
        Axis with the number of pairs of +1 and -1 that cancel in the sum; "" where there is none.
    sharing : bool
        False: active cells add their errors (charge summing). True: the output is a mean over all cells, whose
        errors partly cancel (charge redistribution).
    output : str
        The variable with the analog output [V].
    source : str
        Where the probabilities come from.
    """

    axis: str
    count: int
    plus: float
    minus: float = 0.0
    # A sum of 0 may be of no products or of many that cancel, and only the latter draw current and make noise.
    pairs: str = ""
    sharing: bool = False
    output: str = "v_line"
    source: Source = "assumed"

    @property
    def axes(self) -> tuple[str, ...]:
        """The operand axes."""
        if not self.pairs:
            return (self.axis,)
        return self.axis, self.pairs

    @property
    def activity(self) -> float:
        """Probability that a product is not 0."""
        return self.plus + self.minus

    @property
    def signed(self) -> bool:
        """Whether sums below 0 occur."""
        return self.minus > 0


@dataclass(frozen=True, config=_STRICT)
class Choices:
    """Operands that are the values of some axes, each as frequent as the others.

    Parameters
    ----------
    names : tuple of str
        The operand axes, such as a converter's input or a memory's level; none where the table's energies are means
        over operands already.
    source : str
        Where it comes from that all are equally frequent.
    """

    names: tuple[str, ...]
    source: Source = "assumed"

    @property
    def axes(self) -> tuple[str, ...]:
        """The operand axes."""
        return self.names


def _form(content: Any) -> dict[str, Any]:
    form: dict[str, Any] = json.loads(json.dumps(asdict(content)))
    return form


@dataclass(frozen=True, config=_STRICT)
class LeftOut:
    """Ideal sources whose energy no output counts, and how much it is.

    Parameters
    ----------
    source : str
        Name in the deck; ``vin*`` stands for every source whose name begins so.
    drives : str
        What takes the charge.
    energy : float
        Measured: what all sources of that name give over the whole simulation, in `unit`.
    at : str
        Circuit, inputs and conditions at which it was measured.
    unit : str
        Of `energy`.
    """

    source: str
    drives: str
    energy: float
    at: str
    unit: str = "J"


@dataclass(frozen=True, config=_STRICT)
class Supplies:
    """The account of a bench's sources: every one is in an output, or left out by name and size.

    A source that gives no charge, such as a line at ground or a voltage that only expressions read, needs no entry.

    Parameters
    ----------
    counted : mapping of str to tuple of str
        Output [J] or [W], and the sources whose energy it counts; ``vin*`` as in `LeftOut`.
    left_out : tuple of LeftOut
        All others.
    """

    counted: dict[str, tuple[str, ...]]
    left_out: tuple[LeftOut, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the account in the form of ``lut.json``."""
        return _form(self)


@dataclass(frozen=True, config=_STRICT)
class Energy:
    """What an operation's energy contains.

    Parameters
    ----------
    variable : str
        The variable with the whole energy [J].
    event : str
        What it is counted for, from beginning to end.
    includes, excludes : tuple of str
        Supplies and parts that are in it, and parts of a system that are not.
    convention : str
        How it was measured.
    components : mapping of str to str
        An architect's components that are in it (``row_drivers``, ``column_drivers``, ``cells``, ``dac``,
        ``adc``, or others by name), each with what stands for it.
    beyond : tuple of str
        What an architect might expect to be in it and is not.
    supplies : Supplies, optional
        Which of the bench's sources are in it; None: not stated.
    """

    variable: str
    event: str
    includes: tuple[str, ...]
    excludes: tuple[str, ...]
    convention: str
    components: dict[str, str] = field(default_factory=dict)
    beyond: tuple[str, ...] = ()
    supplies: Supplies | None = None

    def scope(self) -> dict[str, str]:
        """Return in words its event, what it includes and excludes, and its convention; without what is not stated."""
        stated = {
            "event": self.event,
            "includes": ", ".join(self.includes),
            "excludes": ", ".join(self.excludes),
            "convention": self.convention,
        }
        return {name: text for name, text in stated.items() if text}


@dataclass(frozen=True, config=_STRICT)
class Success:
    """When a point of the table counts as an operation: its `variable` has the value `value`."""

    variable: str
    value: float


@dataclass(frozen=True, config=_STRICT)
class Pins:
    """What the circuit shows to the outside.

    Parameters
    ----------
    start : str
        Pin whose rising edge starts an operation.
    edge : str
        What that edge is.
    outputs : tuple of str
        Pins, or one bus.
    delay : str
        Variable with the time from that edge to the outputs [s].
    inputs : tuple of str
        Analog inputs.
    width : int
        Of the output bus; 0: the outputs are pins.
    analog : bool
        Whether the outputs are analog lines: they have a time, but no logic level.
    setup : float or None
        How long the inputs must have settled before the edge [s].
    """

    start: str
    edge: str
    outputs: tuple[str, ...]
    delay: str
    inputs: tuple[str, ...] = ()
    width: int = 0
    analog: bool = False
    # None means that it is not known, which an exporter must not write as 0.
    setup: float | None = None


@dataclass(frozen=True, config=_STRICT)
class Operation:
    """One operation of a circuit, as its table describes it.

    Parameters
    ----------
    event : str
        What one operation is: "one MAC cycle of a column".
    energy : Energy
        What its energy contains.
    operands : Products, Choices or None
        What it works on; None: the table is at one input, which its axes name.
    table : str
        The table of points without mismatch.
    cycle : float, str or None
        Length of the cycle: a time [s] where all points share it, else the variable that measured it.
        None: not known, for example where the axes change it.
    latency : str
        Variable with the time until the result is there [s]; "" where only the cycle is known.
    success : Success, optional
        What a point must show to count; None: every good point does.
    pins : Pins, optional
        None where the circuit has no interface to time.
    """

    event: str
    energy: Energy
    operands: Products | Choices | None = None
    table: str = "nominal"
    cycle: float | str | None = None
    latency: str = ""
    success: Success | None = None
    pins: Pins | None = None

    @property
    def products(self) -> Products | None:
        """Its operands where these are products that are added up."""
        if isinstance(self.operands, Products):
            return self.operands
        return None

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of the table that it names."""
        # A Lut is refused if its table lacks one of these, so that no consumer need look again.
        named = [self.energy.variable, self.latency]
        if isinstance(self.cycle, str):
            named.append(self.cycle)
        if self.pins is not None:
            named.append(self.pins.delay)
        if self.success is not None:
            named.append(self.success.variable)
        return tuple(name for name in named if name)

    def as_json(self) -> dict[str, Any]:
        """Return the operation in the form of ``lut.json``."""
        return _form(self)


# Two bits are both 1 in one case of four; of nine pairs of trits two multiply to +1 and two to -1.
UNIFORM_BITS = 1 / 4
"""Probability that the product of two uniform random bits is 1."""
UNIFORM_TRITS = 2 / 9
"""Probability that the product of two uniform random trits is +1, and that it is -1."""


def uniform_bits(axis: str, count: int, *, sharing: bool = False) -> Products:
    """Return `count` products of uniform random bits, whose sum is along `axis` (assumed)."""
    return Products(axis, count, UNIFORM_BITS, sharing=sharing)


def uniform_trits(axis: str, count: int, *, pairs: str, output: str) -> Products:
    """Return `count` products of uniform random trits: their sum along `axis`, cancelling `pairs` (assumed)."""
    return Products(axis, count, UNIFORM_TRITS, UNIFORM_TRITS, pairs=pairs, output=output)


def parse_operation(owner: str, form: Any) -> Operation:
    """Return the operation that ``lut.json`` holds; raises `InputError`, which names `owner` and field."""
    try:
        return TypeAdapter(Operation).validate_python(form)
    except ValidationError as error:
        raise input_error(f"{owner}: operation", error) from None
