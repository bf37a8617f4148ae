"""What packs bring for the browser is found without running them, and nothing outside of a pack is served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ldm_nodes.server.web_folders import find_web_folders

from .program import Program, running


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    folder = tmp_path / "base" / "custom_nodes"
    _pack(folder / "by module", '"""A pack."""\nraise SystemExit("it was run")\nWEB_DIRECTORY = "./js"\n', "js")
    _pack(folder / "by project", "", "web")
    (folder / "by project" / "pyproject.toml").write_text(
        '[project]\nname = "stars"\n[tool.comfy]\nweb = "web"\n', encoding="utf-8"
    )
    _pack(folder / "outside", 'WEB_DIRECTORY = "../../.."\n', "js")
    _pack(folder / "broken", "WEB_DIRECTORY = (\n", "js")
    _pack(folder / "off.disabled", 'WEB_DIRECTORY = "js"\n', "js")
    _pack(folder / "silent", "", "js")
    return folder


def test_a_pack_is_asked_by_its_text_alone(packs: Path) -> None:
    found = {web.name: web.scripts() for web in find_web_folders([packs, packs / "not there"])}
    assert found == {
        "by module": ["/extensions/by%20module/inner/two.js", "/extensions/by%20module/one.js"],
        "stars": ["/extensions/stars/inner/two.js", "/extensions/stars/one.js"],
    }


def test_a_link_out_of_the_folder_is_not_among_its_files(packs: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.js").write_text("secret", encoding="utf-8")
    (packs / "by module" / "js" / "link.js").symlink_to(tmp_path / "secret.js")
    assert all("link.js" not in url for web in find_web_folders([packs]) for url in web.scripts())


@pytest.fixture
def server(packs: Path) -> Iterator[Program]:
    with running(packs.parent) as program:
        yield program


def test_the_server_lists_the_scripts_and_hands_them_out(server: Program) -> None:
    scripts = server.get("/extensions")
    assert "/extensions/stars/one.js" in scripts
    assert server.get("/api/extensions") == scripts
    assert server.ask("GET", "/extensions/stars/one.js") == (200, "// one.js")
    assert server.ask("GET", "/extensions/by%20module/style.css")[0] == 200
    for path in (
        "/extensions/stars/../../pyproject.toml",
        "/extensions/stars/%2e%2e/pyproject.toml",
        "/extensions/silent/one.js",
    ):
        assert server.ask("GET", path)[0] == 404


@pytest.mark.parametrize("options", [["--disable-packs"], ["--packs", "elsewhere"]])
def test_no_pack_is_looked_at_that_was_not_asked_for(packs: Path, options: list[str]) -> None:
    with running(packs.parent, *options) as program:
        assert program.get("/extensions") == []


def _pack(folder: Path, source: str, web: str) -> None:
    (folder / web / "inner").mkdir(parents=True)
    (folder / "__init__.py").write_text(source, encoding="utf-8")
    for name in ("one.js", "inner/two.js", "style.css"):
        (folder / web / name).write_text(f"// {Path(name).name}", encoding="utf-8")
