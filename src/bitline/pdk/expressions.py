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

from bitline.errors import PdkDamagedError

Resolve = Callable[[str], float]
Deviate = Callable[[], float]
Formula = Callable[[Resolve, Deviate], float]

# Not "mil" and "a": numparam reads 1mil as 1e-3 and 7a as 7, so they are refused rather than guessed.
_SUFFIX = {"t": 1e12, "g": 1e9, "meg": 1e6, "k": 1e3, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15}
_SUFFIXED = re.compile(r"(?<![\w.])((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(meg|m(?!il)|[tgkunpf])[a-z]*\b")
_IDENTIFIER = re.compile(r"(?<![\w.])([a-z_]\w*)")
# What must not be left for Python to parse: "#" opens a comment there, 1_000 and 0b1 are numbers there.
_FOREIGN = re.compile(r"[^\w\s.,()+*/-]|(?<!\w)\d[\d.]*[_box]", re.ASCII)
# Right after an operator numparam takes a sign for a + -2 only: it reads a + -b - c and a + -2**2
# otherwise than anybody else, and stops at 2 + -a.
_SIGNED = re.compile(r"[-+*/]\s*[-+]\s*((?![\s\d.])|[\d.]+(e[+-]?\d+)?\s*\*\*)")
_BINARY: Mapping[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: lambda x, y: math.pow(abs(x), y),  # numparam's x^y and x**y are |x|^y
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
    "pow": math.pow,
    "pwr": lambda x, y: math.pow(abs(x), y),
    "int": math.trunc,
    "nint": round,
    "floor": math.floor,
    "ceil": math.ceil,
    "sgn": lambda x: (x > 0) - (x < 0),
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
}
# Of the deviate, the nominal value, the absolute or relative variation, and the sigmas that one stands for.
_DRAWS: Mapping[str, Callable[..., float]] = {
    "agauss": lambda z, nominal, variation, sigmas: nominal + variation / sigmas * z,
    "gauss": lambda z, nominal, variation, sigmas: nominal + nominal * variation / sigmas * z,
}


def _parse(text: str) -> ast.expr:
    source = text.lower().replace("{", "(").replace("}", ")").replace("'", " ").replace("^", "**")
    source = _SUFFIXED.sub(lambda m: repr(float(m[1]) * _SUFFIX[m[2]]), source)
    source = _IDENTIFIER.sub(r"p_\1", source)  # a parameter may bear the name of a Python keyword: as
    source = source.strip()
    unreadable = PdkDamagedError(f"cannot read the parameter expression {text!r}")
    if _FOREIGN.search(source):
        raise unreadable
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, RecursionError):
        raise unreadable from None
    if _SIGNED.search(source) or any(_is_tower(node, source) for node in ast.walk(tree)):
        raise PdkDamagedError(f"cannot evaluate {text!r}: ngspice orders its signs and powers otherwise; use brackets")
    return tree


def _is_tower(node: ast.AST, source: str) -> bool:
    """Find a ** b ** c without brackets, which numparam reads as (a ** b) ** c."""
    match node:
        case ast.BinOp(op=ast.Pow(), right=ast.BinOp(op=ast.Pow()) as right):
            return not source[: right.col_offset].rstrip().endswith("(")
    return False


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


# Parsing is slower than evaluating: with formulas kept, a deck with mismatch renders in two thirds of the time.
@lru_cache(maxsize=65536)
def _formula(text: str) -> Formula:
    """Compile an expression once; a sweep evaluates the same few for each of its transistors."""
    return _compiled(_parse(text))


def _compiled(node: ast.expr) -> Formula:
    match node:
        case ast.Constant(value=int() | float() as number):
            value = float(number)
            return lambda resolve, deviate: value
        case ast.Name(id=name):
            parameter = name[2:]
            return lambda resolve, deviate: resolve(parameter)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _compiled(operand)
            return lambda resolve, deviate: -inner(resolve, deviate)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _compiled(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            combine, first, second = _BINARY[type(op)], _compiled(left), _compiled(right)
            return lambda resolve, deviate: combine(first(resolve, deviate), second(resolve, deviate))
        case ast.Call(func=ast.Name(id=name), args=args):
            return _compiled_call(name[2:], [_compiled(arg) for arg in args])
    raise PdkDamagedError(f"cannot evaluate {ast.unparse(node)!r}: not plain arithmetic")


def _compiled_call(name: str, args: list[Formula]) -> Formula:
    if name in _DRAWS:
        draw = _DRAWS[name]
        return lambda resolve, deviate: draw(*[deviate(), *(arg(resolve, deviate) for arg in args)])
    if name not in _FUNCTIONS:
        raise PdkDamagedError(f"cannot evaluate the function {name!r} of the PDK's library")
    function = _FUNCTIONS[name]
    return lambda resolve, deviate: function(*[arg(resolve, deviate) for arg in args])
