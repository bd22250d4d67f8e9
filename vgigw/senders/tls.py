"""TLS outbound: version, certificates of both sides, and why a connection was not trusted.

TLS 1.2 or newer, the chain to an authority and the name or address are always checked, and there is
no way to do without. Where lists of revocations are named, the peer's certificate has to be on
none, and a list that has run out or is missing refuses it as well. PLT-10.3a, F43, F44.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator

from vgigw.errors import Misconfigured, PeerNotTrusted, PeerUnreachable
from vgigw.ports.tls import TlsFiles

_NOBODYS = "its certificate is of no authority that we trust"
_WHY = {
    3: "there is no list of revocations of its authority",
    9: "its certificate is not valid yet",
    10: "its certificate has expired",
    12: "the list of revocations has run out",
    **dict.fromkeys((18, 19, 20, 21), _NOBODYS),
    23: "its certificate was revoked",
    62: "its certificate is of another host",
    64: "its certificate is of another address",
}
"""What OpenSSL found wrong with a certificate (X509_V_ERR_...), in our words."""


def context_of(files: TlsFiles) -> ssl.SSLContext:
    """The context of a client. Raises ``Misconfigured`` for files that do not do."""
    try:
        return _context(files)
    except OSError as cause:  # ssl.SSLError is one
        names = ", ".join(str(file) for file in files.named)
        raise Misconfigured(
            f"TLS cannot be set up by {names}: each has to be readable PEM, and the private key "
            "that of the certificate, without a password"
        ) from cause


def _context(files: TlsFiles) -> ssl.SSLContext:
    authorities = None if files.authorities is None else str(files.authorities)
    context = ssl.create_default_context(cafile=authorities)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if files.certificate is not None:
        key = files.certificate_key
        # Without a function that gives one OpenSSL would ask the terminal for a password.
        context.load_cert_chain(files.certificate, key, password=lambda: b"")
    if files.revocations is not None:
        context.load_verify_locations(cafile=str(files.revocations))
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    return context


def unreachable(error: BaseException) -> PeerUnreachable:
    """What ``error`` of the HTTP library means; ``PeerNotTrusted`` where TLS did not come about."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = _WHY.get(cause.verify_code, "its certificate is not valid")
            return PeerNotTrusted(why)
        if isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return PeerUnreachable()
        if isinstance(cause, ssl.SSLError):
            return PeerNotTrusted(_of_handshake(cause.reason or ""))
    return PeerUnreachable()


def _of_handshake(reason: str) -> str:
    alert = "ALERT" in reason and ("CERTIFICATE" in reason or "UNKNOWN_CA" in reason)
    return "it does not take our certificate" if alert else "the handshake failed"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and those that it was made of, however the library wrapped them."""
    todo, seen = [error], set[int]()
    while todo:
        each = todo.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        inner = (each.__cause__, each.__context__, getattr(each, "reason", None), *each.args)
        todo += [cause for cause in inner if isinstance(cause, BaseException)]
