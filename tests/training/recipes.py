"""The configurations of the fixtures, shrunk by overrides until they train in a second."""

from __future__ import annotations

from pathlib import Path

import torch

from ldm_nodes.training.config import TrainingConfig, read_config
from ldm_nodes.training.loop import Step
from ldm_nodes.training.processes import Processes
from ldm_nodes.training.run import Job
from ldm_nodes.training.shard import WHOLE

CONFIGS = Path(__file__).parents[1] / "fixtures" / "configs"

_QUICK = (
    "data.params.batch_size=2", "data.params.num_workers=1", "data.params.train.size=16", "training.steps=4",
    "training.save_every=2", "training.sample_every=2", "training.samples=2", "training.sample_steps=2",
)  # fmt: skip
_AUTOENCODER = (
    "model.params.ddconfig.ch=32", "model.params.ddconfig.ch_mult=[1,1]", "model.params.ddconfig.num_res_blocks=1",
    "model.params.ddconfig.resolution=16", "model.params.ddconfig.attn_resolutions=[]",
    "model.params.lossconfig.params.disc_start=2", "model.params.lossconfig.params.disc_ndf=4",
    "model.params.lossconfig.params.disc_num_layers=1",
)  # fmt: skip
_FIRST_STAGE = "model.params.first_stage_config.params"
_UNET = "model.params.unet_config.params"
_DIFFUSION = (
    f"{_FIRST_STAGE}.ckpt_path=null", f"{_FIRST_STAGE}.ddconfig.ch=32", f"{_FIRST_STAGE}.ddconfig.ch_mult=[1,1]",
    f"{_FIRST_STAGE}.ddconfig.num_res_blocks=1", f"{_FIRST_STAGE}.ddconfig.attn_resolutions=[]",
    f"{_UNET}.image_size=8", f"{_UNET}.model_channels=32", f"{_UNET}.num_res_blocks=1",
    f"{_UNET}.channel_mult=[1]", f"{_UNET}.attention_resolutions=[1]", "model.params.timesteps=20",
)  # fmt: skip

SMALL: dict[str, tuple[str, ...]] = {
    "autoencoder_kl_64x64x3": (*_QUICK, *_AUTOENCODER),
    "autoencoder_vq_f8": (*_QUICK, *_AUTOENCODER, "model.params.n_embed=16"),
    "celebahq-ldm-vq-4": (*_QUICK, *_DIFFUSION, f"{_FIRST_STAGE}.n_embed=16"),
    "cin-ldm-vq-f8": (
        *_QUICK, *_DIFFUSION, f"{_FIRST_STAGE}.n_embed=16", f"{_UNET}.context_dim=16",
        "model.params.cond_stage_config.params.embed_dim=16", "model.params.cond_stage_config.params.n_classes=3",
        "model.params.condition_dropout=0.2",
    ),
    "inpainting_hybrid": (
        *_QUICK, *_DIFFUSION, f"{_UNET}.context_dim=16", f"{_UNET}.num_heads=2",
        "model.params.cond_stage_config.params.text_config="
        "{hidden_size: 16, layers: 1, heads: 2, intermediate: 32, vocab_size: 514, pad_token: 513, max_length: 8}",
    ),
}  # fmt: skip


def overrides_of(name: str, pictures: Path, *more: str) -> list[str]:
    """Return the overrides that shrink a fixture and give it data; later ones win."""
    given = [*SMALL[name], f"data.params.train.folder={pictures}", *more]
    if name == "inpainting_hybrid":
        merges = pictures.parent / "merges.txt"
        merges.write_text("#version: 0.2\n")
        given.append(f"model.params.cond_stage_config.params.merges={merges}")
    return given


def small(name: str, pictures: Path, *more: str) -> TrainingConfig:
    """Return a fixture shrunk, with data."""
    return read_config(CONFIGS / f"{name}.yaml", overrides_of(name, pictures, *more))


class Onlooker:
    """A watcher that remembers, and stops a run after some step if asked."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.steps: list[Step] = []
        self.notices: list[str] = []
        self.sheets: list[Path] = []
        self._stop_after = stop_after

    def step(self, step: Step) -> None:
        self.steps.append(step)

    def notice(self, message: str) -> None:
        self.notices.append(message)

    def sheet(self, path: Path) -> None:
        self.sheets.append(path)

    def stopped(self) -> bool:
        return self.steps[-1].number == self._stop_after


def job(config: TrainingConfig, root: Path, watcher: Onlooker | None = None) -> Job:
    """Return a run in one process on the CPU."""
    return Job(config, root, Processes(WHOLE, torch.device("cpu")), watcher or Onlooker())
