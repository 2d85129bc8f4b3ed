"""Scope: the names that an expression of a library sees, and their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bitline.errors import PdkDamagedError
from bitline.pdk.expressions import evaluate, evaluate_rows


class Scope:
    """Values of parameters by name, each worked out once.

    Parameters
    ----------
    texts : mapping of str to str
        Expression of each parameter.
    outer : Scope, optional
        Where other names are looked up. An expression there sees nothing of this scope, as in ngspice.
    deviates : mapping of str to float
        Standard-normal deviates of the draws, by `draw_names`; a draw without one stays at zero.
    """

    def __init__(
        self, texts: Mapping[str, str], outer: Scope | None = None, deviates: Mapping[str, float] | None = None
    ) -> None:
        self.texts, self.outer, self.deviates = texts, outer, deviates or {}
        self.known: dict[str, float] = {}

    def resolve(self, name: str) -> float:
        """Return a parameter's value; raises `PdkDamagedError` if there is none of that name."""
        if name in self.known:
            return self.known[name]
        if name in self.texts:
            try:
                self.known[name] = self.evaluate(name, self.texts[name])
            except RecursionError:
                raise PdkDamagedError(f"the PDK's library defines the parameter {name!r} by itself") from None
            return self.known[name]
        if self.outer is None:
            raise PdkDamagedError(
                f"the PDK's library does not define the parameter {name!r} (a file that does can be named in includes"
                " of the descriptor, or its value given in [parameters])"
            )
        return self.outer.resolve(name)

    def evaluate(self, name: str, text: str) -> float:
        """Evaluate the expression of a parameter; the draws inside take the deviates that bear its name."""
        names = iter(draw_names(name, text))
        return evaluate(text, self.resolve, lambda: self.deviates.get(next(names), 0.0))


class Rows(Scope):
    """A scope of many instances: each deviate is an array, and so is every value that one moves."""

    def evaluate(self, name: str, text: str) -> Any:
        """Evaluate an expression; `PdkDamagedError` also where it is not plain arithmetic (`evaluate_rows`)."""
        names = iter(draw_names(name, text))
        return evaluate_rows(text, self.resolve, lambda: self.deviates.get(next(names), 0.0))


def draw_names(name: str, text: str) -> list[str]:
    """Name the draws in an expression: after its parameter, the further ones ``vth0.2``, ``vth0.3``."""
    # agauss( ends in the same letters, so that both are counted.
    count = text.replace(" ", "").count("gauss(")
    further = [f"{name}.{i}" for i in range(2, count + 1)]
    return [name, *further][:count]
