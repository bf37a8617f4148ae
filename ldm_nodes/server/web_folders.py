"""What node packs bring for the browser: the folder of scripts that a pack names, found without running the pack."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from .frontend import files_below

ATTRIBUTE = "WEB_DIRECTORY"
LARGEST_SOURCE = 4 << 20
IGNORED = ".disabled"


@dataclass(frozen=True)
class WebFolder:
    """A pack's folder of files for the browser.

    Attributes:
        name: under which it stands in URLs: of the project, or of the pack's folder.
        root: the folder.
    """

    name: str
    root: Path

    def files(self) -> Iterator[tuple[str, Path]]:
        """Yield every file with its path in URLs, without a leading slash."""
        yield from files_below(self.root, f"extensions/{self.name}/")

    def scripts(self) -> list[str]:
        """Return the URLs of its scripts: a part of `/extensions`."""
        return [f"/{quote(url)}" for url, _ in self.files() if url.endswith(".js")]


def find_web_folders(folders: Iterable[Path]) -> tuple[WebFolder, ...]:
    """Return the web folders of all packs in these folders of packs; of two with one name the first."""
    found: dict[str, WebFolder] = {}
    for pack in (pack for folder in folders for pack in pack_folders_in(folder)):
        web = _web_folder(pack)
        if web is not None:
            found.setdefault(web.name, web)
    return tuple(found.values())


def pack_folders_in(folder: Path) -> list[Path]:
    """Return the packs in a folder of packs that are folders and are not switched off."""
    packs = sorted(folder.iterdir()) if folder.is_dir() else []
    return [pack for pack in packs if pack.is_dir() and not pack.name.endswith(IGNORED) and pack.name[0] not in "._"]


def _web_folder(pack: Path) -> WebFolder | None:
    """Return what the project file names, else what the module's `WEB_DIRECTORY` says; nothing outside of the pack."""
    name, written = _in_project(pack / "pyproject.toml") or (pack.name, _in_module(pack / "__init__.py"))
    root = (pack / written).resolve() if written else None
    if root is None or not root.is_dir() or not root.is_relative_to(pack.resolve()):
        return None
    return WebFolder(name, root)


def _in_project(path: Path) -> tuple[str, str] | None:
    try:
        project = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None  # then the module says it, or nobody
    tool, named = project.get("tool"), project.get("project")
    comfy = tool.get("comfy") if isinstance(tool, dict) else None
    web = comfy.get("web") if isinstance(comfy, dict) else None
    name = named.get("name") if isinstance(named, dict) else None
    is_plain = isinstance(name, str) and name not in ("", ".", "..") and "/" not in name
    return (str(name), web) if isinstance(web, str) and web and is_plain else None


def _in_module(path: Path) -> str:
    """Return the text that a module assigns to `WEB_DIRECTORY`, or an empty one."""
    if not path.is_file() or path.stat().st_size > LARGEST_SOURCE:
        return ""
    try:
        module = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""  # loading the pack will say what is wrong with it
    for statement in module.body:
        names = [target.id for target in _targets(statement) if isinstance(target, ast.Name)]
        value = getattr(statement, "value", None)
        if ATTRIBUTE in names and isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value.value
    return ""


def _targets(statement: ast.stmt) -> list[ast.expr]:
    if isinstance(statement, ast.AnnAssign):
        return [statement.target]
    return statement.targets if isinstance(statement, ast.Assign) else []
