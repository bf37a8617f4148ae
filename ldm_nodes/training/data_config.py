"""The section `data` of a training configuration.

    data:
      params:
        batch_size: 12            # pictures of one process
        num_workers: 4            # threads that read them
        cache: latents/           # latent diffusion: keep what the autoencoder says of each picture on disk
        train:
          folder: pictures/       # or csv: table.csv, or list: names.txt (with root: a folder)
          caption: name           # of a picture without a caption file: none, folder or name
          size: 64
          crop: center            # or random, with min_side
          mirror: 0.5
          caption_dropout: 0.1    # words left out; kept: [not, these]
          synonym_rate: 0.2       # words replaced by one of synonyms: {a: [b, c]}, or a JSON file of that
        validation: {folder: others/}

Several sources stand as a list under `sources:`. The classes of the original's data sets (`target: ldm.data...`) are
not part of this package; their `params.size` is read, and `folder` and the like may stand beside them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, cast, get_args

from ..models.errors import WrongConfig
from .captions import Wording
from .data import Dataset, Sample
from .errors import DataError
from .pictures import Framing
from .sources import Fallback, from_folder, from_list, from_table

Kind = Literal["folder", "csv", "list"]


@dataclass(frozen=True)
class SourceConfig:
    """Where pictures come from.

    Attributes:
        kind: a folder of pictures, a table, or a list of names.
        path: the folder or file.
        caption: what a picture without a caption file is called (`sources.from_folder`).
        root: the folder that the names of a list are relative to.
    """

    kind: Kind
    path: Path
    caption: Fallback = "none"
    root: Path | None = None

    def samples(self) -> list[Sample]:
        """Return the samples of the source."""
        match self.kind:
            case "folder":
                return from_folder(self.path, self.caption)
            case "csv":
                return from_table(self.path)
            case "list":
                return from_list(self.path, self.root)


@dataclass(frozen=True)
class PictureConfig:
    """What pictures there are and how they are seen.

    Attributes:
        sources: where they come from.
        size: pixels of a side; None: as the model has it.
        crop: "center", or "random".
        min_side: smallest side of a random crop, as a share.
        mirror: probability of exchanging left and right.
        wording: how captions vary.
    """

    sources: tuple[SourceConfig, ...]
    size: int | None = None
    crop: Literal["center", "random"] = "center"
    min_side: float = 1.0
    mirror: float = 0.0
    wording: Wording = field(default_factory=Wording)

    def dataset(self) -> Dataset:
        """Return all samples, in order.

        Raises:
            DataError: there are none, or a source cannot be read.
        """
        return Dataset.of(*(source.samples() for source in self.sources))

    def framing(self, default_size: int) -> Framing:
        """Return how pictures become squares."""
        return Framing(self.size or default_size, self.crop, self.min_side, self.mirror)


@dataclass(frozen=True)
class DataConfig:
    """What a model is trained on.

    Attributes:
        batch_size: pictures of one process at a time.
        threads: how many samples are read at the same time.
        train: the pictures to learn.
        validation: pictures to measure on, or None.
        cache: folder of cached latents, or None.
        cache_dtype: how cached latents are stored.
    """

    batch_size: int
    threads: int
    train: PictureConfig
    validation: PictureConfig | None
    cache: Path | None
    cache_dtype: Literal["float32", "float16"] = "float32"


def read_data(data: Mapping[str, Any], ignored: list[str]) -> DataConfig:
    """Read the section.

    Args:
        data: the section.
        ignored: gets the dotted names of settings that have no meaning here.

    Raises:
        WrongConfig: a key is unknown, or a value does not fit.
        DataError: the configuration does not say where the pictures are.
    """
    _only(data, ("target", "params"), "data")
    params = data.get("params") or {}
    _only(params, _PARAMS, "data.params")
    ignored.extend(f"data.params.{name}" for name in ("wrap", "test", "predict") if name in params)
    train = _pictures(params.get("train") or {}, "train", ignored)
    if train is None:
        raise DataError(_no_pictures(params.get("train") or {}))
    threads = params.get("num_workers")
    return DataConfig(
        batch_size=_whole(params.get("batch_size"), "data.params.batch_size", 1),
        threads=2 if threads is None else max(1, _whole(threads, "data.params.num_workers", 0)),
        train=train,
        validation=_pictures(params.get("validation") or {}, "validation", ignored),
        cache=Path(params["cache"]) if params.get("cache") else None,
        cache_dtype=_choice(params.get("cache_dtype", "float32"), ("float32", "float16"), "data.params.cache_dtype"),
    )


def _pictures(given: Mapping[str, Any], part: str, ignored: list[str]) -> PictureConfig | None:
    """Read one of `train` and `validation`; None if it names no pictures."""
    where = f"data.params.{part}"
    _only(given, _PICTURES, where)
    theirs = given.get("params") or {}
    theirs = {**(theirs.get("config") or {}), **{name: value for name, value in theirs.items() if name != "config"}}
    settings = {**{ours: theirs[name] for name, ours in _THEIRS.items() if name in theirs}, **given}
    entries = settings.get("sources") or [settings]
    sources = tuple(source for entry in entries if (source := _source(entry, where)) is not None)
    if given.get("target"):
        ignored.append(f"{where}.target")
    if not sources:
        return None
    ignored.extend(f"{where}.params.{name}" for name in theirs if name not in _THEIRS)
    crop = _choice(settings.get("crop", "center"), ("center", "random"), f"{where}.crop")
    size = settings.get("size")
    return PictureConfig(
        sources=sources,
        size=None if size is None else _whole(size, f"{where}.size", 1),
        crop=crop,
        min_side=_share(settings.get("min_side", 1.0), f"{where}.min_side"),
        mirror=_share(settings.get("mirror", 0.0), f"{where}.mirror"),
        wording=_wording(settings, where),
    )


def _source(entry: Any, where: str) -> SourceConfig | None:
    if not isinstance(entry, Mapping):
        raise WrongConfig(f"{where}.sources holds {entry!r}; expected tables such as {{folder: pictures/}}.")
    kinds = [kind for kind in get_args(Kind) if entry.get(kind)]
    if len(kinds) > 1:
        raise WrongConfig(f"{where} names {' and '.join(kinds)}; list several sources under `sources:`.")
    if not kinds:
        return None
    kind = cast("Kind", kinds[0])
    caption = _choice(entry.get("caption", "none"), get_args(Fallback), f"{where}.caption")
    return SourceConfig(kind, Path(str(entry[kind])), caption, Path(entry["root"]) if entry.get("root") else None)


def _wording(settings: Mapping[str, Any], where: str) -> Wording:
    synonyms = settings.get("synonyms") or {}
    if isinstance(synonyms, str):
        try:
            synonyms = json.loads(Path(synonyms).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise WrongConfig(f"The synonyms {synonyms} are no readable JSON: {error}.") from error
    if not isinstance(synonyms, Mapping):
        raise WrongConfig(f"{where}.synonyms is {type(synonyms).__name__}; expected words with lists of others.")
    return replace(
        Wording(),
        dropout=_share(settings.get("caption_dropout", 0.0), f"{where}.caption_dropout"),
        kept=frozenset(map(str, settings.get("kept") or ())),
        replacement=_share(settings.get("synonym_rate", 0.0), f"{where}.synonym_rate"),
        synonyms=synonyms,
    )


def _no_pictures(train: Mapping[str, Any]) -> str:
    target = train.get("target")
    what = f"The data set {target} is not part of this package" if target else "The configuration names no pictures"
    return f"{what}; say where they are: data.params.train.folder=DIR, or csv=TABLE, or list=FILE in its place."


def _only(given: Any, known: tuple[str, ...], where: str) -> None:
    if not isinstance(given, Mapping):
        raise WrongConfig(f"{where} is {given!r}; expected a table of settings.")
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise WrongConfig(f"{where} has no key {', '.join(map(str, unknown))}; it knows {', '.join(sorted(known))}.")


def _whole(value: Any, what: str, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise WrongConfig(f"{what} is {value!r}; expected a whole number of at least {least}.")
    return value


def _share(value: Any, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise WrongConfig(f"{what} is {value!r}; expected a number from 0 to 1.")
    return float(value)


def _choice(value: Any, choices: tuple[str, ...], what: str) -> Any:
    if value not in choices:
        raise WrongConfig(f"{what} is {value!r}; expected {' or '.join(choices)}.")
    return value


_PARAMS = (
    "batch_size", "num_workers", "wrap", "train", "validation", "test", "predict", "cache", "cache_dtype",
    "shuffle_val_dataloader", "use_worker_init_fn",
)  # fmt: skip
_PICTURES = (
    "target", "params", "sources", "folder", "csv", "list", "root", "caption", "size", "crop", "min_side", "mirror",
    "caption_dropout", "kept", "synonym_rate", "synonyms",
)  # fmt: skip
_THEIRS = {"size": "size", "min_crop_f": "min_side"}
