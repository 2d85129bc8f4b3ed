"""The committed headline pages are what `make headline` writes, and say what the tables say."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from bitline.plot import style
from bitline.system.account import gain
from bitline.system.ratios import measured_account
from bitline.system.sensitivity import nominal

CHECKOUT = Path(__file__).parents[1]
COMMITTED = CHECKOUT / "results" / "headline"


@pytest.fixture(scope="module")
def headline() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("headline", CHECKOUT / "examples" / "headline.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # A dataclass or a NamedTuple looks its module up by name.
    sys.modules["headline"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["headline"]


def test_committed_pages_are_what_the_command_writes(headline: ModuleType) -> None:
    """Byte for byte; their figures are there, and nothing else is."""
    names = set()
    for name, page in headline.PAGES.items():
        text, figures = page()
        assert (COMMITTED / f"{name}.md").read_bytes() == text.encode(), "run `make headline`"
        assert all(f"]({file})" in text for file in figures)
        names |= {f"{name}.md", *figures}
    assert {path.name for path in COMMITTED.iterdir()} == names


def test_the_ratios_of_the_page_are_those_of_the_account(headline: ModuleType) -> None:
    """Nominal with reloading, and without; the same numbers as in the docs."""
    system = headline.measured_system()
    text = (COMMITTED / "tl-nvsram.md").read_text(encoding="utf-8")
    for baseline, name in headline.NAMES.items():
        (row,) = (line for line in text.splitlines() if line.startswith(f"| energy over {name} "))
        resident = system.base.replace(reuse=1e15)
        for account in (system.base, resident):
            assert f"**{gain(account, baseline):.2f}**" in row


def test_what_the_page_says_of_1_95_times_is_so(headline: ModuleType) -> None:
    """With shared reads the signed saliency reaches it, with separate ones not, nor if rows are read again."""
    page = sys.modules["hybrid_headline"]
    usual = nominal(page.ASSUMPTIONS)
    assert page.gain("shared", page.SALIENCY)(usual) > page.CLAIM > page.gain("separate", page.SALIENCY)(usual)
    assert page.read_again("shared") < page.CLAIM


def test_the_views_in_the_docs_are_those_of_the_page(headline: ModuleType) -> None:
    docs = (CHECKOUT / "docs" / "efficiency.md").read_text(encoding="utf-8")
    system = headline.measured_system()
    resident = {"reuse": headline.NEVER}
    safe = system.filled(resident, headline.SAFE_ROWS)
    for account in (*(view(resident) for view in (system.account, system.same, system.filled)), safe):
        ratios = ", ".join(f"{gain(account, baseline):.2f}" for baseline in headline.NAMES)
        assert f" | {ratios} |" in docs


def test_the_density_in_the_docs_is_that_of_the_page(headline: ModuleType) -> None:
    rule = headline.area.LAYOUT_RULE
    pitches = (rule, rule.replace(branch=headline.AreaModel().branch))
    low, high = (model.density(headline.BRANCHES, headline.CLUSTERS) / headline.MB_PER_MM2 for model in pitches)
    told = f"{low:.1f} to {high:.1f} Mb/mm²"
    assert told in (CHECKOUT / "docs" / "restore.md").read_text(encoding="utf-8")


def test_the_same_converter_is_that_of_the_tables(headline: ModuleType) -> None:
    """Two ways to the second view: from the tables, and from the account at nominal values."""
    columns = [headline.load(name) for name in ("ternary-column", "baseline-sram", "baseline-reram")]
    converters = [headline.load(name) for name in ("sar-adc", "sar-adc-4")]
    units = {5: headline.load("shift-adder"), 4: headline.load("shift-adder-4")}
    measured = measured_account(*columns, converters, units, converter="same")
    for baseline in headline.NAMES:
        assert gain(measured, baseline) == pytest.approx(gain(headline.measured_system().same(), baseline), rel=1e-9)


def test_a_paragraph_is_wrapped_and_an_item_indented(headline: ModuleType) -> None:
    lines = headline.prose(*["words"] * 50, bullet="- ").splitlines()
    assert max(map(len, lines)) <= 120
    assert [line[:2] for line in lines] == ["- ", "  ", "  "]


def test_the_command_writes_each_page_and_its_figures(
    headline: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    figure = style.new_figure(40, 30)
    monkeypatch.setattr(headline, "PAGES", {"one": lambda: headline.Page("# One\n", {"one.png": figure})})
    monkeypatch.setattr(sys, "argv", ["headline.py", "-o", str(tmp_path / "pages")])
    headline.main()
    assert (tmp_path / "pages" / "one.md").read_text(encoding="utf-8") == "# One\n"
    assert (tmp_path / "pages" / "one.png").stat().st_size > 0
    assert capsys.readouterr().out.endswith("one.md\n")
