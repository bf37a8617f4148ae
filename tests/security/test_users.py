"""Users of one server: each has pictures of his own, and finds no trace of the others' (threat 31)."""

from __future__ import annotations

import http.client
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from ldm_nodes.settings import Folders
from tests.server.house import House
from tests.server.program import PATIENCE, Program, running

from .studio import as_user, copying, made, png, studio, upload


def _files(base: Path) -> set[str]:
    kinds = ("input", "output", "temp")
    return {path.relative_to(base).as_posix() for kind in kinds for path in (base / kind).rglob("*") if path.is_file()}


def _view(house: House, user: str, name: str, kind: str, subfolder: str = "") -> int:
    query = urlencode({"filename": name, "type": kind, "subfolder": subfolder})
    return house.ask("GET", f"/view?{query}", headers=as_user(user)).status


def _choices(house: House, user: str) -> list[str]:
    found = house.ask("GET", "/object_info/LoadImage", headers=as_user(user)).json
    choices: list[str] = found["LoadImage"]["input"]["required"]["image"][0]
    return choices


def test_a_single_user_keeps_his_files_where_comfyui_has_them(tmp_path: Path) -> None:
    with studio(tmp_path) as house:
        assert upload(house, "a.png", png()).json == {"name": "a.png", "subfolder": "", "type": "input"}
        saved = made(house, copying("a.png"))["outputs"]["2"]["images"]
        assert saved == [{"filename": "copy_00001_.png", "subfolder": "", "type": "output"}]
        assert _files(tmp_path) == {"input/a.png", "output/copy_00001_.png"}
        assert house.get("/view?filename=copy_00001_.png").status == 200


def test_the_servers_own_token_changes_no_paths(tmp_path: Path) -> None:
    with studio(tmp_path, "keeper") as house:
        upload(house, "a.png", png(), "keeper")
        made(house, copying("a.png"), "keeper")
        assert _files(tmp_path) == {"input/a.png", "output/copy_00001_.png"}


def test_line_31_a_users_pictures_are_in_folders_of_his_own(tmp_path: Path) -> None:
    with studio(tmp_path, "anna", "bert") as house:
        assert upload(house, "a.png", png(), "anna").json == {"name": "a.png", "subfolder": "", "type": "input"}
        saved = made(house, copying("a.png"), "anna")["outputs"]["2"]["images"]
        previewed = made(house, copying("a.png", "PreviewImage"), "anna")["outputs"]["2"]["images"]
        assert _files(tmp_path) == {
            "input/users/anna/a.png",
            "output/users/anna/copy_00001_.png",
            f"temp/users/anna/{previewed[0]['filename']}",
        }
        shown = [("a.png", "input"), *((image["filename"], image["type"]) for image in (*saved, *previewed))]
        for name, kind in shown:
            assert _view(house, "anna", name, kind) == 200
            assert _view(house, "bert", name, kind) == 404
            for subfolder in ("users/anna", "../anna", "anna"):
                assert _view(house, "bert", name, kind, subfolder) in (400, 404)


def test_line_31_users_choose_among_their_own_pictures(tmp_path: Path) -> None:
    with studio(tmp_path, "anna", "bert", "keeper") as house:
        upload(house, "a.png", png(), "anna")
        made(house, copying("a.png"), "anna")
        assert "a.png" in _choices(house, "anna")
        assert not [name for name in _choices(house, "bert") if name.endswith("a.png")]
        assert "users/anna/a.png" in _choices(house, "keeper"), "who keeps the server sees everything"
        for kind in ("input", "output"):
            assert house.ask("GET", f"/internal/files/{kind}", headers=as_user("bert")).json == []
            assert len(house.ask("GET", f"/internal/files/{kind}", headers=as_user("anna")).json) == 1


def test_who_keeps_the_server_finds_the_pictures_of_its_users(tmp_path: Path) -> None:
    with studio(tmp_path, "anna", "keeper") as house:
        for user, colour in (("keeper", "blue"), ("anna", "red")):
            upload(house, "a.png", png(colour), user)
            made(house, copying("a.png"), user)
        job_id = house.ask("GET", "/jobs", headers=as_user("anna")).json["jobs"][0]["id"]
        for user, subfolder in (("anna", ""), ("keeper", "users/anna")):
            headers = as_user(user)
            entry = house.ask("GET", f"/history/{job_id}", headers=headers).json[job_id]
            shown = [
                entry["outputs"]["2"]["images"][0],
                house.ask("GET", f"/jobs/{job_id}", headers=headers).json["outputs"]["2"]["images"][0],
                house.ask("GET", "/jobs/pictures", headers=headers).json["pictures"][0],
            ]
            for image in shown:
                assert image["subfolder"] == subfolder
                found = house.ask("GET", f"/view?filename={image['filename']}&subfolder={subfolder}", headers=headers)
                assert found.body == (tmp_path / "output" / "users" / "anna" / "copy_00001_.png").read_bytes()


@pytest.mark.parametrize(
    "name",
    ["a.png", "users/anna/a.png", "../anna/a.png", "copy_00001_.png [output]", "../anna/copy_00001_.png [output]"],
)
def test_line_31_no_graph_of_another_user_reads_a_picture(tmp_path: Path, name: str) -> None:
    told: list[str] = []
    with studio(tmp_path, "anna", "bert") as house:
        upload(house, "a.png", png(), "anna")
        made(house, copying("a.png"), "anna")
        missing = name.replace("a.png", "b.png").replace("copy", "none")
        for asked in (name, missing):
            refused = house.ask("POST", "/prompt", {"prompt": copying(asked)}, as_user("bert"))
            assert refused.status == 400
            told.append(refused.text.replace(asked.removesuffix(" [output]"), "NAME"))
        assert told[0] == told[1], "what is another's and what is nowhere sound the same"


def test_line_31_a_mask_is_put_on_ones_own_pictures_only(tmp_path: Path) -> None:
    with studio(tmp_path, "anna", "bert") as house:
        upload(house, "a.png", png(), "anna")
        fields = {"original_ref": '{"filename": "a.png", "subfolder": "", "type": "input"}'}
        answer = house.upload("/upload/mask", fields, "m.png", png(), as_user("bert"))
        assert answer.status == 200
        assert _files(tmp_path) == {"input/users/anna/a.png"}, "nothing is kept where there is no such picture"


def test_line_31_what_another_has_run_is_neither_used_nor_told(tmp_path: Path) -> None:
    with studio(tmp_path, "anna", "bert") as house:
        for user in ("anna", "bert"):
            upload(house, "a.png", png(), user)
        told = []
        for user in ("anna", "bert", "bert"):
            messages = dict(made(house, copying("a.png"), user)["status"]["messages"])
            told.append(messages["execution_cached"]["nodes"])
        assert told == [[], [], ["1", "2"]]
        assert {"output/users/anna/copy_00001_.png", "output/users/bert/copy_00001_.png"} <= _files(tmp_path)


def test_what_concerns_all_users_is_the_keepers(tmp_path: Path) -> None:
    with studio(tmp_path, "anna", "keeper", downloads=True) as house:
        for method, path in (
            ("GET", "/metrics"),
            ("GET", "/internal/logs"),
            ("GET", "/internal/logs/raw"),
            ("POST", "/free"),
            ("POST", "/jobs/pause"),
            ("POST", "/jobs/resume"),
        ):
            body: dict[str, str] | None = {} if method == "POST" else None
            assert house.ask(method, path, body, as_user("anna")).status == 403, path
            assert house.ask(method, path, body, as_user("keeper")).status == 200, path


def test_names_of_users_are_folders_below_one_that_prefixes_do_not_meet(tmp_path: Path) -> None:
    folders = Folders.under(tmp_path)
    anna = folders.of_user("anna")
    assert folders.of_user("") is folders
    assert anna.of_user("anna") is anna
    assert anna.output == tmp_path / "output" / "users" / "anna"
    assert anna.of("embeddings") == folders.of("embeddings"), "models are everyone's"
    assert anna.of("checkpoints") != folders.of("checkpoints"), "but not those that a user has trained or saved"


def _ask(program: Program, user: str, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, Any]:
    headers = as_user(user) | ({"Content-Type": kind} if kind else {})
    connection = http.client.HTTPConnection("127.0.0.1", program.port, timeout=PATIENCE)
    try:
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    return answer.status, json.loads(text) if answer.headers.get_content_type() == "application/json" else text


@pytest.mark.slow
def test_the_program_keeps_its_users_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LDM_NODES_USER", "anna=token-of-anna,bert=token-of-bert")
    form = b'--e\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n' + png() + b"\r\n--e--\r\n"
    with running(tmp_path / "base", "--upload-quota", "6K") as program:
        kind = "multipart/form-data; boundary=e"
        assert _ask(program, "anna", "POST", "/upload/image", form, kind)[0] == 200
        status, told = _ask(program, "anna", "POST", "/upload/image", form.replace(b"a.png", b"b.png"), kind)
        assert (status, b"--upload-quota" in told) == (507, True)
        graph = json.dumps({"prompt": copying("a.png")}).encode()
        assert _ask(program, "bert", "POST", "/prompt", graph)[0] == 400
        job_id = _ask(program, "anna", "POST", "/prompt", graph)[1]["prompt_id"]
        end = time.monotonic() + PATIENCE
        while _ask(program, "anna", "GET", f"/jobs/{job_id}")[1]["state"] != "done":
            assert time.monotonic() < end, program.told
            time.sleep(0.05)
        path = "/view?filename=copy_00001_.png"
        assert [_ask(program, user, "GET", path)[0] for user in ("anna", "bert")] == [200, 404]
    assert _files(tmp_path / "base") == {"input/users/anna/a.png", "output/users/anna/copy_00001_.png"}
