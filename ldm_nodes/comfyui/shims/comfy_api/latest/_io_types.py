"""The types of `comfy_api.latest.io`: each is a class with an `Input` and an `Output`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, StrEnum
from typing import Any, ClassVar

from ...comfy.comfy_types import node_typing


class FolderType(StrEnum):
    """Where a file is."""

    input = "input"
    output = "output"
    temp = "temp"


class UploadType(StrEnum):
    """What may be sent to fill a list, by the option that says so."""

    image = "image_upload"
    audio = "audio_upload"
    video = "video_upload"
    model = "file_upload"


class NumberDisplay(StrEnum):
    """How a number is drawn."""

    number = "number"
    slider = "slider"
    color = "color"


class RemoteOptions:
    """A list that the editor asks a server for."""

    def __init__(
        self,
        route: str,
        refresh_button: bool,
        control_after_refresh: str = "first",
        timeout: int | None = None,
        max_retries: int | None = None,
        refresh: int | None = None,
    ) -> None:
        self._written = _given(
            route=route, refresh_button=refresh_button, control_after_refresh=control_after_refresh, timeout=timeout,
            max_retries=max_retries, refresh=refresh,
        )  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """Return it for the editor."""
        return dict(self._written)


class Output:
    """An output.

    Attributes:
        io_type: the name of its wires.
        is_output_list: its members go on one by one.
    """

    io_type = "*"

    def __init__(
        self,
        id: str | None = None,  # noqa: A002 - packs' word
        display_name: str | None = None,
        tooltip: str | None = None,
        is_output_list: bool = False,
    ) -> None:
        self.id, self.display_name, self.tooltip, self.is_output_list = id, display_name, tooltip, is_output_list

    def kind(self) -> Any:
        """Return its entry of `RETURN_TYPES`."""
        return self.io_type

    def title(self) -> str:
        """Return its entry of `RETURN_NAMES`."""
        return self.display_name or self.id or str(self.io_type)


class Input:
    """An input that takes a wire.

    Attributes:
        io_type: the name of its wires.
    """

    io_type: str = "*"

    def __init__(
        self,
        id: str,  # noqa: A002 - packs' word
        display_name: str | None = None,
        optional: bool = False,
        tooltip: str | None = None,
        lazy: bool | None = None,
        extra_dict: dict[str, Any] | None = None,
        raw_link: bool | None = None,
        advanced: bool | None = None,
    ) -> None:
        self.id, self.display_name, self.optional, self.tooltip, self.lazy = id, display_name, optional, tooltip, lazy
        self.raw_link, self.advanced, self.extra_dict = raw_link, advanced, dict(extra_dict or {})

    def as_dict(self) -> dict[str, Any]:
        """Return its options as older classes write them."""
        own = _given(
            display_name=self.display_name, tooltip=self.tooltip, lazy=self.lazy, rawLink=self.raw_link,
            advanced=self.advanced,
        )  # fmt: skip
        return {**own, **self.options(), **self.extra_dict}

    def options(self) -> dict[str, Any]:
        """Return the options that only this kind of input has."""
        return {}

    def kind(self) -> Any:
        """Return the type in its entry of `INPUT_TYPES`."""
        return self.io_type

    def get_io_type(self) -> Any:
        """Return the name of its wires."""
        return self.io_type

    def entry(self) -> tuple[Any, dict[str, Any]]:
        """Return its entry of `INPUT_TYPES`."""
        return self.kind(), self.as_dict()


class WidgetInput(Input):
    """An input that the editor draws a field for; its own arguments come behind the shared ones, by name."""

    NAMES: ClassVar[dict[str, str]] = {}
    """Arguments to the names of their options."""
    DEFAULTS: ClassVar[dict[str, Any]] = {}

    def __init__(
        self,
        id: str,  # noqa: A002 - packs' word
        display_name: str | None = None,
        optional: bool = False,
        tooltip: str | None = None,
        lazy: bool | None = None,
        default: Any = None,
        socketless: bool | None = None,
        widget_type: str | None = None,
        force_input: bool | None = None,
        extra_dict: dict[str, Any] | None = None,
        raw_link: bool | None = None,
        advanced: bool | None = None,
        **own: Any,
    ) -> None:
        super().__init__(id, display_name, optional, tooltip, lazy, extra_dict, raw_link, advanced)
        unknown = sorted(set(own) - set(self.NAMES))
        if unknown:
            raise TypeError(f"{type(self).__qualname__} {id!r} has no argument {', '.join(unknown)}.")
        self.default, self.socketless, self.widget_type, self.force_input = (
            default,
            socketless,
            widget_type,
            force_input,
        )
        self._own = {**self.DEFAULTS, **own}
        vars(self).update({name: self._own.get(name) for name in self.NAMES})

    def options(self) -> dict[str, Any]:
        """Return what the field is drawn by."""
        shared = _given(
            default=self.default, socketless=self.socketless, widgetType=self.widget_type, forceInput=self.force_input
        )
        own = {self.NAMES[name]: _plain(value) for name, value in self._own.items() if value is not None}
        return {**shared, **own}


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


class ComfyType:
    """A type of wires: `Input` and `Output` belong to it."""

    io_type: ClassVar[str] = "*"
    Type: ClassVar[Any] = Any
    Input: ClassVar[type] = Input
    Output: ClassVar[type] = Output


def Custom(io_type: str) -> Any:  # noqa: N802 - ComfyUI's name
    """Return a type of wires of this name."""
    return _type(re.sub(r"\W", "_", io_type), io_type)


def comfytype(io_type: str, **kwargs: Any) -> Any:
    """Decorate a class with `Input` and `Output` as a type of wires."""

    def decorate(cls: Any) -> Any:
        cls.io_type = io_type
        for part, base in (("Input", Input), ("Output", Output)):
            own = getattr(cls, part, base)
            setattr(cls, part, type(part, (own,), {"io_type": io_type, "__module__": __name__}))
        return cls

    return decorate


def _type(name: str, io_type: str, base: type = Input, **body: Any) -> Any:
    own = {"io_type": io_type, "__module__": __name__}
    parts = {"Input": type("Input", (base,), {**own, **body}), "Output": type("Output", (Output,), own)}
    return type(name, (ComfyType,), {"io_type": io_type, "__module__": __name__, "Type": Any, **parts})


def _widget(
    name: str, io_type: str, names: Sequence[str] = (), renamed: dict[str, str] | None = None, **defaults: Any
) -> Any:
    known = {**{one: one for one in names}, **(renamed or {})}
    return _type(name, io_type, WidgetInput, NAMES=known, DEFAULTS=defaults)


Boolean = _widget("Boolean", "BOOLEAN", ("label_on", "label_off"))
Int = _widget("Int", "INT", ("min", "max", "step", "control_after_generate"), {"display_mode": "display"})
Float = _widget("Float", "FLOAT", ("min", "max", "step", "round"), {"display_mode": "display"})
String = _widget(
    "String", "STRING", ("multiline", "placeholder"), {"dynamic_prompts": "dynamicPrompts"}, multiline=False
)


class _ComboInput(WidgetInput):
    """A list to choose from."""

    io_type = "COMBO"
    NAMES: ClassVar[dict[str, str]] = {"control_after_generate": "control_after_generate"}

    def __init__(
        self,
        id: str,  # noqa: A002 - packs' word
        options: Any = None,
        display_name: str | None = None,
        optional: bool = False,
        tooltip: str | None = None,
        lazy: bool | None = None,
        default: Any = None,
        control_after_generate: bool | None = None,
        upload: UploadType | None = None,
        image_folder: FolderType | None = None,
        remote: RemoteOptions | None = None,
        **shared: Any,
    ) -> None:
        own = _given(control_after_generate=control_after_generate)
        super().__init__(id, display_name, optional, tooltip, lazy, _plain(default), **own, **shared)
        listed = isinstance(options, type) and issubclass(options, Enum)
        self.choices = [member.value for member in options] if listed else list(options or ())
        self.upload, self.image_folder, self.remote = upload, image_folder, remote

    def options(self) -> dict[str, Any]:
        """Return the list, and how it is filled."""
        found = {**super().options(), "multiselect": False, "options": self.choices}
        if self.upload is not None:
            found[self.upload.value] = True
        if self.image_folder is not None:
            found["image_folder"] = self.image_folder.value
        return found if self.remote is None else {**found, "remote": self.remote.as_dict()}


class _ComboOutput(Output):
    """A value of a list."""

    io_type = "COMBO"

    def __init__(
        self,
        id: str | None = None,  # noqa: A002 - packs' word
        display_name: str | None = None,
        options: Sequence[Any] | None = None,
        tooltip: str | None = None,
        is_output_list: bool = False,
    ) -> None:
        super().__init__(id, display_name, tooltip, is_output_list)
        self.options = list(options or ())

    def kind(self) -> Any:
        """Return the list."""
        return self.options or "COMBO"


class _MultiComboInput(_ComboInput):
    """A list of which several may be chosen."""

    NAMES: ClassVar[dict[str, str]] = {**_ComboInput.NAMES, "placeholder": "placeholder", "chip": "chip"}

    def options(self) -> dict[str, Any]:
        """Return the list."""
        found = {**super().options(), "multi_select": True}
        found.pop("multiselect")
        return found


class Combo(ComfyType):
    """One of a list."""

    io_type = "COMBO"
    Input = _ComboInput
    Output = _ComboOutput


class MultiCombo(ComfyType):
    """Some of a list."""

    io_type = "COMBO"
    Input = _MultiComboInput


class _MultiTypeInput(Input):
    """An input that takes several types; the field is that of the input that it is made of."""

    def __init__(self, id: Any, types: Sequence[Any], **shared: Any) -> None:  # noqa: A002 - packs' word
        self.model: WidgetInput | None = id if isinstance(id, WidgetInput) else None
        name = id.id if isinstance(id, Input) else id
        if isinstance(id, Input):
            shared = {"display_name": id.display_name, "optional": id.optional, "tooltip": id.tooltip, **shared}
        super().__init__(name, **shared)
        kinds = ([self.model.io_type] if self.model is not None else []) + [one.io_type for one in types]
        self.io_type = ",".join(dict.fromkeys(kinds))

    def kind(self) -> Any:
        """Return the types: what overlaps them fits."""
        return _Union(self.io_type)

    def options(self) -> dict[str, Any]:
        """Return the options of the field."""
        return {} if self.model is None else {**self.model.options(), "widgetType": self.model.io_type}


class MultiType(ComfyType):
    """Several types."""

    io_type = "COMFY_MULTITYPE_V3"
    Input = _MultiTypeInput


class _Union(str):
    """Names of types, of which one must fit."""

    __slots__ = ()
    __ne__ = node_typing.IO.__ne__
    __hash__ = str.__hash__


AnyType = _type("AnyType", node_typing.IO.ANY)
NAMED = {
    "Image": "IMAGE", "Mask": "MASK", "Latent": "LATENT", "Conditioning": "CONDITIONING", "Sampler": "SAMPLER",
    "Sigmas": "SIGMAS", "Noise": "NOISE", "Guider": "GUIDER", "Clip": "CLIP", "ControlNet": "CONTROL_NET", "Vae": "VAE",
    "Model": "MODEL", "ClipVision": "CLIP_VISION", "ClipVisionOutput": "CLIP_VISION_OUTPUT",
    "StyleModel": "STYLE_MODEL", "Gligen": "GLIGEN", "UpscaleModel": "UPSCALE_MODEL", "Audio": "AUDIO",
    "Video": "VIDEO", "SVG": "SVG", "LoraModel": "LORA_MODEL", "LossMap": "LOSS_MAP", "Voxel": "VOXEL", "Mesh": "MESH",
    "Hooks": "HOOKS", "HookKeyframes": "HOOK_KEYFRAMES", "TimestepsRange": "TIMESTEPS_RANGE",
    "LatentOperation": "LATENT_OPERATION", "FlowControl": "FLOW_CONTROL", "Accumulation": "ACCUMULATION",
    "Load3DCamera": "LOAD3D_CAMERA", "Load3D": "LOAD_3D", "Load3DAnimation": "LOAD_3D_ANIMATION",
    "Photomaker": "PHOTOMAKER", "Point": "POINT", "FaceAnalysis": "FACE_ANALYSIS", "BBOX": "BBOX", "SEGS": "SEGS",
    "Webcam": "WEBCAM", "WanCameraEmbedding": "WAN_CAMERA_EMBEDDING", "MODEL_PATCH": "MODEL_PATCH",
    "AudioEncoder": "AUDIO_ENCODER", "AudioEncoderOutput": "AUDIO_ENCODER_OUTPUT",
}  # fmt: skip
"""Types without fields, by the names of their classes."""
globals().update({name: _type(name, io_type) for name, io_type in NAMED.items()})

__all__ = [
    *NAMED, "AnyType", "Boolean", "Combo", "ComfyType", "Custom", "Float", "FolderType", "Input", "Int", "MultiCombo",
    "MultiType", "NumberDisplay", "Output", "RemoteOptions", "String", "UploadType", "WidgetInput", "comfytype",
]  # fmt: skip
