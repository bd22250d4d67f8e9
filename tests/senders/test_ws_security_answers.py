"""Which answers by WS-Security our SOAP courier believes: those to its own request. ACC-5.5."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.forging import Envelope, again, evil_twin, made
from tests.trio import DISPATCH, NOW, OTHER, PLATFORM, station
from tests.wsse import SignedTrio, link, to_platform
from vgigw.codec import xml
from vgigw.envelope import ws_security_terms as term
from vgigw.envelope.wire import WireAnswer
from vgigw.errors import PeerAnswerInvalid, PeerRefused
from vgigw.operations import PUSH_ARCHIVE
from vgigw.ports import SoapSignature

SEED = 20261121
WRAPPER = "{urn:evil}Wrapper"


@pytest.fixture(scope="module", params=["1.1", "1.2"], ids=["SOAP 1.1", "SOAP 1.2"])
def trio(request: pytest.FixtureRequest) -> SignedTrio:
    return SignedTrio(str(request.param))


@pytest.fixture(scope="module")
def exchanged(trio: SignedTrio) -> tuple[Any, WireAnswer]:
    return trio.exchanged()


def believed(trio: SignedTrio, sent: Any, answer: WireAnswer, **changed: Any) -> Any:
    courier, peer = trio.courier()
    return courier.open(replace(peer, **changed), PUSH_ARCHIVE, sent, answer)


def not_believed(
    trio: SignedTrio, exchanged: tuple[Any, WireAnswer], change: Callable[[Envelope], object]
) -> None:
    sent, answer = exchanged
    message = Envelope(answer.body)
    change(message)
    with pytest.raises(PeerAnswerInvalid):
        believed(trio, sent, replace(answer, body=message.written()))


def anew(change: Callable[[Envelope], object]) -> Callable[[Envelope], object]:
    """Changed, and signed by the platform itself."""
    return again(change, by=PLATFORM)


def test_an_answer_is_believed_that_is_signed_and_to_this_request(
    trio: SignedTrio, exchanged: tuple[Any, WireAnswer]
) -> None:
    sent, answer = exchanged
    message = Envelope(answer.body)
    anew(lambda message: None)(message)

    assert believed(trio, sent, answer).version == 1
    assert believed(trio, sent, replace(answer, body=message.written())).version == 1


def test_f82_no_bit_of_an_answer_can_be_changed(
    trio: SignedTrio, exchanged: tuple[Any, WireAnswer]
) -> None:
    sent, answer = exchanged
    chosen, body = random.Random(SEED), answer.body
    for place, byte in enumerate(body):
        changed = body[:place] + bytes([byte ^ 1 << chosen.randrange(8)]) + body[place + 1 :]
        with pytest.raises(PeerAnswerInvalid):
            believed(trio, sent, replace(answer, body=changed))


def test_an_answer_is_to_its_own_request_alone(
    trio: SignedTrio, exchanged: tuple[Any, WireAnswer]
) -> None:
    sent, answer = exchanged
    other_sent, other_answer = trio.exchanged("ST2")

    assert believed(trio, other_sent, other_answer).version == 1
    for pair in ((sent, other_answer), (other_sent, answer)):
        with pytest.raises(PeerAnswerInvalid):
            believed(trio, *pair)


def confirmation_of(message: Envelope) -> Any:
    return message.find(term.CONFIRMATION)[0]


def confirmation_gone(message: Envelope) -> None:
    message.security.remove(confirmation_of(message))
    message.signed_info.remove(message.reference("Confirmation"))


def confirmation_unsigned(message: Envelope) -> None:
    message.signed_info.remove(message.reference("Confirmation"))


def confirmation_of_nothing(message: Envelope) -> None:
    del confirmation_of(message).attrib["Value"]


def confirmation_of_another(message: Envelope) -> None:
    confirmation_of(message).set("Value", "QUJD")


def confirmation_twice(message: Envelope) -> None:
    message.security.append(made(term.CONFIRMATION, Value="QUJD"))


def from_another(message: Envelope) -> None:
    message.one(message.block, xml.tag("OperatorID")).text = OTHER


def without_header(message: Envelope) -> None:
    message.header.remove(message.block)
    message.signed_info.remove(message.reference("MessageHeader"))


def dated(created_s: int, expires_s: int) -> Callable[[Envelope], None]:
    def change(message: Envelope) -> None:
        for element, seconds in zip(message.timestamp, (created_s, expires_s), strict=True):
            element.text = f"{NOW + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"

    change.__name__ = f"dated_{created_s}_{expires_s}"
    return change


@pytest.mark.parametrize(
    "change",
    [
        confirmation_gone,
        confirmation_unsigned,
        confirmation_of_nothing,
        confirmation_of_another,
        confirmation_twice,
        from_another,
        without_header,
        dated(-301, 1),
        dated(301, 400),
        dated(-10, 0),
        dated(0, 601),
    ],
    ids=lambda change: change.__name__,
)
def test_what_the_platform_itself_signs_is_checked_as_well(
    trio: SignedTrio,
    exchanged: tuple[Any, WireAnswer],
    change: Callable[[Envelope], None],
) -> None:
    not_believed(trio, exchanged, anew(change))


@pytest.mark.parametrize("worn", [{}, {"wsu_id": "Body"}, {"wsu_id": "Other"}], ids=str)
@pytest.mark.parametrize("place", ["header", "security", "signature", "body"])
def test_f82_no_wrapped_answer_is_believed(
    trio: SignedTrio, exchanged: tuple[Any, WireAnswer], place: str, worn: dict[str, str]
) -> None:
    def change(message: Envelope) -> None:
        evil = evil_twin(message.body, **worn)
        where = {"body": evil[0]}.get(place, getattr(message, place))
        where.append(made(WRAPPER, message.body))

    not_believed(trio, exchanged, change)


@pytest.mark.parametrize("place", ["header", "security", "signature"])
def test_f82_no_wrapped_confirmation_is_believed(
    trio: SignedTrio, exchanged: tuple[Any, WireAnswer], place: str
) -> None:
    """That an old answer is to this request is what somebody would like to say."""
    other_sent, _ = trio.exchanged("ST3")
    _, answer = exchanged
    message = Envelope(answer.body)
    real = confirmation_of(message)
    evil_twin(real, wsu_id="Confirmation").set("Value", other_sent.signature)
    getattr(message, place).append(made(WRAPPER, real))

    with pytest.raises(PeerAnswerInvalid):
        believed(trio, other_sent, replace(answer, body=message.written()))


def test_no_downgrade_an_answer_by_message_header_is_not_believed(trio: SignedTrio) -> None:
    """Nor the other way round."""
    courier, peer = trio.courier()
    sent, answer = trio.exchanged("ST4")

    with pytest.raises(PeerAnswerInvalid):
        believed(trio, sent, answer, soap_signature=SoapSignature.MESSAGE_HEADER)
    by_header = replace(peer, soap_signature=SoapSignature.MESSAGE_HEADER)
    known: Any = trio.platform.identity.peers
    before = known[trio.operator.identity.operator_id]
    known[before.operator_id] = replace(before, soap_signature=SoapSignature.MESSAGE_HEADER)
    wire, header_sent = courier.seal(by_header, "", PUSH_ARCHIVE, station("ST5"), "t", NOW)
    answer = trio.give(to_platform(wire))
    known[before.operator_id] = before

    with pytest.raises(PeerRefused, match="token"):
        courier.open(by_header, PUSH_ARCHIVE, header_sent, answer)
    with pytest.raises(PeerAnswerInvalid):
        courier.open(peer, PUSH_ARCHIVE, header_sent, answer)


def test_an_answer_by_another_peers_certificate_is_not_believed(
    trio: SignedTrio, exchanged: tuple[Any, WireAnswer]
) -> None:
    sent, answer = exchanged
    keys = link(trio.operator.identity.operator_id, DISPATCH)

    with pytest.raises(PeerAnswerInvalid):
        believed(trio, sent, answer, outbound=keys)


def test_our_own_request_is_no_answer(trio: SignedTrio) -> None:
    courier, peer = trio.courier()
    wire, sent = courier.seal(peer, "", PUSH_ARCHIVE, station(), "token", NOW)

    with pytest.raises(PeerAnswerInvalid):
        courier.open(peer, PUSH_ARCHIVE, sent, WireAnswer(status=200, body=wire.body))


def test_a_refusal_is_believed_where_it_is_signed_and_nowhere_else(trio: SignedTrio) -> None:
    courier, peer = trio.courier()
    wire, sent = courier.seal(peer, "", PUSH_ARCHIVE, station(operator_id=OTHER), trio.token(), NOW)
    answer = trio.give(to_platform(wire))

    with pytest.raises(PeerRefused) as refused:
        courier.open(peer, PUSH_ARCHIVE, sent, answer)
    assert refused.value.code == 4301

    def bare(message: Envelope) -> None:
        message.root.remove(message.header)

    not_believed(trio, (sent, answer), bare)
