"""What a running node may use beside its inputs: folders, the device, and the models already loaded.

Models and results share one `Memory`, so that one budget holds for both.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING

from .. import __version__
from ..engine.cache import OutputCache
from ..engine.disk_cache import DiskCache
from ..engine.memory import Memory
from ..settings import PREVIEW_METHODS, Folders, Settings
from .codecs import TensorCodec
from .digests import tensor_digest
from .fingerprints import code_stamp
from .machine import give_back, memory_limit
from .sizes import weigh

if TYPE_CHECKING:
    from ..models.devices import Compute
    from ..models.pool import ModelPool


@dataclass(frozen=True)
class Runtime:
    """One per process, and views of it for jobs; torch loads when a node first asks for a device or a model.

    Attributes:
        settings: how nodes work.
        whole: of a view, what it shares memory, device and models with.
    """

    settings: Settings
    whole: Runtime | None = None

    def for_job(self, user: str, preview: object = None) -> Runtime:
        """Return a view for one job.

        Args:
            user: whose inputs and outputs it has; empty for who sees everything.
            preview: how its client wants unfinished latents drawn, by one of `PREVIEW_METHODS`; anything else, and any
                wish where the server draws none, counts for nothing.
        """
        whole = self.whole or self
        settings = whole.settings
        wanted = PREVIEW_METHODS.get(preview) if isinstance(preview, str) else None
        drawn = settings.preview if wanted is None or settings.preview == "none" else wanted
        return Runtime(replace(settings, folders=whole.folders.of_user(user), preview=drawn), whole)

    @property
    def folders(self) -> Folders:
        """Where models, inputs and outputs are."""
        return self.settings.folders

    @cached_property
    def memory(self) -> Memory:
        """What is kept for later: loaded models and results of nodes."""
        if self.whole:
            return self.whole.memory
        budget = self.settings.cache.memory_bytes
        return Memory(memory_limit() // 2 if budget is None else budget, weigh, give_back)

    @cached_property
    def cache(self) -> OutputCache:
        """The results of nodes that may be used again."""
        if self.whole:
            return self.whole.cache
        return OutputCache(self.memory, self.settings.cache, self._disk(), tensor_digest)

    def _disk(self) -> DiskCache | None:
        cache = self.settings.cache
        return None if cache.folder is None else DiskCache(cache.folder, TensorCodec(), cache.folder_bytes, self._salt)

    @property
    def _salt(self) -> str:
        """What numbers depend on beside the graph: this code, torch, the device and how it computes."""
        settings = self.settings
        chosen = (settings.device, settings.precision, settings.noise)
        return repr((__version__, code_stamp(), version("torch"), platform.machine(), *chosen))

    @cached_property
    def compute(self) -> Compute:
        """The device and the precision that networks run in."""
        if self.whole:
            return self.whole.compute
        from ..models.devices import pick_compute

        return pick_compute(self.settings.device, self.settings.precision)

    @cached_property
    def pool(self) -> ModelPool:
        """The models that are loaded; where they lie on an accelerator, its memory bounds the budget too."""
        if self.whole:
            return self.whole.pool
        from ..models import devices
        from ..models.pool import ModelPool

        on_device = devices.memory(self.compute.device)
        if on_device is not None and self.settings.cache.memory_bytes is None:
            self.memory.budget_bytes = min(self.memory.budget_bytes, on_device[1] * 3 // 4)
        return ModelPool(self.memory, self.folders.of("embeddings"))
