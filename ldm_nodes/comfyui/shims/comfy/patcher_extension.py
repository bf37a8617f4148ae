"""`comfy.patcher_extension`: names of the stages that packs wrap, and how wrappers call each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ....models.model_options import add_wrapper, inside

Wrapper = Callable[..., Any]


class CallbacksMP:
    """Events of a model."""

    ON_CLONE = "on_clone"
    ON_LOAD = "on_load_after"
    ON_DETACH = "on_detach_after"
    ON_CLEANUP = "on_cleanup"
    ON_PRE_RUN = "on_pre_run"
    ON_PREPARE_STATE = "on_prepare_state"
    ON_APPLY_HOOKS = "on_apply_hooks"
    ON_REGISTER_ALL_HOOK_PATCHES = "on_register_all_hook_patches"
    ON_INJECT_MODEL = "on_inject_model"
    ON_EJECT_MODEL = "on_eject_model"

    @classmethod
    def init_callbacks(cls) -> dict[str, dict[str | None, list[Wrapper]]]:
        """Return a table without callbacks."""
        return {}


class WrappersMP:
    """Stages of sampling that can be wrapped: `f(executor, *args)`."""

    OUTER_SAMPLE = "outer_sample"
    PREPARE_SAMPLING = "prepare_sampling"
    SAMPLER_SAMPLE = "sampler_sample"
    PREDICT_NOISE = "predict_noise"
    CALC_COND_BATCH = "calc_cond_batch"
    APPLY_MODEL = "apply_model"
    DIFFUSION_MODEL = "diffusion_model"

    @classmethod
    def init_wrappers(cls) -> dict[str, dict[str | None, list[Wrapper]]]:
        """Return a table without wrappers."""
        return {}


class WrapperExecutor:
    """A function with wrappers around it. Calling it runs the next wrapper, which calls it again to go on."""

    def __init__(self, original: Wrapper, class_obj: Any, wrappers: Sequence[Wrapper], idx: int = 0) -> None:
        self.original, self.class_obj, self.wrappers, self.idx = original, class_obj, list(wrappers), idx

    @classmethod
    def new_executor(cls, original: Wrapper, wrappers: Sequence[Wrapper], idx: int = 0) -> WrapperExecutor:
        """Return an executor of a function."""
        return cls(original, None, wrappers, idx)

    @classmethod
    def new_class_executor(
        cls, original: Wrapper, class_obj: Any, wrappers: Sequence[Wrapper], idx: int = 0
    ) -> WrapperExecutor:
        """Return an executor of a method."""
        return cls(original, class_obj, wrappers, idx)

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Run the wrapper that is next; behind the last one the function."""
        if self.idx >= len(self.wrappers):
            return self.original(*args, **kwargs)
        following = type(self)(self.original, self.class_obj, self.wrappers, self.idx + 1)
        return self.wrappers[self.idx](following, *args, **kwargs)

    __call__ = execute


class PatcherInjection:
    """What a pack puts into a model while it runs."""

    def __init__(self, inject: Wrapper, eject: Wrapper) -> None:
        self.inject, self.eject = inject, eject


def add_wrapper_with_key(
    wrapper_type: str, key: str | None, wrapper: Wrapper, transformer_options: dict[str, Any],
    is_model_options: bool = False,
) -> None:  # fmt: skip
    """Wrap a stage in options."""
    add_wrapper(_options(transformer_options, is_model_options), wrapper_type, key, wrapper)


def _options(options: dict[str, Any], is_model_options: bool) -> dict[str, Any]:
    return options if is_model_options else {"transformer_options": options}


def get_all_wrappers(
    wrapper_type: str, transformer_options: dict[str, Any], is_model_options: bool = False
) -> list[Wrapper]:
    """Return the wrappers of a stage."""
    found = inside(_options(transformer_options, is_model_options)).get("wrappers", {}).get(wrapper_type, {})
    return [wrapper for wrappers in found.values() for wrapper in wrappers]


def copy_nested_dicts(input_dict: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return a table whose tables and lists are new at every depth."""
    from ....models.model_options import copied

    made: dict[Any, Any] = copied(dict(input_dict))
    return made


def merge_nested_dicts(dict1: Mapping[Any, Any], dict2: Mapping[Any, Any], copy_dict1: bool = True) -> dict[Any, Any]:
    """Return both tables as one: lists are joined, of other values the second's are taken."""
    merged = copy_nested_dicts(dict1) if copy_dict1 else dict(dict1)
    pending = [(merged, dict2)]
    while pending:
        into, source = pending.pop()
        for key, value in source.items():
            if isinstance(value, Mapping):
                into[key] = into.get(key, {})
                pending.append((into[key], value))
            else:
                into[key] = into.get(key, []) + value if isinstance(value, list) else value
    return merged
