"""Which parts of models go together: the rules, told before a graph runs and again with the values themselves.

What cannot be computed is refused, by an `InputError` that names the input, what came, what was expected and what to
do. What can be computed but means nothing, such as a latent of SDXL in a network of SD 1, is told as a notice: ComfyUI
computes it too, and now and then somebody wants it. None stands for what is not known, and nothing is said about it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TypeVar

from ..engine.errors import InputError
from ..models.kinds import ClipKind, LatentKind, ModelKind, Origin, VaeKind
from .kinds import Absent, CondKind, EntryKind

if TYPE_CHECKING:
    from ..models.kinds import Beside

Notice = Callable[[str], None]
Encoding = Literal["text", "class", "layers"]
K = TypeVar("K", ModelKind, ClipKind, VaeKind)

ENCODERS = {
    "text": ("a text encoder", "This one encodes classes: put Class Encode in the place of this node"),
    "class": ("a class embedder", "This one encodes text: put CLIP Text Encode in the place of this node"),
    "layers": ("a CLIP text encoder, whose layers can be chosen", "Leave this node out"),
}
PARTS = {"clip": "a text encoder or class embedder", "vae": "an autoencoder", "model": "a diffusion model"}
PICTURES: dict[Beside, str] = {
    "picture": "with a {}-channel picture (`concat_image`)",
    "encoded picture": "with an encoded {}-channel picture (`concat_latent_image`)",
    "masked picture": "with an encoded {}-channel picture and a mask (InpaintModelConditioning makes both)",
}
CLOSE = 1e-3
"""Scale factors of one latent space, measured or rounded, differ by less than this part."""


def present(name: str, part: K | Absent | None) -> K | None:
    """Return a part, or say that the checkpoint it was to come from has none.

    Args:
        name: the input, "clip", "vae" or "model".
        part: what is known of it.
    """
    if isinstance(part, Absent):
        raise absent(name)
    return part


def absent(name: str) -> InputError:
    """Return the complaint about a part that is not there."""
    loader = {"vae": " Add a Load VAE node and connect it here."}.get(name, "")
    remedy = f"The checkpoint contains none.{loader or ' Load one that contains ' + PARTS[name] + '.'}"
    return InputError(name, received="nothing", expected=PARTS[name], remedy=remedy)


def check_encoder(clip: ClipKind | None, wanted: Encoding) -> None:
    """Refuse an encoder of something else than what the node encodes."""
    if clip is None or (clip.layered if wanted == "layers" else clip.gives == wanted):
        return
    expected, remedy = ENCODERS[wanted]
    own = "a class embedder" if clip.gives == "class" else "a text encoder"
    raise InputError(
        "clip",
        received=f"{own} {clip.width} wide, of {clip.origin}",
        expected=expected,
        remedy=f"{remedy}, or connect the CLIP of a checkpoint that has {expected}.",
        origin=clip.origin.file,
    )


def check_sampling(
    model: ModelKind | None,
    positive: CondKind | None,
    negative: CondKind | None,
    latent: LatentKind | None,
    notice: Notice,
) -> None:
    """Check what a sampler is given; leave `negative` out where it is not used."""
    if model is None:
        return
    if model.beside == "image embedding":
        raise _image_embedding(model)
    for name, conditioning in (("positive", positive), ("negative", negative)):
        for entry in conditioning.entries if conditioning else ():
            _check_width(model, name, entry)
            _check_beside(model, name, entry)
            _doubt_meaning(model, name, entry, notice)
    if model.beside == "masked picture" and positive and all(entry.encoded is None for entry in positive.entries):
        notice(
            f"{model.origin} paints into masked pictures and is given none; it will paint all of the picture. "
            "Connect InpaintModelConditioning to show it picture and mask."
        )
    if latent:
        _check_start(model, latent, notice)


def _image_embedding(model: ModelKind) -> InputError:
    return InputError(
        "model",
        received=f"{model.origin}, which reads a class vector, a noise level or an image embedding",
        expected="a model that reads no more than nodes here can give",
        remedy="Choose a checkpoint of another family, such as sd1, sd2 or sdxl.",
        origin=model.origin.file,
    )


def _check_width(model: ModelKind, name: str, entry: EntryKind) -> None:
    """Refuse a context or a pooled vector of another width than the network reads."""
    pairs = (("", entry.width, model.context), ("pooled vector ", entry.pooled, model.pooled))
    for what, width, expected in pairs:
        if width is None or expected is None or width == expected:
            continue
        made = f"a {entry.gives} conditioning" if entry.gives else "a conditioning"
        raise InputError(
            name,
            received=f"{made} whose {what or 'context '}is {width} wide, made by {entry.origin}",
            expected=f"a {what or 'context '}{expected} wide, as {model.origin} reads",
            remedy=_encode_again(model, entry),
            origin=entry.origin.file,
        )


def _encode_again(model: ModelKind, entry: EntryKind) -> str:
    what = "Encode a class (Class Encode)" if model.gives == "class" else "Encode the prompt"
    other = f", or sample with the model of {_owner(entry.origin)}" if entry.origin.file else ""
    return f"{what} with the CLIP of {_owner(model.origin)}{other}."


def _check_beside(model: ModelKind, name: str, entry: EntryKind) -> None:
    """Refuse a conditioning without the picture that the network reads beside the latent, or with another one."""
    if model.beside is None or model.beside == "image embedding":
        return
    channels = entry.picture if model.beside == "picture" else entry.encoded
    complete = channels is not None and (entry.masked or model.beside != "masked picture")
    expected = model.extra_channels - (model.beside == "masked picture")
    if not complete and not model.needs_beside:
        return
    if not complete or channels != expected:
        had = "no such picture" if channels is None else f"a {channels}-channel picture and {_mask_words(entry)}"
        raise InputError(
            name,
            received=f"a conditioning with {had}",
            expected=f"one {PICTURES[model.beside].format(expected)}, which {model.origin} reads",
            remedy=_picture_remedy(model),
        )


def _mask_words(entry: EntryKind) -> str:
    return "a mask" if entry.masked else "no mask"


def _picture_remedy(model: ModelKind) -> str:
    if model.beside == "masked picture":
        return f"Connect InpaintModelConditioning with the VAE of {_owner(model.origin)} before this input."
    return "Connect a node that adds the picture to the conditioning, or choose a model that reads none."


def _doubt_meaning(model: ModelKind, name: str, entry: EntryKind, notice: Notice) -> None:
    """Tell of a conditioning that is not heard, or fits by its width alone."""
    if model.context is None:
        if entry.gives and entry.encoded is None and entry.picture is None:
            notice(f"{model.origin} hears neither words nor classes; the {name} conditioning changes nothing.")
        return
    if not entry.origin.family or model.gives is None:
        return
    if entry.gives != model.gives or entry.origin.base != model.origin.base:
        notice(
            f"The {name} conditioning was made by {entry.origin}, the model is of {model.origin}. The widths agree by "
            f"chance; what it says will mean something else there. {_encode_again(model, entry)}"
        )


def _check_start(model: ModelKind, latent: LatentKind, notice: Notice) -> None:
    """Refuse a latent with other channels; an empty one is but a size, and told where it means another size."""
    own = model.latents
    if latent.blank:
        if latent.downscale and own.downscale and latent.downscale != own.downscale:
            ratio = own.downscale / latent.downscale
            notice(
                f"The empty latent counts {latent.downscale} pixels for a cell and {model.origin} has {own.downscale}: "
                f"the picture will have {ratio:g} times the sides asked for. Use Empty Latent (for a VAE)."
            )
        return
    if latent.channels != own.channels:
        raise _wrong_channels("latent_image", latent, f"the {own.channels} channels of {model.origin}", model.origin)
    _doubt_space(latent, own, notice)


def check_codebook(model: ModelKind) -> None:
    """Refuse to quantise the latents of a model whose autoencoder has no codebook."""
    if not model.codebook:
        raise InputError(
            "model",
            received=f"a model without a codebook, of {model.origin}",
            expected="one whose autoencoder has a codebook (VQ), for quantize_denoised",
            remedy="Turn quantize_denoised off, or load a checkpoint with a VQ autoencoder.",
            origin=model.origin.file,
        )


def check_decoding(vae: VaeKind | None, latent: LatentKind | None, notice: Notice) -> None:
    """Refuse a latent with other channels than the autoencoder decodes."""
    if vae is None or latent is None:
        return
    own = vae.latents
    if latent.channels != own.channels:
        expected = f"the {own.channels} channels of this autoencoder, that of {own.origin}"
        raise _wrong_channels("samples", latent, expected, None)
    _doubt_space(latent, own, notice)


def _wrong_channels(name: str, latent: LatentKind, expected: str, encoder: Origin | None) -> InputError:
    if encoder:
        remedy = f"Encode the picture with the VAE of {_owner(encoder)}, or start from an empty latent."
    else:
        remedy = f"Connect the VAE of {_owner(latent.origin)}: the autoencoder of the model that made the latent."
    received = f"a latent with {latent.channels} channels, {_made(latent.origin)}"
    return InputError(name, received=received, expected=expected, remedy=remedy, origin=latent.origin.file)


def _doubt_space(latent: LatentKind, own: LatentKind, notice: Notice) -> None:
    """Tell of a latent of the right shape from another latent space: the colours come out wrong."""
    scaled = latent.scale_factor and own.scale_factor and abs(latent.scale_factor / own.scale_factor - 1) > CLOSE
    shrunk = latent.downscale and own.downscale and latent.downscale != own.downscale
    if scaled or shrunk:
        notice(
            f"The latent was {_made(latent.origin)} and goes to {own.origin}, whose latents mean other colours "
            f"(scale {latent.scale_factor}, 1:{latent.downscale} against {own.scale_factor}, 1:{own.downscale}). "
            f"Decode it with its own VAE and encode the picture with that of {_owner(own.origin)}."
        )


def check_pixels(vae: VaeKind, colours: int) -> None:
    """Refuse pictures with other colour channels than the autoencoder encodes."""
    if colours == vae.colours:
        return
    raise InputError(
        "pixels",
        received=f"pictures with {colours} colour channels",
        expected=f"the {vae.colours} that the autoencoder of {vae.latents.origin} encodes",
        remedy="Connect an IMAGE of red, green and blue (batch, height, width, 3); a mask is no picture.",
    )


def check_latents(first: LatentKind | None, second: LatentKind | None, name: str, notice: Notice) -> None:
    """Refuse to mix latents with different channels; `name` is the input of the second."""
    if first is None or second is None:
        return
    if first.channels != second.channels:
        expected = f"the {first.channels} channels of the other latent, {_made(first.origin)}"
        remedy = "Encode both with the same VAE."
        received = f"a latent with {second.channels} channels, {_made(second.origin)}"
        raise InputError(name, received=received, expected=expected, remedy=remedy, origin=second.origin.file)
    _doubt_space(second, first, notice)


def check_batch(name: str, received: int, expected: int, repeats: Literal["either", "this", "neither"]) -> None:
    """Refuse batches that cannot be matched one to one.

    Args:
        name: the input.
        received: the length of its batch.
        expected: the length of the other input's batch.
        repeats: which of the two may be one that serves all of the other.
    """
    singles = {"either": (received, expected), "this": (received,), "neither": ()}[repeats]
    if received == expected or 1 in singles:
        return
    raise InputError(
        name,
        received=f"a batch of {received}",
        expected=f"{'' if repeats == 'neither' else '1 or '}{expected}, as in the other input",
        remedy="Make both batches equally long, or take one of it (Latent From Batch does so for latents).",
    )


def check_joined(to: CondKind | None, other: CondKind | None, name: str, *, pooled: bool = False) -> None:
    """Refuse to join conditionings of different widths; `name` is the input of the second."""
    if to is None or other is None or not other.entries:
        return
    entry = other.entries[0]
    for target in to.entries:
        _check_join(target, entry, name, "context", target.width, entry.width)
        if pooled:
            _check_join(target, entry, name, "pooled vector", target.pooled, entry.pooled)


def _check_join(to: EntryKind, entry: EntryKind, name: str, what: str, expected: int | None, width: int | None) -> None:
    if width is None or expected is None or width == expected:
        return
    raise InputError(
        name,
        received=f"a conditioning whose {what} is {width} wide, made by {entry.origin}",
        expected=f"{what}s {expected} wide, as in the other conditioning, made by {to.origin}",
        remedy="Encode both prompts with the same CLIP, that of the model you sample with.",
        origin=entry.origin.file,
    )


def _made(origin: Origin) -> str:
    return f"made by {origin}" if origin.family or origin.file else "of unknown origin"


def _owner(origin: Origin) -> str:
    return origin.file or (f"the {origin.family} checkpoint" if origin.family else "the same checkpoint")
