"""Signature wrapping: what was signed stands somewhere, and something else where it is read. F82.

The eight shapes are those of Somorovsky et al., "On Breaking SAML: Be Whoever You Want to Be"
(2012), brought from an assertion to the Body of a message; then the same with the other parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.forging import Element, Envelope, evil_twin, forged, made
from tests.trio import ret_of
from tests.wsse import SignedTrio, stranger
from vgigw.codec import xml
from vgigw.envelope import ws_security_terms as term
from vgigw.envelope.wire import WireAnswer, WireRequest

WRAPPER = "{urn:evil}Wrapper"
OBJECT = f"{{{term.DS}}}Object"


@pytest.fixture(scope="module", params=["1.1", "1.2"], ids=["SOAP 1.1", "SOAP 1.2"])
def trio(request: pytest.FixtureRequest) -> SignedTrio:
    return SignedTrio(str(request.param))


@pytest.fixture(scope="module")
def wire(trio: SignedTrio) -> WireRequest:
    return trio.pushed()


@pytest.fixture(scope="module")
def refusal(trio: SignedTrio) -> WireAnswer:
    """What a party gets that nobody knows."""
    return trio.give(stranger(trio))


def test_the_message_that_is_forged_below_is_genuine(trio: SignedTrio) -> None:
    other = SignedTrio(trio.soap_version)

    assert ret_of(other.give(other.pushed())) == 0
    assert len(other.kept()) == 1


def refused(
    trio: SignedTrio, wire: WireRequest, refusal: WireAnswer, change: Callable[[Envelope], object]
) -> None:
    changed = forged(wire, change)
    assert changed.body != wire.body
    assert trio.give(changed) == refusal
    assert ret_of(refusal) == 4001
    assert trio.kept() == []


# Each puts the signed Body somewhere; ``evil`` stands where the Body is read.


def xsw_1_in_the_evil_body_beside_what_is_read(message: Envelope, evil: Element) -> None:
    evil[0].append(message.body)


def xsw_2_in_the_header_beside_the_signature(message: Envelope, evil: Element) -> None:
    message.header.append(message.body)


def xsw_3_in_a_wrapper_before_the_header_is_over(message: Envelope, evil: Element) -> None:
    message.header.insert(0, made(WRAPPER, message.body))


def xsw_4_inside_the_evil_one_as_its_payload(message: Envelope, evil: Element) -> None:
    evil[0][0].append(message.body)


def xsw_5_in_a_wrapper_in_the_security_block(message: Envelope, evil: Element) -> None:
    message.security.append(made(WRAPPER, message.body))


def xsw_6_in_an_object_of_the_signature(message: Envelope, evil: Element) -> None:
    message.signature.append(made(OBJECT, message.body))


def xsw_7_in_an_extension_of_the_message_header(message: Envelope, evil: Element) -> None:
    block = made("{urn:evil}Extensions", made(WRAPPER, message.body))
    message.header.insert(0, block)


def xsw_8_in_an_object_within_the_key_info(message: Envelope, evil: Element) -> None:
    message.signature[-1].append(made(OBJECT, made(WRAPPER, message.body)))


SHAPES = [
    xsw_1_in_the_evil_body_beside_what_is_read,
    xsw_2_in_the_header_beside_the_signature,
    xsw_3_in_a_wrapper_before_the_header_is_over,
    xsw_4_inside_the_evil_one_as_its_payload,
    xsw_5_in_a_wrapper_in_the_security_block,
    xsw_6_in_an_object_of_the_signature,
    xsw_7_in_an_extension_of_the_message_header,
    xsw_8_in_an_object_within_the_key_info,
]
IDS: list[dict[str, str]] = [
    {},
    {"wsu_id": "Body"},
    {"wsu_id": "Other"},
    {"capital": "Body"},
    {"capitals": "Body"},
    {"small": "Body"},
    {"xml_id": "Body"},
    {"wsu_id": "Other", "capital": "Body"},
]


@pytest.mark.parametrize("worn", IDS, ids=lambda worn: "+".join(worn.values()) or "no id")
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_f82_no_wrapped_body_is_accepted(
    trio: SignedTrio,
    wire: WireRequest,
    refusal: WireAnswer,
    shape: Callable[[Envelope, Element], None],
    worn: dict[str, str],
) -> None:
    def change(message: Envelope) -> None:
        evil = evil_twin(message.body, **worn)
        shape(message, evil)
        assert b"EVIL" in message.written()
        assert message.body.getparent() is not None

    refused(trio, wire, refusal, change)


def test_f82_two_bodies_side_by_side_are_no_message(trio: SignedTrio, wire: WireRequest) -> None:
    def before(message: Envelope) -> None:
        evil_twin(message.body).addprevious(message.body)

    def after(message: Envelope) -> None:
        evil_twin(message.body).addnext(message.body)

    for change in (before, after):
        assert ret_of(trio.give(forged(wire, change))) == 4003
    assert trio.kept() == []


def test_f82_an_envelope_inside_an_envelope_is_not_looked_into(
    trio: SignedTrio, wire: WireRequest, refusal: WireAnswer
) -> None:
    """The shape of a signed response that is wrapped as a whole."""

    def change(message: Envelope) -> None:
        whole = Envelope(message.written())
        evil_twin(message.body, wsu_id="Evil")
        message.header.append(made(WRAPPER, whole.root))

    refused(trio, wire, refusal, change)


def hiding_places(message: Envelope) -> Iterator[Element]:
    for tag, parent in ((WRAPPER, message.header), (OBJECT, message.signature)):
        place = made(tag)
        parent.append(place)
        yield place
    yield message.header


@pytest.mark.parametrize("place", range(3), ids=["wrapper", "object", "header"])
@pytest.mark.parametrize("worn", [{}, {"wsu_id": "Timestamp"}, {"wsu_id": "Other"}], ids=str)
def test_f82_no_wrapped_timestamp_is_accepted(
    trio: SignedTrio, wire: WireRequest, refusal: WireAnswer, worn: dict[str, str], place: int
) -> None:
    def change(message: Envelope) -> None:
        evil = evil_twin(message.timestamp, **worn)
        evil[1].text = "2026-11-21T08:09:00.000Z"
        list(hiding_places(message))[place].append(message.timestamp)

    refused(trio, wire, refusal, change)


@pytest.mark.parametrize("place", range(2), ids=["wrapper", "object"])
@pytest.mark.parametrize("worn", [{}, {"wsu_id": "MessageHeader"}, {"wsu_id": "Other"}], ids=str)
def test_f82_no_wrapped_message_header_is_accepted(
    trio: SignedTrio, wire: WireRequest, refusal: WireAnswer, worn: dict[str, str], place: int
) -> None:
    def change(message: Envelope) -> None:
        evil = evil_twin(message.block, **worn)
        message.one(evil, xml.tag("Seq")).text = "0777"
        list(hiding_places(message))[place].append(message.block)

    refused(trio, wire, refusal, change)


@pytest.mark.parametrize("name", ["wsu_id", "capital", "capitals", "small", "xml_id"])
@pytest.mark.parametrize("part", ["Body", "Timestamp", "MessageHeader", "Token"])
def test_f82_no_id_is_worn_twice_however_it_is_spelt(
    trio: SignedTrio, wire: WireRequest, refusal: WireAnswer, part: str, name: str
) -> None:
    """Not even where the second is nowhere near what is read."""

    def change(message: Envelope) -> None:
        message.header.append(made(WRAPPER))
        evil_twin(message.header[-1], **{name: part})

    refused(trio, wire, refusal, change)


def test_f82_two_security_blocks_are_not_chosen_from(
    trio: SignedTrio, wire: WireRequest, refusal: WireAnswer
) -> None:
    for actor in ({}, {"actor": "urn:another"}):

        def change(message: Envelope, actor: dict[str, str] = actor) -> None:
            second = Envelope(message.written()).security
            for each in second.iter():
                each.attrib.pop(term.ID, "")
            for name, value in actor.items():
                second.set(f"{{{message.soap}}}{name}", value)
            message.header.insert(0, second)

        refused(trio, wire, refusal, change)


def test_f82_the_same_elements_in_another_order_are_the_same_message(trio: SignedTrio) -> None:
    """The order of what stands in the Header says nothing, and is no way round either."""
    other = SignedTrio(trio.soap_version)

    def change(message: Envelope) -> None:
        message.header.insert(0, message.security)
        message.security.insert(0, message.signature)

    assert ret_of(other.give(forged(other.pushed(), change))) == 0
    assert len(other.kept()) == 1
