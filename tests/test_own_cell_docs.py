"""docs/own-cell.md and own-bench.md quote the packages that they walk through."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
LAB = CHECKOUT / "examples" / "lab"
PAGE = (CHECKOUT / "docs" / "own-cell.md").read_text()


def test_every_quotation_stands_in_the_package() -> None:
    texts = [path.read_text() for path in LAB.rglob("*") if path.suffix in {".py", ".toml", ".j2"}]
    quotations = re.findall(r"```(?:python|toml|)\n(.*?)```", PAGE, flags=re.DOTALL)
    quotations = [text for text in quotations if not text.startswith("pip install")]
    assert len(quotations) == 6
    for quotation in quotations:
        assert any(quotation in text for text in texts), quotation


def test_the_bench_is_that_of_bitline_init() -> None:
    skeleton = CHECKOUT / "src/bitline/skeleton"
    text = "".join((skeleton / name).read_text() for name in ("my_cell/cell.py.txt", "pyproject.toml.txt"))
    quotations = re.findall(
        r"```(?:python|toml)\n(.*?)```", (CHECKOUT / "docs/own-bench.md").read_text(), flags=re.DOTALL
    )
    assert len(quotations) == 7
    assert [quotation for quotation in quotations if quotation not in text] == []


def test_the_table_names_what_is_there() -> None:
    package = LAB / "src" / "bitline_lab"
    groups = tomllib.loads((LAB / "pyproject.toml").read_text())["project"]["entry-points"]
    rows = [line for line in PAGE.splitlines() if line.startswith("| a") and "`bitline." in line]
    assert len(rows) == 5
    for row in rows:
        *files, group = re.findall(r"`([^`]+)`", row)
        assert group in groups
        for file in files:
            assert (package / file).is_file() or (package / "templates" / file).is_file(), file
