"""A wire between the browser and the server that can be cut, and laid again."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

AT_ONCE = 1 << 16


class Wire:
    """Carries what comes in on a port of its own to a server's port, and back.

    Args:
        port: the server's.
    """

    def __init__(self, port: int) -> None:
        self._server = port
        self._open = True
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self) -> None:
        """Break every connection, and take no new one until it is laid again."""
        self._open = False
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            _end(*pair)

    def lay(self, port: int | None = None) -> None:
        """Take connections again; to another port where the server has one now."""
        self._server = self._server if port is None else port
        self._open = True

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # it was closed
            while True:
                near, _ = self._listener.accept()
                if self._open:
                    self._join(near)
                else:
                    near.close()

    def _join(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self._server))
        except OSError:
            near.close()
            return
        with self._lock:
            self._pairs.add((near, far))
        for source, target in ((near, far), (far, near)):
            threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):  # it was cut
            while data := source.recv(AT_ONCE):
                target.sendall(data)
        _end(source, target)


def _end(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):  # the other side was faster
            end.shutdown(socket.SHUT_RDWR)
        end.close()


@contextlib.contextmanager
def wired(port: int) -> Iterator[Wire]:
    """Give a wire to a server; it is taken away afterwards."""
    wire = Wire(port)
    try:
        yield wire
    finally:
        wire.close()
