"""Seal and unseal on REST: HTTP message signatures (RFC 9421) and content digests (RFC 9530).

A request's signature must cover the method, the path, the query where there is one, the digest of
the body where there is one, and Authorization and If-Match where they are there; more may be. An
answer's covers status, digest of the body and the signature of its request. ``keyid`` is the
operator identifier of the sender, and with private keys ``operator/key``. ACC-5.5.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from vgigw.crypto.http_signing import HttpSigner, Said, verify_http
from vgigw.crypto.suite import AnyKeys, AnySuite
from vgigw.envelope.wire import WireAnswer, WireRequest, encoded_path
from vgigw.errors import Malformed, NotGenuine

IN_QUERY = "-"
"""Stands in the path for a list whose items hold commas; the items stand in the query."""

SIGNATURE_FIELDS = frozenset({"signature", "signature-input"})

_LABEL = "vgigw"
_INPUT = re.compile(r"([a-z*][a-z0-9_.*-]{0,31})=(\(([^()]{0,1000})\)((?:;[^,]{1,400})?))\s*\Z")
_COMPONENT = re.compile(r'"([@a-z0-9-]{1,64})"((?:;[a-z]+)?)\Z')
_PARAMETER = re.compile(r';([a-z]+)=(?:"([\x20-\x21\x23-\x5b\x5d-\x7e]*)"|(\d{1,15}))')
_SIGNATURE = re.compile(r"([a-z*][a-z0-9_.*-]{0,31})=:([A-Za-z0-9+/=]{1,2000}):\s*\Z")


class Signed(NamedTuple):
    """A Signature-Input and Signature pair, read for form; ``sender`` is an operator identifier."""

    components: tuple[str, ...]
    sender: str
    said: Said
    created: int
    parameters: str
    signature: bytes
    expires: int | None = None

    @property
    def sent_at(self) -> datetime:
        """Raises ``Malformed``."""
        return instant_of(self.created)

    @property
    def nonce(self) -> str | None:
        return self.said.nonce

    def ended_before(self, now: datetime) -> bool:
        """Whether the signature says that it has expired."""
        return self.expires is not None and self.expires < now.timestamp()


def content_digest(body: bytes) -> str:
    """The Content-Digest field of a body."""
    value = binascii.b2a_base64(hashlib.sha256(body).digest(), newline=False).decode()
    return f"sha-256=:{value}:"


def read_signature(headers: Mapping[str, str]) -> Signed:
    """The signature of a message. Raises ``NotGenuine`` when there is none, ``Malformed`` when it
    cannot be read."""
    if not headers.keys() >= SIGNATURE_FIELDS:
        raise NotGenuine()
    described = _INPUT.match(headers["signature-input"].strip())
    given = _SIGNATURE.match(headers["signature"].strip())
    if described is None or given is None or described[1] != given[1]:
        raise Malformed("Signature-Input and Signature cannot be read")
    components = tuple(described[3].split())
    parameters = {name: text or number for name, text, number in _PARAMETER.findall(described[4])}
    if not parameters.get("created", "").isdigit() or "keyid" not in parameters:
        raise Malformed("Signature-Input needs created and keyid")
    try:
        signature = binascii.a2b_base64(given[2].encode(), strict_mode=True)
    except ValueError as cause:
        raise Malformed("Signature is not base64") from cause
    # The last character may hold bits that say nothing: one signature has one text.
    if binascii.b2a_base64(signature, newline=False).decode() != given[2]:
        raise Malformed("Signature is not base64")
    sender, _, key_id = parameters["keyid"].partition("/")
    return Signed(
        components,
        sender,
        Said(key_id, parameters.get("alg"), parameters.get("nonce"), parameters.get("tag")),
        int(parameters["created"]),
        described[2],
        signature,
        int(parameters["expires"]) if parameters.get("expires", "").isdigit() else None,
    )


def check_digest(headers: Mapping[str, str], body: bytes) -> None:
    """Raises ``NotGenuine`` when Content-Digest is not the body's."""
    if headers.get("content-digest", "").strip() != content_digest(body):
        raise NotGenuine()


def request_base(signed: Signed, request: WireRequest) -> bytes:
    """The signature base of a request. Raises ``NotGenuine`` when it covers too little."""
    needed = {'"@method"', '"@path"'}
    if request.query:
        needed.add('"@query"')
    if request.body:
        needed.add('"content-digest"')
    for name in ("authorization", "if-match"):
        if name in request.headers:
            needed.add(f'"{name}"')
    if not needed <= set(signed.components):
        raise NotGenuine()
    derived = {
        "@method": request.method,
        "@path": encoded_path(request.path),
        "@query": f"?{request.query}",
        "@authority": request.headers.get("host", "").lower(),
    }
    return _base(signed.components, signed.parameters, derived, request.headers, {})


def answer_base(signed: Signed, answer: WireAnswer, of_request: Mapping[str, str]) -> bytes:
    """The signature base of an answer to a request that is known by the fields ``of_request``.

    Raises ``NotGenuine`` when it covers too little.
    """
    if not set(answered(of_request)) <= set(signed.components):
        raise NotGenuine()
    derived = {"@status": str(answer.status)}
    return _base(signed.components, signed.parameters, derived, answer.headers, of_request)


def answered(of_request: Mapping[str, str]) -> tuple[str, ...]:
    """What the signature of an answer has to cover: itself, and by which its request is known."""
    return ('"@status"', '"content-digest"', *(f'"{name}";req' for name in of_request))


def _base(
    components: tuple[str, ...],
    parameters: str,
    derived: Mapping[str, str],
    headers: Mapping[str, str],
    of_request: Mapping[str, str],
) -> bytes:
    lines = []
    for component in components:
        match = _COMPONENT.match(component)
        if match is None or match[2] not in ("", ";req") or components.count(component) > 1:
            raise Malformed("Signature-Input names an unknown component")
        source = of_request if match[2] else derived if match[1][0] == "@" else headers
        if match[1] not in source:
            raise NotGenuine()
        lines.append(f"{component}: {source[match[1]].strip()}")
    lines.append(f'"@signature-params": {parameters}')
    return "\n".join(lines).encode()


def instant_of(created: int) -> datetime:
    """The ``created`` of a signature. Raises ``Malformed``."""
    try:
        return datetime.fromtimestamp(created, UTC)
    except (OverflowError, ValueError, OSError) as cause:
        raise Malformed("created is not a time") from cause


def unsigned_input(
    components: tuple[str, ...], sender: str, created: int, nonce: str, signer: HttpSigner
) -> Signed:
    """The pair that ``signer`` is about to sign."""
    inner = " ".join(components)
    whole = f"{sender}/{signer.key_id}" if signer.key_id else sender
    parameters = (
        f'({inner});created={created};keyid="{whole}";alg="{signer.algorithm}";nonce="{nonce}"'
    )
    if signer.tag is not None:
        parameters += f';tag="{signer.tag}"'
    said = Said(signer.key_id, signer.algorithm, nonce, signer.tag)
    return Signed(components, sender, said, created, parameters, b"")


def verify(suite: AnySuite, keys: AnyKeys, signed: Signed, base: bytes) -> None:
    """Raises ``NotGenuine`` unless the signature is the peer's of ``base``."""
    verify_http(suite, keys, signed.said, base, signed.signature)


def signature_fields(signed: Signed, signature: bytes) -> dict[str, str]:
    """The two header fields of a finished signature."""
    value = binascii.b2a_base64(signature, newline=False).decode()
    return {
        "signature-input": f"{_LABEL}={signed.parameters}",
        "signature": f"{_LABEL}=:{value}:",
    }


def guard_of(base: bytes) -> bytes:
    """Digest by which a repeat of the whole message is known. Q32."""
    return hashlib.sha256(base).digest()
