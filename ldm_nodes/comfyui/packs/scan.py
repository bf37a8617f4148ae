"""What a pack's files could do, read without running them: a user looks at this before the pack is loaded.

It warns, it does not protect: code that wants to hide hides. Loading a pack means trusting its author.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .pack import Pack

LARGEST = 2 << 20
MOST = 200
CALLS = {
    "eval": "runs text as code",
    "exec": "runs text as code",
    "compile": "makes code of text",
    "os.system": "starts programs",
    "os.popen": "starts programs",
    "os.remove": "deletes files",
    "shutil.rmtree": "deletes folders",
    "pickle.load": "reads pickles, which can run code",
    "pickle.loads": "reads pickles, which can run code",
    "torch.load": "reads pickles, unless it says weights_only=True",
    "importlib.import_module": "imports modules by name",
    "__import__": "imports modules by name",
}
MODULES = {
    "subprocess": "starts programs",
    "ctypes": "calls native code",
    "socket": "talks to the network",
    "requests": "talks to the network",
    "urllib.request": "talks to the network",
    "http.client": "talks to the network",
    "aiohttp": "talks to the network, or adds routes",
    "httpx": "talks to the network",
    "pip": "installs packages",
}
SUFFIXES = {
    ".pth": "is run by Python at every start if it lies among installed packages, or is a pickle of weights",
    ".so": "is native code",
    ".pyd": "is native code",
    ".dll": "is native code",
    ".dylib": "is native code",
    ".exe": "is a program",
    ".pyc": "is code that cannot be read",
}


@dataclass(frozen=True)
class Finding:
    """Something in a pack that a user should know of.

    Attributes:
        file: in the pack, with `/`.
        line: where, counted from 1; 0 for the whole file.
        what: the name that was found.
        why: what it does, in words.
    """

    file: str
    line: int
    what: str
    why: str

    def to_json(self) -> dict[str, Any]:
        """Return it for a client."""
        return {"file": self.file, "line": self.line, "what": self.what, "why": self.why}


def scan(pack: Pack) -> tuple[Finding, ...]:
    """Return what stands out in a pack's files, at most `MOST` findings."""
    found: list[Finding] = []
    for path in pack.files():
        found += _look(path, path.relative_to(pack.path.parent).as_posix())
        if len(found) >= MOST:
            break
    return tuple(found[:MOST])


def _look(path: Path, shown: str) -> Iterator[Finding]:
    if why := SUFFIXES.get(path.suffix.lower()):
        yield Finding(shown, 0, path.name, why)
    if path.suffix != ".py":
        return
    if path.stat().st_size > LARGEST:
        yield Finding(shown, 0, path.name, "is too long to be looked through")
        return
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return  # loading it will say so
    for node in ast.walk(tree):
        yield from _found(node, shown)


def _found(node: ast.AST, shown: str) -> Iterator[Finding]:
    if isinstance(node, ast.Call) and (why := CALLS.get(name := _dotted(node.func))):
        yield Finding(shown, node.lineno, name, why)
    if isinstance(node, ast.Import):
        for alias in node.names:
            if why := MODULES.get(alias.name):
                yield Finding(shown, node.lineno, alias.name, why)
    if isinstance(node, ast.ImportFrom) and node.module and (why := MODULES.get(node.module)):
        yield Finding(shown, node.lineno, node.module, why)


def _dotted(node: ast.expr) -> str:
    """Return `a.b.c` for such an expression, else an empty text."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""
