"""A WSGI application on a loopback port of its own, for a simulator's callbacks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

HOST = "127.0.0.1"


class Listener:
    """Serves ``application`` in threads of this process from the start until ``close``."""

    def __init__(self, application: Callable[..., Any]) -> None:
        self._server = _Server((HOST, 0), _Quiet)
        self._server.set_app(application)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="vgigw-listener", daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        """The free port that the system chose."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop serving; an exchange that runs is finished."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64

    def server_bind(self) -> None:
        # WSGIServer asks the name service for the host's name, which may take seconds.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, int(self.server_address[1])
        self.setup_environ()


class _Quiet(WSGIRequestHandler):
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by the library
        pass
