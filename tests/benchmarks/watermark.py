"""`python -m tests.benchmarks.watermark`: marking 512×512 pictures, ours beside the invisible-watermark package.

Ours also reads every mark back, which the package does not; both are timed in turns, on one thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median

import cv2
import numpy as np
from imwatermark import WatermarkEncoder
from PIL import Image, ImageFilter

from ldm_nodes.imaging import watermark

TEXT = "StableDiffusionV1"
TARGET = 20.0  # milliseconds, for 512×512 on one core
ROUNDS = 25


def main() -> None:
    """Measure and print one line per method."""
    cv2.setNumThreads(1)
    noise = np.random.default_rng(5).integers(0, 256, (512, 512, 3), np.uint8)
    picture = np.asarray(Image.fromarray(noise).filter(ImageFilter.GaussianBlur(6)))
    encoder = WatermarkEncoder()
    encoder.set_watermark("bytes", TEXT.encode())
    methods: tuple[watermark.Method, ...] = ("dwtDct", "dwtDctSvd")
    for method in methods:
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(_milliseconds(partial(watermark.encode, picture, TEXT, method)))
            theirs.append(_milliseconds(partial(encoder.encode, picture[..., ::-1], method)))
        ratio = median(mine / other for mine, other in zip(ours, theirs, strict=True))
        verdict = f"≤ {TARGET:g} ms {'met' if median(ours) <= TARGET else 'missed'}"
        times = f"ours {median(ours):5.1f} ms, package {median(theirs):5.1f} ms"
        print(f"{method:<10} {times}, ratio {ratio:.2f}; {verdict}")


def _milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
