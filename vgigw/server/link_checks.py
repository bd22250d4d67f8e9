"""What does not fit in what is set up of a peer, refused before anything is served."""

from __future__ import annotations

from collections.abc import Mapping

from vgigw.codec.dialect_files import Dialects
from vgigw.crypto.key_algorithms import OF_SUITE
from vgigw.crypto.secret_sets import SecretSets
from vgigw.crypto.secrets import Secrets
from vgigw.crypto.signing import SigningSuite
from vgigw.crypto.suite import SUITES, AnySuite
from vgigw.crypto.xml_signing import signs_xml
from vgigw.errors import Misconfigured
from vgigw.ports import Identity, Peer, SoapSignature
from vgigw.ports.tls import TlsFiles
from vgigw.rules.certificates import of_several


def tls_of(identity: Identity) -> dict[str, TlsFiles]:
    """The TLS files of each base. Raises ``Misconfigured`` where two peers that are called at one
    base would have others: of a base nobody could tell for whom it is."""
    found: dict[str, TlsFiles] = {}
    for peer in identity.peers.values():
        for base in peer.paths:
            if found.setdefault(base, peer.tls) != peer.tls:
                raise Misconfigured(
                    f"peer {peer.operator_id}: {base} is called for another peer with another "
                    "certificate or other authorities; give each a base of its own"
                )
    return found


def check_ties(peers: Mapping[str, Peer]) -> None:
    """Raise ``Misconfigured`` where a certificate is to vouch for the unsigned messages of one peer
    and is that of another, too: each of them could speak for the other."""
    known = {party: peer.certificates for party, peer in peers.items()}
    for each, parties in of_several(known):
        if any(peers[party].unsigned for party in parties):
            raise Misconfigured(
                f"peers {' and '.join(parties)} have one certificate ({each}), which vouches for "
                "what comes unsigned; each needs one of its own"
            )


def check_keys(peer: Peer, suite: AnySuite) -> None:
    """Raise ``Misconfigured`` for secrets or keys that are not those of the peer's suite."""
    sides = [keys for keys in (peer.inbound, peer.outbound) if keys]
    given = [isinstance(keys, Secrets | SecretSets) for keys in sides]
    if isinstance(suite, SigningSuite) and any(given):
        raise Misconfigured(f"peer {peer.operator_id}: suite {suite.name} takes keys of a link")
    if suite.name in SUITES and not all(given):
        raise Misconfigured(f"peer {peer.operator_id}: suite {suite.name} takes four secrets")
    check_soap_signature(peer.operator_id, peer.soap_signature, suite)


def check_soap_signature(operator_id: str, signature: SoapSignature, suite: AnySuite) -> None:
    """Raise ``Misconfigured`` for a signature of SOAP that ``suite`` cannot make."""
    if signature is SoapSignature.WS_SECURITY and not signs_xml(suite):
        raise Misconfigured(
            f'peer {operator_id}: soap_signature "ws-security" needs suite intl, not {suite.name}, '
            "and RSA keys with certificates in the key ring"
        )


def check_suite(operator_id: str, suite: str, known: Mapping[str, AnySuite]) -> None:
    """Raise ``Misconfigured`` for a suite that is not among ``known``."""
    if suite not in known:
        raise Misconfigured(
            f"peer {operator_id}: suite {suite} is not known; known are "
            f"{', '.join({**known, **dict.fromkeys(OF_SUITE)})}"
        )


def check_dialect(operator_id: str, dialect: str, known: Dialects) -> None:
    """Raise ``Misconfigured`` for a dialect that is not among ``known``."""
    try:
        known.versions(dialect)
    except Misconfigured as refused:
        raise Misconfigured(f"peer {operator_id}: {refused.message}") from refused
