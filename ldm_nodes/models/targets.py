"""Names of the classes in the original YAML files that matter only in training: recorded, not built."""

from __future__ import annotations

_DATA = {
    "ldm.data.imagenet": ("ImageNetTrain", "ImageNetValidation", "ImageNetSRTrain", "ImageNetSRValidation"),
    "ldm.data.lsun": (
        "LSUNBedroomsTrain", "LSUNBedroomsValidation", "LSUNChurchesTrain", "LSUNChurchesValidation", "LSUNCatsTrain",
        "LSUNCatsValidation",
    ),
    "ldm.data.base": ("Txt2ImgIterableBaseDataset",),
    "taming.data.faceshq": ("CelebAHQTrain", "CelebAHQValidation", "FFHQTrain", "FFHQValidation"),
    "ldm.data.faceshq": ("CelebAHQTrain", "CelebAHQValidation", "FFHQTrain", "FFHQValidation"),
    "ldm.data.openimages": (
        "FullOpenImagesTrain", "FullOpenImagesValidation", "OpenImagesBBoxTrain", "OpenImagesBBoxValidation",
        "SuperresOpenImagesAdvancedTrain", "SuperresOpenImagesAdvancedValidation",
    ),
    "ldm.data.landscapes": ("RFWTrain", "RFWValidation"),
    "ldm.data.previews.pytorch_dataset": ("PreviewsTrain", "PreviewsValidation"),
}  # fmt: skip
_LOSSES = {
    "torch.nn": ("Identity",),
    "ldm.modules.losses": ("LPIPSWithDiscriminator",),
    "ldm.modules.losses.contperceptual": ("DummyLoss", "LPIPSWithDiscriminator"),
    "ldm.modules.losses.vqperceptual": ("VQLPIPSWithDiscriminator",),
    "taming.modules.losses.vqperceptual": ("VQLPIPSWithDiscriminator",),
}
_LOOP = {
    "ldm.lr_scheduler": ("LambdaLinearScheduler", "LambdaWarmUpCosineScheduler", "LambdaWarmUpCosineScheduler2"),
    "main": ("DataModuleFromConfig", "ImageLogger", "SetupCallback", "LearningRateMonitor", "CUDACallback"),
    "pytorch_lightning.loggers": ("TestTubeLogger", "WandbLogger"),
    "pytorch_lightning.callbacks": ("ModelCheckpoint", "LearningRateMonitor"),
}
# Of Stable Diffusion 2 and SDXL: samplers, weightings, and conditioners that read what no part here makes.
_STABILITY = {
    "ldm.modules.encoders.modules": ("FrozenClipImageEmbedder", "FrozenOpenCLIPImageEmbedder"),
    "ldm.modules.diffusionmodules.upscaling": ("ImageConcatWithNoiseAugmentation", "SimpleImageConcat"),
    "ldm.modules.midas.api": ("MiDaSInference",),
    "sgm.modules.encoders.modules": ("ConcatTimestepEmbedderND",),
    "sgm.modules.diffusionmodules.denoiser": ("DiscreteDenoiser", "Denoiser"),
    "sgm.modules.diffusionmodules.denoiser_scaling": ("EpsScaling", "VScaling", "EDMScaling"),
    "sgm.modules.diffusionmodules.denoiser_weighting": ("EpsWeighting", "EDMWeighting", "VWeighting", "UnitWeighting"),
    "sgm.modules.diffusionmodules.discretizer": ("LegacyDDPMDiscretization", "EDMDiscretization"),
    "sgm.modules.diffusionmodules.loss": ("StandardDiffusionLoss",),
    "sgm.modules.diffusionmodules.sampling": ("EulerEDMSampler", "HeunEDMSampler", "DPMPP2MSampler"),
    "sgm.modules.diffusionmodules.guiders": ("VanillaCFG", "IdentityGuider"),
}

TRAINING_ONLY = frozenset(
    f"{module}.{name}"
    for table in (_DATA, _LOSSES, _LOOP, _STABILITY)
    for module, names in table.items()
    for name in names
)
