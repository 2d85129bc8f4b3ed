"""Arithmetic of SPICE parameters, evaluated as ngspice's numparam does (double precision).

The grammar, loosest first: ``c ? a : b``, ``||``, ``&&``, comparisons, ``+ -``, ``* / %``, ``**`` or ``^``,
``!``. A comparison gives 1 or 0. What numparam orders otherwise than anybody else is refused, so that
brackets settle it. Random draws (`agauss`, `gauss`) are not drawn here: each asks the caller for its
standard-normal deviate, so that mismatch is an explicit input and never a hidden state.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from bitline.errors import PdkDamagedError

Resolve = Callable[[str], float]
Deviate = Callable[[], float]
Formula = Callable[[Resolve, Deviate], float]

# Not "mil" and "a": numparam reads 1mil as 1e-3 and 7a as 7, so they are refused rather than guessed.
_SUFFIX = {"t": 1e12, "g": 1e9, "meg": 1e6, "k": 1e3, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15}
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?P<suffix>[a-z]*)(?![\w.])"
    r"|(?P<name>[a-z_]\w*)(?![.])"
    r"|(?P<operator>\*\*|&&|\|\||[<>!=]=|<>|[-+*/%^<>=!?:,()]))",
    re.ASCII,
)
_READ_AS = re.compile(r"(meg|m(?!il)|[tgkunpf])[a-z]*")


def _truth(compare: Callable[[float, float], bool]) -> Callable[[float, float], float]:
    return lambda x, y: float(compare(x, y))


# numparam's x^y and x**y are |x|^y.
_POWER = ("**", "^")
_COMPARISONS: Mapping[str, Callable[[float, float], float]] = {
    "==": _truth(operator.eq),
    "!=": _truth(operator.ne),
    "<>": _truth(operator.ne),
    "<": _truth(operator.lt),
    "<=": _truth(operator.le),
    ">": _truth(operator.gt),
    ">=": _truth(operator.ge),
}
# From the loosest to the tightest.
_LEVELS: tuple[Mapping[str, Callable[[float, float], float]], ...] = (
    {"||": _truth(lambda x, y: bool(x or y))},
    {"&&": _truth(lambda x, y: bool(x and y))},
    _COMPARISONS,
    {"+": operator.add, "-": operator.sub},
    {"*": operator.mul, "/": operator.truediv, "%": math.fmod},
)
_FUNCTIONS: Mapping[str, Callable[..., float]] = {
    "sqrt": math.sqrt,
    "sqr": lambda x: x * x,
    "exp": math.exp,
    "ln": math.log,
    "log": lambda x: math.log(x),
    "log10": math.log10,
    "abs": abs,
    # Of more than two arguments numparam takes the last two.
    "min": lambda x, y: min(x, y),
    "max": lambda x, y: max(x, y),
    "pow": math.pow,
    "pwr": lambda x, y: math.pow(abs(x), y),
    "int": math.trunc,
    "nint": lambda x: round(x),
    "floor": math.floor,
    "ceil": math.ceil,
    "sgn": lambda x: (x > 0) - (x < 0),
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "arctan": math.atan,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "ternary_fcn": lambda condition, yes, no: yes if condition else no,
}
# Of the deviate, the nominal value, the absolute or relative variation, and the sigmas that one stands for.
_DRAWS: Mapping[str, Callable[..., float]] = {
    "agauss": lambda z, nominal, variation, sigmas: nominal + variation / sigmas * z,
    "gauss": lambda z, nominal, variation, sigmas: nominal + nominal * variation / sigmas * z,
}


def evaluate(text: str, resolve: Resolve, deviate: Deviate) -> float:
    """Evaluate a parameter expression.

    Parameters
    ----------
    text : str
        SPICE expression, with or without braces or quotes.
    resolve : callable
        Gives the value of a parameter by its lower-case name.
    deviate : callable
        Gives the standard-normal deviate of the next random draw.

    Raises
    ------
    PdkDamagedError
        If the expression is not arithmetic bitline knows.
    """
    try:
        return float(_formula(text)(resolve, deviate))
    except (ArithmeticError, ValueError, TypeError) as error:
        raise PdkDamagedError(f"cannot evaluate {text!r}: {error}") from None


def evaluate_rows(text: str, resolve: Callable[[str], Any], deviate: Callable[[], Any]) -> Any:
    """Evaluate an expression for many instances at once: names and draws may be arrays, and so is then the value.

    What is more than arithmetic, such as a function or a condition on an array, is refused, because NumPy's functions
    may differ from those of `evaluate` in the last bit.

    Raises
    ------
    PdkDamagedError
        As `evaluate`, and where an instance would raise or is not plain arithmetic.
    """
    try:
        with np.errstate(all="raise", under="ignore"):
            return _formula(text)(resolve, deviate)
    except (ArithmeticError, ValueError, TypeError) as error:
        raise PdkDamagedError(f"cannot evaluate {text!r} for many: {error}") from None


# Parsing is slower than evaluating: with formulas kept, a deck with mismatch renders in two thirds of the time.
@lru_cache(maxsize=65536)
def _formula(text: str) -> Formula:
    """Compile an expression once; a sweep evaluates the same few for each of its transistors."""
    try:
        return _Parser(text).formula()
    except RecursionError:
        raise PdkDamagedError(f"cannot read the parameter expression {text!r}") from None


class _Parser:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = self._tokens()
        self.place = 0

    def _tokens(self) -> list[str | float]:
        source = self.text.lower().replace("{", "(").replace("}", ")").replace("'", " ").rstrip()
        tokens: list[str | float] = []
        place = 0
        while place < len(source):
            match = _TOKEN.match(source, place)
            if match is None:
                raise self._unreadable()
            tokens.append(self._token(match))
            place = match.end()
        return tokens

    def _token(self, match: re.Match[str]) -> str | float:
        number, suffix = match["number"], match["suffix"]
        if number is None:
            return match["name"] or match["operator"]
        if number.isdigit() and number.startswith("0") and number.strip("0"):
            raise self._unreadable()  # 007 is 7 to some and octal to others
        if not suffix:
            return float(number)
        scale = _READ_AS.fullmatch(suffix)
        if scale is None:
            raise self._unreadable()
        return float(number) * _SUFFIX[scale[1]]

    def _unreadable(self) -> PdkDamagedError:
        return PdkDamagedError(f"cannot read the parameter expression {self.text!r}")

    def _ambiguous(self) -> PdkDamagedError:
        return PdkDamagedError(
            f"cannot evaluate {self.text!r}: ngspice orders its signs and powers otherwise; use brackets"
        )

    def _peek(self, *tokens: str) -> bool:
        return self.place < len(self.tokens) and self.tokens[self.place] in tokens

    def _next(self) -> str | float:
        if self.place == len(self.tokens):
            raise self._unreadable()
        self.place += 1
        return self.tokens[self.place - 1]

    def _expect(self, token: str) -> None:
        if self._next() != token:
            raise self._unreadable()

    def formula(self) -> Formula:
        whole = self._choice()
        if self.place != len(self.tokens):
            raise self._unreadable()
        return whole

    def _choice(self) -> Formula:
        """Read ``condition ? yes : no``; only the branch that is taken is evaluated."""
        condition = self._binary(0)
        if not self._peek("?"):
            return condition
        self._next()
        # numparam pairs a second question mark before the colon with the wrong colon.
        yes = self._binary(0)
        self._expect(":")
        no = self._choice()

        def choose(resolve: Resolve, deviate: Deviate) -> float:
            branch = yes if condition(resolve, deviate) else no
            return branch(resolve, deviate)

        return choose

    def _binary(self, level: int) -> Formula:
        if level == len(_LEVELS):
            return self._power()
        operators = _LEVELS[level]
        left = self._binary(level + 1)
        while self._peek(*operators):
            combine = operators[str(self._next())]
            self._check_sign()
            left = _combined(combine, left, self._binary(level + 1))
            if operators is _COMPARISONS and self._peek(*operators):
                raise self._ambiguous()  # a < b < c
        return left

    def _check_sign(self) -> None:
        """Refuse a sign right after an operator, unless it is that of a plain number.

        numparam reads a + -b - c and a + -2**2 otherwise than anybody else, and stops at 2 + -a.
        """
        if not self._peek("-", "+"):
            return
        number, power = (*self.tokens[self.place + 1 : self.place + 3], "", "")[:2]
        if not isinstance(number, float) or power in _POWER:
            raise self._ambiguous()

    def _power(self) -> Formula:
        if self._peek("-", "+"):
            return self._signed()
        base = self._atom()
        if not self._peek(*_POWER):
            return base
        self._next()
        self._check_sign()
        exponent = self._signed_atom()
        if self._peek(*_POWER):
            raise self._ambiguous()  # a ** b ** c, which numparam reads as (a ** b) ** c
        return _combined(lambda x, y: math.pow(abs(x), y), base, exponent)

    def _signed(self) -> Formula:
        """Read a sign at the start of an expression: it applies to the power behind it."""
        sign = self._next()
        if self._peek("-", "+"):
            raise self._ambiguous()
        operand = self._power()
        if sign == "+":
            return operand
        return lambda resolve, deviate: -operand(resolve, deviate)

    def _signed_atom(self) -> Formula:
        if not self._peek("-", "+"):
            return self._atom()
        sign = -1.0 if self._next() == "-" else 1.0
        operand = self._atom()
        return lambda resolve, deviate: sign * operand(resolve, deviate)

    def _atom(self) -> Formula:
        token = self._next()
        if isinstance(token, float):
            return lambda resolve, deviate: token
        if token == "!":
            operand = self._atom()
            return lambda resolve, deviate: float(not operand(resolve, deviate))
        if token == "(":
            inner = self._choice()
            self._expect(")")
            return inner
        if not (token[0].isalpha() or token[0] == "_"):
            raise self._unreadable()
        if self._peek("("):
            return self._call(token)
        return lambda resolve, deviate: resolve(token)

    def _call(self, name: str) -> Formula:
        self._expect("(")
        args = [self._choice()]
        while self._peek(","):
            self._next()
            args.append(self._choice())
        self._expect(")")
        if name in _DRAWS:
            draw = _DRAWS[name]
            return lambda resolve, deviate: draw(deviate(), *(arg(resolve, deviate) for arg in args))
        if name not in _FUNCTIONS:
            raise PdkDamagedError(f"cannot evaluate the function {name!r} of the PDK's library")
        function = _FUNCTIONS[name]
        return lambda resolve, deviate: function(*[arg(resolve, deviate) for arg in args])


def _combined(combine: Callable[[float, float], float], left: Formula, right: Formula) -> Formula:
    return lambda resolve, deviate: combine(left(resolve, deviate), right(resolve, deviate))
