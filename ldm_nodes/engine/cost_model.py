"""How long nodes take on this machine, learned from the runs before.

The seconds of a step of a node are taken to be a straight line over its *size*, the product of the width, height and
batch that reach it along the wires. Each line is fitted to the last few runs of nodes of the same class behind the same
choices (checkpoint, sampler), by medians, so that one slow run (the first, which loads libraries) does not bend it.
"""

from __future__ import annotations

import json
import math
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from statistics import median, quantiles
from typing import Any

VERSION = 1
REMEMBERED = 9
"""Runs that a line is fitted to."""
MOST_LINES = 1000
UNKNOWN = 0.05
"""Seconds that a node is taken to need of whose class nothing is known."""
LARGEST_FILE = 4 << 20

Point = tuple[float, float]
"""Size and seconds per step."""


@dataclass(frozen=True)
class Work:
    """What is known of a node's work before it runs.

    Attributes:
        class_type: the node's class.
        choices: what was chosen from lists, for it and upstream of it.
        size: the product of the numbers that say how large its values are.
        steps: how often it does its work on them.
    """

    class_type: str
    choices: frozenset[tuple[str, str]] = frozenset()
    size: float = 1.0
    steps: float = 1.0

    @property
    def lines(self) -> tuple[str, str]:
        """The names of the lines that tell of it: the one of its like, and the one of its whole class."""
        return f"{self.class_type} {sorted(self.choices)}", self.class_type


@dataclass(frozen=True, slots=True)
class Span:
    """A time that lies ahead.

    Attributes:
        seconds: how long it will likely be.
        low: it will hardly be shorter.
        high: it will hardly be longer; None where nothing tells.
    """

    seconds: float
    low: float
    high: float | None

    @classmethod
    def total(cls, spans: Iterable[Span]) -> Span:
        """Return all of them after each other. What makes one longer, such as a busy machine, makes all longer."""
        found = list(spans)
        known = [span.high for span in found if span.high is not None]
        high = math.fsum(known) if len(known) == len(found) else None
        return cls(math.fsum(span.seconds for span in found), math.fsum(span.low for span in found), high)


@dataclass
class CostModel:
    """Predicts seconds and learns from seconds.

    Attributes:
        lines: the points of each line, the latest last; the line that was learned from last stands last.
    """

    lines: dict[str, list[Point]] = field(default_factory=dict)
    changed: bool = False

    def predict(self, work: Work) -> float:
        """Return the seconds that a node will need."""
        return self.foresee(work).seconds

    def foresee(self, work: Work) -> Span:
        """Return the seconds that a node will need, and between which they will likely lie."""
        for name in work.lines:
            if points := self.lines.get(name):
                slope, height = _line(points)
                low, high = _spread(points, slope, height)
                seconds = max(slope * work.size + height, 0.0) * work.steps
                return Span(seconds, seconds * low, seconds * high)
        return Span(UNKNOWN, 0.0, None)

    def learn(self, work: Work, seconds: float) -> None:
        """Take in how long a node took."""
        for name in work.lines:
            points = self.lines.pop(name, [])
            self.lines[name] = [*points, (work.size, seconds / work.steps)][-REMEMBERED:]
        while len(self.lines) > MOST_LINES:
            del self.lines[next(iter(self.lines))]
        self.changed = True

    @classmethod
    def load(cls, path: Path) -> CostModel:
        """Read what was learned; of a file that is absent or damaged nothing, for all of it can be learned again."""
        try:
            if path.stat().st_size > LARGEST_FILE:
                return cls()
            return cls(_read(json.loads(path.read_text("utf-8"))))
        except (OSError, ValueError, RecursionError):
            return cls()

    def save(self, path: Path) -> None:
        """Write what was learned, at once; nothing, if nothing was learned since it was read.

        Raises:
            OSError: when it cannot be written; what was there before is unchanged.
        """
        if not self.changed:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
        try:
            temporary.write_text(json.dumps({"version": VERSION, "lines": self.lines}), "utf-8")
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        self.changed = False


def default_path(environment: Mapping[str, str] | None = None) -> Path:
    """Return where a user's programs keep what can be made again: `$XDG_CACHE_HOME`, or as the system has it."""
    given = os.environ if environment is None else environment
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        if folder := given.get(name):
            return Path(folder, "ldm_nodes", "costs.json")
    return Path.home() / ".cache" / "ldm_nodes" / "costs.json"


def _line(points: list[Point]) -> tuple[float, float]:
    """Return slope and height at 0 of the line through the points (Theil-Sen); with one abscissa, of the ray."""
    slopes = [(y - other) / (x - before) for (before, other), (x, y) in combinations(points, 2) if x != before]
    if not slopes:
        seconds, at = median(y for _, y in points), points[0][0]
        return (seconds / at, 0.0) if at else (0.0, seconds)
    slope = max(median(slopes), 0.0)
    return slope, median(y - slope * x for x, y in points)


def _spread(points: list[Point], slope: float, height: float) -> tuple[float, float]:
    """Return between which multiples of their line half of the points lie; wider where there are few of them."""
    doubt = 1 / (len(points) + 1)
    multiples = [y / on_line for x, y in points if (on_line := slope * x + height) > 0]
    if len(multiples) < 2:
        return 1 - doubt, 1 + doubt
    low, _, high = quantiles(multiples, n=4, method="inclusive")
    return min(low, 1 - doubt), max(high, 1 + doubt)


def _read(document: Any) -> dict[str, list[Point]]:
    """Check a document of ours.

    Raises:
        ValueError: when it is none.
    """
    lines = document.get("lines") if isinstance(document, dict) and document.get("version") == VERSION else None
    if not isinstance(lines, dict):
        raise ValueError("no document of this version")  # noqa: TRY004 - what `json` raises for what is no JSON
    return {name: [_point(pair) for pair in _members(points)] for name, points in lines.items() if points}


def _members(value: Any) -> Iterable[Any]:
    if not isinstance(value, list) or len(value) > REMEMBERED:
        raise ValueError("no list of points")
    return value


def _point(pair: Any) -> Point:
    if not isinstance(pair, list) or len(pair) != 2 or not all(_is_amount(number) for number in pair):
        raise ValueError("no point")
    return float(pair[0]), float(pair[1])


def _is_amount(number: Any) -> bool:
    return isinstance(number, int | float) and not isinstance(number, bool) and 0 <= number < math.inf
