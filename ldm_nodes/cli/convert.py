"""`ldm-nodes convert`: documents of the editor become prompts in API format, and prompts become documents."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..engine.catalogue import Catalogue, Installed, ObjectInfo
from ..engine.conversion import Conversion
from ..engine.drawing import draw_workflow
from ..engine.errors import Problem, PromptRejected, printable
from ..engine.prompt import Prompt
from ..scripting.graph_file import GRAPH_SUFFIXES, read_bytes, read_file
from .arguments import settings_of
from .graph_file import problems_json
from .known_nodes import registry_of


@dataclass(frozen=True)
class Report:
    """What became of one file.

    Attributes:
        source: the file that was read.
        target: the file that was written, if any.
        problems: why none was written, or which nodes' values had to be guessed.
        notices: what was not certain.
    """

    source: Path
    target: Path | None
    problems: tuple[Problem, ...] = ()
    notices: tuple[Problem, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 for a file that was converted, 1 for one with guesses in it, 2 for one that could not be."""
        return 2 if self.target is None else int(bool(self.problems))


def run(arguments: argparse.Namespace) -> int:
    """Convert the file, or every graph in the folder; one that cannot be does not keep the next from it."""
    source, target = arguments.source, arguments.target
    try:
        catalogue = _catalogue(arguments)
        pairs = list(_pairs(source, target))
    except PromptRejected as rejected:
        print(rejected, file=sys.stderr)
        return 2
    reports = [_convert(one, other, arguments.to, catalogue) for one, other in pairs]
    if arguments.json:
        print(json.dumps([_as_json(report) for report in reports], indent=2))
    for report in reports:
        _print(report, quiet=arguments.json)
    return max(report.exit_code for report in reports)


def _catalogue(arguments: argparse.Namespace) -> Catalogue:
    if arguments.object_info is not None:
        return ObjectInfo.parse(read_bytes(arguments.object_info))
    return Installed(registry_of(arguments), settings_of(arguments).folders)


def _pairs(source: Path, target: Path) -> Iterator[tuple[Path, Path]]:
    """Yield what to read and what to write."""
    if not source.is_dir():
        yield source, target / source.with_suffix(".json").name if target.is_dir() else target
        return
    if target.exists() and not target.is_dir():
        raise PromptRejected((Problem("bad_request", f"{source} is a folder, but {target} is a file"),))
    files = [path for path in sorted(source.rglob("*")) if path.is_file() and path.suffix.lower() in GRAPH_SUFFIXES]
    if not files:
        raise PromptRejected((Problem("bad_request", f"The folder {source} holds no graphs"),))
    for path in files:
        yield path, target / path.relative_to(source).with_suffix(".json")


def _convert(source: Path, target: Path, wanted: str | None, catalogue: Catalogue) -> Report:
    try:
        data, conversion = _converted(source, wanted, catalogue)
        _write(target, source, data)
    except PromptRejected as rejected:
        return Report(source, None, rejected.problems)
    return Report(source, target, conversion.problems, conversion.notices)


def _converted(source: Path, wanted: str | None, catalogue: Catalogue) -> tuple[dict[str, Any], Conversion]:
    """Return what to write, and what was not certain about it."""
    found = read_file(source, drawn_first=wanted == "ui")
    if isinstance(found, Prompt):
        written = found if wanted == "api" else draw_workflow(found, catalogue)
        return written.to_json(), Conversion(found)
    if wanted == "ui":
        return found.to_json(), Conversion(Prompt({}))
    conversion = found.to_prompt(catalogue)
    return conversion.to_json(), conversion


def _write(target: Path, source: Path, data: dict[str, Any]) -> None:
    if target.exists() and target.samefile(source):
        raise PromptRejected((Problem("bad_request", f"{target} is the file that is read; choose another for B"),))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except (OSError, UnicodeEncodeError) as error:
        raise PromptRejected((Problem("bad_request", f"{target} cannot be written: {error}"),)) from error


def _print(report: Report, quiet: bool) -> None:
    if report.target is None:
        print(f"{report.source} cannot be converted:", file=sys.stderr)
    elif not quiet:
        print(printable(f"{report.source} → {report.target}"))
    for problem in (*report.problems, *report.notices):
        print(f"  • {problem}", file=sys.stderr)


def _as_json(report: Report) -> dict[str, Any]:
    return {
        "source": str(report.source),
        "target": None if report.target is None else str(report.target),
        "problems": problems_json(report.problems),
        "notices": problems_json(report.notices),
    }
