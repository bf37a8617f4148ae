"""A process that is killed, or whose disk is full, leaves what another one goes on with."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from ldm_nodes.server.downloads.errors import Busy
from ldm_nodes.server.downloads.request import DownloadRequest

from .origin import Origin, Request, downloader, model, ranged, serving

BODY = model(3_000_000)
HALF = len(BODY) // 2


async def stalled(request: Request, writer: asyncio.StreamWriter) -> None:
    """Send one half and then nothing, with the connection open."""
    await ranged(BODY, upto=HALF)(request, writer)
    await asyncio.sleep(60)


def victim(base: Path, *arguments: int) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "tests.server.downloads.victim", str(base), *map(str, arguments)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


@pytest.mark.skipif(sys.platform == "win32", reason="kills as Unix does")
def test_a_killed_process_is_gone_on_from(tmp_path: Path) -> None:
    part = tmp_path / "models" / "checkpoints" / "model.safetensors.part"

    async def run() -> tuple[Path, Origin, int]:
        async with serving(stalled, ranged(BODY)) as origin:
            process = victim(tmp_path, origin.port)
            while not part.exists() or part.stat().st_size < HALF - (1 << 20):
                assert process.poll() is None
                await asyncio.sleep(0.02)
            one, request = downloader(tmp_path, origin.port), DownloadRequest(origin.url())
            with pytest.raises(Busy):
                await one.fetch(request)
            process.kill()
            process.communicate()
            kept = part.stat().st_size
            return (await one.fetch(request)).path, origin, kept

    path, origin, kept = asyncio.run(run())
    assert path.read_bytes() == BODY
    assert [request.start for request in origin.requests] == [0, kept]
    assert sorted(file.name for file in path.parent.iterdir()) == ["model.safetensors"]


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of sizes there")
def test_a_full_disk_is_told_and_gone_on_from(tmp_path: Path) -> None:
    async def run() -> tuple[str, Path, Origin]:
        async with serving(ranged(BODY)) as origin:
            said, _ = await asyncio.to_thread(victim(tmp_path, origin.port, 1 << 20).communicate)
            done = await downloader(tmp_path, origin.port).fetch(DownloadRequest(origin.url()))
            return said, done.path, origin

    said, path, origin = asyncio.run(run())
    assert said.startswith("The disk is full after ")
    assert "make room and ask again to go on" in said
    assert 0 < origin.requests[1].start <= 1 << 20
    assert path.read_bytes() == BODY
