"""What a lock is: everything that the pixels of a graph depend on, as one JSON document.

    {"ldm_nodes_lock": 1,
     "graph": {…},                                         the graph in API format
     "engine": {"ldm_nodes": "0.1.0"},
     "packs": [{"name": …, "version": …, "commit": …, "source": …}, …],
     "python": {…}, "system": {…}, "compute": {…}, "packages": {"torch": "2.13.0", …},
     "files": [{"kind": "checkpoints", "name": …, "size": …, "sha256": …, "used_by": ["4.ckpt_name"]}, …]}

A pack is a folder of node classes that is installed beside this package: its name, its version where it has one, the
git commit that it stands at, and the address that it came from. A file whose `sha256` is null was named by the graph
and not there, which for learned words (`embedding:name`) changes the picture and stops nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ..engine.errors import Problem, PromptRejected
from ..engine.json_text import read_json
from ..engine.prompt import Prompt
from ..engine.requirements import EMBEDDING_SUFFIXES, NeededFile
from ..scripting.graph_file import LOCK
from ..settings import Folders

VERSION = 1
SECTIONS = ("engine", "python", "system", "compute", "packages")


@dataclass(frozen=True)
class LockedFile:
    """One file.

    Attributes:
        kind: see `NeededFile`.
        name: its path below the folders of that kind, with `/`.
        size: in bytes; None for a file that was not there.
        sha256: in hexadecimal; None likewise.
        used_by: the inputs that name it, as `4.ckpt_name`.
    """

    kind: str
    name: str
    size: int | None
    sha256: str | None
    used_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pack:
    """A pack of nodes; see the top of the file."""

    name: str
    version: str = ""
    commit: str = ""
    source: str = ""


@dataclass(frozen=True)
class Lock:
    """A lock.

    Attributes:
        graph: the graph.
        environment: the sections `engine`, `python`, `system`, `compute`, `packages`; see `environment.py`.
        files: every file that the graph reads.
        packs: the packs that its classes come from.
    """

    graph: Prompt
    environment: Mapping[str, Mapping[str, Any]]
    files: tuple[LockedFile, ...]
    packs: tuple[Pack, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Return the document."""
        return {
            LOCK: VERSION,
            "graph": self.graph.to_json(),
            **self.environment,
            "packs": [asdict(pack) for pack in self.packs],
            "files": [asdict(file) for file in self.files],
        }

    @classmethod
    def parse(cls, text: bytes) -> Lock:
        """Read a lock.

        Raises:
            PromptRejected: when the text is none, or of a later version.
        """
        data = read_json(text)
        if not isinstance(data, Mapping) or LOCK not in data:
            raise _rejected("This is no lock", "`ldm-nodes lock GRAPH` writes one.")
        if data[LOCK] != VERSION:
            message = f"This lock has version {data[LOCK]!r}; this program reads version {VERSION}"
            raise _rejected(message, "Use the version of ldm_nodes that wrote it, or a newer one.")
        try:
            environment = {name: dict(data[name]) for name in SECTIONS}
            files = tuple(_file(entry) for entry in data["files"])
            packs = tuple(Pack(**{key: str(value) for key, value in pack.items()}) for pack in data.get("packs", ()))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _rejected(f"This lock is damaged: {error!r}", "Write it anew with `ldm-nodes lock`.") from error
        return cls(Prompt.parse(data["graph"]), environment, files, packs)


def files_of(needs: Iterable[NeededFile], folders: Folders) -> Iterator[tuple[NeededFile, str, Path | None]]:
    """Yield every file behind what a graph names: the need, the file's name and where it is.

    A model brings the files beside it that change how it is read; a folder all its files.
    """
    from ..models.loader import companions

    for need in needs:
        name = need.name.replace("\\", "/")
        if need.path is None:
            yield need, name, None
        elif need.path.is_dir():
            inside = sorted(path for path in need.path.rglob("*") if path.is_file() and not _hidden(path, need.path))
            yield from ((need, f"{name}/{path.relative_to(need.path).as_posix()}", path) for path in inside)
        else:
            yield need, _with_suffix(need, name, folders), need.path
            beside = companions(need.path) if need.kind not in ("input", "output", "temp") else ()
            yield from ((need, str(PurePosixPath(name).with_name(path.name)), path) for path in beside)


def _with_suffix(need: NeededFile, name: str, folders: Folders) -> str:
    """Return the name of a learned word together with the ending that its file has."""
    if need.kind != "embeddings":
        return name
    return next(name + suffix for suffix in EMBEDDING_SUFFIXES if _is_file(folders, name + suffix, need.path))


def _is_file(folders: Folders, name: str, path: Path | None) -> bool:
    return path is not None and any((folder / name).resolve() == path for folder in folders.of("embeddings"))


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _file(entry: Mapping[str, Any]) -> LockedFile:
    size, sha256 = entry["size"], entry["sha256"]
    return LockedFile(
        str(entry["kind"]),
        str(entry["name"]),
        None if size is None else int(size),
        None if sha256 is None else str(sha256),
        tuple(map(str, entry.get("used_by", ()))),
    )


def _rejected(message: str, remedy: str) -> PromptRejected:
    return PromptRejected((Problem("no_lock", message, remedy=remedy),))
