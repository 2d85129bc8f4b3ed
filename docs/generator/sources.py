"""Sources: files outside docs/ that pages link to. Text becomes a page, pictures and numbers are copied as they are."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

LINKED: dict[str, str] = {}
"""Path in the repository of each linked file, to its path in the site."""
LINK = re.compile(r"(?<=\]\()([^)#:\s]+)(?=[)#])")
HIGHLIGHTED = {".toml": "toml", ".py": "python", ".j2": "jinja", ".cir": "spice", "": "text"}


def pages(root: Path) -> dict[str, str]:
    """Return the linked texts as Markdown, by their path in the site; the README is the home page."""
    texts = {"index.md": (root / "README.md").read_text(encoding="utf-8")}
    for source, target in _closure(root).items():
        if target.endswith(".md") and source != "README.md" and not source.startswith("docs"):
            texts[target] = _page(root / source)
    # They are reached by links, not by the navigation, which warns of pages that it lacks.
    return {
        target: text if target in ("index.md", "notebooks.md") else _unlisted(text) for target, text in texts.items()
    }


def copies(root: Path) -> dict[str, Path]:
    """Return the linked files that are copied, by their path in the site."""
    linked = _closure(root).items()
    return {
        target: root / source for source, target in linked if not (target.endswith(".md") or source.startswith("docs/"))
    }


def relinked(markdown: str, page: str, root: Path) -> str:
    """Return a page whose links to files of the repository lead to their places in the site."""
    origin = {target: source for source, target in LINKED.items()}.get(page, f"docs/{page}")

    def place(match: re.Match[str]) -> str:
        target = LINKED.get(_resolved(origin, match[1], root))
        return match[1] if target is None else os.path.relpath(target, PurePosixPath(page).parent)

    return LINK.sub(place, markdown)


def _closure(root: Path) -> dict[str, str]:
    """Return what pages link to, and what these link to: path in the repository to path in the site."""
    if not LINKED:
        LINKED["README.md"] = "index.md"
        LINKED["docs"] = "tutorial.md"
        LINKED["examples/notebooks"] = "notebooks.md"
        waiting = ["README.md", *(f"docs/{path.name}" for path in sorted((root / "docs").glob("*.md")))]
        while waiting:
            origin = waiting.pop()
            for source in _links(origin, root):
                if source not in LINKED:
                    LINKED[source] = _target(source, root)
                    waiting.append(source)
    return LINKED


def _links(origin: str, root: Path) -> Iterator[str]:
    path = root / origin
    text = _readme(path) if path.is_dir() else path
    if text.suffix == ".md" and text.is_file():
        for link in LINK.findall(text.read_text(encoding="utf-8")):
            source = _resolved(origin, link, root)
            if source and (root / source).exists():
                yield source


def _resolved(origin: str, link: str, root: Path) -> str:
    folder = origin if (root / origin).is_dir() else str(PurePosixPath(origin).parent)
    source = os.path.normpath(PurePosixPath(folder, link))
    # A folder and its README are one page.
    if source.endswith("/README.md"):
        source = str(PurePosixPath(source).parent)
    return "" if source.startswith("..") else source


def _target(source: str, root: Path) -> str:
    if source.startswith("docs/"):
        return source.removeprefix("docs/")
    path = root / source
    if path.is_dir():
        return f"source/{source}/index.md"
    if path.suffix == ".md":
        return f"source/{source}"
    return f"source/{source}.md" if path.suffix in HIGHLIGHTED else f"source/{source}"


def _readme(folder: Path) -> Path:
    return folder / "README.md"


def _page(path: Path) -> str:
    if path.is_dir():
        return _folder(path)
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return text
    return f"# {path.name}\n\n````{HIGHLIGHTED[path.suffix]}\n{text}\n````\n"


def _folder(path: Path) -> str:
    notebooks = [_notebook(file) for file in sorted(path.glob("*.ipynb"))]
    if notebooks:
        return "\n\n".join(["# Notebooks", f"They lie in `{path.parent.name}/{path.name}`.", *notebooks])
    if _readme(path).is_file():
        return _readme(path).read_text(encoding="utf-8")
    names = sorted(f"{file.name}/" if file.is_dir() else file.name for file in path.iterdir())
    return "\n".join([f"# {path.name}", "", *(f"- `{name}`" for name in names)])


def _notebook(path: Path) -> str:
    """Return a notebook's cells, its headings one level lower."""
    parts = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        text = "".join(cell["source"])
        parts.append(
            f"```python\n{text}\n```" if cell["cell_type"] == "code" else re.sub(r"^#", "##", text, flags=re.M)
        )
    return "\n\n".join(parts)


def _unlisted(text: str) -> str:
    return f"---\nsearch:\n  exclude: true\n---\n\n{text}"
