"""The link between the parties of the demonstration: it outlives whoever hangs up on it."""

from __future__ import annotations

import socket
import threading

import pytest

from vgigw.testing.tcp_link import TcpLink


class PumpedToItsEnd(threading.Thread):
    """Where a pump ends at once, it has ended before its link goes on."""

    def start(self) -> None:
        super().start()
        if self.name != "vgigw-link":
            self.join(5)


def test_a_connection_that_ends_at_once_leaves_the_link_to_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        link = TcpLink(server.getsockname()[1])
        monkeypatch.setattr(threading, "Thread", PumpedToItsEnd)
        socket.create_connection(("127.0.0.1", link.port)).close()
        server.accept()[0].close()
        server.settimeout(5)
        with socket.create_connection(("127.0.0.1", link.port), timeout=5) as client:
            client.sendall(b"after")
            client.shutdown(socket.SHUT_WR)
            far, _ = server.accept()
            with far:
                assert far.recv(64) == b"after"
        link.close()
