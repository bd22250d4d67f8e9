"""What is read is what was signed, whatever tricks the text of XML knows. F82, F75."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from tests.forging import Envelope, again, forged, made
from tests.trio import OPERATOR, ret_of, station
from tests.wsse import SignedTrio, certified, stranger
from vgigw.envelope import ws_security_terms as term
from vgigw.envelope.wire import WireAnswer, WireRequest
from vgigw.handlers.keeping import object_of
from vgigw.objects import StationInfo


@pytest.fixture(scope="module")
def trio() -> SignedTrio:
    return SignedTrio()


@pytest.fixture(scope="module")
def wire(trio: SignedTrio) -> WireRequest:
    return trio.pushed()


@pytest.fixture(scope="module")
def refusal(trio: SignedTrio) -> WireAnswer:
    """What a party gets that nobody knows."""
    return trio.give(stranger(trio))


def refused(
    trio: SignedTrio, wire: WireRequest, refusal: WireAnswer, change: Callable[[Envelope], object]
) -> None:
    assert ret_of(refusal) == 4001
    assert trio.give(forged(wire, change)) == refusal
    assert trio.kept() == []


def kept_of(trio: SignedTrio, wire: WireRequest, old: bytes, new: bytes) -> list[StationInfo]:
    """What the platform holds after a message in whose bytes somebody changed something."""
    assert wire.body.count(old) == 1
    trio.give(replace(wire, body=wire.body.replace(old, new)))
    return [object_of(StationInfo, each.payload) for each in trio.kept()]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b">ST1<", b">S<!-- comment -->T1<"),
        (b">ST1<", b"><!--ST1-->ST1<"),
        (b">ST1<", b">S<?target data?>T1<"),
        (b">ST1<", b"><![CDATA[ST1]]><"),
        (b">ST1<", b">S<![CDATA[T]]>1<"),
        (b">ST1<", b">&#83;&#x54;1<"),
        (b"<soap:Body ", b"<!-- comment --><soap:Body "),
        (b"<soap:Envelope ", b"<?xml version='1.0'?><!-- comment --><soap:Envelope "),
    ],
)
def test_f82_what_canonical_form_does_not_see_changes_nothing_that_is_read(
    old: bytes, new: bytes
) -> None:
    """A comment in a text is where others read one thing and verify another."""
    trio = SignedTrio()

    assert kept_of(trio, trio.pushed(), old, new) == [station()]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b">ST1<", b">ST<!-- -->2<"),
        (b">ST1<", b">ST1<!-- 2 --> <"),
        (b">ST1<", b">ST1&#0;<"),
        (b">ST1<", b">&undefined;<"),
        (b">ST1<", b">ST1<b/><"),
        (b"<soap:Envelope ", b"<!DOCTYPE x [<!ENTITY e 'ST2'>]><soap:Envelope "),
        (b"<soap:Envelope ", b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'><soap:Envelope "),
        (b"<soap:Envelope ", b"<!DOCTYPE x [<!ATTLIST Body Id ID #IMPLIED>]><soap:Envelope "),
    ],
)
def test_f82_nothing_else_comes_through_comments_entities_or_a_dtd(old: bytes, new: bytes) -> None:
    trio = SignedTrio()

    assert kept_of(trio, trio.pushed(), old, new) == []


def listing(*prefixes: str) -> Callable[[Envelope], object]:
    """Everything in the form with inclusive prefixes, as WSS4J and .NET write it."""

    def change(message: Envelope) -> None:
        for each in (*message.find(term.TRANSFORM), message.signed_info[0]):
            each.append(made(term.PREFIXES, PrefixList=" ".join(prefixes)))
        message.digest(prefixes=prefixes)
        message.sign(certified(OPERATOR).key, prefixes=prefixes)

    return change


@pytest.mark.parametrize(
    "prefixes", [("soap",), ("soap", "wsse", "wsu", "ds"), ("nowhere",), ("#default", "soap"), ()]
)
def test_inclusive_prefixes_as_other_stacks_write_them_are_understood(
    prefixes: tuple[str, ...],
) -> None:
    trio = SignedTrio()

    assert ret_of(trio.give(forged(trio.pushed(), listing(*prefixes)))) == 0
    assert len(trio.kept()) == 1


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_f82_a_prefix_bound_anew_above_what_is_signed_with_it_is_seen(version: str) -> None:
    trio = SignedTrio(version)
    refusal, wire = trio.give(stranger(trio)), forged(trio.pushed(), listing("ds"))
    name = f'xmlns:ds="{term.DS}"'.encode()
    wsse = f'xmlns:wsse="{term.WSSE}"'.encode()
    # The signature keeps its own names; around the Body the prefix means something else.
    body = wire.body.replace(b" " + name, b' xmlns:ds="urn:evil"', 1)
    body = body.replace(b"<ds:Signature>", b"<ds:Signature " + name + b">")
    assert wsse in body

    assert trio.give(replace(wire, body=body)) == refusal
    assert trio.kept() == []


def test_f82_a_list_of_prefixes_is_under_the_signature(
    trio: SignedTrio, wire: WireRequest, refusal: WireAnswer
) -> None:
    def more(message: Envelope) -> None:
        message.find(term.TRANSFORM)[0].append(made(term.PREFIXES, PrefixList="soap"))

    refused(trio, wire, refusal, more)


def test_f82_blanks_that_somebody_put_between_signed_elements_are_seen(
    trio: SignedTrio, wire: WireRequest, refusal: WireAnswer
) -> None:
    def change(message: Envelope) -> None:
        message.body.text = "\n"

    refused(trio, wire, refusal, change)


def test_a_message_written_over_many_lines_is_read_as_well() -> None:
    """Indented before it was signed, as people like to see it."""
    trio = SignedTrio()
    body = re.sub(rb"><(?!/)", b">\n <", trio.pushed().body)
    wire = forged(replace(trio.pushed(), body=body), again(lambda message: None))

    assert ret_of(trio.give(wire)) == 0
    assert len(trio.kept()) == 1


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T08:00:00", "2026-11-21T16:00:00+08:00", "2026-11-21 08:00:00Z",
        "2026-11-31T08:00:00Z", "2026-11-21T08:00Z", "now", "", "٢٠٢٦-11-21T08:00:00Z",
    ],
)  # fmt: skip
@pytest.mark.parametrize("which", [0, 1], ids=["Created", "Expires"])
def test_a_time_that_is_not_utc_is_none(
    trio: SignedTrio, wire: WireRequest, refusal: WireAnswer, which: int, text: str
) -> None:
    def change(message: Envelope) -> None:
        message.timestamp[which].text = text

    refused(trio, wire, refusal, again(change))


@pytest.mark.parametrize(
    "text",
    ["", "=", "####", "AAAA====", "QQ==", "QR==", "QUJD" * 5000, "\uff21" * 8],
    ids=lambda text: text[:8] or "empty",
)
@pytest.mark.parametrize("tag", [term.SIGNATURE_VALUE, term.TOKEN, term.DIGEST_VALUE])
def test_base64_has_one_form_and_a_bound(
    trio: SignedTrio, wire: WireRequest, refusal: WireAnswer, tag: str, text: str
) -> None:
    def change(message: Envelope) -> None:
        message.find(tag)[0].text = text

    refused(trio, wire, refusal, change)


def test_base64_in_lines_is_the_same_certificate() -> None:
    """As many stacks write it."""
    trio = SignedTrio()

    def change(message: Envelope) -> None:
        for element in (message.token, message.value):
            text = element.text or ""
            element.text = "\r\n".join(text[at : at + 76] for at in range(0, len(text), 76)) + "\n"

    assert ret_of(trio.give(forged(trio.pushed(), change))) == 0
