"""The editor's own code, run by Node without a browser."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from ldm_nodes.engine.catalogue import Catalogue
from ldm_nodes.engine.conversion import Converter

from .node import run

NOW = datetime(2024, 3, 9, 5, 6, 7)  # noqa: DTZ001, the editor's dates are local


def ask_editor(**given: Any) -> dict[str, Any]:
    """Let the editor's code read, convert and draw; see `web/scripts/convert.mjs`."""
    done = run("scripts/convert.mjs", given=json.dumps(given))
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def converter(catalogue: Catalogue) -> Converter:
    """Return the engine's converter, which takes the last of `{a|b}` and has a fixed date, as `ask_editor` has."""
    return Converter(catalogue, choose=lambda choices: choices[-1], now=NOW)


def exact(value: Any) -> str:
    """Return JSON text in which true is not 1, but 8.0 is 8, as in JavaScript."""
    return json.dumps(_whole(value), sort_keys=True)


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
