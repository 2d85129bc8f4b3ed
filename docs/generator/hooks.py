"""MkDocs calls these: they add what the site has beside the files of docs/, and check what it must have."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import api
import objects
import sources
from mkdocs.structure.files import File, Files

LOG = logging.getLogger("mkdocs.hooks.bitline")  # a warning here ends a strict build
ROOT = Path(__file__).parents[2]


def on_config(config: Any) -> Any:
    """Add the generated pages to the reference, and empty what an earlier build noted."""
    reference = next(part["Reference"] for part in config.nav if "Reference" in part)
    # A page that nobody has placed yet is found all the same.
    placed = set(re.findall(r"[\w-]+\.md", str(config.nav)))
    reference += [path.name for path in sorted((ROOT / "docs").glob("*.md")) if path.name not in placed]
    reference += [{"Circuits and benches": [*objects.nav()]}, {"Shipped sweeps and tables": objects.TABLES}]
    reference += [{"Options of the command line": objects.COMMANDS}, {"Python API": [*api.nav()]}]
    sources.LINKED.clear()
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add the generated pages, and the files of the repository that pages link to."""
    generated = {**objects.pages(), **api.pages(), **sources.pages(ROOT)}
    for name, text in generated.items():
        files.append(File.generated(config, name, content=text))
    for name, path in sources.copies(ROOT).items():
        files.append(File.generated(config, name, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead links that leave docs/ to the file's place in the site."""
    return sources.relinked(markdown, page.file.src_uri, ROOT)


def on_post_build(config: Any) -> None:
    """Warn of each public name that has no place in the API reference: mkdocstrings leaves out what is undocumented."""
    for name in api.missing(Path(config.site_dir) / "objects.inv"):
        LOG.warning("public, but undocumented or not in the API reference: %s", name)
