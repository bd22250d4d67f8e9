"""A utility's own WSGI application with a vgigw platform inside it.

The gateway brings the doors (SOAP, REST, T/CEC 102), the store and the outbox. The host brings the
server, the time, and a handler of its own for the one operation that it wants to do itself.

    vgigw init here && python embed_platform.py here/vgigw.toml 8080
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIServer, make_server

from vgigw import Gateway, handles
from vgigw.errors import VgigwError
from vgigw.handlers.keeping import document_of
from vgigw.objects import StatusReceipt
from vgigw.objects.operating_enumerations import Success
from vgigw.operations import PUSH_DEVICE_STATE
from vgigw.ports import Call, Transaction


@handles(PUSH_DEVICE_STATE)
def note_state(call: Call, tx: Transaction) -> StatusReceipt:
    """Takes the place of the built-in handler; what it writes is durable with the answer."""
    number = tx.next_number("utility-events")
    tx.put(document_of(call, "utility-event", call.peer.operator_id, str(number), version=1))
    return StatusReceipt(status=Success.OK)


class Utility:
    """The host: a page of its own, and the gateway for every other path."""

    def __init__(self, configuration: str) -> None:
        self.gateway = Gateway.from_config(configuration, handlers=[note_state])
        self._doors = self.gateway.wsgi()
        self._stopping = threading.Event()
        self._clockwork = threading.Thread(target=self._keep_ticking, name="clockwork")
        self._clockwork.start()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/utility/events":
            return self._doors(environ, start_response)
        events = self.gateway.store.read(lambda view: view.count_documents("utility-event"))
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [f"{events}\n".encode()]

    def _keep_ticking(self) -> None:
        """Deliver what waits in the outbox, ask for what is missing, forget what ended."""
        while not self._stopping.wait(0.25):
            try:
                self.gateway.tick(datetime.now(UTC))
            except VgigwError as fault:  # a busy or full store: the next tick tries again
                print(f"tick failed: {type(fault).__name__}", file=sys.stderr)

    def close(self) -> None:
        """Finish what was begun."""
        self._stopping.set()
        self._clockwork.join()
        self.gateway.close()


class Server(ThreadingMixIn, WSGIServer):
    """Any WSGI server will do; this one comes with Python."""


def main(configuration: str, port: str) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    utility = Utility(configuration)
    try:
        with make_server("127.0.0.1", int(port), utility, Server) as server:
            server.serve_forever()
    except KeyboardInterrupt:
        print("stopping")
    finally:
        utility.close()


if __name__ == "__main__":
    main(*sys.argv[1:3])
