"""Numbers as a datasheet prints them: rounded, with an engineering prefix that a value and its interval share."""

from __future__ import annotations

from bitline.report.key_figures import KeyFigure
from bitline.units import PREFIXES, exponent

_DIGITS = 5


def rounded(figure: KeyFigure) -> tuple[str, str, str]:
    """Return value, unit and interval: ``("1.234", "mV", "1.1 to 1.4")``; the interval is "" where there is none."""
    power = exponent(figure.value, figure.unit)
    unit = f"{PREFIXES[power]}{_unit(figure)}"
    return _digits(figure.value, power), unit, _interval(_digits(figure.low, power), _digits(figure.high, power))


def exact(figure: KeyFigure) -> tuple[str, str, str]:
    """Return the same with every digit, in the unit without prefix, as a program reads it."""
    low, high = ("" if bound is None else repr(bound) for bound in (figure.low, figure.high))
    return repr(figure.value), _unit(figure), _interval(low, high)


def _unit(figure: KeyFigure) -> str:
    # The unit 1 stands for no unit.
    return "" if figure.unit == "1" else figure.unit


def _interval(low: str, high: str) -> str:
    if not low and not high:
        return ""
    return f"{low or '?'} to {high or '?'}"


def _digits(value: float | None, power: int) -> str:
    if value is None:
        return ""
    return f"{value / 10.0**power:.{_DIGITS}g}"
