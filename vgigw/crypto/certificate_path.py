"""The path from a certificate to one that is trusted. RFC 5280 section 6, without policies.

Whether a certificate was revoked is not asked here: the key ring says so, by a notice of its owner.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final

from vgigw.crypto.certificate import Certificate, KeyT
from vgigw.crypto.link_keys import Purpose
from vgigw.errors import KeyUnusable, NotGenuine

LONGEST_CHAIN: Final = 5
"""Certificates below the trusted one."""

SignedBy = Callable[[Certificate[KeyT], Certificate[KeyT]], None]
"""Raises :class:`~vgigw.errors.NotGenuine` unless the second signed the first."""


def require_issued_by(
    certificate: Certificate[KeyT], issuer: Certificate[KeyT], signed_by: SignedBy[KeyT]
) -> None:
    """Raise :class:`~vgigw.errors.NotGenuine` unless ``issuer`` may issue and signed this one."""
    if not issuer.may_issue:
        raise refusal("issuer is no authority")
    if certificate.issuer != issuer.subject:
        raise refusal("certificate names another issuer")
    signed_by(certificate, issuer)


def trusted_path(
    chain: Sequence[Certificate[KeyT]],
    trusted: Sequence[Certificate[KeyT]],
    signed_by: SignedBy[KeyT],
    *,
    purpose: Purpose,
    now: datetime,
) -> tuple[Certificate[KeyT], ...]:
    """``chain`` and the one of ``trusted`` that issued its last.

    ``chain[0]`` may be used for ``purpose``, each of ``chain`` (1 to 5) was issued by the next.
    Raises :class:`~vgigw.errors.NotGenuine` where that is not so, in one wording, and then
    :class:`~vgigw.errors.KeyUnusable` where one of them is not valid at ``now``.
    """
    if len(chain) > 1 and chain[-1] in trusted:
        # Many send the trusted one along.
        chain = chain[:-1]
    require_chain(chain, signed_by, purpose=purpose)
    path = (*chain, _issuer_among(chain[-1], trusted, signed_by))
    _require_lengths(path)
    if not all(one.not_before <= now <= one.not_after for one in path):
        raise KeyUnusable
    return path


def require_chain(
    chain: Sequence[Certificate[KeyT]], signed_by: SignedBy[KeyT], *, purpose: Purpose
) -> None:
    """Raise :class:`~vgigw.errors.NotGenuine` unless each of ``chain`` was issued by the next, and
    the first may be used for ``purpose``."""
    if not 0 < len(chain) <= LONGEST_CHAIN:
        raise refusal(f"chain must have 1 to {LONGEST_CHAIN} certificates")
    if purpose not in chain[0].purposes:
        raise refusal("certificate is for another purpose")
    for certificate, issuer in pairwise(chain):
        require_issued_by(certificate, issuer, signed_by)
    _require_lengths(chain)


def refusal(why: str) -> NotGenuine:
    """The one refusal; the reason is for our own log: whoever shows a certificate is not told."""
    refused = NotGenuine()
    refused.__cause__ = ValueError(why)
    return refused


def _require_lengths(path: Sequence[Certificate[KeyT]]) -> None:
    for below, issuer in enumerate(path[1:]):
        if issuer.path_length is not None and below > issuer.path_length:
            raise refusal("chain is longer than its issuer allows")


def _issuer_among(
    certificate: Certificate[KeyT],
    trusted: Sequence[Certificate[KeyT]],
    signed_by: SignedBy[KeyT],
) -> Certificate[KeyT]:
    # An authority that renewed its key stands there twice by one name.
    for anchor in trusted:
        try:
            require_issued_by(certificate, anchor, signed_by)
        except NotGenuine:
            continue
        return anchor
    raise refusal("nobody who is trusted issued the last certificate")
