"""What a user gets: the wheel, built by way of the sdist, in an environment of its own."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from typing import Any

import pytest

import bitline

CHECKOUT = Path(__file__).parents[1]
IN_CHECKOUT = {
    "templates": CHECKOUT / "templates",
    "models": CHECKOUT / "models",
    "characterize": CHECKOUT / "characterize",
    "luts": CHECKOUT / "results" / "luts",
}
HEAVY = {"matplotlib", "numpy", "pandas", "PySpice", "pydantic", "scipy", "typer", "xarray"}


def run(*command: str | Path, cwd: Path) -> str:
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dist = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", dist, CHECKOUT, cwd=dist)
    (path,) = dist.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel alone into a new environment that borrows this one's dependencies."""
    folder = tmp_path_factory.mktemp("env")
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    python = folder / "bin" / "python"
    install = ("install", "--quiet", "--no-deps", "--no-index", wheel)
    run(sys.executable, "-m", "pip", "--python", python, *install, cwd=folder)
    (site,) = folder.glob("lib/python*/site-packages")
    # A .pth file inside the borrowed folder is not followed: this checkout's editable install stays out.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return python


def ask(python: Path, code: str) -> Any:
    return json.loads(run(python, "-c", f"import json, sys\n{code}\nprint(json.dumps(answer))", cwd=python.parent))


def files_below(folder: Path) -> set[str]:
    paths = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix() for path in paths}


@pytest.mark.parametrize("name", IN_CHECKOUT)
def test_every_file_of_the_content_is_found_in_the_wheel(python: Path, name: str) -> None:
    folder = Path(ask(python, f"from bitline import content\nanswer = str(content.folder({name!r}))"))
    assert folder.is_relative_to(python.parents[1])
    assert files_below(folder) == files_below(IN_CHECKOUT[name])
    assert files_below(folder)


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"bitline", f"bitline-{bitline.__version__}.dist-info"}
    package = {name.removeprefix("bitline/") for name in names if name.startswith("bitline/")}
    code = {name for name in package if not name.startswith("content/")}
    assert code == files_below(CHECKOUT / "src" / "bitline")
    assert "py.typed" in code
    # of the schematics the drawings, and not the scripts that draw them
    drawings = {path.name for path in (CHECKOUT / "docs" / "schematics").glob("*.svg")}
    assert {Path(name).name for name in package if name.startswith("content/schematics/")} == drawings


def test_importing_bitline_loads_nothing_heavy(python: Path) -> None:
    assert ask(python, f"import bitline\nanswer = sorted({HEAVY!r} & sys.modules.keys())") == []


def test_every_public_name_can_be_loaded(python: Path) -> None:
    code = "import bitline\nanswer = [name for name in dir(bitline) if getattr(bitline, name) is None]"
    assert ask(python, code) == []


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'bitline' has no attribute 'Nonsense'"):
        _ = bitline.Nonsense


def test_type_checkers_are_told_the_same_names() -> None:
    tree = ast.parse((CHECKOUT / "src" / "bitline" / "__init__.py").read_text())
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    assert {alias.asname: node.module for node in imports for alias in node.names} == bitline._PUBLIC
