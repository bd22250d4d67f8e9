"""A link that can be cut: a TCP relay between two parties on this machine."""

from __future__ import annotations

import contextlib
import socket
import threading

_CHUNK_BYTES = 65536
_CONNECT_S = 1.0


class TcpLink:
    """Relays ``port`` to ``target_port``, both on loopback, from the start until ``close``.

    While it is cut, connections that stand are broken and new ones are closed at once.
    ``most_reply_bytes`` of each connection's answers are let through, and then it is broken.
    """

    def __init__(self, target_port: int) -> None:
        self._target = ("127.0.0.1", target_port)
        self._server = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._is_cut = False
        self.most_reply_bytes: int | None = None
        self.port = int(self._server.getsockname()[1])
        threading.Thread(target=self._accept, name="vgigw-link", daemon=True).start()

    def cut(self) -> None:
        """Break every connection and let none through until ``mend``."""
        with self._lock:
            self._is_cut = True
            for each in self._open:
                _break(each)

    def mend(self) -> None:
        """Let connections through again."""
        with self._lock:
            self._is_cut = False

    def close(self) -> None:
        """End the relay."""
        self.cut()
        _break(self._server)
        self._server.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self._target, _CONNECT_S)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            with self._lock:
                if self._is_cut:
                    near.close()
                    far.close()
                    continue
                self._open |= {near, far}
            # Both before either is pumped: a pump that ends at once closes both.
            with contextlib.suppress(OSError):
                for each in (near, far):
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for source, sink, most in ((near, far, None), (far, near, self.most_reply_bytes)):
                threading.Thread(target=self._pump, args=(source, sink, most), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, most: int | None) -> None:
        left = most
        with contextlib.suppress(OSError):
            while left != 0 and (data := source.recv(_CHUNK_BYTES)):
                data = data if left is None else data[:left]
                sink.sendall(data)
                left = None if left is None else left - len(data)
        with self._lock:
            for each in (source, sink):
                _break(each)
                each.close()
                self._open.discard(each)


def _break(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
