"""Whatever is sent: a documented code, the places that are wrong, and nothing kept or told."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

import msgspec
import pytest
from lxml import etree

from tests.cases.worlds import DISPATCH
from tests.doors.bad_messages import (
    BEAT_XML,
    CASES,
    S12,
    Make,
    c102,
    later,
    nobody,
    rest_,
    soap_,
    wrong_key,
)
from tests.doors.sealing import by_cec102, by_soap, read_refusal, soap_request
from tests.doors.wsgi_caller import Application, with_body
from vgigw.envelope import soap
from vgigw.envelope.soap import SoapVersion
from vgigw.envelope.wire import WireAnswer
from vgigw.operations import HEARTBEAT, QUERY_TOKEN

BIG = 20 * 1024 * 1024
MOST_SECONDS = 2.0
WORDS_OF_OTHERS = (
    b"lxml", b"msgspec", b"Traceback", b"libxml2", b"cryptography", b'File "', b"falcon",
    b"marshmallow", b"sqlite", b"Exception", b"codec can't", b"xmlns is not", b"XMLSyntax",
)  # fmt: skip


@pytest.fixture(scope="module")
def application() -> Application:
    return Application()


def check(application: Application, door: str, answer: WireAnswer, took_s: float) -> None:
    """What holds of every answer to bad input."""
    told = answer.body + repr(answer.headers).encode()
    assert [word for word in WORDS_OF_OTHERS if word in told] == []
    for event, facts in application.events:
        assert event != "message.failed", facts.get("cause")
        assert [word for word in WORDS_OF_OTHERS if word in repr(facts).encode()] == []
    soap_11 = door == "soap" and answer.headers["content-type"].startswith("text/xml")
    if soap_11 and answer.status == 500:
        code = etree.fromstring(answer.body).findtext(".//faultcode")
        assert code in ("soap:Client", "soap:VersionMismatch", "soap:MustUnderstand")
    else:
        assert answer.status != 500
    assert took_s < MOST_SECONDS


@pytest.mark.parametrize(
    ("door", "make", "ret", "paths"),
    [case[1:] for case in CASES],
    ids=[f"{door}: {name}" for name, door, *_ in CASES],
)
def test_bad_input_has_its_code_and_leaves_no_trace(
    application: Application, door: str, make: Make, ret: int, paths: list[str] | None
) -> None:
    request = make(application.sender())
    application.events.clear()
    rows = application.rows()

    answer, took_s = application.timed(request)

    check(application, door, answer, took_s)
    refusal = read_refusal(door, answer)
    assert refusal.ret == ret
    assert [path for path, _, _ in refusal.details] == (paths or [])
    assert application.rows() == rows


@pytest.mark.parametrize(("door", "make"), [("cec102", c102), ("rest", rest_), ("soap", soap_)])
def test_the_same_message_unspoilt_is_taken(
    application: Application, door: str, make: Make
) -> None:
    answer, _ = application.timed(make(application.sender()))

    assert (answer.status, read_refusal(door, answer).ret) == (200, 0)


@pytest.mark.parametrize("chunked", [False, True], ids=["length told", "chunked"])
@pytest.mark.parametrize(("door", "make"), [("cec102", c102), ("rest", rest_), ("soap", soap_)])
def test_a_body_that_is_too_large_is_not_read_to_its_end(
    application: Application, door: str, make: Make, chunked: bool
) -> None:
    request = with_body(make(application.sender()), b" " * BIG)
    application.events.clear()
    rows = application.rows()

    answer, took_s = application.timed(request, chunked=chunked)

    check(application, door, answer, took_s)
    assert (answer.status, read_refusal(door, answer).ret) == (413, 4003)
    assert application.rows() == rows


@pytest.mark.parametrize(("door", "make"), [("cec102", c102), ("rest", rest_), ("soap", soap_)])
def test_a_stranger_and_a_forger_get_one_answer_acc_5_5(
    application: Application, door: str, make: Make
) -> None:
    sender = application.sender()
    forged, stranger = (
        application.send(wrong_key(make)(sender)),
        application.send(nobody(make)(sender)),
    )

    assert forged == stranger
    assert read_refusal(door, forged).ret == 4001


@pytest.mark.parametrize(("door", "make"), [("cec102", c102), ("rest", rest_), ("soap", soap_)])
def test_another_peers_token_is_worth_nothing_acc_5_7(
    application: Application, door: str, make: Make
) -> None:
    request = make(application.sender()._replace(token=application.token(DISPATCH)))

    assert read_refusal(door, application.send(request)).ret == 4002


@pytest.mark.parametrize(("door", "make"), [("cec102", c102), ("rest", rest_), ("soap", soap_)])
def test_an_expired_token_is_worth_nothing_acc_5_7(door: str, make: Make) -> None:
    application = Application()
    sender = application.sender()
    digest = hashlib.sha256((sender.token or "").encode()).digest()
    over = sender.now - timedelta(seconds=1)
    application.store.write(lambda tx: tx.keep_token(digest, sender.operator_id, over))

    assert read_refusal(door, application.send(make(sender))).ret == 4002


@pytest.mark.parametrize(("door", "make"), [("cec102", c102), ("rest", rest_), ("soap", soap_)])
@pytest.mark.parametrize(("shift", "side"), [(-400, "behind"), (400, "ahead of")])
def test_a_clock_that_is_off_is_told_by_how_much(
    application: Application, door: str, make: Make, shift: int, side: str
) -> None:
    answer = application.send(later(make, seconds=shift)(application.sender()))

    assert re.fullmatch(
        rf"the time stamp is (399|400|401) s {side} our clock; at most 300 s",
        read_refusal(door, answer).msg,
    )


def test_one_envelope_serves_one_interface_only(application: Application) -> None:
    request = by_cec102(application.sender(), "query_services", b"{}")
    elsewhere = msgspec.structs.replace(request, path="/evcs/v1/query_stations_info")

    assert read_refusal("cec102", application.send(request)).ret == 0
    assert read_refusal("cec102", application.send(elsewhere)).ret == 4101


@pytest.mark.parametrize("version", list(SoapVersion), ids=lambda version: version.name)
def test_a_fault_has_the_form_of_its_version_and_a_typed_detail(
    application: Application, version: SoapVersion
) -> None:
    sender = application.sender()._replace(token=None)
    answer = application.send(by_soap(sender, HEARTBEAT, BEAT_XML, version))
    fault = etree.fromstring(answer.body).find(f".//{{{version.namespace}}}Fault")

    assert fault is not None
    assert answer.headers["content-type"].startswith(version.media_type)
    if version is SoapVersion.SOAP_11:
        assert answer.status == 500
        assert [child.tag for child in fault] == ["faultcode", "faultstring", "detail"]
        assert fault[0].text == "soap:Client"
        detail = fault[2]
    else:
        names = {"s": version.namespace}
        assert answer.status == 400
        assert fault.findtext("s:Code/s:Value", namespaces=names) == "soap:Sender"
        assert fault.findtext("s:Reason/s:Text", namespaces=names)
        detail = fault[2]
        assert detail.tag == f"{{{version.namespace}}}Detail"
    assert [child.tag for child in detail] == ["{urn:vgigw:v1}Refusal"]


@pytest.mark.parametrize("version", list(SoapVersion), ids=lambda version: version.name)
def test_another_version_and_an_unknown_block_have_fault_codes_of_their_own(
    application: Application, version: SoapVersion
) -> None:
    sender = application.sender()
    request = by_soap(sender, HEARTBEAT, BEAT_XML, version)
    start = b"<soap:Header>"
    block = start + b'<x xmlns="u" soap:mustUnderstand="1"/>'
    odd = request.body.replace(version.namespace.encode(), b"urn:soap:of:1999")

    for content, code in (
        (odd, "VersionMismatch"),
        (request.body.replace(start, block), "MustUnderstand"),
    ):
        answer = application.send(with_body(request, content))
        assert f"soap:{code}".encode() in answer.body


def test_an_envelope_with_bytes_of_nobody_is_no_token_request(application: Application) -> None:
    request = soap_request(
        QUERY_TOKEN, soap.envelope_of(S12, None, soap.body_of(S12, b"<a/>")), S12
    )

    assert read_refusal("soap", application.send(request)).ret == 4003
