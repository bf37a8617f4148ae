"""What packs translate: put together by language, and nothing that cannot be read stands in the way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ldm_nodes.server import translations
from ldm_nodes.server.translations import Translations, merge


def _write(folder: Path, pack: str, name: str, texts: Any) -> Path:
    path = folder / pack / "locales" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(texts if isinstance(texts, str) else json.dumps(texts), encoding="utf-8")
    return path


def test_packs_are_put_together_by_language(tmp_path: Path) -> None:
    _write(tmp_path, "a", "de/main.json", {"menu": {"run": "Los", "stop": "Halt"}})
    _write(tmp_path, "a", "de/nodeDefs.json", {"Twice": {"display_name": "Doppelt"}})
    _write(tmp_path, "b", "de/main.json", {"menu": {"stop": "Stopp"}, "more": 1})
    _write(tmp_path, "b", "de/commands.json", {"b.go": {"label": "Geh"}})
    _write(tmp_path, "b", "fr/settings.json", {"b": {"name": "Nom"}})
    _write(tmp_path, "b", "fr/unknown.json", {"b": "no part of it"})
    _write(tmp_path, "off.disabled", "it/main.json", {"menu": "no"})
    assert Translations((tmp_path, tmp_path / "absent")).by_language == {
        "de": {
            "menu": {"run": "Los", "stop": "Stopp"},
            "nodeDefs": {"Twice": {"display_name": "Doppelt"}},
            "more": 1,
            "commands": {"b.go": {"label": "Geh"}},
        },
        "fr": {"settings": {"b": {"name": "Nom"}}},
    }


def test_it_is_read_once(tmp_path: Path) -> None:
    path = _write(tmp_path, "a", "de/main.json", {"a": "b"})
    found = Translations((tmp_path,))
    assert found.by_language == {"de": {"a": "b"}}
    path.unlink()
    assert found.by_language == {"de": {"a": "b"}}


@pytest.mark.parametrize(
    "text", ["{", "[1]", '"text"', "[" * 100_000, '{"a": NaN}', '{"a": ' * 100 + "1" + "}" * 100, "\x00", "1" * 5000]
)
def test_what_is_bad_is_told_and_left_out(text: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    _write(tmp_path, "bad", "de/main.json", text)
    _write(tmp_path, "good", "de/main.json", {"a": "b"})
    assert Translations((tmp_path,)).by_language == {"de": {"a": "b"}}
    assert "bad/locales/de/main.json is left out" in caplog.text


def test_large_files_and_files_from_elsewhere_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(translations, "LARGEST", 10)
    _write(tmp_path / "packs", "large", "de/main.json", {"a": "a long text"})
    (tmp_path / "secret.json").write_text('{"a":1}', encoding="utf-8")
    (tmp_path / "packs" / "large" / "locales" / "de" / "commands.json").symlink_to(tmp_path / "secret.json")
    assert Translations((tmp_path / "packs",)).by_language == {}
    assert "longer than" in caplog.text


def test_texts_replace_objects_and_objects_replace_texts() -> None:
    into: dict[str, Any] = {"a": "text", "b": {"c": 1}}
    more = {"a": {"d": 2}, "b": "text"}
    merge(into, more)
    assert into == {"a": {"d": 2}, "b": "text"}
    merge(into, {"a": {"e": 3}})
    assert more == {"a": {"d": 2}, "b": "text"}, "what is merged in is not changed"
