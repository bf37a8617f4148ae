"""What nodes of the newer kind may ask of the program, and how a pack names its nodes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from ....executing import executing
from ...comfy_execution.progress import get_progress_state


class ComfyExtension(ABC):
    """A pack; its module's `comfy_entrypoint()` returns one."""

    async def on_load(self) -> None:  # noqa: B027 - packs need not have it
        """Do what must be done once."""

    @abstractmethod
    async def get_node_list(self) -> list[type]:
        """Return the classes of the pack's nodes."""


class ComfyAPISync:
    """The program, for functions that do not wait."""

    class Execution:
        """The run at work."""

        def set_progress(
            self,
            value: float,
            max_value: float,
            node_id: str | None = None,
            preview_image: Any = None,
            ignore_size_limit: bool = False,
        ) -> None:
            """Tell how far a node is, with a look at it: a picture of Pillow, or a tensor (H, W, 3).

            Raises:
                ValueError: when no node is named and none is at work.
            """
            context = executing()
            if node_id is None and context is None:
                raise ValueError("No node is at work: give set_progress a node_id.")
            name = node_id or (context.node_id if context is not None else "")
            get_progress_state().update_progress(name, value, max_value, _picture(preview_image))

    def __init__(self) -> None:
        self.execution = self.Execution()


class ComfyAPI:
    """The program, for coroutines."""

    class Execution:
        """The run at work."""

        async def set_progress(
            self,
            value: float,
            max_value: float,
            node_id: str | None = None,
            preview_image: Any = None,
            ignore_size_limit: bool = False,
        ) -> None:
            """Tell how far a node is; see `ComfyAPISync`."""
            ComfyAPISync.Execution().set_progress(value, max_value, node_id, preview_image, ignore_size_limit)

    def __init__(self) -> None:
        self.execution = self.Execution()


def _picture(image: Any) -> Any:
    if image is None or not hasattr(image, "detach"):
        return image
    first = image[0] if image.ndim == 4 else image
    return first.detach().float().clamp(0, 1).mul(255).byte().cpu().numpy()
