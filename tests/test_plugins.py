from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from bitline import content
from bitline.circuits.registry import circuits
from bitline.errors import PlugInWarning
from bitline.plugins import plugged

Install = Callable[[str], Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a package `lab_pack` with these entry points; return its folder."""

    def install(entry_points: str) -> Path:
        package = tmp_path / "lab_pack"
        package.mkdir()
        package.joinpath("__init__.py").write_text("ANSWER = 42\n")
        info = tmp_path / "lab_pack-1.dist-info"
        info.mkdir()
        info.joinpath("METADATA").write_text("Name: lab-pack\nVersion: 1\n")
        info.joinpath("entry_points.txt").write_text(entry_points)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "lab_pack", raising=False)  # of the test before
        return package

    return install


def test_objects_come_by_the_names_of_their_entry_points(install: Install) -> None:
    install("[bitline.test]\nanswer = lab_pack:ANSWER\n")
    assert plugged("bitline.test") == {"answer": 42}


@pytest.mark.parametrize("value", ["no_such_package:X", "lab_pack:NO_SUCH_NAME"])
def test_a_broken_one_is_named_and_left_out(install: Install, value: str) -> None:
    install(f"[bitline.test]\nbroken = {value}\ngood = lab_pack:ANSWER\n")
    with pytest.warns(PlugInWarning, match=rf"plug-in broken \(bitline\.test: {value}\) is left out") as warned:
        assert plugged("bitline.test") == {"good": 42}
    assert len(warned) == 1
    assert "\n" not in str(warned[0].message)


def test_one_of_another_sort_is_named_and_left_out(install: Install) -> None:
    install("[bitline.test]\nmodule = lab_pack\nanswer = lab_pack:ANSWER\n")
    with pytest.warns(PlugInWarning, match=r"plug-in module .* lab_pack.* is left out: a module is no number"):
        assert plugged("bitline.test", no_number) == {"answer": 42}


def no_number(loaded: object, others: Collection[object]) -> str:
    return "" if isinstance(loaded, int) else f"a {type(loaded).__name__} is no number"


def test_of_two_packages_with_one_name_the_second_is_named(install: Install, tmp_path: Path) -> None:
    install("[bitline.test]\nanswer = lab_pack:ANSWER\n")
    other = tmp_path / "other-1.dist-info"
    other.mkdir()
    other.joinpath("METADATA").write_text("Name: other\nVersion: 1\n")
    other.joinpath("entry_points.txt").write_text("[bitline.test]\nanswer = other_pack:ANSWER\n")
    with pytest.warns(PlugInWarning, match=r"other_pack:ANSWER\) is left out: lab_pack:ANSWER has that name already"):
        assert plugged("bitline.test") == {"answer": 42}


def test_of_two_circuits_with_one_name_the_second_is_named(install: Install) -> None:
    package = install("[bitline.circuits]\na = lab_pack:Cell\nb = lab_pack:Other\n")
    package.joinpath("__init__.py").write_text(
        "from bitline.circuits.split_port_6t import SplitPort6T\n"
        "class Cell(SplitPort6T):\n    name = 'lab-cell'\n"
        "class Other(SplitPort6T):\n    name = 'lab-cell'\n"
    )
    circuits.cache_clear()
    try:
        with pytest.warns(PlugInWarning, match=r"lab_pack:Other\) is left out: another plug-in has a circuit lab-cell"):
            assert circuits()["lab-cell"].__name__ == "Cell"
    finally:
        circuits.cache_clear()


def test_a_package_brings_folders(install: Install) -> None:
    package = install("[bitline.content]\nlab = lab_pack\n")
    (package / "characterize").mkdir()
    assert content.folders("characterize") == (content.folder("characterize"), package / "characterize")
    assert content.folders("templates") == (content.folder("templates"),)


def test_a_file_that_would_hide_behind_one_of_bitlines_is_refused(install: Install) -> None:
    package = install("[bitline.content]\nlab = lab_pack\n")
    (package / "templates").mkdir()
    (package / "templates/deck.cir.j2").write_text("")
    with pytest.warns(PlugInWarning, match=r"bitline has a file templates/deck\.cir\.j2 of its own: rename it"):
        assert content.folders("templates") == (content.folder("templates"),)


def test_a_package_that_is_not_there_is_named(install: Install) -> None:
    install("[bitline.content]\nlab = no_such_package\n")
    with pytest.warns(PlugInWarning, match="there is no package no_such_package"):
        assert content.folders("luts") == (content.folder("luts"),)
