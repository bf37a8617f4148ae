"""What a running node may use beside its inputs: folders, the device, and the models already loaded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ..settings import Folders, Settings

if TYPE_CHECKING:
    from ..models.devices import Compute
    from ..models.pool import ModelPool


@dataclass(frozen=True)
class Runtime:
    """One per process; torch loads when a node first asks for a device or a model."""

    settings: Settings

    @property
    def folders(self) -> Folders:
        """Where models, inputs and outputs are."""
        return self.settings.folders

    @cached_property
    def compute(self) -> Compute:
        """The device and the precision that networks run in."""
        from ..models.devices import pick_compute

        return pick_compute(self.settings.device, self.settings.precision)

    @cached_property
    def pool(self) -> ModelPool:
        """The models that are loaded."""
        from ..models.pool import ModelPool

        return ModelPool(embeddings=self.folders.of("embeddings"))
