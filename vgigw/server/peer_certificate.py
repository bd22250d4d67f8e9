"""The certificate that a caller showed and somebody verified: from the server, or from a header.

A header is read in the form of RFC 9440 (``:base64:``) and in that of nginx
(``$ssl_client_escaped_cert``: PEM, percent-encoded). PLT-10.3a.
"""

from __future__ import annotations

import base64
import ssl
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from vgigw.errors import Misconfigured
from vgigw.rules.certificates import fingerprint

LONGEST_HEADER = 16 * 1024


class Shown(NamedTuple):
    """A certificate: its fingerprint, and when it is valid, both ends included."""

    fingerprint: str
    not_before: datetime
    not_after: datetime

    def at(self, now: datetime) -> str:
        """The fingerprint; empty where the certificate is not valid at ``now``."""
        return self.fingerprint if self.not_before <= now <= self.not_after else ""


@lru_cache(maxsize=256)
def in_header(text: str) -> Shown:
    """The certificate in the value of a header. Raises ``ValueError`` for whatever is not one."""
    text = text.strip()
    if len(text) > LONGEST_HEADER:
        raise ValueError("too long")
    if text.startswith(":") and text.endswith(":") and len(text) > 1:
        return of_der(base64.b64decode(text[1:-1], validate=True))
    # Two headers of one name come joined by a comma, which neither form holds.
    if "," in text:
        raise ValueError("more than one")
    return of_pem(unquote(text, errors="strict"))


def of_pem(text: str) -> Shown:
    """The one certificate in a PEM text. Raises ``ValueError``, also for none or several."""
    found = x509.load_pem_x509_certificates(text.encode())
    if len(found) != 1:
        raise ValueError("more than one")
    return _shown(found[0])


def of_der(octets: bytes) -> Shown:
    """A certificate in DER. Raises ``ValueError``."""
    return _shown(x509.load_der_x509_certificate(octets))


def fingerprints(named: Iterable[str], folder: Path, where: str) -> tuple[str, ...]:
    """Fingerprints of certificates as a configuration names them: ``sha256:...``, ``file:PATH``.

    Raises ``Misconfigured``, which begins with ``where``.
    """
    return tuple(_named(each, folder, f"{where}: certificates") for each in named)


def _named(text: str, folder: Path, where: str) -> str:
    kind, _, path = text.partition(":")
    if kind != "file":
        return fingerprint(text)
    try:
        return of_pem((folder / path).read_text(encoding="ascii")).fingerprint
    except OSError as cause:
        raise Misconfigured(f"{where}: file {path} cannot be read") from cause
    except ValueError as cause:
        raise Misconfigured(f"{where}: file {path} does not hold one certificate as PEM") from cause


def at_server(environ: Mapping[str, Any]) -> tuple[bool, Shown | None]:
    """Whether the server itself ended TLS, and the certificate that it verified.

    gunicorn hands over its socket; cheroot, and Apache in front of mod_wsgi, set variables. None of
    these can be set by a header, which all begin with ``HTTP_``. Raises ``ValueError``.
    """
    socket = environ.get("gunicorn.socket")
    if isinstance(socket, ssl.SSLSocket):
        if socket.context.verify_mode is ssl.CERT_NONE:
            return True, None
        octets = socket.getpeercert(binary_form=True)
        return True, of_der(octets) if octets else None
    if "SSL_CLIENT_VERIFY" not in environ:
        return False, None
    verified = environ["SSL_CLIENT_VERIFY"] == "SUCCESS"
    return True, of_pem(environ.get("SSL_CLIENT_CERT", "")) if verified else None


def _shown(certificate: x509.Certificate) -> Shown:
    return Shown(
        f"sha256:{certificate.fingerprint(SHA256()).hex()}",
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )
