"""Over TLS only to whom we trust, and complete or not at all: nothing counts as delivered, and
each letter waits with the reason. PLT-10.3a, F43, F44."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.authority import Authority
from tests.senders.tls_peer import OLD, WHOLE, WITHOUT_LENGTH, Cut, TlsPeer, server_context
from tests.stores.fresh import fresh_store
from tests.trio import OPERATOR, PLATFORM, secrets_of, station
from vgigw.envelope.wire import WireRequest
from vgigw.errors import Misconfigured, PeerNotTrusted, PeerUnreachable
from vgigw.handlers.keeping import object_of
from vgigw.objects import AlarmDomain, AlarmEvent, AlarmState
from vgigw.operations import PUSH_ARCHIVE, Role
from vgigw.ports import Identity, LetterState, Peer
from vgigw.ports.tls import TlsFiles
from vgigw.senders.http import HttpSender
from vgigw.server.assembly import Gateway

ASKED = WireRequest(method="POST", path="/x", body=b"body")
Open = Callable[..., TlsPeer]


class Parties:
    """An authority that we trust and one that we do not, and what they issued."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.trusted = Authority(folder, "trusted")
        self.other = Authority(folder, "other")
        self.good = self.trusted.issue("good")
        self.expired = self.trusted.issue("expired", days=-1)
        self.elsewhere = self.trusted.issue("elsewhere", address="127.0.0.2")
        self.strange = self.other.issue("strange")
        self.revoked = self.trusted.issue("revoked")
        self.own = self.trusted.issue("own")
        self.files = TlsFiles(authorities=self.trusted.file)
        self.with_list = TlsFiles(
            authorities=self.trusted.file, revocations=self.trusted.revoked([self.revoked])
        )


@pytest.fixture(scope="module")
def parties(tmp_path_factory: pytest.TempPathFactory) -> Parties:
    return Parties(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def opened() -> Iterator[Open]:
    made: list[TlsPeer] = []

    def start(*args: Any, **more: Any) -> TlsPeer:
        made.append(TlsPeer(*args, **more))
        return made[-1]

    yield start
    for each in made:
        each.close()


def sender(peer: TlsPeer, files: TlsFiles) -> HttpSender:
    return HttpSender(tls={peer.base: files})


def why(peer: TlsPeer, files: TlsFiles) -> str:
    """Why ``peer`` is not trusted; it got to read nothing."""
    with pytest.raises(PeerNotTrusted) as refused:
        sender(peer, files).exchange(peer.base, ASKED)
    assert peer.requests == []
    return refused.value.why


class Calling:
    """An operator with a letter to a platform at ``peer``."""

    def __init__(self, peer: TlsPeer, files: TlsFiles) -> None:
        self.now = datetime.now(UTC)
        self.told: list[tuple[str, dict[str, object]]] = []
        self.store = fresh_store()
        secrets = secrets_of(OPERATOR)
        platform = Peer(
            operator_id=PLATFORM,
            role=Role.PLATFORM,
            doors=frozenset({"rest"}),
            suite="tcec102",
            inbound=secrets,
            outbound=secrets,
            paths=(peer.base,),
            door="rest",
            tls=files,
        )
        self.gateway = Gateway(
            Identity(operator_id=OPERATOR, role=Role.OPERATOR, peers={PLATFORM: platform}),
            self.store,
            observer=lambda event, /, **facts: self.told.append((event, facts)),
        )
        self.gateway.send(PLATFORM, PUSH_ARCHIVE, station(), self.now)

    def alarms(self) -> list[AlarmEvent]:
        """The alarms that it keeps."""
        held = self.store.read(lambda view: view.documents("AlarmEvent"))
        return [object_of(AlarmEvent, document.payload) for document in held]

    def errors(self) -> list[str]:
        """What was told of the letter, which waits, after one attempt."""
        assert self.gateway.deliver(PLATFORM, self.now) == 0
        (letter,) = self.store.read(lambda view: view.letters())
        assert (letter.state, letter.attempts) == (LetterState.WAITING, 1)
        self.gateway.close()
        assert {event for event, _ in self.told} == {"letter.postponed"}
        return [str(facts["error"]) for _, facts in self.told]


def test_plt_10_3a_a_peer_of_an_authority_that_we_named_is_called(
    parties: Parties, opened: Open
) -> None:
    for files in (parties.files, parties.with_list):
        peer = opened(server_context(parties.good))
        assert sender(peer, files).exchange(peer.base, ASKED).body == b"ok"
        assert peer.requests[0].endswith(b"body")


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("expired", "its certificate has expired"),
        ("strange", "its certificate is of no authority that we trust"),
        ("elsewhere", "its certificate is of another address"),
        ("revoked", "its certificate was revoked"),
    ],
)
def test_f44_nothing_is_told_to_who_is_not_trusted_and_the_letter_waits(
    parties: Parties, opened: Open, shown: str, said: str
) -> None:
    peer = opened(server_context(getattr(parties, shown)))
    files = parties.with_list if shown == "revoked" else parties.files
    assert Calling(peer, files).errors() == [f"PeerNotTrusted: {said}"]
    assert peer.requests == []


def test_f44_a_peer_of_another_authority_is_none_whoever_the_system_trusts(
    parties: Parties, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(parties.other.file))
    peer = opened(server_context(parties.strange))
    assert "no authority" in why(peer, parties.files)


def test_f44_tls_of_before_1_2_is_refused(parties: Parties, opened: Open) -> None:
    context = server_context(parties.good)
    context.set_ciphers(OLD)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    peer = opened(context)
    assert Calling(peer, parties.files).errors() == ["PeerNotTrusted: the handshake failed"]
    assert peer.requests == []


def test_f44_who_is_not_trusted_is_an_alarm_until_it_is_again(
    parties: Parties, opened: Open, tmp_path: Path
) -> None:
    bundle = tmp_path / "authorities.pem"
    bundle.write_bytes(parties.other.file.read_bytes())
    calling = Calling(opened(server_context(parties.good)), TlsFiles(authorities=bundle))
    calling.gateway.deliver(PLATFORM, calling.now)
    calling.gateway.do_chores(calling.now)
    (alarm,) = calling.alarms()
    assert (alarm.alarm_code, alarm.object_id) == ("PEER_NOT_TRUSTED", PLATFORM)
    assert alarm.alarm_domain is AlarmDomain.INFORMATION_SECURITY
    assert alarm.detail == "PeerNotTrusted: its certificate is of no authority that we trust"

    bundle.write_bytes(parties.trusted.file.read_bytes())
    # What was never tried goes first, and a round ends with the first that fails.
    for minutes in (2, 4):
        later = calling.now + timedelta(minutes=minutes)
        calling.gateway.deliver(PLATFORM, later)
        calling.gateway.do_chores(later)
    found = {each.alarm_code: each.alarm_state for each in calling.alarms()}
    # What it answers by the script is not signed.
    assert found == {
        "PEER_NOT_TRUSTED": AlarmState.CLEARED,
        "ANSWERS_UNKNOWN": AlarmState.RAISED,
    }
    calling.gateway.close()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_plt_10_3a_tls_1_2_and_1_3_are_spoken(
    parties: Parties, opened: Open, version: ssl.TLSVersion
) -> None:
    context = server_context(parties.good)
    context.minimum_version = context.maximum_version = version
    peer = opened(context)
    assert sender(peer, parties.files).exchange(peer.base, ASKED).status == 200


def test_f44_a_list_of_revocations_that_has_run_out_or_is_missing_refuses(
    parties: Parties, opened: Open, tmp_path: Path
) -> None:
    peer = opened(server_context(parties.good))
    old = TlsFiles(
        authorities=parties.trusted.file,
        revocations=Authority.revoked(parties.trusted, days=-1).rename(tmp_path / "old.crl"),
    )
    assert why(peer, old) == "the list of revocations has run out"
    of_another = TlsFiles(authorities=parties.trusted.file, revocations=parties.other.revoked())
    assert why(peer, of_another) == "there is no list of revocations of its authority"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_plt_10_3a_our_certificate_is_shown_to_who_asks_for_it(
    parties: Parties, opened: Open, version: ssl.TLSVersion
) -> None:
    context = server_context(parties.good, parties.trusted)
    context.minimum_version = context.maximum_version = version
    peer = opened(context)
    own = TlsFiles(
        authorities=parties.trusted.file,
        certificate=parties.own.certificate,
        certificate_key=parties.own.key,
    )
    assert sender(peer, own).exchange(peer.base, ASKED).status == 200
    assert peer.shown == [parties.own.der]

    strange = TlsFiles(
        authorities=parties.trusted.file,
        certificate=parties.strange.certificate,
        certificate_key=parties.strange.key,
    )
    for files in (strange, parties.files):
        with pytest.raises(PeerUnreachable):
            sender(peer, files).exchange(peer.base, ASKED)
    assert len(peer.requests) == 1


def test_f44_each_base_has_the_files_of_its_own_peer(parties: Parties, opened: Open) -> None:
    first = opened(server_context(parties.good))
    second = opened(server_context(parties.strange))
    both = HttpSender(
        tls={first.base: parties.files, second.base: TlsFiles(authorities=parties.other.file)}
    )
    assert both.exchange(first.base, ASKED).status == 200
    assert both.exchange(second.base, ASKED).status == 200
    with pytest.raises(PeerNotTrusted):
        HttpSender(tls={first.base: parties.files}).exchange(second.base, ASKED)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(
    ("cut", "answer"),
    [
        ("in handshake", WHOLE),
        ("in record", WHOLE),
        ("in record", WITHOUT_LENGTH),
        ("no close_notify", WITHOUT_LENGTH),
    ],
)
def test_f43_what_is_cut_is_no_answer_and_the_letter_waits(
    parties: Parties, opened: Open, cut: Cut, answer: bytes, version: ssl.TLSVersion
) -> None:
    context = server_context(parties.good)
    context.minimum_version = context.maximum_version = version
    peer = opened(context, cut, answer)
    assert Calling(peer, parties.files).errors() == ["PeerUnreachable"]


def test_f43_an_answer_that_tells_its_length_or_its_end_is_complete(
    parties: Parties, opened: Open
) -> None:
    for cut, answer in (("no close_notify", WHOLE), ("", WITHOUT_LENGTH)):
        peer = opened(server_context(parties.good), cut, answer)
        assert sender(peer, parties.files).exchange(peer.base, ASKED).body == b"ok"


def test_a_file_that_is_replaced_counts_from_the_next_message_on(
    parties: Parties, opened: Open, tmp_path: Path
) -> None:
    bundle = tmp_path / "authorities.pem"
    bundle.write_bytes(parties.other.file.read_bytes())
    peer = opened(server_context(parties.good))
    calling = sender(peer, TlsFiles(authorities=bundle))
    with pytest.raises(PeerNotTrusted):
        calling.exchange(peer.base, ASKED)
    # One that cannot be used, half written as it may be, is not taken.
    bundle.write_text("-----BEGIN CERTIFICATE-----\n")
    with pytest.raises(PeerNotTrusted):
        calling.exchange(peer.base, ASKED)
    bundle.write_bytes(parties.trusted.file.read_bytes())
    os.utime(bundle, (1, 1))
    assert calling.exchange(peer.base, ASKED).status == 200


def test_files_that_do_not_do_are_told_at_once(parties: Parties, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.pem"
    text = tmp_path / "text.pem"
    text.write_text("no certificate")
    own, other = parties.own, parties.strange
    for files in (
        TlsFiles(authorities=nothing),
        TlsFiles(authorities=text),
        TlsFiles(revocations=text),
        TlsFiles(certificate=own.certificate, certificate_key=other.key),
        TlsFiles(certificate=text, certificate_key=own.key),
    ):
        with pytest.raises(Misconfigured, match=str(files.named[0])):
            HttpSender(tls={"https://peer.example": files})


def test_a_key_with_a_password_is_refused_and_nobody_is_asked_for_it(parties: Parties) -> None:
    from cryptography.hazmat.primitives import serialization as form

    key = form.load_pem_private_key(parties.own.key.read_bytes(), None)
    locked = parties.folder / "locked.key"
    secret = form.BestAvailableEncryption(b"password")
    locked.write_bytes(key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, secret))
    files = TlsFiles(certificate=parties.own.certificate, certificate_key=locked)
    with pytest.raises(Misconfigured, match="without a password"):
        HttpSender(tls={"https://peer.example": files})
