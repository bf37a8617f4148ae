"""`ldm-nodes validate`: all problems of graphs, found without running them and without loading a model.

The headers of the model files that a graph names are read, so that parts of different families are found too.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ..engine.catalogue import Installed
from ..engine.errors import PromptRejected, printable
from ..engine.foresight import look_ahead
from ..engine.plan import make_plan
from ..scripting.graph_file import read_graph
from .arguments import settings_of
from .graph_file import print_notices, problems_json
from .known_nodes import registry_of


def run(arguments: argparse.Namespace) -> int:
    """Check every graph; return 0 if all can run as they are."""
    folders = settings_of(arguments).folders
    registry = registry_of(arguments)
    catalogue = Installed(registry, folders)
    found = {}
    for path in arguments.graphs:
        try:
            graph = read_graph(path, catalogue)
            print_notices(path, graph)
            ahead = look_ahead(make_plan(graph.prompt, registry, folders), registry)
            found[path] = ahead.plan.problems
            for notice in ahead.notices:
                print(printable(f"{path}: note: {notice}"), file=sys.stderr)
        except PromptRejected as rejected:
            found[path] = rejected.problems
    if arguments.json:
        print(json.dumps({str(path): problems_json(problems) for path, problems in found.items()}, indent=2))
    else:
        for path, problems in found.items():
            _print(path, [str(problem) for problem in problems])
    return 2 if any(found.values()) else 0


def _print(path: Path, problems: list[str]) -> None:
    print(f"{path}: {len(problems)} problem{'s' * (len(problems) != 1)}" if problems else f"{path}: valid")
    for problem in problems:
        print(f"  • {problem}")
