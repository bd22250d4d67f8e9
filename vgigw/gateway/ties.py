"""How a message is tied to the peer that it names: by the certificate that it came over.

A certificate comes before anything else: what came over that of another peer is answered as a wrong
signature is. Mutual TLS protects a body only where the certificate is the sender's own.
PLT-10.3a, PLT-7.10e.
"""

from __future__ import annotations

from vgigw.envelope.wire import Transport, WireRequest
from vgigw.errors import NotGenuine, Unprotected
from vgigw.ports import Claim, Door, Identity, Peer, Protection
from vgigw.rules.certificates import Tie, tie

_SAFE = frozenset({Transport.LOOPBACK, Transport.MUTUAL_TLS})
_LEGACY_SUITES = frozenset({"tcec102"})


class Ties:
    """Ties messages to the peers of one identity.

    ``watched``: somebody looks at each call for a certificate that is new, and refuses it or raises
    an alarm; without that a new one is as good as none.
    """

    def __init__(self, identity: Identity, *, watched: bool) -> None:
        self._identity = identity
        self._watched = watched

    def sender(self, door: Door, claim: Claim, request: WireRequest) -> Peer:
        """The peer that sent an unsigned ``claim``, which its own certificate vouches for.

        Raises ``NotGenuine``, one answer for every cause: a sender that is not known or has to
        sign, no certificate, that of another one, one that is new, no TLS.
        """
        peer = self._identity.peers.get(claim.sender)
        if (
            peer is None
            or not peer.unsigned
            or door.name not in peer.doors
            or request.transport is not Transport.MUTUAL_TLS
            or self._tie(request, peer) is not Tie.OWN
        ):
            raise NotGenuine()
        return peer

    def check(self, request: WireRequest, peer: Peer) -> None:
        """Raise ``NotGenuine`` for a message of ``peer`` over the certificate of another one."""
        if self._tie(request, peer) is Tie.OF_ANOTHER:
            raise NotGenuine()

    def transport(self, request: WireRequest, peer: Peer) -> Transport:
        """What the transport of ``request`` is worth for ``peer``."""
        if request.transport is not Transport.MUTUAL_TLS:
            return request.transport
        found = self._tie(request, peer)
        worth = found is Tie.OWN or (found is Tie.NEW and self._watched)
        return Transport.MUTUAL_TLS if worth else Transport.TLS

    def _tie(self, request: WireRequest, peer: Peer) -> Tie:
        others = (each.certificates for each in self._identity.peers.values())
        return tie(request.certificate, peer.certificates, others)


def check_protection(claim: Claim, peer: Peer, transport: Transport) -> None:
    """Raise ``Unprotected`` where the secrecy of a message does not hold.

    Nothing is taken by plain HTTP but on loopback. A peer that has certificates, and by its profile
    the transport as its protection, comes over one of them. IMP and SEN need a safe transport, or a
    suite that is not legacy; plain TLS counts for a typed body only of a peer without certificates
    whose profile says that its transport is protected, which is then the business of whoever ends
    the TLS. What is unsigned is typed, and of class SEN only where the profile says that, too.
    PLT-5.1, PLT-7.10e, PLT-10.3a.
    """
    if claim.unsigned:
        _check_unsigned(claim, peer)
    if transport is Transport.PLAIN:
        raise Unprotected("plain HTTP is taken on loopback only")
    if transport in _SAFE:
        return
    by_transport = peer.protection is Protection.TRANSPORT
    if by_transport and peer.certificates:
        raise Unprotected("the message has to come over a certificate of its sender")
    if not claim.operation.confidential:
        return
    if claim.clear:
        if not by_transport:
            raise Unprotected()
    elif peer.suite in _LEGACY_SUITES and not peer.allow_legacy_suite:
        raise Unprotected()


def _check_unsigned(claim: Claim, peer: Peer) -> None:
    if not claim.clear:
        raise Unprotected("an encrypted body has to be signed")
    if not peer.may_leave_unsigned(claim.operation):
        raise Unprotected("a message of class SEN has to be signed")
