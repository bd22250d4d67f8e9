"""RSA-SHA256 with the certified keys of a link: which key signs XML, and whose certificate it is.

A certificate names nobody by itself: it counts where the key ring has the very same one, byte for
byte, with a key of that peer. Who issued it was asked when it was taken into the ring. ACC-5.5,
ACC-5.8.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_der_x509_certificate

from vgigw.crypto.link_keys import IN_USE, AnyLinkKeys, KeyState, LinkKey, LinkKeys, Purpose
from vgigw.crypto.signing import SigningSuite
from vgigw.crypto.suite import AnyKeys, AnySuite
from vgigw.errors import KeyUnknown, KeyUnusable, Misconfigured


class XmlSigner(NamedTuple):
    """Our certificate (X.509 in DER), and what signs octets with its key."""

    certificate: bytes
    sign: Callable[[bytes], bytes]


class _Dates(NamedTuple):
    not_before: datetime
    not_after: datetime


def signs_xml(suite: AnySuite) -> bool:
    """Whether a peer of ``suite`` can sign by WS-Security."""
    return isinstance(suite, SigningSuite) and type(suite).sign_xml is not SigningSuite.sign_xml


def xml_signer(suite: AnySuite, keys: AnyKeys, now: datetime) -> XmlSigner:
    """Our newest certified RSA key that is active at ``now``.

    Raises :class:`~vgigw.errors.Misconfigured` where there is none.
    """
    signing = _signing(suite)
    usable = [
        key
        for key in certified(_of_link(keys).own)
        if key.state is KeyState.ACTIVE and is_valid_at(key, now)
    ]
    if not usable:
        raise Misconfigured("no active RSA key with a certificate to sign by WS-Security with")
    own = max(usable, key=lambda key: (key.not_before, key.key_id))
    return XmlSigner(own.certificates[0], partial(signing.sign_xml, own.key))


def verify_xml(
    suite: AnySuite, keys: AnyKeys, certificate: bytes, octets: bytes, signature: bytes
) -> LinkKey[Any]:
    """The peer's key whose ``certificate`` it is, and which signed ``octets``.

    The key may be of any state and date: see :func:`check_usable`. Raises
    :class:`~vgigw.errors.NotGenuine`, and of that kind ``KeyUnknown`` for a certificate that we do
    not hold for this peer; to find that out takes as long as to find a forgery.
    """
    signing = _signing(suite)
    known = list(certified(_of_link(keys).peer))
    theirs = [key for key in known if key.certificates[0] == certificate]
    if not known:
        raise KeyUnknown
    signing.verify_xml((theirs or known)[0].key, octets, signature)
    if not theirs:
        raise KeyUnknown
    # Where one certificate stands twice, a key that was revoked speaks for it.
    return min(theirs, key=lambda key: key.state in IN_USE)


def check_usable(key: LinkKey[Any], instant: datetime) -> None:
    """Raise :class:`~vgigw.errors.KeyUnusable` for a key that is not in use, or out of its dates or
    those of its certificate, at ``instant``."""
    if key.state not in IN_USE or not is_valid_at(key, instant):
        raise KeyUnusable


def certified(keys: Collection[LinkKey[Any]]) -> Iterator[LinkKey[Any]]:
    """Those to sign with that have a certificate of an RSA key."""
    for key in keys:
        if key.purpose is Purpose.SIGN and _dates_of(key) is not None:
            yield key


def is_valid_at(key: LinkKey[Any], instant: datetime) -> bool:
    """Whether ``instant`` is within the dates of the key, and within those of its certificate."""
    dates = _dates_of(key)
    if dates is None or not key.is_valid_at(instant):
        return False
    return dates.not_before <= instant <= dates.not_after


def ends_at(key: LinkKey[Any]) -> datetime:
    """The last instant at which a key of :func:`certified` is valid."""
    dates = _dates_of(key)
    return key.not_after if dates is None else min(key.not_after, dates.not_after)


def _dates_of(key: LinkKey[Any]) -> _Dates | None:
    return _dates(key.certificates[0]) if key.certificates else None


@lru_cache(maxsize=1024)
def _dates(der: bytes) -> _Dates | None:
    """Of the certificate of an RSA key; of another kind, or none at all, there are none."""
    try:
        read = load_der_x509_certificate(der)
        if not isinstance(read.public_key(), RSAPublicKey):
            return None
        return _Dates(read.not_valid_before_utc, read.not_valid_after_utc)
    except (ValueError, UnsupportedAlgorithm):
        return None


def _signing(suite: AnySuite) -> SigningSuite[Any, Any]:
    if not isinstance(suite, SigningSuite):
        raise Misconfigured(f"suite {suite.name} does not sign by WS-Security; use intl")
    return suite


def _of_link(keys: AnyKeys) -> AnyLinkKeys:
    if not isinstance(keys, LinkKeys):
        raise Misconfigured("WS-Security needs the keys of a link, with certificates")
    return keys
