"""`ldm-nodes lock`: write down everything that the pixels of a graph depend on."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from ..engine.catalogue import Installed
from ..engine.errors import PromptRejected, printable
from ..engine.foresight import look_ahead
from ..engine.plan import make_plan
from ..engine.prompt import Prompt
from ..engine.registry import Registry
from ..engine.requirements import NeededFile, requirements
from ..scripting.graph_file import read_graph
from ..settings import Folders
from .arguments import settings_of
from .environment import environment
from .file_hashes import FileHashes
from .graph_file import print_notices, problems_json, problems_text
from .known_nodes import registry_of
from .lock_file import Lock, LockedFile, files_of

ENDING = ".lock.json"


def run(arguments: argparse.Namespace) -> int:
    """Write the lock of a graph beside it, or where it is told."""
    from ..models.errors import ModelError

    try:
        lock = _locked(arguments)
    except PromptRejected as rejected:
        if arguments.json:
            print(json.dumps({"problems": problems_json(rejected.problems)}, indent=2))
        print(printable(f"{arguments.graph} cannot be locked:\n{problems_text(rejected)}"), file=sys.stderr)
        return 2
    except (OSError, ModelError) as error:
        print(printable(f"{arguments.graph} cannot be locked: {error}"), file=sys.stderr)
        return 2
    text = json.dumps(lock.to_json(), indent=2)
    if arguments.json:
        print(text)
        return 0
    return _write(arguments.output or arguments.graph.with_name(arguments.graph.stem + ENDING), text, len(lock.files))


def _write(target: Path, text: str, files: int) -> int:
    try:
        target.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        print(printable(f"{target} cannot be written: {error.strerror}"), file=sys.stderr)
        return 2
    print(printable(f"{target}: {files} file{'s' * (files != 1)} locked"))
    return 0


def _locked(arguments: argparse.Namespace) -> Lock:
    settings = settings_of(arguments)
    registry = registry_of(arguments)
    prompt = _read(arguments.graph, settings.folders, registry)
    needs = requirements(prompt, registry, settings.folders).files
    files = locked_files(needs, settings.folders, FileHashes.of_user(), quiet=arguments.json)
    return Lock(prompt, environment(settings), files)


def locked_files(
    needs: Sequence[NeededFile], folders: Folders, hashes: FileHashes, *, quiet: bool = False
) -> tuple[LockedFile, ...]:
    """Hash every file that a graph reads, showing how far that is.

    Raises:
        OSError: when one cannot be read.
    """
    found = list(files_of(needs, folders))
    digests = hashes.of_all([path for _, _, path in found if path], quiet=quiet)
    return tuple(
        LockedFile(need.kind, name, path.stat().st_size, digests[path], need.used_by)
        if path
        else LockedFile(need.kind, name, None, None, need.used_by)
        for need, name, path in found
    )


def _read(path: Path, folders: Folders, registry: Registry) -> Prompt:
    """Read a graph that can run as it is."""
    graph = read_graph(path, Installed(registry, folders))
    plan = look_ahead(make_plan(graph.prompt, registry, folders), registry).plan
    if plan.problems:
        raise PromptRejected(plan.problems, plan.invalid_targets)
    print_notices(path, graph)
    return graph.prompt
