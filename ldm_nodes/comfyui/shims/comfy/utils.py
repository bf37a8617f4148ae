"""`comfy.utils`: progress bars, resizing, tiles, and weights in files."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ....imaging.resize import METHODS, resize
from ....models.checkpoint import open_checkpoint
from ....models.tiles import tiled
from ...executing import executing

PROGRESS_BAR_ENABLED = True
PROGRESS_BAR_HOOK: Callable[..., Any] | None = None
MMAP_TORCH_FILES = False


def set_progress_bar_enabled(enabled: bool) -> None:
    """Let packs know whether to draw bars of their own."""
    globals()["PROGRESS_BAR_ENABLED"] = enabled


def set_progress_bar_global_hook(function: Callable[..., Any] | None) -> None:
    """Set what hears of progress beside the node at work: `function(value, total, preview, node_id=None)`."""
    globals()["PROGRESS_BAR_HOOK"] = function


class ProgressBar:
    """Tells how far the node at work is; every update stops the node if somebody asked for that."""

    def __init__(self, total: float, node_id: str | None = None) -> None:
        self.total, self.current, self.node_id = total, 0.0, node_id
        self.hook = PROGRESS_BAR_HOOK

    def update_absolute(self, value: float, total: float | None = None, preview: Any = None) -> None:
        """Tell that `value` of `total` steps are done, with a look at them: `(format, picture, longest side)`."""
        self.total = self.total if total is None else total
        self.current = min(value, self.total)
        if self.hook is not None:
            self.hook(self.current, self.total, preview, node_id=self.node_id)
        if (context := executing()) is not None:
            context.progress(self.current, self.total, preview[1] if isinstance(preview, tuple) else preview)

    def update(self, value: float) -> None:
        """Tell that so many more steps are done."""
        self.update_absolute(self.current + value)


def common_upscale(samples: Tensor, width: int, height: int, upscale_method: str, crop: str) -> Tensor:
    """Resize (B, C, H, W), or videos (B, C, T, H, W) picture by picture; `center` cuts to the new shape first."""
    method = upscale_method if upscale_method in METHODS else "bilinear"
    kept = "center" if crop == "center" else "disabled"
    if samples.ndim != 5:
        return resize(samples, int(width), int(height), method, kept)
    batch, frames = samples.shape[0], samples.shape[2]
    flat = resize(samples.movedim(2, 1).flatten(0, 1), int(width), int(height), method, kept)
    return flat.view(batch, frames, *flat.shape[1:]).movedim(1, 2)


def lanczos(samples: Tensor, width: int, height: int) -> Tensor:
    """Resize pictures (B, C, H, W) by Pillow's filter, in 8 bits."""
    return resize(samples, width, height, "lanczos")


def bislerp(samples: Tensor, width: int, height: int) -> Tensor:
    """Resize latents (B, C, H, W) along arcs between directions."""
    return resize(samples, width, height, "bislerp")


def load_torch_file(
    ckpt: str | Path, safe_load: bool = False, device: torch.device | str | None = None, return_metadata: bool = False
) -> Any:
    """Return the tensors of a file; code in it is never run, whatever `safe_load` says."""
    checkpoint = open_checkpoint(Path(ckpt))
    loaded = {name: stored.load(None, device or "cpu") for name, stored in checkpoint.tensors.items()}
    if loaded and all(name.startswith("state_dict.") for name in loaded):
        loaded = {name.removeprefix("state_dict."): tensor for name, tensor in loaded.items()}
    return (loaded, dict(checkpoint.metadata)) if return_metadata else loaded


def save_torch_file(sd: Mapping[str, Tensor], ckpt: str | Path, metadata: Mapping[str, str] | None = None) -> None:
    """Write tensors to a safetensors file."""
    from safetensors.torch import save_file

    tensors = {name: tensor.contiguous() for name, tensor in sd.items()}
    save_file(tensors, str(ckpt), metadata=dict(metadata) if metadata else None)


def safetensors_header(safetensors_path: str, max_size: int = 100 * 1024 * 1024) -> bytes | None:
    """Return the bytes of a file's table of contents, None if it is longer than `max_size`."""
    with open(safetensors_path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        return file.read(length) if length <= max_size else None


def safetensors_metadata(safetensors_path: str) -> Any:
    """Return the texts in a file's header."""
    header = safetensors_header(safetensors_path)
    return {} if header is None else json.loads(header).get("__metadata__", {})


def calculate_parameters(sd: Mapping[str, Tensor], prefix: str = "") -> int:
    """Return how many numbers the tensors of this prefix hold."""
    return sum(tensor.nelement() for name, tensor in sd.items() if name.startswith(prefix))


def weight_dtype(sd: Mapping[str, Tensor], prefix: str = "") -> torch.dtype | None:
    """Return the number type that most numbers of this prefix have."""
    counts: dict[torch.dtype, int] = {}
    for name, tensor in sd.items():
        if name.startswith(prefix):
            counts[tensor.dtype] = counts.get(tensor.dtype, 0) + tensor.numel()
    return max(counts, key=lambda dtype: counts[dtype]) if counts else None


def state_dict_key_replace(state_dict: dict[str, Tensor], keys_to_replace: Mapping[str, str]) -> dict[str, Tensor]:
    """Give tensors other names, in place."""
    for old, new in keys_to_replace.items():
        if old in state_dict:
            state_dict[new] = state_dict.pop(old)
    return state_dict


def state_dict_prefix_replace(
    state_dict: dict[str, Tensor], replace_prefix: Mapping[str, str], filter_keys: bool = False
) -> dict[str, Tensor]:
    """Give tensors other prefixes, in place; with `filter_keys` return those alone, and leave the others."""
    out: dict[str, Tensor] = {} if filter_keys else state_dict
    for old, new in replace_prefix.items():
        for name in [name for name in state_dict if name.startswith(old)]:
            out[new + name[len(old) :]] = state_dict.pop(name)
    return out


def convert_sd_to(state_dict: dict[str, Tensor], dtype: torch.dtype) -> dict[str, Tensor]:
    """Cast all tensors, in place."""
    state_dict.update({name: tensor.to(dtype) for name, tensor in state_dict.items()})
    return state_dict


def get_attr(obj: Any, attr: str) -> Any:
    """Return what a dotted path leads to."""
    return functools.reduce(getattr, attr.split("."), obj)


def set_attr(obj: Any, attr: str, value: Any) -> Any:
    """Put a value where a dotted path leads, and return what was there."""
    *path, name = attr.split(".")
    owner = functools.reduce(getattr, path, obj)
    before = getattr(owner, name)
    setattr(owner, name, value)
    return before


def set_attr_param(obj: Any, attr: str, value: Tensor) -> Any:
    """Put a tensor as a parameter where a dotted path leads, and return what was there."""
    return set_attr(obj, attr, torch.nn.Parameter(value, requires_grad=False))


def copy_to_param(obj: Any, attr: str, value: Tensor) -> None:
    """Copy numbers into the parameter that a dotted path leads to."""
    get_attr(obj, attr).data.copy_(value)


def repeat_to_batch_size(tensor: Tensor, batch_size: int, dim: int = 0) -> Tensor:
    """Return as many rows as asked for: repeated in turn, or cut."""
    size = tensor.shape[dim]
    if size < batch_size:
        times = [1] * tensor.ndim
        times[dim] = math.ceil(batch_size / size)
        tensor = tensor.repeat(times)
    return tensor.narrow(dim, 0, batch_size)


def resize_to_batch_size(tensor: Tensor, batch_size: int) -> Tensor:
    """Return as many rows as asked for, spread evenly over those that there are."""
    size = tensor.shape[0]
    if size == batch_size:
        return tensor
    if batch_size <= 1:
        return tensor[:batch_size]
    if batch_size < size:
        picked = [min(round(i * (size - 1) / (batch_size - 1)), size - 1) for i in range(batch_size)]
    else:
        picked = [min(math.floor((i + 0.5) * size / batch_size), size - 1) for i in range(batch_size)]
    return tensor[picked]


def reshape_mask(input_mask: Tensor, output_shape: Sequence[int]) -> Tensor:
    """Return a mask (H, W) or (B, H, W) or (B, C, H, W) resized to a latent's shape (B, C, h, w)."""
    mask = input_mask.reshape(-1, 1, *input_mask.shape[-2:]) if input_mask.ndim < 4 else input_mask
    mask = torch.nn.functional.interpolate(mask.float(), size=tuple(output_shape[-2:]), mode="bilinear")
    mask = mask.expand(-1, output_shape[1], -1, -1) if mask.shape[1] < output_shape[1] else mask
    return repeat_to_batch_size(mask, output_shape[0])


def get_tiled_scale_steps(width: int, height: int, tile_x: int, tile_y: int, overlap: int) -> int:
    """Return how many tiles a picture takes."""
    rows, columns = (
        1 if side <= tile else math.ceil((side - overlap) / (tile - overlap))
        for side, tile in ((height, tile_y), (width, tile_x))
    )
    return rows * columns


def tiled_scale(
    samples: Tensor,
    function: Callable[[Tensor], Tensor],
    tile_x: int = 64,
    tile_y: int = 64,
    overlap: int = 8,
    upscale_amount: float = 4,
    out_channels: int = 3,
    output_device: torch.device | str = "cpu",
    pbar: ProgressBar | None = None,
) -> Tensor:
    """Run a function over (B, C, H, W) in tiles that fade into each other; what fits in one tile is run whole."""

    def part(tile: Tensor) -> Tensor:
        result = function(tile).to(output_device)
        if pbar is not None:
            pbar.update(1)
        return result

    return tiled(part, samples, (tile_y, tile_x), overlap, upscale_amount)


def tiled_scale_multidim(
    samples: Tensor,
    function: Callable[[Tensor], Tensor],
    tile: tuple[int, int] = (64, 64),
    overlap: int = 8,
    upscale_amount: float = 4,
    out_channels: int = 3,
    output_device: torch.device | str = "cpu",
    downscale: bool = False,
    index_formulas: Any = None,
    pbar: ProgressBar | None = None,
) -> Tensor:
    """Run a function over (B, C, H, W) in tiles of (rows, columns); see `tiled_scale`."""
    if samples.ndim != 4 or len(tile) != 2:
        raise ValueError(f"Tiles are made of pictures (B, C, H, W) only; got the shape {tuple(samples.shape)}.")
    scale = 1 / upscale_amount if downscale else upscale_amount
    return tiled_scale(samples, function, tile[1], tile[0], overlap, scale, out_channels, output_device, pbar)
