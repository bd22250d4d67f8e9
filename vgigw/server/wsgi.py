"""The WSGI application: the three doors and the open pages on one falcon app."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import falcon
import structlog

from vgigw.doors.cec102.door import Cec102Door
from vgigw.doors.rest.door import RestDoor
from vgigw.doors.soap.door import SoapDoor
from vgigw.envelope.wire import Transport, WireRequest
from vgigw.errors import Malformed, TooLarge, VgigwError, WrongMedia
from vgigw.ports import Clock, Door
from vgigw.server.arrival import Arrival, arrived
from vgigw.server.config_listen import check_free
from vgigw.server.log import facts_of
from vgigw.server.pages import Pages

if TYPE_CHECKING:
    from vgigw.server.assembly import Gateway


class WsgiApplication:
    """Mount it anywhere; ``gateway`` may be shared with other applications in the process."""

    def __init__(self, gateway: Gateway, clock: Clock) -> None:
        own_id = gateway.identity.operator_id
        app = falcon.App()
        app.req_options.strip_url_path_trailing_slash = False
        # Falcon has a handler of its own for its errors, which would go before that of Exception.
        app.add_error_handler(falcon.HTTPError, _last_resort)
        app.add_error_handler(Exception, _last_resort)
        # The last one added is asked first: no dialect can take a path of the other doors.
        cec102 = cec102_door(gateway)
        for mount in cec102.mounts:
            pattern = re.compile(re.escape(mount) + ("" if mount.endswith("/") else r"\Z"))
            app.add_sink(_sink(gateway, cec102, clock), prefix=pattern)
        doors = (SoapDoor(own_id, gateway.suites), RestDoor(own_id, suites=gateway.suites))
        for door in doors:
            app.add_sink(_sink(gateway, door, clock), prefix=door.prefix + "/")
        Pages(gateway).add_to(app)
        self._app: Any = app

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        return self._app(environ, start_response)  # type: ignore[no-any-return]


def cec102_door(gateway: Gateway) -> Cec102Door:
    """The T/CEC 102 door with the dialects of the peers. Raises ``Misconfigured``."""
    selectors = [peer.dialect for peer in gateway.identity.peers.values()]
    own_id, prefix = gateway.identity.operator_id, gateway.cec102_prefix
    door = Cec102Door(own_id, gateway.suites, prefix, gateway.dialects, selectors)
    for mount in door.mounts:
        check_free(mount, "a dialect's path")
    return door


def _sink(gateway: Gateway, door: Door, clock: Clock) -> Callable[..., None]:
    limit = gateway.identity.max_body_bytes

    def serve(req: falcon.Request, resp: falcon.Response, **_: str) -> None:
        if door.name == "soap" and req.method == "GET":
            Pages.serve_wsdl(gateway, req, resp)
            return
        request, error = _read(req, limit, gateway, clock.now())
        now = clock.now()
        if error is not None:
            answer = door.refuse(request, None, None, error, now)
        else:
            answer = gateway.receive(door, request, now)
        resp.status = answer.status
        resp.data = answer.body
        for name, value in answer.headers.items():
            resp.set_header(name, value)

    return serve


def _read(
    req: falcon.Request, limit: int, gateway: Gateway, now: datetime
) -> tuple[WireRequest, VgigwError | None]:
    """The request, and why its body was not read."""
    headers = {name.lower(): value for name, value in req.headers.items()}
    arrival, error = _arrived(req, gateway, now)
    body = b""
    if error is not None:
        pass
    elif headers.get("content-encoding", "identity").lower() != "identity":
        error = WrongMedia("a compressed body is not accepted")
    elif (req.content_length or 0) > limit:
        error = TooLarge(f"a body may have {limit} bytes")
    else:
        body = _body(req, limit)
        if len(body) > limit:
            error, body = TooLarge(f"a body may have {limit} bytes"), b""
    request = WireRequest(
        method=req.method,
        path=req.path,
        query=req.query_string,
        headers=headers,
        body=body,
        transport=arrival.transport,
        source=arrival.source,
        certificate=arrival.certificate,
    )
    return request, error


def _arrived(
    req: falcon.Request, gateway: Gateway, now: datetime
) -> tuple[Arrival, VgigwError | None]:
    proxied = gateway.behind_tls_proxy
    try:
        return arrived(req.env, now, behind_tls_proxy=proxied, proxy=gateway.proxy), None
    except Malformed as error:
        return Arrival(Transport.PLAIN, ""), error


def _body(req: falcon.Request, limit: int) -> bytes:
    """At most ``limit`` + 1 bytes, where the length was not told."""
    if req.content_length is not None:
        return req.bounded_stream.read()
    # On HTTP/1.1 neither a length nor an encoding means no body; a server that hands us its bare
    # socket would wait for one until the peer hangs up.
    told = "TRANSFER-ENCODING" in req.headers or req.env.get("wsgi.input_terminated")
    if told or req.env.get("SERVER_PROTOCOL", "").startswith("HTTP/2"):
        return req.stream.read(limit + 1)
    return b""


def _last_resort(_: falcon.Request, resp: falcon.Response, error: Exception, __: Any) -> None:
    if isinstance(error, falcon.HTTPError):
        resp.status = error.status
        resp.media = {"Ret": 4003, "Msg": error.title or "not found"}
        return
    structlog.get_logger().error("request.failed", **facts_of(error))
    resp.status = 500
    resp.media = {"Ret": 500, "Msg": "system error"}
