from __future__ import annotations

from pathlib import Path

import pytest

from .house import House


@pytest.fixture
def stored(house: House) -> House:
    for name in ("workflows%2Fb.json", "workflows%2FA.json", "workflows%2Fsub%2Fc.json", "user.css"):
        assert house.ask("POST", f"/userdata/{name}", raw=b'{"a": 1}').status == 200
    return house


def test_a_file_is_kept_word_for_word(house: House, tmp_path: Path) -> None:
    answer = house.ask("POST", "/userdata/workflows%2Fa.json", raw=b' {"a":  1}')
    assert answer.json == "workflows/a.json"
    assert (tmp_path / "user" / "default" / "workflows" / "a.json").read_bytes() == b' {"a":  1}'
    shown = house.get("/api/userdata/workflows%2Fa.json")
    assert (shown.body, shown.headers["content-type"]) == (b' {"a":  1}', "application/json")


def test_what_there_is_is_replaced_unless_the_client_says_no(house: House) -> None:
    house.ask("POST", "/userdata/a.json", raw=b"1")
    assert house.ask("POST", "/userdata/a.json?overwrite=false", raw=b"2").status == 409
    assert house.get("/userdata/a.json").body == b"1"
    assert house.ask("POST", "/userdata/a.json?full_info=true", raw=b"22").json["size"] == 2
    assert house.get("/userdata/a.json").body == b"22"


def test_a_stale_tab_replaces_nothing(house: House) -> None:
    first = house.ask("POST", "/userdata/a.json", raw=b"1").headers["etag"]
    assert house.get("/userdata/a.json").headers["etag"] == first
    second = house.ask("POST", "/userdata/a.json", headers={"If-Match": first}, raw=b"22")
    assert second.status == 200
    stale = house.ask("POST", "/userdata/a.json", headers={"If-Match": first}, raw=b"333")
    assert (stale.status, house.get("/userdata/a.json").body) == (412, b"22")
    assert house.ask("POST", "/userdata/new.json", headers={"If-Match": first}, raw=b"4").status == 412


def test_files_are_listed_in_the_forms_of_the_contract(stored: House) -> None:
    def listed(query: str) -> object:
        return stored.get(f"/userdata?dir=workflows{query}").json

    assert listed("") == ["A.json", "b.json"]
    assert listed("&recurse=true") == ["A.json", "b.json", "sub/c.json"]
    assert listed("&recurse=true&split=true") == [
        ["A.json", "A.json"],
        ["b.json", "b.json"],
        ["sub/c.json", "sub", "c.json"],
    ]
    full = stored.get("/userdata?dir=workflows&full_info=true").json
    assert [set(entry) for entry in full] == [{"path", "size", "modified", "created"}] * 2
    assert full[0]["size"] == 8


def test_listing_says_why_it_cannot(house: House) -> None:
    missing = house.get("/userdata")
    assert (missing.status, missing.text) == (400, "Directory not provided")
    absent = house.get("/userdata?dir=nowhere")
    assert (absent.status, absent.text) == (404, "Directory not found")
    assert house.get("/userdata?dir=../..").status == 403


def test_the_second_form_lists_folders_first(stored: House) -> None:
    found = [(entry["type"], entry["path"]) for entry in stored.get("/v2/userdata").json]
    assert found == [
        ("directory", "workflows/sub"), ("directory", "workflows"),
        ("file", "workflows/A.json"), ("file", "workflows/b.json"), ("file", "workflows/sub/c.json"),
        ("file", "user.css"),
    ]  # fmt: skip
    assert stored.get("/v2/userdata?path=nowhere").status == 404
    assert stored.get("/v2/userdata?path=user.css").status == 400
    assert stored.get("/v2/userdata?path=../..").status == 400


def test_nothing_is_listed_for_a_user_who_has_kept_nothing(house: House) -> None:
    assert house.get("/v2/userdata").json == []
    assert house.get("/users").json == {"storage": "server", "migrated": False}


def test_files_are_moved_and_deleted(stored: House) -> None:
    assert stored.ask("POST", "/userdata/user.css/move/old%2Fuser.css").json == "old/user.css"
    assert stored.get("/userdata/user.css").status == 404
    assert stored.ask("POST", "/userdata/old%2Fuser.css/move/workflows%2Fb.json?overwrite=false").status == 409
    assert stored.ask("POST", "/userdata/nothing/move/else").status == 404
    assert stored.ask("DELETE", "/userdata/old%2Fuser.css").status == 204
    assert stored.ask("DELETE", "/userdata/old%2Fuser.css").status == 404


def test_settings_are_merged_and_asked_for_one_by_one(house: House) -> None:
    assert house.get("/settings").json == {}
    assert house.get("/settings/Comfy.Locale").json is None
    answer = house.post("/settings", {"a": 1, "b": [2]})
    assert (answer.status, answer.body) == (200, b"")
    assert house.post("/api/settings/Comfy.Locale", "de").status == 200
    assert house.ask("POST", "/settings/flag", raw=b"false").status == 200
    assert house.get("/settings").json == {"a": 1, "b": [2], "Comfy.Locale": "de", "flag": False}
    assert house.get("/settings/Comfy.Locale").json == "de"
    assert house.ask("POST", "/settings/a", raw=b"").status == 400


def test_users_are_not_made_over_the_network(house: House) -> None:
    assert house.post("/users", {"username": "eve"}).status == 400
