"""No secret, token, key material or person in a log, a trace or an answer, whatever fails. F86."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.doors.breaking import Broken, sealed
from tests.doors.sealing import Sender
from tests.server.canaries import (
    FORMS,
    MARK,
    SECRETS,
    TOKEN,
    Form,
    absent,
    kept,
    watched,
)
from tests.server.forced import POINTS, force
from tests.server.served import DOORS
from tests.trio import DISPATCH, NOW, OPERATOR, curve
from vgigw.codec.example import document, example
from vgigw.envelope.wire import WireRequest
from vgigw.objects import CustomerInfo, InformationObject, StationQuery, TokenRequest, VehicleInfo
from vgigw.operations import (
    ISSUE_CONTROL,
    PUSH_CUSTOMER,
    PUSH_VEHICLE,
    QUERY_STATIONS_INFO,
    QUERY_TOKEN,
    Operation,
)

SUITES = ("tcec102", "gm-mac", "gm", "intl")
PERSON = {
    "CustomerName": MARK,
    "Address": f"Road {MARK}",
    "ContactName": MARK,
    "ContactPhone": f"138{MARK}",
}
VIN = f"LGW{MARK}00000001"[:17]


def personal(operation: Operation) -> InformationObject:
    if operation is PUSH_CUSTOMER:
        return example(CustomerInfo, {**PERSON, "OperatorID": OPERATOR})
    return example(VehicleInfo, {"VIN": VIN})


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("door", DOORS)
def test_f86_an_error_forced_at_any_point_tells_nothing_of_its_words(
    tmp_path: Path, door: str, form: Form
) -> None:
    with pytest.MonkeyPatch.context() as outer, watched(tmp_path, form, outer) as (served, log):
        token = served.trio.token(OPERATOR)
        followed = served.trio.token(DISPATCH)
        secret = TokenRequest(
            operator_id=OPERATOR, operator_secret=SECRETS.operator_secret.decode()
        )
        for point in POINTS:
            asked = [
                served.trio.sealed(PUSH_CUSTOMER, personal(PUSH_CUSTOMER), token, door=door),
                served.trio.sealed(PUSH_VEHICLE, personal(PUSH_VEHICLE), token, door=door),
                served.trio.sealed(ISSUE_CONTROL, curve(), followed, door=door, party=DISPATCH),
                served.trio.sealed(QUERY_TOKEN, secret, None, door=door),
                served.trio.sealed(QUERY_STATIONS_INFO, StationQuery(), token, door=door),
            ]
            before = log.tell()
            with pytest.MonkeyPatch.context() as patch:
                force(served.gateway, "tcec102", point, patch)
                answers = [served.post(wire, traceid=f"T-{point}") for wire in asked]
            for answer in answers:
                absent(f"{answer.headers}{answer.text}", token, followed)
            reached = point not in ("suite.decrypt", "suite.encrypt") or door == "cec102"
            assert (b"Leaky" in log.getvalue()[before:]) is reached, point
        absent(log.getvalue(), token, followed)
        shown = kept(served.store)
        assert '"HopNo"' in shown, "else no trace is looked at"
        assert '"AuditID"' in shown, "else no audit is looked at"


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("door", DOORS)
def test_f86_what_stands_in_a_header_comes_out_nowhere(
    tmp_path: Path, door: str, suite: str
) -> None:
    with (
        pytest.MonkeyPatch.context() as patch,
        watched(tmp_path, "json", patch, suite) as (served, log),
    ):
        token = served.trio.token(OPERATOR)
        good = served.trio.sealed(PUSH_CUSTOMER, personal(PUSH_CUSTOMER), token, door=door)
        shown = TokenRequest(operator_id=OPERATOR, operator_secret=f"wrong-{MARK}")
        forged = [
            served.trio.sealed(PUSH_CUSTOMER, personal(PUSH_CUSTOMER), TOKEN, door=door),
            served.trio.sealed(QUERY_TOKEN, shown, None, door=door),
        ]
        answers = [served.post(wire) for wire in forged]
        names = (*good.headers, "authorization", "signature", "signature-input", "soapaction")
        for name in dict.fromkeys((*names, "cookie", "x-forwarded-for", "if-match", "accept")):
            told = good.headers.get(name, "")
            values = (MARK, f"Bearer {TOKEN}", f'{told}; keyid="{MARK}"', f"{told}{MARK}")
            answers += [served.post(good, **{name: value}) for value in values]
        answers.append(served.post(good, traceid=f"{MARK} 123456789"))
        for answer in answers:
            absent(f"{answer.headers}{answer.text}", token)
        assert log.getvalue().count(b"message.refused") >= len(names)
        absent(log.getvalue(), token)


@pytest.mark.parametrize("door", DOORS)
def test_f86_a_member_that_is_refused_is_named_and_never_quoted(tmp_path: Path, door: str) -> None:
    with pytest.MonkeyPatch.context() as patch, watched(tmp_path, "json", patch) as (served, log):
        sender = Sender(OPERATOR, served.trio.token(OPERATOR), NOW, SECRETS)
        for wire in _broken(door, sender, PUSH_CUSTOMER, CustomerInfo, {}):
            answer = served.post(wire)
            assert door == "cec102" or answer.status_code >= 400
            assert "4004" in answer.text
            absent(f"{answer.headers}{answer.text}")
        named = {**_document(CustomerInfo), MARK: MARK}
        made = Broken(PUSH_CUSTOMER, _document(CustomerInfo), named, ())
        answer = served.post(sealed(door, sender, made))
        assert door == "cec102" or MARK in answer.text, "his own name is told him"
        assert b'"paths":["/?"]' in log.getvalue()


def _document(cls: type[InformationObject]) -> dict[str, Any]:
    return document(cls, {"OperatorID": OPERATOR} if cls is CustomerInfo else {})


def _broken(
    door: str, sender: Sender, operation: Operation, cls: type[InformationObject], more: Any
) -> list[WireRequest]:
    """``operation`` with a canary, too long for any text, in each member in turn."""
    whole = _document(cls) | more
    return [
        sealed(door, sender, Broken(operation, whole, {**whole, name: f"{MARK}-{name}" * 60}, ()))
        for name in whole
    ]
