"""What other websites, other machines and strangers ask of a server (threats 1 to 10, 31, 41)."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from ldm_nodes.cli.arguments import parse
from ldm_nodes.cli.serve import access_of
from ldm_nodes.cli.serve_options import BadConfiguration
from ldm_nodes.server.access import Access
from ldm_nodes.server.app import make_app
from ldm_nodes.server.policy import POLICIES, Body, Policy
from ldm_nodes.server.routes import ROUTES
from ldm_nodes.server.site import Site
from tests.jobs.pack import graph_of
from tests.server.house import House, serving

GRAPH = {"prompt": graph_of()}
STRANGE_HOSTS = [
    "evil.test", "evil.test:8188", "127.0.0.1.evil.test", "localhost.evil.test", "192.168.0.7", "", "a b", "@127.0.0.1",
    "127.0.0.1/x", "[::1", "127.0.0.1:port",
]  # fmt: skip
TOKEN = "a-token-of-some-length"
JSON_POSTS = sorted({route.path for route in ROUTES if route.policy.body is Body.JSON and route.method == "POST"})
GETS = sorted({route.path for route in ROUTES if route.method == "GET" and route.path not in ("/ws",)})


def _browser(house: House, origin: str | None = None, **more: str) -> dict[str, str]:
    """Return the headers of a script on a page of the server itself."""
    own = {"Origin": origin or f"http://{house.host}", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
    return own | {"Content-Type": "application/json"} | {key.replace("_", "-"): value for key, value in more.items()}


def _queued(house: House) -> int:
    return house.desk.store.remaining()


def test_every_route_says_who_may_call_it(house: House) -> None:
    app = make_app(house.site)
    lawless = [str(route) for route in app.router.routes() if not isinstance(app[POLICIES].get(route), Policy)]
    assert not lawless


def test_a_route_without_a_rule_answers_nobody(tmp_path: Path) -> None:
    async def forgotten(request: web.Request) -> web.Response:
        return web.Response(text="secret")

    def with_forgotten(site: Site) -> web.Application:
        app = make_app(site)
        app.router.add_get("/forgotten", forgotten)
        return app

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.server.house.make_app", with_forgotten)
        with serving(tmp_path, works=False) as house:
            answer = house.get("/forgotten")
    assert answer.status == 403
    assert "secret" not in answer.text


def test_scripts_without_browser_headers_work_whatever_type_they_send(house: House) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}  # what urllib sends
    assert house.ask("POST", "/prompt", GRAPH, headers).status == 200


def test_pages_of_the_server_itself_work(house: House) -> None:
    assert house.ask("POST", "/prompt", GRAPH, _browser(house)).status == 200
    assert house.ask("POST", "/api/prompt", GRAPH, _browser(house)).status == 200


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.test",
        "https://evil.test",
        "http://127.0.0.1:1",
        "http://localhost",
        "null",
        "",
        "file://",
        "evil.test",
    ],
)
@pytest.mark.parametrize("path", ["/prompt", "/api/prompt"])
def test_line_1_and_2_another_origin_is_refused(house: House, origin: str, path: str) -> None:
    headers = {"Origin": origin, "Content-Type": "application/json"}
    answer = house.ask("POST", path, GRAPH, headers)
    assert (answer.status, answer.body) == (403, b"")
    assert _queued(house) == 0


@pytest.mark.parametrize("path", ["/history", "/view?filename=a.png", "/object_info", "/settings", "/"])
def test_another_origin_reads_nothing_either(house: House, path: str) -> None:
    assert house.get(path, Origin="http://evil.test").status == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
def test_line_3_fetch_metadata_of_another_site_is_refused(house: House, site: str) -> None:
    headers = {"Sec-Fetch-Site": site, "Content-Type": "application/json"}
    assert house.ask("POST", "/prompt", GRAPH, headers).status == 403
    assert house.get("/view?filename=a.png", Sec_Fetch_Site=site, Sec_Fetch_Mode="no-cors").status == 403
    assert _queued(house) == 0


def test_a_link_of_another_site_opens_the_page_but_no_data(house: House) -> None:
    link = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    assert house.get("/", **link).status == 200
    assert house.get("/history", **link).status == 403
    assert house.get("/", **{**link, "Sec_Fetch_Dest": "iframe"}).status == 403


def test_two_origins_are_nobodys(house: House) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", house.port)
    connection.putrequest("POST", "/prompt")
    for origin in (f"http://{house.host}", "http://evil.test"):
        connection.putheader("Origin", origin)
    connection.putheader("Content-Length", "0")
    connection.endheaders()
    assert connection.getresponse().status == 403
    connection.close()


@pytest.mark.parametrize("path", JSON_POSTS)
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"])
def test_line_4_forms_and_plain_text_are_refused_from_browsers(house: House, path: str, kind: str) -> None:
    address = path.replace("{id}", "some").replace("{name}", "some")
    headers = _browser(house) | {"Content-Type": kind}
    assert house.ask("POST", address, {"a": 1}, headers).status == 415


def test_the_official_clients_own_header_stands_for_the_type_that_it_leaves_out(house: House) -> None:
    headers = _browser(house) | {"Content-Type": "text/plain;charset=UTF-8", "Comfy-User": "default"}
    assert house.ask("POST", "/settings", {"a": 1}, headers).status == 200


def test_line_5_reading_changes_nothing(house: House, tmp_path: Path) -> None:
    house.queue()

    def state() -> tuple[object, ...]:
        files = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if "sqlite" not in path.name)
        return files, house.get("/queue").json, house.get("/history").json, house.get("/settings").json

    before = state()
    for path in GETS:
        address = path.replace("{name:.*}", "x").replace("{index}", "0")
        for part in ("id", "name", "prompt_id", "folder", "kind", "file"):
            address = address.replace(f"{{{part}}}", "checkpoints")
        if "events" not in address:
            assert house.get(address).status < 500, address
    assert state() == before


@pytest.mark.parametrize("host", STRANGE_HOSTS)
def test_line_6_another_name_for_this_machine_is_refused(house: House, host: str) -> None:
    answer = house.ask("POST", "/prompt", GRAPH, {"Host": host, "Origin": f"http://{host}"})
    assert answer.status in (400, 421)
    assert _queued(house) == 0


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9", "[::1]:8188", "LOCALHOST:8188", "127.8.8.8"])
def test_names_of_the_loopback_are_known(house: House, host: str) -> None:
    assert house.ask("GET", "/prompt", headers={"Host": host}).status == 200


def _refused(house: House, **headers: str) -> int:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        house.socket("me", **headers)
    return refusal.value.status


def test_line_7_sockets_of_other_origins_are_refused(house: House) -> None:
    assert _refused(house, Origin="http://evil.test") == 403
    assert _refused(house, Origin="null") == 403
    assert _refused(house, Host="evil.test") == 421
    assert house.socket("me", Origin=f"http://{house.host}").receive()


def test_line_7_sockets_without_the_token_are_refused(tmp_path: Path) -> None:
    with serving(tmp_path, works=False, access=Access(tokens={TOKEN: ""})) as house:
        assert _refused(house) == 401
        assert _refused(house, Authorization="Bearer wrong") == 401
        assert house.socket("me", Authorization=f"Bearer {TOKEN}").receive()


@pytest.mark.parametrize("listen", ["0.0.0.0", "::", "192.168.7.7", "127.0.0.1,0.0.0.0", "example.test"])
def test_line_8_other_machines_are_let_in_with_a_token_only(tmp_path: Path, listen: str) -> None:
    with pytest.raises(BadConfiguration, match="token"):
        access_of(parse(["serve", "--base-dir", str(tmp_path), "--listen", listen]))
    assert access_of(parse(["serve", "--base-dir", str(tmp_path), "--listen", listen, "--token", TOKEN])).addresses


def test_line_8_the_program_says_so_and_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ldm_nodes", "serve", "--base-dir", str(tmp_path), "--listen", "0.0.0.0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "token" in done.stderr
    assert not list(tmp_path.iterdir())


def test_line_9_no_answer_lets_other_origins_read_it(house: House) -> None:
    for origin in (f"http://{house.host}", "http://evil.test"):
        headers = house.get("/prompt", Origin=origin).headers
        assert not [name for name in headers if name.startswith("access-control-")]
    preflight = {"Origin": "http://evil.test", "Access-Control-Request-Method": "POST"}
    assert house.ask("OPTIONS", "/prompt", headers=preflight).status == 403


@pytest.mark.parametrize("path", ["/", "/page.js", "/prompt", "/nowhere", "/view?filename=..", "/history?max_items=x"])
def test_line_10_every_answer_carries_its_rules(house: House, path: str) -> None:
    headers = house.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_line_10_the_page_has_no_inline_script_or_style(house: House) -> None:
    text = house.get("/").text.lower()
    assert "<script>" not in text
    assert "<style" not in text
    assert "style=" not in text
    assert "javascript:" not in text
    assert " on" not in text.replace(" one", "").replace(" on this", "").replace(" on the", "")


def test_with_a_token_only_pages_and_health_are_open(tmp_path: Path) -> None:
    with serving(tmp_path, works=False, access=Access(tokens={TOKEN: ""})) as house:
        for path in GETS:
            expected = 200 if path in ("/health", "/login") else 401
            assert house.get(path.replace("{name:.*}", "x").replace("{", "").replace("}", "")).status == expected, path
        assert house.get("/").status == 200
        assert house.get("/prompt", Authorization=f"Bearer {TOKEN}").status == 200
        assert house.get("/prompt", Authorization=f"bearer {TOKEN}x").status == 401
        assert house.get(f"/prompt?token={TOKEN}").status == 401, "a token in a URL is a token in every log"


def test_a_browser_trades_the_token_for_a_cookie_that_does_not_tell_it(tmp_path: Path) -> None:
    with serving(tmp_path, works=False, access=Access(tokens={TOKEN: ""})) as house:
        assert house.ask("POST", "/login", {"token": "wrong"}, _browser(house)).status == 403
        answer = house.ask("POST", "/login", {"token": TOKEN}, _browser(house))
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert TOKEN not in cookie
        session = cookie.split(";")[0]
        assert house.ask("GET", "/prompt", headers={"Cookie": session}).status == 200
        form = {"Cookie": session, "Content-Type": "text/plain"}
        assert house.ask("POST", "/prompt", GRAPH, form).status == 415, "a cookie is a browser's"


def test_line_31_users_see_their_own_jobs_and_files_only(tmp_path: Path) -> None:
    tokens = {"token-of-anna": "anna", "token-of-bert": "bert", TOKEN: ""}
    with serving(tmp_path, works=False, access=Access(tokens=tokens)) as house:
        anna, bert, keeper = ({"Authorization": f"Bearer {token}"} for token in tokens)
        job_id = house.ask("POST", "/prompt", {**GRAPH, "client_id": "anna's"}, anna).json["prompt_id"]
        assert house.ask("POST", "/userdata/notes.txt", headers=anna, raw=b"mine").status == 200
        assert house.ask("GET", f"/jobs/{job_id}", headers=bert).status == 404
        assert house.ask("GET", "/queue", headers=bert).json["queue_pending"] == []
        assert house.ask("GET", "/prompt", headers=bert).json["exec_info"]["queue_remaining"] == 0
        assert house.ask("GET", "/userdata/notes.txt", headers=bert).status == 404
        assert house.ask("POST", f"/jobs/{job_id}/cancel", {}, bert).status == 404
        house.ask("POST", "/queue", {"clear": True, "delete": [job_id]}, bert)
        taken = house.ask("POST", "/prompt", {**GRAPH, "prompt_id": job_id}, bert)
        assert taken.status == 400
        assert house.ask("POST", "/jobs/pause", {}, bert).status == 403
        assert [item[1] for item in house.ask("GET", "/queue", headers=keeper).json["queue_pending"]] == [job_id]


def test_line_31_a_socket_of_another_user_with_the_same_id_hears_nothing(tmp_path: Path) -> None:
    tokens = {"token-of-anna": "anna", "token-of-bert": "bert"}
    with serving(tmp_path, access=Access(tokens=tokens)) as house:
        anna = {"Authorization": "Bearer token-of-anna"}
        spy = house.socket("anna's", Authorization="Bearer token-of-bert")
        spy.receive()
        job_id = house.ask("POST", "/prompt", {**GRAPH, "client_id": "anna's"}, anna).json["prompt_id"]
        house.finish(job_id)
        for _ in range(3):
            told = spy.receive()
            assert isinstance(told, dict)
            assert told["type"] == "status"
            assert told["data"]["status"]["exec_info"]["queue_remaining"] == 0
        house.ask("POST", "/prompt", {**GRAPH, "client_id": "anna's"}, {"Authorization": "Bearer token-of-bert"})
        assert job_id not in json.dumps(spy.until_end())


def test_line_41_tokens_are_compared_in_constant_time_and_shown_nowhere() -> None:
    access = Access(tokens={TOKEN: "anna", "other": "bert"})
    assert access.user_of(TOKEN, None) == "anna"
    assert access.user_of(TOKEN[:-1], None) is None
    assert access.user_of("", "") is None
    assert access.user_of(None, None) is None
    assert TOKEN not in repr(access)
