"""`metrics.csv`: one row for each step that is logged; after a resume as if the run had never stopped.

What is measured on validation data stands in a table of its own, `validation.csv`.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from .atomic import write_text
from .errors import TrainingError

STEP = "step"


class Metrics:
    """A table, written row by row; a column may turn up late."""

    def __init__(self, path: Path, upto: int = 0) -> None:
        """Go on with a table; what lies beyond step `upto` is cut off, for it will be measured again.

        Args:
            path: the file, which may not exist yet.
            upto: the step from which the run goes on.

        Raises:
            TrainingError: the file is no such table.
        """
        self.path = path
        self._file: IO[str] | None = None
        rows = [row for row in read_rows(path) if int(row[STEP]) <= upto]
        self._columns = list(rows[0]) if rows else [STEP]
        self._rewrite(rows)

    def add(self, step: int, values: Mapping[str, float]) -> None:
        """Add a row; it is with the operating system when this returns."""
        new = [name for name in values if name not in self._columns]
        if new:
            self._columns += new
            self._rewrite(list(read_rows(self.path)))
        row = {STEP: str(step), **{name: f"{value:.9g}" for name, value in values.items()}}
        if self._file is None:
            self._file = self.path.open("a", encoding="utf-8", buffering=1)
        self._file.write(_line([row.get(name, "") for name in self._columns]))

    def flush(self) -> None:
        """Wait until all rows are on the disk."""
        if self._file is not None:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _rewrite(self, rows: list[dict[str, str]]) -> None:
        self.close()
        lines = [self._columns, *([row.get(name, "") for name in self._columns] for row in rows)]
        write_text(self.path, "".join(map(_line, lines)))


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the complete rows of a table, none if it does not exist; a killed process may have cut the last one.

    Raises:
        TrainingError: the file is no such table.
    """
    if not path.is_file():
        return
    text = path.read_text("utf-8")
    reader = csv.DictReader(io.StringIO(text[: text.rfind("\n") + 1]))
    if reader.fieldnames is not None and STEP not in reader.fieldnames:
        raise TrainingError(f"{path.name} is no table of a training run; move it away.")
    yield from reader


def read_series(path: Path) -> dict[str, list[tuple[int, float]]]:
    """Return the columns of a table, each as pairs of step and value."""
    series: dict[str, list[tuple[int, float]]] = {}
    for row in read_rows(path):
        step = int(row[STEP])
        for name, value in row.items():
            if value and name != STEP:
                series.setdefault(name, []).append((step, float(value)))
    return series


def _line(values: list[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(values)
    return buffer.getvalue()
