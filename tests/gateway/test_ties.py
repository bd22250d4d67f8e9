"""A message is tied to the peer that it names by the certificate that it came over. PLT-10.3a."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.trio import NOW, OPERATOR, OTHER, PLATFORM, Trio, batch, ret_of
from vgigw.envelope.wire import Transport, WireAnswer
from vgigw.objects import TimeQuery
from vgigw.operations import QUERY_TIME, UPLOAD_TELEMETRY, Operation
from vgigw.ports import LetterState, Protection
from vgigw.rules.certificates import Tie, fingerprint, tie

DOORS = ["rest", "soap", "cec102"]
OWN, NEXT, FOREIGN, NOBODYS = (f"sha256:{digit * 64}" for digit in "abcd")
KNOWN: dict[str, Any] = {"certificates": (OWN, NEXT), "protection": Protection.TRANSPORT}
PEERS = {OPERATOR: KNOWN, OTHER: {"certificates": (FOREIGN,)}}


def answered(
    door: str,
    certificate: str,
    sees: dict[str, dict[str, Any]] = PEERS,
    operation: Operation = UPLOAD_TELEMETRY,
    **changes: Any,
) -> tuple[WireAnswer, Trio]:
    trio = Trio(door, platform_sees=sees)
    request = batch(1, 2) if operation is UPLOAD_TELEMETRY else TimeQuery(t1=NOW)
    transport = Transport.MUTUAL_TLS if certificate else Transport.TLS
    how = {"transport": transport, "certificate": certificate, **changes}
    wire = replace(trio.sealed(operation, request, trio.token()), **how)
    return trio.give(wire), trio


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("certificate", [OWN, NEXT])
def test_plt_10_3a_a_certificate_of_ones_own_is_mutual_tls(door: str, certificate: str) -> None:
    answer, trio = answered(door, certificate)
    assert ret_of(answer) == 0
    assert sorted(trio.records()) == [1, 2]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("operation", [UPLOAD_TELEMETRY, QUERY_TIME])
def test_attack_what_comes_over_another_peers_certificate_is_not_genuine(
    door: str, operation: Operation
) -> None:
    answer, trio = answered(door, FOREIGN, operation=operation)
    assert ret_of(answer) == 4001
    assert trio.records() == {}


@pytest.mark.parametrize("door", DOORS)
def test_attack_it_is_answered_as_a_wrong_signature_is(door: str) -> None:
    answer, trio = answered(door, FOREIGN)
    wire = trio.sealed(UPLOAD_TELEMETRY, batch(1, 2), None)
    wrong = {
        "rest": {"headers": {**wire.headers, "signature": "vgigw=:AAAA:"}},
        "soap": {"body": wire.body.replace(b"Seq>0", b"Seq>1")},
        "cec102": {"body": wire.body.replace(b'"Seq":"0', b'"Seq":"1')},
    }[door]
    assert trio.give(replace(wire, **wrong)) == answer  # type: ignore[arg-type]


@pytest.mark.parametrize("door", DOORS)
def test_attack_a_peer_without_certificates_does_not_come_over_anothers_either(door: str) -> None:
    sees = {OTHER: {"certificates": (FOREIGN,)}}
    assert ret_of(answered(door, FOREIGN, sees)[0]) == 4001


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("operation", [UPLOAD_TELEMETRY, QUERY_TIME])
def test_plt_10_3a_a_peer_that_has_certificates_comes_over_one(
    door: str, operation: Operation
) -> None:
    assert ret_of(answered(door, "", operation=operation)[0]) == 4105
    # Whoever shows nothing on this machine needs no certificate.
    local: dict[str, Any] = {"transport": Transport.LOOPBACK}
    assert ret_of(answered(door, "", operation=operation, **local)[0]) == 0


@pytest.mark.parametrize("door", ["rest", "soap"])
@pytest.mark.parametrize("certificate", ["", NOBODYS])
def test_a_certificate_of_nobody_says_nothing_of_a_peer_that_is_known_by_none(
    door: str, certificate: str
) -> None:
    by_transport = {OPERATOR: {"protection": Protection.TRANSPORT}}
    by_message = {OPERATOR: {"protection": Protection.MESSAGE}}
    assert ret_of(answered(door, certificate, by_transport)[0]) == 0
    assert ret_of(answered(door, certificate, by_message)[0]) == 4105


@pytest.mark.parametrize("door", ["rest", "soap"])
def test_attack_mutual_tls_without_a_certificate_is_none(door: str) -> None:
    sees = {OPERATOR: {"certificates": (OWN,)}}
    unnamed: dict[str, Any] = {"transport": Transport.MUTUAL_TLS}
    assert ret_of(answered(door, "", sees, **unnamed)[0]) == 4105


@pytest.mark.parametrize(
    ("certificate", "own", "found"),
    [
        ("", (OWN,), Tie.NONE),
        ("", (), Tie.NONE),
        (OWN, (OWN, NEXT), Tie.OWN),
        (FOREIGN, (OWN,), Tie.OF_ANOTHER),
        (FOREIGN, (), Tie.OF_ANOTHER),
        (FOREIGN, (FOREIGN,), Tie.OWN),
        (NOBODYS, (OWN,), Tie.NEW),
        (NOBODYS, (), Tie.NONE),
    ],
)
def test_what_a_certificate_says(certificate: str, own: tuple[str, ...], found: Tie) -> None:
    assert tie(certificate, own, [own, (FOREIGN,)]) is found


@pytest.mark.parametrize(
    "text", ["", "sha256:", "a" * 64, f"sha1:{'a' * 40}", f"sha256:{'g' * 64}"]
)
def test_what_is_no_fingerprint(text: str) -> None:
    with pytest.raises(ValueError, match="sha256"):
        fingerprint(text)


@pytest.mark.parametrize("door", DOORS)
def test_f44_a_letter_that_came_without_a_certificate_waits_until_there_is_one(door: str) -> None:
    trio = Trio(door, platform_sees=PEERS)
    trio.net.transport = Transport.TLS
    trio.operator.send(PLATFORM, UPLOAD_TELEMETRY, batch(1, 2), trio.now)
    trio.tick(3, step_s=1)
    (letter,) = trio.letters(OPERATOR)
    assert (letter.state, letter.last_error) == (LetterState.WAITING, "refused 4105")
    assert trio.records() == {}

    trio.net.transport = Transport.LOOPBACK
    trio.tick(2, step_s=61)
    assert sorted(trio.records()) == [1, 2]
