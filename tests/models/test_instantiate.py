from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

import ldm_nodes
from ldm_nodes.models import config as presets
from ldm_nodes.models.config import AutoencoderConfig, TokenEncoderConfig, UNetConfig
from ldm_nodes.models.errors import WrongConfig
from ldm_nodes.models.instantiate import TARGETS, Recorded, instantiate_from_config, read_yaml
from ldm_nodes.models.model_config import Betas, ClassConfig, ModelConfig, RescalerConfig, SharedFirstStage
from tests.models.fakes import hollow, shapes_of

ASSETS = Path(ldm_nodes.__file__).parent / "assets" / "checkpoints"
LDM = "ldm.models.diffusion.ddpm.LatentDiffusion"
ENCODERS = "ldm.modules.encoders.modules."
SD_UNET = {
    "image_size": 32, "in_channels": 4, "out_channels": 4, "model_channels": 320, "attention_resolutions": [4, 2, 1],
    "num_res_blocks": 2, "channel_mult": [1, 2, 4, 4], "num_heads": 8, "use_spatial_transformer": True,
    "transformer_depth": 1, "context_dim": 768, "use_checkpoint": True, "legacy": False,
}  # fmt: skip
KL_F8 = {
    "embed_dim": 4, "monitor": "val/rec_loss",
    "ddconfig": {
        "double_z": True, "z_channels": 4, "resolution": 256, "in_channels": 3, "out_ch": 3, "ch": 128,
        "ch_mult": [1, 2, 4, 4], "num_res_blocks": 2, "attn_resolutions": [], "dropout": 0.0,
    },
    "lossconfig": {"target": "torch.nn.Identity"},
}  # fmt: skip


def config(target: str, **params: Any) -> dict[str, Any]:
    return {"target": target, "params": params}


def model(**params: Any) -> ModelConfig:
    first_stage = config("ldm.models.autoencoder.AutoencoderKL", **KL_F8)
    defaults = {
        "linear_start": 0.00085, "linear_end": 0.012, "timesteps": 1000, "conditioning_key": "crossattn",
        "scale_factor": 0.18215, "use_ema": False, "first_stage_config": first_stage,
        "unet_config": config("ldm.modules.diffusionmodules.openaimodel.UNetModel", **SD_UNET),
        "cond_stage_config": {"target": ENCODERS + "FrozenCLIPEmbedder"},
    }  # fmt: skip
    made = instantiate_from_config(config(LDM, **{**defaults, **params}))
    assert isinstance(made, ModelConfig)
    return made


def test_the_published_sd1_yaml_makes_the_published_model() -> None:
    made = model()
    expected = ModelConfig("sd1", presets.SD1_UNET, presets.KL_F8, (presets.CLIP_L,), "crossattn", scale_factor=0.18215)
    assert (made.family, made.conditioner, made.scale_factor) == ("sd1", expected.conditioner, 0.18215)
    assert made.betas == expected.betas
    assert shapes_of(hollow(made)) == shapes_of(hollow(expected))


@pytest.mark.parametrize("name", ["tiny-sd-v1", "tiny-class-v1"])
def test_the_bundled_files_are_read(name: str) -> None:
    assert isinstance(read_yaml(ASSETS / f"{name}.yaml"), ModelConfig)


@pytest.mark.parametrize(
    ("conditioner", "expected", "family"),
    [
        (config(ENCODERS + "ClassEmbedder", embed_dim=512, key="class_label"), ClassConfig(512, 1000), "ldm-class"),
        (config(ENCODERS + "BERTEmbedder", n_embed=1280, n_layer=32), TokenEncoderConfig(1280, 32), "ldm-text"),
        (
            config(ENCODERS + "SpatialRescaler", n_stages=2, in_channels=182, out_channels=3),
            RescalerConfig(2, in_channels=182, out_channels=3),
            "ldm-concat-semantic",
        ),
        ("__is_first_stage__", SharedFirstStage(), "ldm-concat-inpaint"),
        (config("torch.nn.Identity"), None, "ldm-retrieval"),
        (config(ENCODERS + "FrozenOpenCLIPEmbedder", freeze=True, layer="penultimate"), (presets.OPENCLIP_H,), "sd2"),
    ],
)
def test_every_conditioner_is_understood(conditioner: Any, expected: Any, family: str) -> None:
    made = model(cond_stage_config=conditioner)
    assert made.conditioner == expected
    assert made.family == family


def test_how_conditions_enter_follows_the_original_rules() -> None:
    assert model(conditioning_key=None).conditioning_key == "concat"
    assert model(conditioning_key=None, concat_mode=False).conditioning_key == "crossattn"
    unconditional = model(conditioning_key=None, cond_stage_config="__is_unconditional__")
    assert (unconditional.conditioning_key, unconditional.conditioner) == (None, None)
    assert model(conditioning_key="hybrid").conditioning_key == "hybrid"


def test_settings_of_the_diffusion_are_read() -> None:
    made = model(
        linear_start=0.0015, linear_end=0.0195, timesteps=500, beta_schedule="cosine", parameterization="v",
        scale_by_std=True,
    )  # fmt: skip
    assert made.betas == Betas("cosine", 0.0015, 0.0195, 500)
    assert (made.prediction, made.scale_by_std) == ("v", True)


def test_a_number_without_a_dot_which_yaml_reads_as_a_text_counts() -> None:
    assert model(linear_start="1e-3").betas.start == 1e-3


def test_averaged_weights_are_the_default_of_the_original() -> None:
    assert ModelConfig("", presets.SD1_UNET, None, None, None).use_ema is False
    params = {"unet_config": config("ldm.modules.diffusionmodules.openaimodel.UNetModel", **SD_UNET)}
    made = instantiate_from_config(config(LDM, **params))
    assert isinstance(made, ModelConfig)
    assert made.use_ema


def test_sdxl_is_put_together_from_generative_models() -> None:
    sgm = "sgm.modules.encoders.modules."
    unet = {
        "adm_in_channels": 2816, "num_classes": "sequential", "use_checkpoint": True, "in_channels": 4,
        "out_channels": 4, "model_channels": 320, "attention_resolutions": [4, 2], "num_res_blocks": 2,
        "channel_mult": [1, 2, 4], "num_head_channels": 64, "use_spatial_transformer": True,
        "use_linear_in_transformer": True, "transformer_depth": [1, 2, 10], "context_dim": 2048,
        "spatial_transformer_attn_type": "softmax-xformers",
    }  # fmt: skip
    embedders = [
        {"is_trainable": False, "input_key": "txt", **config(sgm + "FrozenCLIPEmbedder", layer="hidden")},
        {"is_trainable": False, **config(sgm + "FrozenOpenCLIPEmbedder2", arch="ViT-bigG-14", layer="penultimate")},
        {"input_key": "original_size_as_tuple", **config(sgm + "ConcatTimestepEmbedderND", outdim=256)},
    ]
    made = instantiate_from_config(
        config(
            "sgm.models.diffusion.DiffusionEngine",
            scale_factor=0.13025,
            denoiser_config=config("sgm.modules.diffusionmodules.denoiser.DiscreteDenoiser"),
            network_config=config("sgm.modules.diffusionmodules.openaimodel.UNetModel", **unet),
            conditioner_config=config("sgm.modules.GeneralConditioner", emb_models=embedders),
            first_stage_config=config("sgm.models.autoencoder.AutoencoderKL", **KL_F8),
        )
    )
    assert isinstance(made, ModelConfig)
    assert (made.family, made.conditioner) == ("sdxl", (presets.CLIP_L, presets.OPENCLIP_BIGG))
    expected = ModelConfig("sdxl", presets.SDXL_UNET, presets.KL_F8, made.conditioner, "crossattn-adm")
    assert shapes_of(hollow(made)) == shapes_of(hollow(expected))


# Every class that the YAML files of both research repositories and of Stability's name.
ALL_TARGETS = f"""
{LDM} ldm.modules.diffusionmodules.openaimodel.UNetModel ldm.models.autoencoder.VQModelInterface
ldm.models.autoencoder.AutoencoderKL ldm.models.autoencoder.VQModel torch.nn.Identity
ldm.modules.losses.LPIPSWithDiscriminator ldm.modules.losses.contperceptual.DummyLoss
taming.modules.losses.vqperceptual.VQLPIPSWithDiscriminator {ENCODERS}BERTEmbedder {ENCODERS}ClassEmbedder
{ENCODERS}SpatialRescaler {ENCODERS}FrozenCLIPEmbedder ldm.lr_scheduler.LambdaLinearScheduler
ldm.lr_scheduler.LambdaWarmUpCosineScheduler main.DataModuleFromConfig main.ImageLogger ldm.data.imagenet.ImageNetTrain
ldm.data.imagenet.ImageNetValidation ldm.data.imagenet.ImageNetSRTrain ldm.data.imagenet.ImageNetSRValidation
ldm.data.lsun.LSUNBedroomsTrain ldm.data.lsun.LSUNBedroomsValidation ldm.data.lsun.LSUNChurchesTrain
ldm.data.lsun.LSUNChurchesValidation taming.data.faceshq.CelebAHQTrain taming.data.faceshq.CelebAHQValidation
taming.data.faceshq.FFHQTrain taming.data.faceshq.FFHQValidation ldm.data.faceshq.CelebAHQTrain
ldm.data.faceshq.FFHQValidation ldm.data.openimages.FullOpenImagesTrain ldm.data.openimages.OpenImagesBBoxValidation
ldm.data.openimages.SuperresOpenImagesAdvancedTrain ldm.data.landscapes.RFWTrain
ldm.data.previews.pytorch_dataset.PreviewsTrain pytorch_lightning.loggers.TestTubeLogger
pytorch_lightning.loggers.WandbLogger pytorch_lightning.callbacks.ModelCheckpoint main.SetupCallback
main.LearningRateMonitor main.CUDACallback ldm.models.diffusion.ddpm.LatentInpaintDiffusion
ldm.models.diffusion.ddpm.LatentDepth2ImageDiffusion ldm.models.diffusion.ddpm.LatentUpscaleDiffusion
{ENCODERS}FrozenOpenCLIPEmbedder ldm.modules.diffusionmodules.upscaling.ImageConcatWithNoiseAugmentation
ldm.modules.midas.api.MiDaSInference sgm.models.diffusion.DiffusionEngine sgm.modules.GeneralConditioner
sgm.modules.encoders.modules.FrozenCLIPEmbedder sgm.modules.encoders.modules.FrozenOpenCLIPEmbedder2
sgm.modules.encoders.modules.ConcatTimestepEmbedderND sgm.modules.diffusionmodules.denoiser.DiscreteDenoiser
sgm.modules.diffusionmodules.denoiser_scaling.EpsScaling
sgm.modules.diffusionmodules.discretizer.LegacyDDPMDiscretization
""".split()


@pytest.mark.parametrize("target", ALL_TARGETS)
def test_every_target_of_the_originals_is_known_and_none_is_imported(target: str) -> None:
    before = set(sys.modules)
    if target in TARGETS:
        assert callable(TARGETS[target])
    else:
        assert instantiate_from_config(config(target, a=1)) == Recorded(target, {"a": 1})
    new = {name.split(".")[0] for name in set(sys.modules) - before}
    assert not new & {"ldm", "taming", "sgm", "pytorch_lightning", "main"}


@pytest.mark.parametrize(
    "target", ["os.system", "subprocess.Popen", "builtins.eval", "ldm.util.instantiate_from_config"]
)
def test_a_foreign_target_is_refused(target: str) -> None:
    with pytest.raises(WrongConfig, match=f"'{target}' is not known here, and targets are never imported"):
        instantiate_from_config(config(target))


def test_a_misspelt_target_is_answered_with_what_it_resembles() -> None:
    with pytest.raises(WrongConfig, match=r"similar: ldm\.models\.autoencoder\.AutoencoderKL"):
        instantiate_from_config(config("ldm.models.autoencoder.AutoEncoderKL"))


def test_networks_alone_are_made_too() -> None:
    assert isinstance(
        instantiate_from_config(config("ldm.modules.diffusionmodules.openaimodel.UNetModel", **SD_UNET)), UNetConfig
    )
    made = instantiate_from_config(config("ldm.models.autoencoder.AutoencoderKL", **KL_F8))
    assert made == presets.KL_F8
    vq = {**KL_F8, "n_embed": 64, "ddconfig": {**KL_F8["ddconfig"], "double_z": False}}  # type: ignore[dict-item]
    assert isinstance(instantiate_from_config(config("ldm.models.autoencoder.VQModel", **vq)), AutoencoderConfig)


BAD: dict[str, tuple[Any, str]] = {
    "no target": ({"params": {}}, "needs a `target:`"),
    "a number": (3, "needs a `target:`"),
    "params of a list": ({"target": LDM, "params": [1]}, "expected a table"),
    "missing network": (config(LDM), "'unet_config'"),
    "wrong network": (config(LDM, unet_config=config("torch.nn.Identity")), "unet_config names a Recorded"),
    "unknown argument": (config("ldm.modules.diffusionmodules.openaimodel.UNetModel", colour=1), "'colour'"),
    "codebook without size": (config("ldm.models.autoencoder.VQModel", **KL_F8), "needs n_embed"),
    "unknown arch": (config(ENCODERS + "FrozenOpenCLIPEmbedder", arch="ViT-X"), "'ViT-X' is not known"),
    "class embedder": (config(ENCODERS + "ClassEmbedder"), "'embed_dim'"),
    "no classes": (config(ENCODERS + "ClassEmbedder", embed_dim=4, n_classes=-1), "n_classes is -1"),
    "endless layers": (config(ENCODERS + "BERTEmbedder", n_embed=8, n_layer=10**9), "n_layer is 1000000000"),
    "endless tower": (config(ENCODERS + "FrozenCLIPEmbedder", text_config={"layers": 10**9}), "layers is 1000000000"),
    "a tower of texts": (config(ENCODERS + "FrozenCLIPEmbedder", text_config="wide"), "do not fit"),
    "endless shrinking": (config(ENCODERS + "SpatialRescaler", n_stages=10**9), "n_stages is 1000000000"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_configurations_end_in_one_sentence(case: str) -> None:
    given, reason = BAD[case]
    with pytest.raises(WrongConfig, match=reason):
        instantiate_from_config(given)


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        ({"parameterization": "w"}, "expected eps, v or x0"),
        ({"given_betas": [0.1]}, "given_betas"),
        ({"timesteps": 10**9}, "number of timesteps is 1000000000"),
        ({"linear_start": float("nan")}, "start of the betas is nan"),
        ({"linear_end": "much"}, "could not convert string to float: 'much'"),
        ({"beta_schedule": "round"}, "expected one of linear"),
        ({"scale_factor": 0}, "scale_factor is 0; expected a number"),
        ({"cond_stage_config": config("ldm.models.autoencoder.AutoencoderKL", **KL_F8)}, "cannot serve as one"),
        ({"first_stage_config": config(ENCODERS + "ClassEmbedder", embed_dim=3)}, "expected a Autoencoder"),
    ],
)
def test_bad_settings_of_a_model_are_named(override: dict[str, Any], reason: str) -> None:
    with pytest.raises(WrongConfig, match=reason):
        model(**override)


YAMLS: dict[str, str] = {
    "python object": "model: !!python/object/apply:os.system ['true']",
    "not YAML": "model: [",
    "no model": "a: 1",
    "a list": "- 1",
    "empty": "",
    "only a data set": "model: {target: main.DataModuleFromConfig}",
    "deep": "[" * 5000,
    "long": "a: " + "x" * (2 << 20),
}


@pytest.mark.parametrize("case", YAMLS)
def test_a_yaml_that_is_none_is_refused(case: str, tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    path.write_text(YAMLS[case])
    with pytest.raises(WrongConfig, match=r"^model\.yaml") as caught:
        read_yaml(path)
    assert "\n" not in str(caught.value)
