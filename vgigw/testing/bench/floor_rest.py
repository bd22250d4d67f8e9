"""The floor of the REST door: content digest, HTTP message signature, plain structs, nothing else.

Digest of the body, the signature over its base, decode into plain structs, zstd level 1, durable
append, signed answer.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from vgigw.testing.bench.floor_cec102 import FloorBatch, compress
from vgigw.testing.bench.floor_store import FloorStore
from vgigw.testing.bench.floor_suites import About, FloorSuite, floor_suite
from vgigw.testing.bench.scene import OPERATOR_ID, PATHS, PLATFORM_ID

_batch = msgspec.json.Decoder(FloorBatch)
_INPUT = re.compile(r'[a-z]+=(\(([^)]*)\);created=(\d+);.*nonce="([^"]*)".*)')
_COVERED = '("@status" "content-digest" "signature";req)'


def _digest(body: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def _holds(suite: FloorSuite, environ: dict[str, Any], body: bytes, told: re.Match[str]) -> bool:
    values = {
        '"@method"': "POST",
        '"@path"': PATHS["rest"],
        '"content-digest"': environ["HTTP_CONTENT_DIGEST"],
        '"authorization"': environ["HTTP_AUTHORIZATION"],
    }
    lines = [f"{name}: {values[name]}" for name in told[2].split()]
    base = "\n".join([*lines, f'"@signature-params": {told[1]}'])
    signature = base64.b64decode(environ["HTTP_SIGNATURE"].partition("=:")[2][:-1])
    same = _digest(body) == environ["HTTP_CONTENT_DIGEST"]
    return same and suite.holds_http(base.encode(), signature)


def _headers(
    suite: FloorSuite, told: re.Match[str], signature: str, body: bytes
) -> list[tuple[str, str]]:
    digest = _digest(body)
    about = About(PLATFORM_ID, OPERATOR_ID, "", told[4], signature)
    parameters = f"{_COVERED};created={int(time.time())};{suite.http_parameters(about)}"
    base = (
        f'"@status": 200\n"content-digest": {digest}\n"signature";req: {signature}\n'
        f'"@signature-params": {parameters}'
    )
    written = base64.b64encode(suite.sign_http(base.encode())).decode()
    return [
        ("content-type", "application/json"),
        ("content-digest", digest),
        ("signature-input", f"floor={parameters}"),
        ("signature", f"floor=:{written}:"),
    ]


def application() -> Callable[..., Iterable[bytes]]:
    """Factory that granian calls."""
    store = FloorStore(Path(os.environ["FLOOR_STATE"]))
    suite = floor_suite()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        told = _INPUT.match(environ["HTTP_SIGNATURE_INPUT"])
        if told is None or not _holds(suite, environ, body, told):
            start_response("403 Forbidden", [])
            return [b""]
        batch = _batch.decode(body)
        store.append((batch.StreamID, batch.SeqFrom, batch.SeqTo, compress(body)))
        answer = msgspec.json.encode({"AckSeq": batch.SeqTo})
        start_response("200 OK", _headers(suite, told, environ["HTTP_SIGNATURE"], answer))
        return [answer]

    return app
