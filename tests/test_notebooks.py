"""The notebooks of examples/ run from the first cell to the last, and show what they say."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from bitline.lut.lut import Lut
from bitline.plot.style import Page

NOTEBOOKS = Path(__file__).parents[1] / "examples" / "notebooks"


def execute(name: str) -> tuple[dict[str, Any], list[Any]]:
    """Run the code cells in one namespace; return it, and what each cell would show: the value of its last line."""
    namespace: dict[str, Any] = {"__name__": "notebook"}
    shown = []
    for cell in json.loads((NOTEBOOKS / name).read_text())["cells"]:
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec"), namespace)
        if isinstance(last, ast.Expr):
            shown.append(eval(compile(ast.Expression(last.value), name, "eval"), namespace))
    return namespace, shown


@pytest.mark.ngspice
@pytest.mark.pdk
def test_a_cell_is_characterized(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names, shown = execute("characterize-a-cell.ipynb")
    assert [type(value) for value in shown if isinstance(value, Page | Lut)] == [Page, Lut, Page]
    assert (names["swing"] > 0).all()
    assert shown[-1]
    assert (tmp_path / "my-cell-table/lut.json").is_file()


def test_a_network_computes_with_a_table() -> None:
    _, shown = execute("from-lut-to-network.ipynb")
    exact, measured = shown[-1]
    assert exact > 0.9
    # Without spread only the curve of the line is left, and more of it never helps.
    assert exact - 0.05 < measured[0.0] <= 1
    assert measured[4.0] < measured[1.0] <= measured[0.0] + 0.01
    page = next(value for value in shown if isinstance(value, Page))
    assert page._repr_png_().startswith(b"\x89PNG")


def test_notebooks_are_kept_without_outputs() -> None:
    for path in NOTEBOOKS.glob("*.ipynb"):
        cells = json.loads(path.read_text())["cells"]
        assert all(not cell["outputs"] for cell in cells if cell["cell_type"] == "code"), path.name
