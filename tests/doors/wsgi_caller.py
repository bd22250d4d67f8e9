"""The real WSGI application over a store in memory, and a caller that can send anything to it."""

from __future__ import annotations

import io
import re
import sys
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import msgspec

from tests.cases.worlds import OPERATOR, PLATFORM, SECRET, SECRETS, identity_of
from tests.doors.sealing import SUITE, Sender, by_cec102
from tests.stores.fresh import fresh_store
from vgigw.codec import cec102_json
from vgigw.envelope import cec102
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.objects import Token
from vgigw.ports import View
from vgigw.server.assembly import Gateway
from vgigw.stores.sql_tables import TABLES
from vgigw.stores.sql_view import SqlView


class Application:
    """One platform; ``events`` is what its log would say, ``rows()`` what its store holds."""

    def __init__(self) -> None:
        self.store = fresh_store()
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.gateway = Gateway(identity_of(PLATFORM), self.store, observer=self._observe)
        self._wsgi = self.gateway.wsgi()

    def _observe(self, event: str, /, **facts: object) -> None:
        self.events.append((event, facts))

    def token(self, party: str = OPERATOR) -> str:
        asked = b'{"OperatorID":"%s","OperatorSecret":"%s"}' % (party.encode(), SECRET.encode())
        sender = Sender(party, now=datetime.now(UTC))
        answer = self.send(by_cec102(sender, "query_token", asked))
        reply = cec102.open_reply(SUITE, SECRETS, answer.body)
        found = cec102_json.decode(Token, reply.plaintext, sender.now, "").obj.access_token
        assert found is not None
        return found

    def sender(self, party: str = OPERATOR) -> Sender:
        """A genuine party with a token of now."""
        return Sender(party, self.token(party), datetime.now(UTC))

    def rows(self) -> dict[str, int]:
        """How many rows each table holds."""
        return self.store.read(_counted)

    def send(self, request: WireRequest, *, chunked: bool = False) -> WireAnswer:
        """One request through the WSGI application, as a server hands it over."""
        told: dict[str, Any] = {}

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
            told["status"] = int(status.split(" ", maxsplit=1)[0])
            told["headers"] = {name.lower(): value for name, value in headers}

        chunks = self._wsgi(environ_of(request, chunked=chunked), start_response)
        return WireAnswer(body=b"".join(chunks), **told)

    def timed(self, request: WireRequest, *, chunked: bool = False) -> tuple[WireAnswer, float]:
        begin = time.perf_counter()
        answer = self.send(request, chunked=chunked)
        return answer, time.perf_counter() - begin


def _counted(view: View) -> dict[str, int]:
    assert isinstance(view, SqlView)
    names = re.findall(r"CREATE TABLE (\w+)", TABLES)
    return {name: view._number(f"SELECT count(*) FROM {name}") for name in names}


def environ_of(request: WireRequest, *, chunked: bool) -> dict[str, Any]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        # WSGI: bytes of the decoded path as latin-1.
        "PATH_INFO": request.path.encode().decode("latin-1"),
        "QUERY_STRING": quote(request.query, safe="%=&+,-.:"),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        environ["HTTP_" + name.upper().replace("-", "_")] = value
    if "content-type" in request.headers:
        environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE")
    if chunked:
        environ["HTTP_TRANSFER_ENCODING"] = "chunked"
        environ["wsgi.input_terminated"] = True
    elif request.body:
        environ["CONTENT_LENGTH"] = str(len(request.body))
    return environ


def with_body(request: WireRequest, body: bytes) -> WireRequest:
    return msgspec.structs.replace(request, body=body)


def with_headers(request: WireRequest, **fields: str | None) -> WireRequest:
    """Fields set, or taken away where None; an underscore stands for a hyphen."""
    changed = {name.replace("_", "-"): value for name, value in fields.items()}
    headers = {n: v for n, v in request.headers.items() if n not in changed}
    headers |= {name: value for name, value in changed.items() if value is not None}
    return msgspec.structs.replace(request, headers=headers)
