"""Parameter arithmetic, against Python's on what both read alike and against ngspice's own parameter pass."""

from __future__ import annotations

import math
import random
import subprocess
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitline.engine.batch import read_raw
from bitline.errors import PdkDamagedError
from bitline.pdk.expressions import evaluate, evaluate_rows

VALUES = {"a": 3.0, "b": -1.25, "c": 0.75}


def value(text: str, deviates: tuple[float, ...] = (), **parameters: float) -> float:
    draws = iter(deviates)
    return evaluate(text, {**VALUES, **parameters}.__getitem__, lambda: next(draws))


@st.composite
def sums(draw: st.DrawFn, depth: int = 3) -> str:
    """Draw an expression that means the same in Python: signs and powers stand in brackets."""
    if depth == 0:
        number = st.floats(0, 1e6).map(repr) | st.integers(0, 1000).map(str)
        return draw(number | st.sampled_from(list(VALUES)))
    left, right = draw(sums(depth - 1)), draw(sums(depth - 1))
    form = draw(st.sampled_from(["{} + {}", "{}-{}", "{}*{}", "({})*({})", "({} / {})", "(-({}) - {})", "{}"]))
    return form.format(left, right)


@given(sums())
def test_sums_and_products_are_pythons_to_the_last_bit(text: str) -> None:
    try:
        expected = eval(text, {}, VALUES)
    except ZeroDivisionError:
        with pytest.raises(PdkDamagedError, match="division by zero"):
            value(text)
    else:
        for written in (text, f"{{{text}}}", f"'{text.upper()}'"):
            assert value(written) == expected


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_to_its_last_bit(number: float) -> None:
    assert math.copysign(1, value(repr(number))) == math.copysign(1, number)
    assert value(repr(number)) == number


@given(
    st.floats(1e-3, 1e3),
    st.sampled_from(["T", "g", "Meg", "k", "m", "u", "n", "p", "f"]),
    st.sampled_from(["", "m", "F", "ohm"]),
)
def test_suffixes_with_or_without_a_unit_behind_them(number: float, suffix: str, unit: str) -> None:
    scale = {"t": 1e12, "g": 1e9, "meg": 1e6, "k": 1e3, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15}
    assert value(f"{number!r}{suffix}{unit}") == number * scale[suffix.lower()]


@pytest.mark.parametrize("text", ["1mil", "7a", "5v", "1k5", "007", "1_000", "1j", "0b1", "0x10"])
def test_numbers_that_could_be_misread_are_refused(text: str) -> None:
    with pytest.raises(PdkDamagedError):
        value(text)


def test_suffixes_are_no_names_and_names_no_suffixes() -> None:
    assert value("2*k + 2k", k=5.0) == 2010
    assert value("u1 + 1u", u1=1.0) == 1 + 1e-6
    assert value("1e3k + 1.e-3u") == 1e6 + 1e-9


@pytest.mark.parametrize("name", ["as", "is", "in", "if", "or", "not", "lambda", "true", "none", "p_a", "e5"])
def test_a_parameter_may_bear_any_name(name: str) -> None:
    assert value(f"2*{name} + {name.upper()}", **{name: 1.5}) == 4.5


@given(st.floats(-100, 100), st.floats(0.1, 10), st.floats(1, 6), st.floats(-6, 6))
def test_each_draw_takes_the_next_deviate(nominal: float, spread: float, sigmas: float, z: float) -> None:
    absolute, relative = f"AGAUSS({nominal!r}, {spread!r}, {sigmas!r})", f"gauss({nominal!r},{spread!r},{sigmas!r})"
    assert value(absolute, (z,)) == pytest.approx(nominal + z * spread / sigmas)
    assert value(relative, (z,)) == pytest.approx(nominal * (1 + z * spread / sigmas))
    assert value(f"a*{absolute} + {absolute}", (0.0, z)) == pytest.approx(3 * nominal + nominal + z * spread / sigmas)
    assert value(absolute, (0.0,)) == nominal


FOREIGN = [
    "",
    "2 +",
    "(1",
    "1)",
    "1;2",
    "1#2",
    "1\n2",
    "a b",
    "a.b",
    "a[0]",
    "a < b < c",
    "a ? b",
    "a ? b ? 1 : 2 : 3",
    "a = b",
    "a & b",
    "a > -b",
    "min(1, 2, 3)",
    "1 if a else 2",
    "a and b",
    "(a := 1)",
    "[1]",
    "'1', 2",
    '"a"',
    "f(1)",
    "sqrt(x=4)",
    "sqrt(*a)",
    "lambda: 1",
    "__import__(a)",
    "7 // 2",
    "7 \\ 2",
    "sqrt()",
    "agauss(1)",
    "gauss(1,2,3,4)",
    "agauss(0,1,0)",
    "sqrt(-1)",
    "1/0",
    "exp(1e4)",
    "9**9**9",
    "(9**9)**999",
    "-" * 5000 + "1",
]


@pytest.mark.parametrize("text", FOREIGN, ids=[text[:20] for text in FOREIGN])
def test_what_is_no_arithmetic_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(PdkDamagedError, match=r"cannot (read|evaluate)") as caught:
        value(text, (1.0, 1.0), x=1.0)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=20) | st.text("0123456789.e+-*/^()ab_ ,kmu{}'gs[]:=<>!\"\n#;", max_size=25))
def test_any_text_gives_a_number_or_is_refused(text: str) -> None:
    with suppress(PdkDamagedError):
        assert isinstance(evaluate(text, lambda name: 1.5, lambda: 0.5), float)


def test_a_name_that_nobody_knows_is_the_callers_error() -> None:
    with pytest.raises(KeyError):
        value("2*unknown")


def written(draw: random.Random, depth: int = 0) -> str:
    """Write an expression as people do: signs and powers anywhere."""
    kind = draw.random()
    if depth > 3 or kind < 0.25:
        return draw.choice([*VALUES, "2", "3", "0.5", "1.5", "7", "1e-1"])
    if kind < 0.5:
        names = ["sqrt", "exp", "ln", "log", "log10", "sgn", "int", "nint", "floor", "ceil", "sin", "cos", "tan"]
        alone = ["({})", "({})", "-{}", "-{}", "abs({})", "min({},2)", "max({},2)", "pow(abs({}),2)", "pwr({},2)"]
        return draw.choice(alone + [f"{name}(abs({{}}))" for name in names]).format(written(draw, depth + 1))
    return written(draw, depth + 1) + draw.choice(["+", "-", "*", "/", "**", "^"]) + written(draw, depth + 1)


@pytest.mark.ngspice
def test_what_is_not_refused_means_to_ngspice_the_same(tmp_path: Path) -> None:
    """Signs and powers without brackets are where ngspice differs from everybody else."""
    draw, kept = random.Random(7), dict[str, float]()
    refused = 0
    while len(kept) < 400:
        text = written(draw)
        try:
            found = value(text)
        except PdkDamagedError:
            refused += 1
            continue
        if 1e-6 < abs(found) < 1e6:
            kept[text] = found
    assert refused < 400
    by_ngspice = numparam(list(kept), tmp_path)
    assert by_ngspice == pytest.approx(list(kept.values()), rel=1e-12)


CONDITIONS = {
    "a == 3": 1,
    "a != 3": 0,
    "a <> b": 1,
    "(a > 1)*2 + (a <= 1)*7": 2,
    "1 + a > b": 1,
    "a > b && b > c": 0,
    "1 || 0 && 0": 1,
    "!a == 0": 1,
    "!(a > b) + 1": 1,
    "a > b ? 10 : 20 + 1": 10,
    "1 + (a < b ? 10 : 20)": 21,
    "a < b ? 1 : b < c ? 5 : 6": 5,
    "a ? (b ? 1 : 2) : 3": 1,
    "a > 1 ? -1 : 1": -1,
    "b > 0 ? 1/0 : 2": 2,
    "12 % 5 * 2": 4,
    "ternary_fcn(a > b, 1, 2)": 1,
}


@pytest.mark.ngspice
def test_conditions_are_ngspices(tmp_path: Path) -> None:
    assert {text: value(text) for text in CONDITIONS} == CONDITIONS
    assert numparam(list(CONDITIONS), tmp_path) == list(CONDITIONS.values())


@pytest.mark.ngspice
@pytest.mark.parametrize(("text", "to_ngspice"), [("2**3**2", 64.0), ("2+-3**2", 11.0), ("1.5+-b-7", 7.25)])
def test_what_ngspice_reads_otherwise_is_refused(text: str, to_ngspice: float, tmp_path: Path) -> None:
    assert eval(text, {}, VALUES) != to_ngspice
    assert numparam([text], tmp_path) == pytest.approx([to_ngspice])
    with pytest.raises(PdkDamagedError, match="ngspice orders its signs and powers otherwise; use brackets"):
        value(text)


@pytest.mark.parametrize("text", ["a*2+-b", "2+-a", "2**-a", "--a", "3*-(a+1)", "a--sqrt(4)"])
def test_signs_that_ngspice_may_read_otherwise_are_refused(text: str) -> None:
    with pytest.raises(PdkDamagedError, match="use brackets"):
        value(text)


def numparam(texts: list[str], folder: Path) -> list[float]:
    """Evaluate expressions by ngspice's parameter pass: each is the voltage of a source."""
    sources = "".join(f".param x{i}={{{text}}}\nv{i} n{i} 0 {{x{i}}}\n" for i, text in enumerate(texts))
    given = " ".join(f"{name}={number}" for name, number in VALUES.items())
    (folder / "deck.cir").write_text(f"* t\n.param {given}\n{sources}.op\n.end\n")
    command = ["ngspice", "-b", "-n", "-r", "out.raw", "deck.cir"]
    subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False)
    (plot,) = read_raw(folder / "out.raw").values()
    return [float(plot[f"v(n{i})"][0]) for i in range(len(texts))]


def test_rows_of_deviates_are_evaluated_as_one_by_one_and_functions_of_them_are_refused() -> None:
    z = np.array([-1.5, 0.0, 1 / 3])
    text = "a + agauss(0, 1.0, 3)*(b/sqrt(c)) - 2*abs(a)"
    rows = evaluate_rows(text, VALUES.__getitem__, lambda: z)
    assert rows.tolist() == [value(text, (one,)) for one in z.tolist()]
    for refused in ("sqrt(agauss(0,1,1))", "agauss(0,1,1) > 0 ? a : b", "max(agauss(0,1,1), a)", "a/agauss(0,1,1)"):
        with pytest.raises(PdkDamagedError, match="for many"):
            evaluate_rows(refused, VALUES.__getitem__, lambda: z)
