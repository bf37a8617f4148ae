"""What a server never does: run, fetch or install anything for a graph (threats 19, 26, 27, 32, 33, 37, 42)."""

from __future__ import annotations

import ast
import io
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import ldm_nodes
from ldm_nodes.cli.arguments import parse
from ldm_nodes.engine.errors import BadNode
from ldm_nodes.engine.spec import NodeOutput, node
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.server.app import make_app
from ldm_nodes.server.policy import READ, add_route
from ldm_nodes.server.routes import ROUTES
from tests.server.house import House

from .studio import copying, png, studio, upload

PACKAGE = Path(ldm_nodes.__file__).parent
ELSEWHERE = "http://192.0.2.1/x"
"""An address that is nobody's (RFC 5737)."""
TOOLS = {"training/recipes/emoji.py", "nodes/bounded_regex.py"}
"""What may start programs: a tool of developers, to which no graph and no request leads, and a regular expression that
must be ended when it takes too long, which starts this package's own worker and gives it text."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with studio(tmp_path) as house:
        yield house


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Collects what the process wants to connect to, but for itself, and which names it wants resolved."""
    found: list[Any] = []
    connect, resolve = socket.socket.connect, socket.getaddrinfo

    def connecting(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1"):
            found.append(address)
        connect(self, address)

    def resolving(host: Any, *more: Any, **named: Any) -> Any:
        if host not in ("127.0.0.1", "localhost", None):
            found.append(host)
        return resolve(host, *more, **named)

    monkeypatch.setattr(socket.socket, "connect", connecting)
    monkeypatch.setattr(socket, "getaddrinfo", resolving)
    return found


def _document() -> dict[str, Any]:
    """Return a workflow that names models, packs and scripts elsewhere."""
    where = {"name": "x.safetensors", "url": ELSEWHERE, "directory": "checkpoints"}
    properties = {"models": [where], "cnr_id": "evil", "aux_id": "evil/pack", "Node name for S&R": "Evil"}
    evil = {
        "id": 1,
        "type": "Evil",
        "inputs": [],
        "outputs": [],
        "properties": properties,
        "widgets_values": [ELSEWHERE],
    }
    return {"version": 0.4, "nodes": [evil], "links": [], "models": [where], "extra": {"scripts": [ELSEWHERE]}}


def _carrying(graph: Any) -> bytes:
    texts, buffer = PngInfo(), io.BytesIO()
    texts.add_text("workflow", json.dumps(graph))
    texts.add_text("prompt", json.dumps(copying("a.png")))
    Image.new("RGB", (8, 8)).save(buffer, "png", pnginfo=texts)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "prefix",
    ["../x", "../../x", "/tmp/x", "..\\x", "a/../../x", "C:\\x", "\\\\server\\x", "con", "x\0y", "~/x", "a\nb"],
)
def test_line_19_no_prefix_of_a_graph_leads_out(house: House, tmp_path: Path, prefix: str) -> None:
    upload(house, "a.png", png())
    graph = copying("a.png")
    graph["2"]["inputs"]["filename_prefix"] = prefix
    before = set(tmp_path.parent.rglob("*.png"))
    answer = house.post("/prompt", {"prompt": graph})
    if answer.status == 200:
        house.finish(answer.json["prompt_id"])
    added = set(tmp_path.parent.rglob("*.png")) - before
    assert all(path.is_relative_to(tmp_path / "output") for path in added), added
    assert not Path("/nowhere").exists()


def test_line_26_a_workflow_that_is_kept_runs_and_fetches_nothing(
    house: House, tmp_path: Path, asked: list[Any]
) -> None:
    before = sorted(path.name for path in (tmp_path / "models").rglob("*"))
    assert upload(house, "a.png", _carrying(_document())).status == 200
    assert house.post("/userdata/workflows%2Fa.json", _document()).status == 200
    for path in ("/view?filename=a.png&type=input", "/view?filename=a.png&type=input&preview=webp", "/object_info",
                 "/userdata/workflows%2Fa.json", "/graphs", "/extensions", "/workflow_templates"):  # fmt: skip
        assert house.get(path).status == 200, path
    assert house.get("/jobs").json["total"] == 0
    assert not list((tmp_path / "output").iterdir())
    assert sorted(path.name for path in (tmp_path / "models").rglob("*")) == before
    assert asked == []


def test_line_26_a_workflow_that_is_queued_fetches_nothing(house: House, asked: list[Any]) -> None:
    refused = house.post("/prompt", {"prompt": _document()})
    assert refused.status == 400
    graph = {"1": {"class_type": "Evil", "inputs": {"url": ELSEWHERE}}}
    assert house.post("/prompt", {"prompt": graph}).status == 400
    for name in (ELSEWHERE, "//192.0.2.1/share/a.png", "file:///etc/passwd"):
        assert house.post("/prompt", {"prompt": copying(name)}).status == 400
    assert asked == []


@pytest.mark.parametrize("command", ["validate", "convert", "requirements", "run"])
def test_line_26_python_that_is_no_exported_graph_is_never_executed(tmp_path: Path, command: str) -> None:
    trap, script = tmp_path / "trap", tmp_path / "graph.py"
    script.write_text(f"import os\nfrom ldm_nodes import Graph\nos.mkdir({str(trap)!r})\ng = Graph()\n")
    extra = [str(tmp_path / "out.json")] if command == "convert" else []
    arguments = parse([command, "--base-dir", str(tmp_path), str(script), *extra])
    assert arguments.command(arguments) != 0
    assert not trap.exists()


def _calls(tree: ast.AST) -> Iterator[str]:
    """Name what a module calls and imports."""
    for part in ast.walk(tree):
        match part:
            case ast.Call(func=func):
                yield ast.unparse(func)
            case ast.Import(names=names):
                yield from (alias.name.split(".")[0] for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.split(".")[0]


def _used(folder: str = "") -> dict[str, set[str]]:
    files = (PACKAGE / folder).rglob("*.py")
    return {path.relative_to(PACKAGE).as_posix(): set(_calls(ast.parse(path.read_text()))) for path in files}


def test_line_27_no_text_becomes_code() -> None:
    for path, used in _used().items():
        assert not used & {"eval", "exec", "compile", "__import__", "code", "codeop", "runpy"}, path


def test_line_32_no_route_installs_updates_or_restarts_anything(house: House) -> None:
    words = re.compile(
        r"install|update|upgrade|git|pip|reboot|restart|manager|custom|snapshot|exec|shell", re.IGNORECASE
    )
    assert not [route.path for route in ROUTES if words.search(route.path)]
    for path in (
        "/customnode/install",
        "/manager/reboot",
        "/api/customnode/install/git_url",
        "/v2/manager/queue/install",
    ):
        for method in ("GET", "POST"):
            assert house.ask(method, path, {"url": ELSEWHERE} if method == "POST" else None).status in (404, 405), path


def test_line_33_the_package_starts_no_other_program() -> None:
    starting = {
        "subprocess", "pip", "ensurepip", "venv", "pty", "os.system", "os.popen", "os.startfile", "os.execv",
        "os.execvp", "os.spawnv", "asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell",
    }  # fmt: skip
    assert {path for path, used in _used().items() if used & starting} <= TOOLS


def test_line_37_no_node_takes_the_name_of_another() -> None:
    @node("KSampler", category="evil", output=True)
    def evil() -> NodeOutput[None]:
        """Be another's sampler."""
        return NodeOutput(None, {})

    registry = builtin_registry()
    ours = registry["KSampler"].function
    with pytest.raises(BadNode, match="KSampler"):
        registry.register(evil)
    assert registry["KSampler"].function is ours


def test_line_37_no_route_takes_the_place_of_another(house: House) -> None:
    async def evil(_: web.Request) -> web.Response:
        return web.Response(text="evil")

    app = make_app(house.site)
    core = len(app.router.resources())
    add_route(app, "GET", "/prompt", evil, READ)
    first = next(resource for resource in app.router.resources() if resource.canonical == "/prompt")
    assert list(app.router.resources()).index(first) < core
    assert evil not in [route.handler for route in first]


def test_line_42_jobs_are_plain_text_and_no_worker_is_elsewhere() -> None:
    for path, used in _used("jobs").items():
        far = {"pickle", "multiprocessing", "ray", "socket", "ssl", "xmlrpc", "aiohttp", "http", "urllib", "torch"}
        assert not used & far, path
