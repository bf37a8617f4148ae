"""Graphs to begin with: what ships, what packs show, and ComfyUI's templates, each with its picture."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from ldm_nodes.server.frontend import Frontend
from ldm_nodes.server.gallery import shipped

from .house import serving

SHIPPED = Path(__file__).parents[2] / "graphs"
README = """# Graphs

| graph | title | what it does |
|---|---|---|
| `two.json` | The second | it comes first |
"""


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))


def _picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (4, 4)).save(path)


def _bare(folder: Path) -> Frontend:
    """Return pages without templates."""
    _write(folder / "pages" / "index.html", "<!doctype html>")
    return Frontend(folder / "pages")


def test_a_folder_of_graphs_tells_what_its_readme_says_in_its_order(tmp_path: Path) -> None:
    graphs = tmp_path / "graphs"
    _write(graphs / "README.md", README)
    _write(graphs / "one_thing.json", {"1": {"class_type": "Drawn"}, "2": {"class_type": "Elsewhere"}})
    _write(graphs / "two.json", {"1": {"class_type": "Drawn"}})
    _picture(graphs / "pictures" / "two.webp")
    with serving(tmp_path, works=False, graphs=graphs, frontend=_bare(tmp_path)) as house:
        told = house.get("/gallery").json
        assert [(row["name"], row["title"], row["description"]) for row in told] == [
            ("two", "The second", "it comes first"),
            ("one_thing", "One thing", ""),
        ]
        assert [row["missing"] for row in told] == [[], ["Elsewhere"]]
        assert [(row["graph"], row["picture"]) for row in told] == [
            ("graphs/two", "graphs/two/picture"),
            ("graphs/one_thing", ""),
        ]
        answer = house.get("/graphs/two/picture")
        assert (answer.status, answer.headers["content-type"], answer.body[8:12]) == (200, "image/webp", b"WEBP")
        assert [house.get(f"/graphs/{name}/picture").status for name in ("one_thing", "three")] == [404, 404]


def test_packs_show_their_examples_and_nothing_else_of_theirs(tmp_path: Path) -> None:
    pack = tmp_path / "custom_nodes" / "a pack"
    _write(pack / "example_workflows" / "first one.json", {"nodes": [{"type": "Note"}, {"type": "Special"}]})
    _picture(pack / "example_workflows" / "first one.jpg")
    _write(pack / "secret.json", {"secret": True})
    with serving(tmp_path, works=False, frontend=_bare(tmp_path)) as house:
        assert house.get("/workflow_templates").json == {"a pack": ["first one"]}
        [row] = house.get("/gallery").json
        assert (row["group"], row["title"], row["missing"]) == ("a pack", "First one", ["Special"])
        assert house.get(f"/{row['graph']}").json["nodes"][1] == {"type": "Special"}
        assert house.get(f"/{row['picture']}").headers["content-type"] == "image/jpeg"
        for name in ("secret.json", "..%2Fsecret.json", "%2e%2e/secret.json", "other.json"):
            assert house.get(f"/api/workflow_templates/a%20pack/{name}").status == 404


def test_templates_of_comfyui_are_told_with_their_groups_and_served(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    entry = {
        "name": "wire",
        "title": "Wire",
        "description": "one",
        "mediaSubtype": "webp",
        "tags": ["T"],
        "models": ["M"],
    }
    lost = {"name": "lost", "title": "Its file is not there"}
    away = {"name": "../away", "title": "Not in the folder"}
    _write(folder / "index.json", [{"title": "Getting Started", "templates": [entry, lost, away]}])
    subgraph = {"id": "abc", "nodes": [{"type": "Inner"}]}
    _write(folder / "wire.json", {"nodes": [{"type": "abc"}], "definitions": {"subgraphs": [subgraph]}})
    _write(tmp_path / "away.json", {})
    _picture(folder / "wire-1.webp")
    with serving(tmp_path, works=False, frontend=replace(_bare(tmp_path), templates=folder)) as house:
        [row] = house.get("/gallery").json
        assert (row["group"], row["title"], row["tags"], row["missing"]) == (
            "Getting Started", "Wire", ["T", "M"], ["Inner"],
        )  # fmt: skip
        assert house.get(f"/{row['graph']}").json["definitions"] == {"subgraphs": [subgraph]}
        assert house.get(f"/{row['picture']}").status == 200


@pytest.mark.parametrize("text", ["", "[", "[1]", '{"nodes": 3}'])
def test_a_broken_example_does_not_hide_the_others(tmp_path: Path, text: str) -> None:
    _write(tmp_path / "graphs" / "broken.json", text)
    _write(tmp_path / "graphs" / "whole.json", {"1": {"class_type": "Elsewhere"}})
    with serving(tmp_path, works=False, graphs=tmp_path / "graphs", frontend=_bare(tmp_path)) as house:
        assert [row["name"] for row in house.get("/gallery").json] == ["broken", "whole"]


def test_every_shipped_graph_has_a_sentence_and_a_small_picture_unless_it_paints_noise() -> None:
    found = list(shipped(SHIPPED))
    assert found[0].file.stem == "txt2img"
    assert [template.file.stem for template in found if not template.picture] == ["class_conditional"]
    for template in found:
        assert template.description, template
        if not template.picture:
            continue
        picture = SHIPPED / "pictures" / f"{template.file.stem}.webp"
        assert picture.stat().st_size <= 20_000
