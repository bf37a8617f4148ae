from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

import ldm_nodes
from ldm_nodes.models.class_encoder import ClassEncoder
from ldm_nodes.models.describe import describe
from ldm_nodes.models.devices import Compute
from ldm_nodes.models.errors import UnknownFamily, WrongConfig, WrongWeights
from ldm_nodes.models.loader import companions, load_checkpoint, load_first_stage
from ldm_nodes.models.text_encoder import TextEncoder

ASSETS = Path(ldm_nodes.__file__).parent / "assets" / "checkpoints"
FP32 = Compute(torch.device("cpu"), torch.float32)
BF16 = Compute(torch.device("cpu"), torch.bfloat16)


@pytest.fixture(scope="module")
def tensors() -> dict[str, Tensor]:
    return load_file(ASSETS / "tiny-sd-v1.safetensors")


def placed(folder: Path, tensors: dict[str, Tensor], *, name: str = "m", beside: bool = True) -> Path:
    """Write a checkpoint with the companions of the bundled one."""
    path = folder / f"{name}.safetensors"
    save_file(tensors, path)
    for ending in (".yaml", ".text_config.json") if beside else ():
        path.with_name(name + ending).write_bytes((ASSETS / f"tiny-sd-v1{ending}").read_bytes())
    return path


def test_the_bundled_text_checkpoint_gives_all_three_parts() -> None:
    notices: list[str] = []
    loaded = load_checkpoint(ASSETS / "tiny-sd-v1.safetensors", FP32, notice=notices.append)
    assert (loaded.config.family, loaded.model.context_dim, loaded.model.latent_channels) == ("sd1", 8, 4)
    assert isinstance(loaded.conditioner, TextEncoder)
    assert loaded.conditioner.readers[0].tower.config.heads == 2
    assert loaded.first_stage is not None
    assert loaded.first_stage.downscale_ratio == 8
    assert not notices
    assert not any(parameter.requires_grad for parameter in loaded.module.parameters())
    assert not loaded.module.training


def test_the_bundled_class_checkpoint_gives_a_class_encoder() -> None:
    loaded = load_checkpoint(ASSETS / "tiny-class-v1.safetensors", FP32)
    assert loaded.config.family == "ldm-class"
    assert isinstance(loaded.conditioner, ClassEncoder)
    assert loaded.conditioner.n_classes == 11
    assert loaded.first_stage is not None
    assert loaded.first_stage.codebook is loaded.model.codebook is not None


def test_weights_take_the_asked_type_and_the_schedule_stays_exact() -> None:
    loaded = load_checkpoint(ASSETS / "tiny-sd-v1.safetensors", BF16)
    types = {tensor.dtype for part in loaded.module.children() for tensor in (*part.parameters(), *part.buffers())}
    assert types == {torch.bfloat16}
    assert loaded.model.noise_schedule.alphas_cumprod.dtype == torch.float32
    parts = describe(ASSETS / "tiny-sd-v1.safetensors").parts
    numbers = sum(parts[name].parameters for name in ("diffusion network", "autoencoder", "conditioner"))
    assert loaded.nbytes == pytest.approx(2 * numbers + 12 * 4000, abs=2000)


def test_without_companions_shapes_decide(tensors: dict[str, Tensor], tmp_path: Path) -> None:
    loaded = load_checkpoint(placed(tmp_path, tensors, beside=False), FP32)
    assert loaded.config.family == "sd1"
    assert loaded.model.network.diffusion_model.config.num_heads == 8  # what shapes cannot tell, the family does


def test_a_file_without_autoencoder_and_text_loads_what_it_has(tensors: dict[str, Tensor], tmp_path: Path) -> None:
    unet = {key: value for key, value in tensors.items() if key.startswith("model.")}
    path = placed(tmp_path, unet)
    path.with_suffix(".yaml").unlink()
    with pytest.raises(UnknownFamily, match="context is 8 wide; put its YAML"):
        load_checkpoint(path, FP32)


@pytest.mark.parametrize("kept", [("model.",), ("model.", "cond_stage_model."), ("model.", "first_stage_model.")])
def test_a_part_that_is_wholly_absent_is_none_beside_a_yaml(
    kept: tuple[str, ...], tensors: dict[str, Tensor], tmp_path: Path
) -> None:
    path = placed(tmp_path, {key: value for key, value in tensors.items() if key.startswith(kept)})
    loaded = load_checkpoint(path, FP32)
    assert loaded.model.context_dim == 8
    assert (loaded.first_stage is not None) == ("first_stage_model." in kept)
    assert (loaded.conditioner is not None) == ("cond_stage_model." in kept)


def test_a_model_without_its_network_is_refused(tensors: dict[str, Tensor], tmp_path: Path) -> None:
    rest = {key: value for key, value in tensors.items() if key.startswith("first_stage_model.")}
    with pytest.raises(WrongWeights, match=r"lacks model\.diffusion_model\.time_embed"):
        load_checkpoint(placed(tmp_path, rest), FP32)


def test_a_missing_tensor_is_named(tensors: dict[str, Tensor], tmp_path: Path) -> None:
    rest = {key: value for key, value in tensors.items() if "decoder.mid.block_1" not in key}
    with pytest.raises(
        WrongWeights, match=r"lacks first_stage_model\.decoder\.mid\.block_1\.\S+, .* and 5 more tensors"
    ):
        load_checkpoint(placed(tmp_path, rest), FP32)


def test_a_tensor_of_another_shape_is_named(tensors: dict[str, Tensor], tmp_path: Path) -> None:
    key = "model.diffusion_model.time_embed.2.weight"
    with pytest.raises(
        WrongWeights,
        match=r": model\.diffusion_model\.time_embed\.2\.weight has shape \(64, 128\), expected \(128, 128\) \(1 of",
    ):
        load_checkpoint(placed(tmp_path, tensors | {key: tensors[key][:64].contiguous()}), FP32)


def test_tensors_that_nobody_takes_are_told_once(tensors: dict[str, Tensor], tmp_path: Path) -> None:
    notices: list[str] = []
    more = {"extra.weight": torch.ones(1), "extra.bias": torch.ones(1), "first_stage_model.loss.logvar": torch.ones(1)}
    load_checkpoint(placed(tmp_path, tensors | more), FP32, notice=notices.append)
    assert notices == [
        "m.safetensors also holds extra.bias and 1 more tensors, which no part of this model has; not used."
    ]


def test_a_convolution_of_size_one_fits_a_linear_layer(tensors: dict[str, Tensor], tmp_path: Path) -> None:
    key = "first_stage_model.decoder.mid.attn_1.q.weight"
    flat = tensors | {key: tensors[key].flatten(1)}
    one, two = (
        load_checkpoint(placed(tmp_path, state, name=name), FP32, packed=False)
        for state, name in ((tensors, "a"), (flat, "b"))
    )
    states = one.module.state_dict(), two.module.state_dict()
    assert torch.equal(states[0][key], states[1][key])


def test_the_yaml_decides_whether_averages_are_taken(tensors: dict[str, Tensor], tmp_path: Path) -> None:
    path = placed(tmp_path, tensors)
    raw = load_checkpoint(path, FP32, packed=False).module.state_dict()
    yaml = path.with_suffix(".yaml")
    yaml.write_text(yaml.read_text().replace("use_ema: false", "use_ema: true"))
    averaged, forced = (load_checkpoint(path, FP32, ema=ema, packed=False) for ema in (None, False))
    key = "model.diffusion_model.out.2.weight"
    assert torch.equal(averaged.module.state_dict()[key], tensors["model_ema.diffusion_modelout2weight"].float())
    assert torch.equal(forced.module.state_dict()[key], raw[key])


def test_bad_companions_are_named(tensors: dict[str, Tensor], tmp_path: Path) -> None:
    path = placed(tmp_path, tensors)
    sizes = path.with_name("m.text_config.json")
    assert companions(path) == [path.with_suffix(".yaml"), sizes]
    for bad in (
        "{",
        "[]",
        json.dumps({"hidden_size": "wide"}),
        '{"num_hidden_layers": 1000000000}',
        '{"vocab_size": NaN}',
    ):
        sizes.write_text(bad)
        with pytest.raises(WrongConfig, match="holds no sizes of a text tower"):
            load_checkpoint(path, FP32)


def test_an_autoencoder_loads_from_its_own_file_and_from_a_whole_model(
    tensors: dict[str, Tensor], tmp_path: Path
) -> None:
    prefix = "first_stage_model."
    alone = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
    one = load_first_stage(placed(tmp_path, alone, name="vae", beside=False), FP32)
    two = load_first_stage(ASSETS / "tiny-sd-v1.safetensors", FP32)
    latent = torch.linspace(-2, 2, 64).view(1, 4, 4, 4)
    assert torch.equal(one.decode(latent), two.decode(latent))
    three = load_first_stage(ASSETS / "tiny-class-v1.safetensors", FP32)
    assert (three.latent_channels, three.downscale_ratio) == (3, 4)


def test_a_file_of_something_else_is_no_autoencoder(tmp_path: Path) -> None:
    save_file({"lora_unet.lora_down.weight": torch.ones(1)}, tmp_path / "style.safetensors")
    with pytest.raises(UnknownFamily, match=r"style\.safetensors is a LoRA; expected an autoencoder"):
        load_first_stage(tmp_path / "style.safetensors", FP32)


@pytest.mark.slow
def test_loading_imports_no_compiler() -> None:
    """Random initial values on the meta device would import torch's compiler: seconds for nothing."""
    code = (
        "import sys, torch; from pathlib import Path; from ldm_nodes.models.loader import load_checkpoint;"
        "from ldm_nodes.models.devices import Compute; compute = Compute(torch.device('cpu'), torch.float32);"
        f"load_checkpoint(Path({str(ASSETS / 'tiny-sd-v1.safetensors')!r}), compute);"
        "sys.exit('torch._dynamo' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_packed_layers_compute_the_same(tensors: dict[str, Tensor]) -> None:
    path = ASSETS / "tiny-sd-v1.safetensors"
    x, t, context = torch.ones(1, 4, 8, 8), torch.tensor([5.0]), torch.ones(1, 77, 8)
    one, two = (load_checkpoint(path, FP32, packed=packed) for packed in (True, False))
    results = [loaded.model.predict(x, t, {"context": context}) for loaded in (one, two)]
    torch.testing.assert_close(*results, rtol=1e-5, atol=1e-5)
    assert one.nbytes == two.nbytes
