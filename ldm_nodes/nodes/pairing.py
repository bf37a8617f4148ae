"""Which parts of models go together: the rules, told before a graph runs and again with the values themselves.

What cannot be computed is refused, by an `InputError` that names the input, what came, what was expected and what to
do. What can be computed but means nothing, such as a latent of SDXL in a network of SD 1, is told as a notice: ComfyUI
computes it too, and now and then somebody wants it. None stands for what is not known, and nothing is said about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeVar

from ..engine.errors import InputError
from ..models.kinds import ClipKind, LatentKind, ModelKind, VaeKind
from .kinds import Absent, CondKind, EntryKind
from .latent_pairing import Notice, check_start

if TYPE_CHECKING:
    from ..models.kinds import Beside

Encoding = Literal["text", "class", "layers"]
K = TypeVar("K", ClipKind, VaeKind)

ENCODERS = {
    "text": ("a text encoder", "This one encodes classes: put Class Encode in the place of this node"),
    "class": ("a class embedder", "This one encodes text: put CLIP Text Encode in the place of this node"),
    "layers": ("a CLIP text encoder, whose layers can be chosen", "Leave this node out"),
}
PARTS = {
    "clip": ("a text encoder or class embedder", "Load one that contains a text encoder or class embedder"),
    "vae": ("an autoencoder", "Add a Load VAE node and connect it here"),
}
PICTURES: dict[Beside, str] = {
    "picture": "with a {}-channel picture (`concat_image`)",
    "encoded picture": "with an encoded {}-channel picture (`concat_latent_image`)",
    "masked picture": "with an encoded {}-channel picture and a mask (InpaintModelConditioning makes both)",
}


def present(name: str, part: K | Absent | None) -> K | None:
    """Return a part, or say that the checkpoint it was to come from has none.

    Args:
        name: the input, "clip" or "vae".
        part: what is known of it.
    """
    if isinstance(part, Absent):
        raise absent(name)
    return part


def absent(name: str) -> InputError:
    """Return the complaint about a part that is not there."""
    expected, remedy = PARTS[name]
    return InputError(name, received="nothing", expected=expected, remedy=f"The checkpoint contains none. {remedy}.")


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
    *,
    positive_name: str = "positive",
) -> None:
    """Check what a sampler is given; leave `negative` out where it is not used.

    Args:
        model: the model.
        positive: its conditioning.
        negative: what it moves away from.
        latent: where it starts.
        notice: is told of what can be computed but means nothing.
        positive_name: the input that `positive` came by.
    """
    if model is None:
        return
    if model.beside == "image embedding":
        raise _image_embedding(model)
    for name, conditioning in ((positive_name, positive), ("negative", negative)):
        for entry in conditioning.entries if conditioning else ():
            _check_width(model, name, entry)
            _check_beside(model, name, entry)
            _check_controls(model, name, entry)
            _doubt_meaning(model, name, entry, notice)
    if model.beside == "masked picture" and positive and all(entry.encoded is None for entry in positive.entries):
        notice(
            f"{model.origin} paints into masked pictures and is given none; it will paint all of the picture. "
            "Connect InpaintModelConditioning to show it picture and mask."
        )
    if latent:
        check_start(model.latents, latent, notice)


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
            received=f"{made} whose {what or 'context '}is {width} wide, {entry.origin.made}",
            expected=f"a {what or 'context '}{expected} wide, as {model.origin} reads",
            remedy=_encode_again(model, entry),
            origin=entry.origin.file,
        )


def _check_controls(model: ModelKind, name: str, entry: EntryKind) -> None:
    """Refuse a control network of another family: one that reads other contexts, or an adapter of other widths."""
    for control in entry.controls:
        if control.context is None:
            fits = (control.origin.base == "sdxl") == (model.origin.base == "sdxl") or not model.origin.base
        else:
            fits = model.context is None or control.context == model.context
        if fits:
            continue
        reads = "" if control.context is None else f" and reads contexts {control.context} wide"
        raise InputError(
            name,
            received=f"a conditioning with a control network that is made for {control.origin}{reads}",
            expected=f"a control network for {model.origin}, whose contexts are {model.context} wide",
            remedy="Choose a control network for the model's family, or sample with a model of the network's family.",
            origin=control.origin.file,
        )


def _encode_again(model: ModelKind, entry: EntryKind) -> str:
    what = "Encode a class (Class Encode)" if model.gives == "class" else "Encode the prompt"
    other = f", or sample with the model of {entry.origin.owner}" if entry.origin.file else ""
    return f"{what} with the CLIP of {model.origin.owner}{other}."


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
        return f"Connect InpaintModelConditioning with the VAE of {model.origin.owner} before this input."
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
            f"The {name} conditioning was {entry.origin.made}, the model is of {model.origin}. The widths agree by "
            f"chance; what it says will mean something else there. {_encode_again(model, entry)}"
        )


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
        received=f"a conditioning whose {what} is {width} wide, {entry.origin.made}",
        expected=f"{what}s {expected} wide, as in the other conditioning, {to.origin.made}",
        remedy="Encode both prompts with the same CLIP, that of the model you sample with.",
        origin=entry.origin.file,
    )
