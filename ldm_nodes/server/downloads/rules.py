"""What the operator of this machine allows: from where, how much, in which formats, for how long."""

from __future__ import annotations

from dataclasses import dataclass

HOSTS = (
    "huggingface.co", ".huggingface.co", "hf.co", ".hf.co",
    "civitai.com", ".civitai.com",
    "civitai-delivery-worker-prod.5ac0637cfd0766c97916cefa3764fbdf.r2.cloudflarestorage.com",
    "github.com", "objects.githubusercontent.com",
    "release-assets.githubusercontent.com", "media.githubusercontent.com",
)  # fmt: skip
"""Where models are published, each with the stores that it redirects to."""


@dataclass(frozen=True)
class Rules:
    """The rules of downloads. A request can ask for less than they allow, never for more.

    Attributes:
        hosts: where files may come from, redirects included: `name`, `name:port`, or `.name` for all hosts below it.
        http: allow addresses without encryption.
        networks: networks that may be reached although they are not public, as `10.1.0.0/16`, for a mirror at home.
        pickles: allow the formats of torch, which this package reads without running them, but others do run.
        max_bytes: the largest file.
        patience: seconds in which `least` bytes must come, or the answer to a question.
        least: see `patience`; slower than that is taken for broken.
        seconds: how long one download may take in all.
        attempts: how often in a row a broken connection is made anew.
        pause: seconds before the second attempt; doubled before each one after it.
    """

    hosts: tuple[str, ...] = HOSTS
    http: bool = False
    networks: tuple[str, ...] = ()
    pickles: bool = False
    max_bytes: int = 64 << 30
    patience: float = 30.0
    least: int = 64 << 10
    seconds: float = 24 * 3600.0
    attempts: int = 5
    pause: float = 1.0
