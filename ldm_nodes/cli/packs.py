"""`ldm-nodes packs`: which node packs there are, what became of each, and what stands out in their files."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ..comfyui.packs.consent import Consent
from ..comfyui.packs.house import PackHouse
from ..comfyui.packs.loader import SECONDS, Loader
from ..comfyui.packs.pack import Pack, find_packs, installed_packs
from ..comfyui.packs.report import PackReport
from ..comfyui.packs.scan import Finding
from ..comfyui.shims.host import Host, Send, unheard
from ..comfyui.shims.install import install
from ..engine.registry import Registry
from ..nodes import builtin_registry
from ..settings import ExtraFolder, Folders
from .arguments import settings_of
from .model_paths import extra_folders

if TYPE_CHECKING:
    from rich.console import Console

FOLDER = "custom_nodes"
CONSENT = "packs.json"
SHOWN = 12


def run(arguments: argparse.Namespace) -> int:
    """Load the packs and tell what became of each; with a name, everything about that one."""
    settings = settings_of(arguments)
    folders = pack_folders(arguments.base_dir, arguments.packs, extra_folders(arguments.base_dir, [], []))
    wanted = [pack for pack in all_packs(folders) if arguments.name in ("", pack.name)]
    if arguments.name and not wanted:
        where = ", ".join(map(str, folders))
        print(f"There is no pack {arguments.name!r} in {where}, nor among what pip installed.", file=sys.stderr)
        return 2
    override = arguments.allow_override
    house = make_house(
        builtin_registry(), settings.folders, arguments.base_dir, wanted,
        trust=arguments.trust, override=override, seconds=arguments.load_seconds,
    )  # fmt: skip
    house.load()
    if arguments.json:
        print(json.dumps([report.to_json() for report in house.reports], indent=2))
    else:
        _show(house.reports, whole=bool(arguments.name))
    return 1 if any(report.trouble for report in house.reports) else 0


def pack_folders(base: Path, named: Iterable[Path], extra: Iterable[ExtraFolder]) -> tuple[Path, ...]:
    """Return the folders that packs are looked for in: those that were named, or the usual one, and the YAML's."""
    own = tuple(named) or (base / FOLDER,)
    return (*own, *(found.path for found in extra if found.kind == FOLDER))


def all_packs(folders: Iterable[Path]) -> tuple[Pack, ...]:
    """Return the packs in some folders and those that are installed; of two with one name that in a folder."""
    found = {pack.name: pack for pack in (*installed_packs(), *find_packs(folders))}
    return tuple(found.values())


def make_house(
    registry: Registry,
    folders: Folders,
    base: Path,
    packs: Iterable[Pack],
    *,
    trust: bool = False,
    override: Iterable[str] = (),
    seconds: float = SECONDS,
    send: Send = unheard,
) -> PackHouse:
    """Return the packs of a program, not loaded yet.

    Args:
        registry: where their nodes go.
        folders: the program's folders.
        base: where it is remembered which packs the user has looked through.
        packs: which.
        trust: nobody is asked.
        override: names of nodes that packs may replace.
        seconds: how long one may take to load.
        send: sends messages to clients.
    """
    ask = None if trust or not sys.stdin.isatty() else _ask
    consent = Consent(base / "user" / CONSENT, ask)
    host = Host(folders, registry, base, send=send)
    loader = Loader(registry, lambda: install(host), consent.allows, frozenset(override), seconds)
    return PackHouse(loader, tuple(packs))


def _ask(pack: Pack, findings: tuple[Finding, ...]) -> bool:
    """Show what stands out in a pack, and ask whether it may be loaded."""
    print(f"\nThe pack {pack.name} is new or has changed. Loading it runs its code. In its files:")
    for finding in findings[:SHOWN]:
        print(f"  {finding.file}:{finding.line}  {finding.what}  {finding.why}")
    if len(findings) > SHOWN:
        print(f"  … and {len(findings) - SHOWN} more; `ldm-nodes packs {pack.name}` lists them.")
    return input("Load it? [y/N] ").strip().lower() in ("y", "yes")


def _show(reports: Iterable[PackReport], whole: bool) -> None:
    from rich.console import Console

    console = Console(soft_wrap=True, highlight=False)
    for report in reports:
        _line(console, report)
        if whole:
            for finding in report.findings:
                console.print(f"  {finding.file}:{finding.line}  {finding.what}  {finding.why}", markup=False)
            for name in report.nodes:
                console.print(f"  {name}", markup=False)


def _line(console: Console, report: PackReport) -> None:
    cost = f"{report.seconds:.2f} s, {report.nbytes / (1 << 20):.0f} MB"
    found = f", {len(report.findings)} findings" if report.findings else ""
    console.print(f"{report.pack.name}: {report.state.value}, {len(report.nodes)} nodes, {cost}{found}", markup=False)
    for trouble in report.trouble:
        console.print(f"  {trouble.message}. {trouble.remedy}".rstrip(), markup=False)
        if trouble.traceback:
            console.print(trouble.traceback.rstrip(), markup=False)
    for name in report.patches:
        console.print(f"  It has replaced {name}, a part of ldm_nodes.", markup=False)
    for name in report.written:
        console.print(f"  It has changed the file {name}, which is not its own.", markup=False)
