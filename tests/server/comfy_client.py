"""A client as people write them for ComfyUI, from its public examples alone: urllib, a WebSocket, three routes.

It knows nothing of this project: `python -m tests.server.comfy_client HOST:PORT GRAPH.json FOLDER` queues the graph,
waits for its end and writes its pictures into the folder.
"""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.parse
import urllib.request
import uuid
from pathlib import Path
from typing import Any

import aiohttp

CLIENT_ID = str(uuid.uuid4())


def queue_prompt(server: str, prompt: Any) -> Any:
    data = json.dumps({"prompt": prompt, "client_id": CLIENT_ID}).encode("utf-8")
    request = urllib.request.Request(f"http://{server}/prompt", data=data)
    return json.loads(urllib.request.urlopen(request).read())


def get_history(server: str, prompt_id: str) -> Any:
    with urllib.request.urlopen(f"http://{server}/history/{prompt_id}") as response:
        return json.loads(response.read())


def get_image(server: str, filename: str, subfolder: str, folder_type: str) -> bytes:
    values = urllib.parse.urlencode({"filename": filename, "subfolder": subfolder, "type": folder_type})
    with urllib.request.urlopen(f"http://{server}/view?{values}") as response:
        return bytes(response.read())


async def get_images(server: str, prompt: Any) -> dict[str, list[bytes]]:
    async with aiohttp.ClientSession() as session, session.ws_connect(f"ws://{server}/ws?clientId={CLIENT_ID}") as ws:
        prompt_id = (await asyncio.to_thread(queue_prompt, server, prompt))["prompt_id"]
        async for out in ws:
            if out.type is not aiohttp.WSMsgType.TEXT:
                continue  # previews are binary data
            message = json.loads(out.data)
            if message["type"] == "executing":
                data = message["data"]
                if data["node"] is None and data["prompt_id"] == prompt_id:
                    break
    history = get_history(server, prompt_id)[prompt_id]
    return {
        node_id: [get_image(server, image["filename"], image["subfolder"], image["type"]) for image in output["images"]]
        for node_id, output in history["outputs"].items()
        if "images" in output
    }


def main(server: str, graph: Path, folder: Path) -> None:
    images = asyncio.run(get_images(server, json.loads(graph.read_text())))
    for node_id, pictures in images.items():
        for number, data in enumerate(pictures):
            (folder / f"{node_id}_{number}.png").write_bytes(data)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
