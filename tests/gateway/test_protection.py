"""IMP and SEN travel only where their secrecy holds. PLT-7.10e, PLT-10.4."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.trio import NOW, OPERATOR, Trio, batch, ret_of, secrets_of, station
from vgigw.envelope.wire import Transport
from vgigw.objects import InformationObject, TimeQuery, TokenRequest
from vgigw.operations import (
    PUSH_ARCHIVE,
    QUERY_TIME,
    QUERY_TOKEN,
    UPLOAD_TELEMETRY,
    Operation,
)
from vgigw.ports import Protection

TAKEN, REFUSED = 0, 4105
LOOPBACK, MUTUAL, TLS, PLAIN = (
    Transport.LOOPBACK,
    Transport.MUTUAL_TLS,
    Transport.TLS,
    Transport.PLAIN,
)
MESSAGE: dict[str, Any] = {"protection": Protection.MESSAGE}
BY_TRANSPORT: dict[str, Any] = {"protection": Protection.TRANSPORT}
CERTIFICATE = f"sha256:{'a' * 64}"
SECRET = secrets_of(OPERATOR).operator_secret.decode()
ASKED = TokenRequest(operator_id=OPERATOR, operator_secret=SECRET)


def answer(
    door: str,
    transport: Transport,
    changes: dict[str, Any],
    operation: Operation = UPLOAD_TELEMETRY,
    request: InformationObject | None = None,
    suite: str = "tcec102",
) -> int:
    shown = CERTIFICATE if transport is MUTUAL else ""
    own = {"certificates": (CERTIFICATE,)} if transport is MUTUAL else {}
    trio = Trio(door, platform_sees={OPERATOR: own | changes}, suite=suite)
    wire = trio.sealed(operation, request or batch(1, 2), trio.token())
    code = ret_of(trio.give(replace(wire, transport=transport, certificate=shown)))
    if operation is UPLOAD_TELEMETRY:
        assert sorted(trio.records()) == ([1, 2] if code == 0 else [])
    return code


@pytest.mark.parametrize("door", ["rest", "soap"])
@pytest.mark.parametrize(
    ("transport", "changes", "code"),
    [
        (LOOPBACK, MESSAGE, TAKEN),
        (LOOPBACK, BY_TRANSPORT, TAKEN),
        (MUTUAL, MESSAGE, TAKEN),
        (MUTUAL, BY_TRANSPORT, TAKEN),
        (TLS, BY_TRANSPORT, TAKEN),
        (TLS, MESSAGE, REFUSED),
        (PLAIN, BY_TRANSPORT, REFUSED),
        (PLAIN, MESSAGE, REFUSED),
    ],
)
def test_plt_7_10e_a_typed_body_of_class_imp(
    door: str, transport: Transport, changes: dict[str, Any], code: int
) -> None:
    assert answer(door, transport, changes) == code


@pytest.mark.parametrize("suite", ["tcec102", "gm-mac"])
@pytest.mark.parametrize("allowed", [False, True])
@pytest.mark.parametrize("transport", list(Transport))
def test_plt_10_3b_a_legacy_cipher_protects_only_where_the_profile_allows_it(
    suite: str, transport: Transport, allowed: bool
) -> None:
    code = answer("cec102", transport, {"allow_legacy_suite": allowed}, suite=suite)
    by_suite = suite != "tcec102" or allowed
    safe = transport in (LOOPBACK, MUTUAL) or (transport is TLS and by_suite)
    assert code == (TAKEN if safe else REFUSED)


@pytest.mark.parametrize("door", ["rest", "soap", "cec102"])
def test_a_secret_that_asks_for_a_token_is_of_class_sen_and_not_taken_in_the_open(
    door: str,
) -> None:
    assert answer(door, PLAIN, {}, QUERY_TOKEN, ASKED) == REFUSED


@pytest.mark.parametrize("door", ["rest", "soap", "cec102"])
@pytest.mark.parametrize(
    ("operation", "request_"), [(QUERY_TIME, TimeQuery(t1=NOW)), (PUSH_ARCHIVE, station())]
)
@pytest.mark.parametrize(("transport", "code"), [(TLS, TAKEN), (PLAIN, REFUSED)])
def test_plt_5_1_classes_pub_and_int_need_no_secret_body_but_tls(
    door: str, transport: Transport, code: int, operation: Operation, request_: InformationObject
) -> None:
    assert answer(door, transport, {}, operation, request_) == code


@pytest.mark.parametrize("door", ["rest", "soap"])
def test_leave_for_the_legacy_cipher_is_no_leave_for_a_body_without_one(door: str) -> None:
    assert answer(door, PLAIN, {"allow_legacy_suite": True, **BY_TRANSPORT}) == REFUSED
