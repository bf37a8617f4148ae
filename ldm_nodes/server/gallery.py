"""Graphs to begin with, with their pictures: those that ship, those of node packs, and ComfyUI's if they are installed.

A folder tells of its graphs in the table of its `README.md`, `| file | title | what it does |`, and shows them in
`pictures/`; a graph that is in neither is there too, under its file's name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

PICTURES = (".webp", ".png", ".jpg")
EXAMPLES = ("example_workflows", "example", "examples", "workflow", "workflows")
"""Folders of a pack that may hold graphs, by ComfyUI's custom."""
EDITOR_ONLY = frozenset({"Note", "MarkdownNote", "Reroute", "PrimitiveNode"})

_ROW = re.compile(r"^\|\s*`(?P<name>[^`]+)\.json`\s*\|\s*(?P<title>[^|]+?)\s*\|\s*(?P<description>[^|]+?)\s*\|\s*$")


@dataclass(frozen=True)
class Template:
    """A graph to begin with.

    Attributes:
        group: what it stands under.
        title: what it is called.
        description: what it does, in a sentence.
        file: the graph.
        graph: its URL, relative to the server's.
        picture: the URL of what it makes, or an empty text.
        tags: words for it.
        missing: node classes that it names and that are not here.
    """

    group: str
    title: str
    description: str
    file: Path
    graph: str
    picture: str = ""
    tags: Sequence[str] = ()
    missing: Sequence[str] = ()

    def told(self) -> Mapping[str, Any]:
        """Return what a client hears of it; the file is the server's own affair."""
        return {
            "name": self.file.stem,
            "group": self.group,
            "title": self.title,
            "description": self.description,
            "graph": self.graph,
            "picture": self.picture,
            "tags": list(self.tags),
            "missing": list(self.missing),
        }


def shipped(folder: Path | None) -> Iterator[Template]:
    """Yield the graphs of a folder, in the order of its README."""
    if folder is None or not folder.is_dir():
        return
    rows = _rows(folder / "README.md")
    order = list(rows)
    for path in sorted(folder.glob("*.json"), key=lambda path: _place(order, path.stem)):
        title, description = rows.get(path.stem, (_words(path.stem), ""))
        picture = f"graphs/{quote(path.stem)}/picture" if picture_of(folder, path.stem) else ""
        yield Template("shipped", title, description, path, f"graphs/{quote(path.stem)}", picture)


def picture_of(folder: Path, name: str) -> Path | None:
    """Return the picture of a folder's graph."""
    paths = (folder / "pictures" / f"{name}{ending}" for ending in PICTURES)
    return next((path for path in paths if path.is_file()), None)


def community(folder: Path | None) -> Iterator[Template]:
    """Yield the templates of ComfyUI's package, which are served under `templates/`."""
    if folder is None:
        return
    there = {path.stem: path for path in folder.glob("*.json")}
    for module in _objects(_json(folder / "index.json")):
        for entry in _objects(module.get("templates")):
            path = there.get(str(entry.get("name")))
            if path is not None:
                yield _of_index(path, str(module.get("title", "")), entry)


def of_packs(roots: Iterable[Path]) -> Iterator[Template]:
    """Yield the examples of node packs."""
    for pack, path in pack_examples(roots):
        picture = next((p for p in (path.with_suffix(ending) for ending in PICTURES) if p.is_file()), None)
        url = f"api/workflow_templates/{quote(pack)}/"
        shown = f"{url}{quote(picture.name)}" if picture else ""
        yield Template(pack, _words(path.stem), "", path, f"{url}{quote(path.name)}", shown)


def pack_examples(roots: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """Yield the name of a pack with each graph that it shows."""
    for root in roots:
        for pack in sorted(path for path in root.glob("*") if path.is_dir()):
            for folder in EXAMPLES:
                yield from ((pack.name, path) for path in sorted((pack / folder).glob("*.json")))


def with_missing(template: Template, known: Collection[str]) -> Template:
    """Return the template with the classes that are not known."""
    return replace(template, missing=sorted(_classes(_json(template.file)) - set(known) - EDITOR_ONLY))


def _of_index(path: Path, group: str, entry: Mapping[str, Any]) -> Template:
    picture = path.with_name(f"{path.stem}-1.{entry.get('mediaSubtype', 'webp')}")
    url = f"templates/{quote(path.stem)}"
    return Template(
        group,
        str(entry.get("title") or _words(path.stem)),
        str(entry.get("description", "")),
        path,
        f"{url}.json",
        f"templates/{quote(picture.name)}" if picture.is_file() else "",
        tuple(map(str, (*entry.get("tags", ()), *entry.get("models", ())))),
    )


def _classes(document: Any) -> set[str]:
    """Return the classes that a graph of either format names; instances of its own subgraphs are none."""
    if not isinstance(document, Mapping):
        return set()
    if "nodes" not in document:
        return {str(node["class_type"]) for node in _objects(list(document.values())) if "class_type" in node}
    definitions = document.get("definitions")
    subgraphs = _objects(definitions.get("subgraphs")) if isinstance(definitions, Mapping) else []
    types = {str(node.get("type")) for canvas in (document, *subgraphs) for node in _objects(canvas.get("nodes"))}
    return types - {str(subgraph.get("id")) for subgraph in subgraphs}


def _objects(values: Any) -> list[Mapping[str, Any]]:
    """Return the objects of a list; what strangers wrote may be anything."""
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, list) else []


def _rows(readme: Path) -> dict[str, tuple[str, str]]:
    lines = readme.read_text(encoding="utf-8").splitlines() if readme.is_file() else ()
    rows = (row for row in map(_ROW.match, lines) if row)
    return {row["name"]: (row["title"], row["description"]) for row in rows}


def _place(order: Sequence[str], name: str) -> tuple[int, str]:
    return (order.index(name) if name in order else len(order), name)


def _words(stem: str) -> str:
    text = stem.replace("_", " ").replace("-", " ").strip()
    return text[:1].upper() + text[1:]


def _json(path: Path) -> Any:
    """Return what a file holds, or None where it is no JSON: one broken example must not hide the others."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
