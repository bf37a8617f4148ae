"""Regular expressions from graphs: some patterns run for longer than anybody lives, and Python cannot stop them.

A pattern that repeats nothing is worked out at once. Any other goes to a process of its own, which is ended when its
time is over.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from ..engine.errors import InputError
from . import regex_worker

SECONDS = 3.0
LONGEST = 10_000_000
REPEATING = frozenset("*+?{|")
"""Characters of which a pattern needs one to take long."""


class BadPattern(ValueError):
    """What was given as a regular expression is none."""


def ask(task: str, *, seconds: float = SECONDS, **question: Any) -> Any:
    """Return what `regex_worker.answer` finds.

    Raises:
        BadPattern: when the pattern, or what is to replace its matches, is none.
        InputError: when it takes too long.
    """
    asked = {"task": task, **question}
    harmless = REPEATING.isdisjoint(question["pattern"])
    told = regex_worker.answer(asked) if harmless else _ask_process(asked, seconds)
    if "bad" in told:
        raise BadPattern(told["bad"])
    return told["result"]


def _ask_process(question: dict[str, Any], seconds: float) -> dict[str, Any]:
    command = [sys.executable, "-I", "-S", str(Path(regex_worker.__file__))]
    environment = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    try:
        done = subprocess.run(
            command, input=json.dumps(question).encode(), capture_output=True, timeout=seconds, env=environment,
            check=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise _too_hard(question, f"does not come to an end within {seconds:g} seconds") from error
    except subprocess.CalledProcessError as error:
        raise _too_hard(question, "takes more memory than a text is worth") from error
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _too_hard(question: dict[str, Any], why: str) -> InputError:
    return InputError(
        "regex_pattern",
        received=f"{question['pattern'][:80]!r}, which {why} on a text of {len(question['text']):,} characters",
        expected="a pattern that is quickly searched for",
        remedy="Avoid repetitions within repetitions, such as (a+)+.",
    )
