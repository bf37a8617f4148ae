"""The packs of a running program: loaded beside whatever goes on, waited for by whoever needs nodes, loaded again."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from .loader import Loader
from .pack import Pack
from .report import PackReport
from .scan import scan

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
"""How often files of a watched pack are looked at."""


class PackHouse:
    """All packs of one program.

    Args:
        loader: loads them.
        packs: which.
    """

    def __init__(self, loader: Loader, packs: Sequence[Pack]) -> None:
        self._loader = loader
        self._packs = tuple(packs)
        self._reports: dict[str, PackReport] = {}
        self._ready = threading.Event()
        if not self._packs:
            self._ready.set()

    @property
    def reports(self) -> tuple[PackReport, ...]:
        """What became of the packs that have been loaded so far."""
        return tuple(self._reports.values())

    def ask(self) -> None:
        """Ask the user about packs that are new or have changed, before anything else is written on the terminal."""
        for pack in self._packs:
            self._loader.allowed(pack, scan(pack))

    def start(self) -> None:
        """Load all packs on a thread of their own."""
        if self._packs:
            threading.Thread(target=self.load, name="ldm-nodes packs", daemon=True).start()

    def load(self) -> None:
        """Load all packs."""
        try:
            for pack in self._packs:
                for report in self._loader.load([pack]):
                    self._reports[pack.name] = report
        finally:
            self._ready.set()
        loaded = [report for report in self.reports if report.nodes]
        nodes = sum(len(report.nodes) for report in loaded)
        log.info("%d of %d packs are loaded, with %d nodes.", len(loaded), len(self._packs), nodes)

    def is_ready(self) -> bool:
        """Say whether all packs have been loaded or given up."""
        return self._ready.is_set()

    def wait(self) -> None:
        """Return when all packs have been loaded or given up."""
        self._ready.wait()

    def reload(self, name: str) -> PackReport:
        """Load a pack again after its code was changed; models that are in memory stay there.

        Raises:
            KeyError: there is no such pack.
        """
        pack = next((pack for pack in self._packs if pack.name == name), None)
        if pack is None:
            raise KeyError(f"There is no pack {name!r}.")
        before = self._reports.get(name)
        if before is not None:
            self._loader.registry.remove(*before.nodes)
        _forget(pack)
        fresh = Pack(pack.name, pack.path, pack.module)  # whose digest is that of the code as it is now
        (report,) = self._loader.load([fresh])
        self._reports[name] = report
        return report

    def watch(self, tell: Callable[[PackReport], None], stop: threading.Event) -> None:
        """Load every pack again whose files change, until somebody says stop."""
        self.wait()
        known = {pack.name: _stamps(pack) for pack in self._packs}
        while not stop.wait(LOOK_SECONDS):
            for pack in self._packs:
                if (now := _stamps(pack)) != known[pack.name]:
                    known[pack.name] = now
                    began = time.perf_counter()
                    report = self.reload(pack.name)
                    tell(replace(report, seconds=time.perf_counter() - began))


def _forget(pack: Pack) -> None:
    """Take a pack's modules out of `sys.modules`, so that they are run again."""
    name = pack.module_name
    for known in [known for known in sys.modules if known == name or known.startswith(f"{name}.")]:
        del sys.modules[known]


def _stamps(pack: Pack) -> dict[str, tuple[int, int]]:
    found = {}
    for path in pack.files():
        if path.suffix == ".py":
            state = path.stat()
            found[str(path)] = (state.st_mtime_ns, state.st_size)
    return found
