"""Arithmetic of SPICE parameters, evaluated as ngspice's numparam does (double precision).

Random draws (`agauss`, `gauss`) are not drawn here: each asks the caller for its standard-normal
deviate, so that mismatch is an explicit input and never a hidden state.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from bitline.errors import PdkDamagedError

Resolve = Callable[[str], float]
Deviate = Callable[[], float]

_SUFFIX = {"t": 1e12, "g": 1e9, "meg": 1e6, "k": 1e3, "mil": 25.4e-6, "m": 1e-3, "u": 1e-6}
_SUFFIX |= {"n": 1e-9, "p": 1e-12, "f": 1e-15, "a": 1e-18}
_SUFFIXED = re.compile(r"(?<![\w.])((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(meg|mil|[tgkmunpfa])[a-z]*\b")
_IDENTIFIER = re.compile(r"(?<![\w.])([a-z_]\w*)")
_BINARY: Mapping[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_FUNCTIONS: Mapping[str, Callable[..., float]] = {
    "sqrt": math.sqrt,
    "exp": math.exp,
    "ln": math.log,
    "log": math.log,
    "log10": math.log10,
    "abs": abs,
    "min": min,
    "max": max,
    "pow": operator.pow,
    "pwr": lambda x, y: math.copysign(abs(x) ** y, x),
    "int": math.trunc,
}


@lru_cache(maxsize=65536)
def _parse(text: str) -> ast.expr:
    source = text.lower().replace("{", "(").replace("}", ")").replace("'", " ").replace("^", "**")
    source = _SUFFIXED.sub(lambda m: repr(float(m[1]) * _SUFFIX[m[2]]), source)
    source = _IDENTIFIER.sub(r"p_\1", source)  # a parameter may bear the name of a Python keyword: as
    try:
        return ast.parse(source.strip(), mode="eval").body
    except SyntaxError:
        raise PdkDamagedError(f"cannot read the parameter expression {text!r}") from None


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
    return float(_value(_parse(text), resolve, deviate))


def _value(node: ast.expr, resolve: Resolve, deviate: Deviate) -> Any:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return resolve(name[2:])
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, resolve, deviate)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand, resolve, deviate)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _BINARY[type(op)](_value(left, resolve, deviate), _value(right, resolve, deviate))
        case ast.Call(func=ast.Name(id=name), args=args):
            values = [_value(arg, resolve, deviate) for arg in args]
            return _call(name[2:], values, deviate)
    raise PdkDamagedError(f"cannot evaluate {ast.unparse(node)!r}: not plain arithmetic")


def _call(name: str, values: list[float], deviate: Deviate) -> float:
    if name == "agauss":  # agauss(nominal, absolute variation, sigmas it stands for)
        return values[0] + values[1] / values[2] * deviate()
    if name == "gauss":  # gauss(nominal, relative variation, sigmas it stands for)
        return values[0] + values[0] * values[1] / values[2] * deviate()
    if name not in _FUNCTIONS:
        raise PdkDamagedError(f"cannot evaluate the function {name!r} of the PDK's library")
    return _FUNCTIONS[name](*values)
