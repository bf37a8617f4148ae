"""`ldm-nodes export`: a graph as Python source, to read, to change, and to run or load again."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ..engine.catalogue import Installed
from ..engine.errors import PromptRejected, printable
from ..scripting.graph_file import read_graph
from ..scripting.source import to_source
from .arguments import settings_of
from .graph_file import print_notices, problems_json, problems_text
from .known_nodes import registry_of


def run(arguments: argparse.Namespace) -> int:
    """Write the source of a graph to a file, or print it; back again it is a graph like any, for every command."""
    registry = registry_of(arguments)
    target: Path | None = arguments.target
    try:
        graph = read_graph(arguments.graph, Installed(registry, settings_of(arguments).folders))
        source = to_source(graph.prompt, registry)
        if target:
            target.write_text(source, encoding="utf-8")
    except PromptRejected as rejected:
        if arguments.json:
            print(json.dumps({"problems": problems_json(rejected.problems)}, indent=2))
        print(printable(f"{arguments.graph} cannot be exported:\n{problems_text(rejected)}"), file=sys.stderr)
        return 2
    except OSError as error:
        print(printable(f"{target} cannot be written: {error.strerror}"), file=sys.stderr)
        return 2
    print_notices(arguments.graph, graph)
    if arguments.json:
        print(json.dumps({"source": source}, indent=2))
    else:
        print(printable(f"{target}: written\n") if target else source, end="")
    return 0
