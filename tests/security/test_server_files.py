"""Files that clients of a server name, send and get back (threats 12, 13, 15 to 19, 25, 39, 40)."""

from __future__ import annotations

import io
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image

from tests.server.house import House

ESCAPES = [
    "..", "../secret.png", "../../secret.png", "a/../../secret.png", "..\\secret.png", "a\\..\\..\\secret.png",
    "/etc/passwd", "\\\\server\\share\\x", "//server/x", "C:\\x", "C:/x", "c:x", "x\0.png", "x\n", "con", "NUL.png",
    "com1.txt", "a./x", "x ", "x.", "....//x", "\ud800", "x" * 5000, "../" * 200 + "x", "<img onerror=x>", "a|b", "*",
]  # fmt: skip
RUNNABLE = ["x.html", "x.svg", "x.xml", "x.js", "x.xhtml", "x.mjs", "x.pdf", "x", "x.htm", "x.png.html"]
STATE = ["comfy.settings.json", "COMFY.SETTINGS.json", "a/../comfy.settings.json", "../../ldm_nodes.sqlite3"]
TWICE_QUOTED = ["%2e%2e%2fsecret.png", "..%2fsecret.png", "%252e%252e/secret.png"]


def _quoted(name: str) -> str:
    return quote(name, safe="", errors="surrogatepass")


def _png(alpha: int | None = None) -> bytes:
    buffer = io.BytesIO()
    picture = Image.new("RGB", (4, 3), (255, 0, 0)) if alpha is None else Image.new("RGBA", (4, 3), (255, 0, 0, alpha))
    picture.save(buffer, "png")
    return buffer.getvalue()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file beside the folders, which nobody may see."""
    path = tmp_path / "secret.png"
    path.write_bytes(b"a secret")
    return path


def _files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and "sqlite" not in path.name)
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@pytest.mark.parametrize("name", [*ESCAPES, *TWICE_QUOTED], ids=range(len(ESCAPES) + len(TWICE_QUOTED)))
def test_line_12_no_name_leads_out_of_the_folders(house: House, secret: Path, name: str) -> None:
    text = _quoted(name)
    for path in (
        f"/view?filename={text}", f"/view?filename={text}%20%5Binput%5D", f"/view?filename=secret.png&subfolder={text}",
        f"/view?filename={text}&type=temp", f"/userdata/{text}", f"/userdata?dir={text}", f"/v2/userdata?path={text}",
        f"/models/{text}", f"/view_metadata/checkpoints?filename={text}", f"/view_metadata/{text}?filename=x",
        f"/experiment/models/{text}", f"/experiment/models/preview/checkpoints/0/{text}", f"/graphs/{text}",
        f"/internal/files/{text}", f"/{text}", f"/templates/{text}", f"/extensions/{text}",
    ):  # fmt: skip
        answer = house.get(path)
        assert answer.status in (200, 400, 403, 404, 421), path
        assert b"a secret" not in answer.body, path
        assert answer.status != 200 or answer.json in ([], {}), path


@pytest.mark.parametrize("name", ESCAPES, ids=range(len(ESCAPES)))
def test_line_12_and_16_uploads_land_below_the_folders_or_nowhere(
    house: House, tmp_path: Path, secret: Path, name: str
) -> None:
    before = _files(tmp_path)
    if name.isprintable() and "\ud800" not in name:
        house.upload("/upload/image", {}, name, b"data")
    house.upload("/upload/image", {"subfolder": name.replace("\ud800", "..")}, "x.png", b"data")
    house.upload("/upload/image", {"type": name.replace("\ud800", "..")}, "x.png", b"data")
    house.ask("POST", f"/userdata/{_quoted(name)}", raw=b"data")
    house.ask("POST", "/userdata/fine.txt", raw=b"data")
    house.ask("POST", f"/userdata/fine.txt/move/{_quoted(name)}")
    house.ask("DELETE", f"/userdata/{_quoted(name)}")
    added = {path for path in _files(tmp_path) if path not in before}
    assert all(path.startswith(("input/", "user/default/")) for path in added), added
    assert secret.read_bytes() == b"a secret"


def test_line_12_values_of_widgets_are_names_of_files_that_there_are(house: House) -> None:
    for name in ("../secret.png", "/etc/passwd", "x.png [output]", "..\\x"):
        answer = house.post("/prompt", {"prompt": {"1": {"class_type": "Opened", "inputs": {"name": name}}}})
        assert answer.status == 400


def test_line_13_links_that_lead_out_are_not_followed(house: House, tmp_path: Path, secret: Path) -> None:
    (tmp_path / "output" / "link.png").symlink_to(secret)
    (tmp_path / "output" / "folder").symlink_to(tmp_path)
    (tmp_path / "user" / "default").mkdir(parents=True)
    (tmp_path / "user" / "default" / "link.png").symlink_to(secret)
    (tmp_path / "input" / "out").symlink_to(tmp_path)
    assert house.get("/view?filename=link.png").status == 404
    assert house.get("/view?filename=secret.png&subfolder=folder").status == 404
    assert house.get("/userdata/link.png").status == 403
    assert house.get("/userdata?dir=.&recurse=true").json == []
    assert house.upload("/upload/image", {"subfolder": "out"}, "x.png", b"data").status == 400
    assert not (tmp_path / "x.png").exists()


@pytest.mark.parametrize(
    "name", ["x.html", "x.svg", "x.xml", "x.js", "x.xhtml", "x.mjs", "x.pdf", "x", "x.htm", "x.png.html"]
)
def test_line_15_what_a_browser_could_run_is_saved_not_shown(house: House, name: str) -> None:
    assert house.upload("/upload/image", {}, name, b"<script>alert(1)</script>").status == 200
    house.ask("POST", f"/userdata/{name}", raw=b"<script>alert(1)</script>")
    for path in (f"/view?filename={name}&type=input", f"/userdata/{name}"):
        headers = house.get(path).headers
        assert headers["content-type"] == "application/octet-stream"
        assert headers["content-disposition"].startswith("attachment")
        assert headers["x-content-type-options"] == "nosniff"


def test_line_15_a_page_called_a_picture_stays_a_broken_picture(house: House) -> None:
    house.upload("/upload/image", {}, "x.png", b"<script>alert(1)</script>")
    answer = house.get("/view?filename=x.png&type=input")
    assert (answer.headers["content-type"], answer.headers["x-content-type-options"]) == ("image/png", "nosniff")
    assert house.get("/view?filename=x.png&type=input&preview=webp").status == 404


@pytest.mark.parametrize("name", STATE)
def test_line_17_settings_and_state_are_no_user_data(house: House, tmp_path: Path, name: str) -> None:
    (tmp_path / "ldm_nodes.toml").write_text("token = 'hush'")
    house.post("/settings", {"a": 1})
    assert house.get(f"/userdata/{_quoted(name)}").status in (403, 404)
    assert house.ask("POST", f"/userdata/{_quoted(name)}", raw=b"{}").status == 403
    assert house.get("/userdata?dir=.&recurse=true").json == []
    assert house.get("/settings").json == {"a": 1}


def test_line_18_names_of_settings_hold_no_line_breaks(house: House, tmp_path: Path) -> None:
    assert house.post("/settings", {"a\r\nb": 1}).status == 400
    assert house.post("/settings/a%0D%0Ab", 1).status == 400
    assert house.post("/settings", {"a": "x\r\n[section]\r\nlevel=weak"}).status == 200
    lines = (tmp_path / "user" / "default" / "comfy.settings.json").read_text().splitlines()
    assert not [line for line in lines if line.startswith(("[", "level"))]


def test_line_19_missing_and_forbidden_files_get_the_same_answer(house: House, secret: Path) -> None:
    missing = house.get("/view?filename=nothing.png&subfolder=a/b")
    for subfolder in ("..", "../..", "/etc", "a/../.."):
        answer = house.get(f"/view?filename=secret.png&subfolder={_quoted(subfolder)}")
        assert (answer.status, answer.body) == (missing.status, missing.body)
    assert secret.exists()


def test_line_25_pictures_that_unfold_beyond_all_measure_are_not_drawn(house: House, tmp_path: Path) -> None:
    picture = _png()
    huge = picture.replace((4).to_bytes(4, "big") + (3).to_bytes(4, "big"), (60_000).to_bytes(4, "big") * 2)
    (tmp_path / "output" / "bomb.png").write_bytes(huge)
    assert house.get("/view?filename=bomb.png&preview=webp").status == 404
    reference = json.dumps({"filename": "bomb.png", "type": "output"})
    assert house.upload("/upload/mask", {"original_ref": reference}, "mask.png", _png(7)).status == 400
    (tmp_path / "output" / "fine.png").write_bytes(picture)
    reference = json.dumps({"filename": "fine.png", "type": "output"})
    assert house.upload("/upload/mask", {"original_ref": reference}, "mask.png", huge).status == 400


def test_line_39_bodies_beyond_the_limit_are_refused(house: House, tmp_path: Path) -> None:
    large = b"x" * ((1 << 20) + 10)
    assert house.ask("POST", "/prompt", raw=large).status == 413
    assert house.ask("POST", "/userdata/x", raw=large).status == 413
    assert house.upload("/upload/image", {}, "x.png", large).status == 413
    assert not list((tmp_path / "input").iterdir())


@pytest.mark.parametrize("kind", [
    "multipart/form-data", "multipart/form-data; boundary=", f"multipart/form-data; boundary={'x' * 5000}",
    "multipart/form-data; boundary=a", "application/json", "multipart/mixed; boundary=a",
    "multipart/form-data; boundary=\x01",
])  # fmt: skip
def test_line_39_forms_that_are_none_are_refused(house: House, kind: str) -> None:
    bodies = (b"", b"--a", b"--a\r\n\r\n", b"--a\r\n" * 1000, b"--a\r\nContent-Disposition: form-data\r\n\r\n\r\n--a--")
    for raw in bodies:
        assert house.ask("POST", "/upload/image", headers={"Content-Type": kind}, raw=raw).status in (400, 413)


def test_line_39_forms_with_many_fields_are_refused(house: House) -> None:
    fields = {f"field{number}": "x" for number in range(50)}
    assert house.upload("/upload/image", fields, "x.png", b"data").status == 400
    assert house.upload("/upload/image", {"subfolder": "x" * (1 << 17)}, "x.png", b"data").status == 413


def test_line_39_deep_and_odd_json_is_refused(house: House) -> None:
    for raw in (
        b"[" * 100_000,
        b'{"prompt": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b"1" * 100_000,
        b"\xff\xfe",
        b"",
        b"null",
    ):
        for path in ("/prompt", "/jobs", "/queue", "/history", "/settings"):
            status = house.ask("POST", path, raw=raw).status
            assert status == 400 or (path, raw) in (("/queue", b""), ("/history", b""), ("/settings", b"")), (
                path,
                raw[:9],
            )


def test_line_40_no_answer_names_private_folders(house: House, tmp_path: Path) -> None:
    for path in ("/history", "/object_info", "/internal/folder_paths", "/experiment/models", "/models/checkpoints",
                 "/internal/logs", "/internal/logs/raw", "/system_stats", "/view?filename=x", "/jobs"):  # fmt: skip
        answer = house.get(path).text
        assert str(tmp_path) not in answer, path
        assert str(Path.home()) not in answer, path
