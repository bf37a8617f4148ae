"""The files of a set of pages, and what pages written for ComfyUI's server are told beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ldm_nodes.server.comfyui_catalogue import LOADERS
from ldm_nodes.server.frontend import STRICT, Frontend

from .house import House, serving

NAMES = {
    "lib/@scope/index.mjs": "lib/@scope/index.mjs",
    "lib/%40scope/index.mjs": "lib/@scope/index.mjs",
    "two%20words.css": "two words.css",
    "100%25.txt": "100%.txt",
    "f%C3%BCr.js": "für.js",
    "[id]+a&b.js": "[id]+a&b.js",
}
"""Paths as browsers ask for them, and the files that they mean."""


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    for name in {"index.html", "{name}.js", *NAMES.values()}:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (folder / "index.html").write_text('<script type="importmap">{}</script><script src="a.js"></script>')
    return folder


@pytest.fixture
def foreign(tmp_path: Path, pages: Path) -> Iterator[House]:
    base = tmp_path / "foreign"
    base.mkdir()
    with serving(base, works=False, frontend=Frontend.find(str(pages))) as house:
        yield house


@pytest.mark.parametrize(("asked", "meant"), NAMES.items())
def test_a_file_is_found_under_its_name_however_it_is_spelled(foreign: House, asked: str, meant: str) -> None:
    answer = foreign.get(f"/{asked}")
    assert (answer.status, answer.text) == (200, meant)


def test_a_name_that_would_be_a_pattern_is_left_out(foreign: House) -> None:
    assert foreign.get("/anything.js").status == 404
    assert foreign.get("/%7Bname%7D.js").status == 404


def test_modules_and_styles_have_the_types_that_browsers_insist_on(foreign: House) -> None:
    assert foreign.get("/lib/@scope/index.mjs").headers["content-type"] == "application/javascript; charset=utf-8"
    assert foreign.get("/two%20words.css").headers["content-type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize("path", ["/user.css", "/api/userdata/user.css"])
def test_a_missing_style_sheet_is_missing_and_not_refused_for_its_type(house: House, path: str) -> None:
    answer = house.get(path)
    assert answer.status == 404
    assert answer.headers["content-type"].startswith("text/css")


def test_only_foreign_pages_have_a_relaxed_policy(house: House, foreign: House) -> None:
    assert house.get("/").headers["content-security-policy"] == STRICT
    assert "unsafe" not in STRICT
    relaxed = foreign.get("/").headers["content-security-policy"]
    assert "'unsafe-eval'" in relaxed
    assert "http" not in relaxed  # nothing from other servers
    assert foreign.get("/object_info").headers["content-security-policy"] == STRICT


def test_foreign_pages_hear_of_the_loaders_they_take_for_granted(house: House, foreign: House) -> None:
    ours, told = house.get("/object_info").json, foreign.get("/object_info").json
    assert not LOADERS.keys() & ours.keys()
    assert told.keys() == ours.keys() | LOADERS.keys()
    for name, key in LOADERS.items():
        assert told[name]["deprecated"] is True  # no search offers it
        assert told[name]["input"]["required"] == {key: [[], {}]}
    refused = foreign.post("/prompt", {"prompt": {"1": {"class_type": "GLIGENLoader", "inputs": {}}}})
    assert (refused.status, refused.json["error"]["type"]) == (400, "invalid_prompt")
