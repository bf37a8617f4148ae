from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest

from ldm_nodes.server import frontend as module
from ldm_nodes.server.frontend import STRICT, Frontend, NoFrontend

from .house import House, serving

SCRIPT = b'{"imports": {}}'


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Pages as the official client's: an inline script, assets, extensions, a link that leads out."""
    root = tmp_path / "pages"
    (root / "extensions" / "core").mkdir(parents=True)
    (root / "assets").mkdir()
    (root / "index.html").write_bytes(b'<script type="importmap">' + SCRIPT + b'</script><script src="a.js"></script>')
    (root / "assets" / "a@1 b.js").write_text("run()")
    (root / "assets" / "index-1.json").write_text("{}")
    (root / "extensions" / "core" / "one.js").write_text("")
    (tmp_path / "secret").write_text("secret")
    (root / "out").symlink_to(tmp_path / "secret")
    return root


def test_the_page_that_ships_is_strict_and_complete() -> None:
    found = Frontend.find("editor")
    assert (found.root / "index.html").is_file()
    assert found.policy == STRICT


def test_a_client_that_is_not_installed_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(NoFrontend, match="pip install comfyui-frontend-package"):
        Frontend.find("comfyui")


def test_a_folder_without_pages_is_none(tmp_path: Path) -> None:
    with pytest.raises(NoFrontend, match=r"index\.html"):
        Frontend.find(str(tmp_path))


def test_inline_scripts_are_allowed_by_their_digest_alone(pages: Path) -> None:
    policy = Frontend.find(str(pages)).policy
    digest = base64.b64encode(hashlib.sha256(SCRIPT).digest()).decode()
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert f"'sha256-{digest}'" in scripts
    assert "'unsafe-inline'" not in scripts
    assert "frame-ancestors 'none'" in policy


def test_files_are_served_under_their_own_names(pages: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    with serving(base, works=False, frontend=Frontend.find(str(pages))) as house:
        _check_files(house)


def _check_files(house: House) -> None:
    script = house.get("/assets/a@1%20b.js")
    assert (script.status, script.text) == (200, "run()")
    assert script.headers["content-type"] == "application/javascript; charset=utf-8"
    expected: dict[str, Any] = {"/": "no-cache", "/assets/a@1%20b.js": "no-cache", "/assets/index-1.json": "no-cache"}
    assert {path: house.get(path).headers["cache-control"] for path in expected} == expected
    assert house.get("/").headers["expires"] == "0"
    assert house.get("/extensions").json == ["/extensions/core/one.js"]
    assert house.get("/extensions/core/one.js").status == 200
    for path in ("/out", "/assets", "/assets/", "/assets/../out", "/nothing"):
        assert house.get(path).status == 404
