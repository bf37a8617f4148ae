"""`ldm-nodes run`: graphs become files. Several graphs share one process, its loaded models and its results."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from ..engine.catalogue import Installed
from ..engine.context import CancelToken
from ..engine.cost_model import CostModel, default_path
from ..engine.errors import Cancelled, NodeFailed, Problem, PromptRejected, named, printable
from ..engine.estimate import Estimator
from ..engine.executor import Executor, RunResult
from ..engine.foresight import look_ahead
from ..engine.plan import Plan, make_plan
from ..engine.prompt import Prompt
from ..engine.registry import Registry
from ..models.errors import UnavailableDevice
from ..nodes.runtime import Runtime
from ..scripting.graph_file import read_graph
from ..settings import Folders
from .arguments import settings_of
from .console import Display
from .explained import print_explanation, record_json
from .graph_file import print_notices, problems_json, problems_text
from .known_nodes import registry_of
from .overrides import with_overrides
from .provenance import made_otherwise
from .stopping import stopping


@dataclass
class Report:
    """What became of one graph, for people and programs."""

    graph: Path
    status: str = "done"
    files: list[str] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """0 for a graph that is done, 2 for one that could not start, else 1."""
        return {"done": 0, "rejected": 2}.get(self.status, 1)


def run(arguments: argparse.Namespace) -> int:
    """Run every graph in turn; a graph that fails does not keep the next from running."""
    settings = settings_of(arguments)
    runtime = Runtime(settings)
    executor = Executor(registry_of(arguments), runtime.cache, runtime)
    costs = CostModel.load(default_path())
    console = Console(stderr=True)
    reports = []
    for path in arguments.graphs:
        reports.append(_run_one(executor, costs, path, arguments, console))
        _remember(costs, console)
        if reports[-1].status == "interrupted":
            break
    if arguments.json:
        print(json.dumps({"graphs": [_as_json(report) for report in reports]}, indent=2))
    interrupted = any(report.status == "interrupted" for report in reports)
    return 130 if interrupted else max(report.exit_code for report in reports)


def _run_one(
    executor: Executor[Runtime], costs: CostModel, path: Path, arguments: argparse.Namespace, console: Console
) -> Report:
    report, folders = Report(path), executor.runtime.folders
    try:
        graph = read_graph(path, Installed(executor.registry, folders))
        prompt = with_overrides(graph.prompt, arguments.overrides, executor.registry)
        plan = _whole_plan(prompt, executor.registry, folders)
    except PromptRejected as rejected:
        report.status, report.problems = "rejected", problems_json(rejected.problems)
        print(f"{path} cannot run:\n{problems_text(rejected)}", file=sys.stderr)
        return report
    if complaint := _device_complaint(executor.runtime):
        report.status, report.problems = "rejected", problems_json([Problem("device_unavailable", complaint)])
        print(f"{path} cannot run: {complaint}", file=sys.stderr)
        return report
    graph = replace(graph, notices=(*graph.notices, *made_otherwise(path, executor.runtime)))
    print_notices(path, graph)
    display, token = Display(plan.prompt, console, quiet=arguments.json), CancelToken()

    def stop() -> None:
        console.print("Stopping at the next step; Ctrl-C once more ends at once.", style="yellow")
        token.cancel()

    try:
        with display, stopping(stop):
            result = executor.run(plan, Estimator(plan, executor.registry, costs, display.show), token)
    except NodeFailed as failure:
        report.status, report.problems = "failed", problems_json([failure.problem])
        print(f"{path} failed: {failure}", file=sys.stderr)
    except (Cancelled, KeyboardInterrupt):
        report.status = "interrupted"
        print(f"{path}: interrupted; what was finished is saved.", file=sys.stderr)
    else:
        _fill(report, result, plan.prompt, folders)
        if not arguments.json:
            print(_summary(report, plan.prompt))
    if arguments.explain and not arguments.json and display.explanation is not None:
        print_explanation(display.explanation, plan.prompt)
    report.notices = [*map(str, graph.notices), *display.notices]
    return report


def _remember(costs: CostModel, console: Console) -> None:
    """Keep what was learned about the time that nodes take, for the next estimate."""
    try:
        costs.save(default_path())
    except OSError as error:
        console.print(f"How long nodes took cannot be remembered: {error}.", style="yellow", markup=False)


def _device_complaint(runtime: Runtime) -> str:
    """Say why the chosen device cannot be used, before the first node starts; nothing where it can."""
    try:
        if runtime.settings.device not in ("auto", "cpu"):  # those always work
            _ = runtime.compute
    except UnavailableDevice as error:
        return str(error)
    return ""


def _whole_plan(prompt: Prompt, registry: Registry, folders: Folders) -> Plan:
    """Plan all of a graph; on the command line a graph of which only a part can run is refused."""
    plan = look_ahead(make_plan(prompt, registry, folders), registry).plan
    if plan.problems:
        raise PromptRejected(plan.problems, plan.invalid_targets)
    return plan


def _fill(report: Report, result: RunResult, prompt: Prompt, folders: Folders) -> None:
    report.seconds = result.seconds
    report.nodes = {
        node_id: {"class": prompt.nodes[node_id].class_type, **record_json(record)}
        for node_id, record in result.nodes.items()
        if node_id in prompt.nodes
    }
    report.texts = {node_id: list(map(str, ui["text"])) for node_id, ui in result.ui.items() if "text" in ui}
    report.files = [path for ui in result.ui.values() for path in _files(ui, folders)]


def _files(ui: Mapping[str, Any], folders: Folders) -> list[str]:
    """Return the paths of the files that a node showed."""
    entries = [entry for key in ("images", "latents") for entry in ui.get(key, ())]
    return [str(Path(getattr(folders, entry["type"]), entry["subfolder"], entry["filename"])) for entry in entries]


def _summary(report: Report, prompt: Prompt) -> str:
    reused = [node_id for node_id, node in report.nodes.items() if node["status"] == "reused"]
    lines = [f"{report.graph}: done in {report.seconds:.1f} s"]
    if reused:
        lines.append(f"  reused: {', '.join(named(node_id, prompt.nodes[node_id].title) for node_id in reused)}")
    for node_id, texts in report.texts.items():
        node = prompt.nodes.get(node_id)  # those that others put in their place are not there
        name = named(node_id, node.title, node.class_type) if node else named(node_id)
        lines += [f"  {name}: {text}" for text in texts]
    return printable("\n".join([*lines, *(f"  saved {file}" for file in report.files)]))


def _as_json(report: Report) -> dict[str, Any]:
    return {**vars(report), "graph": str(report.graph)}
