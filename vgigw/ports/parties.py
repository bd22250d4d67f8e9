"""Who talks: peers, and the identity of a gateway."""

from __future__ import annotations

import enum
from collections.abc import Mapping

import msgspec

from vgigw.codec.convention import INSIDE, Convention
from vgigw.codec.dialect import DEFAULT
from vgigw.crypto.secret_sets import SecretSets
from vgigw.crypto.suite import AnyKeys
from vgigw.errors import Misconfigured
from vgigw.objects import Grade
from vgigw.operations import Operation, Role
from vgigw.ports.tls import SYSTEM, TlsFiles


class Protection(enum.StrEnum):
    """How bodies of class IMP and SEN are kept secret on the typed doors."""

    MESSAGE = "message"
    TRANSPORT = "transport"


class SoapSignature(enum.StrEnum):
    """What signs a peer's messages on SOAP, and ours to it; a message signed otherwise is not
    genuine."""

    MESSAGE_HEADER = "message-header"
    WS_SECURITY = "ws-security"


class OnChange(enum.StrEnum):
    """What becomes of a peer whose network changed: source address, certificate or endpoint.

    ``HOLD`` holds its link until a new application is approved, ``REFUSE`` refuses what comes from
    elsewhere, ``ALARM`` only tells. PLT-8.11b.
    """

    HOLD = "hold"
    REFUSE = "refuse"
    ALARM = "alarm"


class OnPoison(enum.StrEnum):
    """What becomes of a stream for a peer that does not take one of its messages. F63."""

    SKIP = "skip"
    HOLD = "hold"


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """A party that we talk to. ``paths`` are base URLs, primary first; empty = never called.

    ``inbound`` and ``outbound`` are what ``suite`` takes: secrets in common, a set for each
    direction, or the keys of the link, which both directions share. ``SecretSets`` are those of the
    key ring, of which the corridor chooses one for each message.
    ``dialect`` is how it speaks T/CEC 102: the name of a dialect, or ``name@version``.
    """

    operator_id: str
    role: Role
    doors: frozenset[str]
    suite: str
    protection: Protection = Protection.MESSAGE
    inbound: AnyKeys | SecretSets
    outbound: AnyKeys | SecretSets | None = None
    paths: tuple[str, ...] = ()
    door: str = "cec102"
    soap_version: str = "1.1"
    soap_signature: SoapSignature = SoapSignature.MESSAGE_HEADER
    allow_legacy_suite: bool = False
    convention: Convention = INSIDE
    dialect: str = DEFAULT
    approved: bool = True
    """Whether whoever runs the gateway approved its access; else it has to apply for it."""
    networks: tuple[str, ...] = ()
    """Networks that it was approved for, as ``10.1.0.0/16``; empty = any. PLT-8.11b."""
    on_change: OnChange | None = None
    """What becomes of it when its network changes; None = as it came by its access."""
    window_s: int | None = None
    """How far its clock may be off; None = as anybody's."""
    tls: TlsFiles = SYSTEM
    """By which files we call it over TLS."""
    certificates: tuple[str, ...] = ()
    """Fingerprints of the certificates that it shows, as ``sha256:`` and 64 hexadecimal digits in
    lower case; empty = it is known by its signature alone. PLT-10.3a."""
    unsigned: bool = False
    """Whether it may leave its messages unsigned, on REST and SOAP: then each has to come over one
    of ``certificates``, and its answers over TLS by ``tls.authorities``. PLT-10.3a."""
    unsigned_sensitive: bool = False
    """Whether those of class SEN, too. PLT-7.10e."""
    messages_per_s: float | None = None
    bytes_per_s: float | None = None
    """Its quotas, on average; None = as anybody's."""
    on_poison: OnPoison = OnPoison.SKIP
    """Whether the rest of a stream goes on without what it does not take, or waits."""

    @property
    def issued(self) -> AnyKeys:
        """The secrets or keys for our own requests. Raises ``Misconfigured`` without them."""
        if self.outbound is None:
            raise Misconfigured(f"peer {self.operator_id} has no outbound secrets")
        return self._one(self.outbound)

    @property
    def accepted(self) -> AnyKeys:
        """The secrets or keys of its requests, and of our answers to them."""
        return self._one(self.inbound)

    def _one(self, keys: AnyKeys | SecretSets) -> AnyKeys:
        # Any of them would be a guess: which it is follows from the message.
        if isinstance(keys, SecretSets):
            raise Misconfigured(f"peer {self.operator_id}: its sets of secrets are not one")
        return keys

    @property
    def upon_change(self) -> OnChange:
        """Whoever has to apply is held until it does so again; whom the configuration approves is
        approved as it stands there. PLT-8.11b."""
        return self.on_change or (OnChange.REFUSE if self.approved else OnChange.HOLD)

    def may_leave_unsigned(self, operation: Operation) -> bool:
        """Whether a message of ``operation``, or its answer, counts without a signature. One that
        asks for a token is of class SEN by the secret in it alone, and is how all others begin."""
        sensitive = operation.grade is Grade.SEN and operation.needs_token
        return self.unsigned and (self.unsigned_sensitive or not sensitive)


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who a gateway is and whom it knows: own identifier and role, peers by identifier, windows.

    ``window_s`` bounds the time stamp of a message to both sides, ``token_life_s`` is how long a
    token lives (own design numbers, see the register of numbers).
    """

    operator_id: str
    role: Role
    peers: Mapping[str, Peer]
    window_s: int = 300
    token_life_s: int = 7200
    suites: tuple[str, ...] = ()
    max_body_bytes: int = 8 * 1024 * 1024

    def window_of(self, peer: Peer) -> int:
        """How far the time stamps of ``peer`` may be off, in seconds."""
        return self.window_s if peer.window_s is None else peer.window_s
