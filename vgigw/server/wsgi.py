"""The WSGI application: the three doors and the open pages on one falcon app."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import falcon
import structlog
from msgspec.structs import replace

from vgigw.doors.cec102.door import Cec102Door
from vgigw.doors.rest.door import RestDoor
from vgigw.doors.soap.door import SoapDoor
from vgigw.envelope.wire import Transport, WireAnswer, WireRequest
from vgigw.errors import Malformed, TooLarge, VgigwError, WrongMedia
from vgigw.ports import Clock, Door
from vgigw.server.arrival import arrived
from vgigw.server.config_listen import check_free
from vgigw.server.log import facts_of
from vgigw.server.pages import Pages
from vgigw.server.slow_bodies import Bodies

if TYPE_CHECKING:
    from vgigw.server.assembly import Gateway

_PIECE_BYTES = 65_536
_FIRST_BYTES = 4_096


class WsgiApplication:
    """Mount it anywhere; ``gateway`` may be shared with other applications in the process."""

    def __init__(self, gateway: Gateway, clock: Clock) -> None:
        own_id = gateway.identity.operator_id
        self.bodies = Bodies()
        pages = Pages(gateway, clock)
        app = falcon.App()
        app.req_options.strip_url_path_trailing_slash = False
        # Falcon has a handler of its own for its errors, which would go before that of Exception.
        app.add_error_handler(falcon.HTTPError, _last_resort)
        app.add_error_handler(Exception, _last_resort)
        # The last one added is asked first: no dialect can take a path of the other doors.
        cec102 = cec102_door(gateway)
        for mount in cec102.mounts:
            pattern = re.compile(re.escape(mount) + ("" if mount.endswith("/") else r"\Z"))
            app.add_sink(_sink(gateway, cec102, clock, self.bodies, pages), prefix=pattern)
        doors = (SoapDoor(own_id, gateway.suites), RestDoor(own_id, suites=gateway.suites))
        for door in doors:
            app.add_sink(_sink(gateway, door, clock, self.bodies, pages), prefix=door.prefix + "/")
        pages.add_to(app)
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


def _sink(
    gateway: Gateway, door: Door, clock: Clock, bodies: Bodies, pages: Pages
) -> Callable[..., None]:
    def serve(req: falcon.Request, resp: falcon.Response, **_: str) -> None:
        if door.name == "soap" and req.method == "GET":
            pages.serve_wsdl(req, resp)
            return
        now = clock.now()
        unread = _unread(req)
        try:
            unread = _with_arrival(unread, req, gateway, now)
            answer = _received(gateway, door, clock, req, unread, bodies)
        except VgigwError as error:
            answer = door.refuse(unread, None, None, error, now)
            gateway.turned_away(door, error, now)
        resp.status = answer.status
        resp.data = answer.body
        for name, value in answer.headers.items():
            resp.set_header(name, value)

    return serve


def _received(
    gateway: Gateway,
    door: Door,
    clock: Clock,
    req: falcon.Request,
    unread: WireRequest,
    bodies: Bodies,
) -> WireAnswer:
    """The answer to a request, once there is room for it and it was read. Raises what it is turned
    away for: ``TooLarge``, ``WrongMedia``, ``Busy``."""
    limit = gateway.identity.max_body_bytes
    if unread.headers.get("content-encoding", "identity").lower() != "identity":
        raise WrongMedia("a compressed body is not accepted")
    size = req.content_length or 0
    if size > limit:
        raise TooLarge(f"a body may have {limit} bytes")
    operation = door.named(unread)
    urgent = operation is not None and operation.urgent
    with gateway.room.hold(size, urgent=urgent) as hold_more:
        with gateway.room.reading(urgent=urgent), bodies.reading() as came:
            request = replace(unread, body=_body(req, limit, hold_more, came))
        with bodies.carrying_out(), gateway.room.place(urgent=urgent):
            return gateway.receive(door, request, clock.now())


def _unread(req: falcon.Request) -> WireRequest:
    """What came before the body; of how it arrived nothing is known yet."""
    return WireRequest(
        method=req.method,
        path=req.path,
        query=req.query_string,
        headers={name.lower(): value for name, value in req.headers.items()},
        transport=Transport.PLAIN,
    )


def _with_arrival(
    unread: WireRequest, req: falcon.Request, gateway: Gateway, now: datetime
) -> WireRequest:
    """Raises ``Malformed`` for a certificate that cannot be read."""
    proxied = gateway.behind_tls_proxy
    came = arrived(req.env, now, behind_tls_proxy=proxied, proxy=gateway.proxy)
    return replace(
        unread, transport=came.transport, source=came.source, certificate=came.certificate
    )


def _body(
    req: falcon.Request, limit: int, hold_more: Callable[[int], None], came: Callable[[int], None]
) -> bytes:
    """The body, piece by piece; one whose length was not told is held so, too, each piece before it
    is read. Raises ``Malformed`` for one that ends early, ``TooLarge``."""
    told = req.content_length
    pieces: list[bytes] = []
    read = held = 0
    while told is not None or _has_body(req):
        # Little at first: who only says that there will be a body holds a small share.
        wanted = min(_PIECE_BYTES, read + _FIRST_BYTES if told is None else told - read)
        if told is None:
            hold_more(read + wanted - held)
            held = read + wanted
        piece = req.stream.read(wanted) if wanted else b""
        if not piece:
            break
        pieces.append(piece)
        read += len(piece)
        came(len(piece))
        if read > limit:
            raise TooLarge(f"a body may have {limit} bytes")
    if told is not None and read < told:
        raise Malformed("the body is shorter than it was told to be")
    return b"".join(pieces)


def _has_body(req: falcon.Request) -> bool:
    """Whether a request that tells no length has a body.

    On HTTP/1.1 neither a length nor an encoding means none; a server that hands us its bare socket
    would wait for one until the peer hangs up."""
    told = "TRANSFER-ENCODING" in req.headers or req.env.get("wsgi.input_terminated")
    return bool(told) or req.env.get("SERVER_PROTOCOL", "").startswith("HTTP/2")


def _last_resort(_: falcon.Request, resp: falcon.Response, error: Exception, __: Any) -> None:
    if isinstance(error, falcon.HTTPError):
        resp.status = error.status
        resp.set_headers(error.headers or {})
        resp.media = {"Ret": 4003, "Msg": error.title or "not found"}
        return
    structlog.get_logger().error("request.failed", **facts_of(error))
    resp.status = 500
    resp.media = {"Ret": 500, "Msg": "system error"}
