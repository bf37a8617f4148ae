"""Who does not say what he wants is not waited for; who does stays as long as it takes."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ldm_nodes.server.site import Limits

from .house import House, serving

PATIENCE = 20
SECONDS = 0.3


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with serving(tmp_path, works=False, limits=Limits(connections=4, header_seconds=SECONDS)) as house:
        yield house


def _connected(house: House) -> socket.socket:
    return socket.create_connection(("127.0.0.1", house.port), timeout=PATIENCE)


def _drip(house: House, seconds: float) -> float | None:
    """Send a byte of a header now and then; return after how many seconds the other side had enough, if it had."""
    with _connected(house) as slow:
        began = time.monotonic()
        slow.sendall(f"GET /prompt HTTP/1.1\r\nHost: {house.host}\r\nX: ".encode())
        slow.settimeout(0.01)
        while time.monotonic() - began < seconds:
            try:
                slow.sendall(b"x")
                if slow.recv(100) == b"":
                    return time.monotonic() - began
            except TimeoutError:
                continue
            except ConnectionError:
                return time.monotonic() - began
    return None


def _closed(client: socket.socket) -> bool:
    """Wait until the other side says something, and say whether that was goodbye."""
    try:
        return client.recv(100) == b""
    except ConnectionError:
        return True


def test_headers_that_come_by_the_byte_are_not_waited_for(house: House) -> None:
    took = _drip(house, PATIENCE)
    assert took is not None
    assert took >= SECONDS
    assert house.get("/prompt").status == 200


def test_who_says_nothing_is_not_waited_for(house: House) -> None:
    with _connected(house) as silent:
        assert _closed(silent)


def test_who_has_asked_once_stays(house: House) -> None:
    with _connected(house) as client:
        for _ in range(2):
            client.sendall(f"GET /prompt HTTP/1.1\r\nHost: {house.host}\r\n\r\n".encode())
            assert client.recv(1000).startswith(b"HTTP/1.1 200")
            time.sleep(2 * SECONDS)


def test_what_takes_long_after_its_headers_is_waited_for(house: House) -> None:
    connected = house.socket("me")
    connected.receive()
    time.sleep(2 * SECONDS)
    connected.send({"type": "feature_flags", "data": {}})
    assert isinstance(connected.receive(), dict)
    connected.close()


def test_many_that_say_nothing_keep_nobody_out(house: House) -> None:
    silent = [_connected(house) for _ in range(40)]
    assert house.get("/prompt").status == 200
    assert len(house.connections) <= 4
    assert all(map(_closed, silent[:36])), "the oldest went at once"
    for client in silent:
        client.close()


def test_with_all_at_work_a_new_one_is_refused(house: House) -> None:
    sockets = [house.socket(str(number)) for number in range(4)]
    for one in sockets:
        one.receive()
    with _connected(house) as late:
        assert late.recv(100).startswith(b"HTTP/1.1 503")
        assert _closed(late)
    sockets.pop().close()
    assert house.get("/prompt").status == 200
    for one in sockets:
        one.close()
