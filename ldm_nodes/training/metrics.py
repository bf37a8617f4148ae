"""`metrics.csv`: one row for each step that is logged; after a resume as if the run had never stopped."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from .atomic import write_text

Row = dict[str, str]

STEP = "step"


class Metrics:
    """The table of a run, written row by row.

    Attributes:
        path: the file.
        rows: what it holds.
    """

    def __init__(self, path: Path, upto: int = 0) -> None:
        """Go on with a table; what lies beyond step `upto` is cut off, for it will be measured again.

        Args:
            path: the file, which may not exist yet.
            upto: the step from which the run goes on.
        """
        self.path = path
        self.rows = [row for row in read_rows(path) if int(row[STEP]) <= upto]
        self._columns = list(dict.fromkeys(name for row in self.rows for name in row))
        self._file: IO[str] | None = None
        self._rewrite()

    def add(self, step: int, values: Mapping[str, float]) -> None:
        """Add a row; it is with the operating system when this returns."""
        row = {STEP: str(step), **{name: f"{value:.9g}" for name, value in values.items()}}
        self.rows.append(row)
        new = [name for name in row if name not in self._columns]
        if new:
            self._columns += new
            self._rewrite()
        else:
            self._open().write(_line([row.get(name, "") for name in self._columns]))

    def amend(self, step: int, values: Mapping[str, float]) -> None:
        """Add values to the row of a step, which is the last one if it was logged."""
        if not self.rows or self.rows[-1][STEP] != str(step):
            self.add(step, values)
            return
        earlier = self.rows.pop()
        self.rows.append({**earlier, **{name: f"{value:.9g}" for name, value in values.items()}})
        self._columns += [name for name in values if name not in self._columns]
        self._rewrite()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> IO[str]:
        if self._file is None:
            self._file = self.path.open("a", encoding="utf-8", buffering=1)
        return self._file

    def _rewrite(self) -> None:
        self.close()
        lines = [self._columns, *([row.get(name, "") for name in self._columns] for row in self.rows)]
        write_text(self.path, "".join(map(_line, lines)) if self._columns else "")


def read_rows(path: Path) -> list[Row]:
    """Return the complete rows of a table, none if it does not exist; a killed process may have cut the last one."""
    if not path.is_file():
        return []
    text = path.read_text("utf-8")
    whole = text[: text.rfind("\n") + 1]
    return [{k: v for k, v in row.items() if v} for row in csv.DictReader(io.StringIO(whole))]


def _line(values: list[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(values)
    return buffer.getvalue()
