"""Certified RSA keys of the parties of a test, and a trio whose operator signs by WS-Security."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from msgspec.structs import replace

from tests.links import SIGNING, key, suites_for
from tests.trio import BASES, NOW, OPERATOR, PLATFORM, Trio, secrets_of, station
from vgigw.crypto.link_keys import AnyLinkKeys, LinkKey, LinkKeys, Purpose
from vgigw.doors.soap.door import SoapDoor
from vgigw.envelope.wire import Transport, WireAnswer, WireRequest
from vgigw.objects import InformationObject, StationInfo
from vgigw.operations import PUSH_ARCHIVE, Operation
from vgigw.ports import Courier, Peer, SoapSignature

STRANGER = "555555555"
NOT_BEFORE, NOT_AFTER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 1, 1, tzinfo=UTC)
"""Wide: foreign stacks know no clock but that of this machine."""


class Certified(NamedTuple):
    """A private key and a certificate of it."""

    key: RSAPrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The key, then the certificate."""
        private = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return private + self.certificate.public_bytes(Encoding.PEM)

    @property
    def certificate_pem(self) -> bytes:
        """The certificate alone."""
        return self.certificate.public_bytes(Encoding.PEM)

    def p12(self, alias: str, password: bytes) -> bytes:
        """Both in a store that Java reads."""
        return pkcs12.serialize_key_and_certificates(
            alias.encode(), self.key, self.certificate, None, BestAvailableEncryption(password)
        )


def certificate_of(
    key: RSAPrivateKey,
    party: str,
    not_before: datetime = NOT_BEFORE,
    not_after: datetime = NOT_AFTER,
) -> x509.Certificate:
    """One that the key signed for itself."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "vgigw tests"),
            x509.NameAttribute(NameOID.COMMON_NAME, party),
        ]
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int(party) + 1)
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )


@cache
def certified(party: str) -> Certified:
    """The key of ``party``, made once."""
    made = generate_private_key(65537, 2048)
    return Certified(made, certificate_of(made, party))


def ours(party: str) -> LinkKey[Any]:
    """The key of ``party`` as itself holds it."""
    pair = certified(party)
    return LinkKey(SIGNING, Purpose.SIGN, pair.key, NOT_BEFORE, NOT_AFTER, certificates=(pair.der,))


def theirs(party: str, **changed: Any) -> LinkKey[Any]:
    """The key of ``party`` as its peers hold it."""
    pair = certified(party)
    members: dict[str, Any] = {
        "key_id": SIGNING,
        "purpose": Purpose.SIGN,
        "key": pair.key.public_key(),
        "not_before": NOT_BEFORE,
        "not_after": NOT_AFTER,
        "certificates": (pair.der,),
    }
    return LinkKey(**members | changed)


def link(own: str, other: str, **changed: Any) -> AnyLinkKeys:
    """What ``own`` holds of its link with ``other``; ``changed`` is of the key of ``other``."""
    party = own if other == PLATFORM else other
    return LinkKeys(
        own=[ours(own), key("intl", own, Purpose.ENCRYPT, private=True)],
        peer=[theirs(other, **changed), key("intl", other, Purpose.ENCRYPT, private=False)],
        operator_secret=secrets_of(party).operator_secret,
    )


def by_ws_security(peer: Peer, own: str, **changed: Any) -> Peer:
    """``peer`` as ``own`` sees it when they sign by WS-Security."""
    keys = link(own, peer.operator_id, **changed)
    signature = SoapSignature.WS_SECURITY
    return replace(peer, suite="intl", inbound=keys, outbound=keys, soap_signature=signature)


class SignedTrio(Trio):
    """Everyone signs by WS-Security on SOAP; ``soap_version`` is of all calls."""

    def __init__(self, soap_version: str = "1.1", **more: Any) -> None:
        self.soap_version = soap_version
        self._soap = SoapDoor(PLATFORM, suites_for("intl"))
        super().__init__("soap", suite="intl", **more)

    def peer(self, party: str, other: str) -> Peer:
        peer = by_ws_security(super().peer(party, other), party)
        own = self._platform_sees.get(other, {}) if party == PLATFORM else {}
        return replace(peer, soap_version=self.soap_version, **self._changes | own)

    def give(self, wire: WireRequest) -> WireAnswer:
        """The platform's answer; the door is made once."""
        return self.platform.receive(self._soap, wire, self.now)

    def pushed(self, request: InformationObject | None = None) -> WireRequest:
        """A station that the operator pushes."""
        return self.sealed(PUSH_ARCHIVE, request or station(), self.token())

    def guard_of(self, wire: WireRequest) -> bytes:
        """By which a repeat of the message is known."""
        return self._soap.read(wire).guard

    def kept(self) -> list[Any]:
        """The stations that the platform holds."""
        return self.stores[PLATFORM].read(lambda view: view.documents(StationInfo.__name__))

    def courier(self, party: str = OPERATOR) -> tuple[Courier, Peer]:
        """What seals and opens for ``party``, and the platform as it sees it."""
        gateway = self.gateways[party]
        return gateway._exchanges._couriers["soap"], gateway.identity.peers[PLATFORM]

    def resealed(
        self,
        operation: Operation = PUSH_ARCHIVE,
        request: InformationObject | None = None,
        *,
        token: str | None = None,
        at: datetime = NOW,
        **changed: Any,
    ) -> WireRequest:
        """A push that the operator seals with another view of the platform."""
        courier, peer = self.courier()
        peer, token = replace(peer, **changed), token or self.token()
        wire, _ = courier.seal(peer, peer.paths[0], operation, request or station(), token, at)
        return to_platform(wire)

    def platform_sees(self, party: str = OPERATOR, **changed: Any) -> None:
        """The platform's view of the party's key from now on."""
        known: Any = self.platform.identity.peers
        known[party] = by_ws_security(known[party], PLATFORM, **changed)

    def exchanged(self, station_id: str = "ST1") -> tuple[Any, WireAnswer]:
        """What opening needs, and the platform's own answer."""
        courier, peer = self.courier()
        request = station(station_id)
        wire, sent = courier.seal(peer, "", PUSH_ARCHIVE, request, self.token(), self.now)
        return sent, self.give(to_platform(wire))


def to_platform(wire: WireRequest) -> WireRequest:
    """As it arrives."""
    path = f"/{BASES['soap']}{wire.path}"
    return replace(wire, path=path, transport=Transport.LOOPBACK, source="127.0.0.1")


def stranger(trio: SignedTrio) -> WireRequest:
    """A whole message of a party that the platform does not know, signed by its own key."""
    courier, peer = trio.courier()
    known: Any = courier
    stranger = type(known)(STRANGER, known._role, known._suites)
    peer = by_ws_security(peer, STRANGER)
    wire, _ = stranger.seal(peer, "", PUSH_ARCHIVE, station(), "token", NOW)
    return to_platform(wire)
