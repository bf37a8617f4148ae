"""What a graph needs of the machine that runs it: node classes, model files, input files; and what is not here."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path, PurePosixPath

from ..settings import IMAGE_SUFFIXES, MODEL_KINDS, MODEL_SUFFIXES, FileNotInFolder, Folders
from .equivalents import ALIKE, MOST, Equivalent, equivalents, usages
from .prompt import Prompt
from .registry import Registry
from .sockets import Choice, Names, Scan, String

EMBEDDING = re.compile(r"(?:\A|[\s(])embedding:([^\s(),:]+)")
"""A learned word in ComfyUI's prompt syntax; it names a file of the kind `embeddings`."""
EMBEDDING_SUFFIXES = ("", ".safetensors", ".pt", ".bin")


@dataclass(frozen=True)
class NeededClass:
    """A node class that a graph uses.

    Attributes:
        name: the class.
        nodes: the ids of its nodes.
        present: whether it is installed here.
        nearest: for one that is not, what could stand in.
    """

    name: str
    nodes: tuple[str, ...]
    present: bool
    nearest: tuple[Equivalent, ...] = ()


@dataclass(frozen=True)
class NeededFile:
    """A file, or a folder of files, that a graph names.

    Attributes:
        kind: a kind of model such as `checkpoints`, or `input`, `output`, `temp`, `latents`; `models` for a name that a
            class gives which is not here, so that its kind is unknown.
        name: as the graph names it.
        used_by: the inputs that name it, as `4.ckpt_name`.
        path: where it is here; None if it is not.
        nearest: for one that is not here, files with similar names.
    """

    kind: str
    name: str
    used_by: tuple[str, ...]
    path: Path | None
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True)
class Requirements:
    """What a graph needs, in the order of its text."""

    classes: tuple[NeededClass, ...]
    files: tuple[NeededFile, ...]

    @property
    def met(self) -> bool:
        """Whether everything is here."""
        return all(need.present for need in self.classes) and all(need.path for need in self.files)


def requirements(prompt: Prompt, registry: Registry, folders: Folders) -> Requirements:
    """Find out what a graph needs and what of it is here; nothing is opened or loaded."""
    search = _Search(prompt, registry, folders)
    return Requirements(tuple(search.classes()), tuple(search.files()))


@dataclass(frozen=True)
class _Listening(Folders):
    """Folders that remember which kinds of file were asked for."""

    asked: list[str] = field(default_factory=list)

    def names(self, kind: str) -> tuple[str, ...]:
        self.asked.append(kind)
        return super().names(kind)


class _Search:
    """One look at one graph; the folders are looked through once, however many inputs name files."""

    def __init__(self, prompt: Prompt, registry: Registry, folders: Folders) -> None:
        self._prompt, self._registry, self._folders = prompt, registry, folders
        self._scan = Scan(folders)
        self._kinds: dict[Names, tuple[str, ...]] = {}

    def classes(self) -> Iterator[NeededClass]:
        """Yield the classes that the graph uses."""
        nodes: dict[str, list[str]] = {}
        for node_id, node in self._prompt.nodes.items():
            nodes.setdefault(node.class_type, []).append(node_id)
        used = usages(self._prompt, self._registry, self._scan)
        for name, ids in nodes.items():
            nearest = equivalents(name, used[name], self._registry, self._scan) if name in used else ()
            yield NeededClass(name, tuple(ids), name not in used, nearest)

    def files(self) -> Iterator[NeededFile]:
        """Yield the files that the graph names, each once."""
        users: dict[tuple[str, str], list[str]] = {}
        for node_id, node in self._prompt.nodes.items():
            for name, value in node.inputs.items():
                if isinstance(value, str):
                    for need in self._named_by(node.class_type, name, value):
                        users.setdefault(need, []).append(f"{node_id}.{name}")
        for (kind, name), used_by in users.items():
            path = locate(self._folders, kind, name)
            yield NeededFile(kind, name, tuple(used_by), path, () if path else self._alike(kind, name))

    def _named_by(self, class_type: str, input_name: str, value: str) -> Iterator[tuple[str, str]]:
        """Yield kind and name of what a constant names."""
        spec = self._registry.get(class_type)
        item = spec.inputs.get(input_name) if spec else None
        if spec is None:
            yield from _guessed(value)
        elif item and isinstance(item.field, Choice) and callable(item.field.source):
            yield from (_annotated(kind, value) for kind in self._kinds_of(item.field.source)[:1])
        elif item and isinstance(item.field, String):
            yield from (("embeddings", name) for name in EMBEDDING.findall(value))

    def _kinds_of(self, source: Names) -> tuple[str, ...]:
        """Return the kinds of file that a list is made of; none for a list of something else."""
        if source not in self._kinds:
            listening = _Listening(**{part.name: getattr(self._folders, part.name) for part in fields(Folders)})
            if callable(source):
                source(listening)
            self._kinds[source] = tuple(listening.asked)
        return self._kinds[source]

    def _alike(self, kind: str, name: str) -> tuple[str, ...]:
        """Return files of the same kind with similar names; those of the same name in other folders come first."""
        kinds = tuple(MODEL_KINDS) if kind == "models" else (kind,)
        wanted = _stem(name)
        ranked = []
        for known in dict.fromkeys(found for kind in kinds for found in self._folders.names(kind)):
            alike = difflib.SequenceMatcher(None, wanted, _stem(known)).ratio()
            if alike >= ALIKE:
                ranked.append((-alike, known))
        return tuple(known for _, known in sorted(ranked)[:MOST])


def locate(folders: Folders, kind: str, name: str) -> Path | None:
    """Return where the file or folder `name` of a kind is, or None; see `NeededFile.kind`."""
    suffixes = EMBEDDING_SUFFIXES if kind == "embeddings" else ("",)
    for place in MODEL_KINDS if kind == "models" else (kind,):
        for suffix in suffixes:
            for find in (folders.find, folders.find_folder):
                try:
                    return find(place, name + suffix)
                except FileNotInFolder:
                    continue
    return None


def _annotated(kind: str, name: str) -> tuple[str, str]:
    """Take ` [output]` and the like, which name another folder, off the name of an input file."""
    for place in ("input", "output", "temp"):
        if kind == "input" and name.endswith(f" [{place}]"):
            return place, name.removesuffix(f" [{place}]")
    return kind, name


def _guessed(value: str) -> Iterator[tuple[str, str]]:
    """Yield what a constant names that a class is given of which nothing is known."""
    suffix = PurePosixPath(value.replace("\\", "/")).suffix.lower()
    if suffix in MODEL_SUFFIXES:
        yield "models", value
    elif suffix in IMAGE_SUFFIXES:
        yield _annotated("input", value)


def _stem(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).stem.lower()[:200]
