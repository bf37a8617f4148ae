"""`--explain`: what became of every node, why, how long it took and what it holds, as a table."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..engine.errors import named, printable
from ..engine.explanation import Explanation, NodeRecord
from ..engine.memory import Eviction
from ..engine.prompt import Prompt

UNITS = ("B", "kB", "MB", "GB", "TB")
WIDTH = 160
"""Columns of a table that goes to a file."""


def print_explanation(explanation: Explanation, prompt: Prompt, console: Console | None = None) -> None:
    """Print the table, and what had to go from memory; by default to standard output."""
    console = console or Console(width=None if sys.stdout.isatty() else WIDTH)
    table = Table("node", "", "seconds", "memory", "why", box=None, pad_edge=False)
    for node_id, record in explanation.nodes.items():
        table.add_row(*(Text(cell) for cell in _cells(node_id, record, prompt)))
    console.print(table)
    for line in _memory_lines(explanation.evicted, explanation.kept_bytes):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def record_json(record: NodeRecord) -> dict[str, Any]:
    """Return a node's record for programs."""
    causes = [{**vars(cause), "text": str(cause)} for cause in record.causes]
    return {
        "status": record.status,
        "seconds": record.seconds,
        "source": record.source,
        "bytes": record.nbytes,
        "why": causes,
    }


def shown_bytes(nbytes: float) -> str:
    """Return a size as people read it.

    Example:
        >>> shown_bytes(0), shown_bytes(2_500_000)
        ('0 B', '2.5 MB')
    """
    unit = 0
    while nbytes >= 1000 and unit < len(UNITS) - 1:
        nbytes, unit = nbytes / 1000, unit + 1
    return f"{nbytes:.1f} {UNITS[unit]}" if unit else f"{nbytes:.0f} B"


def _cells(node_id: str, record: NodeRecord, prompt: Prompt) -> Iterable[str]:
    node = prompt.nodes.get(node_id)
    yield printable(named(node_id, node.title, node.class_type) if node else f"node {node_id}")
    yield f"{record.status} from {record.source}" if record.source else record.status
    yield f"{record.seconds:.2f}" if record.status == "ran" else ""
    yield shown_bytes(record.nbytes) if record.nbytes else ""
    yield printable("; ".join(map(str, record.causes)))


def _memory_lines(evicted: tuple[Eviction, ...], kept_bytes: int) -> Iterable[str]:
    yield f"kept for the next run: {shown_bytes(kept_bytes)}"
    if evicted:
        gone = (printable(f"{eviction.label} ({shown_bytes(eviction.nbytes)})") for eviction in evicted)
        yield f"had to go, in this order: {', '.join(gone)}"
