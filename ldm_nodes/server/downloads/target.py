"""Where a file shall lie: a name from a stranger becomes a path below one folder, or nothing."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from ...settings import MODEL_KINDS, MODEL_SUFFIXES, SUFFIXES, Folders
from .errors import CannotWrite, Refused

KINDS = tuple(kind for kind in MODEL_KINDS if kind not in SUFFIXES)
"""The kinds of models that are one file of weights."""
SAFE_SUFFIXES = frozenset({".safetensors", ".sft"})
MAX_PART = 180  # bytes, so that what is added while the file is incomplete fits into 255

_REFUSED = (
    (r"^$", "is empty or has an empty part"),
    (r"^\.", "has a part that starts with a dot"),
    (r"^ |[. ]$", "has a part that starts with a space, or ends in a dot or a space"),
    (r'[\x00-\x1f\x7f<>:"|?*\ud800-\udfff]', "holds characters that no file name may hold"),
    (r"(?i)^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\..*)?$", "holds the name of a device"),
)


def target_of(folders: Folders, kind: str, name: str, *, pickles: bool) -> Path:
    r"""Return the path for a model, in a folder that exists. `\` counts as `/`.

    Args:
        folders: where models are.
        kind: one of `KINDS`.
        name: the file, with `/` for sub-folders.
        pickles: accept the formats of torch too.

    Raises:
        Refused: when the name leads elsewhere, is no name somewhere, or does not end as a model's.
        CannotWrite: when the folder cannot be made.
    """
    if kind not in KINDS:
        raise Refused(f"There is no folder for {kind[:80]!r}; expected one of {', '.join(KINDS)}.")
    parts = name.replace("\\", "/").split("/")
    for part in parts:
        _check_part(part, name)
    _check_suffix(name, pickles)
    return _folder(folders.of(kind)[0], parts[:-1]) / parts[-1]


def _check_part(part: str, name: str) -> None:
    for pattern, reason in _REFUSED:
        if re.search(pattern, part):
            raise Refused(f"The name {name[:80]!r} {reason}; give one like 'sd/v1-5.safetensors'.")
    if len(part.encode()) > MAX_PART:
        raise Refused(f"The name {name[:80]!r} is too long; give one of at most {MAX_PART} bytes.")


def _check_suffix(name: str, pickles: bool) -> None:
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if suffix in SAFE_SUFFIXES or (pickles and suffix in MODEL_SUFFIXES):
        return
    if suffix in MODEL_SUFFIXES:
        raise Refused(
            f"{name[:80]!r} is in a format of torch, which can carry programs; take the .safetensors of the same model."
        )
    raise Refused(f"{name[:80]!r} does not end in .safetensors, as a model must; give the file a name that does.")


def _folder(root: Path, parts: list[str]) -> Path:
    """Make the folder, which after all links must lie below `root`."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        folder = root.joinpath(*parts).resolve()
        if not folder.is_relative_to(root.resolve()):
            raise Refused(f"The folder {'/'.join(parts)!r} is a link that leads outside {root.name}/.")
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, before Python 3.13
        reason = getattr(error, "strerror", None) or "its links form a loop"
        raise CannotWrite(f"The folder {'/'.join([root.name, *parts])} cannot be made: {reason}.") from error
    return folder
