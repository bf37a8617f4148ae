"""A process that downloads and can be killed. Usage: victim.py BASE PORT [LARGEST], the last in bytes of one file."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from ldm_nodes.server.downloads.errors import DownloadError
from ldm_nodes.server.downloads.request import DownloadRequest

from .origin import downloader


def main(base: Path, port: int, largest: int = 0) -> None:
    """Download, on a disk where no file can be larger than `largest`."""
    if largest:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    request = DownloadRequest(f"http://127.0.0.1:{port}/model.safetensors")
    try:
        asyncio.run(downloader(base, port, patience=60.0).fetch(request))
    except DownloadError as error:
        print(error)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
