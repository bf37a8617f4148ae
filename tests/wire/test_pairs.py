"""Requests and answers of ComfyUI's contract, side by side: each file of `pairs/` is a conversation with a new server.

In an expected answer `"*"` stands for anything, and `"$name"` for what has that name in this conversation: the first
time it takes what it meets, afterwards it must meet the same. `"..."` as a key lets an object have more keys.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.server.house import House, serving

PAIRS = sorted((Path(__file__).parent / "pairs").glob("*.json"))


class Conversation:
    """What has been said so far."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._names: dict[str, Any] = {}

    def step(self, step: dict[str, Any]) -> None:
        """Send a request and compare the answer."""
        method, _, path = self._filled(step["ask"]).partition(" ")
        raw = step["raw"].encode() if "raw" in step else None
        answer = self._house.ask(method, path, self._filled(step.get("body")), raw=raw)
        assert answer.status == step["status"], (step["ask"], answer.text)
        if "empty" in step:
            assert answer.body == b"", step["ask"]
        if "text" in step:
            assert answer.text == step["text"], step["ask"]
        if "answer" in step:
            self._compare(step["answer"], answer.json, step["ask"])
        if step.get("then") == "finish":
            self._house.finish(self._names["id"])

    def _filled(self, value: Any) -> Any:
        """Return a request with what was named before in its place."""
        text = json.dumps(value)
        for name, found in self._names.items():
            text = text.replace(f"${name}", str(found))
        return json.loads(text)

    def _compare(self, expected: Any, found: Any, where: str) -> None:
        if expected == "*":
            return
        if isinstance(expected, str) and expected.startswith("$"):
            assert self._names.setdefault(expected[1:], found) == found, where
        elif isinstance(expected, dict):
            self._compare_objects(expected, found, where)
        elif isinstance(expected, list):
            assert isinstance(found, list), where
            assert len(found) == len(expected), (where, found)
            for number, (one, other) in enumerate(zip(expected, found, strict=True)):
                self._compare(one, other, f"{where}[{number}]")
        else:
            assert found == expected, where
            assert isinstance(found, bool) == isinstance(expected, bool), where

    def _compare_objects(self, expected: dict[str, Any], found: Any, where: str) -> None:
        assert isinstance(found, dict), where
        named = {
            str(self._names.get(key[1:], key)) if key.startswith("$") else key: one for key, one in expected.items()
        }
        is_open = named.pop("...", None) is not None
        assert set(named) <= set(found) if is_open else list(named) == list(found) or set(named) == set(found), (
            where,
            found,
        )
        for key, value in named.items():
            self._compare(value, found[key], f"{where}.{key}")


@pytest.mark.parametrize("path", PAIRS, ids=[path.stem for path in PAIRS])
def test_a_conversation_goes_as_recorded(path: Path, tmp_path: Path) -> None:
    recorded = json.loads(path.read_text())
    with serving(tmp_path, works=recorded["works"]) as house:
        conversation = Conversation(house)
        for step in recorded["steps"]:
            conversation.step(step)


def test_there_are_conversations() -> None:
    assert len(PAIRS) >= 5
