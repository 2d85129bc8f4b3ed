from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from bitline import content
from bitline.errors import SetupError

CHECKOUT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", get_args(content.Folder))
def test_every_folder_is_found_in_the_checkout(name: content.Folder) -> None:
    where = {"luts": "results/luts", "schematics": "docs/schematics"}.get(name, name)
    assert content.folder(name) == CHECKOUT / where


def test_the_wheels_folder_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "src" / "bitline" / "content" / "models"
    for folder in (installed, tmp_path / "models"):
        folder.mkdir(parents=True)
    monkeypatch.setattr(content, "_PACKAGE", tmp_path / "src" / "bitline")
    assert content.folder("models") == installed
    installed.rmdir()
    assert content.folder("models") == tmp_path / "models"


def test_a_missing_folder_is_a_setup_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "_PACKAGE", tmp_path / "src" / "bitline")
    with pytest.raises(SetupError, match=r"templates folder is missing .*: reinstall bitline"):
        content.folder("templates")
