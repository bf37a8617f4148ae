"""`ldm-nodes serve`: the server, its queue and the worker behind it, from the first request to a calm end."""

from __future__ import annotations

import argparse
import asyncio
import functools
import gc
import importlib
import logging
import shutil
import signal
import ssl
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiohttp import web

from ..comfyui.packs.house import PackHouse
from ..comfyui.packs.report import PackReport
from ..engine.catalogue import Installed
from ..engine.cost_model import default_path
from ..engine.documents import read_document
from ..engine.executor import Executor
from ..engine.registry import Registry
from ..jobs.costs import Costs
from ..jobs.desk import JobDesk
from ..jobs.dispatcher import Dispatcher
from ..jobs.errors import StoreUnavailable
from ..jobs.forecast import Forecast
from ..jobs.job import Job
from ..jobs.local import LocalBackend
from ..jobs.retention import Retention
from ..nodes import builtin_registry
from ..nodes.runtime import Runtime
from ..scripting.graph_file import found_in
from ..scripting.source import to_source
from ..server.access import Access, is_loopback, origin_of
from ..server.app import make_app
from ..server.door import Runner
from ..server.downloads.backend import DOWNLOAD, DownloadBackend
from ..server.downloads.download import Downloader
from ..server.files import DEVICES
from ..server.frontend import Frontend, NoFrontend
from ..server.hub import Hub
from ..server.logs import JsonFormatter, LogBook, log_job
from ..server.quota import Quota, Quotas
from ..server.site import Limits, Site
from ..server.translations import Translations
from ..server.user_files import DEFAULT_USER
from ..server.web_folders import find_web_folders
from ..settings import PREVIEW_METHODS, Folders, Settings
from .arguments import settings_of
from .download import format_of
from .model_paths import extra_folders
from .packs import all_packs, make_house, pack_folders
from .serve_options import BadConfiguration, forget_tokens
from .system_stats import system_stats

log = logging.getLogger(__name__)

DATABASE = "ldm_nodes.sqlite3"
WARM_UP_SECONDS = 2.0
"""How long the first requests have the machine to themselves before torch is loaded."""
SHOWN_COMMAND = ("ldm-nodes", "serve", "--disable-api-nodes")
"""What clients are told: nothing secret, and in ComfyUI's words that no node calls outside services. Its client then
asks none either, such as its maker's for news."""
SWITCH_SECONDS = 0.001
"""How long a thread that computes in Python keeps the event loop waiting, every time that the loop goes on. The usual
5 ms add up to 40 ms while a large graph is checked."""
REQUEST_SECONDS = 3.0
"""How long requests under way have when the server ends."""


def run(arguments: argparse.Namespace) -> int:
    """Serve until asked to stop."""
    forget_tokens()
    try:
        _tls(arguments)
        access = access_of(arguments)
        settings = _settings(arguments)
        frontend = Frontend.find(arguments.frontend)
        desk = JobDesk.open(arguments.base_dir / DATABASE, retention_of(arguments), arguments.on_start)
    except (BadConfiguration, NoFrontend, StoreUnavailable) as error:
        print(f"The server cannot start: {error}", file=sys.stderr)
        return 2
    book = _log_to(arguments, access)
    empty(settings.folders.temp)
    loaded = threading.Event()
    registry, costs = builtin_registry(), Costs(default_path())
    packs = _packs(arguments, settings)
    hub = Hub(previews=arguments.preview_method != "none")
    house = _house(arguments, settings, registry, hub)
    backend = LocalBackend(
        functools.partial(_executor, settings, loaded, registry, house),
        settings.folders,
        secrets=desk.secrets.of,
        fitted=fitted,
        costs=costs,
    )
    site = Site(
        registry=registry,
        folders=settings.folders,
        desk=desk,
        hub=hub,
        access=access,
        user_folder=arguments.user_directory or arguments.base_dir / "user",
        frontend=frontend,
        graphs=_graphs(arguments.base_dir),
        web_folders=find_web_folders(packs),
        translations=Translations(packs),
        limits=Limits(upload=int(arguments.max_upload_size * (1 << 20))),
        quotas=_quotas(arguments),
        logs=book,
        stats=functools.partial(system_stats, SHOWN_COMMAND),
        free=functools.partial(_free, backend),
        downloads=arguments.allow_downloads,
        foresees=loaded.is_set,
        forecast=Forecast(desk, registry, settings.folders, costs),
        to_python=functools.partial(_to_python, registry),
        packs=lambda: [report.to_json() for report in house.reports],
        nodes_ready=house.is_ready,
    )
    house.ask()
    desk.subscribe(log_job)
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        return asyncio.run(_serve(site, _dispatchers(site, backend), arguments, loaded, house))
    finally:
        desk.close()
        empty(settings.folders.temp)


def _dispatchers(site: Site, backend: LocalBackend[Runtime]) -> list[Dispatcher]:
    """Return who takes jobs: of graphs, and of downloads where they are allowed."""
    desk = site.desk
    found = [Dispatcher(desk.store, backend)]
    if site.downloads:
        downloads = DownloadBackend(Downloader(site.folders, format_of), desk.secrets.of)
        found.append(Dispatcher(desk.store, downloads, DOWNLOAD))
    return found


def _packs(arguments: argparse.Namespace, settings: Settings) -> tuple[Path, ...]:
    """Return the folders that packs are looked for in."""
    if arguments.disable_packs:
        return ()
    return pack_folders(arguments.base_dir, arguments.packs, settings.folders.extra)


def _house(arguments: argparse.Namespace, settings: Settings, registry: Registry, hub: Hub) -> PackHouse:
    """Return the packs to load: those in the folders and those that are installed, or the one that is worked on."""
    known = () if arguments.disable_packs else all_packs(_packs(arguments, settings))
    found = [pack for pack in known if arguments.only in ("", pack.name)]
    override = arguments.allow_override
    return make_house(registry, settings.folders, arguments.base_dir, found, send=hub.say, override=override)


def _quotas(arguments: argparse.Namespace) -> Quotas:
    return Quotas(Quota(arguments.upload_quota, "--upload-quota"), Quota(arguments.userdata_quota, "--userdata-quota"))


def retention_of(arguments: argparse.Namespace) -> Retention:
    """Return how much of what has been is kept."""
    return Retention(arguments.keep_jobs, arguments.keep_days, arguments.keep_size, arguments.keep_events)


def access_of(arguments: argparse.Namespace) -> Access:
    """Return who may come in.

    Raises:
        BadConfiguration: other machines could, without a token.
    """
    tokens = _tokens(arguments)
    addresses = arguments.listen.split(",")
    far = [address for address in addresses if not is_loopback(address)]
    if far and not tokens:
        raise BadConfiguration(
            f"Other machines could reach it on {', '.join(far)}, and it would obey them. Give it a token "
            "(LDM_NODES_TOKEN in the environment, or --token), or leave --listen out."
        )
    try:
        origin = origin_of(arguments.public_url) if arguments.public_url else ""
    except ValueError as error:
        raise BadConfiguration(f"--public-url: {error}.") from error
    hosts = {name.lower() for name in arguments.hosts} | ({_name_in(origin)} if origin else set())
    return Access(frozenset(hosts), frozenset({origin} - {""}), bool(far), tokens)


def _tokens(arguments: argparse.Namespace) -> dict[str, str]:
    """Return token to user; a user's name is that of his folders, on every system.

    Raises:
        BadConfiguration: a name is none for a folder, or a token is another user's too.
    """
    tokens = {arguments.token: ""} if arguments.token else {}
    for text in arguments.users:
        name, _, token = text.partition("=")
        if not (name.isascii() and name.isalnum() and token) or name.lower() == DEFAULT_USER or DEVICES.fullmatch(name):
            raise BadConfiguration(f"--user takes NAME=TOKEN, the name of letters and digits and not {DEFAULT_USER!r}.")
        if tokens.setdefault(token, name) != name:
            raise BadConfiguration(f"--user: the token of {name!r} is another one's too; give each his own.")
    names = set(tokens.values())
    if len({name.lower() for name in names}) < len(names):
        raise BadConfiguration("--user: names of users must differ in more than capitals.")
    return tokens


def _tls(arguments: argparse.Namespace) -> ssl.SSLContext | None:
    """Return how connections are encrypted; None where they are not.

    Raises:
        BadConfiguration: the certificate or its key cannot be used.
    """
    if not (arguments.tls_certfile or arguments.tls_keyfile):
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(arguments.tls_certfile, arguments.tls_keyfile)
    except (OSError, TypeError) as error:
        raise BadConfiguration(f"--tls-certfile and --tls-keyfile cannot be used together: {error}.") from error
    return context


def empty(folder: Path) -> None:
    """Delete what is in the folder of temporary files."""
    for path in folder.glob("*") if folder.is_dir() else ():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


async def _serve(
    site: Site,
    dispatchers: Sequence[Dispatcher],
    arguments: argparse.Namespace,
    loaded: threading.Event,
    house: PackHouse,
) -> int:
    runner = Runner(make_app(site), access_log=None, shutdown_timeout=REQUEST_SECONDS, keepalive_timeout=75)
    await runner.setup()
    try:
        for address in arguments.listen.split(","):
            await web.TCPSite(runner, address, arguments.port, ssl_context=_tls(arguments)).start()
    except OSError as error:
        print(
            f"The server cannot listen on {arguments.listen}, port {arguments.port}: {error.strerror}.", file=sys.stderr
        )
        await runner.cleanup()
        return 2
    for dispatcher in dispatchers:
        dispatcher.start()
    port = runner.addresses[0][1]
    shown = "localhost" if is_loopback(arguments.listen) else arguments.listen
    log.info("Listening on %s://%s:%d/", "https" if arguments.tls_certfile else "http", shown, port)
    house.start()
    stop = threading.Event()
    if arguments.only:
        threading.Thread(target=house.watch, args=(functools.partial(_told_again, site), stop), daemon=True).start()
    warm = asyncio.get_running_loop().call_later(WARM_UP_SECONDS, _warm_up, loaded)
    try:
        await _until_asked()
    finally:  # on Windows Ctrl-C comes as a cancellation
        warm.cancel()
        stop.set()
        log.info("Ending: the running job finishes within %g s or goes back into the queue.", arguments.patience)
        for dispatcher in dispatchers:
            await asyncio.to_thread(dispatcher.close, arguments.patience)
        await runner.cleanup()
    return 0


async def _until_asked() -> None:
    """Wait for Ctrl-C or a polite request to end; the second one ends at once."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def ask(number: int) -> None:
        asked.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: Ctrl-C ends `asyncio.run`
            loop.add_signal_handler(number, ask, number)
    await asked.wait()


def _executor(settings: Settings, loaded: threading.Event, registry: Registry, house: PackHouse) -> Executor[Runtime]:
    """Return what runs jobs; the first of them does not wait for the warm-up, but for the packs."""
    _load_torch(loaded)
    house.wait()
    runtime = Runtime(settings)
    return Executor(registry, runtime.cache, runtime)


def fitted(runtime: Runtime, job: Job) -> Runtime:
    """Return what a job's nodes may use: its owner's inputs and outputs, and previews as newer clients ask for them."""
    return runtime.for_job(job.owner, job.extra_data.get("preview_method"))


def _to_python(registry: Registry, document: Mapping[str, Any], folders: Folders) -> str:
    return to_source(found_in(read_document(document), Installed(registry, folders)).prompt, registry)


def _told_again(site: Site, report: PackReport) -> None:
    """Say that a pack was loaded again, in the log and to every page, which then asks for the nodes anew."""
    troubles = "; ".join(f"{trouble.message}. {trouble.remedy}" for trouble in report.trouble)
    log.info(
        "Pack %s: %s again in %.2f s, %d nodes. %s",
        report.pack.name, report.state, report.seconds, len(report.nodes), troubles,
    )  # fmt: skip
    site.hub.say("nodes_changed", {"pack": report.pack.name, "state": report.state.value, "trouble": troubles})


def _free(backend: LocalBackend[Runtime], unload_models: bool, free_memory: bool) -> None:
    """Forget models, or everything, once no job runs."""

    def forget(executor: Executor[Runtime]) -> None:
        memory = executor.runtime.memory
        if free_memory:
            memory.clear()
        elif unload_models:
            memory.drop([key for key in memory.ages() if not isinstance(key, bytes)])  # results have keys of bytes

    backend.between(forget)


def _warm_up(loaded: threading.Event) -> None:
    """Load torch beside what goes on, so that the first job need not."""
    threading.Thread(target=_load_torch, args=(loaded,), name="ldm-nodes warm-up", daemon=True).start()


def _load_torch(loaded: threading.Event) -> None:
    """Load it, and look for no garbage among what it made: all of it stays, and looking takes a tenth of a second.

    In that time no thread runs, so the event loop would stand still too.
    """
    importlib.import_module("torch")
    if not loaded.is_set():
        gc.freeze()
        loaded.set()


def _settings(arguments: argparse.Namespace) -> Settings:
    settings = settings_of(arguments)
    base = arguments.base_dir
    folders = Folders(
        base=base,
        output=arguments.output_directory or base / "output",
        input=arguments.input_directory or base / "input",
        temp=(arguments.temp_directory or base) / "temp",
        extra=extra_folders(base, arguments.model_paths, arguments.models_dirs),
    )
    for folder in (folders.output, folders.input, folders.temp):
        folder.mkdir(parents=True, exist_ok=True)
    return replace(settings, folders=folders, preview=PREVIEW_METHODS[arguments.preview_method])


def _log_to(arguments: argparse.Namespace, access: Access) -> LogBook:
    book = LogBook(access.tokens)
    lines = logging.StreamHandler()
    form = "%(asctime)s %(levelname)s %(message)s"
    lines.setFormatter(JsonFormatter() if arguments.log_format == "json" else logging.Formatter(form))
    logging.basicConfig(level=logging.INFO, handlers=[lines, book])
    return book


def _graphs(base: Path) -> Path | None:
    """Return the folder of example graphs: the user's, or those beside the sources."""
    places = (base / "graphs", Path(__file__).parents[2] / "graphs")
    return next((place for place in places if place.is_dir()), None)


def _name_in(origin: str) -> str:
    name, _, _ = origin.partition("://")[2].partition(":")
    return name
