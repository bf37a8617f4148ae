"""Training nodes: what they train is what the command line trains; they can be watched, stopped and gone on with."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from ldm_nodes.engine.context import CancelToken, Context
from ldm_nodes.engine.errors import Cancelled, InputError
from ldm_nodes.engine.events import Event, Notice, Preview, Progress
from ldm_nodes.models.class_encoder import ClassEncoder
from ldm_nodes.models.text_encoder import TextEncoder
from ldm_nodes.nodes.autoencoder import loaded
from ldm_nodes.nodes.conditioning import empty_conditioning
from ldm_nodes.nodes.runtime import Runtime
from ldm_nodes.nodes.sampling import ksampler
from ldm_nodes.nodes.training import train_autoencoder, train_latent_diffusion
from ldm_nodes.nodes.training_data import load_image_folder
from ldm_nodes.settings import Folders, Settings
from ldm_nodes.training.config import read_config
from ldm_nodes.training.errors import DataError
from ldm_nodes.training.run import start
from tests.training.recipes import job
from tests.training.tiny import folder_of

TINY: dict[str, Any] = {"steps": 4, "batch_size": 2, "width": 32}
TINY_AUTOENCODER: dict[str, Any] = {**TINY, "depth": 0, "downscale": "2"}
PICTURES = 6


@pytest.fixture
def folder(runtime: Runtime) -> Path:
    """A folder of pictures of two classes, each with a caption, below `input`."""
    return folder_of(runtime.folders.input / "pets", PICTURES, side=16)


@pytest.fixture
def pictures(folder: Path, context: Context[Runtime]) -> Any:
    return load_image_folder(folder.name, size=8, mirror=True, context=context).result


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train one autoencoder for all tests that only need some."""
    base: Path = tmp_path_factory.mktemp("first")
    runtime = Runtime(Settings(Folders.under(base), device="cpu", precision="fp32"))
    folder_of(runtime.folders.input / "pets", PICTURES, side=16)
    made = load_image_folder("pets", size=8, context=Context(runtime)).result
    _, root = train_autoencoder(made, **TINY_AUTOENCODER, context=Context(runtime))
    return root


@pytest.fixture
def vae(first_run: Path, runtime: Runtime) -> Any:
    return runtime.pool.first_stage(weights(first_run), runtime.compute)


Train = Callable[..., tuple[Any, ...]]


@pytest.fixture(params=["autoencoder", "diffusion"])
def train(request: pytest.FixtureRequest, pictures: Any, vae: Any) -> Train:
    """Either node with tiny settings; further arguments win."""

    def autoencoder(**more: Any) -> tuple[Any, ...]:
        return train_autoencoder(pictures, **{**TINY_AUTOENCODER, **more})

    def diffusion(**more: Any) -> tuple[Any, ...]:
        return train_latent_diffusion(pictures, vae, **{**TINY, **more})

    return autoencoder if request.param == "autoencoder" else diffusion


def weights(root: Path, step: int = 4) -> Path:
    return root / "checkpoints" / f"step-{step:08d}" / "model.safetensors"


def status(root: Path) -> Any:
    return json.loads((root / "status.json").read_text())


def listening(context: Context[Runtime], stop_at: int | None = None) -> tuple[Context[Runtime], list[Event]]:
    """Return a context that collects events, and that is cancelled once it hears of a step."""
    events, token = list[Event](), CancelToken()

    def emit(event: Event) -> None:
        events.append(event)
        if isinstance(event, Progress) and event.value == stop_at and event.total != 2 * PICTURES:
            token.cancel()

    return replace(context, emit=emit, token=token), events


def notices(events: list[Event]) -> str:
    return " | ".join(event.message for event in events if isinstance(event, Notice))


def assert_same_weights(one: Path, other: Path) -> None:
    for name in ("model.safetensors", "optimizer.safetensors"):
        first, second = load_file(one.with_name(name)), load_file(other.with_name(name))
        assert first.keys() == second.keys()
        assert not [key for key in first if not torch.equal(first[key], second[key])]


def test_a_node_trains_what_the_command_line_trains(train: Train, context: Context[Runtime], tmp_path: Path) -> None:
    root = train(context=context)[-1]
    assert status(root)["status"] == "finished"
    start(job(read_config(root / "config.yaml"), tmp_path / "again"))
    assert_same_weights(weights(root), weights(tmp_path / "again"))


def test_the_outputs_are_ready_to_use(pictures: Any, vae: Any, context: Context[Runtime]) -> None:
    first, _ = train_autoencoder(pictures, **TINY_AUTOENCODER, context=context)
    stage = loaded(first)
    assert stage.decode(stage.encode(torch.rand(1, 8, 8, 3))).shape == (1, 8, 8, 3)
    model, clip, same_vae, _ = train_latent_diffusion(pictures, vae, **TINY, context=context)
    assert isinstance(clip, TextEncoder)
    text = clip.encode("picture 1")[0]
    options: dict[str, Any] = {}
    conditions = model.conditions(text, options, torch.Size((1, 4, 4, 4)), False)
    out = model.predict(torch.randn(1, 4, 4, 4), torch.tensor([500.0]), conditions)
    assert out.isfinite().all()
    x = torch.rand(1, 8, 8, 3)
    torch.testing.assert_close(loaded(same_vae).encode(x), vae.encode(x))


def test_progress_and_sample_sheets_are_told(train: Train, context: Context[Runtime]) -> None:
    listener, events = listening(context)
    train(context=listener)
    steps = [(event.value, event.total) for event in events if isinstance(event, Progress)][-4:]
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
    previews = [event.image() for event in events if isinstance(event, Preview)]
    assert len(previews) == 1
    assert previews[-1].dtype == "uint8"
    assert previews[-1].shape[2] == 3


def test_a_cancelled_run_is_stored_and_goes_on_as_if_it_had_not_been(train: Train, context: Context[Runtime]) -> None:
    whole = train(name="whole", context=context)[-1]
    listener, _ = listening(context, stop_at=2)
    with pytest.raises(Cancelled):
        train(name="parts", context=listener)
    parts = whole.with_name("parts")
    assert status(parts)["status"] == "cancelled"
    assert status(parts)["step"] == 2
    listener, events = listening(context)
    train(name="parts", context=listener)
    assert "Goes on from step 2." in notices(events)
    assert_same_weights(weights(whole), weights(parts))


def test_a_run_can_be_cancelled_while_latents_are_made(pictures: Any, vae: Any, context: Context[Runtime]) -> None:
    token = CancelToken()
    listener = replace(context, token=token, emit=lambda event: token.cancel())
    with pytest.raises(Cancelled):
        train_latent_diffusion(pictures, vae, name="early", **TINY, context=listener)
    root = context.runtime.folders.output / "training" / "early"
    assert status(root)["status"] == "cancelled"
    train_latent_diffusion(pictures, vae, name="early", **TINY, context=context)
    assert status(root)["status"] == "finished"


def test_a_finished_run_is_taken_as_it_is(train: Train, context: Context[Runtime]) -> None:
    root = train(context=context)[-1]
    before = weights(root).stat().st_mtime_ns
    listener, events = listening(context)
    train(context=listener)
    assert "has 4 steps already; choose another name to train anew" in notices(events)
    assert weights(root).stat().st_mtime_ns == before
    assert not [event for event in events if isinstance(event, Progress)]
    train(context=listener, steps=2)
    assert "has 4 steps already, which is more than the 2 asked for" in notices(events)


def test_more_steps_train_on(train: Train, context: Context[Runtime]) -> None:
    whole = train(name="whole", steps=5, context=context)[-1]
    train(name="longer", context=context)
    longer = train(name="longer", steps=5, context=context)[-1]
    assert_same_weights(weights(whole, 5), weights(longer, 5))


def test_other_settings_need_another_name(train: Train, folder: Path, context: Context[Runtime]) -> None:
    train(context=context)
    with pytest.raises(InputError, match=r"model\.base_learning_rate 0\.001, now 0\.002") as raised:
        train(learning_rate=0.002, context=context)
    assert raised.value.input_name == "name"
    assert "Choose another name" in raised.value.remedy
    shutil.copy(folder / "cat" / "000.png", folder / "cat" / "006.png")
    with pytest.raises(InputError, match="6 pictures, now 7"):
        train(context=context)


def test_other_captions_need_another_name(pictures: Any, vae: Any, folder: Path, context: Context[Runtime]) -> None:
    train_latent_diffusion(pictures, vae, **TINY, context=context)
    (folder / "cat" / "000.txt").write_text("a different thing\n")
    with pytest.raises(InputError, match="a run with other captions"):
        train_latent_diffusion(pictures, vae, **TINY, context=context)


@pytest.mark.parametrize("name", ["", ".", "..", "../outside", "/outside", "a/../../outside", "a\0b", "con"])
def test_no_name_leads_out_of_the_output_folder(name: str, train: Train, context: Context[Runtime]) -> None:
    with pytest.raises(InputError, match="below output/training") as raised:
        train(name=name, context=context)
    assert raised.value.input_name == "name"
    assert not (context.runtime.folders.output / "outside").exists()


def test_a_link_out_of_the_output_folder_is_not_followed(
    train: Train, context: Context[Runtime], tmp_path: Path
) -> None:
    root = context.runtime.folders.output / "training"
    root.mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (root / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="leads outside"):
        train(name="link", context=context)


def test_pictures_that_cannot_be_read_are_named_and_left_out(
    train: Train, folder: Path, context: Context[Runtime]
) -> None:
    (folder / "dog" / "001.png").write_bytes(b"no picture")
    listener, events = listening(context)
    train(context=listener, steps=6)
    assert "001.png" in notices(events)
    for path in folder.rglob("*.png"):
        path.write_bytes(b"no picture")
    with pytest.raises(DataError, match="None of the 6 pictures can be read"):
        train(name="broken", context=context)


def test_a_loss_that_is_no_number_names_the_learning_rate(pictures: Any, context: Context[Runtime]) -> None:
    with pytest.raises(InputError, match="Lower it, and choose another name") as raised:
        train_autoencoder(pictures, **{**TINY_AUTOENCODER, "steps": 60}, learning_rate=1e30, context=context)
    assert raised.value.input_name == "learning_rate"
    assert raised.value.received == "1e+30"
    assert status(context.runtime.folders.output / "training" / "autoencoder")["status"] == "failed"


def test_training_works_under_inference_mode(train: Train, context: Context[Runtime]) -> None:
    plain = train(name="plain", context=context)[-1]
    with torch.inference_mode():
        inside = train(name="inside", context=context)[-1]
    assert_same_weights(weights(plain), weights(inside))


def test_training_leaves_the_random_numbers_of_others_alone(train: Train, context: Context[Runtime]) -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    train(context=context)
    assert torch.equal(torch.rand(1), expected)


def test_classes_are_subfolders(pictures: Any, vae: Any, context: Context[Runtime]) -> None:
    clip = train_latent_diffusion(pictures, vae, conditioning="class", **TINY, context=context)[1]
    assert isinstance(clip, ClassEncoder)
    assert clip.n_classes == 3, "cat, dog and none"


def test_without_conditions_there_is_no_encoder(pictures: Any, vae: Any, context: Context[Runtime]) -> None:
    model, clip, _, _ = train_latent_diffusion(pictures, vae, conditioning="none", **TINY, context=context)
    assert clip is None
    assert model.family == "ldm-unconditional"
    latent, nothing = {"samples": torch.zeros(1, 4, 4, 4)}, empty_conditioning()
    settings: dict[str, Any] = {"steps": 2, "cfg": 1.0, "sampler_name": "euler", "scheduler": "normal"}
    sampled = ksampler(
        model=model, positive=nothing, negative=nothing, latent_image=latent, context=context, **settings
    )
    assert sampled["samples"].isfinite().all()


def test_an_autoencoder_with_a_codebook(pictures: Any, context: Context[Runtime]) -> None:
    first, _ = train_autoencoder(pictures, kind="codebook (VQ)", **TINY_AUTOENCODER, context=context)
    assert loaded(first).codebook is not None
    model = train_latent_diffusion(pictures, first, **TINY, context=context)[0]
    assert model.codebook is not None


def test_another_seed_is_another_model(pictures: Any, context: Context[Runtime]) -> None:
    seeds = (0, 1, 2**64 - 1)
    roots = [
        train_autoencoder(pictures, name=f"seed-{seed}", training_seed=seed, **TINY_AUTOENCODER, context=context)[1]
        for seed in seeds
    ]
    first = [load_file(weights(root))["decoder.conv_out.weight"] for root in roots]
    assert not torch.equal(first[0], first[1])
    assert not torch.equal(first[1], first[2])


def test_a_discriminator_joins_when_it_is_asked_to(pictures: Any, context: Context[Runtime]) -> None:
    *_, root = train_autoencoder(pictures, adversarial_from=2, **TINY_AUTOENCODER, context=context)
    lines = (root / "metrics.csv").read_text().splitlines()
    column = lines[0].split(",").index("disc_factor")
    assert [float(line.split(",")[column]) for line in lines[1:]] == [0, 0, 1, 1]


def test_an_autoencoder_without_a_file_cannot_be_trained_on(pictures: Any, vae: Any, context: Context[Runtime]) -> None:
    with pytest.raises(InputError, match="does not come from one file"):
        train_latent_diffusion(pictures, replace(vae, path=None), **TINY, context=context)


def test_a_folder_without_captions_names_what_is_missing(folder: Path, vae: Any, context: Context[Runtime]) -> None:
    for path in folder.rglob("*.txt"):
        path.unlink()
    bare = load_image_folder("pets", size=8, captions="caption files", context=context).result
    with pytest.raises(DataError, match="The model reads captions and the data has none"):
        train_latent_diffusion(bare, vae, **TINY, context=context)
