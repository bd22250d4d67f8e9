"""RFC 9421 with somebody else's implementation on one side of the wire. ACC-5.5."""

from __future__ import annotations

import functools
from typing import Any
from urllib.parse import quote, unquote

import http_message_signatures as foreign
import pytest
import requests
from http_message_signatures import algorithms

from tests.cases.worlds import DISPATCH, NOW, OPERATOR, PLATFORM, SECRET, peer
from tests.doors.sealing import read_refusal
from tests.doors.test_parity_of_refusals import Platform
from vgigw.codec import json
from vgigw.envelope import rest
from vgigw.envelope.wire import Transport, WireAnswer, WireRequest
from vgigw.errors import PeerAnswerInvalid
from vgigw.objects import CommandAck, StationPage, TelemetryQuery
from vgigw.objects.operating_enumerations import AckResult
from vgigw.operations import ACK_CONTROL, QUERY_STATIONS_INFO, QUERY_TELEMETRY, Role
from vgigw.ports import Peer, Protection
from vgigw.senders.rest import RestCourier

HOST = "http://platform.invalid"


class Keys(foreign.HTTPSignatureKeyResolver):
    def resolve_public_key(self, key_id: str) -> bytes:
        return self.resolve_private_key(key_id)

    def resolve_private_key(self, key_id: str) -> bytes:
        assert key_id in (OPERATOR, DISPATCH, PLATFORM)
        return SECRET.encode()


SIGNER = foreign.HTTPMessageSigner(signature_algorithm=algorithms.HMAC_SHA256, key_resolver=Keys())
VERIFIER = foreign.HTTPMessageVerifier(
    signature_algorithm=algorithms.HMAC_SHA256, key_resolver=Keys()
)


@functools.cache
def platform() -> Platform:
    return Platform()


def signed_elsewhere(
    method: str, target: str, body: bytes = b"", *, label: str = "sig1", **more: Any
) -> requests.PreparedRequest:
    """A request of the dispatch system, signed by the foreign implementation."""
    headers = {"Authorization": f"Bearer {platform().senders[DISPATCH].token}"}
    covered = ["@method", "@path", "authorization"]
    if body:
        headers["Content-Type"] = "application/json"
        headers["Content-Digest"] = rest.content_digest(body)
        covered.append("content-digest")
    if "?" in target:
        covered.append("@query")
    request = requests.Request(method, HOST + target, headers=headers, data=body).prepare()
    SIGNER.sign(
        request,
        key_id=DISPATCH,
        created=more.pop("created", NOW),
        label=label,
        covered_component_ids=more.pop("covered", covered),
        use_existing_digest=bool(body),
        **more,
    )
    return request


def received(request: requests.PreparedRequest) -> WireAnswer:
    assert request.url is not None
    path, _, query = request.url.removeprefix(HOST).partition("?")
    body: Any = request.body or b""
    wire = WireRequest(
        method=str(request.method),
        path=unquote(path),
        query=query,
        headers={name.lower(): str(value) for name, value in request.headers.items()},
        body=body if isinstance(body, bytes) else body.encode(),
        transport=Transport.LOOPBACK,
    )
    return platform().world.served.receive(platform().doors["rest"], wire, NOW)


def test_our_door_takes_what_a_foreign_signer_signed() -> None:
    answer = received(signed_elsewhere("GET", "/vgi/v1/stations?PageNo=2&PageSize=7"))

    assert answer.status == 200
    assert json.decode(StationPage, answer.body).page_no == 2


@pytest.mark.parametrize(
    "more",
    [
        {"label": "a-label.of_its*own"},
        {"nonce": "abc"},
        {"include_alg": False},
        {"covered": ["authorization", "@query", "@path", "@method"]},
        {"covered": ["@method", "@authority", "@path", "@query", "authorization"]},
    ],
    ids=str,
)
def test_our_door_takes_every_form_that_the_standard_leaves_open(more: dict[str, Any]) -> None:
    request = signed_elsewhere("GET", "/vgi/v1/telemetry?PageSize=3", **more)
    request.headers["Host"] = "platform.invalid"

    assert received(request).status == 200


def test_a_body_and_a_path_with_chinese_text_are_signed_alike() -> None:
    ack = CommandAck(command_id="指令/1 号", ack_result=AckResult.ACCEPTED, ack_time=NOW)
    body = json.encode(ack)
    target = f"/vgi/v1/commands/{quote('指令/1 号', safe='/')}/ack"

    refusal = read_refusal("rest", received(signed_elsewhere("PUT", target, body)))

    assert refusal.ret == 4301  # genuine and read: a dispatch system may not acknowledge


def test_what_was_changed_after_a_foreign_signature_is_not_genuine() -> None:
    request = signed_elsewhere("GET", "/vgi/v1/telemetry?PageSize=3")
    assert request.url is not None
    request.url = request.url.replace("PageSize=3", "PageSize=4")

    assert read_refusal("rest", received(request)).ret == 4001


def as_response(answer: WireAnswer, request: requests.PreparedRequest) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.headers.update(answer.headers)
    response._content = answer.body
    response.request = request
    return response


def verified(message: Any, **more: Any) -> list[Any]:
    found: list[Any] = VERIFIER.verify(message, **more)
    return found


@pytest.mark.parametrize("page", [1, 0], ids=["a success", "a refusal"])
def test_a_foreign_verifier_finds_our_answers_genuine(page: int) -> None:
    request = signed_elsewhere("GET", f"/vgi/v1/stations?PageNo={page}")
    answer = received(request)
    response = as_response(answer, request)

    assert answer.status == (200 if page else 422)
    found = verified(response, max_age=None)
    assert found[0].parameters["keyid"] == PLATFORM
    assert answer.headers["content-digest"] == rest.content_digest(answer.body)

    response.status_code = 203
    with pytest.raises(foreign.InvalidSignature):
        verified(response, max_age=None)


def typed(**more: Any) -> Peer:
    """The platform, whose transport keeps the secret."""
    return peer(PLATFORM, Role.PLATFORM, "rest", protection=Protection.TRANSPORT, **more)


def by_our_courier(base: str = f"{HOST}/vgi/v1") -> tuple[Any, WireRequest, Any]:
    called = typed(paths=(base,))
    query = TelemetryQuery(object_ids=("桩,1", "2"), page_size=5)
    wire, sent = RestCourier(DISPATCH).seal(called, base, QUERY_TELEMETRY, query, "t", NOW)
    return called, wire, sent


def as_request(wire: WireRequest) -> requests.PreparedRequest:
    target = f"{HOST}/vgi/v1{wire.path}?{wire.query}"
    return requests.Request(wire.method, target, headers=dict(wire.headers)).prepare()


def test_a_foreign_verifier_finds_our_requests_genuine() -> None:
    _, wire, _ = by_our_courier()
    request = as_request(wire)

    assert verified(request, max_age=None)[0].parameters["keyid"] == DISPATCH

    request.url = f"{request.url}&PageNo=2"
    with pytest.raises(foreign.InvalidSignature):
        verified(request, max_age=None)


def test_a_foreign_verifier_finds_our_body_covered() -> None:
    called = typed()
    ack = CommandAck(command_id="指令 1", ack_result=AckResult.ACCEPTED, ack_time=NOW)
    base = f"{HOST}/vgi/v1"
    wire, _ = RestCourier(OPERATOR).seal(called, base, ACK_CONTROL, ack, "t", NOW)
    target = base + quote(wire.path)
    request = requests.Request(wire.method, target, headers=dict(wire.headers)).prepare()

    components = verified(request, max_age=None)[0].covered_components
    assert components['"content-digest"'] == rest.content_digest(wire.body)


def foreign_answer(wire: WireRequest, covered: tuple[str, ...]) -> WireAnswer:
    body = json.encode(StationPage(page_no=1, page_count=0, item_size=0))
    response = as_response(
        WireAnswer(status=200, headers={"Content-Digest": rest.content_digest(body)}, body=body),
        as_request(wire),
    )
    SIGNER.sign(
        response,
        key_id=PLATFORM,
        created=NOW,
        covered_component_ids=covered,
        use_existing_digest=True,
    )
    headers = {name.lower(): value for name, value in response.headers.items()}
    return WireAnswer(status=200, headers=headers, body=body)


COVERED = ("@status", "content-digest", '"signature";req')


def test_our_courier_believes_an_answer_that_a_foreign_signer_signed() -> None:
    called, wire, sent = by_our_courier()
    answer = foreign_answer(wire, COVERED)
    courier = RestCourier(DISPATCH)

    page = courier.open(called, QUERY_STATIONS_INFO, sent, answer)

    assert isinstance(page, StationPage)
    _, _, sent_later = by_our_courier()
    with pytest.raises(PeerAnswerInvalid):
        courier.open(called, QUERY_STATIONS_INFO, sent_later, answer)


@pytest.mark.parametrize("left_out", COVERED)
def test_our_courier_believes_no_answer_that_covers_too_little(left_out: str) -> None:
    called, wire, sent = by_our_courier()
    answer = foreign_answer(wire, tuple(name for name in COVERED if name != left_out))

    with pytest.raises(PeerAnswerInvalid):
        RestCourier(DISPATCH).open(called, QUERY_STATIONS_INFO, sent, answer)
