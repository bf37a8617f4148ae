"""Which pages a server shows: its own, the official client's, or those of a folder.

Every file is listed once, at the start, and is served under that name alone: there is no path to walk out by.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

TYPES: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".js": "application/javascript; charset=utf-8",
    ".mjs": "application/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".ttf": "font/ttf",
    ".wasm": "application/wasm",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    ".webm": "video/webm",
    ".mp4": "video/mp4",
}
OFFICIAL = "comfyui_frontend_package"
TEMPLATES = "comfyui_workflow_templates"
STRICT = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_INLINE = re.compile(rb"<script(?![^>]*\ssrc\s*=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)


class NoFrontend(LookupError):
    """Pages that are asked for and not there; the message says how to get them."""


@dataclass(frozen=True)
class Frontend:
    """A set of pages.

    Attributes:
        root: the folder with `index.html`.
        policy: the Content-Security-Policy that they need.
        templates: the folder of ComfyUI's own templates, or None.
        foreign: they were written for ComfyUI's own server.
    """

    root: Path
    policy: str = STRICT
    templates: Path | None = None
    foreign: bool = False

    @classmethod
    def find(cls, name: str) -> Frontend:
        """Return the pages called `editor` or `comfyui`, or those of a folder.

        Raises:
            NoFrontend: they are not there.
        """
        if name == "editor":
            built = Path(__file__).parent / "editor"
            pages = built if (built / "index.html").is_file() else Path(__file__).parent / "page"
            return cls(pages, templates=_installed(TEMPLATES, "templates"))
        root = _installed(OFFICIAL, "static") if name == "comfyui" else Path(name)
        if root is None:
            raise NoFrontend(
                "The official ComfyUI client is not installed. Install it with `pip install comfyui-frontend-package`, "
                "or choose --frontend editor."
            )
        if not (root / "index.html").is_file():
            raise NoFrontend(f"{name!r} is neither editor nor comfyui, nor a folder with an index.html.")
        return cls(root.resolve(), relaxed(root / "index.html"), _installed(TEMPLATES, "templates"), foreign=True)

    def files(self) -> Iterator[tuple[str, Path]]:
        """Yield every file with its path in URLs, without a leading slash."""
        yield from files_below(self.root, "")
        if self.templates is not None:
            yield from files_below(self.templates, "templates/")

    def extensions(self) -> list[str]:
        """Return the URLs of the client's own extensions: the first part of `/extensions`."""
        found = (self.root / "extensions" / "core").rglob("*.js")
        return sorted(f"/{path.relative_to(self.root).as_posix()}" for path in found)


def relaxed(index: Path) -> str:
    """Return a policy for pages that were not written for a strict one, with no more than the official client needs.

    Its templates are compiled while it runs (`unsafe-eval`), its import map stands in the page (a digest), elements
    bear styles (`unsafe-inline`), timers and recorders are workers and worklets made of blobs, small pictures and fonts
    are data, and it fetches blobs of its own to paste, mask and record. Nothing goes to or comes from other servers.
    """
    digests = (base64.b64encode(hashlib.sha256(script).digest()).decode() for script in _scripts(index))
    allowed = "".join(f" 'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'self'; script-src 'self' blob: 'unsafe-eval'{allowed}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' blob: data:; media-src 'self' blob: data:; font-src 'self' data:; worker-src 'self' blob:; "
        "connect-src 'self' blob: data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )


def content_type(path: Path) -> str:
    """Return the type that a page's file is served as."""
    return TYPES.get(path.suffix.lower(), "application/octet-stream")


def _scripts(index: Path) -> list[bytes]:
    return _INLINE.findall(index.read_bytes())


def files_below(root: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    """Yield every file of a folder with its path in URLs; none that a link leads to from outside."""
    base = root.resolve()
    for path in sorted(base.rglob("*")):
        if path.is_file() and path.resolve().is_relative_to(base):
            yield prefix + path.relative_to(base).as_posix(), path


def _installed(package: str, folder: str) -> Path | None:
    """Return a folder of an installed package, without importing it."""
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        return None
    path = Path(next(iter(found.submodule_search_locations)), folder)
    return path if path.is_dir() else None
