"""A peer that cannot sign: mutual TLS vouches for its messages, where its profile says so.

PLT-10.3a, PLT-7.10e. Whatever else comes without a signature is answered as a forgery is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.cases.applied import an_access
from tests.trio import (
    NOW,
    OPERATOR,
    OTHER,
    PLATFORM,
    Trio,
    batch,
    kept,
    ret_of,
    secrets_of,
    station,
)
from tests.unsigned import unsigned
from vgigw.crypto.link_keys import KeyState, LinkKey, Purpose
from vgigw.crypto.ring_suites import ring_suites
from vgigw.crypto.secret_set_form import SECRET_NAMES
from vgigw.crypto.secret_sets import SecretSet, SecretSets
from vgigw.crypto.secrets import Secrets
from vgigw.envelope.wire import Transport, WireAnswer, WireRequest
from vgigw.handlers.audit import AUDIT
from vgigw.objects import (
    AlarmEvent,
    AuditRecord,
    EvaluationQuery,
    InformationObject,
    TimeQuery,
    TokenRequest,
)
from vgigw.objects.evaluation import SubjectKind
from vgigw.operations import (
    PUSH_ARCHIVE,
    QUERY_EVALUATION,
    QUERY_TIME,
    QUERY_TOKEN,
    SUBMIT_ACCESS,
    UPLOAD_TELEMETRY,
    Operation,
)
from vgigw.ports import Protection

DOORS = ["rest", "soap"]
OWN, FOREIGN, NEW = (f"sha256:{digit * 64}" for digit in "abc")
MUTUAL = Transport.MUTUAL_TLS
PROFILE: dict[str, Any] = {
    "certificates": (OWN,),
    "protection": Protection.TRANSPORT,
    "unsigned": True,
}
ALL: dict[str, Any] = PROFILE | {"unsigned_sensitive": True}
SIGNS: dict[str, Any] = PROFILE | {"unsigned": False}
FORGED, REPLAYED, STALE, UNUSABLE, UNPROTECTED, CONFLICT = 4001, 4101, 4102, 4104, 4105, 4202


def world(door: str, profile: dict[str, Any] = PROFILE) -> Trio:
    return Trio(door, platform_sees={OPERATOR: profile, OTHER: {"certificates": (FOREIGN,)}})


def over(wire: WireRequest, certificate: str = OWN, **how: Any) -> WireRequest:
    return replace(wire, **{"transport": MUTUAL, "certificate": certificate, **how})


def asked(
    trio: Trio,
    operation: Operation = UPLOAD_TELEMETRY,
    request: InformationObject | None = None,
    seq: str = "0001",
    **who: Any,
) -> WireRequest:
    """A message of the operator that nobody signed, over its own certificate."""
    sealed = trio.sealed(operation, request or batch(1, 2), trio.token())
    return over(unsigned(sealed, seq, **{"at": trio.now, **who}))


def code(trio: Trio, wire: WireRequest) -> int:
    return ret_of(trio.give(wire))


def audited(trio: Trio) -> list[AuditRecord]:
    held = trio.platform.store.read(lambda view: view.documents(AUDIT.kind, owner=PLATFORM))
    found = [kept(AuditRecord, each.payload) for each in held]
    return [each for each in found if "mtls:" in each.client_addr]


@pytest.mark.parametrize("door", DOORS)
def test_plt_10_3a_its_own_certificate_vouches_for_an_unsigned_message(door: str) -> None:
    trio = world(door)
    assert code(trio, asked(trio)) == 0
    assert sorted(trio.records()) == [1, 2]


@pytest.mark.parametrize("door", DOORS)
def test_it_asks_for_its_token_unsigned_too(door: str) -> None:
    trio = world(door)
    secret = secrets_of(OPERATOR).operator_secret.decode()
    request = TokenRequest(operator_id=OPERATOR, operator_secret=secret)
    given = trio.give(over(unsigned(trio.sealed(QUERY_TOKEN, request, None), at=trio.now)))
    assert ret_of(given) == 0
    assert b"AccessToken" in given.body
    # Without its token a certificate opens nothing.
    sealed = trio.sealed(UPLOAD_TELEMETRY, batch(1, 2), "x" * 64)
    assert code(trio, over(unsigned(sealed, "0002", at=trio.now))) == 4002


ATTACKS: dict[str, Callable[[str], tuple[Trio, WireRequest]]] = {
    "over another peer's certificate": lambda door: (
        (trio := world(door)),
        over(asked(trio), FOREIGN),
    ),
    "over a certificate of nobody": lambda door: ((trio := world(door)), over(asked(trio), NEW)),
    "over TLS without a certificate": lambda door: (
        (trio := world(door)),
        over(asked(trio), "", transport=Transport.TLS),
    ),
    "mutual TLS that tells no certificate": lambda door: (
        (trio := world(door)),
        over(asked(trio), ""),
    ),
    "on this machine": lambda door: (
        (trio := world(door)),
        over(asked(trio), "", transport=Transport.LOOPBACK),
    ),
    "with a certificate that no TLS brought": lambda door: (
        (trio := world(door)),
        over(asked(trio), transport=Transport.LOOPBACK),
    ),
    "to a gateway that it has to sign for": lambda door: (
        (trio := world(door, SIGNS)),
        asked(trio),
    ),
    "in the name of another peer": lambda door: ((trio := world(door)), asked(trio, sender=OTHER)),
    "in the name of a stranger": lambda door: (
        (trio := world(door)),
        asked(trio, sender="555555555"),
    ),
    "on a door that is not its own": lambda door: (
        (trio := world(door, PROFILE | {"doors": frozenset({*DOORS} - {door})})),
        over(unsigned(trio.sealed(UPLOAD_TELEMETRY, batch(1, 2), "x" * 64), at=trio.now)),
    ),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_an_unsigned_message_that_nobody_vouches_for_is_a_forgery(
    door: str, attack: str
) -> None:
    trio, wire = ATTACKS[attack](door)
    answer = trio.give(wire)
    assert ret_of(answer) == FORGED
    assert trio.records() == {}
    assert audited(trio) == []

    # One answer for every cause, and for a wrong signature.
    signed = trio.sealed(UPLOAD_TELEMETRY, batch(1, 2), "x" * 64)
    assert trio.give(over(with_wrong_signature(signed))) == answer


def with_wrong_signature(wire: WireRequest) -> WireRequest:
    if wire.path.startswith("/soap"):
        return replace(wire, body=wire.body.replace(b"Seq>0", b"Seq>1"))
    return replace(wire, headers={**wire.headers, "signature": "vgigw=:AAAA:"})


@pytest.mark.parametrize("door", DOORS)
def test_attack_a_signature_that_is_shown_has_to_hold(door: str) -> None:
    trio = world(door)
    signed = over(trio.sealed(UPLOAD_TELEMETRY, batch(1, 2), trio.token()))
    wrong = with_wrong_signature(signed)
    assert code(trio, wrong) == FORGED
    if door == "rest":
        fields = unsigned(signed, at=trio.now).headers
        for name in ("signature", "signature-input"):
            half = {**fields, name: wrong.headers[name]}
            assert code(trio, replace(signed, headers=half)) == FORGED
    assert trio.records() == {}
    assert code(trio, signed) == 0


@pytest.mark.parametrize("door", DOORS)
def test_plt_7_10e_class_sen_takes_a_switch_of_its_own(door: str) -> None:
    trio = world(door)
    refused = trio.give(asked(trio, SUBMIT_ACCESS, an_access()))
    assert ret_of(refused) == UNPROTECTED
    assert b"a message of class SEN has to be signed" in refused.body

    trio = world(door, ALL)
    assert code(trio, asked(trio, SUBMIT_ACCESS, an_access())) == 0


@pytest.mark.parametrize("door", DOORS)
def test_attack_the_same_message_again_has_its_effect_once(door: str) -> None:
    trio = world(door)
    wire = asked(trio)
    assert [code(trio, wire), code(trio, wire)] == [0, 0]
    assert sorted(trio.records()) == [1, 2]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("other", DOORS)
def test_attack_one_identifier_is_good_for_one_content(door: str, other: str) -> None:
    trio = world(door)
    assert code(trio, asked(trio)) == 0
    trio.door = other
    assert code(trio, asked(trio, request=batch(3, 4))) == REPLAYED
    assert code(trio, asked(trio, QUERY_TIME, TimeQuery(t1=NOW))) == REPLAYED
    assert sorted(trio.records()) == [1, 2]
    assert code(trio, asked(trio, request=batch(3, 4), seq="0002")) == 0


@pytest.mark.parametrize("door", DOORS)
def test_attack_another_content_of_one_act_is_4202_under_a_new_identifier_too(door: str) -> None:
    trio = world(door)
    assert code(trio, asked(trio)) == 0
    other = batch(1, 2, send_time=NOW + timedelta(seconds=1))
    assert code(trio, asked(trio, request=other, seq="0002")) == CONFLICT


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("off_s", [-301, 301])
def test_attack_it_is_fresh_as_any_other(door: str, off_s: int) -> None:
    trio = world(door)
    at = trio.now + timedelta(seconds=off_s)
    assert code(trio, asked(trio, at=at)) == STALE


@pytest.mark.parametrize("door", DOORS)
def test_a_repeat_after_a_restart_is_known(door: str) -> None:
    trio = world(door)
    assert code(trio, asked(trio)) == 0
    trio.restart(PLATFORM)
    assert code(trio, asked(trio, request=batch(3, 4))) == REPLAYED


def test_attack_a_digest_that_is_shown_has_to_be_the_bodys() -> None:
    trio = world("rest")
    wire = asked(trio)
    assert "content-digest" in wire.headers
    assert code(trio, replace(wire, body=wire.body.replace(b"B1-2", b"B1-3"))) == FORGED


@pytest.mark.parametrize(
    ("field", "value"),
    [("seq", ""), ("seq", "0001, 0002"), ("operatorid", "a b"), ("timestamp", "20261121160000, x")],
)
def test_attack_fields_that_say_two_things_are_malformed(field: str, value: str) -> None:
    trio = world("rest")
    wire = asked(trio)
    assert code(trio, replace(wire, headers={**wire.headers, field: value})) == 4003


@pytest.mark.parametrize("door", DOORS)
def test_plt_7_10e_an_encrypted_body_has_to_be_signed(door: str) -> None:
    trio = Trio(door, platform_sees={OPERATOR: ALL}, scheme="https")
    wire = trio.sealed(UPLOAD_TELEMETRY, batch(1, 2), trio.token())
    assert b"SecuredData" in wire.body
    assert code(trio, over(unsigned(wire, at=trio.now))) == UNPROTECTED
    assert trio.records() == {}


@pytest.mark.parametrize("door", DOORS)
def test_each_message_that_was_taken_unsigned_is_in_the_audit_with_its_certificate(
    door: str,
) -> None:
    trio = world(door)
    assert code(trio, asked(trio)) == 0
    assert code(trio, asked(trio, QUERY_TIME, TimeQuery(t1=NOW), "0002")) == 0
    assert code(trio, asked(trio, SUBMIT_ACCESS, an_access(), "0003")) == UNPROTECTED
    assert code(trio, over(trio.sealed(PUSH_ARCHIVE, station(), trio.token()))) == 0
    found = audited(trio)
    assert [(each.actor, each.action, each.object_ref) for each in found] == [
        (OPERATOR, "UploadTelemetry", "B1-2/S1/1/2"),
        (OPERATOR, "QueryTime", "-"),
    ]
    assert {each.client_addr for each in found} == {f"127.0.0.1 mtls:{'a' * 16}"}
    accepted = [facts for _, event, facts in trio.events if event == "message.accepted"]
    assert [each["operation"] for each in accepted if each.get("unsigned")] == [
        "UploadTelemetry",
        "QueryTime",
    ]


@pytest.mark.parametrize("door", DOORS)
def test_an_unsigned_read_that_was_refused_is_in_the_audit_with_its_code(door: str) -> None:
    trio = world(door)
    query = EvaluationQuery(
        subject_kind=SubjectKind.RESOURCE,
        subject_id="nobody's",
        period_start=NOW - timedelta(days=1),
        period_end=NOW,
    )
    assert code(trio, asked(trio, QUERY_EVALUATION, query)) == 4201
    assert [(each.action, each.result) for each in audited(trio)] == [("QueryEvaluation", 4201)]


@pytest.mark.parametrize("suite", ["gm", "intl"])
@pytest.mark.parametrize("door", DOORS)
def test_our_answer_is_signed_with_keys_of_the_ring_too(door: str, suite: str) -> None:
    assert ring_suites([suite])
    trio = Trio(door, platform_sees={OPERATOR: PROFILE}, suite=suite)
    answer = trio.give(asked(trio))
    assert ret_of(answer) == 0
    assert b"Sig>" in answer.body or "signature" in answer.headers


def _set(key_id: str, age: timedelta, own: Secrets) -> LinkKey[SecretSet]:
    parts = {name: getattr(own, name) for name in SECRET_NAMES}
    dates = NOW - age, NOW + timedelta(days=1)
    return LinkKey(key_id, Purpose.EXCHANGE, SecretSet(**parts, key_id=key_id), *dates)


@pytest.mark.parametrize("door", DOORS)
def test_acc_5_8_whoever_cannot_sign_may_show_each_set_of_the_ring_that_is_in_use(
    door: str,
) -> None:
    """And is answered by the newest: no set was shown by a signature."""
    own = secrets_of(OPERATOR)
    old = _set("old", timedelta(days=2), Secrets(b"o" * 16, b"o" * 16, b"o" * 16, b"o" * 16))
    new = _set("new", timedelta(days=1), own)
    sets = [old, new]
    trio = world(door, ALL | {"inbound": SecretSets(lambda: sets)})

    def given(secret: bytes, seq: str) -> bool:
        request = TokenRequest(operator_id=OPERATOR, operator_secret=secret.decode())
        answer = trio.give(asked(trio, QUERY_TOKEN, request, seq))
        assert ret_of(answer) == 0
        return b"AccessToken" in answer.body

    assert code(trio, asked(trio, seq="0002")) == 0
    assert given(own.operator_secret, "0003")
    assert given(old.key.operator_secret, "0004")
    assert not given(b"nobody's secret", "0005")
    sets[0] = dataclasses.replace(old, state=KeyState.REVOKED)
    assert not given(old.key.operator_secret, "0006")


def ring_world(door: str, sets: list[LinkKey[SecretSet]], **profile: Any) -> Trio:
    return world(door, ALL | {"inbound": SecretSets(lambda: sets)} | profile)


def suspicions(trio: Trio) -> list[str]:
    trio.platform.look_after(trio.wait(6))
    found = trio.platform.store.read(lambda view: view.documents("AlarmEvent", owner=PLATFORM))
    return [kept(AlarmEvent, each.payload).alarm_code for each in found]


def signed_answer(answer: WireAnswer) -> bool:
    return b"Sig>" in answer.body or "signature" in answer.headers


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("year", [2000, 2099])
def test_attack_a_wrong_clock_is_4102_whatever_the_dates_of_the_sets(door: str, year: int) -> None:
    trio = ring_world(door, [_set("new", timedelta(days=1), secrets_of(OPERATOR))])
    answer = trio.give(asked(trio, at=trio.now.replace(year=year)))
    assert ret_of(answer) == STALE
    assert signed_answer(answer)
    assert "CLOCK_OFF" in suspicions(trio)


@pytest.mark.parametrize("door", DOORS)
def test_where_no_set_is_in_use_whoever_cannot_sign_is_told_so(door: str) -> None:
    sets = [_set("new", timedelta(days=1), secrets_of(OPERATOR))]
    trio = ring_world(door, sets)
    wire = asked(trio)
    sets[0] = dataclasses.replace(sets[0], state=KeyState.REVOKED)
    answer = trio.give(wire)
    assert ret_of(answer) == UNUSABLE
    assert not signed_answer(answer)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("behind_s", [3600, 20 * 365 * 86_400])
def test_a_message_signed_with_a_set_in_use_is_4102_before_it_began_too(
    door: str, behind_s: int
) -> None:
    own = secrets_of(OPERATOR)
    sets = [_set("new", timedelta(minutes=30), own)]
    sets += [_set(f"old{n}", timedelta(days=n), Secrets(*(f"old{n}".encode() * 4,) * 4))
             for n in (1, 2, 3)]  # fmt: skip
    # The newest of more than are tried of those that are of no use any more.
    sets.reverse()
    trio = ring_world(door, sets, unsigned=False, unsigned_sensitive=False)
    at = trio.now - timedelta(seconds=behind_s)
    wire = over(trio.sealed(UPLOAD_TELEMETRY, batch(1, 2), trio.token(), at=at))
    answer = trio.give(wire)
    assert ret_of(answer) == STALE
    assert signed_answer(answer)
    # One that ended does not sign our answer, and neither does one that was revoked.
    sets[-1] = dataclasses.replace(sets[-1], not_after=trio.now - timedelta(seconds=1))
    answer = trio.give(wire)
    assert ret_of(answer) == UNUSABLE
    assert not signed_answer(answer)
    assert ret_of(trio.give(over(with_wrong_signature(wire)))) == FORGED
